//! From what the service gives to what pages show: names, states, answers, dates, verdicts.
//! Never asks for anything: it is given what there is, and the time.

pub mod judged;
pub mod shown;

use bursar_kernel::{ApplicationId, Program};
use bursar_ui::routes;

/// The page of the form that asks a question: where it is changed.
pub fn address(program: &Program, id: ApplicationId, field: &str) -> String {
    let found = program.form.iter().find(|one| one.id == field);
    let section = found.and_then(|one| program.sections.iter().find(|part| part.id == one.section));
    match section {
        Some(section) if section.one_by_one => routes::application_question(id, &section.id, field),
        Some(section) => format!("{}#{field}", routes::application_section(id, &section.id)),
        None => routes::application_form(id),
    }
}
