//! Mails on their way.

use axum::extract;
use bursar_kernel::MailId;
use bursar_outbox::State;
use bursar_service::ServiceError;

use super::{Answer, Door};
use crate::auth::Operator;
use crate::extract::{Json, Named, Params};
use crate::types::{BounceLine, MailLine, Mails, MailsQuery, ProblemBody, ReportBounce, TrialMail};

/// Mails of one answer, unless it is said how many, and at the most.
const MAILS: usize = 50;
const MAILS_MAX: usize = 200;

/// The latest mails of the outbox, with how far each is.
#[utoipa::path(get, path = "/api/mails", tag = "mails", operation_id = "list_mails",
    params(MailsQuery),
    responses((status = 200, body = Mails), (status = 422, body = ProblemBody)))]
pub(super) async fn list(
    extract::State(door): Door,
    Operator(viewer): Operator,
    Params(which): Params<MailsQuery>,
) -> Answer<Mails> {
    let unknown = |name: &str| {
        let states: Vec<&str> = State::ALL.into_iter().map(State::name).collect();
        let text = format!("`{name}` is no state of a mail\nhint: one of {}", states.join(", "));
        ServiceError::field("state", text)
    };
    let state = match which.state.as_deref() {
        None => None,
        Some(name) => Some(State::from_name(name).ok_or_else(|| unknown(name))?),
    };
    let limit = which.limit.unwrap_or(MAILS).clamp(1, MAILS_MAX);
    let found = bursar_operator::outbox(&door.service, &viewer, state, limit).await?;
    Ok(Json(Mails { mails: found.into_iter().map(MailLine::from).collect() }))
}

/// Has a mail tried again, from the beginning.
#[utoipa::path(post, path = "/api/mails/{mail}/retry", tag = "mails",
    operation_id = "retry_mail",
    params(("mail" = String, Path, description = "The mail")),
    responses((status = 200, body = MailLine), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody)))]
pub(super) async fn retry(
    extract::State(door): Door,
    Operator(viewer): Operator,
    Named(mail): Named<MailId>,
) -> Answer<MailLine> {
    Ok(Json(bursar_operator::retry_mail(&door.service, &viewer, mail).await?.into()))
}

/// Writes a letter to an address that says that mail goes out.
#[utoipa::path(post, path = "/api/mails", tag = "mails", operation_id = "send_trial_mail",
    request_body = TrialMail,
    responses((status = 200, body = MailLine), (status = 422, body = ProblemBody)))]
pub(super) async fn send_trial(
    extract::State(door): Door,
    Operator(viewer): Operator,
    Json(wanted): Json<TrialMail>,
) -> Answer<MailLine> {
    Ok(Json(bursar_operator::send_trial(&door.service, &viewer, &wanted.to).await?.into()))
}

/// Reports that mail came back. Mail to the address is held until its holder has signed in by a
/// link that was mailed there.
#[utoipa::path(post, path = "/api/mails/bounces", tag = "mails", operation_id = "report_bounce",
    request_body = ReportBounce,
    responses((status = 200, body = BounceLine), (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody)))]
pub(super) async fn bounce(
    extract::State(door): Door,
    Operator(viewer): Operator,
    Json(told): Json<ReportBounce>,
) -> Answer<BounceLine> {
    let ReportBounce { of, why } = told;
    let back = bursar_operator::report_bounce(&door.service, &viewer, &of, &why).await?;
    Ok(Json(back.into()))
}
