//! The draft: its form, the check before it is sent, and its sending.

use std::collections::BTreeMap;

use bursar_kernel::program::{FieldKind, FormField};
use bursar_kernel::{ApplicationId, Program};
use bursar_program::answers::{FieldError, check_answers, questions};
use bursar_program::eligibility::{self, Standing};
use bursar_service::{ApplicantPage, ServiceError, Stage};
use bursar_ui::{Input, routes, taken};

use super::{own, status};
use crate::estimate;
use crate::judged;
use crate::pages::apply::{ApplicationForm, CheckAnswers, FormSection, Submitted};
use crate::pages::estimate::EstimateShown;
use crate::shown;
use bursar_web::{Answer, At, Done, Posted, Visit, read_amount};

/// What the names of the policies' fields begin with, here and in the service's errors.
const POLICY: &str = "policy-";

pub(super) async fn form(visit: Visit, At(id): At<ApplicationId>) -> Answer {
    let (page, program) = own(&visit, id).await?;
    if page.status.stage != Stage::Draft {
        return visit.go(&routes::application(id));
    }
    let input = Input { values: page.answers.clone(), errors: BTreeMap::new() };
    show_form(&visit, &page, program, input)
}

/// Saves what there is. To continue, it has to be complete.
pub(super) async fn save(At(id): At<ApplicationId>, mut form: Posted) -> Answer {
    let continues = form.fields.remove("action").as_deref() == Some("continue");
    let saved = form.visit.service().save_draft(&form.visit.viewer, id, form.fields.clone()).await;
    if let Err(error) = saved {
        return show_again(form, id, error).await;
    }
    if !continues {
        return form.visit.done(&routes::application_form(id), Done::DraftSaved);
    }
    let (page, program) = own(&form.visit, id).await?;
    match check_answers(program, page.occasion, &page.answers) {
        Ok(_) => form.visit.go(&routes::application_check(id)),
        Err(errors) => show_again(form, id, ServiceError::Invalid(errors)).await,
    }
}

pub(super) async fn check(visit: Visit, At(id): At<ApplicationId>) -> Answer {
    let (page, program) = own(&visit, id).await?;
    if page.status.stage != Stage::Draft {
        return visit.go(&routes::application(id));
    }
    if check_answers(program, page.occasion, &page.answers).is_err() {
        return visit.go(&routes::application_form(id));
    }
    show_check(&visit, &page, program, Input::default())
}

pub(super) async fn submit(At(id): At<ApplicationId>, form: Posted) -> Answer {
    let ticked = form.fields.iter().filter(|(_, value)| *value == "yes");
    let accepted: Vec<String> =
        ticked.filter_map(|(name, _)| name.strip_prefix(POLICY).map(str::to_owned)).collect();
    match form.visit.service().submit(&form.visit.viewer, id, &accepted).await {
        Ok(_) => form.visit.go(&routes::application_submitted(id)),
        Err(error) => show_again(form, id, error).await,
    }
}

pub(super) async fn submitted(visit: Visit, At(id): At<ApplicationId>) -> Answer {
    let (page, program) = own(&visit, id).await?;
    let (Stage::Submitted, Some(round), Some(person)) =
        (page.status.stage, &page.round, &visit.person)
    else {
        return visit.go(&routes::application(id));
    };
    visit.page(&Submitted {
        id,
        program: program.name.clone(),
        round: shown::round_dates(program, round, visit.frame().now),
        email: person.email.clone(),
    })
}

/// The page that a step was taken from, with what is wrong: the check if a policy is missing, the
/// form if an answer is, and where the application stands if it is no draft any more.
async fn show_again(mut form: Posted, id: ApplicationId, error: ServiceError) -> Answer {
    let errors = form.visit.again(error)?;
    let (page, program) = own(&form.visit, id).await?;
    if page.status.stage != Stage::Draft {
        if errors.is_empty() {
            return status::show_page(&form.visit, &page, program);
        }
        return form.visit.go(&routes::application(id));
    }
    if !errors.is_empty() && errors.keys().all(|name| name.starts_with(POLICY)) {
        return show_check(&form.visit, &page, program, form.input(every_policy(program, &form)));
    }
    let mut input = form.input(errors);
    if form.fields.keys().all(|name| name.starts_with(POLICY)) {
        input.values.clone_from(&page.answers);
    }
    show_form(&form.visit, &page, program, input)
}

/// Every policy that is not accepted, where the service stops at the first.
fn every_policy(program: &Program, form: &Posted) -> BTreeMap<String, String> {
    let fields = program.policies.iter().map(|policy| FieldError {
        field: format!("{POLICY}{}", policy.id),
        message: format!("Accept the {} to submit", lower(&policy.title)),
    });
    let missing = fields.filter(|error| form.field(&error.field) != "yes");
    missing.map(|error| (error.field, error.message)).collect()
}

/// A title in the middle of a sentence.
fn lower(title: &str) -> String {
    let mut letters = title.chars();
    let first = letters.next().map(char::to_lowercase);
    first.into_iter().flatten().chain(letters).collect()
}

fn show_form(visit: &Visit, page: &ApplicantPage, program: &Program, input: Input) -> Answer {
    visit.page(&ApplicationForm {
        id: page.status.id,
        program: program.name.clone(),
        sections: vec![FormSection {
            title: String::new(),
            questions: questions(program, page.occasion)
                .map(|field| with_the_books(program, page, field))
                .collect(),
        }],
        input,
        saved_at: None,
        round: shown::next_round(program, visit.frame().now),
        minutes: program.minutes_to_apply,
        comes_back: page.earlier.is_some(),
        estimate: of_draft(page, program),
        estimate_at: routes::estimate_for(&program.id),
    })
}

/// The question about an earlier grant's progress, with what the books say of it; the one about an
/// amount, with what the study was counted at.
fn with_the_books(program: &Program, page: &ApplicantPage, field: &FormField) -> FormField {
    let mut field = field.clone();
    let books =
        page.progress.as_ref().filter(|_| program.progress_field.as_ref() == Some(&field.id));
    if let Some(books) = books {
        let hint = field.hint.unwrap_or_default();
        field.hint = Some(format!("{hint} By the books: {books}"));
    }
    if let (FieldKind::Amount, Some(estimate)) = (&field.kind, &page.estimate) {
        let hint = field.hint.unwrap_or_default();
        field.hint = Some(format!("{hint} Your study comes to {}.", taken(estimate.total)));
    }
    field
}

fn show_check(visit: &Visit, page: &ApplicantPage, program: &Program, input: Input) -> Answer {
    let draft = Some(page.status.id);
    let standing = eligibility::check(program, &page.answers).standing;
    let changes = page.earlier.as_ref();
    visit.page(&CheckAnswers {
        id: page.status.id,
        program: program.name.clone(),
        answers: shown::answers(program, page.occasion, &page.answers, draft),
        policies: program.policies.clone(),
        input,
        round: shown::next_round(program, visit.frame().now),
        screening: judged::screening(program, &page.answers),
        may_submit: standing != Standing::Ineligible,
        points: judged::points(program, &page.answers, draft),
        changes: changes.map(|earlier| judged::changed(program, earlier, &page.answers)),
        progress: page.progress.as_ref().map(ToString::to_string),
        estimate: of_draft(page, program),
        estimate_at: routes::estimate_for(&program.id),
    })
}

/// The estimate of a draft, against the amount that its answers ask for.
fn of_draft(page: &ApplicantPage, program: &Program) -> Option<EstimateShown> {
    let mut amounts = program.form.iter().filter(|field| field.kind == FieldKind::Amount);
    let answer = amounts.find_map(|field| page.answers.get(&field.id));
    let requested = answer.and_then(|answer| read_amount(answer).ok());
    estimate::of_application(program, page.estimate.as_ref(), requested)
}
