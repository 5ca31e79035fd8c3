//! What differs between two catalogs, in words.

use std::collections::BTreeSet;
use std::fmt;

use bursar_kernel::{Catalog, Model, ModelId, Prices, Rate, RateCard};

use crate::model::MODES;
use crate::prices::kinds;
use crate::write::word;

/// Which of a model's rate cards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Band {
    /// At the default service tier.
    Standard,
    /// In a batch.
    Batch,
    /// At the flex tier.
    Flex,
    /// At the priority tier.
    Priority,
    /// With a long input.
    LongContext,
}

impl Band {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Standard, Self::Batch, Self::Flex, Self::Priority, Self::LongContext];

    /// Its name in a catalog file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Batch => "batch",
            Self::Flex => "flex",
            Self::Priority => "priority",
            Self::LongContext => "long_context",
        }
    }

    /// A model's rate card of this band, where it has one.
    pub fn card(self, prices: &Prices) -> Option<&RateCard> {
        match self {
            Self::Standard => Some(&prices.standard),
            Self::Batch => prices.batch.as_ref(),
            Self::Flex => prices.flex.as_ref(),
            Self::Priority => prices.priority.as_ref(),
            Self::LongContext => prices.long_context.as_ref().map(|long| &long.card),
        }
    }
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A model that was not there.
    Added(ModelId),
    /// A model that is there no more.
    Removed(ModelId),
    /// A price.
    Price {
        /// Of which model.
        model: ModelId,
        /// On which of its rate cards.
        band: Band,
        /// The kind of usage: `input`.
        kind: &'static str,
        /// What it was; `None` where it had none.
        from: Option<Rate>,
        /// What it is.
        to: Option<Rate>,
    },
    /// Anything else that is known of a model, as a catalog file writes it.
    Fact {
        /// Of which model.
        model: ModelId,
        /// The key in the file: `output_tokens_max`.
        key: &'static str,
        /// What it was; empty where nothing was known.
        from: String,
        /// What it is.
        to: String,
    },
}

impl Change {
    /// The model that it is about.
    pub const fn model(&self) -> &ModelId {
        match self {
            Self::Added(model)
            | Self::Removed(model)
            | Self::Price { model, .. }
            | Self::Fact { model, .. } => model,
        }
    }
}

/// With the model's name before it.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Added(model) | Self::Removed(model) => write!(f, "{model} {}", self.what()),
            Self::Price { model, .. } | Self::Fact { model, .. } => {
                write!(f, "{model}: {}", self.what())
            }
        }
    }
}

impl Change {
    /// What is different about the model, in words.
    pub fn what(&self) -> String {
        match self {
            Self::Added(_) => "is new".to_owned(),
            Self::Removed(_) => "is gone: calls to it are refused".to_owned(),
            Self::Price { band, kind, from, to, .. } => {
                let price = match (from, to) {
                    (Some(from), Some(to)) => format!("{from} -> {to}{}", share(*from, *to)),
                    (None, Some(to)) => format!("is {to} and had no price"),
                    (Some(from), None) => format!("was {from} and has no price"),
                    (None, None) => "has no price".to_owned(),
                };
                format!("{} {kind} {price}", band.as_str())
            }
            Self::Fact { key, from, to, .. } => {
                let shown =
                    |value: &str| if value.is_empty() { "none".into() } else { value.to_owned() };
                format!("{key} {} -> {}", shown(from), shown(to))
            }
        }
    }
}

/// By how much a price rose or fell, in whole per cent, as ` (-20 %)`.
fn share(from: Rate, to: Rate) -> String {
    let (from, to) = (i128::from(from.nanos_per_million()), i128::from(to.nanos_per_million()));
    let difference = to.saturating_sub(from).saturating_mul(100);
    difference.checked_div(from).map_or_else(String::new, |share| format!(" ({share:+} %)"))
}

/// What is different in `new`, model by model; empty where both say the same of every model.
pub fn compare(old: &Catalog, new: &Catalog) -> Vec<Change> {
    let names: BTreeSet<&ModelId> = old.models.keys().chain(new.models.keys()).collect();
    let mut changes = Vec::new();
    for name in names {
        match (old.models.get(name), new.models.get(name)) {
            (None, _) => changes.push(Change::Added(name.clone())),
            (_, None) => changes.push(Change::Removed(name.clone())),
            (Some(before), Some(after)) => {
                facts(before, after, &mut changes);
                prices(before, after, &mut changes);
            }
        }
        let aliases = |catalog: &Catalog| {
            let of_model = catalog.aliases.iter().filter(|(_, of)| *of == name);
            of_model.map(|(alias, _)| alias.as_str()).collect::<Vec<_>>().join(", ")
        };
        fact(name, "aliases", aliases(old), aliases(new), &mut changes);
    }
    changes
}

fn facts(old: &Model, new: &Model, changes: &mut Vec<Change>) {
    let shown = |model: &Model| {
        fn text<T: ToString>(value: Option<T>) -> String {
            value.map_or_else(String::new, |value| value.to_string())
        }
        let sizes = model
            .image_sizes
            .iter()
            .map(|size| format!("{} {} / {} / {}", size.size, size.low, size.medium, size.high));
        [
            ("family", model.family.to_string()),
            ("mode", word(&MODES, &model.mode).to_owned()),
            ("input_tokens_max", text(model.input_tokens_max)),
            ("output_tokens_max", text(model.output_tokens_max)),
            (
                "encoding",
                text(model.encoding.map(|encoding| word(&crate::model::ENCODINGS, &encoding))),
            ),
            ("reasoning", if model.reasoning { "true" } else { "false" }.to_owned()),
            ("image_tokens_max", text(model.image_tokens_max)),
            ("image_sizes", sizes.collect::<Vec<_>>().join(", ")),
            ("released", text(model.released)),
            ("shutdown", text(model.shutdown)),
            ("successor", text(model.successor.as_ref())),
        ]
    };
    for ((key, from), (_, to)) in shown(old).into_iter().zip(shown(new)) {
        fact(&new.id, key, from, to, changes);
    }
}

fn fact(model: &ModelId, key: &'static str, from: String, to: String, changes: &mut Vec<Change>) {
    if from != to {
        changes.push(Change::Fact { model: model.clone(), key, from, to });
    }
}

fn prices(old: &Model, new: &Model, changes: &mut Vec<Change>) {
    let nothing = RateCard::default();
    for band in Band::ALL {
        let card = |model: &Model| {
            let card = model.prices.as_ref().and_then(|prices| band.card(prices));
            kinds(card.unwrap_or(&nothing))
        };
        for ((kind, from), (_, to)) in card(old).into_iter().zip(card(new)) {
            if from != to {
                let model = new.id.clone();
                changes.push(Change::Price { model, band, kind, from, to });
            }
        }
    }
    let step = |model: &Model| {
        let long = model.prices.as_ref().and_then(|prices| prices.long_context.as_ref());
        long.map_or_else(String::new, |long| long.above_input_tokens.to_string())
    };
    fact(&new.id, "long_context.above_input_tokens", step(old), step(new), changes);
}
