//! One key of a table, read as what it should be.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use bursar_kernel::{Rate, Usd};
use jiff::civil::Date;

use crate::document::listed;
use crate::nearest::nearest;
use crate::shape::{Keys, Shape};
use crate::table::Table;
use crate::tree::{Item, Place, Value};

/// One key, there or not. Each reader returns `None` if the key is absent or its value is wrong;
/// the latter has then been reported.
#[derive(Clone, Debug)]
pub struct Field<'d> {
    pub(crate) table: Table<'d>,
    pub(crate) key: String,
    pub(crate) item: Option<&'d Item>,
}

/// One string of a list, with its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element<'d> {
    /// The string, trimmed and not empty.
    pub text: &'d str,
    /// Where it stands.
    pub place: Place,
}

impl<'d> Field<'d> {
    /// A string as it stands, which may be empty.
    pub fn string(&self) -> Option<&'d str> {
        self.should_be(|| Shape::Text);
        let item = self.item?;
        if let Value::String(text) = &item.value {
            return Some(text);
        }
        let hint = match item.value {
            Value::Table(_) | Value::Array(_) | Value::String(_) => String::new(),
            Value::Integer(_) | Value::Float | Value::Boolean(_) | Value::Date(_) | Value::Time => {
                self.quoted(item)
            }
        };
        self.wrong_kind(item, "a string", hint)
    }

    /// A string that says something: white space around it is dropped, and none at all is wrong.
    pub fn text(&self) -> Option<&'d str> {
        let text = self.string()?.trim();
        if text.is_empty() {
            self.error(format!("`{}` is empty", self.key), "write something, or remove the key");
            return None;
        }
        Some(text)
    }

    /// A whole number within bounds.
    pub fn integer<N>(&self, range: RangeInclusive<N>) -> Option<N>
    where
        N: Copy + Display + PartialOrd + TryFrom<i64>,
    {
        let bound = |bound: &N| bound.to_string().parse().ok();
        self.should_be(|| Shape::Integer(bound(range.start()), bound(range.end())));
        let item = self.item?;
        let Value::Integer(number) = item.value else {
            return self.wrong_kind(item, "a whole number", "write digits without quotes");
        };
        let number = number.and_then(|number| N::try_from(number).ok());
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            self.error(
                format!("`{}` is {}", self.key, self.table.document.source(item)),
                format!("use a number from {} to {}", range.start(), range.end()),
            );
        }
        number
    }

    /// Whole numbers within bounds.
    pub fn integers<N>(&self, range: RangeInclusive<N>) -> Option<Vec<N>>
    where
        N: Copy + Display + PartialOrd + TryFrom<i64>,
    {
        let bound = |bound: &N| bound.to_string().parse().ok();
        self.should_be(|| {
            let number = Shape::Integer(bound(range.start()), bound(range.end()));
            Shape::List(Box::new(number))
        });
        let numbers: Vec<Option<N>> = self
            .array("a list of whole numbers")?
            .iter()
            .map(|item| self.of(item).integer(range.clone()))
            .collect();
        numbers.into_iter().collect()
    }

    /// `true` or `false`.
    pub fn boolean(&self) -> Option<bool> {
        self.should_be(|| Shape::Boolean);
        let item = self.item?;
        match item.value {
            Value::Boolean(truth) => Some(truth),
            Value::String(_)
            | Value::Integer(_)
            | Value::Float
            | Value::Date(_)
            | Value::Time
            | Value::Array(_)
            | Value::Table(_) => self.wrong_kind(item, "true or false", "write it without quotes"),
        }
    }

    /// An amount of dollars, which stands in a string so that no float ever touches it.
    pub fn usd(&self) -> Option<Usd> {
        self.money()
    }

    /// A price in dollars per million units, which stands in a string as amounts do.
    pub fn rate(&self) -> Option<Rate> {
        self.money()
    }

    /// A day, written without quotes: `2026-12-11`.
    pub fn date(&self) -> Option<Date> {
        self.should_be(|| Shape::Date);
        let item = self.item?;
        match &item.value {
            Value::Date(date) => Some(*date),
            Value::String(text) if text.parse::<Date>().is_ok() => {
                self.wrong_kind(item, "a date", format!("drop the quotes: {} = {text}", self.key))
            }
            Value::String(_)
            | Value::Integer(_)
            | Value::Float
            | Value::Boolean(_)
            | Value::Time
            | Value::Array(_)
            | Value::Table(_) => {
                self.wrong_kind(item, "a date", format!("write it as {} = 2026-12-31", self.key))
            }
        }
    }

    /// One word of a list, as what it stands for.
    pub fn word<T: Clone>(&self, words: &[(&str, T)]) -> Option<T> {
        let known = || words.iter().map(|(word, _)| (*word).to_owned()).collect();
        self.should_be(|| Shape::Word(known()));
        let written = self.text()?;
        if let Some((_, meant)) = words.iter().find(|(word, _)| *word == written) {
            return Some(meant.clone());
        }
        let known = words.iter().map(|(word, _)| *word);
        let hint = match nearest(written, known.clone()) {
            Some(meant) => format!("did you mean \"{meant}\"?"),
            None => format!("use one of {}", listed(known)),
        };
        self.error(format!("`{}` cannot be \"{written}\"", self.key), hint);
        None
    }

    /// Words of a list, each as what it stands for.
    pub fn words<T: Clone>(&self, words: &[(&str, T)]) -> Vec<T> {
        self.should_be(|| {
            let known = words.iter().map(|(word, _)| (*word).to_owned()).collect();
            Shape::List(Box::new(Shape::Word(known)))
        });
        let Some(items) = self.array("a list of words") else { return Vec::new() };
        items.iter().filter_map(|item| self.of(item).word(words)).collect()
    }

    /// Text that something else knows how to read; its own error is the message.
    pub fn parsed<T: FromStr<Err: Display>>(&self, hint: &str) -> Option<T> {
        match self.text()?.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.error(format!("`{}`: {error}", self.key), hint);
                None
            }
        }
    }

    /// A table.
    pub fn table(&self) -> Option<Table<'d>> {
        self.should_be(|| Shape::Table(Keys::default()));
        let item = self.item?;
        let table = Table::of(self.table.document, item);
        if table.is_none() {
            self.wrong_kind::<()>(item, "a table", format!("write it under [{}]", self.key));
        }
        table
    }

    /// A list of tables, `[[key]]`; none if the key is absent.
    pub fn tables(&self) -> Vec<Table<'d>> {
        self.should_be(|| Shape::List(Box::new(Shape::Table(Keys::default()))));
        let items = self.array("a list of tables").unwrap_or_default();
        items.iter().filter_map(|item| self.of(item).table()).collect()
    }

    /// A list of strings that each say something; none if the key is absent.
    pub fn texts(&self) -> Vec<Element<'d>> {
        self.should_be(|| Shape::List(Box::new(Shape::Text)));
        let items = self.array("a list of strings").unwrap_or_default();
        let elements = items.iter().filter_map(|item| {
            self.of(item).text().map(|text| Element { text, place: item.place() })
        });
        elements.collect()
    }

    /// Where the value stands, or its table if it is absent.
    pub fn place(&self) -> Place {
        self.item.map_or(self.table.place, Item::place)
    }

    /// Reports a mistake at the value, or at its table if it is absent.
    pub fn error(&self, message: impl Into<String>, hint: impl Into<String>) {
        self.table.document.report(self.place(), message, hint);
    }

    fn money<T: FromStr<Err: Display>>(&self) -> Option<T> {
        self.should_be(|| Shape::Decimal);
        let item = self.item?;
        match &item.value {
            Value::String(text) => match text.parse() {
                Ok(amount) => Some(amount),
                Err(error) => {
                    self.error(format!("`{}`: {error}", self.key), "");
                    None
                }
            },
            Value::Integer(_) | Value::Float => {
                self.wrong_kind(item, "an amount in a string", self.quoted(item))
            }
            Value::Boolean(_)
            | Value::Date(_)
            | Value::Time
            | Value::Array(_)
            | Value::Table(_) => {
                self.wrong_kind(item, "an amount in a string", format!("{} = \"0.25\"", self.key))
            }
        }
    }

    /// Remembers what the reader takes the key for: the first word on it counts.
    fn should_be(&self, shape: impl FnOnce() -> Shape) {
        if let Some(key) = self.table.entries.asked.borrow_mut().get_mut(&self.key) {
            key.shape.get_or_insert_with(shape);
        }
    }

    fn array(&self, wanted: &str) -> Option<&'d [Item]> {
        let item = self.item?;
        item.value.array().or_else(|| self.wrong_kind(item, wanted, "put it between [ and ]"))
    }

    /// An element of this list, read like a field of its own.
    fn of(&self, item: &'d Item) -> Self {
        Self { table: self.table, key: self.key.clone(), item: Some(item) }
    }

    fn quoted(&self, item: &Item) -> String {
        format!("quote it: {} = \"{}\"", self.key, self.table.document.source(item))
    }

    fn wrong_kind<T>(&self, item: &Item, wanted: &str, hint: impl Into<String>) -> Option<T> {
        self.error(format!("`{}` should be {wanted}, and is {}", self.key, item.kind()), hint);
        None
    }
}
