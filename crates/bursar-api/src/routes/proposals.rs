//! A round decided as its line says, a second officer's word on it, and who waits.

use axum::extract::{Path, State};
use bursar_kernel::{ApplicationId, ProgramId, RoundId};
use bursar_reviewing::{ByLine, Reasons, WhatIf};

use super::{Answer, Door, judging};
use crate::auth::Operator;
use crate::extract::{Json, Named, Params};
use crate::types::{
    ApplicationDetail, ApproveRound, ApprovedRound, ApproverQuery, ByLineQuery, DecideByLine,
    DecidedByLine, ProblemBody, ProposalDetail, ScreenApplication, TakeBackDecision,
    ToApproveDetail, WaitingList,
};

/// What deciding a round as its line says would come to. Nothing is recorded.
#[utoipa::path(get, path = "/api/programs/{program}/rounds/{round}/proposal", tag = "rounds",
    operation_id = "propose_decisions",
    params(("program" = String, Path, description = "The program's short name"),
        ("round" = String, Path, description = "The round"), ByLineQuery),
    responses((status = 200, body = ProposalDetail), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn show(
    State(door): Door,
    Operator(viewer): Operator,
    Path((program, round)): Path<(ProgramId, RoundId)>,
    Params(asked): Params<ByLineQuery>,
) -> Answer<ProposalDetail> {
    let ByLineQuery { pool, seed, band, waiting } = asked;
    let how = ByLine { what_if: WhatIf { pool, seed }, with_band: band, waiting };
    let found = bursar_reviewing::proposal(&door.service, &viewer, &program, &round, &how).await?;
    Ok(Json(found.into()))
}

/// Records what a proposal says, if it is still what was shown: all of it or nothing.
#[utoipa::path(post, path = "/api/programs/{program}/rounds/{round}/proposal", tag = "rounds",
    operation_id = "decide_by_line", request_body = DecideByLine,
    params(("program" = String, Path, description = "The program's short name"),
        ("round" = String, Path, description = "The round")),
    responses((status = 200, body = DecidedByLine), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn record(
    State(door): Door,
    Operator(viewer): Operator,
    Path((program, round)): Path<(ProgramId, RoundId)>,
    Json(wanted): Json<DecideByLine>,
) -> Answer<DecidedByLine> {
    let what_if = WhatIf { pool: wanted.pool, seed: wanted.seed };
    let how = ByLine { what_if, with_band: wanted.band, waiting: wanted.waiting };
    let reasons = Reasons {
        award: wanted.award_reasons,
        waitlist: wanted.waitlist_reasons,
        decline: wanted.decline_reasons,
    };
    let (officer, at) = (Some(&*wanted.officer), (&program, &round));
    let said = (&reasons, &*wanted.stamp);
    let written =
        bursar_reviewing::decide_by_line(&door.service, &viewer, officer, at, &how, said).await?;
    Ok(Json(written.into()))
}

/// What of a round waits for a second officer, and may have this one's word.
#[utoipa::path(get, path = "/api/programs/{program}/rounds/{round}/approval", tag = "rounds",
    operation_id = "show_round_approval",
    params(("program" = String, Path, description = "The program's short name"),
        ("round" = String, Path, description = "The round"), ApproverQuery),
    responses((status = 200, body = ToApproveDetail), (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody)))]
pub(super) async fn to_approve(
    State(door): Door,
    Operator(viewer): Operator,
    Path((program, round)): Path<(ProgramId, RoundId)>,
    Params(asked): Params<ApproverQuery>,
) -> Answer<ToApproveDetail> {
    let (officer, at) = (Some(&*asked.officer), (&program, &round));
    let found = bursar_reviewing::to_approve(&door.service, &viewer, officer, at).await?;
    Ok(Json(found.into()))
}

/// A second officer approves what was shown, if it is still that.
#[utoipa::path(post, path = "/api/programs/{program}/rounds/{round}/approval", tag = "rounds",
    operation_id = "approve_round", request_body = ApproveRound,
    params(("program" = String, Path, description = "The program's short name"),
        ("round" = String, Path, description = "The round")),
    responses((status = 200, body = ApprovedRound), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn approve(
    State(door): Door,
    Operator(viewer): Operator,
    Path((program, round)): Path<(ProgramId, RoundId)>,
    Json(wanted): Json<ApproveRound>,
) -> Answer<ApprovedRound> {
    let (officer, at) = (Some(&*wanted.officer), (&program, &round));
    let service = &door.service;
    let approved =
        bursar_reviewing::approve_round(service, &viewer, officer, at, &wanted.stamp).await?;
    Ok(Json(ApprovedRound { approved }))
}

/// Who waits for an award of a round to come back, in their turn.
#[utoipa::path(get, path = "/api/programs/{program}/rounds/{round}/waiting-list", tag = "rounds",
    operation_id = "show_waiting_list",
    params(("program" = String, Path, description = "The program's short name"),
        ("round" = String, Path, description = "The round")),
    responses((status = 200, body = WaitingList), (status = 404, body = ProblemBody)))]
pub(super) async fn waiting(
    State(door): Door,
    Operator(viewer): Operator,
    Path((program, round)): Path<(ProgramId, RoundId)>,
) -> Answer<WaitingList> {
    // A round that there is not has no list either.
    door.service.round(&viewer, &program, &round).await?;
    Ok(Json(door.service.waiting_list(&viewer, &program, &round).await?.into()))
}

/// An officer's word on whether an application is eligible.
#[utoipa::path(post, path = "/api/applications/{application}/screening", tag = "applications",
    operation_id = "screen_application", request_body = ScreenApplication,
    params(("application" = String, Path, description = "The application")),
    responses((status = 200, body = ApplicationDetail), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn screen(
    door: Door,
    Operator(viewer): Operator,
    Named(id): Named<ApplicationId>,
    Json(wanted): Json<ScreenApplication>,
) -> Answer<ApplicationDetail> {
    let ScreenApplication { officer, eligible, reason } = wanted;
    let (service, officer) = (&door.service, Some(&*officer));
    bursar_reviewing::screen(service, &viewer, officer, id, eligible, reason).await?;
    judging::show(door, Operator(viewer), Named(id)).await
}

/// Takes a decision back before anybody outside has heard of it.
#[utoipa::path(post, path = "/api/applications/{application}/take-back", tag = "applications",
    operation_id = "take_back_decision", request_body = TakeBackDecision,
    params(("application" = String, Path, description = "The application")),
    responses((status = 200, body = ApplicationDetail), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn take_back(
    door: Door,
    Operator(viewer): Operator,
    Named(id): Named<ApplicationId>,
    Json(wanted): Json<TakeBackDecision>,
) -> Answer<ApplicationDetail> {
    door.service.take_back_decision(&viewer, Some(&wanted.officer), id).await?;
    judging::show(door, Operator(viewer), Named(id)).await
}

/// Offers a waiting application its award before anything has come back: the pool pays.
#[utoipa::path(post, path = "/api/applications/{application}/offer", tag = "applications",
    operation_id = "offer_award",
    params(("application" = String, Path, description = "The application")),
    responses((status = 200, body = ApplicationDetail), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody)))]
pub(super) async fn offer(
    door: Door,
    Operator(viewer): Operator,
    Named(id): Named<ApplicationId>,
) -> Answer<ApplicationDetail> {
    door.service.offer_waiting(&viewer, id).await?;
    judging::show(door, Operator(viewer), Named(id)).await
}
