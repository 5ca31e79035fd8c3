//! The policies, the check before a draft is sent, and its sending.

use std::collections::BTreeMap;

use bursar_kernel::program::FieldKind;
use bursar_kernel::{ApplicationId, MemberRole, Program};
use bursar_program::answers::questions;
use bursar_program::eligibility::{self, Standing};
use bursar_service::{ApplicantPage, ServiceError, Stage};
use bursar_ui::{Input, routes};
use bursar_web::{Answer, At, Posted, Visit, read_amount};

use super::{own, own_apart, status, tasks};
use crate::pages::apply::{CheckAnswers, Policies, Submitted};
use crate::pages::estimate::EstimateShown;
use crate::{estimate, judged, shown};

/// What the names of the policies' fields begin with, here and in the service's errors.
const POLICY: &str = "policy-";

pub(super) async fn policies(visit: Visit, At(id): At<ApplicationId>) -> Answer {
    let (page, program) = own(&visit, id).await?;
    if page.status.stage != Stage::Draft {
        return visit.go(&routes::application(id));
    }
    if page.role.is_some() {
        return visit.go(&routes::application_form(id));
    }
    let accepted = page.status.accepted_policies.iter();
    let values = accepted.map(|one| (format!("{POLICY}{}", one.id), "yes".to_owned()));
    let input = Input { values: values.collect(), errors: BTreeMap::new() };
    show_policies(&visit, &page, program, input)
}

pub(super) async fn accept_policies(At(id): At<ApplicationId>, mut form: Posted) -> Answer {
    let ticked = form.fields.iter().filter(|(_, value)| *value == "yes");
    let accepted: Vec<String> =
        ticked.filter_map(|(name, _)| name.strip_prefix(POLICY).map(str::to_owned)).collect();
    let (service, viewer) = (form.visit.service(), &form.visit.viewer);
    if let Err(error) = bursar_applying::accept_policies(service, viewer, id, &accepted).await {
        form.visit.again(error)?;
        let (page, program) = own(&form.visit, id).await?;
        return status::show_page(&form.visit, &page, program).await;
    }
    let (page, program) = own_apart(&form.visit, id).await?;
    let missing = program.policies.iter().filter(|policy| !accepted.contains(&policy.id));
    let errors: BTreeMap<String, String> = missing
        .map(|policy| {
            let message = format!("Accept the {} to submit", lower(&policy.title));
            (format!("{POLICY}{}", policy.id), message)
        })
        .collect();
    if errors.is_empty() {
        return form.visit.go(&routes::application_form(id));
    }
    form.visit.wrong();
    let input = form.input(errors);
    show_policies(&form.visit, &page, &program, input)
}

fn show_policies(visit: &Visit, page: &ApplicantPage, program: &Program, input: Input) -> Answer {
    visit.page(&Policies {
        id: page.status.id,
        program: program.name.clone(),
        policies: program.policies.clone(),
        input,
    })
}

/// A title in the middle of a sentence.
fn lower(title: &str) -> String {
    let mut letters = title.chars();
    let first = letters.next().map(char::to_lowercase);
    first.into_iter().flatten().chain(letters).collect()
}

pub(super) async fn show(visit: Visit, At(id): At<ApplicationId>) -> Answer {
    let (page, program) = own(&visit, id).await?;
    if page.status.stage != Stage::Draft {
        return visit.go(&routes::application(id));
    }
    let evidence = bursar_evidence_portal::task(&visit, id).await?;
    let is_open = evidence.is_some_and(|(_, stops)| stops) || 0 < tasks::open(&page, program);
    if page.role != Some(MemberRole::View) && is_open {
        return visit.go(&routes::application_form(id));
    }
    show_check(&visit, &page, program).await
}

/// Hands it in. Sent twice, it is handed in once, and both lead to the same page.
pub(super) async fn submit(At(id): At<ApplicationId>, mut form: Posted) -> Answer {
    let visit = &form.visit;
    let handed_in = bursar_evidence::submit(visit.service(), &visit.viewer, id, &[]).await;
    let Err(error) = handed_in else {
        return visit.go(&routes::application_submitted(id));
    };
    let (page, program) = own_apart(visit, id).await?;
    if page.status.stage == Stage::Submitted && page.role.is_none() {
        return visit.go(&routes::application_submitted(id));
    }
    if let (ServiceError::Invalid(errors), Stage::Draft) = (&error, page.status.stage) {
        let first = errors.first().map_or("", |error| error.field.as_str());
        if first.starts_with(POLICY) {
            return visit.go(&routes::application_policies(id));
        }
        return visit.go(&bursar_shown::address(&program, id, first));
    }
    form.visit.again(error)?;
    if page.status.stage == Stage::Draft {
        return show_check(&form.visit, &page, &program).await;
    }
    status::show_page(&form.visit, &page, &program).await
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

async fn show_check(visit: &Visit, page: &ApplicantPage, program: &Program) -> Answer {
    let id = page.status.id;
    let edits = page.role != Some(MemberRole::View);
    let (shown, exception) = bursar_evidence_portal::of_applicant(visit, id).await?;
    let standing = eligibility::check_with(program, &page.answers, &shown).standing;
    let mut screening = judged::screening(program, &page.answers, &shown);
    screening.findings.extend(exception.clone());
    let sections = tasks::asked(page, program).map(|(part, ..)| {
        let change = edits.then_some(id);
        let answers =
            shown::answers_of(program, page.occasion, &page.answers, (id, change), |field| {
                field.section == part.id
            });
        (part.title.clone(), answers)
    });
    let changes = page.earlier.as_ref();
    visit.page(&CheckAnswers {
        id,
        program: program.name.clone(),
        sections: sections.collect(),
        accepted: judged::accepted(program, &page.status.accepted_policies),
        round: shown::next_round(program, visit.frame().now),
        screening,
        may_submit: standing != Standing::Ineligible || exception.is_some(),
        submits: tasks::applicant(visit, page).await?,
        points: if edits { judged::points(program, &page.answers, Some(id)) } else { Vec::new() },
        edits,
        changes: changes.map(|earlier| judged::changed(program, earlier, &page.answers)),
        progress: page.progress.as_ref().map(ToString::to_string),
        estimate: of_draft(page, program),
        estimate_at: routes::estimate_for(&program.id),
    })
}

/// The estimate of a draft, against the amount that its answers ask for.
pub(super) fn of_draft(page: &ApplicantPage, program: &Program) -> Option<EstimateShown> {
    let mut amounts =
        questions(program, page.occasion).filter(|field| field.kind == FieldKind::Amount);
    let answer = amounts.find_map(|field| page.answers.get(&field.id));
    let requested = answer.and_then(|answer| read_amount(answer).ok());
    estimate::of_application(program, page.estimate.as_ref(), requested)
}
