//! Who is funded from a pool that does not pay for all: the budget line over a ranked list.
//!
//! Applications are taken in their order until the money ends. The pool and the caps hold for
//! everybody, whatever an officer says; an officer's word outranks the order alone. Where the
//! evidence cannot tell who is on which side of the line, the list says so, and may be settled by
//! stated priorities and a draw. What another pool or award would do is asked by calling again.
//!
//! Scores are numbers to compare; money is [`Usd`], and no score is reckoned into it.

mod allot;
mod order;
mod words;

use std::collections::BTreeSet;

use bursar_kernel::{ApplicationId, BasisPoints, PersonId, Usd};
use serde::{Deserialize, Serialize};

/// What a round pays for, and how.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Terms {
    /// All there is.
    pub pool: Usd,
    /// Awards at the most; `None` is as many as the pool pays for.
    pub awards_max: Option<u32>,
    /// What one person may have.
    pub per_person: Cap,
    /// What one institution may have.
    pub per_institution: Cap,
    /// Parts of the pool that a group comes first for.
    pub reserves: Vec<Reserve>,
    /// How much of what is asked for is awarded, by score; empty is all of it to everybody.
    pub tiers: Vec<Tier>,
    /// What happens where the next application costs more than is left.
    pub shortage: Shortage,
    /// Groups that come first where the evidence cannot tell applications apart, the first of them
    /// before the others: applicants with limited funding, say.
    pub priorities: Vec<String>,
    /// The order that a draw has put the tie band in; it comes after priorities. See
    /// [`lottery`](crate::lottery).
    pub draw: Vec<ApplicationId>,
}

/// The most that somebody may have of a round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cap {
    /// How many awards; `None` is without limit.
    pub awards: Option<u32>,
    /// How much in all; `None` is without limit.
    pub amount: Option<Usd>,
}

/// A part of the pool that a group comes first for. Nobody else has any of it while one of the
/// group waits for money; the group's members draw on it before the rest of the pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reserve {
    /// The group.
    pub group: String,
    /// The part.
    pub share: BasisPoints,
}

/// A part of what is asked for, from a score on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// The least score in points.
    pub from: f64,
    /// The part of what is asked for.
    pub share: BasisPoints,
    /// What it comes to at the most; `None` is without limit.
    pub most: Option<Usd>,
}

/// What happens where the next application costs more than is left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shortage {
    /// The line is there: nobody behind it is funded in its place.
    #[default]
    Stop,
    /// Whoever comes next and costs no more than is left is funded.
    Skip,
}

/// An application on the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Which one.
    pub application: ApplicationId,
    /// Whoever the award would be counted for.
    pub people: BTreeSet<PersonId>,
    /// The institution that it would be counted for, by whatever names it.
    pub institution: Option<String>,
    /// Its score in points; `None` where nobody scored it.
    pub points: Option<f64>,
    /// From where to where the score may lie; `None` where nothing says.
    pub interval: Option<(f64, f64)>,
    /// How much is asked for, above zero.
    pub asked: Usd,
    /// How much is to be awarded in the place of what is asked for and of all tiers.
    pub award: Option<Usd>,
    /// Groups it belongs to.
    pub groups: BTreeSet<String>,
    /// An officer's word on it.
    pub word: Option<Word>,
}

/// An officer's word on an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Whether it is to be funded, if the pool and the caps let it; else it is not.
    pub fund: bool,
    /// Why.
    pub reason: String,
}

/// The list with its line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    /// Each application, in the order in which they were taken.
    pub verdicts: Vec<Verdict>,
    /// What the awards come to.
    pub awarded: Usd,
    /// What is left of the pool, reserves among it.
    pub left: Usd,
    /// What is left of that in reserves, by group.
    pub left_reserved: Vec<(String, Usd)>,
    /// Scores of the last that is funded by its place and of the first that is not, for want of
    /// money or awards, before anything was settled; `None` where nothing was short.
    pub line: Option<(f64, f64)>,
    /// Applications whose interval overlaps with the line: the evidence does not say on which side
    /// they belong.
    pub band: Vec<ApplicationId>,
    /// Who comes next should more money come in, in order.
    pub waiting: Vec<ApplicationId>,
}

/// What becomes of one application.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// Which one.
    pub application: ApplicationId,
    /// Its place, from 1.
    pub place: usize,
    /// What it gets, or would.
    pub amount: Usd,
    /// Whether it is funded, and why.
    pub why: Why,
    /// Why, in words: `funded by its place`.
    pub words: String,
    /// What it draws from reserves, by group.
    pub reserved: Vec<(String, Usd)>,
    /// What the awards come to up to here, in this order.
    pub running: Usd,
}

impl Verdict {
    /// Whether it is funded.
    pub const fn is_funded(&self) -> bool {
        match self.why {
            Why::ByPlace | Why::ByReserve | Why::ByWord => true,
            Why::Declined
            | Why::NoMoney { .. }
            | Why::BehindLine
            | Why::AwardsMax
            | Why::PersonCap
            | Why::InstitutionCap
            | Why::BelowTiers
            | Why::NoScore => false,
        }
    }

    /// Whether it would be funded if there were more money or more awards.
    pub const fn waits(&self) -> bool {
        match self.why {
            Why::NoMoney { .. } | Why::BehindLine | Why::AwardsMax => true,
            Why::ByPlace
            | Why::ByReserve
            | Why::ByWord
            | Why::Declined
            | Why::PersonCap
            | Why::InstitutionCap
            | Why::BelowTiers
            | Why::NoScore => false,
        }
    }
}

/// Why an application is funded or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Its place is above the line.
    ByPlace,
    /// Its group's reserve pays for it, all or in part.
    ByReserve,
    /// An officer says so.
    ByWord,
    /// An officer says that it is not.
    Declined,
    /// It costs more than is left for it.
    NoMoney {
        /// What is missing.
        lacks: Usd,
    },
    /// The line is before it.
    BehindLine,
    /// There are as many awards as there may be.
    AwardsMax,
    /// Somebody would have more than one person may.
    PersonCap,
    /// Its institution would have more than one may.
    InstitutionCap,
    /// Its score is below every tier.
    BelowTiers,
    /// Nobody scored it.
    NoScore,
}

/// Why there is no line.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LineError {
    /// An application is listed twice.
    #[error("draw a line over an application that is listed twice, {0}\nhint: list each once")]
    Twice(ApplicationId),
    /// An amount that is no award.
    #[error("award ${amount} to {application}\nhint: an award is above zero")]
    NotPositive {
        /// The application.
        application: ApplicationId,
        /// The amount.
        amount: Usd,
    },
    /// A pool below zero.
    #[error("award from a pool of ${0}\nhint: a pool is not below zero")]
    Pool(Usd),
    /// Reserves of more than the pool.
    #[error("reserve more than the pool\nhint: the shares of all groups come to 100 % at the most")]
    Reserves,
    /// A group with two reserves.
    #[error("reserve twice for `{0}`\nhint: one share for each group")]
    ReserveTwice(String),
    /// A score or an interval that is no number, or an interval from high to low.
    #[error(
        "compare the score of {0}\nhint: scores are numbers, and intervals go from low to high"
    )]
    NoNumber(ApplicationId),
    /// A tier that is no number or above nothing.
    #[error("award by a tier from {0} points\nhint: tiers begin at numbers, each once")]
    Tier(f64),
    /// A draw that leaves somebody of the tie band out.
    #[error("settle the tie band by a draw without {0}\nhint: draw again among all of the band")]
    NotDrawn(ApplicationId),
}

/// Draws the line over a list.
///
/// Applications come by their score, the highest first, equals by identifier; those without a
/// score last. Where there are priorities or a draw, the line is drawn once without them, which
/// makes the tie band; the band's applications then change places among themselves, and the line
/// is drawn again.
pub fn line(terms: &Terms, candidates: &[Candidate]) -> Result<Line, LineError> {
    let mut order = order::checked(terms, candidates)?;
    let mut allotted = allot::allot(terms, &order)?;
    let at = order::line(&order, &allotted);
    let band = order::band(&order, &allotted, at);
    if order::settle(terms, &band, &mut order)? {
        allotted = allot::allot(terms, &order)?;
    }
    Ok(words::told(terms, &order, allotted, &band, at))
}

#[cfg(test)]
mod tests;
