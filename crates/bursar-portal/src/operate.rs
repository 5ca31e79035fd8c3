//! The operator's pages, and the demonstration.

mod outbox;
mod prices;
mod story;
mod suspense;

use axum::Router;
use axum::routing::{get, post};
use bursar_kernel::Timestamp;
use bursar_kernel::limits::ROWS_PER_PAGE;
use bursar_policy::Viewer;
use bursar_service::ServiceError;
use bursar_store::rows::{AuditLine, Person};
use bursar_ui::routes;
use jiff::SignedDuration;
use serde::Deserialize;

use crate::pages::operate::{Audit, AuditRow, NextEvent, RoleEntry, Upstreams};
use crate::shown::{self, Slice};
use crate::{Demonstration, pages, stops};
use bursar_web::{Answer, Asked, At, Cookie, Done, OrPage, Posted, Site, Visit};

/// Pages of mails or of the audit trail that can be read back.
const PAGES_MAX: usize = 40;
/// Coming events that the demonstration names.
const EVENTS: usize = 6;

pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route(routes::OUTBOX, get(outbox::list))
        .route("/operate/outbox/{mail}", get(outbox::show))
        .route("/operate/outbox/{mail}/retry", post(outbox::retry))
        .route(routes::LETTERS, get(outbox::letters))
        .route("/decide/letters/{letter}", get(outbox::letter))
        .route(routes::UPSTREAMS, get(upstreams))
        .route(
            "/operate/upstreams/{name}/stop",
            get(stops::ask_upstream).post(stops::turn_upstream),
        )
        .route(routes::PRICES, get(prices::list))
        .route("/operate/prices/{version}", get(prices::show).post(prices::decide))
        .route(routes::SUSPENSE, get(suspense::list))
        .route("/operate/suspense/{id}", get(suspense::show).post(suspense::settle))
        .route(routes::AUDIT, get(audit))
        .route(routes::DEMONSTRATION, get(demonstration))
        .route("/demonstration/enter/{door}", get(enter))
        .route(routes::CLOCK, post(turn))
}

#[derive(Default, Deserialize)]
struct Which {
    page: Option<usize>,
}

/// How many rows to read for a page of a list, its first one being one.
fn rows_for(page: usize) -> usize {
    page.clamp(1, PAGES_MAX).saturating_mul(ROWS_PER_PAGE).saturating_add(1)
}

async fn upstreams(visit: Visit) -> Answer {
    let known = visit.service().upstreams(&visit.viewer).await.or_page(&visit)?;
    let mut rows = (visit.site().upstreams)();
    for row in &mut rows {
        let stop = known.iter().find(|(name, _)| *name == row.name);
        row.stopped = stop.and_then(|(_, stop)| stop.as_ref()).map(stops::shown);
    }
    visit.page(&Upstreams { rows })
}

async fn audit(visit: Visit, Asked(which): Asked<Which>) -> Answer {
    let page = which.page.unwrap_or(1);
    let trail = bursar_operator::audit_trail(visit.service(), &visit.viewer, rows_for(page)).await;
    let trail = trail.or_page(&visit)?;
    let slice = shown::slice(&format!("{}?", routes::AUDIT), page, trail.len());
    let here = trail.iter().skip(slice.from).take(ROWS_PER_PAGE);
    let rows = here.map(|(line, person)| audit_row(line, person.as_ref())).collect();
    let Slice { newer, older, position, .. } = slice;
    visit.page(&Audit { rows, newer, older, position })
}

fn audit_row(line: &AuditLine, person: Option<&Person>) -> AuditRow {
    let actor = shown::actor(&line.actor, person);
    let action = match line.detail.as_str() {
        "" => line.action.clone(),
        detail => format!("{}: {detail}", line.action),
    };
    AuditRow { at: line.at, actor, action, subject: line.subject.clone() }
}

async fn demonstration(visit: Visit) -> Answer {
    match &visit.site().demonstration {
        Some(demonstration) => front_page(&visit, demonstration).await,
        None => Err(visit.not_found()),
    }
}

/// The demonstration's front page.
pub(crate) async fn front_page(visit: &Visit, demonstration: &Demonstration) -> Answer {
    let service = visit.service();
    let mut roles = Vec::with_capacity(demonstration.doors.len());
    for (role, id, door) in &demonstration.doors {
        let person = service.store().person(*id).await.map_err(ServiceError::from);
        let name =
            person.or_page(visit)?.map_or_else(|| id.to_string(), |it| bursar_web::name_of(&it));
        roles.push(RoleEntry { role: *role, name, href: routes::enter(door) });
    }
    let coming = service.coming(EVENTS).await.or_page(visit)?;
    let events = coming.into_iter().map(|due| NextEvent { at: due.at, what: due.what });
    let Some(program) = service.programs().first() else { return Err(visit.not_found()) };
    visit.page(&pages::operate::Demonstration {
        chapters: story::chapters(visit, demonstration).await?,
        roles,
        events: events.collect(),
        api_key: demonstration.api_key.clone(),
        model: shown::example_model(&service.catalog(), program, visit.frame().now),
    })
}

/// Where a door leads.
#[derive(Default, Deserialize)]
struct Into {
    to: Option<String>,
}

/// Signs the person of a door in at once, and leads on. The doors exist on the demonstration only.
async fn enter(mut visit: Visit, At(door): At<String>, Asked(into): Asked<Into>) -> Answer {
    let hash = blake3::hash(door.as_bytes());
    let known = visit.site().demonstration.as_ref().and_then(|demonstration| {
        let mut doors = demonstration.doors.iter();
        doors.find(|(_, _, secret)| blake3::hash(secret.as_bytes()) == hash)
    });
    let Some((role, person)) = known.map(|(role, person, _)| (*role, *person)) else {
        return Err(visit.not_found());
    };
    let signed_in = visit.service().sign_in_as(person).await.or_page(&visit)?;
    visit.keep(Cookie::Session, signed_in.cookie.reveal());
    let to = into.to.filter(|to| bursar_account_portal::is_local(to));
    visit.go(to.as_deref().unwrap_or(bursar_account_portal::start_page(role)))
}

/// Turns the demonstration's clock. Whoever turns it stays signed in.
async fn turn(form: Posted) -> Answer {
    let turn = form.field("turn").to_owned();
    let mut visit = form.visit;
    let Some(clock) = visit.site().demonstration.as_ref().map(|it| it.clock.clone()) else {
        return Err(visit.not_found());
    };
    let to = instant_of(&visit, &turn).await.or_page(&visit)?;
    visit.service().turn_clock(&Viewer::Operator, &clock, to).await.or_page(&visit)?;
    bursar_personal::erase_due(visit.service()).await.or_page(&visit)?;
    bursar_reviewing::remind_due(visit.service()).await.or_page(&visit)?;
    let person = visit.viewer.person();
    if let Some(person) = person
        && !bursar_personal::is_erased(visit.service(), person).await.or_page(&visit)?
    {
        let signed_in = visit.service().sign_in_as(person).await.or_page(&visit)?;
        visit.keep(Cookie::Session, signed_in.cookie.reveal());
    }
    visit.done(&format!("{}#clock", routes::DEMONSTRATION), Done::Turned)
}

/// The instant that a button of the clock stands for.
async fn instant_of(visit: &Visit, turn: &str) -> Result<Timestamp, ServiceError> {
    let now = visit.service().now();
    let days = match turn {
        "next" => {
            let next = visit.service().coming(1).await?.pop();
            return Ok(next.map_or(now, |due| due.at));
        }
        "1-day" => 1,
        "1-week" => 7,
        "4-weeks" => 28,
        "1-year" => 365,
        _ => return Err(ServiceError::NotFound("such turn of the clock".to_owned())),
    };
    Ok(now + SignedDuration::from_hours(24 * days))
}
