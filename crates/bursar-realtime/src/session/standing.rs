//! What stands before every response of a session: its instructions and tools, as the provider
//! shows them and as was asked since.

use std::collections::VecDeque;

use crate::load::Load;

/// Changes that were asked for and not shown yet. Beyond it they are taken together.
const ASKED_MAX: usize = 32;

/// A change that was asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    /// The number of the event that asks.
    pub(super) number: u64,
    pub(super) load: Load,
    /// Bytes of a millisecond of the input from then on, where that changes.
    pub(super) bytes_per_ms: Option<u64>,
    /// Whether the input is written down from then on, where that changes.
    pub(super) transcribes: Option<bool>,
}

/// What stands before every response. Whether a change is taken is only known once it is shown,
/// and until then the dearest of all counts.
#[derive(Debug, Default)]
pub(super) struct Standing {
    shown: Load,
    bytes_per_ms: Option<u64>,
    transcribes: bool,
    asked: VecDeque<Asked>,
}

impl Standing {
    pub(super) fn ask(&mut self, asked: Asked) {
        let is_full = ASKED_MAX <= self.asked.len();
        match self.asked.back_mut().filter(|_| is_full) {
            Some(last) => {
                last.load = last.load.or(asked.load);
                last.bytes_per_ms = fewest(last.bytes_per_ms, asked.bytes_per_ms);
                // Whether it is written down counts if anybody asked for it.
                last.transcribes = last.transcribes.max(asked.transcribes);
            }
            None => self.asked.push_back(asked),
        }
    }

    /// The provider has refused a change in so many words.
    pub(super) fn refused(&mut self, number: u64) {
        self.asked.retain(|asked| asked.number != number);
    }

    /// The provider shows what is in force. It shows each change once, in their order; one that it
    /// refused it does not show, and that counts until another was shown in its place.
    pub(super) fn show(&mut self, shown: Load, bytes_per_ms: u64, transcribes: bool) {
        self.asked.pop_front();
        (self.shown, self.bytes_per_ms) = (shown, Some(bytes_per_ms));
        self.transcribes = transcribes;
    }

    /// Whether the input may be written down.
    pub(super) fn may_transcribe(&self) -> bool {
        self.transcribes || self.asked.iter().any(|asked| asked.transcribes == Some(true))
    }

    pub(super) fn load(&self) -> Load {
        self.asked.iter().fold(self.shown, |load, asked| load.or(asked.load))
    }

    /// Bytes of a millisecond of the input, at the fewest.
    pub(super) fn bytes_per_ms(&self) -> u64 {
        let asked = self.asked.iter().map(|asked| asked.bytes_per_ms);
        let fewest = asked.fold(self.bytes_per_ms, fewest);
        fewest.unwrap_or(crate::item::BYTES_PER_MS_MIN).max(1)
    }
}

fn fewest(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
