//! The questions of the form, and what an applicant accepts.

use std::collections::BTreeSet;

use bursar_kernel::program::{Countries, FieldKind, FormField, Intake, Policy};
use bursar_toml::{Field, Table};

use super::{id, text, url};

/// Words that one answer may have: a form is not a thesis.
const WORDS_MAX: usize = 10_000;
/// Characters that a line may have.
const LINE_CHARACTERS_MAX: usize = 1_000;

#[derive(Clone, Copy)]
enum Kind {
    Line,
    Text,
    Choice,
    Amount,
}

const KINDS: [(&str, Kind); 4] = [
    ("line", Kind::Line),
    ("text", Kind::Text),
    ("choice", Kind::Choice),
    ("amount", Kind::Amount),
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
pub(super) struct Form {
    pub(super) fields: Vec<FormField>,
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
            Some(FieldKind::Choice { .. } | FieldKind::Amount) => {
                field.error(format!("`{id}` is not a question that takes text"), hint);
            }
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

pub(super) fn form(
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
    let mut ids = BTreeSet::new();
    let mut amounts = 0_usize;
    let mut form = Form { fields: Vec::with_capacity(tables.len()), broken: Vec::new() };
    for table in tables {
        let id = id(&table.need("id"));
        if let Some(id) = id.filter(|id| !ids.insert(*id)) {
            table.get("id").error(format!("question `{id}` stands twice"), "rename one of the two");
        }
        let label = text(table, "label");
        let name = text(table, "name");
        let missing = table.get("missing").text().map(str::to_owned);
        let hint = table.get("hint").text().map(str::to_owned);
        let optional = table.get("optional").boolean().unwrap_or(false);
        let kind = kind(table, areas, countries);
        if matches!(kind, Some(FieldKind::Amount)) {
            amounts = amounts.saturating_add(1);
            if 1 < amounts {
                table.get("kind").error("a second question asks for an amount", "keep one");
            }
        }
        let (Some(id), Some(label), Some(name), Some(kind)) = (id, label, name, kind) else {
            form.broken.extend(id.map(str::to_owned));
            continue;
        };
        let verb = if matches!(kind, FieldKind::Choice { .. }) { "Select" } else { "Enter" };
        let missing = missing.unwrap_or_else(|| format!("{verb} your {name}"));
        form.fields.push(FormField {
            id: id.to_owned(),
            label,
            name,
            missing,
            hint,
            kind,
            optional,
        });
    }
    form
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
            Some(FieldKind::Line { characters_max: usize::try_from(characters_max?).ok()? })
        }
        Kind::Text => {
            let words_max = table.need("words_max").integer(1..=limit(WORDS_MAX));
            Some(FieldKind::Text { words_max: usize::try_from(words_max?).ok()? })
        }
        Kind::Choice => {
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
                    table
                        .get("options")
                        .error(format!("option `{value}` stands twice"), "keep one");
                }
                options.push((value.to_owned(), label.to_owned()));
            }
            if options.is_empty() && !table.has("options_from") {
                table.error("a choice without options", "add `options = { value = \"Label\" }`");
            }
            Some(FieldKind::Choice { options })
        }
        Kind::Amount => Some(FieldKind::Amount),
    }
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
