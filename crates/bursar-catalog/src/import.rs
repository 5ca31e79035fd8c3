//! Prices that others keep in public files, laid over a catalog: what they change, and what of it
//! a person has to look at first.

mod genai;
mod litellm;
mod number;
mod row;
mod sanity;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use bursar_kernel::catalog::LongContext;
use bursar_kernel::{
    Catalog, Diagnostics, FamilyId, Mode, Model, ModelId, PriceVersion, Prices, RateCard,
};
use jiff::civil::Date;

use crate::compare::{Band, Change, compare};
use crate::prices::needed;
use row::{Row, Rows};

/// Bytes of a price file at the most: the largest has some 3 MiB.
pub const PRICE_FILE_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Characters that two names share at the least, for one to tell of the other: more than `gpt-`.
const SHARED_MIN: usize = 5;
/// The most input tokens that one image costs by the dearest rule that any model has published:
/// what a new model's images are held for until somebody knows better.
const IMAGE_TOKENS_ASSUMED: u64 = 48_169;

/// Whose file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `model_prices_and_context_window.json` of `LiteLLM`.
    LiteLlm,
    /// `prices/new_data/v2/data.json` of genai-prices.
    GenaiPrices,
}

/// How a file is taken over.
#[derive(Clone, Debug)]
pub struct Import {
    /// Whose file it is.
    pub format: Format,
    /// The day whose prices are taken, where the file has several.
    pub on: Date,
    /// What the new price table is called.
    pub version: PriceVersion,
    /// Where its figures come from, with a date.
    pub source: String,
    /// Models whose prices are taken though a rule finds them odd.
    pub accepted: BTreeSet<ModelId>,
    /// Whether models that the catalog does not have are added.
    pub adds_models: bool,
}

/// A catalog with the prices of a file.
#[derive(Clone, Debug)]
pub struct Imported {
    /// It. What the file does not say stays as it was.
    pub catalog: Catalog,
    /// What is different from before.
    pub changes: Vec<Change>,
    /// Models that stay as they were, until somebody accepts them by name: their prices are odd.
    pub held_back: Vec<HeldBack>,
    /// What of the file was not taken, and why.
    pub left_out: Vec<LeftOut>,
    /// What was assumed of models that are new.
    pub assumed: Vec<String>,
}

/// A model whose new prices look like a slip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldBack {
    /// Which model.
    pub model: ModelId,
    /// What is odd about them, each in a line.
    pub findings: Vec<String>,
}

/// Something in a file that no catalog has a place for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Its name in the file.
    pub name: String,
    /// Why, to be read after its name.
    pub why: String,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.why)
    }
}

/// Why a price file cannot be taken over.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It is not what its format says.
    #[error(
        "the price file is not of this format\n\
         hint: `litellm` is `model_prices_and_context_window.json`, `genai-prices` is \
         `prices/new_data/v2/data.json`"
    )]
    NotJson(#[source] serde_json::Error),
    /// It has no model of the provider's.
    #[error(
        "the price file has no model of OpenAI's\n\
         hint: check that it is whole, and that `--format` names whose it is"
    )]
    Empty,
    /// It is longer than any such file.
    #[error("the price file has {bytes} bytes, and such a file has at most {PRICE_FILE_BYTES_MAX}")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// What would come out is no sound catalog.
    #[error("the catalog would not be sound with these prices\n{0}")]
    Unsound(Diagnostics),
}

/// Lays the prices of a file over a catalog.
pub fn import(text: &str, onto: &Catalog, import: &Import) -> Result<Imported, ImportError> {
    if PRICE_FILE_BYTES_MAX < text.len() {
        return Err(ImportError::TooLong { bytes: text.len() });
    }
    let Rows { rows, mut left_out } = match import.format {
        Format::LiteLlm => litellm::read(text)?,
        Format::GenaiPrices => genai::read(text, import.on)?,
    };
    if rows.is_empty() {
        return Err(ImportError::Empty);
    }
    let mut merge = Merge {
        catalog: Catalog {
            version: import.version.clone(),
            source: import.source.clone(),
            ..onto.clone()
        },
        held_back: Vec::new(),
        assumed: Vec::new(),
        import,
    };
    for (name, row) in &rows {
        let notes = row.notes.iter();
        left_out.extend(notes.map(|why| LeftOut { name: name.clone(), why: format!("has {why}") }));
        match merge.row(name, row, &rows) {
            Ok(()) => {}
            Err(why) => left_out.push(LeftOut { name: name.clone(), why }),
        }
    }
    let Merge { catalog, held_back, assumed, .. } = merge;
    // What its models say of the table they stand in comes with reading it.
    let catalog = crate::read("the new catalog", &crate::write(&catalog));
    let catalog = catalog.map_err(ImportError::Unsound)?;
    let changes = compare(onto, &catalog);
    Ok(Imported { catalog, changes, held_back, left_out, assumed })
}

struct Merge<'a> {
    catalog: Catalog,
    held_back: Vec<HeldBack>,
    assumed: Vec<String>,
    import: &'a Import,
}

impl Merge<'_> {
    /// Takes a row over; an error says why nothing of it was, to be read after its name.
    fn row(&mut self, name: &str, row: &Row, rows: &BTreeMap<String, Row>) -> Result<(), String> {
        if let Some(model) = self.catalog.models.get(name) {
            let model = Arc::clone(model);
            self.known(&model, row);
            return Ok(());
        }
        if let Some(of) = self.catalog.aliases.get(name) {
            let of = of.clone();
            return self.alias(&of, row);
        }
        if !row.is_model {
            return Ok(());
        }
        if !self.import.adds_models {
            return Err("is not in the catalog".to_owned());
        }
        // A dated name of a model is another name for it where it costs the same.
        if let Some(base) = undated(name)
            && let Some(other) = rows.get(base)
            && self.catalog.models.contains_key(base)
            && other.cards == row.cards
        {
            self.catalog.aliases.insert(ModelId::new(name), ModelId::new(base));
            return Ok(());
        }
        self.new_model(name, row)
    }

    /// A model that the catalog has: its prices change, and what the file knows of its limits.
    fn known(&mut self, model: &Model, row: &Row) {
        let mut row = row.clone();
        row.keep_billed(model.mode);
        let mut new = model.clone();
        new.input_tokens_max = row.input_tokens_max.or(model.input_tokens_max);
        new.output_tokens_max = row.output_tokens_max.or(model.output_tokens_max);
        new.shutdown = row.shutdown.or(model.shutdown);
        new.prices = priced(model.prices.clone(), &row);
        self.put(Some(model), new);
    }

    /// Another name of a model, which has no prices of its own.
    fn alias(&self, of: &ModelId, row: &Row) -> Result<(), String> {
        let model = self.catalog.model(of.as_str());
        let Some(model) = model else { return Ok(()) };
        let mut row = row.clone();
        row.keep_billed(model.mode);
        let standard = model.prices.as_ref().map(|prices| prices.standard);
        let differs = row.cards.get(&Band::Standard).zip(standard).is_some_and(|(theirs, ours)| {
            let both = crate::prices::kinds(theirs).into_iter().zip(crate::prices::kinds(&ours));
            both.into_iter().any(|((_, theirs), (_, ours))| theirs.is_some() && theirs != ours)
        });
        if differs {
            return Err(format!(
                "is another name for `{of}` in the catalog, and has other prices in the file: make \
                 it a model of its own"
            ));
        }
        Ok(())
    }

    fn new_model(&mut self, name: &str, row: &Row) -> Result<(), String> {
        let Some(mode) = row.mode else {
            return Err("is not in the catalog, and this file does not say what it answers".into());
        };
        if mode == Mode::Image {
            return Err("makes images, and how many tokens one takes is in no price file: add it \
                        to the catalog by hand"
                .to_owned());
        }
        let mut row = row.clone();
        row.keep_billed(mode);
        let standard = row.cards.get(&Band::Standard).copied().unwrap_or_default();
        let lacks = needed(mode).iter().find(|kind| {
            !crate::prices::kinds(&standard)
                .iter()
                .any(|(name, rate)| name == *kind && rate.is_some())
        });
        if let Some(kind) = lacks {
            return Err(format!("has no price for `{kind}`, which its calls use"));
        }
        if standard == RateCard::default() {
            return Err("has no price that calls can be billed by".to_owned());
        }
        let family = self.family_of(name, mode);
        let family =
            family.ok_or("is like no model of the catalog: add it there with its family")?;
        let id = ModelId::new(name);
        let mut model = Model::named(id, family, mode);
        model.input_tokens_max = row.input_tokens_max;
        model.output_tokens_max = row.output_tokens_max;
        model.shutdown = row.shutdown;
        model.reasoning = row.reasoning;
        model.image_tokens_max = row.sees.then_some(IMAGE_TOKENS_ASSUMED);
        model.prices = priced(None, &row);
        let images =
            row.sees.then(|| format!(", and an image takes up to {IMAGE_TOKENS_ASSUMED} tokens"));
        let assumed = format!(
            "{name} is of the family `{}`, like its nearest name{}",
            model.family,
            images.unwrap_or_default()
        );
        self.put(None, model);
        if self.catalog.models.contains_key(name) {
            self.assumed.push(assumed);
        }
        Ok(())
    }

    /// The family of the model with the nearest name: of the same kind before others, and one that
    /// the name goes on from (`gpt-4o` of `gpt-4o-2024-05-13`) before one with as long a beginning.
    fn family_of(&self, name: &str, mode: Mode) -> Option<FamilyId> {
        let shared = |other: &ModelId| {
            let pairs = name.bytes().zip(other.as_str().bytes());
            pairs.take_while(|(one, other)| one == other).count()
        };
        let goes_on = |other: &ModelId| {
            name.strip_prefix(other.as_str()).is_some_and(|rest| rest.starts_with('-'))
        };
        let alike = |other: Mode| kind_of(other) == kind_of(mode);
        let nearness =
            |model: &Arc<Model>| (alike(model.mode), goes_on(&model.id), shared(&model.id));
        let nearest = self.catalog.models.values().max_by_key(|model| nearness(model))?;
        (SHARED_MIN <= shared(&nearest.id)).then(|| nearest.family.clone())
    }

    /// Puts a model into the catalog, unless a rule finds its prices odd and nobody accepted them.
    fn put(&mut self, old: Option<&Model>, new: Model) {
        let findings = sanity::check(old, &new);
        if !findings.is_empty() && !self.import.accepted.contains(&new.id) {
            self.held_back.push(HeldBack { model: new.id, findings });
            return;
        }
        self.catalog.models.insert(new.id.clone(), Arc::new(new));
    }
}

/// What a model makes, roughly: families are of one kind.
const fn kind_of(mode: Mode) -> u8 {
    match mode {
        Mode::Chat | Mode::Responses | Mode::Completion => 0,
        Mode::Embedding => 1,
        Mode::Moderation => 2,
        Mode::Image => 3,
        Mode::Speech => 4,
        Mode::Transcription | Mode::Voice | Mode::Realtime => 5,
    }
}

/// A name without the date at its end: `gpt-5` of `gpt-5-2025-08-07`.
fn undated(name: &str) -> Option<&str> {
    let (base, date) = name.split_at_checked(name.len().checked_sub(11)?)?;
    let date = date.strip_prefix('-')?;
    date.parse::<Date>().is_ok().then_some(base)
}

/// Prices with those of a row; what the row does not have stays.
fn priced(prices: Option<Prices>, row: &Row) -> Option<Prices> {
    let with = |old: Option<RateCard>, band| {
        let Some(new) = row.cards.get(&band) else { return old };
        let mut card = old.unwrap_or_default();
        let mut new = *new;
        for ((_, field), (_, rate)) in row::fields(&mut card).into_iter().zip(row::fields(&mut new))
        {
            *field = rate.or(*field);
        }
        Some(card)
    };
    let old = prices.as_ref();
    let long = old.and_then(|prices| prices.long_context.as_ref());
    let above_input_tokens = row.long_above.or(long.map(|long| long.above_input_tokens));
    let long_card = with(long.map(|long| long.card), Band::LongContext);
    Some(Prices {
        standard: with(old.map(|prices| prices.standard), Band::Standard)?,
        batch: with(old.and_then(|prices| prices.batch), Band::Batch),
        flex: with(old.and_then(|prices| prices.flex), Band::Flex),
        priority: with(old.and_then(|prices| prices.priority), Band::Priority),
        long_context: long_card
            .zip(above_input_tokens)
            .map(|(card, above_input_tokens)| LongContext { above_input_tokens, card }),
    })
}

#[cfg(test)]
mod tests;
