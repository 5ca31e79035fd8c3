//! What limits spending beside the money itself.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ids::{IdError, KeyId, StudyId};

/// Something that may spend so much and no more. In the book its rights are an account, held and
/// lent together with the money: never a counter that is read first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cap {
    /// A key.
    Key(KeyId),
    /// A study: all of its keys together.
    Study(StudyId),
}

impl Cap {
    /// What is capped, in a word: `key`, `study`.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Key(_) => "key",
            Self::Study(_) => "study",
        }
    }
}

/// The name of what is capped: `key_01…`, `study_01…`.
impl fmt::Display for Cap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => key.fmt(f),
            Self::Study(study) => study.fmt(f),
        }
    }
}

impl FromStr for Cap {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        text.parse().map(Self::Key).or_else(|error| match text.parse() {
            Ok(study) => Ok(Self::Study(study)),
            Err(_) => Err(error),
        })
    }
}

impl Serialize for Cap {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cap {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The caps that must all allow a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Caps {
    /// Its key, if that has one.
    pub key: Option<KeyId>,
    /// Its key's study, if that has one.
    pub study: Option<StudyId>,
}

impl Caps {
    /// No cap at all.
    pub const NONE: Self = Self { key: None, study: None };

    /// That of a key alone.
    pub const fn of_key(key: KeyId) -> Self {
        Self { key: Some(key), study: None }
    }

    /// Each of them, the narrowest first.
    pub fn iter(self) -> impl Iterator<Item = Cap> + Clone {
        self.key.map(Cap::Key).into_iter().chain(self.study.map(Cap::Study))
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.key.is_none() && self.study.is_none()
    }
}
