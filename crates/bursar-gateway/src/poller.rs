//! Batches that are under way: asked after until they end, and then charged, once.
//!
//! Nobody else charges a batch. What a batch cost is read off the lines that it wrote; where those
//! cannot be read, off its own sum; where nobody knows, its hold goes to suspense.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bursar_calls::BatchEnd;
use bursar_kernel::limits::{ANSWER_BYTES_MAX, BATCHES_PER_TURN_MAX, CALL_SECONDS_MAX};
use bursar_kernel::{BelongingId, Model, Usage, Usd};
use bursar_meter::batch::{BatchCounts, BatchOutput, Lines, batch_price, batch_usage};
use bursar_store::rows::{BatchFacts, Belonging, CallOutcome};
use bursar_store::{BelongingFilter, CommitError};
use futures_util::StreamExt;
use http_body_util::BodyExt;
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::time::Instant;
use tracing::{error, warn};

use crate::asking::NotDone;
use crate::batches::{look, open, output};
use crate::errors::Failure;
use crate::gateway::Gateway;

/// How often it is looked which batches are due to be asked after.
const TURN_EVERY: Duration = Duration::from_secs(1);
/// A batch is asked after again when a twentieth of its age has gone by, within these bounds.
const ASK_AGAIN: [Duration; 2] = [Duration::from_secs(1), Duration::from_mins(1)];
const PART_OF_ITS_AGE: u32 = 20;
/// Batches that are asked after at a time: one upstream that hangs keeps few others waiting.
const AT_A_TIME_MAX: usize = 8;
/// How long reading what a batch wrote may take: some hundreds of megabytes.
const READ_WITHIN: Duration = Duration::from_mins(10);
/// How long a batch may be without a name: sending it takes no longer than any call.
const NAMED_WITHIN: SignedDuration = SignedDuration::from_secs(2 * CALL_SECONDS_MAX);

/// What asks after batches.
pub struct Poller {
    gateway: Arc<Gateway>,
    /// When each is asked after again.
    next: HashMap<BelongingId, Instant>,
}

/// What matters of an upstream's batch.
#[derive(Deserialize)]
struct Seen {
    status: String,
    output_file_id: Option<String>,
    request_counts: Option<BatchCounts>,
    usage: Option<Box<RawValue>>,
}

impl Poller {
    pub(crate) fn new(gateway: Arc<Gateway>) -> Self {
        Self { gateway, next: HashMap::new() }
    }

    /// Asks after batches for as long as it is left to, where this process is the one that does.
    pub async fn run(mut self) {
        loop {
            tokio::time::sleep(TURN_EVERY).await;
            if self.gateway.calls.leads() {
                self.turn().await;
            } else {
                self.next.clear();
            }
        }
    }

    /// Asks after every batch that is under way, at once.
    pub async fn ask_after_all(&mut self) {
        self.next.clear();
        self.turn().await;
    }

    /// Asks after those that are due. A batch that is out of sight of this process, because a
    /// server before it sent it, is as much its affair as any.
    async fn turn(&mut self) {
        let open = BelongingFilter::Open(BATCHES_PER_TURN_MAX);
        let batches = match self.gateway.calls.belongings(open).await {
            Ok(batches) => batches,
            Err(error) => {
                warn!(%error, "cannot tell which batches are under way");
                return;
            }
        };
        let now = Instant::now();
        let mut next = HashMap::with_capacity(batches.len());
        let mut due = Vec::new();
        for batch in batches {
            let later = self.next.get(&batch.id).filter(|next| now < **next);
            next.insert(batch.id, later.map_or_else(|| now + self.wait(&batch), |later| *later));
            if later.is_none() {
                due.push(batch);
            }
        }
        self.next = next;
        let ask = |batch| ask_after(&self.gateway, batch);
        futures_util::stream::iter(due).for_each_concurrent(AT_A_TIME_MAX, ask).await;
    }

    /// How long a batch is left alone once it was asked after.
    fn wait(&self, batch: &Belonging) -> Duration {
        let age = self.gateway.calls.now().duration_since(batch.created_at);
        let [soonest, latest] = ASK_AGAIN;
        (Duration::try_from(age).unwrap_or_default() / PART_OF_ITS_AGE).clamp(soonest, latest)
    }
}

/// Looks at a batch, and charges it if it has ended.
async fn ask_after(gateway: &Gateway, batch: Belonging) {
    let id = batch.id;
    let Some(facts) = batch.batch().cloned() else { return };
    if batch.upstream_id.is_none() {
        // Whoever sent it died before it was told its name, or is at it.
        if batch.created_at + NAMED_WITHIN < gateway.calls.now() {
            end(gateway, batch, BatchEnd::Unknown).await;
        }
        return;
    }
    let unseen = batch.clone();
    let batch = match look(gateway, batch).await {
        Ok(batch) => batch,
        Err(not_done) => {
            let said = not_done.failure().envelope.error.message;
            warn!(belonging.id = %id, said, "cannot ask after a batch; it is tried again");
            give_up_in_time(gateway, unseen, &facts).await;
            return;
        }
    };
    let seen = batch.batch().and_then(|facts| facts.shown.as_deref());
    let Some(seen) = seen.and_then(|seen| serde_json::from_str::<Seen>(seen).ok()) else { return };
    let outcome = match seen.status.as_str() {
        "completed" => CallOutcome::Answered,
        "failed" => CallOutcome::UpstreamFailed,
        "expired" => CallOutcome::CutOff,
        "cancelled" => CallOutcome::Abandoned,
        _ => return give_up_in_time(gateway, batch, &facts).await,
    };
    let settled = settled(gateway, &batch, &facts, &seen, outcome);
    let settled = tokio::time::timeout(READ_WITHIN, settled).await;
    match settled.unwrap_or_else(|_| Err(NotDone::Lost(Failure::timed_out()))) {
        Ok(how) => end(gateway, batch, how).await,
        Err(not_done) => {
            let said = not_done.failure().envelope.error.message;
            warn!(belonging.id = %id, said, "cannot read what a batch wrote; it is tried again");
            give_up_in_time(gateway, unseen, &facts).await;
        }
    }
}

/// A batch that has not ended, or cannot be read, when its hold is due is nobody's to wait for.
async fn give_up_in_time(gateway: &Gateway, batch: Belonging, facts: &BatchFacts) {
    if facts.settle_by <= gateway.calls.now() {
        end(gateway, batch, BatchEnd::Unknown).await;
    }
}

async fn end(gateway: &Gateway, batch: Belonging, how: BatchEnd) {
    let id = batch.id;
    if how == BatchEnd::Unknown {
        error!(belonging.id = %id, "nobody knows what a batch cost: its hold goes to suspense");
    }
    let ended = match gateway.calls.end_batch(batch.clone(), how).await {
        // Its hold was ended before: its time was over, or somebody else was faster.
        Err(CommitError::Refused(refusal)) => {
            warn!(belonging.id = %id, %refusal, "the hold of a batch was ended before");
            gateway.calls.batch_was_ended(batch).await
        }
        ended => ended,
    };
    if let Err(error) = ended {
        warn!(belonging.id = %id, %error, "cannot charge a batch yet; it is tried again");
    }
}

/// What a batch that has ended is charged.
async fn settled(
    gateway: &Gateway,
    batch: &Belonging,
    facts: &BatchFacts,
    seen: &Seen,
    outcome: CallOutcome,
) -> Result<BatchEnd, NotDone> {
    let Some(model) = gateway.calls.catalog().models.get(&facts.model) else {
        return Ok(BatchEnd::Unknown);
    };
    let lines = match &seen.output_file_id {
        Some(name) => read_output(gateway, batch, facts, (model, name), seen).await?,
        None => nothing_written(seen),
    };
    let usage = lines.or_else(|| batch_usage(seen.usage.as_ref()?.get()));
    let Some(usage) = usage else { return Ok(BatchEnd::Unknown) };
    let cost = if usage == Usage::default() { Some(Usd::ZERO) } else { batch_price(model, &usage) };
    Ok(cost.map_or(BatchEnd::Unknown, |cost| BatchEnd::Known { usage, cost, outcome }))
}

/// Without an output nothing is due, where the provider says so too: no line was answered, or the
/// batch failed before any.
fn nothing_written(seen: &Seen) -> Option<Usage> {
    let nothing = match &seen.request_counts {
        Some(counts) => counts.completed == 0,
        None => seen.status == "failed",
    };
    nothing.then(Usage::default)
}

/// What the lines say that they used. `None` where they hide something.
async fn read_output(
    gateway: &Gateway,
    batch: &Belonging,
    facts: &BatchFacts,
    (model, name): (&Model, &str),
    seen: &Seen,
) -> Result<Option<Usage>, NotDone> {
    let lost = || NotDone::Lost(Failure::broke_off());
    let file = output(gateway, batch, name).await.map_err(|_| lost())?;
    let Some(file) = file else { return Ok(None) };
    let mut body = match open(gateway, &file).await {
        Ok(body) => body,
        Err(refused) if refused.is_gone() => return Ok(None),
        Err(not_done) => return Err(not_done),
    };
    let mut read = BatchOutput::new(facts.endpoint, model);
    let mut lines = Lines::of_at_most(ANSWER_BYTES_MAX);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| lost())?.into_data() else { continue };
        lines.push(&data);
        loop {
            match lines.next_line() {
                Ok(Some((_, line))) => read.add(&line),
                Ok(None) => break,
                Err(_) => return Ok(None),
            }
        }
    }
    if let Some((_, line)) = lines.last_line() {
        read.add(&line);
    }
    Ok(read.usage(seen.request_counts))
}
