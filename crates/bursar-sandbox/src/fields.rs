//! A body's members, read one by one into types, refused with their place.

use serde_json::{Map, Value};

use crate::refusal::Refusal;

/// The members of an object of the body, and where in the body it stands.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a> {
    members: &'a Map<String, Value>,
    place: &'a str,
}

impl<'a> Fields<'a> {
    /// The members of the whole body.
    pub(crate) fn body(value: &'a Value) -> Result<Self, Refusal> {
        let Value::Object(members) = value else {
            let message = "The request body is not a JSON object. Send one, for example \
                           {\"model\": \"...\"}.";
            return Err(Refusal::bad_request(message));
        };
        Ok(Self { members, place: "" })
    }

    /// The members of a value within the body, which must be an object.
    pub(crate) fn within(value: &'a Value, place: &'a str) -> Result<Self, Refusal> {
        let members = value.as_object();
        let members = members.ok_or_else(|| Refusal::wrong_type(place, "an object", value))?;
        Ok(Self { members, place })
    }

    /// Refuses members that are not on the list.
    pub(crate) fn only(self, known: &[&str]) -> Result<(), Refusal> {
        match self.members.keys().find(|name| !known.contains(&name.as_str())) {
            None => Ok(()),
            Some(name) => {
                let name: String = name.chars().take(100).collect();
                let param = self.place(&name);
                let message = format!("Unknown parameter: '{param}'.");
                Err(Refusal::bad_request(message).code("unknown_parameter").param(&param))
            }
        }
    }

    /// Where a member stands in the body: `messages[0].role`.
    pub(crate) fn place(self, name: &str) -> String {
        if self.place.is_empty() { name.to_owned() } else { format!("{}.{name}", self.place) }
    }

    /// A member that is there and not null.
    pub(crate) fn value(self, name: &str) -> Option<&'a Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    /// A member that must be there.
    pub(crate) fn required(self, name: &str) -> Result<&'a Value, Refusal> {
        self.value(name).ok_or_else(|| Refusal::missing(&self.place(name)))
    }

    /// A text.
    pub(crate) fn text(self, name: &str) -> Result<Option<&'a str>, Refusal> {
        self.read(name, "a string", Value::as_str)
    }

    /// A text that must be there.
    pub(crate) fn required_text(self, name: &str) -> Result<&'a str, Refusal> {
        self.text(name)?.ok_or_else(|| Refusal::missing(&self.place(name)))
    }

    /// A list.
    pub(crate) fn list(self, name: &str) -> Result<Option<&'a Vec<Value>>, Refusal> {
        self.read(name, "an array", Value::as_array)
    }

    /// Yes or no.
    pub(crate) fn flag(self, name: &str) -> Result<Option<bool>, Refusal> {
        self.read(name, "a boolean", Value::as_bool)
    }

    /// A whole number within bounds.
    pub(crate) fn integer(self, name: &str, low: i64, high: i64) -> Result<Option<i64>, Refusal> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        let place = self.place(name);
        if !value.is_i64() && !value.is_u64() {
            return Err(Refusal::wrong_type(&place, "an integer", value));
        }
        let within = value.as_i64().filter(|number| low <= *number && *number <= high);
        within.map(Some).ok_or_else(|| {
            Refusal::invalid_value(&place, format!("{value} is not from {low} to {high}"))
        })
    }

    /// A decimal within bounds.
    pub(crate) fn number(self, name: &str, low: f64, high: f64) -> Result<Option<f64>, Refusal> {
        let Some(number) = self.read(name, "a number", Value::as_f64)? else {
            return Ok(None);
        };
        if low <= number && number <= high {
            return Ok(Some(number));
        }
        let why = format!("{number} is not from {low} to {high}");
        Err(Refusal::invalid_value(&self.place(name), why))
    }

    /// One of some words.
    pub(crate) fn choice(self, name: &str, words: &[&str]) -> Result<Option<&'a str>, Refusal> {
        let Some(word) = self.text(name)? else {
            return Ok(None);
        };
        if words.contains(&word) {
            return Ok(Some(word));
        }
        let words = words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(", ");
        let why = format!("it must be one of {words}");
        Err(Refusal::invalid_value(&self.place(name), why))
    }

    fn read<T>(
        self,
        name: &str,
        wanted: &str,
        read: impl Fn(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, Refusal> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        let wrong = || Refusal::wrong_type(&self.place(name), wanted, value);
        read(value).map(Some).ok_or_else(wrong)
    }
}
