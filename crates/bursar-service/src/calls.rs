//! Calls: money is set aside before, and settled once after.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use bursar_kernel::limits::{CALL_SECONDS_MAX, SETTLE_GRACE};
use bursar_kernel::{
    Actor, Endpoint, GrantId, HoldId, KeyId, ModelId, PersonId, PriceVersion, RequestId,
    ServiceTier, Timestamp, Usage, Usd,
};
use bursar_lease::{Question, Reason, Refusal};
use bursar_ledger::{Command, Outcome, PlaceHold, Refusal as Refused};
use bursar_node::{Borrower, Note as _};
use bursar_policy::Permit;
use bursar_store::rows::{Basis, Call, CallOutcome};
use bursar_store::{Batch, CommitError, Expect, Row, Write};
use jiff::SignedDuration;
use serde::Serialize;
use tokio::sync::OwnedRwLockReadGuard;
use tracing::{error, warn};

use crate::{Caller, Service, ServiceError, entropy};

/// How often a call that lies in the book is tried to be settled while the store is out of reach,
/// and how long apart: past half a minute the hold stays open, and its `settle_by` puts it in
/// suspense.
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
    hold: HoldId,
    info: Arc<CallInfo>,
    held: Usd,
    caller: Arc<Caller>,
    /// Where the money lies; taken when it is settled.
    lies: Option<Lies>,
    /// Who has borrowed it; gone with the service.
    borrower: Weak<Borrower>,
    orphans: Orphans,
    /// While a call is open, the demonstration's clock does not turn.
    _open: Option<OwnedRwLockReadGuard<()>>,
}

/// Where the money of a call lies.
#[derive(Debug)]
enum Lies {
    /// On what this process has borrowed.
    OnLease(bursar_lease::Hold),
    /// On the lots themselves.
    InTheBook,
    /// Nowhere: it is free.
    Nowhere,
}

/// What is known of a call from its beginning.
#[derive(Debug)]
struct CallInfo {
    begun: Begun,
    key: KeyId,
    grant: GrantId,
    holder: PersonId,
    endpoint: Endpoint,
    model: ModelId,
    price_version: PriceVersion,
}

impl bursar_node::Note for CallInfo {
    fn note(&self) -> String {
        let note = Note {
            request: self.begun.request,
            key: self.key,
            endpoint: self.endpoint,
            model: &self.model,
            tier: self.begun.tier,
            streamed: self.begun.streamed,
            price_version: &self.price_version,
            started_at: self.begun.started_at,
        };
        serde_json::to_string(&note).unwrap_or_default()
    }
}

impl CallInfo {
    fn row(&self, hold: HoldId, held: Usd, settled: &Settled, now: Timestamp) -> Box<Call> {
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

/// The status of a call whose owner died.
const LOST: u16 = 500;

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
    /// The store is out of reach.
    #[error("the store is out of reach")]
    Unavailable(#[source] CommitError),
}

impl HoldRefused {
    /// Whether less money would have been enough.
    pub const fn is_short(&self) -> bool {
        match self {
            Self::Busy { .. }
            | Self::Refused(Refused::InsufficientCredit { .. } | Refused::CapReached { .. }) => {
                true
            }
            Self::Refused(_) | Self::Unavailable(_) => false,
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

    /// Sets money aside for a call. Uses the permit up. When it returns, the book covers it,
    /// durably: by a watermark on what this process has borrowed, or by a hold.
    ///
    /// It waits while calls in flight could free enough. To be awaited by a task that outlives the
    /// client.
    pub async fn hold(
        &self,
        caller: &Arc<Caller>,
        permit: Permit,
        begun: Begun,
        amount: impl Into<Amount>,
    ) -> Result<CallHold, HoldRefused> {
        let open = self.keep_the_clock().await;
        let Amount { most, least } = amount.into();
        let (info, question) = self.ask_for(caller, &permit, begun, most);
        let (hold, question) = (question.hold, Question { least, ..question });
        let (lies, held) = if most.is_zero() {
            // The permit says that the grant lives, and that is all that a free call needs.
            (Lies::Nowhere, most)
        } else {
            self.set_aside(caller, question, &info).await?
        };
        Ok(self.held(caller, (hold, info), (lies, held), open))
    }

    /// The same for a call that outlasts any lease: its hold lies on the lots themselves, and is
    /// there whatever becomes of this process.
    pub async fn hold_in_the_book(
        &self,
        caller: &Arc<Caller>,
        permit: Permit,
        begun: Begun,
        amount: Usd,
    ) -> Result<CallHold, HoldRefused> {
        let open = self.keep_the_clock().await;
        let (info, question) = self.ask_for(caller, &permit, begun, amount);
        let hold = question.hold;
        let lies = self.place_hold(caller, question, &info, None).await?;
        Ok(self.held(caller, (hold, info), lies, open))
    }

    /// While it is kept, the demonstration's clock does not turn.
    async fn keep_the_clock(&self) -> Option<OwnedRwLockReadGuard<()>> {
        Some(Arc::clone(self.turning.as_ref()?).read_owned().await)
    }

    fn ask_for(
        &self,
        caller: &Caller,
        permit: &Permit,
        begun: Begun,
        amount: Usd,
    ) -> (Arc<CallInfo>, Question) {
        let now = self.now();
        let info = CallInfo {
            begun,
            key: permit.key(),
            grant: permit.grant(),
            holder: permit.holder(),
            endpoint: permit.endpoint(),
            model: permit.model().clone(),
            price_version: self.catalog.version.clone(),
        };
        let question = Question {
            hold: HoldId::new(now, entropy::draw()),
            holder: permit.holder(),
            grant: Some(permit.grant()),
            model: permit.model().clone(),
            endpoint: permit.endpoint(),
            upstream_group: caller.program().entitlements.upstream_group.clone(),
            amount,
            least: None,
            capped_key: permit.capped_key(),
            placed_at: now,
            settle_by: now + SignedDuration::from_secs(CALL_SECONDS_MAX) + SETTLE_GRACE,
        };
        (Arc::new(info), question)
    }

    fn held(
        &self,
        caller: &Arc<Caller>,
        (hold, info): (HoldId, Arc<CallInfo>),
        (lies, held): (Lies, Usd),
        open: Option<OwnedRwLockReadGuard<()>>,
    ) -> CallHold {
        CallHold {
            hold,
            info,
            held,
            caller: Arc::clone(caller),
            lies: Some(lies),
            borrower: Arc::downgrade(&self.borrower),
            orphans: self.orphans.clone(),
            _open: open,
        }
    }

    async fn set_aside(
        &self,
        caller: &Caller,
        question: Question,
        info: &Arc<CallInfo>,
    ) -> Result<(Lies, Usd), HoldRefused> {
        match self.borrower.hold(question.clone(), Arc::clone(info) as Arc<_>).await {
            Ok(hold) => {
                caller.heard(self.borrower.available(info.holder, info.grant));
                let held = hold.amount();
                Ok((Lies::OnLease(hold), held))
            }
            Err(refusal) => match refusal.reason {
                Reason::OutOfTouch => Err(unavailable("it has not been heard of for seconds")),
                Reason::Full => Err(unavailable("as many calls are in flight as one node carries")),
                Reason::NotHere | Reason::Busy => {
                    caller.heard(refusal.available);
                    let Refusal { available, needed, .. } = refusal;
                    Err(HoldRefused::Busy { available, needed })
                }
                Reason::Gone => {
                    self.place_hold(caller, question, info, Some(refusal.available)).await
                }
            },
        }
    }

    /// Nothing more can be borrowed: the lot has a moment left, or the money is gone, and then
    /// the book says exactly why.
    async fn place_hold(
        &self,
        caller: &Caller,
        question: Question,
        info: &CallInfo,
        seen: Option<Usd>,
    ) -> Result<(Lies, Usd), HoldRefused> {
        let amount = question.amount;
        let question = PlaceHold {
            hold: question.hold,
            holder: question.holder,
            grant: question.grant,
            model: question.model,
            endpoint: question.endpoint,
            upstream_group: question.upstream_group,
            amount,
            capped_key: question.capped_key,
            settle_by: question.settle_by,
            note: info.note(),
        };
        let batch = Batch::ledger(Actor::Key(info.key), self.now(), Command::PlaceHold(question));
        match self.store.commit(batch).await {
            Ok(receipt) => {
                if let Some(Outcome::HoldPlaced { available }) = receipt.outcomes.first() {
                    caller.heard(*available);
                }
                Ok((Lies::InTheBook, amount))
            }
            Err(CommitError::Refused(mut refusal)) => {
                if let Refused::InsufficientCredit { available, .. } = &mut refusal {
                    // What is lent and too little for this call is still there to be spent. What
                    // the node has seen may be on its way back, and is not counted twice.
                    let lent = || self.borrower.free_of(info.holder, info.grant);
                    *available = match seen {
                        Some(seen) => seen.max(*available),
                        None => available.checked_add(lent()).unwrap_or(Usd::MAX),
                    };
                    caller.heard(*available);
                }
                Err(refusal.into())
            }
            Err(error) => Err(HoldRefused::Unavailable(error)),
        }
    }

    /// Settles a call: what it cost is taken, the rest of the hold is given back, and the call is
    /// in the books. When it returns, that is durable.
    pub async fn settle(
        &self,
        mut hold: CallHold,
        settled: Settled,
    ) -> Result<SettledCall, ServiceError> {
        let (cost, id) = (settled.cost, hold.hold);
        let call = hold.info.row(id, hold.held, &settled, self.now());
        if hold.held < cost {
            error!(
                hold.id = %id, model = %hold.info.model, held_usd = %hold.held, cost_usd = %cost,
                "an upstream billed above hold `{id}`: the bound for `{}` is wrong",
                hold.info.model
            );
        }
        let available = match hold.lies.take() {
            Some(Lies::InTheBook) => self.settle_in_the_book(&hold, &settled, call).await?,
            lies @ (Some(Lies::OnLease(_) | Lies::Nowhere) | None) => {
                let on_lease = match lies {
                    Some(Lies::OnLease(hold)) => Some(hold),
                    _ => None,
                };
                let durable = self.borrower.settle(on_lease, cost, call).await;
                durable.inspect_err(|error| not_settled(id, cost, error))?;
                self.borrower.available(hold.info.holder, hold.info.grant)
            }
        };
        hold.caller.heard(available);
        Ok(SettledCall { cost, available })
    }

    /// Gives a hold back whole: its call was never sent, and so is none in the books.
    pub async fn give_back(&self, mut hold: CallHold) -> Result<(), ServiceError> {
        match hold.lies.take() {
            Some(Lies::OnLease(on_lease)) => {
                self.borrower.release(on_lease);
                let info = &hold.info;
                hold.caller.heard(self.borrower.available(info.holder, info.grant));
            }
            Some(Lies::InTheBook) => {
                let release = Command::Release { hold: hold.hold };
                let batch = Batch::ledger(Actor::Key(hold.info.key), self.now(), release);
                if let Some(available) = self.resolve(&hold, Usd::ZERO, batch).await? {
                    hold.caller.heard(available);
                }
            }
            Some(Lies::Nowhere) | None => {}
        }
        Ok(())
    }

    async fn settle_in_the_book(
        &self,
        hold: &CallHold,
        settled: &Settled,
        call: Box<Call>,
    ) -> Result<Usd, ServiceError> {
        let command = match settled.basis {
            Basis::Nothing => Command::Release { hold: hold.hold },
            Basis::Reported | Basis::Counted | Basis::HeldInFull => {
                Command::Capture { hold: hold.hold, amount: settled.cost }
            }
        };
        let batch = Batch::ledger(Actor::Key(hold.info.key), self.now(), command)
            .with(Write::Row(Row::Call(call), Expect::New));
        let available = self.resolve(hold, settled.cost, batch).await?;
        let lent = self.borrower.free_of(hold.info.holder, hold.info.grant);
        let available = available.and_then(|available| available.checked_add(lent));
        Ok(available.unwrap_or_else(|| hold.caller.available_hint()))
    }

    /// Resolves a hold that lies in the book, however long the store is out of reach, within
    /// reason; says what the lots can still spend.
    async fn resolve(
        &self,
        hold: &CallHold,
        cost: Usd,
        batch: Batch,
    ) -> Result<Option<Usd>, ServiceError> {
        let mut tries = 0_u32;
        loop {
            match self.store.commit(batch.clone()).await {
                Ok(receipt) => {
                    let Some(Outcome::Resolved { available, .. }) = receipt.outcomes.first() else {
                        return Ok(None);
                    };
                    return Ok(Some(*available));
                }
                Err(CommitError::Unavailable(reason)) if tries < SETTLE_TRIES => {
                    warn!(hold.id = %hold.hold, reason, "the store cannot settle a call yet");
                    tries = tries.saturating_add(1);
                    tokio::time::sleep(SETTLE_EVERY).await;
                }
                // The hold stays as the store has it: open until its time is over, or resolved
                // before. Neither is for this call to change.
                Err(error) => {
                    not_settled(hold.hold, cost, &error);
                    return Err(error.into());
                }
            }
        }
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

fn not_settled(hold: HoldId, cost: Usd, error: &CommitError) {
    error!(hold.id = %hold, cost_usd = %cost, error = %error, "failed to settle hold `{hold}`");
}

fn unavailable(why: &str) -> HoldRefused {
    HoldRefused::Unavailable(CommitError::Unavailable(why.to_owned()))
}
