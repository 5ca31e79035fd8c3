//! Whole tables on their way from one engine to another, without a word about what is in them.
//!
//! Both engines call tables and columns by the same names, so that an installation can move and
//! nothing that a later release remembers is left behind.

use std::hash::{DefaultHasher, Hash, Hasher};

/// A table by name, with the names of its columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns, sorted.
    pub columns: Vec<String>,
}

/// What stands in a column.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// Nothing.
    Null,
    /// A whole number, an amount, an instant, or a yes or no.
    Whole(i64),
    /// A text.
    Text(String),
    /// An identifier or a hash.
    Bytes(Vec<u8>),
}

/// A row: what stands in each of the table's columns.
pub type Record = Vec<Value>;

/// What a table holds in all, whatever the order: two that differ in a single value do not agree.
/// Comparable within a process, and worth nothing outside of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many rows.
    pub rows: u64,
    hashes: [u64; 2],
}

impl Sum {
    /// The sum with one more row.
    pub fn add(&mut self, record: &Record) {
        self.rows = self.rows.saturating_add(1);
        for (hash, salt) in self.hashes.iter_mut().zip(0_u64..) {
            let mut hasher = DefaultHasher::new();
            (salt, record).hash(&mut hasher);
            *hash = hash.wrapping_add(hasher.finish());
        }
    }
}
