//! A cursor on one table.

use crate::document::Document;
use crate::field::Field;
use crate::tree::{Entries, Place};

/// One table of a document. Each key that is asked for counts as known.
#[derive(Clone, Copy, Debug)]
pub struct Table<'d> {
    pub(crate) document: &'d Document,
    pub(crate) entries: &'d Entries,
    pub(crate) place: Place,
}

impl<'d> Table<'d> {
    /// A key that may be absent.
    pub fn get(self, key: &str) -> Field<'d> {
        Field { table: self, key: key.to_owned(), item: self.entries.ask(key) }
    }

    /// A key that must be there; its absence is reported at the table.
    pub fn need(self, key: &str) -> Field<'d> {
        let field = self.get(key);
        if let Some(key) = self.entries.asked.borrow_mut().get_mut(key) {
            key.needed = true;
        }
        if field.item.is_none() {
            self.error(format!("missing key `{key}`"), format!("add `{key} = ...` to this table"));
        }
        field
    }

    /// All sub-tables by name, in the order of the file: for tables whose keys are names.
    /// A key with another kind of value is reported.
    pub fn tables_by_name(self) -> Vec<(&'d str, Table<'d>)> {
        self.entries.is_by_name.set(true);
        let mut tables = Vec::new();
        for entry in &self.entries.list {
            let field = self.get(&entry.key);
            if let Some(table) = field.table() {
                tables.push((entry.key.as_str(), table));
            }
        }
        tables
    }

    /// All keys with a string, in the order of the file: for tables whose keys are names.
    /// A key with another kind of value is reported.
    pub fn strings_by_name(self) -> Vec<(&'d str, &'d str)> {
        self.entries.is_by_name.set(true);
        let mut strings = Vec::new();
        for entry in &self.entries.list {
            if let Some(text) = self.get(&entry.key).text() {
                strings.push((entry.key.as_str(), text));
            }
        }
        strings
    }

    /// Whether the key is there with any value. The key does not count as known by this.
    pub fn has(self, key: &str) -> bool {
        self.entries.list.iter().any(|entry| entry.key == key)
    }

    /// Where the table begins.
    pub fn place(self) -> Place {
        self.place
    }

    /// Reports a mistake of the table as a whole.
    pub fn error(self, message: impl Into<String>, hint: impl Into<String>) {
        self.document.report(self.place, message, hint);
    }

    /// Reports a mistake at a place remembered earlier.
    pub fn error_at(self, place: Place, message: impl Into<String>, hint: impl Into<String>) {
        self.document.report(place, message, hint);
    }

    pub(crate) fn of(document: &'d Document, item: &'d crate::tree::Item) -> Option<Self> {
        let entries = item.value.table()?;
        Some(Table { document, entries, place: item.place() })
    }
}
