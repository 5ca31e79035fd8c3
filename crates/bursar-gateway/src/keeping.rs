//! What has to be remembered, however long the store is out of reach, within reason.

use std::time::Duration;

use bursar_kernel::Bound;
use bursar_meter::Answer;
use bursar_store::CommitError;
use bursar_store::rows::{Belonging, ResponseFacts, What};
use bursar_upstream::Provider;
use tracing::{error, warn};

use crate::asking::is_plain_name;
use crate::call::Call;
use crate::gateway::Gateway;
use bursar_failures::Failure;

/// How often it is tried to remember what an upstream took, and how long apart.
const TRIES: u32 = 60;
const EVERY: Duration = Duration::from_millis(500);

/// Remembers what an upstream calls something that is under way.
pub(crate) async fn remember(
    gateway: &Gateway,
    belonging: Belonging,
) -> Result<Belonging, Failure> {
    let kept = insist(|| gateway.calls.keep_changed(belonging.clone())).await;
    kept.map_err(|error| {
        error!(
            upstream.id = belonging.upstream_id, error = %error,
            "something is under way and could not be remembered: it goes to suspense"
        );
        Failure::unsettled()
    })
}

/// The row of a response that its upstream keeps: whose it is, and what it counts. `None` where it
/// was not to be stored, or has no name.
pub(crate) fn stored(
    call: &Call,
    provider: &Provider,
    bound: &Bound,
    answer: &Answer,
) -> Option<Belonging> {
    let name = answer.name().filter(|name| call.request.is_stored() && is_plain_name(name))?;
    let facts = ResponseFacts {
        request: call.request_id,
        model: call.model.id.clone(),
        context: answer.context(call.request.context(bound)),
        owed: None,
    };
    let what = What::Response(Box::new(facts));
    let mut row = call.gateway.calls.new_belonging(&call.caller, &provider.name, what);
    row.upstream_id = Some(name.to_owned());
    Some(row)
}

/// Writes the row of a stored response, durably, before its maker can learn its name.
pub(crate) async fn keep(gateway: &Gateway, row: Belonging) -> Option<Belonging> {
    match insist(|| gateway.calls.keep(row.clone())).await {
        Ok(()) => Some(row),
        Err(error) => {
            error!(
                upstream.name = row.upstream, response.id = row.upstream_id, error = %error,
                "a response is stored and could not be remembered: its maker will not find it"
            );
            None
        }
    }
}

/// Writes what a stored response counts, now that its upstream has said so.
pub(crate) async fn count(gateway: &Gateway, mut row: Belonging, answer: &Answer) {
    if let What::Response(facts) = &mut row.what {
        facts.context = answer.context(facts.context);
    }
    if let Err(error) = insist(|| gateway.calls.keep_changed(row.clone())).await {
        // What was bounded stands in its place, which is more.
        warn!(response.id = row.upstream_id, error = %error, "cannot write what a response counts");
    }
}

async fn insist<T, F>(attempt: impl Fn() -> F) -> Result<T, CommitError>
where
    F: Future<Output = Result<T, CommitError>>,
{
    let mut tries = 0_u32;
    loop {
        match attempt().await {
            Err(CommitError::Unavailable(reason)) if tries < TRIES => {
                warn!(reason, "the store cannot remember yet what an upstream has");
                tries = tries.saturating_add(1);
                tokio::time::sleep(EVERY).await;
            }
            done => return done,
        }
    }
}
