//! An application as a list needs it: what says which it is, and how its answers begin.
//!
//! A list of thousands is searched and sorted by a few words of each. Most of an application is
//! long answers, so they are not kept while it is read, and what is kept lies in one piece.

use std::collections::BTreeMap;
use std::fmt;

use bursar_award::{Application, Decision, State};
use bursar_kernel::{ApplicationId, PersonId, ProgramId, RoundId, Timestamp, Usd};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, de};

/// So many bytes of each answer are kept, or a few less, where a character would be cut. A title
/// is shorter, and so is every name of an institution.
pub const BEGINNING_BYTES: usize = 512;

/// An application without the rest of its answers.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Head {
    /// Its name.
    pub id: ApplicationId,
    /// The program it applies to.
    pub program: ProgramId,
    /// The edition of the program's rules that it is pinned to.
    pub program_version: u32,
    /// Who applies.
    pub applicant: PersonId,
    /// Where it stands.
    pub state: State,
    /// The round it is reviewed in, once submitted.
    pub round: Option<RoundId>,
    /// How each answer begins, by the names of the form's fields.
    #[serde(rename = "answers")]
    pub beginnings: Beginnings,
    /// How much credit the applicant asks for, where the form asks.
    pub requested: Option<Usd>,
    /// When it was handed in.
    pub submitted_at: Option<Timestamp>,
    /// What was decided. Secret until it is released.
    pub decision: Option<Decision>,
}

impl From<Application> for Head {
    fn from(one: Application) -> Self {
        Self {
            id: one.id,
            program: one.program,
            program_version: one.program_version,
            applicant: one.applicant,
            state: one.state,
            round: one.round,
            beginnings: Beginnings::from(&one.answers),
            requested: one.requested,
            submitted_at: one.submitted_at,
            decision: one.decision,
        }
    }
}

/// How answers begin.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Beginnings {
    text: String,
    /// Where each field's name ends in the text, and where the beginning behind it does.
    ends: Vec<(usize, usize)>,
}

impl Beginnings {
    /// How the answer to a field begins, if it has one.
    pub fn get(&self, field: &str) -> Option<&str> {
        self.iter().find(|(name, _)| *name == field).map(|(_, beginning)| beginning)
    }

    /// Fields with the beginnings of their answers.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let begins = std::iter::once(0).chain(self.ends.iter().map(|(_, end)| *end));
        let parts = begins.zip(&self.ends);
        parts.map(|(begin, (name, end))| (&self.text[begin..*name], &self.text[*name..*end]))
    }

    fn name(&mut self, field: &str) {
        self.text.push_str(field);
        self.ends.push((self.text.len(), self.text.len()));
    }

    fn answer(&mut self, answer: &str) {
        self.text.push_str(&answer[..answer.floor_char_boundary(BEGINNING_BYTES)]);
        if let Some((_, end)) = self.ends.last_mut() {
            *end = self.text.len();
        }
    }
}

impl From<&BTreeMap<String, String>> for Beginnings {
    fn from(answers: &BTreeMap<String, String>) -> Self {
        let mut beginnings = Self::default();
        for (field, answer) in answers {
            beginnings.name(field);
            beginnings.answer(answer);
        }
        beginnings
    }
}

impl fmt::Debug for Beginnings {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_map().entries(self.iter()).finish()
    }
}

impl<'de> Deserialize<'de> for Beginnings {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Answers)
    }
}

struct Answers;

impl<'de> Visitor<'de> for Answers {
    type Value = Beginnings;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("answers by the names of their fields")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut beginnings = Beginnings::default();
        while map.next_key_seed(Part(&mut beginnings, Beginnings::name))?.is_some() {
            map.next_value_seed(Part(&mut beginnings, Beginnings::answer))?;
        }
        Ok(beginnings)
    }
}

/// A text that goes to where it is kept as it is read.
struct Part<'b>(&'b mut Beginnings, fn(&mut Beginnings, &str));

impl<'de> DeserializeSeed<'de> for Part<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for Part<'_> {
    type Value = ();

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("text")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<(), E> {
        (self.1)(self.0, text);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    //! What is kept of an answer.

    use super::*;

    #[test]
    fn an_answer_is_cut_between_characters_and_read_as_it_is_made() {
        for (answer, kept) in [
            (String::new(), 0),
            ("short".to_owned(), 5),
            ("a \"line\"\nand é".to_owned(), 15),
            ("x".repeat(700), 512),
            (format!("x{}", "é".repeat(700)), 511),
        ] {
            let mut answers = BTreeMap::from([("question".to_owned(), answer.clone())]);
            answers.insert("after".to_owned(), "one\ttwo".to_owned());
            // From text, where an answer may be borrowed or written with escapes.
            let text = serde_json::to_string(&answers).unwrap();
            let read: Beginnings = serde_json::from_str(&text).unwrap();
            assert_eq!(read, Beginnings::from(&answers));
            assert_eq!(read.get("question").map(str::len), Some(kept), "{answer}");
            assert_eq!((read.get("after"), read.get("before")), (Some("one\ttwo"), None));
        }
    }
}
