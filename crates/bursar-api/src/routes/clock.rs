//! The clock.

use axum::extract::State;
use bursar_kernel::Timestamp;
use jiff::tz::TimeZone;

use super::{Answer, Door};
use crate::Config;
use crate::auth::Operator;
use crate::extract::Json;
use crate::moments::{later, read_instant};
use crate::problem::Refusal;
use crate::types::{Advance, Advanced, ClockNow, Coming, ProblemBody};

/// How much of what is coming is shown.
const COMING: usize = 10;

/// What the time is here, and what it will bring.
#[utoipa::path(get, path = "/api/clock", tag = "clock", operation_id = "show_clock",
    responses((status = 200, body = ClockNow)))]
pub(super) async fn show(State(door): Door, _: Operator) -> Answer<ClockNow> {
    let coming = door.service.coming(COMING).await?;
    Ok(Json(ClockNow {
        now: door.service.now(),
        turns: door.clock.is_some(),
        coming: coming.into_iter().map(Coming::from).collect(),
    }))
}

/// Turns the demonstration's clock on. Everything that is due on the way happens at its time.
#[utoipa::path(post, path = "/api/clock/advance", tag = "clock", operation_id = "advance_clock",
    request_body = Advance,
    responses((status = 200, body = Advanced), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn advance(
    State(door): Door,
    Operator(viewer): Operator,
    Json(wanted): Json<Advance>,
) -> Answer<Advanced> {
    let clock = door.clock.as_deref().ok_or_else(|| {
        Refusal::not_found(
            "the clock turns on the demonstration only\n\
             hint: `bursar demo` runs one",
        )
    })?;
    let from = door.service.now();
    let to = destination(&door, &wanted, from).await?;
    let report = door.service.turn_clock(&viewer, clock, to).await?;
    bursar_personal::erase_due(&door.service).await?;
    bursar_reviewing::remind_due(&door.service).await?;
    Ok(Json(Advanced { from, now: door.service.now(), report: report.into() }))
}

async fn destination(
    door: &Config,
    wanted: &Advance,
    from: Timestamp,
) -> Result<Timestamp, Refusal> {
    match (wanted.by.as_deref(), wanted.to.as_deref(), wanted.next) {
        (Some(by), None, false) => later("by", from, by),
        (None, Some(to), false) => read_instant("to", to, &TimeZone::UTC),
        (None, None, true) => {
            let next = door.service.coming(1).await?.pop();
            next.map(|next| next.at).ok_or_else(|| Refusal::not_found("nothing is coming"))
        }
        _ => Err(Refusal::invalid(
            "how far to turn the clock is said once\nhint: send one of `by`, `to` and `next`",
        )),
    }
}
