//! The tasks of a draft.

use std::collections::BTreeMap;

use bursar_kernel::program::Section;
use bursar_kernel::{ApplicationId, MemberRole, Program};
use bursar_program::answers::{Done, section};
use bursar_service::{ApplicantPage, Stage};
use bursar_ui::{Status, Task, Tone, routes, taken};
use bursar_web::{Answer, At, Trouble, Visit};

use super::own;
use crate::pages::apply::TaskList;
use crate::shown;

pub(super) async fn show(visit: Visit, At(id): At<ApplicationId>) -> Answer {
    let (page, program) = own(&visit, id).await?;
    if page.status.stage != Stage::Draft {
        return visit.go(&routes::application(id));
    }
    let to_fill = sections(&page, program);
    let policies = policies(&page, program);
    let evidence = bursar_evidence_portal::task(&visit, id).await?;
    let stops = evidence.as_ref().is_some_and(|(_, stops)| *stops);
    let open = open(&page, program).saturating_add(usize::from(stops));
    let of = asked(&page, program).count().saturating_add(1 + usize::from(stops));
    let mut beside = vec![estimate(&page, program), people(&visit, &page).await?];
    beside.extend(evidence.map(|(task, _)| task));
    beside.push(policies);
    visit.page(&TaskList {
        id,
        program: program.name.clone(),
        applicant: applicant(&visit, &page).await?,
        reads_only: page.role == Some(MemberRole::View),
        to_fill,
        beside,
        last: vec![last(&page, open)],
        done: of.saturating_sub(open),
        of,
        round: shown::next_round(program, visit.frame().now),
        minutes: program.minutes_to_apply,
        saved_at: page.edited_at,
        comes_back: page.earlier.is_some(),
        estimate: super::check::of_draft(&page, program)
            .map(|estimate| (estimate, routes::estimate_for(&program.id))),
    })
}

/// Who applies, where that is not the viewer.
pub(super) async fn applicant(
    visit: &Visit,
    page: &ApplicantPage,
) -> Result<Option<String>, Trouble> {
    use bursar_web::OrPage as _;
    if page.role.is_none() {
        return Ok(None);
    }
    let person = visit.service().person_of(page.applicant).await.or_page(visit)?;
    Ok(Some(bursar_web::name_of(&person)))
}

/// The sections that ask something, each with how far it is and how much is wrong in it.
pub(super) fn asked<'p>(
    page: &ApplicantPage,
    program: &'p Program,
) -> impl Iterator<Item = (&'p Section, Done, usize)> {
    program.sections.iter().filter_map(|part| {
        let (done, errors) = section(program, page.occasion, &part.id, &page.answers)?;
        Some((part, done, errors.len()))
    })
}

/// How many tasks are open that have to be done.
pub(super) fn open(page: &ApplicantPage, program: &Program) -> usize {
    let sections = asked(page, program).filter(|(_, _, wrong)| 0 < *wrong).count();
    sections.saturating_add(usize::from(!has_policies(page, program)))
}

/// Whether every policy is accepted in its present edition.
pub(super) fn has_policies(page: &ApplicantPage, program: &Program) -> bool {
    let accepted: BTreeMap<&str, &str> = page
        .status
        .accepted_policies
        .iter()
        .map(|one| (one.id.as_str(), one.version.as_str()))
        .collect();
    let is_accepted = |id: &str, version: &str| accepted.get(id) == Some(&version);
    program.policies.iter().all(|policy| is_accepted(&policy.id, &policy.version))
}

fn sections(page: &ApplicantPage, program: &Program) -> Vec<Task> {
    let edits = page.role != Some(MemberRole::View);
    let task = |(part, done, wrong): (&Section, Done, usize)| Task {
        title: part.title.clone(),
        hint: None,
        href: edits.then(|| routes::application_section(page.status.id, &part.id)),
        status: match (done, wrong) {
            (Done::All, _) => Status::new(Tone::Good, "Completed"),
            (Done::Part, _) => Status::new(Tone::Info, "In progress"),
            (Done::Nothing, 0) => Status::new(Tone::Neutral, "Optional"),
            (Done::Nothing, _) => Status::new(Tone::Neutral, "Not started"),
        },
    };
    asked(page, program).map(task).collect()
}

fn estimate(page: &ApplicantPage, program: &Program) -> Task {
    let (hint, status) = if let Some(estimate) = &page.estimate {
        let hint = format!("Your study comes to {}.", taken(estimate.total));
        (hint, Status::new(Tone::Good, "Completed"))
    } else {
        let hint = "Count it from your own data: it goes with the application.".to_owned();
        (hint, Status::new(Tone::Neutral, "Optional"))
    };
    let edits = page.role != Some(MemberRole::View);
    let at = match &page.estimate {
        Some(estimate) => crate::estimate::address(&program.id, &estimate.study()),
        None => routes::estimate_for(&program.id),
    };
    let title = "What the study costs".to_owned();
    Task { title, hint: Some(hint), href: edits.then_some(at), status }
}

async fn people(visit: &Visit, page: &ApplicantPage) -> Result<Task, Trouble> {
    use bursar_web::OrPage as _;
    let id = page.status.id;
    let members = bursar_applying::members(visit.service(), &visit.viewer, id).await;
    let now = visit.frame().now;
    let members = members.or_page(visit)?;
    let there = members.iter().filter(|(member, _)| member.is_open(now)).count();
    let hint = match there {
        0 => "Nobody else. Invite a co-author or a supervisor if you like.".to_owned(),
        1 => "One person beside the one who applies.".to_owned(),
        more => format!("{more} people beside the one who applies."),
    };
    Ok(Task {
        title: "Who takes part".to_owned(),
        hint: Some(hint),
        href: Some(routes::application_people(id)),
        status: Status::new(Tone::Neutral, "Optional"),
    })
}

fn policies(page: &ApplicantPage, program: &Program) -> Task {
    let leads = page.role.is_none();
    Task {
        title: "Policies to accept".to_owned(),
        hint: (!leads).then(|| "The one who applies accepts them.".to_owned()),
        href: leads.then(|| routes::application_policies(page.status.id)),
        status: if has_policies(page, program) {
            Status::new(Tone::Good, "Completed")
        } else {
            Status::new(Tone::Neutral, "Not started")
        },
    }
}

fn last(page: &ApplicantPage, open: usize) -> Task {
    let at = routes::application_check(page.status.id);
    if page.role == Some(MemberRole::View) {
        return Task {
            title: "Read the answers".to_owned(),
            hint: None,
            href: Some(at),
            status: Status::new(Tone::Info, "Draft"),
        };
    }
    let ready = open == 0;
    Task {
        title: "Check your answers and submit".to_owned(),
        hint: (!ready).then(|| format!("{open} to complete first.")),
        href: ready.then_some(at),
        status: if ready {
            Status::new(Tone::Info, "Not started")
        } else {
            Status::new(Tone::Neutral, "Cannot start yet")
        },
    }
}
