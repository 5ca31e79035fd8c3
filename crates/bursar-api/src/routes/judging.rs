//! Who qualifies, when credit could arrive, and decisions.
//!
//! A decision carries the name of the officer who made it. Whoever holds the administrator's token
//! has none, and says in whose name it is; the audit trail keeps both.

use axum::extract::{Path, State};
use bursar_award::Outcome;
use bursar_kernel::{ApplicationId, GrantId, Program, ProgramId};
use bursar_program::calendar::{plan, plan_for_credit_by};
use bursar_program::{eligibility, proposal};
use bursar_service::{LAST, Verdict};

use super::{Answer, Door};
use crate::auth::Operator;
use crate::extract::{Json, Named, Params, positive};
use crate::moments::read_instant;
use crate::problem::Refusal;
use crate::types::{
    ApplicationDetail, ApproveAward, DecideOn, DeliveryDay, EligibilityLine, GivenAnswers,
    GrantLine, PlanLine, PlanQuery, ProblemBody, ProposalAdvice,
};

/// Whether somebody qualifies, with the reason of each rule.
#[utoipa::path(post, path = "/api/programs/{program}/eligibility", tag = "programs",
    operation_id = "check_eligibility", request_body = GivenAnswers,
    params(("program" = String, Path, description = "The program's short name")),
    responses((status = 200, body = EligibilityLine), (status = 404, body = ProblemBody)))]
pub(super) async fn check_eligibility(
    State(door): Door,
    Operator(_): Operator,
    Path(program): Path<ProgramId>,
    Json(given): Json<GivenAnswers>,
) -> Answer<EligibilityLine> {
    let program = door.service.program(&program)?;
    let outcome = eligibility::check(program, &given.answers);
    Ok(Json(EligibilityLine::new(program, outcome)))
}

/// Advice on a proposal: whether it reads as research. Never a gate.
#[utoipa::path(post, path = "/api/programs/{program}/proposal", tag = "programs",
    operation_id = "check_proposal", request_body = GivenAnswers,
    params(("program" = String, Path, description = "The program's short name")),
    responses((status = 200, body = ProposalAdvice), (status = 404, body = ProblemBody)))]
pub(super) async fn check_proposal(
    State(door): Door,
    Operator(_): Operator,
    Path(program): Path<ProgramId>,
    Json(given): Json<GivenAnswers>,
) -> Answer<ProposalAdvice> {
    let program = door.service.program(&program)?;
    let points = proposal::check(program, &given.answers);
    Ok(Json(ProposalAdvice { points: points.into_iter().map(Into::into).collect() }))
}

/// When to submit, and when credit arrives.
#[utoipa::path(get, path = "/api/programs/{program}/plan", tag = "programs",
    operation_id = "plan_application",
    params(("program" = String, Path, description = "The program's short name"), PlanQuery),
    responses((status = 200, body = PlanLine), (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody)))]
pub(super) async fn plan_application(
    State(door): Door,
    Operator(_): Operator,
    Path(program): Path<ProgramId>,
    Params(asked): Params<PlanQuery>,
) -> Answer<PlanLine> {
    let program = door.service.program(&program)?;
    Ok(Json(planned(program, door.service.now(), &asked)?.into()))
}

fn planned(
    program: &Program,
    now: bursar_kernel::Timestamp,
    asked: &PlanQuery,
) -> Result<bursar_program::calendar::Plan, Refusal> {
    let zone = &program.review.zone;
    if let Some(day) = &asked.need_by {
        let by = read_instant("need_by", day, zone)?;
        let found = plan_for_credit_by(program, now, by);
        return found.ok_or_else(|| {
            let first = plan(program, now).and_then(|plan| plan.credit);
            let first = first.map(|(_, latest)| latest.to_zoned(zone.clone()).date());
            let message = match first {
                Some(first) => {
                    format!("No round is decided and paid by then; the first is by {first}")
                }
                None => "No round to come says when its credit arrives".to_owned(),
            };
            Refusal::field("need_by", message)
        });
    }
    let submit_on = asked.submit_on.as_deref();
    let submit_on = submit_on.map(|day| read_instant("submit_on", day, zone)).transpose()?;
    plan(program, submit_on.unwrap_or(now).max(now))
        .ok_or_else(|| Refusal::field("submit_on", "No round of this program is to come then"))
}

/// An application with its screening, its reviews and its decision.
#[utoipa::path(get, path = "/api/applications/{application}", tag = "applications",
    operation_id = "show_application",
    params(("application" = String, Path, description = "The application")),
    responses((status = 200, body = ApplicationDetail), (status = 404, body = ProblemBody)))]
pub(super) async fn show(
    State(door): Door,
    Operator(viewer): Operator,
    Named(application): Named<ApplicationId>,
) -> Answer<ApplicationDetail> {
    let page = door.service.application_for_officer(&viewer, application).await?;
    let program = door.service.program(&page.application.program)?;
    Ok(Json(ApplicationDetail::new(program, page)))
}

/// Decides an application in an officer's name. An award above the typical maximum then waits for
/// a second officer.
#[utoipa::path(post, path = "/api/applications/{application}/decide", tag = "applications",
    operation_id = "decide_application", request_body = DecideOn,
    params(("application" = String, Path, description = "The application")),
    responses((status = 200, body = ApplicationDetail), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn decide(
    door: Door,
    Operator(viewer): Operator,
    Named(application): Named<ApplicationId>,
    Json(wanted): Json<DecideOn>,
) -> Answer<ApplicationDetail> {
    let outcome = match (wanted.award, wanted.waitlist) {
        (Some(amount), None) => Outcome::Award { amount: positive("award", amount)? },
        (None, Some(amount)) => {
            Outcome::Waitlist { amount: positive("waitlist", amount)?, place: LAST }
        }
        (None, None) => Outcome::Decline,
        (Some(_), Some(_)) => {
            let message = "Award it or put it on the waiting list, not both";
            return Err(Refusal::field("waitlist", message));
        }
    };
    let (reasons, justification) = (wanted.reasons, wanted.justification);
    let verdict = Verdict { outcome, reasons, justification };
    let officer = Some(wanted.officer.as_str());
    bursar_evidence::decide(&door.service, &viewer, officer, application, verdict).await?;
    show(door, Operator(viewer), Named(application)).await
}

/// A second officer's approval of an award above the typical maximum.
#[utoipa::path(post, path = "/api/applications/{application}/approve", tag = "applications",
    operation_id = "approve_award", request_body = ApproveAward,
    params(("application" = String, Path, description = "The application")),
    responses((status = 200, body = ApplicationDetail), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn approve(
    door: Door,
    Operator(viewer): Operator,
    Named(application): Named<ApplicationId>,
    Json(wanted): Json<ApproveAward>,
) -> Answer<ApplicationDetail> {
    door.service.approve(&viewer, Some(&wanted.officer), application).await?;
    show(door, Operator(viewer), Named(application)).await
}

/// Sets the day on which an accepted award arrives, within the range that was announced.
#[utoipa::path(post, path = "/api/grants/{grant}/delivery", tag = "grants",
    operation_id = "set_delivery_day", request_body = DeliveryDay,
    params(("grant" = String, Path, description = "The grant")),
    responses((status = 200, body = GrantLine), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn set_delivery_day(
    State(door): Door,
    Operator(viewer): Operator,
    Named(grant): Named<GrantId>,
    Json(wanted): Json<DeliveryDay>,
) -> Answer<GrantLine> {
    let day = wanted.day.trim().parse();
    let day = day.map_err(|_| Refusal::field("day", "Write a day, like 2027-02-03"))?;
    door.service.set_delivery_day(&viewer, grant, day).await?;
    Ok(Json(door.service.grant(&viewer, grant).await?.into()))
}
