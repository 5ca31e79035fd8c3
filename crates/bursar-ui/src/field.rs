//! What a form asks. A field cannot be made without its label.

use std::collections::BTreeMap;

use bursar_kernel::program::{FieldKind, FileType, FormField};

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
    /// What is counted of it, and shown beside it.
    pub counted: Option<Counted>,
    /// The field whose answer decides whether this one is asked, and the answers with which it is.
    pub show_if: Option<(String, Vec<String>)>,
}

/// What is counted of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// What: words, or characters.
    pub unit: Unit,
    /// How many at the most.
    pub most: usize,
    /// How many are advised, if fewer.
    pub advised: Option<usize>,
}

/// What a text is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Whatever stands between blanks.
    Words,
    /// Characters of any script.
    Characters,
}

impl Unit {
    /// Its name in a sentence and in the script.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Words => "words",
            Self::Characters => "characters",
        }
    }
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
    Email {
        /// What browsers may fill in: `email`, and `webauthn` for passkeys.
        autocomplete: &'static str,
    },
    /// A day: `2027-11-30`.
    Day,
    /// A whole number.
    Number,
    /// The address of a page.
    Web,
    /// Paragraphs.
    Area {
        /// Lines to show.
        rows: u8,
    },
    /// One of a few, all in sight.
    Radios(Vec<Choice>),
    /// Several of a few; the value has those that are chosen, one a line.
    Checkboxes(Vec<Choice>),
    /// One of many.
    Select(Vec<Choice>),
    /// Yes, or nothing; the value is `yes`.
    Checkbox,
    /// An amount of dollars.
    Amount,
    /// An institution: its name, and others that were found for it.
    Institution {
        /// What was found, if somebody looked: each as it is answered, with where it is.
        found: Option<Vec<Choice>>,
    },
    /// Files: those that are there, and a way to add one.
    Files {
        /// Those that are there.
        there: Vec<FileShown>,
        /// What may be added, as browsers filter by it: `.pdf,.png`.
        accept: String,
        /// What may be added, in words.
        takes: String,
        /// Whether there is room for another.
        room: bool,
    },
}

/// A file that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileShown {
    /// What it is called, what it is and how long.
    pub text: String,
    /// Where it is read.
    pub href: String,
    /// What is posted to take it away.
    pub remove: String,
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
            counted: None,
            show_if: None,
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

    /// The field with what is counted of it.
    #[must_use]
    pub fn counted(mut self, unit: Unit, most: usize) -> Self {
        self.counted = Some(Counted { unit, most, advised: None });
        self
    }

    /// A question of a program's form. Of files it knows what is taken, and not which are there.
    pub fn from_question(question: &FormField) -> Self {
        let field = Self::new(&question.id, &question.label, control(&question.kind));
        let counted = question.kind.length_max().and_then(|(most, unit)| match unit {
            "words" => Some((Unit::Words, most)),
            // A line shows how long it is; it is counted only where less is advised.
            _ => question.advised_max.map(|_| (Unit::Characters, most)),
        });
        let advised = question.advised_max;
        let show_if = question.show_if.as_ref();
        Self {
            hint: question.hint.clone(),
            optional: question.optional,
            counted: counted.map(|(unit, most)| Counted { unit, most, advised }),
            show_if: show_if.map(|on| (on.field.clone(), on.answers.clone())),
            ..field
        }
    }
}

fn control(kind: &FieldKind) -> Control {
    match kind {
        FieldKind::Line { .. } => Control::Line { autocomplete: "on" },
        FieldKind::Orcid => Control::Line { autocomplete: "off" },
        FieldKind::Text { .. } => Control::Area { rows: 8 },
        FieldKind::Choice { options } => {
            let choices = options.iter().map(|(value, label)| Choice::new(value, label));
            if options.len() <= RADIOS_MAX {
                Control::Radios(choices.collect())
            } else {
                let none = Choice::new("", "Select one");
                Control::Select(std::iter::once(none).chain(choices).collect())
            }
        }
        FieldKind::Choices { options, most: _ } => {
            let choices = options.iter().map(|(value, label)| Choice::new(value, label));
            Control::Checkboxes(choices.collect())
        }
        FieldKind::Amount => Control::Amount,
        FieldKind::Date { .. } => Control::Day,
        FieldKind::Number { .. } => Control::Number,
        FieldKind::Email => Control::Email { autocomplete: "email" },
        FieldKind::Web => Control::Web,
        FieldKind::Institution => Control::Institution { found: None },
        FieldKind::Attachment { types, bytes_max, files_max } => {
            let endings = types.iter().flat_map(|kind| kind.extensions());
            let accept: Vec<String> = endings.map(|ending| format!(".{ending}")).collect();
            Control::Files {
                there: Vec::new(),
                accept: accept.join(","),
                takes: takes(types, *bytes_max, *files_max),
                room: true,
            }
        }
    }
}

/// What may be added, in words.
fn takes(types: &[FileType], bytes_max: u64, files_max: usize) -> String {
    const MEGABYTE: u64 = 1024 * 1024;
    let words: Vec<&str> = types.iter().map(|kind| kind.words()).collect();
    let types = match words.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    };
    let size = bytes_max / MEGABYTE;
    let count = if files_max == 1 { "One file" } else { &format!("Up to {files_max} files") };
    format!("{count}, {types}, each up to {size} MB.")
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
