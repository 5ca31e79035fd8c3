//! Find out what there is: the programs, their guides, and the files that pages are drawn with.

mod check;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bursar_kernel::{Catalog, Endpoint, Model, Program, ProgramId, Timestamp};
use bursar_program::calendar::{plan, round_for};
use bursar_ui::{Status, Tone, assets, routes};

use crate::operate;
use crate::pages::discover::{Coverage, Home, ProgramCard, ProgramPage};
use crate::shown;
use bursar_web::{Answer, Asked, At, OrPage, Site, Visit};

pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route(routes::HOME, get(home))
        .route(routes::PROGRAMS, get(programs))
        .route("/programs/{program}", get(program))
        .route("/programs/{program}/eligibility", get(check::eligibility))
        .route("/programs/{program}/proposal", get(check::proposal).post(check::advise))
        .route("/form/{address}", get(form))
        .route(&assets::style_path(), get(style))
        .route(&assets::script_path(), get(script))
}

async fn home(visit: Visit) -> Answer {
    match &visit.site().demonstration {
        Some(demonstration) => operate::front_page(&visit, demonstration).await,
        None => programs(visit).await,
    }
}

async fn programs(visit: Visit) -> Answer {
    let now = visit.frame().now;
    let programs = visit.service().programs().iter().map(|program| card(program, now)).collect();
    visit.page(&Home { programs })
}

async fn program(
    mut visit: Visit,
    At(id): At<ProgramId>,
    Asked(days): Asked<BTreeMap<String, String>>,
) -> Answer {
    let program = Arc::clone(visit.service().program(&id).or_page(&visit)?);
    let now = visit.frame().now;
    let planner = check::planner(&program, now, &days);
    if planner.has_errors() {
        visit.wrong();
    }
    let page = ProgramPage {
        next_round: program
            .takes_applications()
            .then(|| shown::round_dates(&program, &round_for(&program, now))),
        coverage: coverage(&visit.service().catalog(), &program),
        planner,
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

/// A file whose address changes when it does.
fn file(kind: &'static str, text: &'static str) -> Response {
    let for_ever = "public, max-age=31536000, immutable";
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, for_ever)], text).into_response()
}

fn card(program: &Program, now: Timestamp) -> ProgramCard {
    let plan = plan(program, now);
    let said = |name: &str| {
        let mut rows = program.guide.at_a_glance.iter();
        rows.find(|(row, _)| row == name).map(|(_, text)| text.clone())
    };
    ProgramCard {
        id: program.id.clone(),
        name: program.name.clone(),
        provider: program.provider.clone(),
        summary: program.summary.clone(),
        typical_max: program.award.typical_max,
        most: program.award.above_typical.as_ref().map(|above| above.max),
        months: program.term.months,
        closes: program.takes_applications().then_some(plan.round.review_begins),
        credit_by: program.takes_applications().then_some(plan.credit_to),
        takes_applications: program.takes_applications(),
        card_needed: program.card.is_some(),
        who: said("Eligibility"),
        difficulty: said("Difficulty"),
        best_for: said("Best for"),
        accelerator: said("Startup accelerator"),
    }
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
