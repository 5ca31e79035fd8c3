//! What limits count, and why a call may not go now.

use bursar_kernel::limits::{ABANDONED_READ_SECONDS_MAX, CALL_SECONDS_MAX, LEASE_SKEW_MAX};
use bursar_kernel::{PersonId, ProgramId, RateClassId, RateLimit};
use jiff::SignedDuration;

pub(super) const MINUTE: SignedDuration = SignedDuration::from_mins(1);
pub(super) const DAY: SignedDuration = SignedDuration::from_hours(24);

/// The longest that a call can be in flight, one whose client has left included.
#[expect(clippy::cast_possible_wrap, reason = "it is some minutes")]
pub(super) const CALL_LASTS_MAX: SignedDuration =
    SignedDuration::from_secs(CALL_SECONDS_MAX + ABANDONED_READ_SECONDS_MAX as i64);

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// Requests in a minute.
    RequestsPerMinute,
    /// Tokens in a minute.
    TokensPerMinute,
    /// Images in a minute.
    ImagesPerMinute,
    /// Calls in flight.
    ConcurrentCalls,
    /// Requests in a day.
    RequestsPerDay,
    /// Tokens in a day.
    TokensPerDay,
    /// Input tokens of batches that have not ended.
    BatchQueue,
}

/// What one call takes of its limits, beside its place among the requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Size {
    /// Tokens at the most, input and output together.
    pub tokens: u64,
    /// Images at the most.
    pub images: u64,
}

/// Whose limits they are: those of one holder in one class of a program's models.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RateOf {
    /// The holder.
    pub holder: PersonId,
    /// The program.
    pub program: ProgramId,
    /// The class of its models.
    pub class: RateClassId,
}

impl Measure {
    /// Those that a call takes from, in the order in which they are looked at.
    pub const OF_CALLS: [Self; 6] = [
        Self::RequestsPerMinute,
        Self::TokensPerMinute,
        Self::ImagesPerMinute,
        Self::ConcurrentCalls,
        Self::RequestsPerDay,
        Self::TokensPerDay,
    ];

    /// Its name, as a store writes it and a program file does.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RequestsPerMinute => "requests_per_minute",
            Self::TokensPerMinute => "tokens_per_minute",
            Self::ImagesPerMinute => "images_per_minute",
            Self::ConcurrentCalls => "concurrent_calls",
            Self::RequestsPerDay => "requests_per_day",
            Self::TokensPerDay => "tokens_per_day",
            Self::BatchQueue => "batch_queue_tokens",
        }
    }

    /// The measure of a name.
    pub fn of_name(name: &str) -> Option<Self> {
        let mut all = Self::OF_CALLS.into_iter().chain([Self::BatchQueue]);
        all.find(|measure| measure.name() == name)
    }

    /// What a limit says of it.
    pub const fn of(self, limit: &RateLimit) -> Option<u64> {
        match self {
            Self::RequestsPerMinute => limit.requests_per_minute,
            Self::TokensPerMinute => limit.tokens_per_minute,
            Self::ImagesPerMinute => limit.images_per_minute,
            Self::ConcurrentCalls => limit.concurrent_calls,
            Self::RequestsPerDay => limit.requests_per_day,
            Self::TokensPerDay => limit.tokens_per_day,
            Self::BatchQueue => limit.batch_queue_tokens,
        }
    }

    /// How much of it a call takes.
    pub const fn asked(self, size: Size) -> u64 {
        match self {
            Self::RequestsPerMinute | Self::RequestsPerDay | Self::ConcurrentCalls => 1,
            Self::TokensPerMinute | Self::TokensPerDay => size.tokens,
            Self::ImagesPerMinute => size.images,
            Self::BatchQueue => 0,
        }
    }

    /// Whether what is lent of it is for a stretch of the day, and counts for a day after that
    /// whatever becomes of who has it. All else is lent until it is given back.
    pub const fn is_dated(self) -> bool {
        matches!(self, Self::RequestsPerDay | Self::TokensPerDay)
    }

    /// How long what is lent of it still counts when its borrower is heard of no more: as long as
    /// what that let through may count, by clocks that are apart as far as they may be.
    pub fn counts_for(self) -> SignedDuration {
        match self {
            Self::RequestsPerMinute | Self::TokensPerMinute | Self::ImagesPerMinute => {
                MINUTE + LEASE_SKEW_MAX
            }
            // Whoever is cut off from the store may still be in the middle of its calls.
            Self::ConcurrentCalls => CALL_LASTS_MAX + LEASE_SKEW_MAX,
            Self::RequestsPerDay | Self::TokensPerDay => DAY + LEASE_SKEW_MAX,
            // A batch that has ended is in no queue.
            Self::BatchQueue => SignedDuration::ZERO,
        }
    }

    /// Its place in arrays of those that calls take from.
    pub(super) const fn place(self) -> usize {
        match self {
            Self::RequestsPerMinute => 0,
            Self::TokensPerMinute => 1,
            Self::ImagesPerMinute => 2,
            Self::ConcurrentCalls => 3,
            Self::RequestsPerDay => 4,
            Self::TokensPerDay | Self::BatchQueue => 5,
        }
    }
}

/// Why a call may not go now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooFast {
    /// Which limit it meets.
    pub measure: Measure,
    /// What that limit is.
    pub limit: u64,
    /// What has been taken of it.
    pub used: u64,
    /// What the call would take.
    pub asked: u64,
    /// How long until it may fit; `None` if it never does, since it asks for more than the limit.
    pub wait: Option<SignedDuration>,
}

/// What is left of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// The limit.
    pub limit: u64,
    /// What is left of it now.
    pub remaining: u64,
    /// How long until all of it is there again.
    pub reset: SignedDuration,
}

/// What is left of a class's limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Room {
    /// Requests: of the minute or of the day, whichever leaves fewer.
    pub requests: Option<Left>,
    /// Tokens: of the minute or of the day, whichever leaves fewer.
    pub tokens: Option<Left>,
    /// Images of the minute.
    pub images: Option<Left>,
}
