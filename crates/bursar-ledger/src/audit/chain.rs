//! Whether the chain is whole.

use std::collections::BTreeMap;

use crate::chain::{Digest, Link, Linking};

/// The chain as far as it was read. A link is checked, and forgotten, once all of its rows are
/// there; since rows are read by name and named by time, few links wait for theirs.
#[derive(Debug, Default)]
pub(super) struct Chain {
    last: Option<Link>,
    open: BTreeMap<u64, Open>,
}

/// Rows that are kept before they are hashed. A hash in the making is as large as sixty of them.
const ROWS_KEPT: usize = 64;

#[derive(Debug, Default)]
struct Open {
    /// What the link states, and the hash before it.
    stated: Option<(Link, Option<Digest>)>,
    /// How many rows were read, and those of them that are not hashed yet.
    count: u64,
    rows: Vec<Digest>,
    hashed: Option<Linking>,
}

impl Open {
    fn hash(&mut self, number: u64, previous: Option<Digest>) {
        let hashed = self.hashed.get_or_insert_with(|| Linking::new(number, previous));
        self.rows.drain(..).for_each(|row| hashed.row(row));
    }
}

impl Chain {
    /// The last link that was read.
    pub(super) const fn head(&self) -> Option<Link> {
        self.last
    }

    /// Takes a link in; they come in order.
    pub(super) fn link(&mut self, link: Link) -> Option<String> {
        let previous = self.last.replace(link);
        let follows = match previous {
            None => link.number <= 1,
            Some(previous) => previous.number.checked_add(1) == Some(link.number),
        };
        let open = self.open.entry(link.number).or_default();
        open.stated = Some((link, previous.map(|link| link.digest)));
        let finding = self.check(link.number);
        if follows {
            return finding;
        }
        let number = link.number;
        Some(match previous {
            None => format!("the chain begins with link {number}: what came before it is gone"),
            Some(before) => {
                format!("link {number} of the chain comes after link {}", before.number)
            }
        })
    }

    /// Takes a row of a link in.
    pub(super) fn row(&mut self, number: u64, digest: Digest) -> Option<String> {
        let open = self.open.entry(number).or_default();
        open.count = open.count.saturating_add(1);
        open.rows.push(digest);
        self.check(number)
    }

    /// Checks a link once all of its rows are there.
    fn check(&mut self, number: u64) -> Option<String> {
        let open = self.open.get_mut(&number)?;
        let (stated, previous) = open.stated?;
        if open.count != stated.rows {
            if ROWS_KEPT <= open.rows.len() {
                open.hash(number, previous);
            }
            return None;
        }
        open.hash(number, previous);
        let found = self.open.remove(&number)?.hashed?.finish();
        (found != stated).then(|| {
            let (stated, found) = (stated.digest, found.digest);
            format!(
                "link {number} of the chain is {stated} and what it covers comes to {found}: a \
                 movement or a lot was changed after it was written"
            )
        })
    }

    /// What is left open when everything was read.
    pub(super) fn finish(self) -> Vec<String> {
        let told = |(number, open): (u64, Open)| {
            let rows = open.count;
            match open.stated {
                Some((stated, _)) => format!(
                    "link {number} of the chain covers {} rows, and {rows} were found: rows were \
                     taken out, or added, after it was written",
                    stated.rows
                ),
                None => format!("{rows} movements or lots are outside the chain, at link {number}"),
            }
        };
        self.open.into_iter().map(told).collect()
    }
}
