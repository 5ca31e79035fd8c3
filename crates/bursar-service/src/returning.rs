//! Handing unused credit back to the pool that it came from.

use std::sync::Arc;

use bursar_kernel::{GrantId, Timestamp, TransferId, TransferPolicy, Usd};
use bursar_ledger::Command;
use bursar_policy::Viewer;
use bursar_store::rows::Grant;
use bursar_store::{LotFilter, LotState};

use crate::letters::Post as _;
use crate::{Service, ServiceError, entropy, letters};

impl Service {
    /// Hands a grant's free credit back to the pool that it came from.
    pub async fn return_credit(
        &self,
        viewer: &Viewer,
        grant: GrantId,
        amount: Usd,
    ) -> Result<(), ServiceError> {
        let grant = self.own_grant(viewer, grant).await?;
        let program = Arc::clone(self.program(&grant.program)?);
        let state = self.delivered_lot(&grant).await?;
        let available = state.available();
        if !amount.is_positive() {
            return Err(ServiceError::field("amount", "Enter an amount above $0"));
        }
        if available < amount && self.now() < state.lot.expires_at {
            let message = format!("${available} is free: return that, or less");
            return Err(ServiceError::field("amount", message));
        }
        let holder = self.person_of(grant.holder).await?;
        let batch = crate::batch_of(viewer, self.now())?;
        let id = TransferId::new(batch.now, entropy::draw());
        let line = crate::audit_line(&batch, "grant.returned", grant.id, format!("${amount}"));
        let url = format!("{}/grants/{}", self.base_url, grant.id);
        let letter = letters::returned(&program.name, amount, &url).to(&holder.email, batch.now);
        let command = Command::Return { id, lot: state.lot.id, amount };
        let _recalled = self.calls.borrower().bring_back(state.lot.id).await;
        self.commit(batch.with(command).with(line).with(letter)).await?;
        self.calls.directory().forget_grant(grant.id);
        Ok(())
    }

    /// A grant whose credit the viewer may pass on; any other does not exist for them.
    pub async fn own_grant(&self, viewer: &Viewer, id: GrantId) -> Result<Grant, ServiceError> {
        let within = self.within(viewer, id).await?;
        within.allow(within.may_pass_on())?;
        crate::taking_back::check_not_voided(&within.grant)?;
        Ok(within.grant)
    }

    /// Where a grant's credit lies; `None` before it is delivered.
    pub async fn lot_of_grant(&self, grant: &Grant) -> Result<Option<LotState>, ServiceError> {
        let lots = self.store.lots(LotFilter::Grant(grant.id)).await?;
        Ok(lots.into_iter().find(|state| Some(state.lot.id) == grant.lot))
    }

    /// The lot of a grant whose credit has arrived.
    pub async fn delivered_lot(&self, grant: &Grant) -> Result<LotState, ServiceError> {
        let state = self.lot_of_grant(grant).await?;
        state.ok_or_else(|| ServiceError::Refused(NOT_DELIVERED.to_owned()))
    }
}

const NOT_DELIVERED: &str = "pass on credit that has not been delivered\n\
                             hint: wait until it has arrived";

/// Whether credit may be handed back to its pool.
pub fn may_return(state: &LotState, now: Timestamp) -> bool {
    now < state.lot.expires_at
        && state.lot.transfer_policy != TransferPolicy::None
        && state.available().is_positive()
}
