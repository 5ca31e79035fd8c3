//! Corrections: somebody knows what a call cost, after it was charged.

use std::collections::HashMap;

use bursar_kernel::{CorrectionId, HoldId, RequestId, Usd};
use bursar_ledger::{Command, Correct, Correction};
use bursar_policy::{Action, Viewer};
use bursar_store::LotFilter;
use bursar_store::rows::Call;

use bursar_service::{Service, ServiceError, allow, audit_line, batch_of, entropy, read_text};

/// What a call cost, as somebody knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorrectCall {
    /// Which call.
    pub call: RequestId,
    /// The correction's name, so that it counts once; drawn if nobody says.
    pub id: Option<CorrectionId>,
    /// What it cost.
    pub cost: Usd,
    /// Who knows, and how.
    pub reason: String,
}

/// Corrects what a call was charged: less goes back to the lots that paid, more is taken from
/// them as far as they have it. The same name again gives the first result.
pub async fn correct_call(
    service: &Service,
    viewer: &Viewer,
    wanted: CorrectCall,
) -> Result<Correction, ServiceError> {
    allow(viewer, Action::Operate)?;
    let reason = read_text("reason", &wanted.reason, "Say who knows what it cost, and how")?;
    if wanted.cost.is_negative() {
        return Err(ServiceError::field("cost", "A call costs nothing at the least"));
    }
    let missing = || ServiceError::NotFound(format!("settled call `{}`", wanted.call));
    let call = service.store().call(wanted.call).await?.ok_or_else(missing)?;
    let batch = batch_of(viewer, service.now())?;
    let id = wanted.id.unwrap_or_else(|| CorrectionId::new(batch.now, entropy::draw()));
    let (charge, cost) = (call.hold, wanted.cost);
    let made = |all: Vec<Correction>| all.into_iter().find(|made| made.id == id);
    let was_made = made(service.store().corrections(vec![charge]).await?).is_some();
    // What is lent of the lots comes home, should the call have cost more.
    let lot = service.store().lots(LotFilter::Grant(call.grant)).await?.into_iter().next();
    let _recalled = match lot {
        Some(state) => Some(service.calls().borrower().bring_back(state.lot.id).await),
        None => None,
    };
    let said = format!("${cost}: {reason}");
    let line = audit_line(&batch, "call.corrected", call.request, said);
    let command = Command::Correct(Box::new(Correct { id, charge, cost, reason }));
    let batch = batch.with(command);
    service.store().commit(if was_made { batch } else { batch.with(line) }).await?;
    service.calls().directory().forget_grant(call.grant);
    let found = made(service.store().corrections(vec![charge]).await?);
    found.ok_or_else(|| ServiceError::NotFound(format!("correction `{id}`")))
}

/// The corrections of calls that whoever asks may see, by their holds.
pub async fn corrections_of(
    service: &Service,
    calls: &[Call],
) -> Result<HashMap<HoldId, Vec<Correction>>, ServiceError> {
    let holds = calls.iter().map(|call| call.hold).collect();
    let mut found = HashMap::<HoldId, Vec<Correction>>::new();
    for made in service.store().corrections(holds).await? {
        found.entry(made.charge).or_default().push(made);
    }
    Ok(found)
}
