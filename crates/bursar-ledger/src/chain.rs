//! The chain: each group of movements is hashed together with all that came before it, so that
//! whoever has kept the last link can tell whether anything before it was changed since.
//!
//! What is chained is what money is: transfers, and the lots that say what credit is good for and
//! until when. None of it names anybody: people are identifiers.

use std::fmt;
use std::str::FromStr;

use bursar_kernel::{Actor, HoldId, LotId};

use crate::transfer::Transfer;

/// A BLAKE3 hash.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Its bytes, for a column.
    pub const fn to_bytes(self) -> [u8; 32] {
        self.0
    }

    /// The hash that `to_bytes` wrote.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Of one transfer, whatever rows it stands in: its accounts by name.
    pub fn of_transfer(transfer: &Transfer) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"transfer");
        hasher.update(&transfer.id.to_bytes());
        hasher.update(&transfer.amount.nanos().to_be_bytes());
        hasher.update(&transfer.at.as_millisecond().to_be_bytes());
        hasher.update(&transfer.hold.map_or([0; 16], HoldId::to_bytes));
        text(&mut hasher, transfer.kind.name());
        text(&mut hasher, &transfer.debit.to_string());
        text(&mut hasher, &transfer.credit.to_string());
        actor(&mut hasher, &transfer.actor);
        Self(*hasher.finalize().as_bytes())
    }

    /// Of one lot: the text that the store keeps of it.
    pub fn of_lot(lot: LotId, body: &str) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"lot");
        hasher.update(&lot.to_bytes());
        text(&mut hasher, body);
        Self(*hasher.finalize().as_bytes())
    }
}

/// A text with its length, so that no two rows make the same bytes.
fn text(hasher: &mut blake3::Hasher, text: &str) {
    hasher.update(&u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
    hasher.update(text.as_bytes());
}

fn actor(hasher: &mut blake3::Hasher, actor: &Actor) {
    match actor {
        Actor::Person(person) => hasher.update(b"person").update(&person.to_bytes()),
        Actor::Key(key) => hasher.update(b"key").update(&key.to_bytes()),
        Actor::Operator => hasher.update(b"operator"),
        Actor::Job(name) => hasher.update(b"job").update(name.as_bytes()),
    };
}

/// Sixty-four hexadecimal digits.
impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a text is not a hash.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a link's hash is sixty-four hexadecimal digits")]
pub struct DigestError;

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        let hash = blake3::Hash::from_hex(text).map_err(|_| DigestError)?;
        Ok(Self(*hash.as_bytes()))
    }
}

/// One link: what a group of movements came to, and all before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its number: one more than the link's before it. Number zero stands for what was in the book
    /// before there was a chain, where there was anything.
    pub number: u64,
    /// How many rows it has.
    pub rows: u64,
    /// The hash of the link before it and of its rows, lots before transfers, each in the order of
    /// their names.
    pub digest: Digest,
}

impl Link {
    /// The number of the link after one.
    pub fn number_after(previous: Option<&Self>) -> u64 {
        previous.map_or(1, |link| link.number.saturating_add(1))
    }
}

/// A link in the making. Its rows come in its order: lots before transfers, each by name.
#[derive(Clone, Debug)]
pub struct Linking {
    number: u64,
    rows: u64,
    hasher: Box<blake3::Hasher>,
}

impl Linking {
    /// Begins a link of a number after the hash of the link before it, if there is one.
    pub fn new(number: u64, previous: Option<Digest>) -> Self {
        let mut hasher = Box::new(blake3::Hasher::new());
        hasher.update(b"link");
        hasher.update(&number.to_be_bytes());
        hasher.update(&previous.map_or([0; 32], Digest::to_bytes));
        Self { number, rows: 0, hasher }
    }

    /// Takes the next row in.
    pub fn row(&mut self, row: Digest) {
        self.rows = self.rows.saturating_add(1);
        self.hasher.update(&row.0);
    }

    /// The link.
    pub fn finish(mut self) -> Link {
        self.hasher.update(&self.rows.to_be_bytes());
        let digest = Digest(*self.hasher.finalize().as_bytes());
        Link { number: self.number, rows: self.rows, digest }
    }
}

/// What is about to become a link.
#[derive(Clone, Debug, Default)]
pub struct Rows(Vec<Row>);

/// A row by its place in its link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    kind: Kind,
    id: [u8; 16],
    digest: Digest,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Lot,
    Transfer,
}

impl Rows {
    /// Takes a lot in, as the text that the store keeps of it.
    pub fn lot(&mut self, lot: LotId, body: &str) {
        let digest = Digest::of_lot(lot, body);
        self.0.push(Row { kind: Kind::Lot, id: lot.to_bytes(), digest });
    }

    /// Takes a transfer in.
    pub fn transfer(&mut self, transfer: &Transfer) {
        let digest = Digest::of_transfer(transfer);
        self.0.push(Row { kind: Kind::Transfer, id: transfer.id.to_bytes(), digest });
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none, and so no link to make.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Forgets what came after the first so many: a batch that was undone.
    pub fn truncate(&mut self, len: usize) {
        self.0.truncate(len);
    }

    /// The link after another; `None` if nothing moved.
    pub fn link_after(mut self, previous: Option<&Link>) -> Option<Link> {
        if self.0.is_empty() {
            return None;
        }
        self.0.sort_unstable();
        let number = Link::number_after(previous);
        let mut linking = Linking::new(number, previous.map(|link| link.digest));
        self.0.iter().for_each(|row| linking.row(row.digest));
        Some(linking.finish())
    }
}

#[cfg(test)]
mod tests;
