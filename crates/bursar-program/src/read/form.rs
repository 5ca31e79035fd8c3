//! The questions of the form, and what an applicant accepts.

use std::collections::BTreeSet;

use bursar_kernel::program::{
    Audience, Audiences, Countries, FieldKind, FileType, FormField, Intake, Pattern, Policy,
    Section,
};
use bursar_toml::{Field, Table};

use super::{id, text, url};
use crate::answers::CHARACTERS_PER_WORD_MAX;

mod conditions;
mod sections;

/// Words that one answer may have: a form is not a thesis.
const WORDS_MAX: usize = 10_000;
/// Characters that a line may have.
const LINE_CHARACTERS_MAX: usize = 1_000;

/// What a number may come to, either way: what a float of a spreadsheet still tells apart.
const NUMBER_MAX: i64 = 9_007_199_254_740_991;
const MEGABYTE: u64 = 1024 * 1024;
/// Characters of a regular expression, and bytes that it may take once it is compiled.
const PATTERN_CHARACTERS_MAX: usize = 500;
/// Bytes of a file that a program may take at the most: it goes through memory whole.
pub(super) const FILE_BYTES_MAX: u64 = 20 * 1024 * 1024;
/// Files that a question may take.
const FILES_MAX: usize = 10;

#[derive(Clone, Copy)]
enum Kind {
    Line,
    Text,
    Choice,
    Choices,
    YesNo,
    Amount,
    Date,
    Number,
    Email,
    Web,
    Orcid,
    Institution,
    Attachment,
}

const KINDS: [(&str, Kind); 13] = [
    ("line", Kind::Line),
    ("text", Kind::Text),
    ("choice", Kind::Choice),
    ("choices", Kind::Choices),
    ("yes_no", Kind::YesNo),
    ("amount", Kind::Amount),
    ("date", Kind::Date),
    ("number", Kind::Number),
    ("email", Kind::Email),
    ("web", Kind::Web),
    ("orcid", Kind::Orcid),
    ("institution", Kind::Institution),
    ("attachment", Kind::Attachment),
];

const AUDIENCES: [(&str, Audience); 3] = [
    ("applicant", Audience::Applicant),
    ("reviewer", Audience::Reviewer),
    ("officer", Audience::Officer),
];

/// Where a choice takes its options from, besides its own.
#[derive(Clone, Copy)]
pub(super) enum OptionsFrom {
    Areas,
    Countries,
}

pub(super) const OPTIONS_FROM: [(&str, OptionsFrom); 2] =
    [("areas", OptionsFrom::Areas), ("countries", OptionsFrom::Countries)];

/// The questions that could be read, and the names of those that could not.
pub(crate) struct Form {
    pub(crate) sections: Vec<Section>,
    pub(crate) fields: Vec<FormField>,
    broken: Vec<String>,
}

impl Form {
    pub(super) fn kind_of(&self, id: &str) -> Option<&FieldKind> {
        let field = self.fields.iter().find(|field| field.id == id);
        field.map(|field| &field.kind)
    }

    /// The question that a key names, which has to take text.
    pub(super) fn text_question(&self, field: &Field<'_>) -> Option<String> {
        let id = field.text()?;
        let hint = "name a question of the form of kind `line` or `text`";
        match self.kind_of(id) {
            Some(FieldKind::Line { .. } | FieldKind::Text { .. }) => {}
            Some(_) => field.error(format!("`{id}` is not a question that takes text"), hint),
            None if self.is_broken(id) => {}
            None => field.error(format!("the form has no question `{id}`"), hint),
        }
        Some(id.to_owned())
    }

    /// Whether the question is there with a mistake, which was reported: what refers to it may
    /// well be right.
    pub(super) fn is_broken(&self, id: &str) -> bool {
        self.broken.iter().any(|broken| broken == id)
    }
}

pub(crate) fn form(
    root: Table<'_>,
    areas: &[(String, String)],
    countries: Option<&Countries>,
) -> Form {
    // Where nobody applies, nothing need be asked.
    let asks = super::terms::intake(root) == Intake::Open;
    let field = if asks { root.need("form") } else { root.get("form") };
    let tables = field.tables();
    if tables.is_empty() && root.has("form") {
        field.error("the form asks nothing", "add a [[form]] for each question");
    }
    let sections = sections::read(root);
    let mut form = Form { sections, fields: Vec::with_capacity(tables.len()), broken: Vec::new() };
    let mut ids = BTreeSet::new();
    let mut amounts = 0_usize;
    for table in &tables {
        let id = id(&table.need("id"));
        if let Some(id) = id.filter(|id| !ids.insert(*id)) {
            table.get("id").error(format!("question `{id}` stands twice"), "rename one of the two");
        }
        let read = question(*table, id, &form.sections, areas, countries);
        let Some(field) = read else {
            form.broken.extend(id.map(str::to_owned));
            continue;
        };
        if field.kind == FieldKind::Amount {
            amounts = amounts.saturating_add(1);
            if 1 < amounts {
                table.get("kind").error("a second question asks for an amount", "keep one");
            }
        }
        form.fields.push(field);
    }
    conditions::check(&tables, &form);
    sections::settle(root, &mut form);
    form
}

/// A question, with everything but what it depends on held against the others.
fn question(
    table: Table<'_>,
    id: Option<&str>,
    sections: &[Section],
    areas: &[(String, String)],
    countries: Option<&Countries>,
) -> Option<FormField> {
    let label = text(table, "label");
    let name = text(table, "name");
    let missing = table.get("missing").text().map(str::to_owned);
    let hint = table.get("hint").text().map(str::to_owned);
    let optional = table.get("optional").boolean().unwrap_or(false);
    let pii = table.get("pii").boolean().unwrap_or(false);
    let show_if = conditions::read(table);
    let visible_to = visible_to(table);
    let section = sections::of_question(table, sections);
    let kind = kind(table, areas, countries);
    let advised_max = advised_max(table, kind.as_ref());
    let (id, label, name, kind, section) = (id?, label?, name?, kind?, section?);
    let verb = match kind {
        FieldKind::Choice { .. } | FieldKind::Choices { .. } => "Select",
        FieldKind::Attachment { .. } => "Add",
        FieldKind::Line { .. }
        | FieldKind::Text { .. }
        | FieldKind::Amount
        | FieldKind::Date { .. }
        | FieldKind::Number { .. }
        | FieldKind::Email
        | FieldKind::Web
        | FieldKind::Orcid
        | FieldKind::Institution => "Enter",
    };
    Some(FormField {
        missing: missing.unwrap_or_else(|| format!("{verb} your {name}")),
        id: id.to_owned(),
        section,
        label,
        name,
        hint,
        kind,
        optional,
        show_if,
        visible_to,
        pii,
        advised_max,
    })
}

/// Who reads the answer; everybody who has to do with the application, where nothing is said.
fn visible_to(table: Table<'_>) -> Audiences {
    let field = table.get("visible_to");
    if !table.has("visible_to") {
        let _ = field.words(&AUDIENCES);
        return Audiences::all();
    }
    let audiences = field.words(&AUDIENCES);
    if !audiences.contains(&Audience::Applicant) {
        let hint = "add \"applicant\": whoever answers reads the answer";
        field.error("nobody could answer what applicants do not see", hint);
    }
    Audiences::of(audiences)
}

/// What is advised, below what is allowed.
fn advised_max(table: Table<'_>, kind: Option<&FieldKind>) -> Option<usize> {
    let field = table.get("advised_max");
    let advised = field.integer(1..=limit(WORDS_MAX))?;
    let advised = usize::try_from(advised).ok()?;
    let Some((hard, _)) = kind?.length_max() else {
        field.error("this kind of answer has no length", "remove `advised_max`");
        return None;
    };
    if hard <= advised {
        field.error(
            format!("`advised_max` is {advised}, and no more than {hard} is taken"),
            "advise less than the limit, or remove the key",
        );
    }
    Some(advised)
}

fn kind(
    table: Table<'_>,
    areas: &[(String, String)],
    countries: Option<&Countries>,
) -> Option<FieldKind> {
    match table.need("kind").word(&KINDS)? {
        Kind::Line => {
            let characters_max =
                table.need("characters_max").integer(1..=limit(LINE_CHARACTERS_MAX));
            let pattern = pattern(table);
            Some(FieldKind::Line { characters_max: whole(characters_max?)?, pattern })
        }
        Kind::Text => {
            let words_max = table.need("words_max").integer(1..=limit(WORDS_MAX));
            let most = limit(WORDS_MAX.saturating_mul(CHARACTERS_PER_WORD_MAX));
            let characters_max = table.get("characters_max").integer(1..=most).and_then(whole);
            Some(FieldKind::Text { words_max: whole(words_max?)?, characters_max })
        }
        Kind::Choice => Some(FieldKind::Choice { options: options(table, areas, countries) }),
        Kind::Choices => {
            let options = options(table, areas, countries);
            let most = table.get("most").integer(1..=limit(options.len().max(1)));
            let most = most.and_then(whole).unwrap_or(options.len());
            Some(FieldKind::Choices { options, most })
        }
        Kind::YesNo => {
            let options = [("yes", "Yes"), ("no", "No")];
            let options = options.map(|(value, label)| (value.to_owned(), label.to_owned()));
            Some(FieldKind::Choice { options: options.to_vec() })
        }
        Kind::Amount => Some(FieldKind::Amount),
        Kind::Date => {
            let (from, to) = (table.get("from").date(), table.get("to").date());
            if from.zip(to).is_some_and(|(from, to)| to < from) {
                table.get("to").error("no day is from `from` to `to`", "swap the two");
            }
            Some(FieldKind::Date { from, to })
        }
        Kind::Number => {
            let range = -NUMBER_MAX..=NUMBER_MAX;
            let least = table.get("least").integer(range.clone()).unwrap_or(0);
            let most = table.get("most").integer(range).unwrap_or(NUMBER_MAX);
            if most < least {
                table.get("most").error("no number is from `least` to `most`", "swap the two");
            }
            Some(FieldKind::Number { least, most })
        }
        Kind::Email => Some(FieldKind::Email),
        Kind::Web => Some(FieldKind::Web),
        Kind::Orcid => Some(FieldKind::Orcid),
        Kind::Institution => Some(FieldKind::Institution),
        Kind::Attachment => attachment(table),
    }
}

fn attachment(table: Table<'_>) -> Option<FieldKind> {
    let words = FileType::ALL.map(|kind| (kind.name(), kind));
    let mut types = table.need("types").words(&words);
    types.sort_unstable();
    types.dedup();
    if types.is_empty() && table.has("types") {
        table.get("types").error("no file is taken", "name at least one type");
    }
    let megabytes = table.get("megabytes_max").integer(1..=FILE_BYTES_MAX / MEGABYTE);
    let files_max = table.get("files_max").integer(1..=limit(FILES_MAX)).unwrap_or(1);
    Some(FieldKind::Attachment {
        types,
        bytes_max: megabytes.unwrap_or(5).saturating_mul(MEGABYTE),
        files_max: whole(files_max)?,
    })
}

fn options(
    table: Table<'_>,
    areas: &[(String, String)],
    countries: Option<&Countries>,
) -> Vec<(String, String)> {
    let mut options = match table.get("options_from").word(&OPTIONS_FROM) {
        Some(OptionsFrom::Areas) => areas.to_vec(),
        Some(OptionsFrom::Countries) => {
            countries.map_or_else(Vec::new, |countries| countries.supported.clone())
        }
        None => Vec::new(),
    };
    let own = table.get("options").table().map_or_else(Vec::new, Table::strings_by_name);
    for (value, label) in own {
        if options.iter().any(|(other, _)| other == value) {
            table.get("options").error(format!("option `{value}` stands twice"), "keep one");
        }
        options.push((value.to_owned(), label.to_owned()));
    }
    if options.is_empty() && !table.has("options_from") {
        table.error("a choice without options", "add `options = { value = \"Label\" }`");
    }
    options
}

/// What a line has to look like, with the words for one that does not.
fn pattern(table: Table<'_>) -> Option<Pattern> {
    let field = table.get("pattern");
    let words = table.get("pattern_words").text();
    let expression = field.text()?;
    if PATTERN_CHARACTERS_MAX < expression.chars().count() {
        field.error("`pattern` is too long", "use at most 500 characters");
        return None;
    }
    if let Err(error) = crate::answers::compiled(expression) {
        let error = error.to_string();
        let last = error.lines().last().unwrap_or_default().trim_start_matches("error: ");
        field.error(format!("`pattern` is no regular expression: {last}"), "mend it");
        return None;
    }
    let Some(words) = words else {
        field.error(
            "a pattern without words",
            "add `pattern_words`: what to enter, with an example, for who enters something else",
        );
        return None;
    };
    Some(Pattern { expression: expression.to_owned(), words: words.to_owned() })
}

fn whole(number: u64) -> Option<usize> {
    usize::try_from(number).ok()
}

/// A bound as the type that a TOML integer converts to.
fn limit(bound: usize) -> u64 {
    u64::try_from(bound).unwrap_or(u64::MAX)
}

pub(super) fn policies(root: Table<'_>) -> Vec<Policy> {
    let mut ids = BTreeSet::new();
    let mut policies = Vec::new();
    for table in root.get("policy").tables() {
        let id = id(&table.need("id"));
        if let Some(id) = id.filter(|id| !ids.insert(*id)) {
            table.get("id").error(format!("policy `{id}` stands twice"), "rename one of the two");
        }
        let title = text(table, "title");
        let url = url(&table.need("url"));
        let version = text(table, "version");
        let statement = text(table, "statement");
        let policy = || {
            Some(Policy {
                id: id?.to_owned(),
                title: title?,
                url: url?,
                version: version?,
                statement: statement?,
            })
        };
        policies.extend(policy());
    }
    policies
}
