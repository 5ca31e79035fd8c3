//! Studies: named budgets of a grant.

use bursar_kernel::{Cap, Caps, GrantId, PersonId, Scope, StudyId, Timestamp, Usd};
use serde::{Deserialize, Serialize};

use super::Key;

/// What somebody says of a study.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StudyTerms {
    /// What its people call it.
    pub name: String,
    /// What they note about it; may be empty.
    pub notes: String,
    /// Words that it is found and summed by.
    pub tags: Vec<String>,
    /// What its keys are to spend in all; `None` for as much as the grant has.
    pub budget: Option<Usd>,
    /// Whether calls stop where the budget ends. Where they do not, its people are told.
    pub stops: bool,
    /// From when on it may spend; `None` for at once.
    pub starts_at: Option<Timestamp>,
    /// From when on it may not any more; `None` for as long as the grant lives.
    pub ends_at: Option<Timestamp>,
    /// The models and endpoints that it is about.
    pub scope: Scope,
}

/// A named budget of a grant: its keys spend the grant's credit, together no more than it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Study {
    /// Its name in the store.
    pub id: StudyId,
    /// The grant whose credit it spends.
    pub grant: GrantId,
    /// Who holds the grant.
    pub holder: PersonId,
    /// What it is.
    #[serde(flatten)]
    pub terms: StudyTerms,
    /// When it was made.
    pub created_at: Timestamp,
    /// When somebody closed it: what it had not spent is the grant's again.
    pub closed_at: Option<Timestamp>,
    /// Grows by one with each change.
    pub version: u64,
}

impl Study {
    /// Whether its budget is an account of rights, which calls cannot pass.
    pub const fn is_capped(&self) -> bool {
        self.terms.stops && self.terms.budget.is_some()
    }
}

impl Key {
    /// The caps that its calls go on.
    pub fn caps(&self, study: Option<&Study>) -> Caps {
        Caps {
            key: self.cap.map(|_| self.id),
            study: study.filter(|study| study.is_capped()).map(|study| study.id),
        }
    }
}

impl From<&Study> for Cap {
    fn from(study: &Study) -> Self {
        Self::Study(study.id)
    }
}
