//! The parts of the form, each a page.

use std::collections::BTreeSet;

use bursar_kernel::program::Section;
use bursar_toml::{Table, nearest};

use super::{Form, id, text};

/// The one part of a form whose file names none.
const ONLY: &str = "answers";

pub(super) fn read(root: Table<'_>) -> Vec<Section> {
    let mut ids = BTreeSet::new();
    let mut sections = Vec::new();
    for table in root.get("section").tables() {
        let id = id(&table.need("id"));
        if let Some(id) = id.filter(|id| !ids.insert(*id)) {
            table.get("id").error(format!("section `{id}` stands twice"), "rename one of the two");
        }
        let title = text(table, "title");
        let intro = table.get("intro").text().map(str::to_owned);
        let one_by_one = table.get("one_by_one").boolean().unwrap_or(false);
        let section = || Some(Section { id: id?.to_owned(), title: title?, intro, one_by_one });
        sections.extend(section());
    }
    if sections.is_empty() {
        let title = "Your answers".to_owned();
        let only = Section { id: ONLY.to_owned(), title, intro: None, one_by_one: false };
        sections.push(only);
    }
    sections
}

/// The section that a question is asked in.
pub(super) fn of_question(table: Table<'_>, sections: &[Section]) -> Option<String> {
    let field = table.get("section");
    let named = field.text();
    let ids = || sections.iter().map(|section| section.id.as_str());
    let Some(named) = named else {
        if table.has("section") {
            return None;
        }
        if let [only] = sections {
            return Some(only.id.clone());
        }
        table.error("a question of no section", "add `section`: the form is in several parts");
        return None;
    };
    if ids().any(|id| id == named) {
        return Some(named.to_owned());
    }
    let hint = match nearest(named, ids()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "add a [[section]] of that id".to_owned(),
    };
    field.error(format!("there is no section `{named}`"), hint);
    None
}

/// Puts the questions in the order of the sections; a section without one is a mistake.
pub(super) fn settle(root: Table<'_>, form: &mut Form) {
    let order = |id: &str| form.sections.iter().position(|section| section.id == id);
    form.fields.sort_by_key(|field| order(&field.section));
    for table in root.get("section").tables() {
        let Some(id) = table.get("id").text() else { continue };
        if form.broken.is_empty() && form.fields.iter().all(|field| field.section != id) {
            table.error(format!("section `{id}` asks nothing"), "add `section` to its questions");
        }
    }
}
