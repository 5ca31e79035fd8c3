//! A study before it starts: what it will call, and what that comes to.

use serde::{Deserialize, Serialize};

use crate::call::ServiceTier;
use crate::ids::{ModelId, PriceVersion};
use crate::money::Usd;
use crate::tier::StudySize;
use crate::time::Timestamp;

/// A part of a study: calls of one kind to one model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StudyLine {
    /// The model, by its name or an alias.
    pub model: ModelId,
    /// Rows of the data set.
    pub items: u64,
    /// Prompts, or variants of one, that each item is sent with.
    pub variants: u64,
    /// How often all of that is done.
    pub repeats: u64,
    /// Input tokens of a call.
    pub input_tokens: u64,
    /// Output tokens of a call, the reasoning included.
    pub output_tokens: u64,
    /// At which of the model's prices.
    pub serving: Serving,
}

/// How calls are served, and so at which of a model's prices.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Serving {
    /// At the list price.
    #[default]
    Default,
    /// At the flex tier: cheaper and slower.
    Flex,
    /// At the priority tier: dearer and faster.
    Priority,
    /// In a batch, which may take a day.
    Batch,
}

impl Serving {
    /// All of them, the usual first.
    pub const ALL: [Self; 4] = [Self::Default, Self::Batch, Self::Flex, Self::Priority];

    /// Its name in forms, columns and JSON: `default`, `batch`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Flex => "flex",
            Self::Priority => "priority",
            Self::Batch => "batch",
        }
    }

    /// The one that has a name, if one has.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|serving| serving.name() == name)
    }

    /// The service tier of a single call; `None` in a batch.
    pub const fn tier(self) -> Option<ServiceTier> {
        match self {
            Self::Default => Some(ServiceTier::Default),
            Self::Flex => Some(ServiceTier::Flex),
            Self::Priority => Some(ServiceTier::Priority),
            Self::Batch => None,
        }
    }
}

/// What a study comes to, with the prices that it was counted at: what an application carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Estimate {
    /// Its lines, each with what it comes to.
    pub lines: Vec<LineCost>,
    /// What they come to together.
    pub total: Usd,
    /// The price table that it was counted at.
    pub prices: PriceVersion,
    /// When it was counted.
    pub at: Timestamp,
}

impl Estimate {
    /// The study itself, to count it anew or to change it.
    pub fn study(&self) -> Vec<StudyLine> {
        self.lines.iter().map(|line| line.line.clone()).collect()
    }
}

/// What a line of a study comes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineCost {
    /// The line, its model by the catalog's own name.
    pub line: StudyLine,
    /// How large it is.
    pub size: StudySize,
    /// What it costs, rounded up once.
    pub cost: Usd,
}

/// A kind of study that a program is for, to begin an estimate from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StudyKind {
    /// Its name: `Change prompts and compare`.
    pub title: String,
    /// What it is, in a sentence.
    pub about: String,
    /// Lines of a usual size, to be changed.
    pub lines: Vec<StudyLine>,
}
