//! Where a grant's money went: by model, study, key or person, day by day.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use bursar_kernel::{GrantId, KeyId, PersonId, StudyId, Usd};
use bursar_policy::Viewer;
use bursar_service::{Service, ServiceError};
use bursar_store::KeySpend;
use bursar_store::rows::{Grant, Key, Study};
use jiff::civil::Date;

/// What spending is told apart by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    /// Models.
    #[default]
    Model,
    /// Studies; what keys without one spent is a part of its own.
    Study,
    /// Keys.
    Key,
    /// Those whose keys they are.
    Person,
}

impl By {
    /// Each, in the order that a page offers them.
    pub const ALL: [Self; 4] = [Self::Model, Self::Study, Self::Key, Self::Person];

    /// Its name in an address: `model`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Study => "study",
            Self::Key => "key",
            Self::Person => "person",
        }
    }

    /// What has a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.name() == name)
    }
}

/// A part of what was spent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it is called: a model, a study, a key.
    pub name: String,
    /// The study, where it is one.
    pub study: Option<StudyId>,
    /// How much.
    pub cost: Usd,
    /// In how many calls.
    pub calls: u64,
    /// On which days.
    pub days: BTreeMap<Date, Usd>,
}

/// Where a grant's money, or a study's, went.
#[derive(Clone, Debug)]
pub struct Spending {
    /// The grant.
    pub grant: Grant,
    /// The parts, the dearest first.
    pub parts: Vec<Part>,
}

impl Spending {
    /// All of it.
    pub fn total(&self) -> (Usd, u64) {
        let cost = Usd::sum(self.parts.iter().map(|part| part.cost)).unwrap_or(Usd::MAX);
        (cost, self.parts.iter().map(|part| part.calls).sum())
    }
}

/// Where a grant's money went, as far as the viewer may know; or what one of its studies spent.
pub async fn spending(
    service: &Service,
    viewer: &Viewer,
    grant: GrantId,
    (by, only): (By, Option<StudyId>),
) -> Result<Spending, ServiceError> {
    let within = service.within(viewer, grant).await?;
    let mut keys = service.store().keys(grant).await?;
    let studies = service.store().studies(grant).await?;
    let people = match by {
        By::Person => people(service, &keys).await?,
        By::Model | By::Study | By::Key => BTreeMap::new(),
    };
    // Where a part is a key or a person, somebody who sees their own alone gets no other.
    let counts = |key: &Key| match by {
        By::Model | By::Study => within.sees_spending_of(key),
        By::Key | By::Person => within.sees_key(key),
    };
    let sees_all = within.sees_figures();
    keys.retain(|key| sees_all || counts(key));
    let names = Names { keys: &keys, studies: &studies, people: &people };
    let rows = service.store().spend_by_all(grant).await?.into_iter();
    let is_there = |row: &KeySpend| sees_all || keys.iter().any(|key| key.id == row.key);
    let rows = rows.filter(|row| only.is_none() || names.study_of(row.key) == only);
    Ok(Spending { parts: parts(rows.filter(is_there), by, &names), grant: within.grant })
}

/// How those are called whose keys they are.
async fn people(
    service: &Service,
    keys: &[Key],
) -> Result<BTreeMap<PersonId, String>, ServiceError> {
    let mut people = BTreeMap::new();
    for key in keys {
        if let Entry::Vacant(entry) = people.entry(key.person) {
            let person = service.person_of(key.person).await?;
            entry.insert(if person.name.is_empty() { person.email } else { person.name });
        }
    }
    Ok(people)
}

/// What keys are called, and whose they are.
struct Names<'a> {
    keys: &'a [Key],
    studies: &'a [Study],
    people: &'a BTreeMap<PersonId, String>,
}

impl Names<'_> {
    fn study_of(&self, key: KeyId) -> Option<StudyId> {
        self.keys.iter().find(|known| known.id == key)?.study
    }

    fn of(&self, row: &KeySpend, by: By) -> (String, Option<StudyId>) {
        match by {
            By::Model => (row.model.to_string(), None),
            By::Key => {
                let key = self.keys.iter().find(|known| known.id == row.key);
                let named = |key: &Key| format!("{} …{}", key.name, key.hint);
                (key.map_or_else(|| row.key.to_string(), named), None)
            }
            By::Person => {
                let key = self.keys.iter().find(|known| known.id == row.key);
                let name = key.and_then(|key| self.people.get(&key.person));
                (name.map_or_else(|| "Nobody known".to_owned(), Clone::clone), None)
            }
            By::Study => {
                let study = self.study_of(row.key);
                let found = self.studies.iter().find(|known| Some(known.id) == study);
                (
                    found.map_or_else(|| "No study".to_owned(), |study| study.terms.name.clone()),
                    study,
                )
            }
        }
    }
}

fn parts(rows: impl Iterator<Item = KeySpend>, by: By, names: &Names<'_>) -> Vec<Part> {
    let mut parts: BTreeMap<(String, Option<StudyId>), Part> = BTreeMap::new();
    for row in rows {
        let (name, study) = names.of(&row, by);
        let part = parts.entry((name.clone(), study)).or_insert_with(|| Part {
            name,
            study,
            cost: Usd::ZERO,
            calls: 0,
            days: BTreeMap::new(),
        });
        part.cost = part.cost.checked_add(row.cost).unwrap_or(Usd::MAX);
        part.calls = part.calls.saturating_add(row.calls);
        let day = part.days.entry(row.day).or_default();
        *day = day.checked_add(row.cost).unwrap_or(Usd::MAX);
    }
    let mut parts: Vec<Part> = parts.into_values().collect();
    parts.sort_by(|one, other| other.cost.cmp(&one.cost).then_with(|| one.name.cmp(&other.name)));
    parts
}
