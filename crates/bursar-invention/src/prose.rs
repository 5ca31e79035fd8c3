//! Readable sentences about nothing, out of common words.

use crate::Draw;

/// What every answer in plain words begins with, so that nobody takes it for a model's.
pub const OPENING: &str = "This is a sandbox answer, written without a model.";

const SUBJECTS: &[&str] = &[
    "The study",
    "A careful reader",
    "The second group",
    "Each sample",
    "The report",
    "One team",
    "The first result",
    "The data set",
    "A small change",
    "The control group",
    "The method",
    "Every question",
];
const VERBS: &[&str] = &[
    "shows",
    "explains",
    "supports",
    "tests",
    "compares",
    "describes",
    "measures",
    "follows",
    "repeats",
    "changes",
    "includes",
    "suggests",
];
const OBJECTS: &[&str] = &[
    "the main idea",
    "a clear pattern",
    "the same effect",
    "an open question",
    "two other cases",
    "the expected range",
    "a simple model",
    "the original plan",
    "a longer list",
    "the cost",
    "some new evidence",
    "the next step",
];
const ENDINGS: &[&str] = &[
    "in most cases",
    "over the whole year",
    "with little effort",
    "at a low cost",
    "for each user",
    "under the same rules",
    "before the next round",
    "after a short test",
    "in plain words",
    "with some care",
    "across all groups",
    "by the end of the day",
];
const STARTS: &[&str] = &["", "", "", "In short, ", "For example, ", "However, ", "As a result, "];

/// The next sentence, with the space before it.
pub fn sentence(draw: &mut Draw) -> String {
    let start = *draw.pick(STARTS);
    let subject = *draw.pick(SUBJECTS);
    let verb = *draw.pick(VERBS);
    let object = *draw.pick(OBJECTS);
    let ending = *draw.pick(ENDINGS);
    if start.is_empty() {
        return format!(" {subject} {verb} {object} {ending}.");
    }
    let mut letters = subject.chars();
    let first = letters.next().map(|letter| letter.to_ascii_lowercase());
    let subject: String = first.into_iter().chain(letters).collect();
    format!(" {start}{subject} {verb} {object} {ending}.")
}

/// A few words, for a text inside a JSON value.
pub fn words(draw: &mut Draw) -> String {
    format!("sandbox {} {}", draw.pick(VERBS), draw.pick(OBJECTS))
}

/// A word, to stand beside a token that was chosen.
pub fn word(draw: &mut Draw) -> String {
    let phrase = *draw.pick(OBJECTS);
    let word = phrase.split(' ').next_back().unwrap_or("word");
    format!(" {word}")
}
