//! What has to be answered for a question to be asked.

use bursar_kernel::program::{Condition, FormField};
use bursar_toml::{Table, nearest};

use super::Form;

pub(super) fn read(table: Table<'_>) -> Option<Condition> {
    let field = table.get("show_if");
    let answers = table.get("show_if_answers");
    let named = field.text();
    let given = answers.texts();
    if named.is_none() {
        if table.has("show_if_answers") && !table.has("show_if") {
            answers.error("answers to no question", "add `show_if` with the question's id");
        }
        return None;
    }
    if given.is_empty() {
        field.error(
            "this condition can never hold",
            "add `show_if_answers`: the answers that make this question asked",
        );
    }
    let given = given.into_iter().map(|answer| answer.text.to_owned()).collect();
    Some(Condition { field: named?.to_owned(), answers: given })
}

/// Holds what questions depend on against the form.
pub(super) fn check(tables: &[Table<'_>], form: &Form) {
    for table in tables {
        let field = table.get("show_if");
        let (Some(id), Some(on)) = (table.get("id").text(), field.text()) else { continue };
        if form.is_broken(on) {
            continue;
        }
        let Some(meant) = form.fields.iter().find(|field| field.id == on) else {
            let known = form.fields.iter().map(|field| field.id.as_str());
            let hint = match nearest(on, known) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "name a question of the form".to_owned(),
            };
            field.error(format!("the form has no question `{on}`"), hint);
            continue;
        };
        check_answers(*table, meant);
        if is_circle(form, id) {
            let message = format!("`{id}` is asked only where it is answered already");
            field.error(message, "break the circle of `show_if`");
        }
    }
}

fn check_answers(table: Table<'_>, meant: &FormField) {
    let Some(options) = meant.kind.options() else {
        let message = format!("`{}` is not a choice", meant.id);
        table.get("show_if").error(message, "conditions are about choices only");
        return;
    };
    for answer in table.get("show_if_answers").texts() {
        if options.iter().all(|(value, _)| value != answer.text) {
            let hint = match nearest(answer.text, options.iter().map(|(value, _)| value.as_str())) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "use the value of an option, not its label".to_owned(),
            };
            let message = format!("`{}` has no option `{}`", meant.id, answer.text);
            table.error_at(answer.place, message, hint);
        }
    }
}

/// Whether following the conditions from a question leads back to it.
fn is_circle(form: &Form, id: &str) -> bool {
    let mut at = id;
    for _ in &form.fields {
        let found = form.fields.iter().find(|field| field.id == at);
        let Some(on) = found.and_then(|field| field.show_if.as_ref()) else { return false };
        at = &on.field;
        if at == id {
            return true;
        }
    }
    false
}
