//! A round without its people: rows that tell what was scored and what became of it, and not whose.
//!
//! Whoever is in a row is a pseudonym: a keyed hash, whose key is drawn for one export and thrown
//! away, so that two exports cannot be set against each other and nobody can try names. Rows come
//! by pseudonym, so their order tells nothing. What an application has in common with fewer others
//! than stated is left out, and so is the next rarer answer where what is left out could be told
//! from what is there (see [`acceptance`](crate::report::acceptance)).
//!
//! Scores and amounts stay as they are. Whoever knows an amount from elsewhere knows the row.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use bursar_kernel::{ApplicationId, PersonId, Usd};
use serde::{Serialize, Serializer};

/// A name that stands for somebody or something in one export alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pseudonym(u64);

impl Pseudonym {
    /// `kind` keeps applications and people apart, should they have one identifier.
    fn of(key: &[u8; 32], kind: &str, id: [u8; 16]) -> Self {
        let mut hasher = blake3::Hasher::new_keyed(key);
        hasher.update(kind.as_bytes());
        hasher.update(&id);
        let mut first = [0; 8];
        hasher.finalize_xof().fill(&mut first);
        Self(u64::from_be_bytes(first))
    }
}

impl fmt::Display for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl Serialize for Pseudonym {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

/// An application with what may be told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which one.
    pub application: ApplicationId,
    /// What it asks for.
    pub asked: Option<Usd>,
    /// What became of it, in a word; `None` while that is not known outside.
    pub outcome: Option<&'static str>,
    /// What it was awarded.
    pub awarded: Option<Usd>,
    /// Its answers to questions that many answer alike, by the question.
    pub answers: BTreeMap<String, String>,
    /// Its reviews.
    pub reviews: Vec<Reviewed>,
}

/// A review with what may be told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reviewed {
    /// Whose.
    pub reviewer: PersonId,
    /// Scores by criterion.
    pub scores: BTreeMap<String, u32>,
    /// What it advises, in a word.
    pub recommendation: &'static str,
}

/// An application's row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// What stands for the application.
    pub application: Pseudonym,
    /// What it asks for.
    pub asked: Option<Usd>,
    /// What became of it.
    pub outcome: Option<&'static str>,
    /// What it was awarded.
    pub awarded: Option<Usd>,
    /// Its answers by the question; `None` where too few answered so.
    pub answers: BTreeMap<String, Option<String>>,
    /// Its reviews, by what stands for their reviewers.
    pub reviews: Vec<Opinion>,
}

/// A review in a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Opinion {
    /// What stands for the reviewer, in all rows.
    pub reviewer: Pseudonym,
    /// Scores by criterion.
    pub scores: BTreeMap<String, u32>,
    /// What it advises.
    pub recommendation: &'static str,
}

/// Rows of an export. `key` is drawn for it; an answer is told where `shared_by` applications or
/// more have it.
pub fn anonymous(entries: &[Entry], key: &[u8; 32], shared_by: u32) -> Vec<Row> {
    let questions: BTreeSet<&String> =
        entries.iter().flat_map(|entry| entry.answers.keys()).collect();
    let told: BTreeMap<&String, BTreeSet<&String>> = questions
        .into_iter()
        .map(|question| (question, told(entries, question, shared_by)))
        .collect();
    let row = |entry: &Entry| {
        let answer = |(question, answer): (&String, &String)| {
            let is_told = told.get(question).is_some_and(|told| told.contains(answer));
            (question.clone(), is_told.then(|| answer.clone()))
        };
        let review = |review: &Reviewed| {
            let Reviewed { reviewer, scores, recommendation } = review.clone();
            let reviewer = Pseudonym::of(key, "reviewer", reviewer.to_bytes());
            Opinion { reviewer, scores, recommendation }
        };
        let mut reviews: Vec<_> = entry.reviews.iter().map(review).collect();
        reviews.sort_by_key(|one| one.reviewer);
        Row {
            application: Pseudonym::of(key, "application", entry.application.to_bytes()),
            asked: entry.asked,
            outcome: entry.outcome,
            awarded: entry.awarded,
            answers: entry.answers.iter().map(answer).collect(),
            reviews,
        }
    };
    let mut rows: Vec<Row> = entries.iter().map(row).collect();
    rows.sort_by_key(|row| row.application);
    rows
}

/// The answers to a question that are told.
fn told<'e>(entries: &'e [Entry], question: &String, shared_by: u32) -> BTreeSet<&'e String> {
    let mut counts: BTreeMap<&String, u32> = BTreeMap::new();
    for answer in entries.iter().filter_map(|entry| entry.answers.get(question)) {
        *counts.entry(answer).or_default() += 1;
    }
    let is_small = |count: &u32| *count < shared_by;
    let mut left_out: u32 = counts.values().filter(|count| is_small(count)).sum();
    let mut kept: Vec<(u32, &String)> = counts
        .iter()
        .filter(|(_, count)| !is_small(count))
        .map(|(answer, count)| (*count, *answer))
        .collect();
    // The rarest last, so that as little as can be is lost.
    kept.sort_unstable_by(|one, other| other.cmp(one));
    while (1..shared_by).contains(&left_out) {
        let Some((count, _)) = kept.pop() else { break };
        left_out = left_out.saturating_add(count);
    }
    kept.into_iter().map(|(_, answer)| answer).collect()
}

#[cfg(test)]
mod tests;
