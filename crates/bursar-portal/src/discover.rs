//! Find out what there is: the programs, their guides, and the files that pages are drawn with.

mod check;
mod common_grants;
mod directory;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bursar_kernel::{Catalog, Endpoint, Model, Program, ProgramId};
use bursar_program::calendar::months_ahead;
use bursar_program::ics::{self, has_days};
use bursar_ui::{Status, Tone, assets, routes};

use crate::operate;
use crate::pages::discover::{Coverage, ProgramPage};
use crate::shown;
use bursar_web::{Answer, Asked, At, OrPage, Site, Visit};

pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route(routes::HOME, get(home))
        .route(routes::PROGRAMS, get(directory::list))
        .route(routes::DIRECTORY_CALENDAR, get(directory::calendar))
        .route("/common-grants/opportunities", get(common_grants::list))
        .route("/common-grants/opportunities/{id}", get(common_grants::read))
        .route("/programs/{program}/calendar.ics", get(directory::program_calendar))
        .route("/programs/{program}/plan.ics", get(directory::plan_calendar))
        .route("/programs/{program}", get(program))
        .route("/programs/{program}/eligibility", get(check::eligibility))
        .route(
            "/programs/{program}/eligibility/address",
            post(check::address).get(check::eligibility),
        )
        .route("/programs/{program}/proposal", get(check::proposal).post(check::advise))
        .route("/form/{address}", get(form))
        .route(&assets::style_path(), get(style))
        .route(&assets::script_path(), get(script))
        .route(&assets::passkeys_path(), get(passkeys))
}

async fn home(visit: Visit) -> Answer {
    match &visit.site().demonstration {
        Some(demonstration) => operate::front_page(&visit, demonstration).await,
        None => programs(visit).await,
    }
}

async fn programs(visit: Visit) -> Answer {
    directory::list(visit, Asked(Vec::new())).await
}

async fn program(
    mut visit: Visit,
    At(id): At<ProgramId>,
    Asked(days): Asked<BTreeMap<String, String>>,
) -> Answer {
    let program = Arc::clone(visit.service().described(&id).or_page(&visit)?);
    let now = visit.frame().now;
    let planner = check::planner(&program, now, &days);
    if planner.has_errors() {
        visit.wrong();
    }
    let runs_here = visit.service().runs(&id);
    let takes = program.takes_applications();
    let ahead = if takes && has_days(&program) {
        months_ahead(&program, now, ics::MONTHS)
    } else {
        Vec::new()
    };
    let page = ProgramPage {
        next_round: shown::next_round(&program, now).filter(|_| takes),
        ahead: ahead
            .into_iter()
            .map(|plan| shown::round_dates(&program, &plan.round, now))
            .collect(),
        coverage: if runs_here {
            coverage(&visit.service().catalog(), &program)
        } else {
            Vec::new()
        },
        planner,
        runs_here,
        program: Arc::unwrap_or_clone(program),
    };
    visit.page(&page)
}

/// The address that an application form is known by leads to its program.
async fn form(visit: Visit, At(address): At<String>) -> Answer {
    let mut programs = visit.service().programs().iter();
    match programs.find(|program| program.form_address == address) {
        Some(program) => visit.go(&routes::program(&program.id)),
        None => Err(visit.not_found()),
    }
}

async fn style() -> Response {
    file("text/css; charset=utf-8", assets::STYLE)
}

async fn script() -> Response {
    file("text/javascript; charset=utf-8", assets::SCRIPT)
}

async fn passkeys() -> Response {
    file("text/javascript; charset=utf-8", assets::PASSKEYS)
}

/// A file whose address changes when it does.
fn file(kind: &'static str, text: &'static str) -> Response {
    let for_ever = "public, max-age=31536000, immutable";
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, for_ever)], text).into_response()
}

/// How much of each family the credit opens here. A model's last day does not close it: that is
/// the upstream's to say.
fn coverage(catalog: &Catalog, program: &Program) -> Vec<Coverage> {
    let is_open = |model: &&Arc<Model>| {
        model.prices.is_some()
            && Endpoint::ALL.into_iter().any(|endpoint| model.mode.answers(endpoint))
            && !program.entitlements.limited_models.contains(&model.id)
    };
    let mut rows = Vec::new();
    for family in &catalog.families {
        let models = || catalog.models.values().filter(|model| model.family == family.id);
        let covered = match (models().filter(is_open).count(), models().count()) {
            (_, 0) => continue,
            (0, _) => Status::new(Tone::Neutral, "No"),
            (open, all) if open == all => Status::new(Tone::Good, "Yes"),
            (_, _) => Status::new(Tone::Warning, "Partial"),
        };
        rows.push(Coverage { family: family.label.clone(), about: family.about.clone(), covered });
    }
    rows
}
