//! An applicant's answers, checked against the program's form, with messages to the applicant.

use std::collections::BTreeMap;

use bursar_kernel::program::{FieldKind, FormField};
use bursar_kernel::{Program, Usd};

mod kinds;

/// Characters of an institution's name at the most, with its id.
const INSTITUTION_CHARACTERS_MAX: usize = 340;
/// Characters that a text may have for each word it may have: far above any language's average,
/// and a bound on what one word can hide.
pub(crate) const CHARACTERS_PER_WORD_MAX: usize = 20;
/// Bytes that a compiled pattern may take: a line is matched in a moment whatever it says.
const PATTERN_BYTES_MAX: usize = 256 * 1024;
/// Characters of a title.
const TITLE_CHARACTERS_MAX: usize = 120;
/// Steps from a question to the one that it depends on in the end; a reader takes no circles.
const CONDITIONS_MAX: usize = 64;

/// Answers that fit the form: complete, trimmed, with line breaks as `\n`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answers {
    /// Each answer by its question, those left out absent. Amounts are exact decimals.
    pub values: BTreeMap<String, String>,
    /// What is asked for, if the form asks for an amount.
    pub amount: Option<Usd>,
}

/// What is wrong with one answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The question.
    pub field: String,
    /// What to do, in a sentence to the applicant without a full stop.
    pub message: String,
}

/// What an application follows, and so what it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// Nothing, or applications that came to no grant.
    First,
    /// A grant of the same program: the form asks what became of it, where the program wants to
    /// know.
    AfterGrant,
}

/// What an application is called: the first line of its first long answer.
pub fn title(program: &Program, answers: &BTreeMap<String, String>) -> String {
    title_of(program, |field| answers.get(&field.id).map(String::as_str))
}

/// The same, where answers are elsewhere. Their beginnings are enough.
pub fn title_of<'a>(program: &Program, answer: impl Fn(&FormField) -> Option<&'a str>) -> String {
    let is_text = |field: &&FormField| matches!(field.kind, FieldKind::Text { .. });
    let first = program.form.iter().filter(is_text).find_map(answer);
    let line = first.and_then(|answer| answer.lines().find(|line| !line.trim().is_empty()));
    let line = line.unwrap_or(&program.name);
    let cut: String = line.chars().take(TITLE_CHARACTERS_MAX).collect();
    if cut.len() == line.len() {
        return cut;
    }
    let words = cut.rsplit_once(' ').map_or(cut.as_str(), |(words, _)| words);
    format!("{words} …")
}

/// The questions of the form that could be asked, in its order.
pub fn questions(program: &Program, occasion: Occasion) -> impl Iterator<Item = &FormField> {
    let progress = program.progress_field.as_ref();
    let asked = move |field: &&FormField| match occasion {
        Occasion::First => progress != Some(&field.id),
        Occasion::AfterGrant => true,
    };
    program.form.iter().filter(asked)
}

/// The questions that are asked by what is answered so far, in the order of the form.
pub fn asked<'p>(
    program: &'p Program,
    occasion: Occasion,
    given: &BTreeMap<String, String>,
) -> Vec<&'p FormField> {
    let could: Vec<&FormField> = questions(program, occasion).collect();
    could.iter().copied().filter(|field| is_asked(&could, field, given)).collect()
}

/// Whether what a question depends on is asked, and answered so.
fn is_asked(could: &[&FormField], field: &FormField, given: &BTreeMap<String, String>) -> bool {
    let mut at = field;
    for _ in 0..CONDITIONS_MAX {
        let Some(condition) = &at.show_if else { return true };
        let Some(on) = could.iter().find(|field| field.id == condition.field) else {
            return false;
        };
        let answer = given.get(&on.id).map(|answer| tidy(answer)).unwrap_or_default();
        // Several choices stand one a line.
        if !answer.lines().any(|line| condition.answers.iter().any(|meant| meant == line)) {
            return false;
        }
        at = on;
    }
    false
}

/// Checks answers against a program's form; an error holds one message for each question, in the
/// order of the form, and those for unknown questions after them. What is answered and not asked
/// on this occasion, or by what else is answered, is left out.
pub fn check_answers(
    program: &Program,
    occasion: Occasion,
    given: &BTreeMap<String, String>,
) -> Result<Answers, Vec<FieldError>> {
    let mut answers = Answers { values: BTreeMap::new(), amount: None };
    let mut errors = Vec::new();
    for field in asked(program, occasion, given) {
        match checked(program, field, given) {
            Ok(Some(Checked::Text(text))) => {
                answers.values.insert(field.id.clone(), text);
            }
            Ok(Some(Checked::Amount(amount))) => {
                answers.values.insert(field.id.clone(), amount.to_string());
                answers.amount = Some(amount);
            }
            Ok(None) => {}
            Err(message) => errors.push(FieldError { field: field.id.clone(), message }),
        }
    }
    errors.extend(above_own_kind(program, given, answers.amount));
    for id in given.keys().filter(|id| program.form.iter().all(|field| field.id != **id)) {
        let message = format!("This form has no question `{id}`");
        errors.push(FieldError { field: id.clone(), message });
    }
    if errors.is_empty() { Ok(answers) } else { Err(errors) }
}

/// What somebody hears who asks for more than is awarded to their kind of applicant.
fn above_own_kind(
    program: &Program,
    given: &BTreeMap<String, String>,
    amount: Option<Usd>,
) -> Option<FieldError> {
    let most = program.award.of(given).most();
    amount.filter(|amount| most < *amount)?;
    let field = program.form.iter().find(|field| field.kind == FieldKind::Amount)?;
    let name = capitalised(&field.name);
    let message = format!("{name} must be {} or less, for somebody like you", dollars(most));
    Some(FieldError { field: field.id.clone(), message })
}

/// How far a section is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// Nothing in it is answered.
    Nothing,
    /// Something is, and something is missing or does not fit.
    Part,
    /// Everything that is asked is answered, and fits.
    All,
}

/// How far a section is, with what is wrong in it; `None` where none of its questions is asked.
pub fn section(
    program: &Program,
    occasion: Occasion,
    section: &str,
    given: &BTreeMap<String, String>,
) -> Option<(Done, Vec<FieldError>)> {
    let asked = asked(program, occasion, given);
    let of: Vec<&FormField> = asked.into_iter().filter(|field| field.section == section).collect();
    if of.is_empty() {
        return None;
    }
    let is_answered =
        |field: &&FormField| given.get(&field.id).is_some_and(|answer| !answer.trim().is_empty());
    let errors: Vec<FieldError> = of
        .iter()
        .filter_map(|field| {
            let message = checked(program, field, given).err()?;
            Some(FieldError { field: field.id.clone(), message })
        })
        .collect();
    let answered = of.iter().any(is_answered);
    let optional = of.iter().all(|field| field.optional);
    let done = match (errors.is_empty(), answered) {
        // A section that may be left out whole is done only once somebody has been there.
        (true, false) if optional => Done::Nothing,
        (true, _) => Done::All,
        (false, true) => Done::Part,
        (false, false) => Done::Nothing,
    };
    Some((done, errors))
}

/// What is wrong with one answer as it stands; nothing where there is none, and it may be so.
fn checked(
    program: &Program,
    field: &FormField,
    given: &BTreeMap<String, String>,
) -> Result<Option<Checked>, String> {
    let answer = given.get(&field.id).map(|answer| tidy(answer)).unwrap_or_default();
    if answer.is_empty() {
        missing(program, field, given).map_or(Ok(None), Err)
    } else {
        check(program, field, &answer).map(Some)
    }
}

/// What is advised of an answer that is taken: where it is longer than the program advises.
pub fn advice(field: &FormField, answer: &str) -> Option<String> {
    let advised = field.advised_max?;
    let (_, unit) = field.kind.length_max()?;
    let count = if unit == "words" { words(answer) } else { tidy(answer).chars().count() };
    let advised_words = thousands(&advised.to_string());
    (advised < count).then(|| format!("{advised_words} {unit} are advised; this has {count}."))
}

/// How many words a text has, as the limits count them.
pub fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

enum Checked {
    Text(String),
    Amount(Usd),
}

/// White space around the answer goes, and each kind of line break becomes `\n`.
pub(crate) fn tidy(answer: &str) -> String {
    answer.replace("\r\n", "\n").replace('\r', "\n").trim().to_owned()
}

/// What to say of a question that has no answer; nothing if it needs none.
fn missing(
    program: &Program,
    field: &FormField,
    given: &BTreeMap<String, String>,
) -> Option<String> {
    if !field.optional {
        return Some(field.missing.clone());
    }
    let justifies = program.justification_field.as_ref() == Some(&field.id);
    let typical = program.award.of(given).typical_max;
    (justifies && requested(program, given).is_some_and(|amount| typical < amount))
        .then(|| format!("Explain why you need more than {}", dollars(typical)))
}

/// The largest amount that the answers ask for, if it can be awarded at all.
fn requested(program: &Program, given: &BTreeMap<String, String>) -> Option<Usd> {
    let fields = program.form.iter().filter(|field| field.kind == FieldKind::Amount);
    let amounts = fields.filter_map(|field| {
        let answer = given.get(&field.id)?;
        amount(program, field, &tidy(answer)).ok()
    });
    amounts.max()
}

fn check(program: &Program, field: &FormField, answer: &str) -> Result<Checked, String> {
    let name = capitalised(&field.name);
    let stray = |letter: char| letter.is_control() && letter != '\n' && letter != '\t';
    if answer.contains(stray) {
        return Err(format!("{name} must not contain invisible control characters"));
    }
    let text = match &field.kind {
        FieldKind::Line { characters_max, pattern } => {
            line(&name, answer, *characters_max)?;
            if let Some(pattern) = pattern {
                let fits = compiled(&pattern.expression).is_ok_and(|whole| whole.is_match(answer));
                fits.then_some(()).ok_or_else(|| pattern.words.clone())?;
            }
            answer.to_owned()
        }
        FieldKind::Text { words_max, characters_max } => {
            at_most(&name, words(answer), *words_max, "words")?;
            let most = words_max.saturating_mul(CHARACTERS_PER_WORD_MAX);
            let most = characters_max.map_or(most, |characters| characters.min(most));
            at_most(&name, answer.chars().count(), most, "characters")?;
            answer.to_owned()
        }
        FieldKind::Choice { options } => {
            let known = options.iter().any(|(value, _)| value == answer);
            known.then(|| answer.to_owned()).ok_or_else(|| field.missing.clone())?
        }
        FieldKind::Choices { options, most } => choices(field, options, *most, answer)?,
        FieldKind::Amount => return amount(program, field, answer).map(Checked::Amount),
        FieldKind::Date { from, to } => kinds::date(&name, answer, *from, *to)?,
        FieldKind::Number { least, most } => kinds::number(&name, answer, *least, *most)?,
        FieldKind::Email => kinds::email(&name, answer)?,
        FieldKind::Web => kinds::web(&name, answer)?,
        FieldKind::Orcid => kinds::orcid(&name, answer)?,
        FieldKind::Institution => {
            line(&name, answer, INSTITUTION_CHARACTERS_MAX)?;
            answer.to_owned()
        }
        FieldKind::Attachment { types: _, bytes_max: _, files_max } => {
            let files = crate::files::listed(answer);
            at_most(&name, files.len(), *files_max, "files")?;
            if files.is_empty() {
                return Err(field.missing.clone());
            }
            crate::files::written(&files)
        }
    };
    Ok(Checked::Text(text))
}

fn line(name: &str, answer: &str, characters_max: usize) -> Result<(), String> {
    if answer.contains(['\n', '\t']) {
        return Err(format!("{name} must be on one line"));
    }
    at_most(name, answer.chars().count(), characters_max, "characters")
}

/// Several options, in the order of the list.
fn choices(
    field: &FormField,
    options: &[(String, String)],
    most: usize,
    answer: &str,
) -> Result<String, String> {
    let chosen: Vec<&str> = answer.lines().collect();
    let known = |value: &&str| options.iter().any(|(known, _)| known == value);
    if !chosen.iter().all(known) {
        return Err(field.missing.clone());
    }
    let in_order: Vec<&str> = options
        .iter()
        .map(|(value, _)| value.as_str())
        .filter(|value| chosen.contains(value))
        .collect();
    if most < in_order.len() {
        return Err(format!("Select {most} or fewer for your {}", field.name));
    }
    Ok(in_order.join("\n"))
}

/// A pattern that has to match the whole of a line.
pub(crate) fn compiled(expression: &str) -> Result<regex::Regex, regex::Error> {
    let whole = format!("^(?:{expression})$");
    regex::RegexBuilder::new(&whole).size_limit(PATTERN_BYTES_MAX).build()
}

fn at_most(name: &str, count: usize, most: usize, unit: &str) -> Result<(), String> {
    if count <= most {
        return Ok(());
    }
    Err(format!("{name} must be {} {unit} or fewer", thousands(&most.to_string())))
}

/// Reads an amount as people write it: `750`, `$1,000`, `1000.50`.
fn amount(program: &Program, field: &FormField, answer: &str) -> Result<Usd, String> {
    let name = capitalised(&field.name);
    let digits = answer.strip_prefix('$').unwrap_or(answer).trim_start();
    let (whole, cents) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = whole.replace(',', "");
    if (whole.contains(',') && thousands(&plain) != whole) || 2 < cents.len() {
        return Err(format!("{name} must be in dollars and cents, like 750 or 750.50"));
    }
    let amount: Usd = digits
        .replace(',', "")
        .parse()
        .map_err(|_| format!("{name} must be in dollars and cents, like 750 or 750.50"))?;
    if !amount.is_positive() {
        return Err(format!("{name} must be more than $0"));
    }
    let most = program.award.most();
    if most < amount {
        return Err(format!("{name} must be {} or less", dollars(most)));
    }
    Ok(amount)
}

/// `$1,000`, or `$1,000.50` where there are cents.
pub(crate) fn dollars(amount: Usd) -> String {
    let text = amount.to_string();
    match text.split_once('.') {
        Some((whole, "00")) => format!("${}", thousands(whole)),
        Some((whole, cents)) => format!("${}.{cents}", thousands(whole)),
        None => format!("${text}"),
    }
}

/// Digits in groups of three.
fn thousands(digits: &str) -> String {
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if 0 < index && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
