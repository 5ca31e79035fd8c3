//! Who reviews what: the plan that costs least, where an ill-matched reviewer, an uneven load and
//! a change of an earlier plan each cost something, and a conflict is out of the question.
//!
//! The plan is a flow of least cost ([`flow`]): first as many reviews as can be had, spread over
//! the applications that lack some; then the least cost; then chance, out of a seed. Afterwards
//! pairs of lines are exchanged ([`mix`]) so that scores can be compared over the whole round.
//! Costs are whole numbers. The same problem and seed make the same plan, in whichever order
//! reviewers, applications and lines are listed.

mod difference;
mod flow;
mod mix;
mod prepare;
mod words;

use std::collections::BTreeSet;

use bursar_kernel::{ApplicationId, PersonId};
use serde::{Deserialize, Serialize};

pub use difference::{Difference, LoadChange, difference};

/// Reviewers of a round at the most: what takes time and memory grows with their square.
pub const REVIEWERS_MAX: usize = 1_000;
/// Applications of a round at the most.
pub const APPLICATIONS_MAX: usize = 10_000;
/// Reviewers times applications at the most: each pair is weighed.
pub const PAIRS_MAX: usize = 4_000_000;
/// Reviews of the round times the square of its reviewers at the most: about a minute.
pub const WORK_MAX: u64 = 20_000_000_000;
/// Reviews of one application at the most.
pub const REVIEWS_MAX: u32 = 20;
/// Any one cost at the most, so that no sum overflows.
pub const COST_MAX: u32 = 10_000;

/// What is to be planned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problem {
    /// Whoever reviews, each once.
    pub reviewers: Vec<Reviewer>,
    /// What is reviewed, each once.
    pub applications: Vec<Wanted>,
    /// Pairs with a conflict: no plan has one of them.
    pub conflicts: BTreeSet<(ApplicationId, PersonId)>,
    /// Lines of an earlier plan.
    pub kept: Vec<Kept>,
    /// What may become of these.
    pub mode: Mode,
    /// What costs what.
    pub costs: Costs,
    /// How many more reviewers are named for each application, should one drop out.
    pub alternates: usize,
    /// What decides between plans of one cost.
    pub seed: u64,
}

/// A reviewer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reviewer {
    /// Who.
    pub person: PersonId,
    /// What they know, in the labels of the program's topics.
    pub topics: BTreeSet<String>,
    /// How many applications they take at the most.
    pub max: u32,
}

/// An application, and how many reviews it is to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Which one.
    pub application: ApplicationId,
    /// What it is about, in the same labels.
    pub topics: BTreeSet<String>,
    /// How many reviews.
    pub reviews: u32,
}

/// A line of an earlier plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kept {
    /// The application.
    pub application: ApplicationId,
    /// Its reviewer.
    pub reviewer: PersonId,
    /// Whether the review has begun: no mode takes the line away.
    pub has_begun: bool,
}

/// What may become of the lines of an earlier plan. One with a conflict is taken away in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// They stay, also above a load or a number of reviews, and what is missing is added.
    #[default]
    Ensure,
    /// All but those whose review has begun may go, at a cost.
    Adjust,
}

impl Mode {
    /// The name that forms and JSON use: `ensure`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ensure => "ensure",
            Self::Adjust => "adjust",
        }
    }
}

/// What costs what, in whole numbers without a unit: only how they stand to one another matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Costs {
    /// A line whose reviewer knows none of the application's topics. One who knows some of them
    /// costs less, in proportion, and one who knows all costs nothing.
    pub mismatch: u32,
    /// A reviewer's second application; the third costs twice as much, and so on: so loads are
    /// even where topics allow it.
    pub balance: u32,
    /// A line of the earlier plan that is taken away ([`Mode::Adjust`]).
    pub removal: u32,
    /// What it may cost at the most to connect two groups of applications that no common reviewer
    /// connects, so that their scores can be compared.
    pub bridge: u32,
    /// What it may cost that two reviewers see one pair of applications less in common, so that
    /// more pairs of the round have some reviewer in common.
    pub meeting: u32,
}

impl Default for Costs {
    /// Ten more applications than somebody else weigh as much as knowing nothing of the topic.
    fn default() -> Self {
        Self { mismatch: 100, balance: 10, removal: 60, bridge: 200, meeting: 1 }
    }
}

/// Who reviews what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Its lines, by application and reviewer.
    pub lines: Vec<Line>,
    /// Lines of the earlier plan that are not in it.
    pub removed: Vec<Removed>,
    /// Applications that have fewer reviews than they are to have.
    pub shortfalls: Vec<Shortfall>,
    /// For each application, who could step in, the best first.
    pub alternates: Vec<Alternates>,
    /// How much each reviewer has.
    pub loads: Vec<Load>,
    /// What it costs.
    pub cost: Cost,
    /// Applications by what common reviewers connect, the largest group first. Scores of
    /// applications in different groups cannot be compared, so more than one is a warning.
    /// Applications without a line are in none.
    pub groups: Vec<Vec<ApplicationId>>,
    /// How many pairs of applications have at least one reviewer in common.
    pub pairs_in_common: u64,
}

impl Plan {
    /// What is to be known of it before anybody is told: groups that cannot be compared, and
    /// reviews that are missing. `None` where all is well.
    pub fn warning(&self) -> Option<String> {
        let mut warnings = Vec::new();
        if 1 < self.groups.len() {
            warnings.push(format!(
                "{} groups of applications have no reviewer in common, so their scores cannot be \
                 compared",
                self.groups.len()
            ));
        }
        match self.shortfalls.len() {
            0 => {}
            1 => warnings.push("1 application lacks reviews".to_owned()),
            count => warnings.push(format!("{count} applications lack reviews")),
        }
        (!warnings.is_empty()).then(|| warnings.join("; "))
    }
}

/// One line of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The application.
    pub application: ApplicationId,
    /// Its reviewer.
    pub reviewer: PersonId,
    /// Whether it was in the earlier plan.
    pub is_kept: bool,
    /// Topics of the application that the reviewer knows.
    pub topics: Vec<String>,
    /// Why, in words: `knows evaluation, red-teaming; 4 of 12`.
    pub reason: String,
}

/// A line of an earlier plan that is in the new one no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removed {
    /// The application.
    pub application: ApplicationId,
    /// Its reviewer.
    pub reviewer: PersonId,
    /// Why.
    pub why: Why,
}

/// Why a line is taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The reviewer has a conflict with the application.
    Conflict,
    /// The reviewer reviews in this round no more.
    ReviewerGone,
    /// The application is in this round no more.
    ApplicationGone,
    /// Another plan is better by more than what taking it away costs.
    Replanned,
}

impl Why {
    /// The reason in words that fit after a colon.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Conflict => "there is a conflict",
            Self::ReviewerGone => "the reviewer has left the round",
            Self::ApplicationGone => "the application has left the round",
            Self::Replanned => "another plan is better",
        }
    }
}

/// An application that has fewer reviews than it is to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shortfall {
    /// Which one.
    pub application: ApplicationId,
    /// How many reviews are missing.
    pub missing: u32,
    /// Why.
    pub lack: Lack,
}

impl Shortfall {
    /// What is missing and why: `1 missing: 2 of 12 reviewers have no conflict with it`.
    pub fn in_words(&self) -> String {
        let missing = self.missing;
        match self.lack {
            Lack::WithoutConflict { free, of } => {
                let verb = if free == 1 { "has" } else { "have" };
                format!("{missing} missing: {free} of {of} reviewers {verb} no conflict with it")
            }
            Lack::Load { free } => {
                format!(
                    "{missing} missing: the {free} reviewers without a conflict have all that \
                     they take"
                )
            }
        }
    }
}

/// Why reviews are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// There are too few reviewers without a conflict.
    WithoutConflict {
        /// How many there are.
        free: usize,
        /// Of how many.
        of: usize,
    },
    /// There would be enough, and they have as many applications as they take.
    Load {
        /// How many have no conflict.
        free: usize,
    },
}

/// Who could step in for an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alternates {
    /// Which one.
    pub application: ApplicationId,
    /// Reviewers without a conflict and with room, the best first, each with the reason in words.
    pub reviewers: Vec<(PersonId, String)>,
}

/// How much a reviewer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// Who.
    pub reviewer: PersonId,
    /// How many applications.
    pub count: u32,
    /// How many they take at the most.
    pub max: u32,
}

/// What a plan costs, by what costs it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Reviewers who do not know the topics.
    pub mismatch: u64,
    /// Loads.
    pub balance: u64,
    /// Lines taken away because another plan is better.
    pub removal: u64,
    /// What of all this was paid so that scores can be compared.
    pub mixing: u64,
}

impl Cost {
    /// All of it.
    pub const fn total(&self) -> u64 {
        self.mismatch.saturating_add(self.balance).saturating_add(self.removal)
    }
}

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProblemError {
    /// A reviewer is listed twice.
    #[error("plan with a reviewer who is listed twice, {0}\nhint: list each once")]
    ReviewerTwice(PersonId),
    /// An application is listed twice.
    #[error("plan with an application that is listed twice, {0}\nhint: list each once")]
    ApplicationTwice(ApplicationId),
    /// A round that is too large.
    #[error(
        "plan {applications} applications with {reviewers} reviewers\n\
         hint: a round has at most {APPLICATIONS_MAX} and {REVIEWERS_MAX}, and their product is \
         at most {PAIRS_MAX}"
    )]
    TooLarge {
        /// Applications of the round.
        applications: usize,
        /// Its reviewers.
        reviewers: usize,
    },
    /// A round that would take too long to plan.
    #[error(
        "plan {reviews} reviews by {reviewers} reviewers\n\
         hint: reviews times the square of reviewers are at most {WORK_MAX}; plan it in parts"
    )]
    TooMuch {
        /// Reviews of the round.
        reviews: u64,
        /// Its reviewers.
        reviewers: usize,
    },
    /// More reviews than anybody reads.
    #[error(
        "plan {reviews} reviews for {application}\nhint: an application has at most {REVIEWS_MAX}"
    )]
    TooManyReviews {
        /// Which application.
        application: ApplicationId,
        /// How many it was to have.
        reviews: u32,
    },
    /// A cost that is too high.
    #[error("plan at a cost of {cost}\nhint: a cost is at most {COST_MAX}")]
    CostTooHigh {
        /// The cost.
        cost: u32,
    },
}

/// The plan of least cost.
///
/// It takes a second for 2,000 applications of three reviews over 200 reviewers, and grows with the
/// reviews times the square of the reviewers: a round near [`WORK_MAX`] is planned where nobody
/// waits.
pub fn plan(problem: &Problem) -> Result<Plan, ProblemError> {
    let prepared = prepare::prepare(problem)?;
    let mut state = flow::solve(&prepared.network);
    let paid = mix::mix(&prepared, &mut state);
    Ok(words::told(problem, &prepared, &state, paid))
}

#[cfg(test)]
mod tests;
