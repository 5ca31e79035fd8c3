//! The rounds of the world, found from the program's calendar and the present instant.

use bursar_kernel::{Program, Timestamp};
use bursar_program::calendar::{self, Round};
use jiff::{SignedDuration, ToSpan};

/// How long after a review month's end the officer releases its decisions.
const RELEASE_AFTER: SignedDuration = SignedDuration::from_mins(9 * 60 + 40);
/// How long after the earliest instant of delivery the job comes by.
const DELIVERY_AFTER: SignedDuration = SignedDuration::from_mins(5);
/// A past round's grants have been there for so long at the least.
const DELIVERED_FOR: SignedDuration = SignedDuration::from_hours(24 * 7);
/// A round that has not collected for so long yet has no applications to show.
const COLLECTED_FOR: SignedDuration = SignedDuration::from_hours(24 * 3);

/// Which of the world's rounds an application belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cohort {
    /// The earlier of the two past rounds.
    Older,
    /// The later of the two.
    Recent,
    /// The round between the past ones and the one that collects; that one, if there is none.
    Middle,
    /// The round that collects now.
    Open,
}

/// The world's rounds.
#[derive(Debug)]
pub(super) struct Rounds {
    older: Round,
    recent: Round,
    middle: Round,
    open: Round,
}

impl Rounds {
    /// The rounds around an instant.
    pub(super) fn around(program: &Program, now: Timestamp) -> Self {
        let round_at = |at: Timestamp| {
            calendar::round_for(program, at).expect("its program reviews in months of each year")
        };
        let collecting = round_at(now);
        let before = |round: &Round| round_at(round.collects_from - SignedDuration::from_millis(1));
        let mut middle = collecting.clone();
        let mut recent = before(&collecting);
        while now < delivered_at(program, &recent) + DELIVERED_FOR {
            middle = recent;
            recent = before(&middle);
        }
        let is_fresh = now < collecting.collects_from + COLLECTED_FOR;
        let open = if is_fresh { before(&collecting) } else { collecting };
        Self { older: before(&recent), recent, middle, open }
    }

    /// The round of a cohort.
    pub(super) const fn of(&self, cohort: Cohort) -> &Round {
        match cohort {
            Cohort::Older => &self.older,
            Cohort::Recent => &self.recent,
            Cohort::Middle => &self.middle,
            Cohort::Open => &self.open,
        }
    }

    /// Each round once, in order.
    pub(super) fn each(&self) -> Vec<&Round> {
        let mut rounds = vec![&self.older, &self.recent, &self.middle, &self.open];
        rounds.sort_by_key(|round| round.review_begins);
        rounds.dedup();
        rounds
    }

    /// When the world begins: a month before its first round collects.
    pub(super) fn begin(&self) -> Timestamp {
        self.older.collects_from - (24 * 30).hours()
    }
}

/// When an officer releases a round.
pub(super) fn released_at(round: &Round) -> Timestamp {
    round.review_ends + RELEASE_AFTER
}

/// When a round's accepted awards are delivered.
pub(super) fn delivered_at(program: &Program, round: &Round) -> Timestamp {
    calendar::delivery_window(program, released_at(round)).0 + DELIVERY_AFTER
}
