//! The cost of a study before it starts: its lines at the catalog's prices, and what would be less.
//!
//! A line's units are summed exactly and rounded up once. The study itself is rounded once a call,
//! so it can come to a nano-dollar a call more.

use bursar_kernel::{
    Catalog, Endpoint, Mode, Model, ModelId, Prices, RateCard, Serving, StudyLine, StudySize,
    Usage, Usd,
};
use jiff::civil::Date;

use crate::price::{Unpriced, card, price_on};

/// Lines of a study: more models than anybody compares at once, and an address that mail takes.
pub const STUDY_LINES_MAX: usize = 8;
/// Calls of a line: years at any tier, so that a misplaced zero is found.
pub const LINE_CALLS_MAX: u64 = 1_000_000_000;
/// Tokens of a call, either way: ten times the longest context there is.
pub const CALL_TOKENS_MAX: u64 = 10_000_000;
/// Cheaper models that a line names.
pub const CHEAPER_MAX: usize = 4;

/// What an estimate is made with.
#[derive(Clone, Copy, Debug)]
pub struct Prospect<'a> {
    /// Models and prices.
    pub catalog: &'a Catalog,
    /// Models that need a further approval.
    pub limited: &'a [ModelId],
    /// The day, in UTC, on which it is asked.
    pub today: Date,
}

/// What a study comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StudyCost {
    /// Its lines, in their order.
    pub lines: Vec<PricedLine>,
    /// What they come to together.
    pub total: Usd,
    /// What they would come to in batches, where some line is offered in one and would cost less.
    pub by_batch: Option<Usd>,
}

/// What a line comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PricedLine {
    /// The line, its model by the catalog's own name.
    pub line: StudyLine,
    /// How large it is.
    pub size: StudySize,
    /// What it costs.
    pub cost: Usd,
    /// What to know of it.
    pub notes: Vec<Note>,
    /// What the same line costs on models that are cheaper for it, the cheapest first: those of
    /// its model's family and of its successor's that can be called for as long as it.
    pub cheaper: Vec<(ModelId, Usd)>,
    /// What it would cost in a batch, where that is less.
    pub by_batch: Option<Usd>,
}

/// What to know of a line. None of it keeps the line from being counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// The provider refuses the model from a day on.
    Ends {
        /// From which.
        from: Date,
        /// Whether that day has come.
        is_over: bool,
        /// What the provider names in its place.
        successor: Option<ModelId>,
    },
    /// The model needs a further approval even with credit.
    Limited,
    /// The model reasons out of sight, and that is billed as output.
    Reasons,
    /// The price is the provider's for a batch, which may take a day.
    Batch,
}

/// Why a study has no estimate: what is wrong with a part of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct StudyWrong {
    /// Which line, from 0; `None` for the study itself.
    pub line: Option<usize>,
    /// What is wrong.
    pub why: StudyRefused,
}

/// What is wrong, as a sentence to whoever asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StudyRefused {
    /// There is nothing to count.
    #[error("Add a line: a model, and how often it is called")]
    NoLines,
    /// There are too many lines.
    #[error("A study has at most {STUDY_LINES_MAX} lines")]
    TooManyLines,
    /// No model goes by that name.
    #[error("There is no model `{0}` in the catalog")]
    UnknownModel(ModelId),
    /// The model answers at no endpoint here.
    #[error("`{0}` cannot be called here: choose a model that answers text")]
    NotServed(ModelId),
    /// The catalog has no price for it.
    #[error("`{0}` has no price in the catalog, so calls to it are refused")]
    NotPriced(ModelId),
    /// The model is not offered so.
    #[error("`{model}` has no {} price{}", serving.name(), if *long {
        " for so long an input"
    } else {
        ""
    })]
    NotOffered {
        /// Which model.
        model: ModelId,
        /// How it should be served.
        serving: Serving,
        /// Whether it is the length of the input that has no price.
        long: bool,
    },
    /// A count is zero.
    #[error("Enter a whole number of at least 1")]
    Zero(Part),
    /// There are too many calls.
    #[error("A line has at most a billion calls")]
    TooManyCalls,
    /// A call is longer than the model takes.
    #[error("`{model}` takes at most {most} {} a call", part.unit())]
    TooLong {
        /// Which model.
        model: ModelId,
        /// Tokens in or out.
        part: Part,
        /// How many it takes.
        most: u64,
    },
    /// It is past the largest amount.
    #[error("The study costs more than can be counted")]
    TooLarge,
}

/// A part of a line, by its name in forms and JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Rows of the data set.
    Items,
    /// Prompts an item.
    Variants,
    /// Repeats.
    Repeats,
    /// Input tokens of a call.
    Input,
    /// Output tokens of a call.
    Output,
}

impl Part {
    const fn unit(self) -> &'static str {
        match self {
            Self::Items => "items",
            Self::Variants => "variants",
            Self::Repeats => "repeats",
            Self::Input => "input tokens",
            Self::Output => "output tokens",
        }
    }
}

impl StudyRefused {
    /// The name of the part of a line that it is about: `model`, `items`, `serving`.
    pub const fn part(&self) -> &'static str {
        match self {
            Self::NoLines
            | Self::TooManyLines
            | Self::UnknownModel(_)
            | Self::NotServed(_)
            | Self::NotPriced(_) => "model",
            Self::NotOffered { .. } => "serving",
            Self::TooManyCalls | Self::TooLarge => "items",
            Self::Zero(part) | Self::TooLong { part, .. } => match part {
                Part::Items => "items",
                Part::Variants => "variants",
                Part::Repeats => "repeats",
                Part::Input => "input_tokens",
                Part::Output => "output_tokens",
            },
        }
    }
}

/// What a study comes to, or everything that is wrong with it.
pub fn estimate(
    prospect: &Prospect<'_>,
    study: &[StudyLine],
) -> Result<StudyCost, Vec<StudyWrong>> {
    let whole = |why| Err(vec![StudyWrong { line: None, why }]);
    if study.is_empty() {
        return whole(StudyRefused::NoLines);
    }
    if STUDY_LINES_MAX < study.len() {
        return whole(StudyRefused::TooManyLines);
    }
    let (mut lines, mut wrong) = (Vec::with_capacity(study.len()), Vec::new());
    for (index, line) in study.iter().enumerate() {
        match priced(prospect, line) {
            Ok(line) => lines.push(line),
            Err(why) => wrong.push(StudyWrong { line: Some(index), why }),
        }
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let Some(total) = Usd::sum(lines.iter().map(|line| line.cost)) else {
        return whole(StudyRefused::TooLarge);
    };
    let some_batch = lines.iter().any(|line| line.by_batch.is_some());
    let by_batch = Usd::sum(lines.iter().map(|line| line.by_batch.unwrap_or(line.cost)));
    Ok(StudyCost { lines, total, by_batch: by_batch.filter(|_| some_batch) })
}

fn priced(prospect: &Prospect<'_>, line: &StudyLine) -> Result<PricedLine, StudyRefused> {
    let found = prospect.catalog.model(line.model.as_str());
    let model = found.ok_or_else(|| StudyRefused::UnknownModel(line.model.clone()))?;
    let size = size(line)?;
    let cost = cost(model, line, size.calls)?;
    let line = StudyLine { model: model.id.clone(), ..line.clone() };
    let batch = StudyLine { serving: Serving::Batch, ..line.clone() };
    Ok(PricedLine {
        notes: notes(prospect, model, line.serving),
        cheaper: cheaper(prospect, model, &line, (size.calls, cost)),
        by_batch: self::cost(model, &batch, size.calls).ok().filter(|batch| *batch < cost),
        size,
        cost,
        line,
    })
}

/// How large a line is.
fn size(line: &StudyLine) -> Result<StudySize, StudyRefused> {
    let counts =
        [(Part::Items, line.items), (Part::Variants, line.variants), (Part::Repeats, line.repeats)];
    let mut calls = 1_u64;
    for (part, count) in counts {
        if count == 0 {
            return Err(StudyRefused::Zero(part));
        }
        let more = calls.checked_mul(count).filter(|calls| *calls <= LINE_CALLS_MAX);
        calls = more.ok_or(StudyRefused::TooManyCalls)?;
    }
    if line.input_tokens == 0 {
        return Err(StudyRefused::Zero(Part::Input));
    }
    for (part, tokens) in [(Part::Input, line.input_tokens), (Part::Output, line.output_tokens)] {
        if CALL_TOKENS_MAX < tokens {
            let (model, most) = (line.model.clone(), CALL_TOKENS_MAX);
            return Err(StudyRefused::TooLong { model, part, most });
        }
    }
    let tokens = line.input_tokens.saturating_add(line.output_tokens).saturating_mul(calls);
    Ok(StudySize { calls, tokens })
}

/// What so many calls cost, at a model and as they are served.
fn cost(model: &Model, line: &StudyLine, calls: u64) -> Result<Usd, StudyRefused> {
    let id = || model.id.clone();
    // What a session costs hangs on what is said in it, which no number of tokens tells.
    if !Endpoint::posted().any(|endpoint| model.mode.answers(endpoint)) {
        return Err(StudyRefused::NotServed(id()));
    }
    let prices = model.prices.as_ref().ok_or_else(|| StudyRefused::NotPriced(id()))?;
    let lengths = [
        (Part::Input, line.input_tokens, model.input_tokens_max),
        (Part::Output, line.output_tokens, model.output_tokens_max),
    ];
    for (part, tokens, most) in lengths {
        if let Some(most) = most.filter(|most| *most < tokens) {
            return Err(StudyRefused::TooLong { model: id(), part, most });
        }
    }
    let card = card_for(prices, line.serving, line.input_tokens)
        .map_err(|long| StudyRefused::NotOffered { model: id(), serving: line.serving, long })?;
    let usage = usage(model.mode, card, line, calls).ok_or(StudyRefused::TooLarge)?;
    price_on(card, &usage).map_err(|error| match error {
        Unpriced::TooLarge => StudyRefused::TooLarge,
        Unpriced::Kind(_) | Unpriced::Tier(_) | Unpriced::LongContext(_) => {
            StudyRefused::NotPriced(id())
        }
    })
}

/// The rate card of a call, or whether it is its length that has none.
fn card_for(prices: &Prices, serving: Serving, input: u64) -> Result<&RateCard, bool> {
    if let Some(tier) = serving.tier() {
        return card(prices, tier, input)
            .map_err(|error| matches!(error, Unpriced::LongContext(_)));
    }
    let long = prices.long_context.as_ref();
    if long.is_some_and(|long| long.above_input_tokens < input) {
        return Err(true);
    }
    prices.batch.as_ref().ok_or(false)
}

/// What so many calls use, in the units that a model of this kind is billed by. A model that makes
/// no tokens (embeddings, moderation) makes none, whatever the line says.
fn usage(mode: Mode, card: &RateCard, line: &StudyLine, calls: u64) -> Option<Usage> {
    let input = line.input_tokens.checked_mul(calls)?;
    let output = line.output_tokens.checked_mul(calls)?;
    let text = Usage { input, ..Usage::default() };
    Some(match mode {
        Mode::Embedding | Mode::Moderation => text,
        Mode::Image => Usage { image_out: output, ..text },
        Mode::Speech if card.character.is_some() => Usage { characters: input, ..Usage::default() },
        Mode::Speech => Usage { audio_out: output, ..text },
        Mode::Chat
        | Mode::Responses
        | Mode::Completion
        | Mode::Transcription
        | Mode::Voice
        | Mode::Realtime => Usage { output, ..text },
    })
}

fn notes(prospect: &Prospect<'_>, model: &Model, serving: Serving) -> Vec<Note> {
    let ends = model.shutdown.map(|from| Note::Ends {
        from,
        is_over: from <= prospect.today,
        successor: model.successor.clone(),
    });
    let is_limited = prospect.limited.contains(&model.id);
    let rest = [
        is_limited.then_some(Note::Limited),
        model.reasoning.then_some(Note::Reasons),
        (serving == Serving::Batch).then_some(Note::Batch),
    ];
    std::iter::once(ends).chain(rest).flatten().collect()
}

/// Whether a model can be called for as long as another: a study is planned for months.
fn lasts_as_long(other: &Model, model: &Model) -> bool {
    match (other.shutdown, model.shutdown) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(theirs), Some(ours)) => ours <= theirs,
    }
}

/// The models of a model's family and of its successor's on which a line costs less.
fn cheaper(
    prospect: &Prospect<'_>,
    model: &Model,
    line: &StudyLine,
    (calls, now): (u64, Usd),
) -> Vec<(ModelId, Usd)> {
    let catalog = prospect.catalog;
    let successor = model.successor.as_ref().and_then(|name| catalog.model(name.as_str()));
    let is_sibling = |other: &Model| {
        other.id != model.id
            && other.mode == model.mode
            && (other.family == model.family
                || successor.is_some_and(|next| next.family == other.family))
            && other.shutdown.is_none_or(|day| prospect.today < day)
            && lasts_as_long(other, model)
            && !prospect.limited.contains(&other.id)
    };
    let siblings = catalog.models.values().filter(|other| is_sibling(other));
    let mut found: Vec<(ModelId, Usd)> = siblings
        .filter_map(|other| Some((other.id.clone(), cost(other, line, calls).ok()?)))
        .filter(|(_, cost)| *cost < now)
        .collect();
    found.sort_by(|a, b| a.1.cmp(&b.1).then_with(|| a.0.cmp(&b.0)));
    found.truncate(CHEAPER_MAX);
    found
}

#[cfg(test)]
mod tests;
