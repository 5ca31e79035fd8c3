//! One file being read: its tree, and every mistake found so far.

use std::cell::RefCell;

use bursar_kernel::{Diagnostic, Diagnostics};
use toml::de::DeTable;

use crate::FILE_BYTES_MAX;
use crate::nearest::nearest;
use crate::shape::Keys;
use crate::table::Table;
use crate::tree::{Entries, Item, Place, entries};

/// Known keys that a hint lists; more would hide the message.
const KEYS_LISTED_MAX: usize = 6;

/// A parsed file that is being read.
#[derive(Debug)]
pub struct Document {
    file: String,
    text: String,
    root: Entries,
    mistakes: RefCell<Vec<(Place, String, Option<String>)>>,
}

impl Document {
    /// Parses a file's text. The name is what diagnostics call the file.
    ///
    /// An error holds every mistake of syntax that the parser could get past, duplicate keys
    /// included; what the values mean is not looked at until the syntax is right.
    pub fn parse(file: &str, text: &str) -> Result<Self, Diagnostics> {
        let document = Self {
            file: file.to_owned(),
            text: text.to_owned(),
            root: Entries::default(),
            mistakes: RefCell::default(),
        };
        if FILE_BYTES_MAX < text.len() {
            document.report(
                Place { offset: 0 },
                format!("the file has {} bytes, and {FILE_BYTES_MAX} is the most", text.len()),
                "check that this is the file you meant",
            );
            return document.finish(None);
        }
        let (tree, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            let offset = error.span().map_or(text.len(), |span| span.start);
            document.report(Place { offset }, syntax_message(error.message()), syntax_hint(error));
        }
        if errors.is_empty() {
            Ok(Self { root: entries(tree.get_ref()), ..document })
        } else {
            document.finish(None)
        }
    }

    /// The table of the keys that stand outside all tables.
    pub fn root(&self) -> Table<'_> {
        Table { document: self, entries: &self.root, place: Place { offset: 0 } }
    }

    /// What has been asked of the file so far: a reader's format, as far as this file shows it.
    pub fn keys(&self) -> Keys {
        self.root.keys()
    }

    /// Adds a mistake at a place: a lowercase fragment without a full stop, and what to do.
    pub fn report(&self, place: Place, message: impl Into<String>, hint: impl Into<String>) {
        let hint = Some(hint.into()).filter(|hint| !hint.is_empty());
        self.mistakes.borrow_mut().push((place, message.into(), hint));
    }

    /// Hands out what was read, or everything that is wrong with the file, in the order of its
    /// lines. Keys that nobody asked for are wrong too.
    ///
    /// `read` is `None` only after a mistake was reported; anything else is a bug of the reader.
    pub fn finish<T>(&self, read: Option<T>) -> Result<T, Diagnostics> {
        self.report_unknown_keys(&self.root);
        let mut mistakes = self.mistakes.take();
        mistakes.sort();
        mistakes.dedup();
        let diagnostics: Vec<Diagnostic> = mistakes
            .into_iter()
            .map(|(place, message, hint)| self.diagnostic(place, message, hint))
            .collect();
        match read {
            Some(read) if diagnostics.is_empty() => Ok(read),
            Some(_) | None => {
                assert!(!diagnostics.is_empty(), "{}: a reader gave up silently", self.file);
                Err(Diagnostics(diagnostics))
            }
        }
    }

    /// Where a key stands, by its path: `review.months`. The part of the path that is there counts,
    /// and a list of tables is looked into at its first.
    pub fn place_of(&self, path: &str) -> Place {
        let mut place = Place { offset: 0 };
        let mut entries = Some(&self.root);
        for key in path.split('.') {
            let found = entries.and_then(|entries| entries.list.iter().find(|one| one.key == key));
            let Some(entry) = found else { break };
            place = entry.place;
            let value = &entry.item.value;
            let listed = || value.array()?.iter().find_map(|item| item.value.table());
            entries = value.table().or_else(listed);
        }
        place
    }

    pub(crate) fn entries(&self) -> &Entries {
        &self.root
    }

    /// What a value was written as.
    pub(crate) fn source(&self, item: &Item) -> &str {
        self.text.get(item.span.clone()).unwrap_or_default()
    }

    fn report_unknown_keys(&self, entries: &Entries) {
        let asked = entries.asked.borrow();
        for entry in &entries.list {
            if asked.contains_key(&entry.key) {
                self.report_unknown_keys_within(&entry.item);
                continue;
            }
            let free = asked.keys().map(String::as_str);
            let hint = match nearest(&entry.key, free.clone()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None if asked.is_empty() || KEYS_LISTED_MAX < asked.len() => "remove it".to_owned(),
                None => format!("remove it, or use one of {}", listed(free)),
            };
            self.report(entry.place, format!("unknown key `{}`", entry.key), hint);
        }
    }

    fn report_unknown_keys_within(&self, item: &Item) {
        if let Some(entries) = item.value.table() {
            self.report_unknown_keys(entries);
        }
        for item in item.value.array().unwrap_or_default() {
            self.report_unknown_keys_within(item);
        }
    }

    /// A mistake with the line and the column of its place.
    pub fn diagnostic(&self, place: Place, message: String, hint: Option<String>) -> Diagnostic {
        let mut offset = place.offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = &self.text[..offset];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Diagnostic {
            file: self.file.clone(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            message,
            hint,
        }
    }
}

/// Words in backticks, with commas.
pub(crate) fn listed<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}

/// The parser's message as a lowercase fragment.
fn syntax_message(message: &str) -> String {
    let message = message.trim_end_matches('.').replace('\n', ", ");
    let mut letters = message.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => "this is not TOML".to_owned(),
    }
}

fn syntax_hint(error: &toml::de::Error) -> &'static str {
    let message = error.message();
    if message.contains("duplicate key") {
        "a key stands once in its table; remove one of the two"
    } else if message.contains("string") || message.contains("quote") {
        "put text between double quotes, or between three of them over several lines"
    } else {
        ""
    }
}
