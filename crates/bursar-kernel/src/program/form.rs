//! What an applicant is asked, and accepts.

/// A question of the application form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormField {
    /// Its name in the answers: `research_question`.
    pub id: String,
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
}

/// What an answer looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// A line of text.
    Line {
        /// Characters at the most.
        characters_max: usize,
    },
    /// Paragraphs of text.
    Text {
        /// Words at the most.
        words_max: usize,
    },
    /// One of a list.
    Choice {
        /// The options, as value and label.
        options: Vec<(String, String)>,
    },
    /// An amount of dollars.
    Amount,
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
