//! A file as a list of what it says, so that two files can be held against each other.

use std::collections::BTreeMap;

use crate::document::Document;
use crate::tree::{Entries, Item, Value};

/// Keys that name a table in a list of them, the best first.
const NAMES: [&str; 9] = ["id", "field", "about", "title", "name", "ask", "when", "model", "text"];
/// Characters of a name at the most: one that is a sentence is cut.
const NAME_CHARACTERS_MAX: usize = 48;

/// One thing that a file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// Its key as the format knows it: `form[].label`.
    pub key: String,
    /// Which of the tables in lists on the way to it, by what names them.
    pub of: Vec<String>,
    /// What stands there: one value, or those of a list.
    pub values: Vec<String>,
    /// Whether it is a list.
    pub is_list: bool,
}

impl Document {
    /// All that the file says, in the order of its lines.
    pub fn leaves(&self) -> Vec<Leaf> {
        let mut leaves = Vec::new();
        self.add_table(&mut leaves, "", &[], self.entries());
        leaves
    }

    fn add_table(&self, leaves: &mut Vec<Leaf>, path: &str, of: &[String], entries: &Entries) {
        for entry in &entries.list {
            let key =
                if path.is_empty() { entry.key.clone() } else { format!("{path}.{}", entry.key) };
            self.add(leaves, key, of, &entry.item);
        }
    }

    fn add(&self, leaves: &mut Vec<Leaf>, key: String, of: &[String], item: &Item) {
        if let Some(entries) = item.value.table() {
            return self.add_table(leaves, &key, of, entries);
        }
        let tables: Vec<&Entries> = item
            .value
            .array()
            .into_iter()
            .flatten()
            .filter_map(|item| item.value.table())
            .collect();
        if tables.is_empty() {
            let is_list = item.value.array().is_some();
            leaves.push(Leaf { key, of: of.to_owned(), values: self.said(item), is_list });
            return;
        }
        let path = format!("{key}[]");
        let mut seen = BTreeMap::<String, u32>::new();
        for entries in tables {
            let mut name = self.name(entries);
            let count = seen.entry(name.clone()).or_default();
            *count += 1;
            if 1 < *count {
                name = format!("{name} ({count})");
            }
            self.add_table(leaves, &path, &[of, &[name]].concat(), entries);
        }
    }

    /// What names a table in a list; where that is a question, the answers go with it.
    fn name(&self, entries: &Entries) -> String {
        let value = |key: &str| entries.list.iter().find(|entry| entry.key == key);
        let named = NAMES.iter().find_map(|key| value(key));
        let mut name = named.map(|entry| self.said(&entry.item).concat()).unwrap_or_default();
        if let Some(answers) = value("answers").or_else(|| value("answers_from")) {
            name = format!("{name}: {}", self.said(&answers.item).join(", "));
        }
        match name.char_indices().nth(NAME_CHARACTERS_MAX) {
            Some((end, _)) => format!("{}…", name[..end].trim_end()),
            None => name,
        }
    }

    /// What stands there: one value, or those of a list.
    fn said(&self, item: &Item) -> Vec<String> {
        if let Some(items) = item.value.array() {
            return items.iter().flat_map(|item| self.said(item)).collect();
        }
        vec![match &item.value {
            Value::String(text) => text.trim().to_owned(),
            Value::Integer(_)
            | Value::Float
            | Value::Boolean(_)
            | Value::Date(_)
            | Value::Time
            | Value::Array(_)
            | Value::Table(_) => self.source(item).to_owned(),
        }]
    }
}
