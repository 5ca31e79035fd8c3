//! Grants and their calls.

use axum::extract::State;
use bursar_kernel::limits::{NAME_CHARACTERS_MAX, ROWS_PER_PAGE};
use bursar_kernel::{GrantId, Origin, ProgramId, RequestId, Usd};
use bursar_service::{self as service, ServiceError};
use bursar_store::CallFilter;
use bursar_store::rows::Call;
use http::StatusCode;

use super::{Answer, Door};
use crate::Config;
use crate::auth::Operator;
use crate::extract::{Json, Named, Params, positive};
use crate::moments::read_instant;
use crate::problem::Refusal;
use crate::types::{
    CallLine, Calls, CallsQuery, CorrectCall, ForecastLine, GrantLine, Grants, GrantsQuery,
    IssueGrant, NameTier, ProblemBody, TierLine,
};

/// Calls on one page at the most: a page is built in memory.
const CALLS_MAX: usize = 1_000;

/// Grants, latest first.
#[utoipa::path(get, path = "/api/grants", tag = "grants", operation_id = "list_grants",
    params(GrantsQuery),
    responses((status = 200, body = Grants), (status = 404, body = ProblemBody)))]
pub(super) async fn list(
    State(door): Door,
    Operator(viewer): Operator,
    Params(which): Params<GrantsQuery>,
) -> Answer<Grants> {
    let mut pages = Vec::new();
    for program in door.service.programs() {
        if which.program.as_ref().is_none_or(|wanted| *wanted == program.id) {
            pages.extend(door.service.program_grants(&viewer, &program.id).await?);
        }
    }
    if let Some(program) = which.program {
        door.service.program(&program)?;
    }
    pages.sort_by_key(|page| std::cmp::Reverse(page.grant.id));
    Ok(Json(Grants { grants: pages.into_iter().map(GrantLine::from).collect() }))
}

/// Issues credit at once, without an application, from the program's pool.
#[utoipa::path(post, path = "/api/grants", tag = "grants", operation_id = "issue_grant",
    request_body = IssueGrant,
    responses((status = 200, body = GrantLine), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn issue(
    State(door): Door,
    Operator(viewer): Operator,
    Json(wanted): Json<IssueGrant>,
) -> Answer<GrantLine> {
    let program = door.service.program(&wanted.program)?;
    let zone = &program.review.zone;
    let expires = wanted.expires.as_deref();
    let expires_at = expires.map(|text| read_instant("expires", text, zone)).transpose()?;
    let title = wanted.title.unwrap_or_default().trim().to_owned();
    if NAME_CHARACTERS_MAX < title.chars().count() || title.chars().any(char::is_control) {
        let message =
            format!("The title must be a line of {NAME_CHARACTERS_MAX} characters or fewer");
        return Err(Refusal::field("title", message));
    }
    let amount = positive("amount", wanted.amount)?;
    let issue = service::IssueGrant {
        program: program.id.clone(),
        holder_email: wanted.holder,
        amount,
        expires_at,
        title,
        origin: wanted.origin.map_or(Origin::ResearchGrant, Origin::from),
        tier: wanted.tier,
    };
    match door.service.issue_grant(&viewer, issue).await {
        Ok(id) => Ok(Json(door.service.grant(&viewer, id).await?.into())),
        Err(ServiceError::Refused(why)) => {
            let pool = door.service.program_money(&viewer, &program.id).await?.pool;
            Err(not_issued(&why, &program.id, pool, amount))
        }
        Err(error) => Err(Refusal::from(error).naming("holder", "email")),
    }
}

/// Says what to do about a pool that holds too little, which is the usual reason.
fn not_issued(why: &str, program: &ProgramId, pool: Usd, amount: Usd) -> Refusal {
    if amount <= pool {
        return ServiceError::Refused(why.to_owned()).into();
    }
    let sentence = format!(
        "the pool of `{program}` holds ${pool} and ${amount} was asked for\n\
         hint: fund the program first: `bursar program fund --program {program} --amount USD`"
    );
    Refusal::new(StatusCode::CONFLICT, "refused", &sentence)
}

/// A grant with its money, its lots and its keys.
#[utoipa::path(get, path = "/api/grants/{grant}", tag = "grants", operation_id = "show_grant",
    params(("grant" = String, Path, description = "The grant")),
    responses((status = 200, body = GrantLine), (status = 404, body = ProblemBody)))]
pub(super) async fn show(
    State(door): Door,
    Operator(viewer): Operator,
    Named(id): Named<GrantId>,
) -> Answer<GrantLine> {
    Ok(Json(door.service.grant(&viewer, id).await?.into()))
}

/// The tier that a grant's calls have, with its limits.
#[utoipa::path(get, path = "/api/grants/{grant}/tier", tag = "grants", operation_id = "show_tier",
    params(("grant" = String, Path, description = "The grant")),
    responses((status = 200, body = TierLine), (status = 404, body = ProblemBody)))]
pub(super) async fn tier(
    State(door): Door,
    Operator(viewer): Operator,
    Named(id): Named<GrantId>,
) -> Answer<TierLine> {
    let standing = door.service.tier_standing(&viewer, id).await?;
    let grant = door.service.grant(&viewer, id).await?.grant;
    Ok(Json(TierLine::new(&door.service.program(&grant.program)?.tiers, standing)))
}

/// Where a grant's balance is heading, what waiting costs, and both roads to more.
#[utoipa::path(get, path = "/api/grants/{grant}/forecast", tag = "grants",
    operation_id = "forecast_grant",
    params(("grant" = String, Path, description = "The grant")),
    responses((status = 200, body = ForecastLine), (status = 404, body = ProblemBody)))]
pub(super) async fn forecast(
    State(door): Door,
    Operator(viewer): Operator,
    Named(id): Named<GrantId>,
) -> Answer<ForecastLine> {
    Ok(Json(door.service.next_steps(&viewer, id).await?.into()))
}

/// Names a tier for a grant: its calls have it where it is higher than its holder's own.
#[utoipa::path(put, path = "/api/grants/{grant}/tier", tag = "grants", operation_id = "name_tier",
    params(("grant" = String, Path, description = "The grant")), request_body = NameTier,
    responses((status = 200, body = GrantLine), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn name_tier(
    State(door): Door,
    Operator(viewer): Operator,
    Named(id): Named<GrantId>,
    Json(wanted): Json<NameTier>,
) -> Answer<GrantLine> {
    door.service.name_tier(&viewer, id, &wanted.tier, &wanted.reason).await?;
    Ok(Json(door.service.grant(&viewer, id).await?.into()))
}

/// A page of a grant's calls, newest first.
#[utoipa::path(get, path = "/api/grants/{grant}/calls", tag = "grants",
    operation_id = "list_calls",
    params(("grant" = String, Path, description = "The grant"), CallsQuery),
    responses((status = 200, body = Calls), (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody)))]
pub(super) async fn calls(
    State(door): Door,
    Operator(viewer): Operator,
    Named(grant): Named<GrantId>,
    Params(which): Params<CallsQuery>,
) -> Answer<Calls> {
    let limit = which.limit.unwrap_or(ROWS_PER_PAGE);
    if limit == 0 || CALLS_MAX < limit {
        return Err(Refusal::field("limit", format!("The limit must be from 1 to {CALLS_MAX}")));
    }
    // One more than is shown, to know whether there are older ones.
    let page =
        CallFilter { grant, person: None, before: which.before, limit: limit.saturating_add(1) };
    let mut calls = door.service.calls_made(&viewer, page).await?;
    let more = limit < calls.len();
    calls.truncate(limit);
    let next = calls.last().filter(|_| more).map(|call| call.request);
    let mut corrections = bursar_operator::corrections_of(&door.service, &calls).await?;
    let line = |call: Call| {
        let corrections = corrections.remove(&call.hold).unwrap_or_default();
        CallLine::of(call, corrections)
    };
    Ok(Json(Calls { calls: calls.into_iter().map(line).collect(), next }))
}

/// One settled call.
#[utoipa::path(get, path = "/api/calls/{call}", tag = "grants", operation_id = "show_call",
    params(("call" = String, Path, description = "The call's `x-request-id`")),
    responses((status = 200, body = CallLine), (status = 404, body = ProblemBody)))]
pub(super) async fn call(
    State(door): Door,
    Operator(viewer): Operator,
    Named(request): Named<RequestId>,
) -> Answer<CallLine> {
    let missing = || Refusal::not_found(&format!("there is no settled call `{request}`"));
    let store = door.service.store();
    let found = store.call(request).await.map_err(ServiceError::from)?;
    let call = found.ok_or_else(missing)?;
    // Whoever may read the grant may read its calls.
    let page = CallFilter { grant: call.grant, person: None, before: None, limit: 1 };
    door.service.calls_made(&viewer, page).await.map_err(|_| missing())?;
    Ok(Json(with_corrections(&door, call).await?))
}

async fn with_corrections(door: &Config, call: Call) -> Result<CallLine, Refusal> {
    let mut found =
        bursar_operator::corrections_of(&door.service, std::slice::from_ref(&call)).await?;
    let corrections = found.remove(&call.hold).unwrap_or_default();
    Ok(CallLine::of(call, corrections))
}

/// Corrects what a call was charged: less goes back to the lots that paid, more is taken from them
/// as far as they have it. What it was charged at first stays beside it.
#[utoipa::path(post, path = "/api/calls/{call}/correct", tag = "grants",
    operation_id = "correct_call", request_body = CorrectCall,
    params(("call" = String, Path, description = "The call's `x-request-id`")),
    responses((status = 200, body = CallLine), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn correct(
    State(door): Door,
    Operator(viewer): Operator,
    Named(call): Named<RequestId>,
    Json(wanted): Json<CorrectCall>,
) -> Answer<CallLine> {
    let CorrectCall { id, cost, reason } = wanted;
    let wanted = bursar_operator::CorrectCall { call, id, cost, reason };
    bursar_operator::correct_call(&door.service, &viewer, wanted).await?;
    let missing = || Refusal::not_found(&format!("there is no settled call `{call}`"));
    let found = door.service.store().call(call).await.map_err(ServiceError::from)?;
    Ok(Json(with_corrections(&door, found.ok_or_else(missing)?).await?))
}
