//! Requests for limited models, and the answer to one.

use bursar_kernel::{AccessRequestId, Program, Timestamp};
use bursar_policy::AccessState;
use bursar_service::{AccessAnswer, AccessLine, ServiceError};
use bursar_ui::{Input, routes};
use jiff::civil::Date;

use crate::pages::decide::{AccessList, AccessPage, AccessRow};
use crate::shown;
use bursar_web::{Answer, At, Done, OrPage, Posted, Visit, invalid};

pub(super) async fn list(visit: Visit) -> Answer {
    let desk = visit.service().access_desk(&visit.viewer).await.or_page(&visit)?;
    let now = visit.frame().now;
    let rows = |lines: &[AccessLine]| lines.iter().map(|line| row(line, now)).collect();
    visit.page(&AccessList { waiting: rows(&desk.waiting), answered: rows(&desk.answered) })
}

pub(super) async fn show(visit: Visit, At(id): At<AccessRequestId>) -> Answer {
    show_with(&visit, id, Input::default()).await
}

pub(super) async fn answer(At(id): At<AccessRequestId>, mut form: Posted) -> Answer {
    let (service, viewer) = (form.visit.service(), &form.visit.viewer);
    let line = service.access_line(viewer, id).await.or_page(&form.visit)?;
    let program = service.program(&line.grant.program).or_page(&form.visit)?;
    let answered = match read(&form, program) {
        Ok(given) => service.answer_access_request(viewer, id, given).await,
        Err(error) => Err(error),
    };
    match answered {
        Ok(_) => form.visit.done(routes::ACCESS, Done::ModelAnswered),
        Err(error) => {
            let errors = form.visit.again(error)?;
            show_with(&form.visit, id, form.input(errors)).await
        }
    }
}

fn read(form: &Posted, program: &Program) -> Result<AccessAnswer, ServiceError> {
    let approve = match form.field("decision") {
        "approve" => true,
        "decline" => false,
        _ => return Err(invalid("decision", "Select what you decide")),
    };
    let until = match form.field("until").trim() {
        "" => None,
        _ if !approve => None,
        text => Some(
            read_day(text, program)
                .ok_or_else(|| invalid("until", "Enter a day, like 2027-03-31"))?,
        ),
    };
    let note = form.field("note").to_owned();
    let version = form.field("version").parse().ok();
    Ok(AccessAnswer { approve, note, until, version })
}

/// The first instant of a day in the program's zone.
fn read_day(text: &str, program: &Program) -> Option<Timestamp> {
    let day: Date = text.parse().ok()?;
    Some(day.to_zoned(program.review.zone.clone()).ok()?.timestamp())
}

async fn show_with(visit: &Visit, id: AccessRequestId, input: Input) -> Answer {
    let line = visit.service().access_line(&visit.viewer, id).await.or_page(visit)?;
    let request = &line.request;
    let now = visit.frame().now;
    let waits = request.state == AccessState::Asked;
    visit.page(&AccessPage {
        row: row(&line, now),
        reason: request.reason.clone(),
        grant_expires_at: line.grant.expires_at,
        answer: request.decided_at.map(|at| (at, request.note.clone())),
        until: request.until,
        input: (line.may_answer && (waits || request.is_open(now))).then_some(input),
        waits,
        version: request.version,
    })
}

fn row(line: &AccessLine, now: Timestamp) -> AccessRow {
    AccessRow {
        id: line.request.id,
        model: line.request.model.clone(),
        holder: bursar_web::name_of(&line.holder),
        grant: line.grant.id,
        title: line.grant.title.clone(),
        asked_at: line.request.asked_at,
        status: shown::access_state(&line.request, now),
    }
}
