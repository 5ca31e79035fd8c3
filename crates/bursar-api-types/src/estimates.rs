//! What a study costs before it starts.

use bursar_kernel::{
    Estimate, ModelId, Program, ProgramId, Serving, StudyLine, StudyPace, Timestamp, Usd,
};
use bursar_service::{Note, PricedLine, StudyEstimate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A study to count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EstimateStudy {
    /// The program whose tiers and usual award it is held against; the first that takes
    /// applications where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "openai-researcher-access")]
    pub program: Option<ProgramId>,
    /// Its lines, 1 to 8.
    pub lines: Vec<StudyPart>,
    /// Examples that tokens are counted from where a line leaves them out. They are not kept, and
    /// no log has them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sample: Vec<Example>,
}

/// A part of a study: calls of one kind to one model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StudyPart {
    /// The model, by its name or an alias.
    #[schema(value_type = String, example = "gpt-4.1-mini")]
    pub model: ModelId,
    /// Rows of the data set.
    #[schema(example = 1200)]
    pub items: u64,
    /// Prompts, or variants of one, that each item is sent with; 1 if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variants: Option<u64>,
    /// How often all of that is done; 1 if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 5)]
    pub repeats: Option<u64>,
    /// Input tokens of a call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 900)]
    pub input_tokens: Option<u64>,
    /// Output tokens of a call, the reasoning included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 300)]
    pub output_tokens: Option<u64>,
    /// `default`, `batch`, `flex` or `priority`; `default` if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "default")]
    pub serving: Option<Serving>,
}

/// An example of a call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// A whole prompt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// An answer of the usual length.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
}

/// What a study comes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EstimateLine {
    /// The program it is held against.
    #[schema(value_type = String)]
    pub program: ProgramId,
    /// The price table that it was counted at.
    #[schema(example = "openai-2026-11-22")]
    pub prices: String,
    /// Its lines.
    pub lines: Vec<PartLine>,
    /// What they come to.
    #[schema(value_type = String, example = "5.04")]
    pub total: Usd,
    /// The program's usual maximum.
    #[schema(value_type = String, example = "1000.00")]
    pub typical_max: Usd,
    /// How many such studies the usual maximum pays for; absent where it is free.
    #[schema(example = 198)]
    pub runs_for_typical_max: Option<i64>,
    /// What it would come to in the provider's batches, where that is less.
    #[schema(value_type = Option<String>, example = "2.52")]
    pub total_by_batch: Option<Usd>,
    /// How long it takes at each tier of the program, but for what is sent in batches.
    pub tiers: Vec<TierPace>,
}

/// What a line of a study comes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PartLine {
    /// The model, by the catalog's own name.
    #[schema(value_type = String)]
    pub model: ModelId,
    /// How it is served.
    #[schema(value_type = String, example = "default")]
    pub serving: Serving,
    /// How many calls.
    #[schema(example = 6000)]
    pub calls: u64,
    /// Input tokens of each.
    pub input_tokens: u64,
    /// Output tokens of each.
    pub output_tokens: u64,
    /// Tokens of all of them.
    pub tokens: u64,
    /// What they cost.
    #[schema(value_type = String, example = "5.04")]
    pub cost: Usd,
    /// What to know of it.
    pub notes: Vec<NoteLine>,
    /// What it costs on cheaper models, the cheapest first.
    pub cheaper: Vec<CheaperLine>,
    /// What it costs in a batch, where that is less.
    #[schema(value_type = Option<String>)]
    pub cost_by_batch: Option<Usd>,
}

/// Something to know of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NoteLine {
    /// `ends` (the provider refuses the model from a day on), `limited` (it needs an approval),
    /// `reasons` (out of sight, billed as output) or `batch` (at the price of a batch).
    #[schema(example = "ends")]
    pub id: String,
    /// From which day on it is refused.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "2027-01-14")]
    pub from: Option<String>,
    /// What the provider names in its place.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub successor: Option<ModelId>,
}

/// The same line on another model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CheaperLine {
    /// Which.
    #[schema(value_type = String)]
    pub model: ModelId,
    /// What it costs there.
    #[schema(value_type = String)]
    pub cost: Usd,
}

/// How long a study takes at a tier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TierPace {
    /// The tier.
    #[schema(example = "tier-1")]
    pub tier: String,
    /// `takes`, `unlimited`, or why it can never be made there: `closed`, or `too_long`, where a
    /// call has more tokens than a minute lets through.
    #[schema(example = "takes")]
    pub pace: String,
    /// How long it takes, where it is limited.
    #[schema(example = 2160)]
    pub seconds: Option<i64>,
}

/// The estimate that an application carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CarriedEstimate {
    /// The study, to be counted anew.
    pub lines: Vec<StudyPart>,
    /// What it came to.
    #[schema(value_type = String, example = "5.04")]
    pub total: Usd,
    /// At which price table.
    pub prices: String,
    /// When it was counted.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

impl EstimateLine {
    /// An estimate, by the prices of a table.
    pub fn new(program: &Program, prices: String, found: StudyEstimate) -> Self {
        let (cost, typical_max) = (found.cost, program.award.typical_max);
        Self {
            program: program.id.clone(),
            prices,
            lines: cost.lines.into_iter().map(PartLine::from).collect(),
            total: cost.total,
            typical_max,
            runs_for_typical_max: typical_max.nanos().checked_div(cost.total.nanos()),
            total_by_batch: cost.by_batch,
            tiers: found
                .paces
                .into_iter()
                .map(|(tier, pace)| {
                    let (pace, seconds) = match pace {
                        StudyPace::Takes(time) => ("takes", Some(time.as_secs())),
                        StudyPace::Unlimited => ("unlimited", None),
                        StudyPace::Closed => ("closed", None),
                        StudyPace::TooLong(_) => ("too_long", None),
                    };
                    TierPace { tier: tier.id.to_string(), pace: pace.to_owned(), seconds }
                })
                .collect(),
        }
    }
}

impl From<PricedLine> for PartLine {
    fn from(line: PricedLine) -> Self {
        let cheaper = line.cheaper.into_iter();
        Self {
            model: line.line.model,
            serving: line.line.serving,
            calls: line.size.calls,
            input_tokens: line.line.input_tokens,
            output_tokens: line.line.output_tokens,
            tokens: line.size.tokens,
            cost: line.cost,
            notes: line.notes.into_iter().map(NoteLine::from).collect(),
            cheaper: cheaper.map(|(model, cost)| CheaperLine { model, cost }).collect(),
            cost_by_batch: line.by_batch,
        }
    }
}

impl From<Note> for NoteLine {
    fn from(note: Note) -> Self {
        let plain = |id: &str| Self { id: id.to_owned(), from: None, successor: None };
        match note {
            Note::Ends { from, is_over: _, successor } => {
                Self { from: Some(from.to_string()), successor, ..plain("ends") }
            }
            Note::Limited => plain("limited"),
            Note::Reasons => plain("reasons"),
            Note::Batch => plain("batch"),
        }
    }
}

impl From<StudyLine> for StudyPart {
    fn from(line: StudyLine) -> Self {
        Self {
            model: line.model,
            items: line.items,
            variants: Some(line.variants),
            repeats: Some(line.repeats),
            input_tokens: Some(line.input_tokens),
            output_tokens: Some(line.output_tokens),
            serving: Some(line.serving),
        }
    }
}

impl From<Estimate> for CarriedEstimate {
    fn from(estimate: Estimate) -> Self {
        Self {
            lines: estimate.study().into_iter().map(StudyPart::from).collect(),
            total: estimate.total,
            prices: estimate.prices.to_string(),
            at: estimate.at,
        }
    }
}
