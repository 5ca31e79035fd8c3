//! What an applicant is asked, and accepts.

use jiff::civil::Date;

/// A part of the application form: the questions of one page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its short name, which stands in its address: `proposal`.
    pub id: String,
    /// Its title in the list of tasks and on its page.
    pub title: String,
    /// What is good to know before answering.
    pub intro: Option<String>,
    /// Whether each question has a page of its own.
    pub one_by_one: bool,
}

/// A question of the application form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormField {
    /// Its name in the answers: `research_question`.
    pub id: String,
    /// The section it is asked in.
    pub section: String,
    /// The question as the applicant reads it.
    pub label: String,
    /// What messages call the answer, in the middle of a sentence: `research question`.
    pub name: String,
    /// What to say when it is left out: `Enter your research question`.
    pub missing: String,
    /// A line of help under it.
    pub hint: Option<String>,
    /// What an answer looks like.
    pub kind: FieldKind,
    /// Whether it may be left out.
    pub optional: bool,
    /// What has to be answered elsewhere for it to be asked at all; `None` if it always is.
    pub show_if: Option<Condition>,
    /// Who reads the answer.
    pub visible_to: Audiences,
    /// Whether the answer says something about a person.
    pub pii: bool,
    /// More than this (words of a text, characters of a line) is advised against, and taken.
    pub advised_max: Option<usize>,
}

/// What another question has to be answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The other question, a choice of some kind.
    pub field: String,
    /// One of these is enough.
    pub answers: Vec<String>,
}

/// Somebody who reads answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Audience {
    /// Those who apply.
    Applicant,
    /// Those who review.
    Reviewer,
    /// Those who decide.
    Officer,
}

/// Who reads an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audiences(Vec<Audience>);

impl Audiences {
    /// Everybody who has to do with the application.
    pub fn all() -> Self {
        Self(vec![Audience::Applicant, Audience::Reviewer, Audience::Officer])
    }

    /// These and nobody else.
    pub fn of(mut audiences: Vec<Audience>) -> Self {
        audiences.sort_unstable();
        audiences.dedup();
        Self(audiences)
    }

    /// Whether somebody is among them.
    pub fn has(&self, audience: Audience) -> bool {
        self.0.contains(&audience)
    }
}

/// What an answer looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// A line of text.
    Line {
        /// Characters at the most.
        characters_max: usize,
        /// What it has to look like, where that is known.
        pattern: Option<Pattern>,
    },
    /// Paragraphs of text.
    Text {
        /// Words at the most.
        words_max: usize,
        /// Characters at the most, where the program counts them too.
        characters_max: Option<usize>,
    },
    /// One of a list.
    Choice {
        /// The options, as value and label.
        options: Vec<(String, String)>,
    },
    /// Several of a list; the answer has the values, one a line, in the order of the list.
    Choices {
        /// The options, as value and label.
        options: Vec<(String, String)>,
        /// How many at the most.
        most: usize,
    },
    /// An amount of dollars.
    Amount,
    /// A day: `2027-11-30`.
    Date {
        /// The first day that is taken.
        from: Option<Date>,
        /// The last day that is taken.
        to: Option<Date>,
    },
    /// A whole number.
    Number {
        /// The least.
        least: i64,
        /// The most.
        most: i64,
    },
    /// A mail address.
    Email,
    /// The address of a page.
    Web,
    /// An ORCID iD: `0000-0002-1825-0097`.
    Orcid,
    /// An institution, by its name and its ROR id where it has one (see
    /// [`institution_of`](crate::institution_of)).
    Institution,
    /// Files; the answer has a line for each (see `bursar_program::files`).
    Attachment {
        /// What is taken.
        types: Vec<FileType>,
        /// Bytes of a file at the most.
        bytes_max: u64,
        /// Files at the most.
        files_max: usize,
    },
}

impl FieldKind {
    /// How long an answer may be, and what it is counted in, where a program says so.
    pub fn length_max(&self) -> Option<(usize, &'static str)> {
        if let Self::Line { characters_max, .. } = self {
            return Some((*characters_max, "characters"));
        }
        if let Self::Text { words_max, .. } = self {
            return Some((*words_max, "words"));
        }
        None
    }

    /// What can be chosen, where it is a choice.
    pub fn options(&self) -> Option<&[(String, String)]> {
        match self {
            Self::Choice { options } | Self::Choices { options, most: _ } => Some(options),
            Self::Line { .. }
            | Self::Text { .. }
            | Self::Amount
            | Self::Date { .. }
            | Self::Number { .. }
            | Self::Email
            | Self::Web
            | Self::Orcid
            | Self::Institution
            | Self::Attachment { .. } => None,
        }
    }
}

/// What an identifier looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// A regular expression that the whole line has to match.
    pub expression: String,
    /// What to say of a line that does not: `Enter an organization ID, like org-1a2B3c`.
    pub words: String,
}

/// What a file can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileType {
    /// A document as PDF.
    Pdf,
    /// A picture as PNG.
    Png,
    /// A picture as JPEG.
    Jpeg,
    /// Plain text.
    Text,
    /// A table as CSV.
    Csv,
}

impl FileType {
    /// Every type.
    pub const ALL: [Self; 5] = [Self::Pdf, Self::Png, Self::Jpeg, Self::Text, Self::Csv];

    /// The name that files, columns and JSON use: `pdf`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Png => "png",
            Self::Jpeg => "jpeg",
            Self::Text => "text",
            Self::Csv => "csv",
        }
    }

    /// What it is called in a sentence: `PDF`.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Pdf => "PDF",
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::Text => "plain text",
            Self::Csv => "CSV",
        }
    }

    /// What it is sent as.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Text => "text/plain; charset=utf-8",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }

    /// What such a file's name may end with.
    pub const fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["pdf"],
            Self::Png => &["png"],
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Text => &["txt", "md", "text"],
            Self::Csv => &["csv"],
        }
    }

    /// The type that has a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Something an applicant accepts before submitting; its version is recorded with the acceptance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Its short name: `usage`.
    pub id: String,
    /// Its title on the page.
    pub title: String,
    /// Where to read it.
    pub url: String,
    /// Which edition is accepted, usually a date.
    pub version: String,
    /// What accepting it means, in a sentence.
    pub statement: String,
}

/// Where the parts of a proposal stand in the form.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ProposalFields {
    /// What the study asks.
    pub question: Option<String>,
    /// How it goes about it.
    pub method: Option<String>,
    /// What it needs the API for.
    pub need: Option<String>,
    /// Whether funding is limited.
    pub funding: Option<String>,
}
