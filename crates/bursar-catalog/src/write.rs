//! A catalog as the text of a catalog file: what [`crate::read`] makes the same catalog of.

use std::fmt::Write as _;

use bursar_kernel::{Catalog, Model, RateCard};

use crate::model::{ENCODINGS, MODES};
use crate::prices::kinds;

/// Writes a catalog as a file that [`crate::read`] reads back as the same catalog. Comments are
/// not part of a catalog.
pub fn write(catalog: &Catalog) -> String {
    let mut text = String::new();
    line(&mut text, "version", &quoted(catalog.version.as_str()));
    line(&mut text, "source", &quoted(&catalog.source));
    for family in &catalog.families {
        text.push_str("\n[[family]]\n");
        line(&mut text, "id", &quoted(family.id.as_str()));
        line(&mut text, "label", &quoted(&family.label));
        line(&mut text, "about", &quoted(&family.about));
    }
    for model in catalog.models.values() {
        let of_model = |(_, named): &(_, &bursar_kernel::ModelId)| **named == model.id;
        let aliases = catalog.aliases.iter().filter(of_model).map(|(alias, _)| alias.as_str());
        write_model(&mut text, model, aliases);
    }
    text
}

fn write_model<'a>(text: &mut String, model: &Model, aliases: impl Iterator<Item = &'a str>) {
    let name = quoted(model.id.as_str());
    let _ = write!(text, "\n[model.{name}]\n");
    line(text, "family", &quoted(model.family.as_str()));
    line(text, "mode", &quoted(word(&MODES, &model.mode)));
    let number = |text: &mut String, key, value: Option<u64>| {
        if let Some(value) = value {
            line(text, key, &value.to_string());
        }
    };
    number(text, "input_tokens_max", model.input_tokens_max);
    number(text, "output_tokens_max", model.output_tokens_max);
    if let Some(encoding) = model.encoding {
        line(text, "encoding", &quoted(word(&ENCODINGS, &encoding)));
    }
    if model.reasoning {
        line(text, "reasoning", "true");
    }
    number(text, "image_tokens_max", model.image_tokens_max);
    if let Some(released) = model.released {
        line(text, "released", &released.to_string());
    }
    if let Some(shutdown) = model.shutdown {
        line(text, "shutdown", &shutdown.to_string());
    }
    if let Some(successor) = &model.successor {
        line(text, "successor", &quoted(successor.as_str()));
    }
    let aliases: Vec<String> = aliases.map(quoted).collect();
    if !aliases.is_empty() {
        line(text, "aliases", &format!("[{}]", aliases.join(", ")));
    }
    let Some(prices) = &model.prices else { return write_sizes(text, model, &name) };
    let tiers = [
        ("standard", Some(&prices.standard)),
        ("batch", prices.batch.as_ref()),
        ("flex", prices.flex.as_ref()),
        ("priority", prices.priority.as_ref()),
    ];
    for (tier, card) in tiers {
        if let Some(card) = card {
            line(text, tier, &format!("{{ {} }}", card_fields(card).join(", ")));
        }
    }
    if let Some(long) = &prices.long_context {
        let _ = write!(text, "\n[model.{name}.long_context]\n");
        line(text, "above_input_tokens", &long.above_input_tokens.to_string());
        for field in card_fields(&long.card) {
            text.push_str(&field);
            text.push('\n');
        }
    }
    write_sizes(text, model, &name);
}

fn write_sizes(text: &mut String, model: &Model, name: &str) {
    if model.image_sizes.is_empty() {
        return;
    }
    let _ = write!(text, "\n[model.{name}.image_sizes]\n");
    for size in &model.image_sizes {
        let (low, medium, high) = (size.low, size.medium, size.high);
        let of_size = format!("{{ low = {low}, medium = {medium}, high = {high} }}");
        line(text, &quoted(&size.size), &of_size);
    }
}

fn card_fields(card: &RateCard) -> Vec<String> {
    let fields = kinds(card).into_iter();
    fields.filter_map(|(kind, rate)| rate.map(|rate| format!("{kind} = \"{rate}\""))).collect()
}

fn line(text: &mut String, key: &str, value: &str) {
    let _ = writeln!(text, "{key} = {value}");
}

/// The word of a file that stands for a value.
pub(crate) fn word<T: PartialEq>(words: &[(&'static str, T)], value: &T) -> &'static str {
    words.iter().find(|(_, of)| of == value).map_or("", |(word, _)| word)
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            letter if letter.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(letter));
            }
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}
