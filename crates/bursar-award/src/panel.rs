//! Who reviews: reviewers as they describe themselves, and why somebody does not review something.

use std::collections::{BTreeMap, BTreeSet};

use bursar_kernel::{ApplicationId, ConflictId, PersonId, ProgramId, Timestamp};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Institutions that a reviewer can name.
pub const INSTITUTIONS_MAX: usize = 20;
/// Co-authors that a reviewer can name.
pub const COAUTHORS_MAX: usize = 200;
/// Characters of a reason that somebody gives about a review.
pub const REASON_CHARACTERS_MAX: usize = 1_000;

/// What a reviewer says of themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Who.
    pub person: PersonId,
    /// What they know, by program: answers of the question that tells what an application is about.
    pub topics: BTreeMap<ProgramId, BTreeSet<String>>,
    /// Applications in a round that they take at the most; `None` is as many as the program asks.
    pub load_max: Option<u32>,
    /// Where they belong, or did.
    pub institutions: Vec<Belonged>,
    /// Mail addresses of people that they have published or supervised with, in lower case.
    pub coauthors: BTreeSet<String>,
    /// They take nothing before this day.
    pub away_until: Option<Date>,
    /// Grows by one with each change.
    pub version: u64,
}

/// An institution that somebody belongs to, or did.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Belonged {
    /// Its name, as they wrote it or as the list has it.
    pub name: String,
    /// Its id of ROR, if the list knows it: `03yrm5c26`.
    pub ror: Option<String>,
    /// The last day; `None` while they belong there.
    pub until: Option<Date>,
}

impl Profile {
    /// Somebody who has said nothing yet.
    pub const fn empty(person: PersonId) -> Self {
        Self {
            person,
            topics: BTreeMap::new(),
            load_max: None,
            institutions: Vec::new(),
            coauthors: BTreeSet::new(),
            away_until: None,
            version: 0,
        }
    }

    /// What they know of what a program asks about.
    pub fn topics_of(&self, program: &ProgramId) -> BTreeSet<String> {
        self.topics.get(program).cloned().unwrap_or_default()
    }
}

/// Why somebody neither reviews an application nor learns anything of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// Its name.
    pub id: ConflictId,
    /// The application.
    pub application: ApplicationId,
    /// Whom it keeps away.
    pub person: PersonId,
    /// Who says so.
    pub source: ConflictSource,
    /// Why, in their words.
    pub because: String,
    /// Who wrote it down.
    pub made_by: PersonId,
    /// When.
    pub made_at: Timestamp,
    /// When an officer found that it is none.
    pub lifted_at: Option<Timestamp>,
    /// Grows by one with each change.
    pub version: u64,
}

/// Who says that there is a conflict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConflictSource {
    /// Whom it keeps away.
    Declared,
    /// An officer.
    Pinned,
    /// An officer, of what was found: it is none.
    Cleared,
}

impl ConflictSource {
    /// The name that columns and JSON use: `declared`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Declared => "declared",
            Self::Pinned => "pinned",
            Self::Cleared => "cleared",
        }
    }
}

impl Conflict {
    /// Whether it keeps somebody away.
    pub fn holds(&self) -> bool {
        self.stands() && self.source != ConflictSource::Cleared
    }

    /// Whether what it says is still said.
    pub const fn stands(&self) -> bool {
        self.lifted_at.is_none()
    }

    /// The conflict once an officer has taken it back; `None` if that is done, or if it was
    /// declared: nobody overrules somebody who says that they are not free to judge.
    pub fn lifted(&self, now: Timestamp) -> Option<Self> {
        (self.stands() && self.source != ConflictSource::Declared).then(|| Self {
            lifted_at: Some(now),
            version: self.version.saturating_add(1),
            ..self.clone()
        })
    }
}
