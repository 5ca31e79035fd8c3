//! Money is set aside before a call, and settled once after.

use std::sync::Arc;
use std::time::Duration;

use bursar_kernel::limits::{CALL_SECONDS_MAX, SETTLE_GRACE};
use bursar_kernel::{Actor, Cap, Caps, HoldId, RequestId, Timestamp, Usd};
use bursar_lease::{Question, Reason, Refusal};
use bursar_ledger::{
    Account, Asked, Book, Command, Outcome, PlaceHold, Refusal as Refused, decide,
};
use bursar_node::Note as _;
use bursar_policy::Permit;
use bursar_store::rows::{Basis, Call};
use bursar_store::{Batch, CommitError, Expect, LotFilter, ReadError, Row, Write};
use jiff::SignedDuration;
use tokio::sync::OwnedRwLockReadGuard;
use tracing::{error, warn};

use crate::call::{CallInfo, Lies};
use crate::{Amount, Begun, CallHold, Caller, Calls, HoldRefused, Settled, SettledCall};

/// How often a call that lies in the book is tried to be settled while the store is out of reach,
/// and how long apart: past half a minute the hold stays open, and its `settle_by` puts it in
/// suspense.
const SETTLE_TRIES: u32 = 60;
const SETTLE_EVERY: Duration = Duration::from_millis(500);

impl Calls {
    /// A name for a call.
    pub fn new_request(&self) -> (RequestId, Timestamp) {
        let now = self.now();
        (RequestId::new(now, bursar_sources::entropy::draw()), now)
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
            price_version: permit.priced_by().clone(),
        };
        let question = Question {
            hold: HoldId::new(now, bursar_sources::entropy::draw()),
            holder: permit.holder(),
            grant: Some(permit.grant()),
            model: permit.model().clone(),
            endpoint: permit.endpoint(),
            upstream_group: caller.program().entitlements.upstream_group.clone(),
            amount,
            least: None,
            caps: permit.caps(),
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
        let (amount, question_caps) = (question.amount, question.caps);
        let question = PlaceHold {
            hold: question.hold,
            holder: question.holder,
            grant: question.grant,
            model: question.model,
            endpoint: question.endpoint,
            upstream_group: question.upstream_group,
            amount,
            caps: question.caps,
            settle_by: question.settle_by,
            note: info.note(),
        };
        let by = Asked { by: Actor::Key(info.key), now: self.now() };
        let placed = match self.look_first(&question, &by).await {
            Ok(()) => {
                let batch = Batch::ledger(by.by, by.now, Command::PlaceHold(question));
                self.store.commit(batch).await
            }
            Err(error) => Err(error),
        };
        match placed {
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
                if let Refused::CapReached { cap, available, .. } = &mut refusal {
                    (*cap, *available) = self.lowest_cap(question_caps, (*cap, *available)).await;
                }
                Err(refusal.into())
            }
            Err(error) => Err(HoldRefused::Unavailable(error)),
        }
    }

    /// The cap that leaves least, with that: what is lent of it here and not set aside counts,
    /// which the book does not know. What the book said, where it cannot be read again.
    async fn lowest_cap(&self, caps: Caps, said: (Cap, Usd)) -> (Cap, Usd) {
        let mut lowest: Option<(Cap, Usd)> = None;
        for cap in caps.iter() {
            let Ok(balance) = self.store.cap_balance(cap).await else { return said };
            let left = balance.available().checked_add(self.borrower.rights_of(cap));
            let left = left.unwrap_or(Usd::MAX);
            if lowest.is_none_or(|(_, least)| left < least) {
                lowest = Some((cap, left));
            }
        }
        lowest.unwrap_or(said)
    }

    /// What the book would say no to is read beside it: whoever has nothing left and calls all the
    /// same takes nobody's turn at writing.
    pub(crate) async fn look_first(
        &self,
        question: &PlaceHold,
        by: &Asked,
    ) -> Result<(), CommitError> {
        let unread = |error: ReadError| CommitError::Unavailable(error.to_string());
        let mut book = Book::default();
        let lots = self.store.lots(LotFilter::Holder(question.holder)).await.map_err(unread)?;
        for state in lots {
            book.balances.insert(Account::Lot(state.lot.id), state.balance);
            book.lots.insert(state.lot.id, state.lot);
        }
        for account in question.caps.iter().flat_map(Account::of_cap) {
            let balance = self.store.balance(account.clone()).await.map_err(unread)?;
            book.balances.insert(account, balance);
        }
        let decided = decide(&book, &Command::PlaceHold(question.clone()), by);
        decided.map(drop).map_err(CommitError::Refused)
    }

    /// Settles a call: what it cost is taken, the rest of the hold is given back, and the call is
    /// in the books. When it returns, that is durable.
    pub async fn settle(
        &self,
        mut hold: CallHold,
        settled: Settled,
    ) -> Result<SettledCall, CommitError> {
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
    pub async fn give_back(&self, mut hold: CallHold) -> Result<(), CommitError> {
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
    ) -> Result<Usd, CommitError> {
        let command = match settled.basis {
            Basis::Nothing => Command::Release { hold: hold.hold },
            Basis::Reported | Basis::Counted | Basis::HeldInFull | Basis::Settled => {
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
    ) -> Result<Option<Usd>, CommitError> {
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
                    return Err(error);
                }
            }
        }
    }

    /// What somebody said that a call cost, after it was charged: the last word, if there is one.
    pub async fn corrected(&self, call: &Call) -> Result<Option<Usd>, ReadError> {
        let corrections = self.store.corrections(vec![call.hold]).await?;
        Ok(corrections.last().map(|last| last.cost))
    }
}

fn not_settled(hold: HoldId, cost: Usd, error: &CommitError) {
    error!(hold.id = %hold, cost_usd = %cost, error = %error, "failed to settle hold `{hold}`");
}

fn unavailable(why: &str) -> HoldRefused {
    HoldRefused::Unavailable(CommitError::Unavailable(why.to_owned()))
}
