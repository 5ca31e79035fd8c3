//! Apply: draft, check, submit, follow, answer an award.

mod award;
mod check;
mod files;
mod people;
pub(crate) mod question;
pub(crate) mod section;
mod status;
mod tasks;

pub(crate) use people::status as member_status;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use bursar_kernel::{ApplicationId, Program, ProgramId};
use bursar_program::calendar;
use bursar_service::{ApplicantPage, Stage};
use bursar_ui::routes;

use crate::estimate;
use crate::pages::apply::{ApplicationRow, Dashboard};
use crate::shown;
use crate::wallet::{grant_rows, shared_rows};
use bursar_web::{Answer, Asked, At, Done, OrPage, Posted, Site, Trouble, Visit};

pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route("/programs/{program}/apply", get(back_to_program).post(start))
        .route(routes::APPLICATIONS, get(dashboard))
        .route("/applications/{id}", get(status::show))
        .route("/applications/{id}/form", get(tasks::show))
        .route("/applications/{id}/form/{section}", get(section::show).post(section::save))
        .route(
            "/applications/{id}/form/{section}/{field}",
            get(section::show_one).post(section::save_one),
        )
        .route("/applications/{id}/files/{hash}", get(files::download))
        .route("/applications/{id}/policies", get(check::policies).post(check::accept_policies))
        .route("/applications/{id}/people", get(people::show).post(people::invite))
        .route("/applications/{id}/people/{member}/remove", post(people::remove))
        .route("/invitations/{secret}", get(people::invitation).post(people::answer))
        .route(
            "/applications/{id}/questions/{question}",
            get(question::show).post(question::answer),
        )
        .route("/applications/{id}/check", get(check::show).post(check::submit))
        .route("/applications/{id}/submitted", get(check::submitted))
        .route("/applications/{id}/withdraw", get(status::ask_withdraw).post(status::withdraw))
        .route("/applications/{id}/letter", get(award::letter))
        .route("/applications/{id}/accept", get(award::ask_accept).post(award::accept))
        .route("/applications/{id}/decline", get(award::ask_decline).post(award::decline))
}

/// Who was asked to sign in before applying comes back here.
async fn back_to_program(
    visit: Visit,
    At(program): At<ProgramId>,
    Asked(asked): Asked<BTreeMap<String, String>>,
) -> Answer {
    // With a study in hand, they go on from where they had it.
    if let Some(study) = estimate::study_in(&asked) {
        return visit.go(&estimate::address(&program, &study));
    }
    visit.go(&routes::program(&program))
}

/// Begins an application, or goes on with the draft; the study that the address holds goes in.
async fn start(
    At(program): At<ProgramId>,
    Asked(asked): Asked<BTreeMap<String, String>>,
    form: Posted,
) -> Answer {
    let visit = form.visit;
    let started = visit.service().start_application(&visit.viewer, &program).await;
    let id = started.or_page(&visit)?;
    if let Some(study) = estimate::study_in(&asked) {
        let set = visit.service().set_estimate(&visit.viewer, id, Some(&study)).await;
        set.or_page(&visit)?;
        return visit.done(&routes::application_form(id), Done::EstimateSet);
    }
    visit.go(&routes::application_form(id))
}

async fn dashboard(visit: Visit) -> Answer {
    let applications =
        bursar_applying::my_applications(visit.service(), &visit.viewer).await.or_page(&visit)?;
    let grants = visit.service().my_grants(&visit.viewer).await.or_page(&visit)?;
    let mut rows = Vec::with_capacity(applications.len());
    for page in &applications {
        rows.push(row(
            page,
            visit
                .service()
                .edition(&page.status.program, page.status.program_version)
                .or_page(&visit)?,
        ));
    }
    let shared = shared_rows(&visit).await?;
    visit.page(&Dashboard { applications: rows, grants: grant_rows(&grants, false), shared })
}

fn row(page: &ApplicantPage, program: &Program) -> ApplicationRow {
    let id = page.status.id;
    let (detail, href) = match &page.round {
        Some(round) => (
            format!("{}, {} round", program.name, calendar::name(program, round)),
            routes::application(id),
        ),
        None if page.status.stage == Stage::Draft => {
            let begun = shown::day(program, page.status.created_at);
            (format!("{}, begun on {begun}", program.name), routes::application_form(id))
        }
        None => (program.name.clone(), routes::application(id)),
    };
    let mut title = shown::title(program, &page.answers);
    if page.role.is_some() {
        title.push_str(" (shared with you)");
    }
    ApplicationRow { title, detail, status: shown::stage(page.status.stage), href }
}

/// An application of the viewer's own with its program.
async fn own(visit: &Visit, id: ApplicationId) -> Result<(ApplicantPage, &Program), Trouble> {
    let page = visit.service().application_for_applicant(&visit.viewer, id).await;
    let page = page.or_page(visit)?;
    let program = visit
        .service()
        .edition(&page.status.program, page.status.program_version)
        .or_page(visit)?;
    Ok((page, program))
}

/// The same, with a hold on the program that leaves the visit free to change.
async fn own_apart(
    visit: &Visit,
    id: ApplicationId,
) -> Result<(ApplicantPage, Arc<Program>), Trouble> {
    let (page, _) = own(visit, id).await?;
    let program = visit
        .service()
        .edition(&page.status.program, page.status.program_version)
        .or_page(visit)?;
    let program = Arc::clone(program);
    Ok((page, program))
}
