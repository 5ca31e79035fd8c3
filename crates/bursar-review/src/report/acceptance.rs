//! Acceptance by group, with what is small left out.
//!
//! A row is small where one of its figures (accepted, declined, or both) is from one to one below
//! the limit; that nobody of a group was accepted is no small figure, and is shown. A small row is
//! left out whole (primary suppression). Whoever knows the totals knows what the rows that are left
//! out come to together: so there are always two of them at the least, and what they come to is not
//! small and not nothing in any column that has something; else the smallest row that is left is
//! taken out as well, and so on (complementary suppression: Hundepool and others, Statistical
//! Disclosure Control, 2012, section 4.2). Totals that are small themselves are left out with
//! everything.

use std::collections::BTreeMap;

/// Figures from one to one below this are small, where a program says nothing else.
pub const SMALL_BELOW: u32 = 5;

/// Decided applications, by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Those that were accepted.
    pub accepted: u32,
    /// Those that were declined.
    pub declined: u32,
}

impl Count {
    /// All of them.
    pub const fn all(&self) -> u32 {
        self.accepted.saturating_add(self.declined)
    }

    /// The share that was accepted in tenths of a percent, half rounded up; `None` of nothing.
    pub fn per_mille(&self) -> Option<u32> {
        let (accepted, all) = (u64::from(self.accepted), u64::from(self.all()));
        let share = (accepted * 2_000 + all).checked_div(2 * all)?;
        u32::try_from(share).ok()
    }

    fn is_small(self, below: u32) -> bool {
        [self.accepted, self.declined, self.all()].iter().any(|count| (1..below).contains(count))
    }

    const fn plus(self, other: Self) -> Self {
        Self {
            accepted: self.accepted.saturating_add(other.accepted),
            declined: self.declined.saturating_add(other.declined),
        }
    }
}

/// A group's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The group.
    pub name: String,
    /// Its figures; `None` where they are left out.
    pub count: Option<Count>,
}

/// A table of acceptance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// A row for each group, by name.
    pub groups: Vec<Group>,
    /// All groups together; `None` where even that is small.
    pub total: Option<Count>,
    /// Figures from one to one below this are small.
    pub small_below: u32,
}

impl Acceptance {
    /// Why rows are without figures, where some are.
    pub fn note(&self) -> Option<String> {
        let left_out = self.groups.iter().filter(|group| group.count.is_none()).count();
        (0 < left_out).then(|| {
            format!(
                "{left_out} of {} groups are left out: their figures, or others that they could \
                 be reckoned from, are below {}",
                self.groups.len(),
                self.small_below
            )
        })
    }
}

/// Acceptance by group: each decided application's group, and whether it was accepted. An
/// application is in one group; tables by several attributes are not to be published for the same
/// people, since two can be set against one another.
pub fn acceptance<'g>(
    decided: impl IntoIterator<Item = (&'g str, bool)>,
    small_below: u32,
) -> Acceptance {
    let mut rows: BTreeMap<&str, Count> = BTreeMap::new();
    for (group, is_accepted) in decided {
        let count = rows.entry(group).or_default();
        let one = u32::from(is_accepted);
        *count = count.plus(Count { accepted: one, declined: 1 - one });
    }
    let total = rows.values().fold(Count::default(), |sum, count| sum.plus(*count));
    let out = left_out(&rows, total, small_below);
    Acceptance {
        total: (!total.is_small(small_below)).then_some(total),
        groups: rows
            .into_iter()
            .map(|(name, count)| Group {
                name: name.to_owned(),
                count: (!out.contains(&name)).then_some(count),
            })
            .collect(),
        small_below,
    }
}

/// The rows that are left out.
fn left_out<'g>(rows: &BTreeMap<&'g str, Count>, total: Count, below: u32) -> Vec<&'g str> {
    if total.is_small(below) {
        return rows.keys().copied().collect();
    }
    let small = rows.iter().filter(|(_, count)| count.is_small(below));
    let mut out: Vec<&str> = small.map(|(name, _)| *name).collect();
    if out.is_empty() {
        return out;
    }
    let mut others: Vec<(u32, &str)> = rows
        .iter()
        .filter(|(name, _)| !out.contains(name))
        .map(|(name, count)| (count.all(), *name))
        .collect();
    // The smallest first, so that as little as can be is lost.
    others.sort_unstable();
    for (_, name) in others {
        if is_safe(rows, &out, total, below) {
            break;
        }
        out.push(name);
    }
    out
}

/// Whether what is left out cannot be reckoned from the totals and the rest.
fn is_safe(rows: &BTreeMap<&str, Count>, out: &[&str], total: Count, below: u32) -> bool {
    let sum = out.iter().filter_map(|name| rows.get(name));
    let sum = sum.fold(Count::default(), |sum, count| sum.plus(*count));
    let hides = |left_out: u32, all: u32| below <= left_out || all == 0;
    // A lone small row is small in a column that has something, so it is never alone.
    hides(sum.accepted, total.accepted) && hides(sum.declined, total.declined)
}
