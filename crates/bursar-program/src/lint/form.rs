//! What a form says that cannot be meant, or helps nobody.

use bursar_kernel::Program;
use bursar_kernel::program::{Audience, FieldKind, FormField, Verdict};

use super::Contradiction;

pub(super) fn contradictions(program: &Program) -> Vec<Contradiction> {
    let mut found = Vec::new();
    for field in &program.form {
        if [Audience::Reviewer, Audience::Officer].iter().all(|who| !field.visible_to.has(*who)) {
            found.push(Contradiction {
                about: "form.visible_to",
                message: format!("`{}` is asked, and nobody who decides may see it", field.id),
                hint: "add \"officer\" to `visible_to`, or do not ask".to_owned(),
            });
        }
        found.extend(never_asked(program, field));
        found.extend(out_of_sight(program, field));
        if let FieldKind::Choices { most: 0, .. } = field.kind {
            found.push(Contradiction {
                about: "form.most",
                message: format!("`{}` can never be answered", field.id),
                hint: "let at least one be chosen".to_owned(),
            });
        }
    }
    found
}

pub(super) fn remarks(program: &Program) -> Vec<Contradiction> {
    let order = |id: &str| program.form.iter().position(|field| field.id == id);
    let mut found = Vec::new();
    for field in &program.form {
        if field.pii && field.visible_to.has(Audience::Reviewer) {
            found.push(Contradiction {
                about: "form.pii",
                message: format!("`{}` is about a person, and reviewers read it", field.id),
                hint: "add visible_to = [\"applicant\", \"officer\"] to review blind".to_owned(),
            });
        }
        let later = |on: &str| order(&field.id) < order(on);
        if let Some(condition) = field.show_if.as_ref().filter(|on| later(&on.field)) {
            found.push(Contradiction {
                about: "form.show_if",
                message: format!(
                    "`{}` is decided by `{}`, which is asked after it",
                    field.id, condition.field
                ),
                hint: "put the question that decides first".to_owned(),
            });
        }
    }
    found
}

/// A condition that holds only where nothing can be submitted, or nothing decides.
fn never_asked(program: &Program, field: &FormField) -> Option<Contradiction> {
    let condition = field.show_if.as_ref()?;
    let excluded = |answer: &String| {
        program.eligibility.rules.iter().any(|rule| {
            rule.verdict == Verdict::Ineligible
                && rule.field == condition.field
                && rule.answers.contains(answer)
        })
    };
    condition.answers.iter().all(excluded).then(|| Contradiction {
        about: "form.show_if",
        message: format!(
            "`{}` is asked only of those whose answer to `{}` excludes them",
            field.id, condition.field
        ),
        hint: "remove the question, or ask it with other answers too".to_owned(),
    })
}

/// What the rules and the award rest on, and officers do not see.
fn out_of_sight(program: &Program, field: &FormField) -> Option<Contradiction> {
    let ruled = program.eligibility.rules.iter().any(|rule| rule.field == field.id);
    let needed = ruled || field.kind == FieldKind::Amount;
    (needed && !field.visible_to.has(Audience::Officer)).then(|| Contradiction {
        about: "form.visible_to",
        message: format!("officers decide by `{}`, and may not see it", field.id),
        hint: "add \"officer\" to its `visible_to`".to_owned(),
    })
}
