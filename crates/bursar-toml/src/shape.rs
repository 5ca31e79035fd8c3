//! What a reader asks of a file, as it asks it: the file's format, in a form that can be shown.

use std::collections::BTreeMap;

/// What a value has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A string.
    Text,
    /// One of these words.
    Word(Vec<String>),
    /// A whole number within these bounds, where 64 bits hold them.
    Integer(Option<i64>, Option<i64>),
    /// `true` or `false`.
    Boolean,
    /// A decimal in a string: an amount of dollars, or a price.
    Decimal,
    /// A day.
    Date,
    /// A list of these.
    List(Box<Shape>),
    /// A table.
    Table(Keys),
}

/// The keys of a table, as far as tables were there to be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    /// The keys that the reader knows.
    pub known: BTreeMap<String, Key>,
    /// What stands under keys that are names, where they are.
    pub named: Option<Box<Shape>>,
    /// Whether any such table was read. Otherwise nothing is known of its keys.
    pub is_read: bool,
}

/// What is known of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Whether each table has to have it.
    pub needed: bool,
    /// What it has to be; `None` where nobody read it.
    pub shape: Option<Shape>,
}

impl Shape {
    /// The keys of a table.
    pub const fn keys(&self) -> Option<&Keys> {
        match self {
            Self::Table(keys) => Some(keys),
            Self::Text
            | Self::Word(_)
            | Self::Integer(..)
            | Self::Boolean
            | Self::Decimal
            | Self::Date
            | Self::List(_) => None,
        }
    }

    /// What both readings of one value say of it.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Table(one), Self::Table(other)) => Self::Table(one.and(other)),
            (Self::List(one), Self::List(other)) => Self::List(Box::new(one.and(*other))),
            // A word is a text of which more is known.
            (Self::Word(words), Self::Text) | (Self::Text, Self::Word(words)) => Self::Word(words),
            (one, _) => one,
        }
    }
}

impl Keys {
    /// What both readings of tables of one kind say of them.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        if !other.is_read {
            return self;
        }
        if !self.is_read {
            return other;
        }
        for (name, key) in &mut self.known {
            key.needed &= other.known.get(name).is_some_and(|other| other.needed);
        }
        for (name, key) in other.known {
            match self.known.remove(&name) {
                None => self.known.insert(name, Key { needed: false, ..key }),
                Some(known) => self.known.insert(
                    name,
                    Key { needed: known.needed, shape: both(known.shape, key.shape) },
                ),
            };
        }
        self.named =
            both(self.named.map(|shape| *shape), other.named.map(|shape| *shape)).map(Box::new);
        self
    }
}

fn both(one: Option<Shape>, other: Option<Shape>) -> Option<Shape> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.and(other)),
        (one, other) => one.or(other),
    }
}
