//! What lies in suspense, until somebody with the provider's figures settles it, with a reason.

use bursar_kernel::limits::CALLS_IN_FLIGHT_MAX;
use bursar_kernel::{Cap, Usd};
use bursar_ledger::Leased;
use bursar_ledger::Refusal::{NotInSuspense, Overflow, SettledBefore, TransferConflict as Other};
use bursar_policy::{Action, Viewer};
use bursar_store::rows::{Grant, Person};
use bursar_store::suspense::{Suspended, SuspenseId, SuspenseVerdict, suspended};
use bursar_store::{CommitError, HoldFilter, LeaseFilter, LotFilter, SuspenseOf};

use bursar_service::{Service, ServiceError, allow, audit_line, batch_of, read_text};

/// Something in suspense.
#[derive(Clone, Debug)]
pub struct SuspenseLine {
    /// What it is.
    pub what: Suspended,
    /// Which grant's, where it is a grant's.
    pub grant: Option<Grant>,
    /// Who holds it.
    pub holder: Option<Person>,
    /// The key or the study whose limit it is, and what that is called, where it is not credit.
    pub limit_of: Option<(Cap, String)>,
}

/// What lies in suspense, the longest first: so many lines after some, and how many there are.
pub async fn suspense(
    service: &Service,
    viewer: &Viewer,
    skip: usize,
    limit: usize,
) -> Result<(Vec<SuspenseLine>, usize), ServiceError> {
    allow(viewer, Action::Operate)?;
    let drafts = drafts(service, SuspenseOf::Everything).await?;
    let count = drafts.len();
    let mut lines = Vec::new();
    for draft in drafts.into_iter().skip(skip).take(limit) {
        lines.push(line_of(service, draft).await?);
    }
    Ok((lines, count))
}

/// One line of it.
pub async fn suspense_line(
    service: &Service,
    viewer: &Viewer,
    id: SuspenseId,
) -> Result<SuspenseLine, ServiceError> {
    allow(viewer, Action::Operate)?;
    let draft = draft(service, id).await?;
    let missing = || ServiceError::NotFound(format!("`{id}` in suspense"));
    line_of(service, draft.ok_or_else(missing)?).await
}

/// Settles a line of it: what was spent is used up, the rest is back where it came from. A call
/// that is known is in the books from now on. Says what was spent.
pub async fn settle_suspense(
    service: &Service,
    viewer: &Viewer,
    id: SuspenseId,
    verdict: SuspenseVerdict,
    reason: &str,
) -> Result<Usd, ServiceError> {
    allow(viewer, Action::Operate)?;
    let reason = read_text("reason", reason, "Say how you know")?;
    let settled_before = || {
        ServiceError::Refused(format!(
            "settle `{id}`, which does not lie in suspense any more\n\
             hint: the audit trail says who settled it, and why"
        ))
    };
    let draft = draft(service, id).await?.ok_or_else(settled_before)?;
    let cost = verdict.cost(draft.amount);
    let cost = cost.map_err(|message| ServiceError::field("cost", message))?;
    let mut batch = batch_of(viewer, service.now())?;
    let detail = format!("${cost} of ${} was spent: {reason}", draft.amount);
    let line = audit_line(&batch, "suspense.settled", id, detail);
    batch.writes.extend(draft.settled(cost, batch.now).ok_or(Overflow)?);
    match service.store().commit(batch.with(line)).await {
        Ok(_) => Ok(cost),
        Err(
            CommitError::Conflict(_)
            | CommitError::Refused(SettledBefore { .. } | NotInSuspense(_) | Other(_)),
        ) => Err(settled_before()),
        Err(error) => Err(error.into()),
    }
}

async fn drafts(service: &Service, of: SuspenseOf) -> Result<Vec<Suspended>, ServiceError> {
    // No process can have had more calls in flight.
    let which = HoldFilter::InSuspense { of, limit: CALLS_IN_FLIGHT_MAX };
    let holds = service.store().holds(which).await?;
    Ok(suspended(holds, &service.store().leases(LeaseFilter::InSuspense).await?))
}

async fn draft(service: &Service, id: SuspenseId) -> Result<Option<Suspended>, ServiceError> {
    Ok(drafts(service, id.into()).await?.into_iter().find(|draft| draft.id == id))
}

async fn line_of(service: &Service, draft: Suspended) -> Result<SuspenseLine, ServiceError> {
    let mut grant = draft.grant;
    let mut limit_of = None;
    match draft.of {
        Some(Leased::Lot(lot)) => {
            let lots = service.store().lots(LotFilter::Id(lot)).await?;
            grant = grant.or_else(|| lots.first().and_then(|state| state.lot.grant));
        }
        Some(Leased::Cap(cap)) => {
            let found = match cap {
                Cap::Key(id) => service.store().key(id).await?.map(|key| (key.grant, key.name)),
                Cap::Study(id) => {
                    service.store().study(id).await?.map(|study| (study.grant, study.terms.name))
                }
            };
            grant = grant.or_else(|| found.as_ref().map(|(grant, _)| *grant));
            limit_of = found.map(|(_, name)| (cap, name));
        }
        None => {}
    }
    let mut line = SuspenseLine { what: draft, grant: None, holder: None, limit_of };
    if let Some(grant) = grant {
        line.grant = service.store().grant(grant).await?;
    }
    if let Some(grant) = &line.grant {
        line.holder = service.store().person(grant.holder).await?;
    }
    Ok(line)
}
