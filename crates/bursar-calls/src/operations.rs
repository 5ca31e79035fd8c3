//! What goes on after its request was answered, a batch or a response in the background: its money
//! is set aside on the lots themselves when it goes out, and it is charged once, when it has ended.

use std::sync::Arc;

use bursar_kernel::limits::SETTLE_GRACE;
use bursar_kernel::{Actor, GrantId, HoldId, Model, RequestId, ServiceTier, Timestamp, Usage, Usd};
use bursar_ledger::{Asked, Command, Leased, PlaceHold, Refusal as Refused};
use bursar_policy::{Borrower, Line, Measure, Permit, RateAsk};
use bursar_sources::entropy;
use bursar_store::rows::{Basis, Belonging, Call, CallOutcome, Owed, What};
use bursar_store::suspense::CallNote;
use bursar_store::{Batch, CommitError, Expect, LotFilter, RateWrite, ReadError, Row, Write};
use jiff::SignedDuration;
use tracing::{error, info};

use crate::belongings::changed;
use crate::pace::rate_of;
use crate::{Caller, Calls, HoldRefused};

/// Something that is about to go out, and goes on after its request was answered.
#[derive(Clone, Debug)]
pub struct NewOperation {
    /// The name of its call.
    pub request: RequestId,
    /// When it was received.
    pub received_at: Timestamp,
    /// The upstream that it goes to.
    pub upstream: String,
    /// The model that prices it.
    pub model: Arc<Model>,
    /// The dearest tier that it may be served at.
    pub tier: ServiceTier,
    /// The most that it can cost.
    pub most: Usd,
    /// The input tokens that wait in the queue for batches until it ends; `None` for what is none.
    pub queued: Option<u64>,
    /// How long it may take.
    pub window: SignedDuration,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationEnd {
    /// What it used is known, and so is what that costs.
    Known(Known),
    /// It never went out, and there is nothing to show.
    NotSent,
    /// Nobody knows what it cost: the whole hold goes where somebody finds it.
    Unknown,
}

/// What something used and cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// What it used.
    pub usage: Usage,
    /// What that costs.
    pub cost: Usd,
    /// The tier that priced it.
    pub tier: ServiceTier,
    /// How it ended.
    pub outcome: CallOutcome,
}

impl Calls {
    /// Sets aside the most that something can cost, on the lots themselves and for as long as it
    /// may take, and remembers it with that: both, or neither.
    pub async fn begin_operation(
        &self,
        caller: &Caller,
        permit: Permit,
        new: NewOperation,
        what: impl FnOnce(Owed) -> What,
    ) -> Result<Belonging, HoldRefused> {
        let now = self.now();
        let owed = Owed {
            request: new.request,
            hold: HoldId::new(now, entropy::draw()),
            held: new.most,
            endpoint: permit.endpoint(),
            model: permit.model().clone(),
            tier: new.tier,
            price_version: permit.priced_by().clone(),
            settle_by: now + new.window + SETTLE_GRACE,
            open: true,
        };
        let question = PlaceHold {
            hold: owed.hold,
            holder: permit.holder(),
            grant: Some(permit.grant()),
            model: permit.model().clone(),
            endpoint: permit.endpoint(),
            upstream_group: caller.program().entitlements.upstream_group.clone(),
            amount: new.most,
            caps: permit.caps(),
            settle_by: owed.settle_by,
            note: note(&owed, &permit, new.received_at),
        };
        let place = self.place_in_queue(caller, &new);
        let belonging = self.new_belonging(caller, &new.upstream, what(owed));
        let by = Asked { by: Actor::Key(permit.key()), now };
        let mut recalled = None;
        if let Err(CommitError::Refused(refusal)) = self.look_first(&question, &by).await
            && matches!(refusal, Refused::InsufficientCredit { .. } | Refused::CapReached { .. })
        {
            // What nodes have borrowed and do not need is as good as any.
            let lent = self.lent_to(permit.grant(), &question).await;
            let lent = lent.map_err(|error| unread(&error))?;
            recalled = Some(self.borrower.bring_back_each(&lent).await);
        }
        self.look_first(&question, &by).await.map_err(refused)?;
        let row = Row::Belonging(Box::new(belonging.clone()));
        let mut batch = Batch::ledger(by.by, now, Command::PlaceHold(question));
        batch.writes.extend(place);
        let placed = self.store.commit(batch.with(Write::Row(row, Expect::New))).await;
        drop(recalled);
        placed.map_err(refused)?;
        Ok(belonging)
    }

    /// A batch's place in the queue of its holder's limits, to be written with its money: both fit,
    /// or it does not go out.
    fn place_in_queue(&self, caller: &Caller, new: &NewOperation) -> Option<Write> {
        let want = new.queued?;
        let (of, limit) = rate_of(caller, &new.model).ok()??;
        let (measure, limit) = (Measure::BatchQueue, limit.batch_queue_tokens?);
        let line = Line { measure, stretch: 0, keep: 0, want, limit, free_at: None };
        let (by, lines) = (Borrower::Batch(new.request), vec![line]);
        let nodes = self.borrower.nodes();
        Some(Write::Rate(RateWrite::Lend(Box::new(RateAsk { by, of, nodes, lines }))))
    }

    async fn lent_to(
        &self,
        grant: GrantId,
        question: &PlaceHold,
    ) -> Result<Vec<Leased>, ReadError> {
        let lots = self.store.lots(LotFilter::Grant(grant)).await?;
        let lots = lots.into_iter().map(|state| Leased::Lot(state.lot.id));
        Ok(lots.chain(question.caps.iter().map(Leased::Cap)).collect())
    }

    /// Ends what was begun, once: what it cost is taken and the rest of its hold given back, or all
    /// of it goes to suspense. The hold is named after nothing else, so the book refuses a second
    /// end.
    pub async fn end_operation(
        &self,
        belonging: Belonging,
        end: OperationEnd,
    ) -> Result<(), CommitError> {
        let Some(owed) = belonging.owed().cloned() else { return Ok(()) };
        let now = self.now();
        let hold = owed.hold;
        let command = match end {
            OperationEnd::Known(known) if known.cost.is_positive() => {
                Command::Capture { hold, amount: known.cost }
            }
            OperationEnd::Known(_) | OperationEnd::NotSent => Command::Release { hold },
            OperationEnd::Unknown => Command::Suspend { hold },
        };
        let job = match &belonging.what {
            What::Batch(_) => "batches",
            What::Response(_) | What::File(_) | What::Upload(_) => "responses",
        };
        let mut batch = Batch::ledger(Actor::Job(job.to_owned()), now, command);
        if let OperationEnd::Known(known) = end {
            let cost = known.cost;
            if owed.held < cost {
                error!(
                    hold.id = %hold, model = %owed.model, held_usd = %owed.held, cost_usd = %cost,
                    "an upstream billed above hold `{hold}`: the bound for `{}` is wrong",
                    owed.model
                );
            }
            let mut call = row(&belonging, &owed, known, now);
            // Where nobody knows that table any more, another one priced it.
            call.price_version = self.catalog_of(&owed.price_version).version.clone();
            batch = batch.with(Write::Row(Row::Call(Box::new(call)), Expect::New));
        }
        let mut ended = belonging;
        ended.close();
        if end == OperationEnd::NotSent {
            ended.deleted_at = Some(now);
        }
        let place = end_of_place(&ended);
        let (_, write) = changed(ended);
        batch.writes.extend(place);
        self.store.commit(batch.with(write)).await?;
        let request = owed.request;
        info!(request.id = %request, hold.id = %hold, ?end, "ended what call `{request}` began");
        Ok(())
    }

    /// Marks as ended what somebody else has ended the hold of: time, or an operator.
    pub async fn operation_was_ended(&self, mut belonging: Belonging) -> Result<(), CommitError> {
        belonging.close();
        let (place, (_, write)) = (end_of_place(&belonging), changed(belonging));
        let mut batch = Batch::new(Actor::Job("batches".to_owned()), self.now());
        batch.writes.extend(place);
        self.store.commit(batch.with(write)).await.map(drop)
    }
}

/// What gives a batch's place in the queue to others.
fn end_of_place(belonging: &Belonging) -> Option<Write> {
    let What::Batch(facts) = &belonging.what else { return None };
    Some(Write::Rate(RateWrite::End(Borrower::Batch(facts.owed.request))))
}

/// What the hold's note tells whoever finds it open, or in suspense.
fn note(owed: &Owed, permit: &Permit, started_at: Timestamp) -> String {
    let note = CallNote {
        request: owed.request,
        key: permit.key(),
        endpoint: owed.endpoint,
        model: owed.model.clone(),
        tier: owed.tier,
        streamed: false,
        background: owed.tier != ServiceTier::Batch,
        price_version: owed.price_version.clone(),
        started_at,
    };
    serde_json::to_string(&note).unwrap_or_default()
}

fn row(belonging: &Belonging, owed: &Owed, known: Known, now: Timestamp) -> Call {
    let Known { usage, cost, tier, outcome } = known;
    Call {
        request: owed.request,
        hold: owed.hold,
        key: belonging.key,
        grant: belonging.grant,
        endpoint: owed.endpoint,
        model: owed.model.clone(),
        tier,
        streamed: false,
        usage,
        held: owed.held,
        cost,
        basis: if cost.is_positive() { Basis::Reported } else { Basis::Nothing },
        outcome,
        status: 200,
        price_version: owed.price_version.clone(),
        started_at: belonging.created_at,
        ended_at: now,
    }
}

fn refused(error: CommitError) -> HoldRefused {
    match error {
        CommitError::Refused(refusal) => HoldRefused::Refused(refusal),
        CommitError::Full(full) => HoldRefused::Full(full),
        error @ (CommitError::Conflict(_) | CommitError::Unavailable(_)) => {
            HoldRefused::Unavailable(error)
        }
    }
}

fn unread(error: &ReadError) -> HoldRefused {
    HoldRefused::Unavailable(CommitError::Unavailable(error.to_string()))
}
