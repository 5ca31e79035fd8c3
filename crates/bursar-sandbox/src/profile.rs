//! How slow, broken or dishonest the sandbox is. By default it is none of these.

use std::time::Duration;

use http::StatusCode;
use serde::{Deserialize, Serialize};

use bursar_invention::Draw;

/// Milliseconds that a delay may last: longer than any client waits.
const DELAY_MS_MAX: u64 = 600_000;

/// How slow, broken or dishonest the sandbox is. A member left out is off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Profile {
    /// Wait before the first byte of an answer, its headers included.
    pub first_byte_delay_ms: Option<Delay>,
    /// Wait before each chunk of a stream but the first.
    pub chunk_delay_ms: Option<Delay>,
    /// Tokens in a chunk of a stream; a few where absent.
    pub tokens_per_chunk: Option<usize>,
    /// How long answers in plain words are before any limit cuts them; 40 to 400 where absent.
    pub answer_tokens: Option<Delay>,
    /// Refuse calls, whatever they ask.
    pub fail: Option<Failure>,
    /// Drop the connection in the middle of an answer.
    pub cut: Option<Cut>,
    /// What the answer says that the call used.
    pub usage: UsageReport,
    /// Take the request and never answer.
    pub hang: bool,
    /// Put an error into a stream that began well.
    pub stream_error: Option<StreamError>,
    /// Serve calls that ask for the priority tier at the default tier, and say so.
    pub downgrade_priority: bool,
    /// Milliseconds that a response takes in the background; half a second where absent.
    pub background_ms: Option<u64>,
    /// Milliseconds that a batch takes; half a second where absent.
    pub batch_ms: Option<u64>,
    /// Batches expire, or are cancelled, once so many lines were answered.
    pub batch_ends_after: Option<u64>,
    /// Batches lose the file of what they answered.
    pub batch_loses_output: bool,
    /// Uploads that are completed become a file of which this byte is another.
    pub upload_spoils_byte: Option<usize>,
}

/// A fixed number, or one drawn for each use: `200` or `{"min": 50, "max": 400}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Delay {
    /// Always the same.
    Fixed(u64),
    /// Drawn from the seed of the call.
    Range {
        /// At the least.
        min: u64,
        /// At the most.
        max: u64,
    },
}

impl Delay {
    pub(crate) fn draw(self, draw: &mut Draw) -> u64 {
        match self {
            Self::Fixed(value) => value,
            Self::Range { min, max } => draw.between(min, max),
        }
    }

    pub(crate) fn wait(self, draw: &mut Draw) -> Duration {
        Duration::from_millis(self.draw(draw))
    }

    fn at_most(self) -> u64 {
        match self {
            Self::Fixed(value) => value,
            Self::Range { max, .. } => max,
        }
    }
}

/// Refuse calls, whatever they ask: the next few, every Kth, or, with neither said, all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// The status, 400 to 599.
    pub status: u16,
    /// The error's `type`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The error's `code`.
    #[serde(default)]
    pub code: Option<String>,
    /// The error's `message`.
    #[serde(default)]
    pub message: Option<String>,
    /// Seconds for the `Retry-After` header.
    #[serde(default)]
    pub retry_after_s: Option<u64>,
    /// Refuse so many calls, then none.
    #[serde(default)]
    pub next: Option<u64>,
    /// Refuse the Kth call after the profile was set, the 2Kth, and so on.
    #[serde(default)]
    pub every: Option<u64>,
}

impl Failure {
    /// Whether it strikes at a call, counted from 1 since the profile was set.
    pub(crate) fn strikes(&self, call: u64) -> bool {
        match (self.next, self.every) {
            (Some(next), _) => call <= next,
            (None, Some(every)) => call.is_multiple_of(every),
            (None, None) => true,
        }
    }
}

/// Drop the connection in the middle of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cut {
    /// Chunks that arrive whole; an answer that is not streamed breaks off half way.
    pub after_chunks: u64,
    /// Whether half of the next chunk arrives too.
    #[serde(default)]
    pub mid_chunk: bool,
}

/// Put an error into a stream that began well; the stream ends there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StreamError {
    /// Chunks before it.
    pub after_chunks: u64,
    /// The error's `type`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The error's `code`.
    #[serde(default)]
    pub code: Option<String>,
    /// The error's `message`.
    #[serde(default)]
    pub message: Option<String>,
}

/// What an answer says that the call used: `"honest"`, `"zero"`, `{"times": 10}` and so on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UsageReport {
    /// What the tokenizer counted.
    #[default]
    Honest,
    /// Nothing at all.
    Omitted,
    /// Zeroes.
    Zero,
    /// The truth, in two chunks of a stream.
    Twice,
    /// So many times the truth.
    Times(u64),
}

impl UsageReport {
    /// How many times the truth an answer with one report tells. `None`: it tells nothing.
    pub(crate) fn times(self) -> Option<u64> {
        match self {
            Self::Honest | Self::Twice => Some(1),
            Self::Zero => Some(0),
            Self::Times(times) => Some(times),
            Self::Omitted => None,
        }
    }
}

/// Why a profile makes no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileError(String);

impl std::fmt::Display for ProfileError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ProfileError {}

impl Profile {
    /// Checks that every member makes sense.
    pub fn check(&self) -> Result<(), ProfileError> {
        let wrong = |why: &str| Err(ProfileError(why.to_owned()));
        for delay in [self.first_byte_delay_ms, self.chunk_delay_ms].into_iter().flatten() {
            if delay.at_most() > DELAY_MS_MAX {
                return wrong("a delay is longer than 600000 ms");
            }
        }
        let spans = [self.first_byte_delay_ms, self.chunk_delay_ms, self.answer_tokens];
        for span in spans.into_iter().flatten() {
            if matches!(span, Delay::Range { min, max } if max < min) {
                return wrong("a range has a `max` below its `min`");
            }
        }
        if self.tokens_per_chunk == Some(0) {
            return wrong("`tokens_per_chunk` is 0; it takes at least 1");
        }
        let Some(failure) = &self.fail else {
            return Ok(());
        };
        let status = StatusCode::from_u16(failure.status);
        if !status.is_ok_and(|status| status.is_client_error() || status.is_server_error()) {
            return wrong("`fail.status` is not from 400 to 599");
        }
        if failure.next.is_some() && failure.every.is_some() {
            return wrong("`fail` has both `next` and `every`; keep one");
        }
        if failure.every == Some(0) {
            return wrong("`fail.every` is 0; it takes at least 1");
        }
        Ok(())
    }
}
