//! What another plan changes, before anybody is told of it.

use std::collections::{BTreeMap, BTreeSet};

use bursar_kernel::{ApplicationId, PersonId};

/// What another plan changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Lines that only the later one has.
    pub added: Vec<(ApplicationId, PersonId)>,
    /// Lines that only the earlier one has.
    pub removed: Vec<(ApplicationId, PersonId)>,
    /// How many lines both have.
    pub same: usize,
    /// Reviewers who have more or fewer.
    pub loads: Vec<LoadChange>,
}

/// How a reviewer's load changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoadChange {
    /// Who.
    pub reviewer: PersonId,
    /// How many applications they had.
    pub before: usize,
    /// How many they have.
    pub after: usize,
}

/// What the lines of a later plan change of an earlier one's, each by application and reviewer.
pub fn difference(
    before: impl IntoIterator<Item = (ApplicationId, PersonId)>,
    after: impl IntoIterator<Item = (ApplicationId, PersonId)>,
) -> Difference {
    let before: BTreeSet<_> = before.into_iter().collect();
    let after: BTreeSet<_> = after.into_iter().collect();
    let mut loads: BTreeMap<PersonId, (usize, usize)> = BTreeMap::new();
    for (_, reviewer) in &before {
        loads.entry(*reviewer).or_default().0 += 1;
    }
    for (_, reviewer) in &after {
        loads.entry(*reviewer).or_default().1 += 1;
    }
    let changed = loads.into_iter().filter(|(_, (before, after))| before != after);
    Difference {
        added: after.difference(&before).copied().collect(),
        removed: before.difference(&after).copied().collect(),
        same: before.intersection(&after).count(),
        loads: changed
            .map(|(reviewer, (before, after))| LoadChange { reviewer, before, after })
            .collect(),
    }
}
