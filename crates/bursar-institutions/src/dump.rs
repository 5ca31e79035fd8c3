//! The data dump of ROR: an array of records in JSON, of any length.

use std::fmt;
use std::io::Read;

use serde::de::{DeserializeSeed, Deserializer as _, SeqAccess, Visitor};

use crate::ror::{Institution, Record};

/// Records that are wrong and told of one by one.
const WRONG_TOLD_MAX: usize = 10;

/// What was in a dump.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Its records.
    pub records: usize,
    /// Those that could not be read.
    pub wrong: usize,
    /// Why, for the first of them.
    pub why: Vec<String>,
}

/// Reads an array of records, and hands on what is read in parts of so many, until `hand_on` says
/// no: whatever the length of the array, one part is in memory. An error is a sentence with a hint.
pub fn read_dump(
    mut file: impl Read,
    part: usize,
    hand_on: impl FnMut(Vec<Institution>) -> bool,
) -> Result<Seen, String> {
    let mut beginning = [0; 4];
    let mut length = 0;
    while let Some(rest) = beginning.get_mut(length..).filter(|rest| !rest.is_empty()) {
        match file.read(rest).map_err(|error| error.to_string())? {
            0 => break,
            more => length += more,
        }
    }
    let beginning = beginning.get(..length).unwrap_or_default();
    if beginning == b"PK\x03\x04" {
        let hint = "hint: unpack it, and name the file whose name ends `.json`";
        return Err(format!("it is a zip archive\n{hint}"));
    }
    let mut seen = Seen::default();
    let mut json = serde_json::Deserializer::from_reader(beginning.chain(file));
    json.deserialize_seq(Records { part, hand_on, seen: &mut seen }).map_err(|error| {
        let hint = "hint: take the JSON file of ROR's data dump";
        format!("it is not an array of records: {error}\n{hint}")
    })?;
    json.end().map_err(|_| "something follows the array".to_owned())?;
    if seen.records != 0 && seen.records == seen.wrong {
        let why = seen.why.first().map(String::as_str).unwrap_or_default();
        return Err(format!(
            "none of its records can be read: {why}\nhint: schema 1 is not read; take a file of \
             schema 2.0 or 2.1"
        ));
    }
    Ok(seen)
}

struct Records<'s, F> {
    part: usize,
    hand_on: F,
    seen: &'s mut Seen,
}

impl<'de, F: FnMut(Vec<Institution>) -> bool> Visitor<'de> for Records<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut records: A) -> Result<(), A::Error> {
        let mut read = Vec::with_capacity(self.part);
        while let Some(record) = records.next_element_seed(OneRecord)? {
            self.seen.records += 1;
            match record {
                Ok(institution) => read.push(institution),
                Err(why) => {
                    self.seen.wrong += 1;
                    if self.seen.why.len() < WRONG_TOLD_MAX {
                        self.seen.why.push(format!("record {}: {why}", self.seen.records));
                    }
                }
            }
            if self.part <= read.len() && !(self.hand_on)(std::mem::take(&mut read)) {
                return Err(serde::de::Error::custom("it was not read to its end"));
            }
        }
        if read.is_empty() || (self.hand_on)(read) {
            return Ok(());
        }
        Err(serde::de::Error::custom("it was not read to its end"))
    }
}

/// One record. What is not readable as one is said, and the next is read all the same.
struct OneRecord;

impl<'de> DeserializeSeed<'de> for OneRecord {
    type Value = Result<Institution, String>;

    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        let value: serde_json::Value = serde::Deserialize::deserialize(json)?;
        let record: Result<Record, _> = serde_json::from_value(value);
        Ok(record.map_err(|error| error.to_string()).and_then(Record::institution))
    }
}
