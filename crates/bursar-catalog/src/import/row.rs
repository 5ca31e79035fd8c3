//! One model of a price file, in the words of a catalog.

use std::collections::BTreeMap;

use bursar_kernel::{Mode, Rate, RateCard};
use jiff::civil::Date;

use crate::compare::Band;

/// A price file: what it says of a provider's models.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) rows: BTreeMap<String, Row>,
    pub(super) left_out: Vec<super::LeftOut>,
}

/// What a file says of one model.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// What kind of call it answers; `None` where the file does not say.
    pub(super) mode: Option<Mode>,
    pub(super) input_tokens_max: Option<u64>,
    pub(super) output_tokens_max: Option<u64>,
    pub(super) shutdown: Option<Date>,
    pub(super) reasoning: bool,
    /// Whether it takes images.
    pub(super) sees: bool,
    pub(super) cards: BTreeMap<Band, RateCard>,
    /// From how many tokens of input on the prices for long inputs hold.
    pub(super) long_above: Option<u64>,
    /// Whether it is a model of its own, or another name that is of use only where a catalog has
    /// it.
    pub(super) is_model: bool,
    /// What of it was not taken, and why.
    pub(super) notes: Vec<String>,
}

impl Row {
    pub(super) fn new(mode: Option<Mode>) -> Self {
        Self {
            mode,
            input_tokens_max: None,
            output_tokens_max: None,
            shutdown: None,
            reasoning: false,
            sees: false,
            cards: BTreeMap::new(),
            long_above: None,
            is_model: true,
            notes: Vec::new(),
        }
    }

    /// Sets a price; by the catalog's name of its kind.
    pub(super) fn set(&mut self, band: Band, kind: &str, rate: Rate) {
        let card = self.cards.entry(band).or_default();
        if let Some((_, field)) = fields(card).into_iter().find(|(name, _)| *name == kind) {
            *field = Some(rate);
        }
    }

    /// Keeps what a model of this kind is billed by, and of it one unit: a file may list the same
    /// money by token and by second, and a call must be billed once.
    pub(super) fn keep_billed(&mut self, mode: Mode) {
        let standard = self.cards.get(&Band::Standard).copied().unwrap_or_default();
        let billed: &[&str] = match mode {
            Mode::Chat | Mode::Responses | Mode::Completion => {
                &["input", "cached", "cache_write", "output"]
            }
            Mode::Embedding | Mode::Moderation => &["input"],
            Mode::Image => &["input", "cached", "image_in", "output", "image_out"],
            Mode::Speech if standard.character.is_some() => &["character"],
            Mode::Speech => &["input", "audio_out"],
            Mode::Transcription if standard.output.is_some() => &["input", "audio_in", "output"],
            Mode::Transcription => &["second"],
            Mode::Voice | Mode::Realtime => {
                &["input", "cached", "audio_in", "audio_cached", "image_in", "output", "audio_out"]
            }
        };
        let is_free = mode == Mode::Moderation;
        for card in self.cards.values_mut() {
            for (name, field) in fields(card) {
                let is_nothing = *field == Some(Rate::ZERO) && !is_free;
                if !billed.contains(&name) || is_nothing {
                    *field = None;
                }
            }
        }
        self.cards.retain(|_, card| *card != RateCard::default());
    }
}

/// Every kind of usage, and where its price goes.
pub(super) fn fields(card: &mut RateCard) -> [(&'static str, &mut Option<Rate>); 11] {
    [
        ("input", &mut card.input),
        ("cached", &mut card.cached),
        ("cache_write", &mut card.cache_write),
        ("audio_in", &mut card.audio_in),
        ("audio_cached", &mut card.audio_cached),
        ("image_in", &mut card.image_in),
        ("output", &mut card.output),
        ("audio_out", &mut card.audio_out),
        ("image_out", &mut card.image_out),
        ("character", &mut card.character),
        ("second", &mut card.second),
    ]
}
