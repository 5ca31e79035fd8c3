//! Calls: money is set aside before, and settled once after.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bursar_kernel::limits::{CALL_SECONDS_MAX, SETTLE_GRACE};
use bursar_kernel::{
    Actor, Endpoint, GrantId, HoldId, KeyId, ModelId, PriceVersion, RequestId, ServiceTier,
    Timestamp, Usage, Usd,
};
use bursar_ledger::{Command, Outcome, PlaceHold, Refusal};
use bursar_policy::Permit;
use bursar_store::rows::{Basis, Call, CallOutcome};
use bursar_store::{Batch, CommitError, Expect, Row, Write};
use jiff::SignedDuration;
use serde::Serialize;
use tokio::sync::OwnedRwLockReadGuard;
use tracing::{error, warn};

use crate::{Caller, Service, ServiceError, entropy};

/// How often settling a call is tried while the store is out of reach, and how long apart: past
/// half a minute the hold stays open, and its `settle_by` puts it in suspense.
const SETTLE_TRIES: u32 = 60;
const SETTLE_EVERY: Duration = Duration::from_millis(500);

/// A call that is about to begin.
#[derive(Clone, Copy, Debug)]
pub struct Begun {
    /// Its name.
    pub request: RequestId,
    /// The dearest tier that it may be served at.
    pub tier: ServiceTier,
    /// Whether its answer is streamed.
    pub streamed: bool,
    /// When it was received.
    pub started_at: Timestamp,
}

/// Money set aside for one call. Not `Clone`, and never simply dropped: it is settled, or, should
/// its owner die, put in suspense for somebody to look at.
#[derive(Debug)]
pub struct CallHold {
    hold: HoldId,
    begun: Begun,
    key: KeyId,
    grant: GrantId,
    endpoint: Endpoint,
    model: ModelId,
    held: Usd,
    price_version: PriceVersion,
    caller: Arc<Caller>,
    orphans: Orphans,
    settled: bool,
    /// While a call is open, the demonstration's clock does not turn.
    _open: Option<OwnedRwLockReadGuard<()>>,
}

impl CallHold {
    /// How much is set aside.
    pub fn held(&self) -> Usd {
        self.held
    }

    /// The call's name.
    pub fn request(&self) -> RequestId {
        self.begun.request
    }
}

impl Drop for CallHold {
    fn drop(&mut self) {
        if !self.settled {
            warn!(hold.id = %self.hold, "a call ended without settling hold `{}`", self.hold);
            self.orphans.push(self.hold);
        }
    }
}

/// What became of a call.
#[derive(Clone, Copy, Debug)]
pub struct Settled {
    /// What it used.
    pub usage: Usage,
    /// What it cost; zero, and given back, if nothing is due.
    pub cost: Usd,
    /// What that rests on.
    pub basis: Basis,
    /// The tier that priced it.
    pub tier: ServiceTier,
    /// How it went.
    pub outcome: CallOutcome,
    /// The status that its caller got.
    pub status: u16,
}

/// A settled call, durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettledCall {
    /// What it cost.
    pub cost: Usd,
    /// What the grant can still spend.
    pub available: Usd,
}

/// Why no money was set aside.
#[derive(Debug, thiserror::Error)]
pub enum HoldRefused {
    /// The book said no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store is out of reach.
    #[error("the store is out of reach")]
    Unavailable(#[source] CommitError),
}

/// Holds whose owners died; a job puts them in suspense.
#[derive(Clone, Debug, Default)]
pub(crate) struct Orphans(Arc<Mutex<Vec<HoldId>>>);

impl Orphans {
    fn push(&self, hold: HoldId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(hold);
    }

    pub(crate) fn take(&self) -> Vec<HoldId> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What a hold's note tells whoever finds it open.
#[derive(Serialize)]
struct Note<'a> {
    request: RequestId,
    key: KeyId,
    endpoint: Endpoint,
    model: &'a ModelId,
    tier: ServiceTier,
    streamed: bool,
    price_version: &'a PriceVersion,
    started_at: Timestamp,
}

impl Service {
    /// A name for a call.
    pub fn new_request(&self) -> (RequestId, Timestamp) {
        let now = self.now();
        (RequestId::new(now, entropy::draw()), now)
    }

    /// Sets money aside for a call. Uses the permit up. When it returns, the hold is durable.
    ///
    /// To be awaited by a task that outlives the client: a hold that was placed for nobody would
    /// stay until its `settle_by`.
    pub async fn hold(
        &self,
        caller: &Arc<Caller>,
        permit: Permit,
        begun: Begun,
        amount: Usd,
    ) -> Result<CallHold, HoldRefused> {
        let open = match &self.turning {
            Some(turning) => Some(Arc::clone(turning).read_owned().await),
            None => None,
        };
        let now = self.now();
        let hold = HoldId::new(now, entropy::draw());
        let price_version = self.catalog.version.clone();
        let note = Note {
            request: begun.request,
            key: permit.key(),
            endpoint: permit.endpoint(),
            model: permit.model(),
            tier: begun.tier,
            streamed: begun.streamed,
            price_version: &price_version,
            started_at: begun.started_at,
        };
        let question = PlaceHold {
            hold,
            holder: permit.holder(),
            grant: Some(permit.grant()),
            model: permit.model().clone(),
            endpoint: permit.endpoint(),
            upstream_group: caller.program().entitlements.upstream_group.clone(),
            amount,
            capped_key: permit.capped_key(),
            settle_by: now + SignedDuration::from_secs(CALL_SECONDS_MAX) + SETTLE_GRACE,
            note: serde_json::to_string(&note).unwrap_or_default(),
        };
        let batch = Batch::ledger(Actor::Key(permit.key()), now, Command::PlaceHold(question));
        let receipt = match self.store.commit(batch).await {
            Ok(receipt) => receipt,
            Err(CommitError::Refused(refusal)) => {
                if let Refusal::InsufficientCredit { available, .. } = refusal {
                    caller.heard(available);
                }
                return Err(refusal.into());
            }
            Err(error) => return Err(HoldRefused::Unavailable(error)),
        };
        if let Some(Outcome::HoldPlaced { available }) = receipt.outcomes.first() {
            caller.heard(*available);
        }
        Ok(CallHold {
            hold,
            begun,
            key: permit.key(),
            grant: permit.grant(),
            endpoint: permit.endpoint(),
            model: permit.model().clone(),
            held: amount,
            price_version,
            caller: Arc::clone(caller),
            orphans: self.orphans.clone(),
            settled: false,
            _open: open,
        })
    }

    /// Settles a call: what it cost is taken, the rest of the hold is given back, and the call is
    /// in the books. When it returns, that is durable.
    pub async fn settle(
        &self,
        mut hold: CallHold,
        settled: Settled,
    ) -> Result<SettledCall, ServiceError> {
        let outcome =
            self.resolve(&mut hold, settled.cost, |hold| self.settlement(hold, &settled)).await?;
        let (cost, mut available) = (settled.cost, hold.caller.available_hint());
        if let Some(Outcome::Resolved { excess, overrun, available: left, .. }) = outcome {
            available = left;
            hold.caller.heard(left);
            if excess.is_positive() || overrun.is_positive() {
                error!(
                    hold.id = %hold.hold, model = %hold.model, held_usd = %hold.held,
                    cost_usd = %cost, overrun_usd = %overrun,
                    "an upstream billed above hold `{}`: the bound for `{}` is wrong",
                    hold.hold, hold.model
                );
            }
        }
        Ok(SettledCall { cost, available })
    }

    /// Gives a hold back whole: its call was never sent, and so is none in the books. When it
    /// returns, that is durable.
    pub async fn give_back(&self, mut hold: CallHold) -> Result<(), ServiceError> {
        let release = |hold: &CallHold| {
            let command = Command::Release { hold: hold.hold };
            Batch::ledger(Actor::Key(hold.key), self.now(), command)
        };
        let outcome = self.resolve(&mut hold, Usd::ZERO, release).await?;
        if let Some(Outcome::Resolved { available, .. }) = outcome {
            hold.caller.heard(available);
        }
        Ok(())
    }

    /// Resolves a hold, however long the store is out of reach, within reason.
    async fn resolve(
        &self,
        hold: &mut CallHold,
        cost: Usd,
        batch: impl Fn(&CallHold) -> Batch,
    ) -> Result<Option<Outcome>, ServiceError> {
        let mut tries = 0_u32;
        loop {
            match self.store.commit(batch(hold)).await {
                Ok(receipt) => {
                    hold.settled = true;
                    return Ok(receipt.outcomes.first().copied());
                }
                Err(CommitError::Unavailable(reason)) if tries < SETTLE_TRIES => {
                    warn!(hold.id = %hold.hold, reason, "the store cannot settle a call yet");
                    tries = tries.saturating_add(1);
                    tokio::time::sleep(SETTLE_EVERY).await;
                }
                Err(error) => {
                    error!(
                        hold.id = %hold.hold, cost_usd = %cost, error = %error,
                        "failed to settle hold `{}`", hold.hold
                    );
                    // The hold stays as the store has it: open until its time is over, or
                    // resolved before. Neither is for this call to change.
                    hold.settled = true;
                    return Err(error.into());
                }
            }
        }
    }

    fn settlement(&self, hold: &CallHold, settled: &Settled) -> Batch {
        let now = self.now();
        let command = match settled.basis {
            Basis::Nothing => Command::Release { hold: hold.hold },
            Basis::Reported | Basis::Counted | Basis::HeldInFull => {
                Command::Capture { hold: hold.hold, amount: settled.cost }
            }
        };
        let call = Call {
            request: hold.begun.request,
            hold: hold.hold,
            key: hold.key,
            grant: hold.grant,
            endpoint: hold.endpoint,
            model: hold.model.clone(),
            tier: settled.tier,
            streamed: hold.begun.streamed,
            usage: settled.usage,
            held: hold.held,
            cost: settled.cost,
            basis: settled.basis,
            outcome: settled.outcome,
            status: settled.status,
            price_version: hold.price_version.clone(),
            started_at: hold.begun.started_at,
            ended_at: now,
        };
        Batch::ledger(Actor::Key(hold.key), now, command)
            .with(Write::Row(Row::Call(Box::new(call)), Expect::New))
    }

    /// A settled call of a caller's own grant.
    pub async fn call_of(
        &self,
        caller: &Caller,
        request: RequestId,
    ) -> Result<Option<Call>, ServiceError> {
        let call = self.store.call(request).await?;
        Ok(call.filter(|call| call.grant == caller.grant()))
    }
}
