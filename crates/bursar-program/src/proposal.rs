//! Advice on a proposal before it is sent: whether it reads as research. Never a gate.
//!
//! It goes by marks that can be found without understanding (a question mark, a number, a word for
//! what is measured), in English; every point says what was looked for, so that a person can judge.

use std::collections::BTreeMap;

use bursar_kernel::program::FieldKind;
use bursar_kernel::{Program, Usd};

use crate::answers::{dollars, words};

/// A question longer than this is several.
const QUESTION_WORDS_MAX: usize = 60;
/// A method shorter than this leaves a reviewer guessing.
const METHOD_WORDS_MIN: usize = 40;
/// A use of the API shorter than this has no reason in it.
const NEED_WORDS_MIN: usize = 15;
/// A justification shorter than this justifies nothing.
const JUSTIFICATION_WORDS_MIN: usize = 20;

/// The marks that end a question, in the scripts that have one of their own.
const QUESTION_MARKS: [char; 4] = ['?', '؟', '？', ';'];
/// Beginnings of words by which a method says what it compares or measures.
const METHOD_MARKS: [&str; 22] = [
    "analy",
    "annotat",
    "benchmark",
    "classif",
    "coder",
    "compar",
    "control",
    "correlat",
    "count",
    "estimat",
    "evaluat",
    "experiment",
    "interview",
    "judge",
    "label",
    "measur",
    "outcome",
    "rate",
    "regress",
    "sample",
    "score",
    "test",
];
/// Beginnings of words by which a plan names what it calls.
const MODEL_MARKS: [&str; 7] = ["gpt", "o1", "o3", "o4", "model", "embedding", "moderation"];
/// Words that give a reason.
const REASONS: [&str; 16] = [
    "because",
    "cannot",
    "depend",
    "depends",
    "impossible",
    "necessary",
    "need",
    "needed",
    "needs",
    "only",
    "required",
    "requires",
    "since",
    "therefore",
    "unless",
    "without",
];

/// One thing that makes a proposal read as research.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// Its short name: `question`, `method`, `need`, `funding`, `amount`.
    pub id: &'static str,
    /// The question of the form that it is about.
    pub field: String,
    /// What is looked for.
    pub about: &'static str,
    /// Whether it was found.
    pub found: bool,
    /// What was found, or what would help.
    pub says: String,
}

/// What speaks for the proposal and what would help it.
pub fn check(program: &Program, answers: &BTreeMap<String, String>) -> Vec<Point> {
    let fields = &program.proposal;
    let text = |field: &String| answers.get(field).map_or("", String::as_str);
    let mut points = Vec::new();
    points.extend(fields.question.as_ref().map(|field| question(field, text(field))));
    points.extend(fields.method.as_ref().map(|field| method(field, text(field))));
    points.extend(fields.need.as_ref().map(|field| need(field, text(field))));
    points.extend(fields.funding.as_ref().map(|field| funding(program, field, text(field))));
    points.extend(amount(program, answers));
    points
}

fn question(field: &str, text: &str) -> Point {
    let (found, says) = if !text.contains(QUESTION_MARKS) {
        (false, "Put it as a question that a study could answer, with a question mark.")
    } else if QUESTION_WORDS_MAX < words(text) {
        (false, "It is long: one question, in a sentence or two, is remembered.")
    } else {
        (true, "It asks something that a study could answer.")
    };
    Point {
        id: "question",
        about: "A clear question",
        found,
        says: says.to_owned(),
        field: field.to_owned(),
    }
}

fn method(field: &str, text: &str) -> Point {
    let mut missing = Vec::new();
    if words(text) < METHOD_WORDS_MIN {
        missing.push("describe the steps in some sentences");
    }
    if !has_number(text) {
        missing.push("say how many: items, prompts, people, weeks");
    }
    if !has_word(text, |word| METHOD_MARKS.iter().any(|mark| word.starts_with(mark))) {
        missing.push("say what you measure or compare");
    }
    let found = "It says what is done, with how many, and what is measured.";
    advise("method", field, "A concrete method", &missing, found)
}

fn need(field: &str, text: &str) -> Point {
    let mut missing = Vec::new();
    if words(text) < NEED_WORDS_MIN || !has_word(text, |word| REASONS.contains(&word)) {
        missing.push("say why the study needs the API, and what would be impossible without it");
    }
    if !has_word(text, |word| MODEL_MARKS.iter().any(|mark| word.starts_with(mark))) {
        missing.push("name the models");
    }
    if !has_number(text) {
        missing.push("say roughly how many calls");
    }
    let found = "It names models and calls, and gives a reason.";
    advise("need", field, "A specific reason for the API", &missing, found)
}

fn funding(program: &Program, field: &str, answer: &str) -> Point {
    let mut counts = program.eligibility.priorities.iter().filter(|counts| counts.field == field);
    let says = if answer.is_empty() {
        "Say whether funding is limited: if it is, it counts in your favour."
    } else if counts.any(|counts| counts.answers.iter().any(|one| one == answer)) {
        "You say so, and it counts in your favour."
    } else {
        "You say that it is not limited. If it is after all, say so: it counts in your favour."
    };
    let about = "Limited funding, said plainly";
    let found = !answer.is_empty();
    Point { id: "funding", about, found, says: says.to_owned(), field: field.to_owned() }
}

fn amount(program: &Program, answers: &BTreeMap<String, String>) -> Option<Point> {
    let field = program.form.iter().find(|field| field.kind == FieldKind::Amount)?;
    let typed = answers.get(&field.id).map_or("", String::as_str).replace([',', '$'], "");
    let typical = program.award.of(answers).typical_max;
    let of = |field: Option<&String>| field.and_then(|id| answers.get(id)).map(String::as_str);
    let justified = words(of(program.justification_field.as_ref()).unwrap_or_default());
    let plan = of(program.proposal.need.as_ref());
    let (found, says) = match typed.trim().parse::<Usd>() {
        Err(_) => (false, "Say how much you ask for.".to_owned()),
        Ok(asked) if typical < asked && justified < JUSTIFICATION_WORDS_MIN => {
            let typical = dollars(typical);
            (false, format!("More than {typical} takes a reason: what makes the project larger."))
        }
        Ok(_) if plan.is_some_and(|plan| !has_number(plan)) => {
            (false, "Show how it comes about: calls, tokens a call, price.".to_owned())
        }
        Ok(_) => {
            let says = "It is within what the program awards, and the plan has figures behind it.";
            (true, says.to_owned())
        }
    };
    Some(Point { id: "amount", about: "A plausible amount", found, says, field: field.id.clone() })
}

fn advise(
    id: &'static str,
    field: &str,
    about: &'static str,
    missing: &[&str],
    found: &str,
) -> Point {
    let says = if missing.is_empty() {
        found.to_owned()
    } else {
        format!("It would help to {}.", missing.join("; to "))
    };
    Point { id, about, found: missing.is_empty(), says, field: field.to_owned() }
}

fn has_number(text: &str) -> bool {
    text.contains(char::is_numeric)
}

fn has_word(text: &str, is_meant: impl Fn(&str) -> bool) -> bool {
    let text = text.to_lowercase();
    text.split(|letter: char| !letter.is_alphanumeric()).any(is_meant)
}
