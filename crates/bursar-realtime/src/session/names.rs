//! The names of our own events, and what a client calls those that they stand for.

use std::collections::VecDeque;

use crate::event::OWN_EVENTS;

/// Events whose clients' names are remembered: an error comes within a moment, if it comes.
const REMEMBERED: usize = 256;

/// Numbers for calls and events, and the events that went out under one.
#[derive(Debug, Default)]
pub(super) struct Names {
    next: u64,
    given: VecDeque<(u64, Option<String>)>,
}

impl Names {
    /// A number that no other has.
    pub(super) fn number(&mut self) -> u64 {
        self.next = self.next.saturating_add(1);
        self.next
    }

    /// The name of an event that goes out under a number.
    pub(super) fn give(&mut self, number: u64, client: Option<String>) -> String {
        if REMEMBERED <= self.given.len() {
            self.given.pop_front();
        }
        self.given.push_back((number, client));
        format!("{OWN_EVENTS}{number}")
    }

    /// The number of such a name, and what its client calls it.
    pub(super) fn of(&self, name: &str) -> Option<(u64, Option<String>)> {
        let number: u64 = name.strip_prefix(OWN_EVENTS)?.parse().ok()?;
        self.given.iter().find(|(given, _)| *given == number).cloned()
    }
}
