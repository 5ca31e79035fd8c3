//! `prices/new_data/v2/data.json` of genai-prices: an array of providers, each with its models,
//! prices in dollars for a million units, some of them from a day on.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::ImportError;
use super::number::{BY_HOUR, BY_MILLION, Scale, rate};
use super::row::{Row, Rows};
use crate::compare::Band;

/// Members that are prices, the kind of usage that each is the price of, and of how much.
const PRICES: [(&str, &str, Scale); 11] = [
    ("input_mtok", "input", BY_MILLION),
    ("cache_read_mtok", "cached", BY_MILLION),
    ("cache_write_mtok", "cache_write", BY_MILLION),
    ("output_mtok", "output", BY_MILLION),
    ("input_audio_mtok", "audio_in", BY_MILLION),
    ("cache_audio_read_mtok", "audio_cached", BY_MILLION),
    ("output_audio_mtok", "audio_out", BY_MILLION),
    ("input_image_mtok", "image_in", BY_MILLION),
    ("output_image_mtok", "image_out", BY_MILLION),
    ("input_mchars", "character", BY_MILLION),
    ("input_audio_hours", "second", BY_HOUR),
];

#[derive(Deserialize)]
struct Provider<'a> {
    id: String,
    #[serde(borrow, default)]
    models: Vec<Model<'a>>,
}

#[derive(Deserialize)]
struct Model<'a> {
    id: String,
    #[serde(rename = "match")]
    names: serde_json::Value,
    #[serde(borrow)]
    prices: &'a RawValue,
    #[serde(borrow, default)]
    price_variants: Vec<Variant<'a>>,
}

type Prices<'a> = BTreeMap<String, &'a RawValue>;

#[derive(Deserialize)]
struct From<'a> {
    constraint: Option<Constraint>,
    #[serde(borrow)]
    prices: Prices<'a>,
}

#[derive(Deserialize)]
struct Variant<'a> {
    when: BTreeMap<String, String>,
    constraint: Option<Constraint>,
    #[serde(borrow)]
    prices: Prices<'a>,
}

#[derive(Deserialize)]
struct Constraint {
    start_date: Option<Date>,
}

#[derive(Deserialize)]
struct Tiered<'a> {
    #[serde(borrow)]
    base: &'a RawValue,
    #[serde(borrow)]
    tiers: Vec<Tier<'a>>,
}

#[derive(Deserialize)]
struct Tier<'a> {
    start: u64,
    #[serde(borrow)]
    price: &'a RawValue,
}

/// The models of OpenAI's, at the prices of a day.
pub(super) fn read(text: &str, on: Date) -> Result<Rows, ImportError> {
    let providers: Vec<Provider<'_>> = serde_json::from_str(text).map_err(ImportError::NotJson)?;
    let mut found = Rows::default();
    for model in
        providers.iter().filter(|provider| provider.id == "openai").flat_map(|all| &all.models)
    {
        let row = row(model, on)?;
        for name in equals(&model.names) {
            let is_model = name == model.id;
            found.rows.insert(name.to_owned(), Row { is_model, ..row.clone() });
        }
    }
    Ok(found)
}

/// The names that a model is said to have in so many words.
fn equals(names: &serde_json::Value) -> Vec<&str> {
    if let Some(name) = names.get("equals").and_then(serde_json::Value::as_str) {
        return vec![name];
    }
    let any = names.get("or").and_then(serde_json::Value::as_array);
    any.into_iter().flatten().flat_map(equals).collect()
}

fn row(model: &Model<'_>, on: Date) -> Result<Row, ImportError> {
    let mut row = Row::new(None);
    let mut take = |prices: &Prices<'_>, band| {
        for (member, value) in prices {
            price(&mut row, band, member, value);
        }
    };
    if let Ok(dated) = serde_json::from_str::<Vec<From<'_>>>(model.prices.get()) {
        if let Some(now) = latest(dated.iter(), on, |one| one.constraint.as_ref()) {
            take(&now.prices, Band::Standard);
        }
    } else {
        let prices = serde_json::from_str(model.prices.get()).map_err(ImportError::NotJson)?;
        take(&prices, Band::Standard);
    }
    for (key, value, band) in [
        ("processing", "batch", Band::Batch),
        ("service_tier", "flex", Band::Flex),
        ("service_tier", "priority", Band::Priority),
    ] {
        let is_it = |variant: &&Variant<'_>| {
            variant.when.len() == 1 && variant.when.get(key).is_some_and(|word| word == value)
        };
        let of_band = model.price_variants.iter().filter(is_it);
        if let Some(variant) = latest(of_band, on, |one| one.constraint.as_ref()) {
            take(&variant.prices, band);
        }
    }
    Ok(row)
}

/// The one that holds on a day: the last to have begun.
fn latest<'a, T>(
    all: impl Iterator<Item = &'a T>,
    on: Date,
    constraint: impl Fn(&T) -> Option<&Constraint>,
) -> Option<&'a T> {
    let since = |one: &T| match constraint(one) {
        None => Some(Date::MIN),
        Some(constraint) => constraint.start_date.filter(|start| *start <= on),
    };
    all.filter_map(|one| Some((since(one)?, one)))
        .max_by_key(|(since, _)| *since)
        .map(|(_, one)| one)
}

fn price(row: &mut Row, band: Band, member: &str, value: &RawValue) {
    let found = PRICES.iter().find(|(name, _, _)| *name == member);
    let Some((_, kind, scale)) = found else { return };
    let mut set = |band, text: &str| match rate(text, *scale) {
        Ok(rate) => row.set(band, kind, rate),
        Err(why) => row.notes.push(format!("`{member}`: {why}")),
    };
    let Ok(tiered) = serde_json::from_str::<Tiered<'_>>(value.get()) else {
        return set(band, value.get());
    };
    set(band, tiered.base.get());
    // Long inputs have prices of their own at the default tier alone.
    if let (Band::Standard, [tier]) = (band, &*tiered.tiers) {
        set(Band::LongContext, tier.price.get());
        row.long_above = Some(tier.start);
    }
}
