//! What grants make in an upstream's account, and the money of batches: set aside on the lots
//! themselves when a batch goes out, and charged once when it has ended.

use std::sync::Arc;

use bursar_kernel::limits::{BATCH_WINDOW, SETTLE_GRACE};
use bursar_kernel::{
    Actor, BelongingId, GrantId, HoldId, Model, RequestId, ServiceTier, Timestamp, Usage, Usd,
};
use bursar_ledger::{Asked, Command, Leased, PlaceHold, Refusal as Refused};
use bursar_policy::Permit;
use bursar_sources::entropy;
use bursar_store::rows::{
    Basis, BatchFacts, Belonging, BelongingKind, Call, CallOutcome, FileFacts, What,
};
use bursar_store::suspense::CallNote;
use bursar_store::{Batch, BelongingFilter, CommitError, Expect, LotFilter, ReadError, Row, Write};
use tracing::{error, info};

use crate::{Caller, Calls, HoldRefused};

/// A batch that is about to go out.
#[derive(Clone, Debug)]
pub struct NewBatch {
    /// The name of its call.
    pub request: RequestId,
    /// When it was received.
    pub received_at: Timestamp,
    /// The upstream that it goes to.
    pub upstream: String,
    /// The model of its lines.
    pub model: Arc<Model>,
    /// How many lines it has.
    pub lines: u64,
    /// The most that they can cost together.
    pub most: Usd,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchEnd {
    /// What its lines used is known, and so is what that costs.
    Known {
        /// What they used.
        usage: Usage,
        /// What that costs.
        cost: Usd,
        /// How it ended.
        outcome: CallOutcome,
    },
    /// It never went out, and there is nothing to show.
    NotSent,
    /// Nobody knows what it cost: the whole hold goes where somebody finds it.
    Unknown,
}

impl Calls {
    /// Something new of a caller's in an upstream's account.
    pub fn new_belonging(&self, caller: &Caller, upstream: &str, what: What) -> Belonging {
        let now = self.now();
        Belonging {
            id: BelongingId::new(now, entropy::draw()),
            upstream: upstream.to_owned(),
            upstream_id: None,
            grant: caller.grant(),
            key: caller.key(),
            person: caller.holder(),
            created_at: now,
            deleted_at: None,
            what,
            version: 1,
        }
    }

    /// A file that a batch wrote: it is of the same grant.
    pub fn written_by(&self, batch: &Belonging, name: String, file: FileFacts) -> Belonging {
        let now = self.now();
        Belonging {
            id: BelongingId::new(now, entropy::draw()),
            upstream_id: Some(name),
            created_at: now,
            deleted_at: None,
            what: What::File(FileFacts { written_by: Some(batch.id), ..file }),
            version: 1,
            ..batch.clone()
        }
    }

    /// What a caller's own grant calls by a name. Somebody else's is as good as none.
    pub async fn belonging(
        &self,
        caller: &Caller,
        kind: BelongingKind,
        name: &str,
    ) -> Result<Option<Belonging>, ReadError> {
        self.belonging_of(caller.grant(), kind, name).await
    }

    /// What a grant calls by a name.
    pub async fn belonging_of(
        &self,
        grant: GrantId,
        kind: BelongingKind,
        name: &str,
    ) -> Result<Option<Belonging>, ReadError> {
        self.store.belonging(grant, kind, name.to_owned()).await
    }

    /// One by its name here.
    pub async fn belonging_named(&self, id: BelongingId) -> Result<Option<Belonging>, ReadError> {
        self.store.belonging_named(id).await
    }

    /// Belongings, in the order that the filter says.
    pub async fn belongings(&self, which: BelongingFilter) -> Result<Vec<Belonging>, ReadError> {
        self.store.belongings(which).await
    }

    /// Remembers something new.
    pub async fn keep(&self, belonging: Belonging) -> Result<(), CommitError> {
        let batch = Batch::new(Actor::Key(belonging.key), self.now());
        let row = Row::Belonging(Box::new(belonging));
        self.store.commit(batch.with(Write::Row(row, Expect::New))).await.map(drop)
    }

    /// Remembers a change, and says how it stands now. Conflicts if somebody else was faster.
    pub async fn keep_changed(&self, belonging: Belonging) -> Result<Belonging, CommitError> {
        let batch = Batch::new(Actor::Key(belonging.key), self.now());
        let (changed, write) = changed(belonging);
        self.store.commit(batch.with(write)).await?;
        Ok(changed)
    }

    /// Sets aside the most that a batch can cost, on the lots themselves and for as long as it may
    /// take, and remembers the batch with it: both, or neither.
    pub async fn begin_batch(
        &self,
        caller: &Caller,
        permit: Permit,
        new: NewBatch,
    ) -> Result<Belonging, HoldRefused> {
        let now = self.now();
        let settle_by = now + BATCH_WINDOW + SETTLE_GRACE;
        let facts = BatchFacts {
            request: new.request,
            hold: HoldId::new(now, entropy::draw()),
            held: new.most,
            endpoint: permit.endpoint(),
            model: permit.model().clone(),
            price_version: self.catalog.version.clone(),
            lines: new.lines,
            settle_by,
            open: true,
            shown: None,
        };
        let question = PlaceHold {
            hold: facts.hold,
            holder: permit.holder(),
            grant: Some(permit.grant()),
            model: permit.model().clone(),
            endpoint: permit.endpoint(),
            upstream_group: caller.program().entitlements.upstream_group.clone(),
            amount: new.most,
            capped_key: permit.capped_key(),
            settle_by,
            note: note(&facts, &permit, new.received_at),
        };
        let what = What::Batch(Box::new(facts));
        let belonging = self.new_belonging(caller, &new.upstream, what);
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
        let batch = Batch::ledger(by.by, now, Command::PlaceHold(question));
        let placed = self.store.commit(batch.with(Write::Row(row, Expect::New))).await;
        drop(recalled);
        placed.map_err(refused)?;
        Ok(belonging)
    }

    async fn lent_to(
        &self,
        grant: GrantId,
        question: &PlaceHold,
    ) -> Result<Vec<Leased>, ReadError> {
        let lots = self.store.lots(LotFilter::Grant(grant)).await?;
        let lots = lots.into_iter().map(|state| Leased::Lot(state.lot.id));
        Ok(lots.chain(question.capped_key.map(Leased::Cap)).collect())
    }

    /// Ends a batch, once: what it cost is taken and the rest of its hold given back, or all of it
    /// goes to suspense. The hold is named after nothing else, so the book refuses a second end.
    pub async fn end_batch(&self, belonging: Belonging, end: BatchEnd) -> Result<(), CommitError> {
        let Some(facts) = belonging.batch().cloned() else { return Ok(()) };
        let now = self.now();
        let hold = facts.hold;
        let command = match end {
            BatchEnd::Known { cost, .. } if cost.is_positive() => {
                Command::Capture { hold, amount: cost }
            }
            BatchEnd::Known { .. } | BatchEnd::NotSent => Command::Release { hold },
            BatchEnd::Unknown => Command::Suspend { hold },
        };
        let mut batch = Batch::ledger(Actor::Job("batches".to_owned()), now, command);
        if let BatchEnd::Known { usage, cost, outcome } = end {
            if facts.held < cost {
                error!(
                    hold.id = %hold, model = %facts.model, held_usd = %facts.held, cost_usd = %cost,
                    "an upstream billed a batch above hold `{hold}`: the bound for `{}` is wrong",
                    facts.model
                );
            }
            let mut call = row(&belonging, &facts, (usage, cost, outcome), now);
            // The table may have changed since it went out: what it names is what priced it.
            call.price_version = self.catalog.version.clone();
            batch = batch.with(Write::Row(Row::Call(Box::new(call)), Expect::New));
        }
        let mut ended = belonging;
        if let What::Batch(facts) = &mut ended.what {
            facts.open = false;
        }
        if end == BatchEnd::NotSent {
            ended.deleted_at = Some(now);
        }
        let (_, write) = changed(ended);
        self.store.commit(batch.with(write)).await?;
        let request = facts.request;
        info!(request.id = %request, hold.id = %hold, ?end, "ended batch `{request}`");
        Ok(())
    }

    /// Marks a batch as ended whose hold somebody else has ended: time, or an operator.
    pub async fn batch_was_ended(&self, mut belonging: Belonging) -> Result<(), CommitError> {
        if let What::Batch(facts) = &mut belonging.what {
            facts.open = false;
        }
        self.keep_changed(belonging).await.map(drop)
    }
}

fn changed(mut belonging: Belonging) -> (Belonging, Write) {
    let before = belonging.version;
    belonging.version = before.saturating_add(1);
    let row = Row::Belonging(Box::new(belonging.clone()));
    (belonging, Write::Row(row, Expect::Version(before)))
}

/// What the hold's note tells whoever finds it open, or in suspense.
fn note(facts: &BatchFacts, permit: &Permit, started_at: Timestamp) -> String {
    let note = CallNote {
        request: facts.request,
        key: permit.key(),
        endpoint: facts.endpoint,
        model: facts.model.clone(),
        tier: ServiceTier::Batch,
        streamed: false,
        price_version: facts.price_version.clone(),
        started_at,
    };
    serde_json::to_string(&note).unwrap_or_default()
}

fn row(
    belonging: &Belonging,
    facts: &BatchFacts,
    (usage, cost, outcome): (Usage, Usd, CallOutcome),
    now: Timestamp,
) -> Call {
    Call {
        request: facts.request,
        hold: facts.hold,
        key: belonging.key,
        grant: belonging.grant,
        endpoint: facts.endpoint,
        model: facts.model.clone(),
        tier: ServiceTier::Batch,
        streamed: false,
        usage,
        held: facts.held,
        cost,
        basis: if cost.is_positive() { Basis::Reported } else { Basis::Nothing },
        outcome,
        status: 200,
        price_version: facts.price_version.clone(),
        started_at: belonging.created_at,
        ended_at: now,
    }
}

fn refused(error: CommitError) -> HoldRefused {
    match error {
        CommitError::Refused(refusal) => HoldRefused::Refused(refusal),
        error @ (CommitError::Conflict(_) | CommitError::Unavailable(_)) => {
            HoldRefused::Unavailable(error)
        }
    }
}

fn unread(error: &ReadError) -> HoldRefused {
    HoldRefused::Unavailable(CommitError::Unavailable(error.to_string()))
}
