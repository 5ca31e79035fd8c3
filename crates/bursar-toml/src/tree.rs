//! The parsed file as a tree of our own, in the order of its lines.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ops::Range;

use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};
use toml::value::Datetime;

use crate::shape::{Key, Keys, Shape};

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

impl Value {
    /// The keys, of a table.
    pub(crate) fn table(&self) -> Option<&Entries> {
        match self {
            Self::Table(entries) => Some(entries),
            Self::String(_)
            | Self::Integer(_)
            | Self::Float
            | Self::Boolean(_)
            | Self::Date(_)
            | Self::Time
            | Self::Array(_) => None,
        }
    }

    /// The items, of a list.
    pub(crate) fn array(&self) -> Option<&[Item]> {
        match self {
            Self::Array(items) => Some(items),
            Self::String(_)
            | Self::Integer(_)
            | Self::Float
            | Self::Boolean(_)
            | Self::Date(_)
            | Self::Time
            | Self::Table(_) => None,
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
    pub(crate) asked: RefCell<BTreeMap<String, Key>>,
    /// Whether its keys are names, which nobody asks for by name.
    pub(crate) is_by_name: Cell<bool>,
}

impl Entries {
    /// The value of a key; from now on the key counts as known.
    pub(crate) fn ask(&self, key: &str) -> Option<&Item> {
        if !self.asked.borrow().contains_key(key) {
            self.asked.borrow_mut().insert(key.to_owned(), Key { needed: false, shape: None });
        }
        self.find(key)
    }

    fn find(&self, key: &str) -> Option<&Item> {
        self.list.iter().find(|entry| entry.key == key).map(|entry| &entry.item)
    }

    /// What the reader asked of the table, and of those below it.
    pub(crate) fn keys(&self) -> Keys {
        let asked = self.asked.borrow();
        let known = asked.iter().map(|(name, key)| {
            let below = self.find(name).and_then(|item| shape_of(&item.value));
            let shape = match (key.shape.clone(), below) {
                (Some(asked), Some(below)) => Some(asked.and(below)),
                (asked, _) => asked,
            };
            (name.clone(), Key { needed: key.needed, shape })
        });
        let known: BTreeMap<String, Key> = known.collect();
        if !self.is_by_name.get() {
            return Keys { known, named: None, is_read: true };
        }
        let named = known.into_values().filter_map(|key| key.shape).reduce(Shape::and);
        Keys { known: BTreeMap::new(), named: named.map(Box::new), is_read: true }
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
    Entries { list, ..Entries::default() }
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

/// What was asked below a value: of tables alone.
fn shape_of(value: &Value) -> Option<Shape> {
    if let Some(entries) = value.table() {
        return Some(Shape::Table(entries.keys()));
    }
    let shapes = value.array()?.iter().filter_map(|item| shape_of(&item.value));
    shapes.reduce(Shape::and).map(|shape| Shape::List(Box::new(shape)))
}
