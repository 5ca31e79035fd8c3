//! What a batch cost is read off the lines that it wrote; where those cannot be read, off its own
//! sum.

use std::time::Duration;

use bursar_calls::{Known, OperationEnd};
use bursar_kernel::limits::ANSWER_BYTES_MAX;
use bursar_kernel::{Model, ServiceTier, Usage, Usd};
use bursar_meter::batch::{BatchCounts, BatchOutput, Lines, batch_price, batch_usage};
use bursar_store::rows::{Belonging, CallOutcome, Owed};
use http_body_util::BodyExt;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::Looked;
use crate::asking::NotDone;
use crate::batches::{self, open, output};
use crate::gateway::Gateway;
use bursar_failures::Failure;

/// How long reading what a batch wrote may take: some hundreds of megabytes.
const READ_WITHIN: Duration = Duration::from_mins(10);

/// What matters of an upstream's batch.
#[derive(Deserialize)]
struct Seen {
    status: String,
    output_file_id: Option<String>,
    request_counts: Option<BatchCounts>,
    usage: Option<Box<RawValue>>,
}

/// Looks at a batch, and reads what it wrote if it has ended.
pub(super) async fn look(
    gateway: &Gateway,
    row: Belonging,
    owed: &Owed,
) -> Result<Looked, NotDone> {
    let row = batches::look(gateway, row).await?;
    let seen = row.batch().and_then(|facts| facts.shown.as_deref());
    let seen = seen.and_then(|seen| serde_json::from_str::<Seen>(seen).ok());
    let seen = seen.ok_or_else(|| NotDone::Lost(Failure::strange_answer()))?;
    let outcome = match seen.status.as_str() {
        "completed" => CallOutcome::Answered,
        "failed" => CallOutcome::UpstreamFailed,
        "expired" => CallOutcome::CutOff,
        "cancelled" => CallOutcome::Abandoned,
        _ => return Ok(Looked { row, end: None }),
    };
    let settled = settled(gateway, &row, owed, &seen, outcome);
    let settled = tokio::time::timeout(READ_WITHIN, settled).await;
    let end = settled.map_err(|_| NotDone::Lost(Failure::timed_out()))??;
    Ok(Looked { row, end: Some(end) })
}

/// What a batch that has ended is charged.
async fn settled(
    gateway: &Gateway,
    batch: &Belonging,
    owed: &Owed,
    seen: &Seen,
    outcome: CallOutcome,
) -> Result<OperationEnd, NotDone> {
    let catalog = gateway.calls.catalog_of(&owed.price_version);
    let Some(model) = catalog.models.get(&owed.model) else {
        return Ok(OperationEnd::Unknown);
    };
    let lines = match &seen.output_file_id {
        Some(name) => read_output(gateway, batch, owed, (model, name), seen).await?,
        None => nothing_written(seen),
    };
    let usage = lines.or_else(|| batch_usage(seen.usage.as_ref()?.get()));
    let Some(usage) = usage else { return Ok(OperationEnd::Unknown) };
    let cost = if usage == Usage::default() { Some(Usd::ZERO) } else { batch_price(model, &usage) };
    let known =
        |cost| OperationEnd::Known(Known { usage, cost, tier: ServiceTier::Batch, outcome });
    Ok(cost.map_or(OperationEnd::Unknown, known))
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
    owed: &Owed,
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
    let mut read = BatchOutput::new(owed.endpoint, model);
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
