//! What was received, how it ended and what it used: for tests that reconcile, and for people.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use serde_json::Value;

/// Calls that are remembered: more than any test makes, and some megabytes at the most.
pub(crate) const CALLS_REMEMBERED_MAX: usize = 10_000;

/// One call that was received.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LoggedCall {
    /// Which call it is, counted from 1.
    pub number: u64,
    /// The `x-request-id` that it was answered with.
    pub request_id: String,
    /// The path it came to.
    pub path: String,
    /// The model that it named, where it could be read.
    pub model: Option<String>,
    /// Whether it asked for a stream.
    pub stream: bool,
    /// Bytes of its body.
    pub body_bytes: usize,
    /// The status of its answer; `None` while there is none.
    pub status: Option<u16>,
    /// How it ended.
    pub outcome: Outcome,
    /// Whether its client left before the end.
    pub aborted: bool,
    /// Each usage that was reported to the client, in order.
    pub reported: Vec<Value>,
    /// Input tokens that were counted, whatever was reported.
    pub input_tokens: u64,
    /// Output tokens made until the end or until the client left, whatever was reported: what an
    /// honest provider bills.
    pub output_tokens: u64,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It has not.
    Open,
    /// With its whole answer.
    Answered,
    /// With an error instead of an answer.
    Refused,
    /// With an error inside its stream, as the profile wants.
    Failed,
    /// With a dropped connection, as the profile wants.
    Cut,
    /// With its client gone.
    Aborted,
}

/// The calls of late, oldest first.
#[derive(Debug, Default)]
pub(crate) struct CallLog(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    received: u64,
    calls: VecDeque<LoggedCall>,
}

impl CallLog {
    /// Enters a call; its guard tells how it ended.
    pub(crate) fn open(self: &Arc<Self>, path: &str, identify: impl Fn(u64) -> String) -> OpenCall {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.received += 1;
        let call = LoggedCall {
            number: state.received,
            request_id: identify(state.received),
            path: path.to_owned(),
            model: None,
            stream: false,
            body_bytes: 0,
            status: None,
            outcome: Outcome::Open,
            aborted: false,
            reported: Vec::new(),
            input_tokens: 0,
            output_tokens: 0,
        };
        if state.calls.len() == CALLS_REMEMBERED_MAX {
            state.calls.pop_front();
        }
        state.calls.push_back(call.clone());
        OpenCall { log: Arc::clone(self), call }
    }

    /// The last calls, newest last.
    pub(crate) fn last(&self, limit: usize) -> Vec<LoggedCall> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let skipped = state.calls.len().saturating_sub(limit);
        state.calls.iter().skip(skipped).cloned().collect()
    }

    fn update(&self, call: &LoggedCall) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = state.calls.iter().rposition(|known| known.number == call.number);
        if let Some(known) = place.and_then(|place| state.calls.get_mut(place)) {
            known.clone_from(call);
        }
    }
}

/// A call that has not ended. Dropped as it is, its client has left.
#[derive(Debug)]
pub(crate) struct OpenCall {
    log: Arc<CallLog>,
    /// What is known about it; entered into the log by `note` and at its end.
    pub(crate) call: LoggedCall,
}

impl OpenCall {
    /// Enters what is known so far.
    pub(crate) fn note(&self) {
        self.log.update(&self.call);
    }

    /// Ends the call.
    pub(crate) fn end(mut self, outcome: Outcome) {
        self.call.outcome = outcome;
    }
}

impl Drop for OpenCall {
    fn drop(&mut self) {
        if self.call.outcome == Outcome::Open {
            self.call.outcome = Outcome::Aborted;
            self.call.aborted = true;
        }
        self.log.update(&self.call);
    }
}
