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
        match &item.value {
            Value::Table(entries) => self.add_table(leaves, &key, of, entries),
            Value::Array(items)
                if items.iter().any(|item| matches!(item.value, Value::Table(_))) =>
            {
                let path = format!("{key}[]");
                let mut seen = BTreeMap::<String, u32>::new();
                for item in items {
                    let Value::Table(entries) = &item.value else { continue };
                    let mut name = self.name(entries);
                    let count = seen.entry(name.clone()).or_default();
                    *count += 1;
                    if 1 < *count {
                        name = format!("{name} ({count})");
                    }
                    self.add_table(leaves, &path, &[of, &[name]].concat(), entries);
                }
            }
            Value::Array(items) => {
                let values = items.iter().map(|item| self.said(item)).collect();
                leaves.push(Leaf { key, of: of.to_owned(), values, is_list: true });
            }
            Value::String(_)
            | Value::Integer(_)
            | Value::Float
            | Value::Boolean(_)
            | Value::Date(_)
            | Value::Time => {
                let values = vec![self.said(item)];
                leaves.push(Leaf { key, of: of.to_owned(), values, is_list: false });
            }
        }
    }

    /// What names a table in a list; where that is a question, the answers go with it.
    fn name(&self, entries: &Entries) -> String {
        let value = |key: &str| entries.list.iter().find(|entry| entry.key == key);
        let named = NAMES.iter().find_map(|key| value(key));
        let mut name = named.map(|entry| self.said(&entry.item)).unwrap_or_default();
        if let Some(answers) = value("answers").or_else(|| value("answers_from")) {
            name = format!("{name}: {}", self.all_said(&answers.item));
        }
        match name.char_indices().nth(NAME_CHARACTERS_MAX) {
            Some((end, _)) => format!("{}…", name[..end].trim_end()),
            None => name,
        }
    }

    fn all_said(&self, item: &Item) -> String {
        match &item.value {
            Value::Array(items) => {
                items.iter().map(|item| self.said(item)).collect::<Vec<_>>().join(", ")
            }
            Value::String(_)
            | Value::Integer(_)
            | Value::Float
            | Value::Boolean(_)
            | Value::Date(_)
            | Value::Time
            | Value::Table(_) => self.said(item),
        }
    }

    fn said(&self, item: &Item) -> String {
        match &item.value {
            Value::String(text) => text.trim().to_owned(),
            Value::Integer(_)
            | Value::Float
            | Value::Boolean(_)
            | Value::Date(_)
            | Value::Time
            | Value::Array(_)
            | Value::Table(_) => self.source(item).to_owned(),
        }
    }
}
