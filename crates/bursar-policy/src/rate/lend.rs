//! How processes that share a store share a limit: each borrows a part of it, and lets through on
//! its own what that part has room for.
//!
//! What is lent of all that counts never comes to more than the limit, and a part counts as long as
//! anything that was let through on it does. So no window ever holds more than the limit, whoever
//! crashes, stalls or is cut off.

use bursar_kernel::limits::LEASE_SKEW_MAX;
use bursar_kernel::{NodeId, RequestId, Timestamp};
use jiff::SignedDuration;

use super::measure::{DAY, Measure, RateOf, TooFast};

/// A stretch of the day that parts of a day's limit are lent for. What was let through counts until
/// a day after the stretch has ended, so that a shorter one gives it back sooner, and a longer one
/// makes fewer parts.
const STRETCH: SignedDuration = SignedDuration::from_mins(15);
/// A part of a day's limit is at the most this part of it, unless more is needed at once: what a
/// process that dies had not used yet is gone for a day.
const DAY_PARTS: u64 = 20;

/// Who has a part of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Borrower {
    /// A process, which lets calls through on it.
    Node(NodeId),
    /// A batch, for as long as it goes on.
    Batch(RequestId),
}

impl Borrower {
    /// As sixteen bytes, for a column: no two have the same, of whichever kind.
    pub const fn to_bytes(self) -> [u8; 16] {
        match self {
            Self::Node(id) => id.to_bytes(),
            Self::Batch(id) => id.to_bytes(),
        }
    }

    /// Who has a part of a measure, as [`Borrower::to_bytes`] wrote it.
    pub const fn of(measure: Measure, bytes: [u8; 16]) -> Self {
        match measure {
            Measure::BatchQueue => Self::Batch(RequestId::from_bytes(bytes)),
            Measure::RequestsPerMinute
            | Measure::TokensPerMinute
            | Measure::ImagesPerMinute
            | Measure::ConcurrentCalls
            | Measure::RequestsPerDay
            | Measure::TokensPerDay => Self::Node(NodeId::from_bytes(bytes)),
        }
    }
}

/// A part of a limit that somebody has, or had and that still counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Who.
    pub by: Borrower,
    /// Of what.
    pub measure: Measure,
    /// Which of theirs: the stretch of the day, or zero for the one that they have until they give
    /// it back. One that was ended is called after the instant.
    pub stretch: i64,
    /// How much.
    pub amount: u64,
    /// When it counts no longer; `None` as long as they have it.
    pub ends_at: Option<Timestamp>,
    /// When some of it comes free, as they said when they were last asked; `None` if they were
    /// asked and have not said.
    pub free_at: Option<Timestamp>,
}

impl Share {
    /// Whether it counts.
    pub fn counts(&self, now: Timestamp) -> bool {
        self.ends_at.is_none_or(|ends_at| now < ends_at)
    }

    /// Whether it is one that a process can still use, and could give some of back.
    pub fn is_in_use(&self, now: Timestamp) -> bool {
        let is_a_batchs = self.measure == Measure::BatchQueue;
        !is_a_batchs && (self.ends_at.is_none() || self.stretch == stretch_of(now))
    }

    /// The same when its borrower has left, or is taken for dead.
    #[must_use]
    pub fn ended(self, now: Timestamp) -> Self {
        match self.ends_at {
            Some(_) => self,
            None => Self {
                stretch: now.as_millisecond(),
                ends_at: Some(now + self.measure.counts_for()),
                ..self
            },
        }
    }
}

/// A process, or a batch, asks for parts of limits, and says what it goes on having.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateAsk {
    /// Who asks.
    pub by: Borrower,
    /// Of whose limits.
    pub of: RateOf,
    /// How many processes share the store and live.
    pub nodes: u32,
    /// Of which of them.
    pub lines: Vec<Line>,
}

/// What is asked of one limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Of what.
    pub measure: Measure,
    /// For which stretch of the day; zero for what is not dated.
    pub stretch: i64,
    /// What it has and goes on having. What it had above that is given back.
    pub keep: u64,
    /// How much more it needs.
    pub want: u64,
    /// What the limit is.
    pub limit: u64,
    /// When some of what it keeps comes free.
    pub free_at: Option<Timestamp>,
}

/// What was lent of one limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lent {
    /// Of what.
    pub measure: Measure,
    /// For which stretch.
    pub stretch: i64,
    /// All that who asked has of it now.
    pub amount: u64,
    /// What others have of it, and what still counts of what anybody had.
    pub others: u64,
    /// When what was asked for and is missing may be there.
    pub free_at: Option<Timestamp>,
}

/// Answers a question: what there is to write, and what to say. A part of nothing is none. A batch
/// gets all that it asks for, or the reason why it gets nothing.
pub fn lend(
    shares: &[Share],
    ask: &RateAsk,
    now: Timestamp,
) -> Result<(Vec<Share>, Vec<Lent>), TooFast> {
    let (mut written, mut answers) = (Vec::new(), Vec::with_capacity(ask.lines.len()));
    for line in &ask.lines {
        let (share, lent) = lend_one(shares, ask, line, now)?;
        written.push(share);
        answers.push(lent);
    }
    Ok((written, answers))
}

fn lend_one(
    shares: &[Share],
    ask: &RateAsk,
    line: &Line,
    now: Timestamp,
) -> Result<(Share, Lent), TooFast> {
    let is_mine = |share: &&Share| {
        share.by == ask.by
            && share.measure == line.measure
            && share.stretch == line.stretch
            && (line.measure.is_dated() || share.ends_at.is_none())
    };
    // What it had may have been ended unbeknown to it: then it has nothing.
    let had = shares.iter().find(is_mine).map_or(0, |share| share.amount);
    let keep = line.keep.min(had);
    let counting = || {
        let others = shares.iter().filter(|share| !is_mine(share));
        others.filter(|share| share.measure == line.measure && share.counts(now))
    };
    let others = counting().map(|share| share.amount).fold(0, u64::saturating_add);
    let free = line.limit.saturating_sub(others.saturating_add(keep));
    let more = match ask.by {
        _ if line.want == 0 => 0,
        Borrower::Batch(_) if free < line.want => {
            let (measure, limit, asked) = (line.measure, line.limit, line.want);
            // Nobody knows when a batch ends.
            let wait = (asked <= limit).then_some(QUEUE_ASKED_AGAIN_AFTER);
            return Err(TooFast { measure, limit, used: others, asked, wait });
        }
        Borrower::Batch(_) => line.want,
        Borrower::Node(_) => free.min(line.want.max(portion(line, free, ask.nodes))),
    };
    let missing = line.want.saturating_sub(more);
    let amount = keep.saturating_add(more);
    let share = Share {
        by: ask.by,
        measure: line.measure,
        stretch: line.stretch,
        amount,
        ends_at: line.measure.is_dated().then(|| end_of(line.stretch)),
        free_at: line.free_at,
    };
    let lent = Lent {
        measure: line.measure,
        stretch: line.stretch,
        amount,
        others,
        free_at: enough_at(counting(), missing),
    };
    Ok((share, lent))
}

/// How soon a batch that finds the queue full may be sent again.
const QUEUE_ASKED_AGAIN_AFTER: SignedDuration = SignedDuration::from_mins(1);

/// How much is lent beyond the need, so that the store is not asked for each call: all to who is
/// alone, and else what leaves as much for each of the others. Of a day, a small part.
fn portion(line: &Line, free: u64, nodes: u32) -> u64 {
    let fair = match u64::from(nodes.max(1)) {
        1 => free,
        nodes => free / (2 * nodes),
    };
    if line.measure.is_dated() { fair.min(line.limit / DAY_PARTS) } else { fair }
}

/// When so much of others' parts may be free, the soonest first.
fn enough_at<'a>(shares: impl Iterator<Item = &'a Share>, missing: u64) -> Option<Timestamp> {
    let mut ends: Vec<(Timestamp, u64)> =
        shares.filter_map(|share| Some((share.ends_at.or(share.free_at)?, share.amount))).collect();
    ends.sort_unstable();
    let mut freed = 0_u64;
    let enough = ends.into_iter().find(|(_, amount)| {
        freed = freed.saturating_add(*amount);
        missing <= freed
    });
    enough.filter(|_| 0 < missing).map(|(at, _)| at)
}

/// The stretch of the day that an instant lies in, by the millisecond that it begins with.
pub(super) fn stretch_of(now: Timestamp) -> i64 {
    let (now, long) = (now.as_millisecond(), STRETCH_MILLIS);
    now.saturating_sub(now.rem_euclid(long))
}

const STRETCH_MILLIS: i64 = 15 * 60 * 1_000;
const _: () = assert!(STRETCH.as_secs() * 1_000 == STRETCH_MILLIS);

/// When what was let through in a stretch counts no longer, by whichever clock.
pub(super) fn end_of(stretch: i64) -> Timestamp {
    let begin = Timestamp::from_millisecond(stretch).unwrap_or(Timestamp::MAX);
    let over = STRETCH + DAY + LEASE_SKEW_MAX;
    begin.checked_add(over).unwrap_or(Timestamp::MAX)
}
