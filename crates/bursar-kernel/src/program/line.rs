//! Where a round's money goes, beside the order of its scores.

use crate::money::Usd;
use crate::share::BasisPoints;

/// What holds beside the order of the scores where a round does not pay for everybody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineTerms {
    /// What one person may have of a round.
    pub per_person: AwardCap,
    /// What one institution may have of a round.
    pub per_institution: AwardCap,
    /// Parts of the pool that a group comes first for.
    pub reserves: Vec<Reserve>,
    /// How much of what is asked for is awarded, by score; empty is all of it to everybody.
    pub tiers: Vec<AwardTier>,
    /// Whether whoever comes next and costs no more than is left is funded where the one before
    /// costs more; else the line is there.
    pub skips: bool,
}

/// The most that somebody may have of a round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AwardCap {
    /// How many awards; `None` is without limit.
    pub awards: Option<u32>,
    /// How much in all; `None` is without limit.
    pub amount: Option<Usd>,
}

/// A part of the pool that a group comes first for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reserve {
    /// What the group is called.
    pub group: String,
    /// The question that tells who is of it, which is a choice.
    pub field: String,
    /// Their answers to it, as values.
    pub answers: Vec<String>,
    /// The part of the pool.
    pub share: BasisPoints,
}

/// A part of what is asked for, from a score on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AwardTier {
    /// The least score, in points of 100.
    pub from: u32,
    /// The part of what is asked for.
    pub share: BasisPoints,
    /// What it comes to at the most; `None` is without limit.
    pub most: Option<Usd>,
}
