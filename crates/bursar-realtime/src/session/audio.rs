//! The input audio: what was sent, and what of it is in the provider's buffer.

use std::collections::VecDeque;

use bursar_meter::BadRequest;

use super::hearing::Then;
use super::{Output, Session};
use crate::event::ClientEvent;
use crate::fields::not_offered;
use crate::item::{Counted, sound_bytes};
use crate::load::{Load, OVERHEAD_PER_ITEM};

/// Commits and clears that are on their way at a time.
const UNDER_WAY_MAX: usize = 256;

/// Where the input audio stands, in milliseconds from the session's beginning.
#[derive(Debug, Default)]
pub(super) struct Audio {
    /// Sent in all.
    sent_ms: u64,
    /// Up to there it is in the conversation, or was thrown away.
    taken_ms: u64,
    /// Where what was said last has ended.
    ended_ms: Option<u64>,
    /// Commits of the client's that are on their way: up to where each goes.
    commits: VecDeque<(u64, u64)>,
    clears: VecDeque<u64>,
}

impl Audio {
    /// What the buffer may hold.
    pub(super) fn waiting(&self) -> Load {
        Load::audio_ms(self.waiting_ms())
    }

    /// The same in milliseconds.
    pub(super) fn waiting_ms(&self) -> u64 {
        self.sent_ms.saturating_sub(self.taken_ms)
    }

    pub(super) fn clearing(&mut self) {
        if self.clears.len() < UNDER_WAY_MAX {
            self.clears.push_back(self.sent_ms);
        }
    }

    pub(super) fn cleared(&mut self) {
        if let Some(until) = self.clears.pop_front() {
            self.taken_ms = self.taken_ms.max(until);
        }
    }

    pub(super) fn ended(&mut self, at_ms: Option<u64>) {
        self.ended_ms = at_ms;
    }

    /// A commit was refused: nothing was taken.
    pub(super) fn refused(&mut self, number: u64) {
        self.commits.retain(|(known, _)| *known != number);
    }

    /// The provider has taken some of the buffer into the conversation: what that counts at the
    /// most, and whether the client had asked for it. What was sent since may still be in the
    /// buffer, and counts there too.
    fn committed(&mut self) -> (Load, bool) {
        let load = self.waiting().plus(Load::text(OVERHEAD_PER_ITEM));
        let asked = self.commits.pop_front();
        let until = asked.map(|(_, until)| until).or(self.ended_ms.take());
        // Where nobody says up to where, all of it may be there still.
        let until = until.unwrap_or(self.taken_ms).min(self.sent_ms);
        self.taken_ms = self.taken_ms.max(until);
        (load, asked.is_some())
    }
}

impl Session {
    /// Whether the model hears at all.
    pub(super) fn hears(&self, path: &str) -> Result<(), BadRequest> {
        let card = self.model.prices.as_ref().map(|prices| prices.standard).unwrap_or_default();
        match card.audio_in {
            Some(_) => Ok(()),
            None => Err(not_offered(path, "has audio, which has no price for this model")),
        }
    }

    /// What items count, with the speech in them.
    pub(super) fn counts(&self, counted: &Counted, path: &str) -> Result<Load, BadRequest> {
        if counted.audio_bytes == 0 {
            return Ok(counted.load);
        }
        self.hears(path)?;
        let long = counted.audio_bytes.div_ceil(self.standing.bytes_per_ms());
        Ok(counted.load.plus(Load::audio_ms(long)))
    }

    pub(super) fn append(&mut self, event: ClientEvent) -> Result<(), BadRequest> {
        self.hears("audio")?;
        let long = self.long(&event)?;
        let waiting = self.audio.waiting_ms().saturating_add(long);
        let then = Then::Append(Box::new(event));
        let then = if self.standing.may_transcribe() {
            self.pay_for_hearing(waiting, then)?
        } else {
            Some(then)
        };
        if let Some(Then::Append(event)) = then {
            self.send_append(*event);
        }
        Ok(())
    }

    /// How long the sound of an event is, in milliseconds.
    fn long(&self, event: &ClientEvent) -> Result<u64, BadRequest> {
        Ok(sound_bytes(event.text("audio")?).div_ceil(self.standing.bytes_per_ms()))
    }

    pub(super) fn send_append(&mut self, event: ClientEvent) {
        let long = self.long(&event).unwrap_or(0);
        self.audio.sent_ms = self.audio.sent_ms.saturating_add(long);
        self.pass(event);
    }

    pub(super) fn commit(&mut self, event: ClientEvent) {
        let number = self.names.number();
        if self.audio.commits.len() < UNDER_WAY_MAX {
            self.audio.commits.push_back((number, self.audio.sent_ms));
        }
        if self.standing.may_transcribe() {
            self.hearing_commits(number);
        }
        let name = self.names.give(number, event.event_id.clone());
        self.out.push_back(Output::Forward(event.written(Some(&name))));
    }

    pub(super) fn committed(&mut self, item: Option<String>, text: String) {
        let (load, was_asked) = self.audio.committed();
        self.feed(load);
        self.out.push_back(Output::Tell(text));
        self.hearing_committed(item, was_asked);
        if !was_asked && self.wants.answers {
            self.wants_answer = true;
            self.answer_if_wanted();
        }
    }

    pub(super) fn cleared(&mut self, text: String) {
        self.audio.cleared();
        self.out.push_back(Output::Tell(text));
        if self.has_left && self.audio.waiting_ms() == 0 {
            self.hearing_rests();
        }
    }
}
