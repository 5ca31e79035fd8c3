//! The lines that come out: what each was billed for.

use bursar_kernel::{Endpoint, Model, ServiceTier, Usage, Usd};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::answer::read_answer;
use crate::price::price;
use crate::usage::read_usage;

/// What the lines of an output file tell together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchOutput {
    endpoint: Endpoint,
    above: Option<u64>,
    usage: Usage,
    answered: u64,
    unreadable: u64,
}

/// How a batch did, as the provider counts it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct BatchCounts {
    /// Lines.
    pub total: u64,
    /// Lines that were answered.
    pub completed: u64,
    /// Lines that failed: nothing is due for them.
    pub failed: u64,
}

#[derive(Deserialize)]
struct OutputLine<'a> {
    #[serde(borrow)]
    response: Option<LineAnswer<'a>>,
}

#[derive(Deserialize)]
struct LineAnswer<'a> {
    status_code: u16,
    #[serde(borrow)]
    body: Option<&'a RawValue>,
}

impl BatchOutput {
    /// Nothing read yet, of a batch of one model at an endpoint.
    pub fn new(endpoint: Endpoint, model: &Model) -> Self {
        let long = model.prices.as_ref().and_then(|prices| prices.long_context.as_ref());
        let above = long.map(|long| long.above_input_tokens);
        Self { endpoint, above, usage: Usage::default(), answered: 0, unreadable: 0 }
    }

    /// Takes one more line. One that cannot be read hides something.
    pub fn add(&mut self, line: &Bytes) {
        let Ok(read) = serde_json::from_slice::<OutputLine<'_>>(line) else {
            return self.hide();
        };
        // Without an answer, or with a refusal, nothing was made.
        let Some(answer) = read.response.filter(|answer| answer.status_code < 300) else { return };
        let usage = answer.body.and_then(|body| {
            let usage = read_answer(self.endpoint, body.get().as_bytes()).usage?;
            // Past the step for long inputs no price of a batch is known.
            (usage.input_total() <= self.above.unwrap_or(u64::MAX)).then_some(usage)
        });
        match usage.and_then(|usage| self.usage.checked_add(usage)) {
            Some(usage) => {
                self.usage = usage;
                self.answered = self.answered.saturating_add(1);
            }
            None => self.hide(),
        }
    }

    fn hide(&mut self) {
        self.unreadable = self.unreadable.saturating_add(1);
    }

    /// What all lines used, where that is known: each could be read, and none is missing of those
    /// that the provider counts.
    pub fn usage(&self, counts: Option<BatchCounts>) -> Option<Usage> {
        let completed = counts?.completed;
        (self.unreadable == 0 && completed <= self.answered).then_some(self.usage)
    }
}

/// What a batch says of itself that it used.
pub fn batch_usage(json: &str) -> Option<Usage> {
    read_usage(Endpoint::Responses, json)
}

/// What a usage costs at the prices of a batch, summed exactly and rounded up once; `None` where
/// something of it has no price.
pub fn batch_price(model: &Model, usage: &Usage) -> Option<Usd> {
    price(model.prices.as_ref()?, ServiceTier::Batch, usage).ok()
}
