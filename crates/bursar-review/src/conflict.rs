//! Who may not review what, found before anybody is invited.
//!
//! A conflict has three sources: what is found by comparing facts, what a reviewer declared, and
//! what an officer pinned. An officer can set aside what was found and what rests on a name alone;
//! nobody sets aside that somebody reviews their own application, or what a reviewer declared.

mod find;
mod index;
mod names;

use std::collections::BTreeSet;

use bursar_kernel::{ApplicationId, PersonId, Timestamp};
use serde::{Deserialize, Serialize};

pub use find::{can_be_set_aside, find};

/// Somebody, as far as they are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Somebody {
    /// Their account.
    pub person: Option<PersonId>,
    /// Their name as they or others write it; empty where nobody says.
    pub name: String,
    /// Their mail addresses.
    pub addresses: Vec<String>,
}

/// Membership in an institution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Affiliation {
    /// Its ROR id, with or without the address before it; `None` where nobody knows it. Then names
    /// are compared.
    pub ror: Option<String>,
    /// Its name.
    pub name: String,
    /// Until when it held; `None` while it holds.
    pub until: Option<Timestamp>,
}

/// Somebody whom a reviewer has written with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coauthor {
    /// Who.
    pub who: Somebody,
    /// When they last did; `None` while they do.
    pub until: Option<Timestamp>,
}

/// A conflict that a reviewer declares. It holds until they take it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// What it is about.
    pub about: About,
    /// Why, in their words.
    pub words: String,
}

/// What a reviewer's declared conflict is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// One application.
    Application(ApplicationId),
    /// Whatever somebody takes part in.
    Person(Somebody),
    /// Whatever comes from an institution: its ROR id.
    Institution(String),
}

/// What is known of a reviewer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewerFacts {
    /// Their account.
    pub person: PersonId,
    /// Their name; empty where nobody says.
    pub name: String,
    /// Their mail addresses.
    pub addresses: Vec<String>,
    /// Domains of these that belong to one institution. The caller leaves out those that anybody
    /// can have an address at, and gives no public suffix.
    pub domains: Vec<String>,
    /// Where they are and were.
    pub affiliations: Vec<Affiliation>,
    /// Whom they have written with.
    pub coauthors: Vec<Coauthor>,
    /// What they declared.
    pub declared: Vec<Declared>,
    /// Whether they apply in this round as well.
    pub applies: bool,
}

/// What is known of an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApplicationFacts {
    /// Which one.
    pub application: ApplicationId,
    /// Whoever applies and whoever takes part, or is invited to.
    pub people: Vec<Somebody>,
    /// Domains of their mail addresses that belong to one institution, as of a reviewer's.
    pub domains: Vec<String>,
    /// Where they are.
    pub affiliations: Vec<Affiliation>,
    /// Whom they name as co-authors of the work and who takes no part in the application.
    pub coauthors: Vec<Somebody>,
    /// What an officer pinned.
    pub pins: Vec<Pin>,
}

/// An officer's word on one reviewer and an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// The reviewer.
    pub reviewer: PersonId,
    /// Whether there is a conflict; `false` sets aside what was found.
    pub conflict: bool,
    /// Why.
    pub words: String,
}

/// What a program says of conflicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// For how many years a former institution still counts; 0 counts the present ones only.
    pub institution_years: u32,
    /// For how many years after the last common work a co-author still counts.
    pub coauthor_years: u32,
    /// Whether somebody who applies in a round may review others' applications in it.
    pub applicants_review: bool,
}

/// Why one reviewer may not review one application.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conflict {
    /// The application.
    pub application: ApplicationId,
    /// The reviewer.
    pub reviewer: PersonId,
    /// Of which kind it is.
    pub kind: Kind,
    /// Who says so.
    pub source: Source,
    /// Whether it rests on a name alone, which two people can share.
    pub by_name: bool,
    /// Why, in words that fit after the reviewer's name. For officers only: it names people.
    pub reason: String,
}

/// Kinds of conflicts, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// It is their own application.
    OwnApplication,
    /// An officer says so.
    Pinned,
    /// The reviewer says so.
    Declared,
    /// They have written together.
    Coauthor,
    /// They are, or were lately, at the same institution.
    Institution,
    /// They have mail addresses of the same institution.
    MailDomain,
    /// The reviewer applies in the same round.
    AlsoApplies,
}

impl Kind {
    /// The name that columns and JSON use: `own_application`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OwnApplication => "own_application",
            Self::Pinned => "pinned",
            Self::Declared => "declared",
            Self::Coauthor => "coauthor",
            Self::Institution => "institution",
            Self::MailDomain => "mail_domain",
            Self::AlsoApplies => "also_applies",
        }
    }
}

/// Who says that there is a conflict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// It was found by comparing facts.
    Found,
    /// The reviewer declared it.
    Declared,
    /// An officer pinned it.
    Pinned,
}

impl Source {
    /// The name that columns and JSON use: `found`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Declared => "declared",
            Self::Pinned => "pinned",
        }
    }
}

/// A conflict that an officer set aside, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// The conflict.
    pub conflict: Conflict,
    /// The officer's words.
    pub words: String,
}

/// What was found, in the order of applications, then of reviewers, then of kinds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// Conflicts: each keeps its reviewer from its application.
    pub conflicts: Vec<Conflict>,
    /// Conflicts that an officer set aside.
    pub set_aside: Vec<SetAside>,
}

impl Findings {
    /// Applications and reviewers that are kept apart, as [`assign`](crate::assign) takes them.
    pub fn pairs(&self) -> BTreeSet<(ApplicationId, PersonId)> {
        self.conflicts.iter().map(|conflict| (conflict.application, conflict.reviewer)).collect()
    }
}

/// A fact that cannot be compared. Nothing is found where one is wrong: a conflict that is
/// overlooked is worse than a question.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FactError {
    /// A reviewer is listed twice.
    #[error("compare a reviewer who is listed twice, {0}\nhint: list each once, with all facts")]
    ReviewerTwice(PersonId),
    /// An application is listed twice.
    #[error("compare an application that is listed twice, {0}\nhint: list each once")]
    ApplicationTwice(ApplicationId),
    /// Something that is no ROR id.
    #[error("read `{text}` of {whose} as a ROR id\nhint: one looks like `052gg0110`")]
    Ror {
        /// What it was.
        text: String,
        /// Whose: a reviewer's or an application's identifier.
        whose: String,
    },
    /// Something that is no domain.
    #[error("read `{text}` of {whose} as a mail domain\nhint: one looks like `example.edu`")]
    Domain {
        /// What it was.
        text: String,
        /// Whose: a reviewer's or an application's identifier.
        whose: String,
    },
}

#[cfg(test)]
mod tests;
