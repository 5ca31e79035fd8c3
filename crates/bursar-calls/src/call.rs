//! A call's money, from the moment it is set aside to the moment it is settled.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use bursar_kernel::{
    Endpoint, GrantId, HoldId, KeyId, ModelId, PersonId, PriceVersion, RequestId, ServiceTier,
    Timestamp, Usage, Usd,
};
use bursar_ledger::Refusal as Refused;
use bursar_node::Borrower;
use bursar_store::CommitError;
use bursar_store::rows::{Basis, Call, CallOutcome};
use bursar_store::suspense::{CallNote, LOST};
use tokio::sync::OwnedRwLockReadGuard;
use tracing::{error, warn};

use crate::Caller;

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

/// How much is set aside for a call.
#[derive(Clone, Copy, Debug)]
pub struct Amount {
    /// The most that it can cost.
    pub most: Usd,
    /// The least that is of any use, where its client left the output limit out: should there be
    /// less than the most, less is set aside. A limit that the client set has none of these.
    pub least: Option<Usd>,
}

impl From<Usd> for Amount {
    fn from(most: Usd) -> Self {
        Self { most, least: None }
    }
}

/// Money set aside for one call. Not `Clone`, and never simply dropped: it is settled, or, should
/// its owner die, charged in full or put in suspense for somebody to look at.
#[derive(Debug)]
pub struct CallHold {
    pub(crate) hold: HoldId,
    pub(crate) info: Arc<CallInfo>,
    pub(crate) held: Usd,
    pub(crate) caller: Arc<Caller>,
    /// Where the money lies; taken when it is settled.
    pub(crate) lies: Option<Lies>,
    /// Who has borrowed it; gone with the service.
    pub(crate) borrower: Weak<Borrower>,
    pub(crate) orphans: Orphans,
    /// While a call is open, the demonstration's clock does not turn.
    pub(crate) _open: Option<OwnedRwLockReadGuard<()>>,
}

/// Where the money of a call lies.
#[derive(Debug)]
pub(crate) enum Lies {
    /// On what this process has borrowed.
    OnLease(bursar_lease::Hold),
    /// On the lots themselves.
    InTheBook,
    /// Nowhere: it is free.
    Nowhere,
}

/// What is known of a call from its beginning.
#[derive(Debug)]
pub(crate) struct CallInfo {
    pub(crate) begun: Begun,
    pub(crate) key: KeyId,
    pub(crate) grant: GrantId,
    pub(crate) holder: PersonId,
    pub(crate) endpoint: Endpoint,
    pub(crate) model: ModelId,
    pub(crate) price_version: PriceVersion,
}

impl bursar_node::Note for CallInfo {
    fn note(&self) -> String {
        let note = CallNote {
            request: self.begun.request,
            key: self.key,
            endpoint: self.endpoint,
            model: self.model.clone(),
            tier: self.begun.tier,
            streamed: self.begun.streamed,
            background: false,
            price_version: self.price_version.clone(),
            started_at: self.begun.started_at,
        };
        serde_json::to_string(&note).unwrap_or_default()
    }
}

impl CallInfo {
    pub(crate) fn row(
        &self,
        hold: HoldId,
        held: Usd,
        settled: &Settled,
        now: Timestamp,
    ) -> Box<Call> {
        Box::new(Call {
            request: self.begun.request,
            hold,
            key: self.key,
            grant: self.grant,
            endpoint: self.endpoint,
            model: self.model.clone(),
            tier: settled.tier,
            streamed: self.begun.streamed,
            usage: settled.usage,
            held,
            cost: settled.cost,
            basis: settled.basis,
            outcome: settled.outcome,
            status: settled.status,
            price_version: self.price_version.clone(),
            started_at: self.begun.started_at,
            ended_at: now,
        })
    }
}

impl CallHold {
    /// How much is set aside.
    pub fn held(&self) -> Usd {
        self.held
    }

    /// The call's name.
    pub fn request(&self) -> RequestId {
        self.info.begun.request
    }
}

impl Drop for CallHold {
    fn drop(&mut self) {
        match self.lies.take() {
            None | Some(Lies::Nowhere) => {}
            Some(Lies::InTheBook) => {
                warn!(hold.id = %self.hold, "a call ended without settling hold `{}`", self.hold);
                self.orphans.push(self.hold);
            }
            // Nobody knows what it cost, and silence never refunds.
            Some(Lies::OnLease(hold)) => {
                let Some(borrower) = self.borrower.upgrade() else { return };
                error!(
                    hold.id = %self.hold, held_usd = %self.held,
                    "a call ended without settling hold `{}`: it is charged in full", self.hold
                );
                let settled = Settled {
                    usage: Usage::default(),
                    cost: self.held,
                    basis: Basis::HeldInFull,
                    tier: self.info.begun.tier,
                    outcome: CallOutcome::CutOff,
                    status: LOST,
                };
                let now = borrower.now();
                let call = self.info.row(self.hold, self.held, &settled, now);
                borrower.settle_unattended(hold, self.held, call);
            }
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
    Refused(#[from] Refused),
    /// Calls in flight have set it aside, and did not give enough of it back in time.
    #[error("calls in flight have set the credit aside")]
    Busy {
        /// What is free for the call.
        available: Usd,
        /// What it needs.
        needed: Usd,
    },
    /// The queue for batches of the holder's limits is full.
    #[error("the queue for batches is full")]
    Full(bursar_policy::TooFast),
    /// The store is out of reach.
    #[error("the store is out of reach")]
    Unavailable(#[source] CommitError),
}

impl HoldRefused {
    /// Whether a smaller bound might have been let through.
    pub const fn is_smaller_better(&self) -> bool {
        self.is_short() || matches!(self, Self::Full(_))
    }

    /// What was free for the call, where that was too little.
    pub const fn available(&self) -> Option<Usd> {
        match self {
            Self::Busy { available, .. }
            | Self::Refused(
                Refused::InsufficientCredit { available, .. }
                | Refused::CapReached { available, .. },
            ) => Some(*available),
            Self::Refused(_) | Self::Full(_) | Self::Unavailable(_) => None,
        }
    }

    /// Whether less money would have been enough.
    pub const fn is_short(&self) -> bool {
        match self {
            Self::Busy { .. }
            | Self::Refused(Refused::InsufficientCredit { .. } | Refused::CapReached { .. }) => {
                true
            }
            Self::Refused(_) | Self::Full(_) | Self::Unavailable(_) => false,
        }
    }
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
