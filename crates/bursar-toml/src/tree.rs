//! The parsed file as a tree of our own, in the order of its lines.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;

use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};
use toml::value::Datetime;

/// Where something stands in a file: remember it, and report a mistake there later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Bytes from the beginning of the file.
    pub(crate) offset: usize,
}

/// A value and the bytes it was written in.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) span: Range<usize>,
    pub(crate) value: Value,
}

impl Item {
    pub(crate) fn place(&self) -> Place {
        Place { offset: self.span.start }
    }

    /// What the value is, in the words of a message.
    pub(crate) fn kind(&self) -> &'static str {
        match self.value {
            Value::String(_) => "a string",
            Value::Integer(_) => "an integer",
            Value::Float => "a number",
            Value::Boolean(_) => "a boolean",
            Value::Date(_) => "a date",
            Value::Time => "a time",
            Value::Array(_) => "a list",
            Value::Table(_) => "a table",
        }
    }
}

#[derive(Debug)]
pub(crate) enum Value {
    String(String),
    /// `None` where it does not fit 64 bits.
    Integer(Option<i64>),
    /// Nothing here is ever read from a float; its text is in the file.
    Float,
    Boolean(bool),
    Date(Date),
    /// A time of day, or a date with one.
    Time,
    Array(Vec<Item>),
    Table(Entries),
}

/// The keys of one table, and which of them a reader has asked for.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    pub(crate) list: Vec<Entry>,
    pub(crate) asked: RefCell<BTreeSet<String>>,
}

impl Entries {
    /// The value of a key; from now on the key counts as known.
    pub(crate) fn ask(&self, key: &str) -> Option<&Item> {
        self.asked.borrow_mut().insert(key.to_owned());
        self.list.iter().find(|entry| entry.key == key).map(|entry| &entry.item)
    }
}

#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) place: Place,
    pub(crate) item: Item,
}

pub(crate) fn entries(table: &DeTable<'_>) -> Entries {
    let mut list: Vec<Entry> = table
        .iter()
        .map(|(key, value)| Entry {
            key: key.get_ref().clone().into_owned(),
            place: Place { offset: key.span().start },
            item: item(value),
        })
        .collect();
    list.sort_by_key(|entry| entry.place);
    Entries { list, asked: RefCell::default() }
}

fn item(value: &Spanned<DeValue<'_>>) -> Item {
    let tree = match value.get_ref() {
        DeValue::String(text) => Value::String(text.clone().into_owned()),
        DeValue::Integer(digits) => Value::Integer(integer(digits)),
        DeValue::Float(_) => Value::Float,
        DeValue::Boolean(truth) => Value::Boolean(*truth),
        DeValue::Datetime(datetime) => date(datetime).map_or(Value::Time, Value::Date),
        DeValue::Array(list) => Value::Array(list.iter().map(item).collect()),
        DeValue::Table(table) => Value::Table(entries(table)),
    };
    Item { span: value.span(), value: tree }
}

fn integer(digits: &DeInteger<'_>) -> Option<i64> {
    i64::from_str_radix(digits.as_str(), digits.radix()).ok()
}

fn date(datetime: &Datetime) -> Option<Date> {
    if datetime.time.is_some() || datetime.offset.is_some() {
        return None;
    }
    let date = datetime.date?;
    let (month, day) = (i8::try_from(date.month).ok()?, i8::try_from(date.day).ok()?);
    Date::new(i16::try_from(date.year).ok()?, month, day).ok()
}
