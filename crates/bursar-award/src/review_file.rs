//! Reviews on paper, so to say: a text file to read, fill in anywhere, and hand back. What is
//! written is read back whatever the texts are, and nothing that an applicant wrote can pass for a
//! line of the form.

mod read;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use bursar_kernel::ApplicationId;
use bursar_kernel::program::Criterion;

use crate::review_draft::{COMMENT, FOR_OFFICER, RECOMMENDATION, SCORE};

pub use read::{check, read};

/// Bytes of a file at the most: some hundred applications of a few pages each.
pub const REVIEW_FILE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Mistakes that are told at once; who has more has sent another file.
pub const MISTAKES_MAX: usize = 100;

/// The first line of every such file.
const HEADER: &str = "BURSAR REVIEW FORM 1";
/// What begins the part of an application, followed by its name.
const APPLICATION: &str = "===== application ";
/// What begins the line that says what the fields were when the file was made.
const SHOWN_WITH: &str = "===== made with ";
/// The last line.
const END: &str = "===== end";
/// What begins a field, followed by its name; and, alone, what ends one.
const FIELD: &str = "-----";

const HOW: &str = "\
Fill in your reviews below the lines that begin with \"-----\", save this file, and hand it in
on the page that you have it from. It becomes your drafts: nothing is submitted by itself.
Lines that begin with \"|\" are for you to read. Leave those that begin with \"=====\" and
\"-----\" as they are. Should a line of your own be \"-----\", or begin with \"----- \" or
\"===== \", write \"\\\" in front of it.";

/// An application in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormPart {
    /// The application.
    pub application: ApplicationId,
    /// Its title, and what else is to be known in a line each: its program, when it is due.
    pub heading: Vec<String>,
    /// Questions and answers, as far as reviewers read them.
    pub answers: Vec<(String, String)>,
    /// What is scored.
    pub rubric: Vec<Criterion>,
    /// What is written so far, by the form's field.
    pub fields: BTreeMap<String, String>,
    /// What those fields are, as [`crate::draft::shown_with`] says it.
    pub shown_with: String,
}

/// What somebody has filled in about an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilledPart {
    /// The application.
    pub application: ApplicationId,
    /// Its line in the file.
    pub line: usize,
    /// What the fields were when the file was made.
    pub shown_with: String,
    /// What is in the fields, each with the line that it begins on. A field that was taken out of
    /// the file is not here.
    pub fields: BTreeMap<String, (usize, String)>,
}

/// Something in a file that cannot be meant so.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mistake {
    /// Where; lines count from 1.
    pub line: usize,
    /// What is wrong there.
    pub what: String,
    /// What to do about it.
    pub hint: String,
}

/// Writes applications to a file.
pub fn write(parts: &[FormPart]) -> String {
    let mut file = format!("{HEADER}\n");
    told(&mut file, HOW);
    for part in parts {
        let _ = writeln!(file, "\n{APPLICATION}{}", part.application);
        let _ = writeln!(file, "{SHOWN_WITH}{}", part.shown_with);
        for line in &part.heading {
            told(&mut file, line);
        }
        for (question, answer) in &part.answers {
            told(&mut file, "");
            told(&mut file, &question.to_uppercase());
            told(&mut file, if answer.is_empty() { "(not answered)" } else { answer });
        }
        told(&mut file, "");
        told(&mut file, "YOUR REVIEW");
        for (name, asks) in asked(&part.rubric) {
            let text = part.fields.get(&name).map_or("", String::as_str);
            file.push('\n');
            told(&mut file, &asks);
            let _ = writeln!(file, "{FIELD} {name}");
            typed(&mut file, text);
            let _ = writeln!(file, "{FIELD}");
        }
    }
    let _ = writeln!(file, "\n{END}");
    file
}

/// What each field asks, in the form's order.
fn asked(rubric: &[Criterion]) -> Vec<(String, String)> {
    let score = |criterion: &Criterion| {
        let asks = format!(
            "{} (weight {}): {}\nA whole number from 1, the least, to {}, the best.",
            criterion.label, criterion.weight, criterion.asks, criterion.scale
        );
        (format!("{SCORE}{}", criterion.id), asks)
    };
    let rest = [
        (RECOMMENDATION, "What do you recommend? One of: award, unsure, decline."),
        (COMMENT, "Why? Name the strongest point and the weakest, with where they stand."),
        (FOR_OFFICER, "For the officer only: no applicant and no other reviewer reads it."),
    ];
    let rest = rest.map(|(name, asks)| (name.to_owned(), asks.to_owned()));
    rubric.iter().map(score).chain(rest).collect()
}

/// Lines to read, which are no lines of the form whatever they say.
fn told(file: &mut String, text: &str) {
    for line in plain(text).split('\n') {
        let _ = writeln!(file, "{}", format!("| {line}").trim_end());
    }
}

/// What a field holds: as it is, but for lines that could pass for the form's.
fn typed(file: &mut String, text: &str) {
    for line in plain(text).split('\n') {
        let guard = if is_mark(line.trim_start_matches('\\')) { "\\" } else { "" };
        let _ = writeln!(file, "{guard}{line}");
    }
}

/// Whether a line is one of the form's.
fn is_mark(line: &str) -> bool {
    let begins = |mark: &str| {
        let rest = line.strip_prefix(mark);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
    };
    begins(FIELD) || begins("=====")
}

/// A text whose lines end as everywhere here.
fn plain(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

#[cfg(test)]
mod tests;
