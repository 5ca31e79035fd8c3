//! What a round came to: acceptance by group, reviewers' loads, time to decision.
//!
//! Figures about groups of people can tell about one of them. So a group whose figures are small
//! is not shown, and neither is anything that it could be reckoned from: see [`acceptance`].

mod acceptance;
mod time;

use bursar_kernel::{PersonId, Timestamp};

pub use acceptance::{Acceptance, Count, Group, SMALL_BELOW, acceptance};
pub use time::{Spans, spans};

/// One review that somebody was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Who.
    pub reviewer: PersonId,
    /// When they were asked.
    pub at: Timestamp,
    /// When it is due, if a day was named: it is late at this instant and after it.
    pub due: Option<Timestamp>,
    /// What came of it.
    pub answer: Answer,
}

/// What came of a review that somebody was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing yet.
    Open,
    /// It was handed in.
    Done(Timestamp),
    /// The reviewer declined, or has a conflict.
    Declined,
}

/// What a reviewer was asked for and did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewerLoad {
    /// Who.
    pub reviewer: PersonId,
    /// How many reviews they were asked for.
    pub asked: u32,
    /// How many of these they handed in.
    pub done: u32,
    /// How many they declined.
    pub declined: u32,
    /// How many are open.
    pub open: u32,
    /// How many were handed in late, or are open and late.
    pub late: u32,
    /// How long those took that were handed in.
    pub took: Option<Spans>,
}

/// Reviewers' loads at an instant, by identifier.
pub fn loads(asked: &[Asked], now: Timestamp) -> Vec<ReviewerLoad> {
    let mut by_reviewer: std::collections::BTreeMap<PersonId, Vec<&Asked>> =
        std::collections::BTreeMap::new();
    for one in asked {
        by_reviewer.entry(one.reviewer).or_default().push(one);
    }
    let load = |(reviewer, own): (PersonId, Vec<&Asked>)| {
        let count = |is_counted: &dyn Fn(&Asked) -> bool| {
            let number = own.iter().filter(|one| is_counted(one)).count();
            u32::try_from(number).unwrap_or(u32::MAX)
        };
        let took = own.iter().filter_map(|one| match one.answer {
            Answer::Done(at) => Some((one.at, at)),
            Answer::Open | Answer::Declined => None,
        });
        ReviewerLoad {
            reviewer,
            asked: count(&|_| true),
            done: count(&|one| matches!(one.answer, Answer::Done(_))),
            declined: count(&|one| one.answer == Answer::Declined),
            open: count(&|one| one.answer == Answer::Open),
            late: count(&|one| is_late(one, now)),
            took: spans(took),
        }
    };
    by_reviewer.into_iter().map(load).collect()
}

fn is_late(asked: &Asked, now: Timestamp) -> bool {
    let by = |at: Timestamp| asked.due.is_some_and(|due| due <= at);
    match asked.answer {
        Answer::Open => by(now),
        Answer::Done(at) => by(at),
        Answer::Declined => false,
    }
}

#[cfg(test)]
mod tests;
