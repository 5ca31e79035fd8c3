//! What a form asks. A field cannot be made without its label.

use std::collections::BTreeMap;

use bursar_kernel::program::{FieldKind, FormField};

/// Options that are all in sight; more of them fold into a list.
const RADIOS_MAX: usize = 12;

/// One question of a form, with what was answered and what is wrong with it.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name in the body that is posted, and its id on the page.
    pub name: String,
    /// The question.
    pub label: String,
    /// A line of help under it.
    pub hint: Option<String>,
    /// What was typed.
    pub value: String,
    /// What is wrong, and what to do about it.
    pub error: Option<String>,
    /// Whether it may be left out.
    pub optional: bool,
    /// What the answer looks like.
    pub control: Control,
}

/// What an answer looks like.
#[derive(Clone, Debug)]
pub enum Control {
    /// A line of text.
    Line {
        /// What browsers may fill in, in their words: `name`, `organization`, `off`.
        autocomplete: &'static str,
    },
    /// An e-mail address.
    Email,
    /// A day: `2027-11-30`.
    Day,
    /// Paragraphs.
    Area {
        /// Lines to show.
        rows: u8,
        /// Words at the most, if counted.
        words_max: Option<usize>,
    },
    /// One of a few, all in sight.
    Radios(Vec<Choice>),
    /// One of many.
    Select(Vec<Choice>),
    /// Yes, or nothing; the value is `yes`.
    Checkbox,
    /// An amount of dollars.
    Amount,
}

/// One option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What is posted.
    pub value: String,
    /// What is read.
    pub label: String,
    /// A line of help under it.
    pub hint: Option<String>,
}

impl Choice {
    /// An option without help.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), hint: None }
    }

    /// An option with a line of help.
    pub fn hinted(
        value: impl Into<String>,
        label: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self { value: value.into(), label: label.into(), hint: Some(hint.into()) }
    }
}

impl Field {
    /// A field that is not answered yet.
    pub fn new(name: impl Into<String>, label: impl Into<String>, control: Control) -> Self {
        Self {
            name: name.into(),
            label: label.into(),
            hint: None,
            value: String::new(),
            error: None,
            optional: false,
            control,
        }
    }

    /// The field with a line of help.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The field that may be left out.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// A question of a program's form.
    pub fn from_question(question: &FormField) -> Self {
        let control = match &question.kind {
            FieldKind::Line { characters_max: _ } => Control::Line { autocomplete: "on" },
            FieldKind::Text { words_max } => Control::Area { rows: 8, words_max: Some(*words_max) },
            FieldKind::Choice { options } => {
                let choices = options.iter().map(|(value, label)| Choice::new(value, label));
                if options.len() <= RADIOS_MAX {
                    Control::Radios(choices.collect())
                } else {
                    let none = Choice::new("", "Select one");
                    Control::Select(std::iter::once(none).chain(choices).collect())
                }
            }
            FieldKind::Amount => Control::Amount,
        };
        Self {
            hint: question.hint.clone(),
            optional: question.optional,
            ..Self::new(&question.id, &question.label, control)
        }
    }
}

/// What a person sent, and what is wrong with it, so that a form shows again as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Input {
    /// What was typed, by the field's name.
    pub values: BTreeMap<String, String>,
    /// What is wrong, by the field's name.
    pub errors: BTreeMap<String, String>,
}

impl Input {
    /// The field with what was typed into it and what is wrong with that.
    pub fn fill(&self, field: Field) -> Field {
        Field {
            value: self.values.get(&field.name).cloned().unwrap_or(field.value),
            error: self.errors.get(&field.name).cloned(),
            ..field
        }
    }

    /// Whether anything is wrong.
    pub fn has_errors(&self) -> bool {
        !self.errors.is_empty()
    }
}
