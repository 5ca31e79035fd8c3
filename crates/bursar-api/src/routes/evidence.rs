//! What shows an affiliation, and verdicts that officers are asked to look at.

use axum::extract::{Path, State};
use bursar_award::appeals::{AppealAnswer, AppealState};
use bursar_kernel::{AppealId, ApplicationId, ClaimId, ProgramId};

use super::{Answer, Door};
use crate::auth::Operator;
use crate::extract::{Json, Named};
use crate::problem::Refusal;
use crate::types::{
    AddressLine, AnswerAppeal, AnswerClaim, AppealLine, Appeals, EvidenceDetail, LookUpAddress,
    ProblemBody, Vouch,
};

/// What an applicant has shown, by what, until when.
#[utoipa::path(get, path = "/api/applications/{application}/evidence", tag = "evidence",
    operation_id = "show_evidence",
    params(("application" = String, Path, description = "The application")),
    responses((status = 200, body = EvidenceDetail), (status = 404, body = ProblemBody)))]
pub(super) async fn show(
    State(door): Door,
    Operator(viewer): Operator,
    Named(application): Named<ApplicationId>,
) -> Answer<EvidenceDetail> {
    let standing = bursar_evidence::for_officer(&door.service, &viewer, application).await?;
    Ok(Json(standing.into()))
}

/// Gives an officer's own word that it is so.
#[utoipa::path(post, path = "/api/applications/{application}/evidence", tag = "evidence",
    operation_id = "vouch", request_body = Vouch,
    params(("application" = String, Path, description = "The application")),
    responses((status = 200, body = EvidenceDetail), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn vouch(
    State(door): Door,
    Operator(viewer): Operator,
    Named(application): Named<ApplicationId>,
    Json(wanted): Json<Vouch>,
) -> Answer<EvidenceDetail> {
    bursar_evidence::vouch(&door.service, &viewer, application, &wanted.reason).await?;
    let standing = bursar_evidence::for_officer(&door.service, &viewer, application).await?;
    Ok(Json(standing.into()))
}

/// Says whether what was claimed is believed, and why.
#[utoipa::path(put, path = "/api/applications/{application}/claims/{claim}", tag = "evidence",
    operation_id = "answer_claim", request_body = AnswerClaim,
    params(("application" = String, Path, description = "The application"),
        ("claim" = String, Path, description = "The claim")),
    responses((status = 200, body = EvidenceDetail), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn answer_claim(
    State(door): Door,
    Operator(viewer): Operator,
    Path((application, claim)): Path<(String, String)>,
    Json(wanted): Json<AnswerClaim>,
) -> Answer<EvidenceDetail> {
    let nothing = |_| Refusal::not_found("there is nothing at this address");
    let application: ApplicationId = application.parse().map_err(nothing)?;
    let claim: ClaimId = claim.parse().map_err(nothing)?;
    let AnswerClaim { accept, reason } = wanted;
    let (service, viewer) = (&door.service, &viewer);
    bursar_evidence::answer_claim(service, viewer, application, claim, accept, &reason).await?;
    let standing = bursar_evidence::for_officer(service, viewer, application).await?;
    Ok(Json(standing.into()))
}

/// What a program's lists, the operator's and those that ship say of an address. Nothing is kept.
#[utoipa::path(post, path = "/api/programs/{program}/address", tag = "evidence",
    operation_id = "look_up_address", request_body = LookUpAddress,
    params(("program" = String, Path, description = "The program's short name")),
    responses((status = 200, body = AddressLine), (status = 404, body = ProblemBody)))]
pub(super) async fn address(
    State(door): Door,
    Operator(_): Operator,
    Path(program): Path<ProgramId>,
    Json(wanted): Json<LookUpAddress>,
) -> Answer<AddressLine> {
    let program = door.service.program(&program)?;
    let said = bursar_evidence::address_says(&door.service, program, &wanted.email).await?;
    Ok(Json(said.into()))
}

/// Verdicts that officers are asked to look at, those that wait first.
#[utoipa::path(get, path = "/api/appeals", tag = "evidence", operation_id = "list_appeals",
    responses((status = 200, body = Appeals)))]
pub(super) async fn appeals(State(door): Door, Operator(viewer): Operator) -> Answer<Appeals> {
    let all = bursar_evidence::appeals(&door.service, &viewer).await?;
    let waiting = all.iter().filter(|appeal| appeal.state == AppealState::Open).count();
    Ok(Json(Appeals { appeals: all.into_iter().map(Into::into).collect(), waiting }))
}

/// One of them, with all that was written.
#[utoipa::path(get, path = "/api/appeals/{appeal}", tag = "evidence",
    operation_id = "show_appeal",
    params(("appeal" = String, Path, description = "The appeal")),
    responses((status = 200, body = AppealLine), (status = 404, body = ProblemBody)))]
pub(super) async fn appeal(
    State(door): Door,
    Operator(viewer): Operator,
    Named(appeal): Named<AppealId>,
) -> Answer<AppealLine> {
    let (appeal, _) = bursar_evidence::appeal(&door.service, &viewer, appeal).await?;
    Ok(Json(appeal.into()))
}

/// Answers whoever asks: lets them apply until an instant, upholds the rules, or asks more. The
/// text goes to them by letter.
#[utoipa::path(put, path = "/api/appeals/{appeal}/answer", tag = "evidence",
    operation_id = "answer_appeal", request_body = AnswerAppeal,
    params(("appeal" = String, Path, description = "The appeal")),
    responses((status = 200, body = AppealLine), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn answer_appeal(
    State(door): Door,
    Operator(viewer): Operator,
    Named(id): Named<AppealId>,
    Json(wanted): Json<AnswerAppeal>,
) -> Answer<AppealLine> {
    let answer = match (wanted.answer.as_str(), wanted.until) {
        ("overrule", Some(until)) => AppealAnswer::Overrule { until },
        ("overrule", None) => {
            return Err(Refusal::field("until", "say until when they may apply"));
        }
        ("uphold", None) => AppealAnswer::Uphold,
        ("ask", None) => AppealAnswer::AskMore,
        ("uphold" | "ask", Some(_)) => {
            return Err(Refusal::field("until", "only an exception has an end"));
        }
        _ => return Err(Refusal::field("answer", "say `overrule`, `uphold` or `ask`")),
    };
    let (service, viewer) = (&door.service, &viewer);
    bursar_evidence::answer_appeal(service, viewer, id, answer, &wanted.text).await?;
    let (appeal, _) = bursar_evidence::appeal(service, viewer, id).await?;
    Ok(Json(appeal.into()))
}
