//! Step 8: the charge, durable before the last byte of the answer leaves.

use std::sync::Arc;

use bursar_calls::Settled;
use bursar_kernel::{Bound, Model, Usage, Usd};
use bursar_meter::{CallRequest, Charge, Evidence, Settlement};
use bursar_store::rows::{Basis, CallOutcome};
use bursar_upstream::Provider;
use http::StatusCode;
use tokio::time::Instant;
use tracing::{Level, event};

use crate::call::Call;
use crate::hold::Held;
use crate::receipt::Receipt;
use crate::spans;
use crate::weigh::weighing;
use bursar_failures::Failure;

/// Under which name each settled call can be logged. The books have them all, so whoever starts the
/// server says whether the log should too. Names of fields are OpenTelemetry's for generative AI
/// (semantic conventions 1.37) where it has one.
pub const CALL_LOG: &str = "bursar::call";

/// How a call ended.
pub(crate) struct Ending {
    /// What is known of its cost.
    pub(crate) evidence: Evidence,
    /// How it went.
    pub(crate) outcome: CallOutcome,
    /// The status that its caller got.
    pub(crate) status: StatusCode,
    /// The upstream that answered, if one did.
    pub(crate) provider: Option<Arc<Provider>>,
}

impl Ending {
    /// A client left before it got a status. 499 is what web servers write for that.
    pub(crate) fn abandoned(evidence: Evidence) -> Self {
        let status = StatusCode::from_u16(499).unwrap_or(StatusCode::BAD_REQUEST);
        Self { evidence, outcome: CallOutcome::Abandoned, status, provider: None }
    }

    /// The same, of an answer of this upstream's.
    pub(crate) fn of(self, provider: &Arc<Provider>) -> Self {
        Self { provider: Some(Arc::clone(provider)), ..self }
    }
}

/// Settles a call: what it cost is taken, the rest of the hold goes back. When it returns, that is
/// durable. An error is what the client hears in place of the answer.
pub(crate) async fn settle(call: &Call, held: Held, ending: Ending) -> Result<Receipt, Failure> {
    let Held { hold, bound, output_limit: _, lowered_to, slot } = held;
    let tier = match &ending.evidence {
        Evidence::Answer(answer) => answer.tier.unwrap_or(call.request.tier),
        Evidence::Refused | Evidence::Silence => call.request.tier,
    };
    let heard = spans::heard(call, &ending.evidence);
    let settlement = weigh(call, bound, ending.evidence).await;
    if let Some((slot, tokens)) = slot.zip(tokens(&settlement)) {
        slot.settle(tokens);
    }
    let (usage, cost, basis) = match settlement {
        Settlement::Release => (Usage::default(), Usd::ZERO, Basis::Nothing),
        Settlement::Charge(charge) => {
            (charge.usage.unwrap_or_default(), charge.cost, basis(charge.basis))
        }
    };
    let (outcome, status, held) = (ending.outcome, ending.status.as_u16(), hold.held());
    let settled = Settled { usage, cost, basis, tier, outcome, status };
    let calls = &call.gateway.calls;
    let began = Instant::now();
    let receipt = calls.settle(hold, settled).await.map_err(|_| Failure::unsettled())?;
    let waited = began.elapsed();
    event!(
        target: CALL_LOG,
        Level::INFO,
        request.id = %call.request_id,
        key.id = %call.caller.key(),
        grant.id = %call.caller.grant(),
        gen_ai.operation.name = call.request.endpoint.name(),
        gen_ai.request.model = %call.model.id,
        gen_ai.usage.input_tokens = usage.input_total(),
        gen_ai.usage.output_tokens = usage.output_total(),
        upstream.name = ending.provider.as_ref().map(|provider| provider.name.as_str()),
        streamed = call.request.stream,
        http.response.status_code = status,
        outcome = outcome.name(),
        basis = basis.name(),
        held_usd = %held,
        cost_usd = %receipt.cost,
        took_ms = calls.now().duration_since(call.received_at).as_millis(),
        "settled call `{}`", call.request_id
    );
    if let Some(heard) = heard {
        spans::tell(call, heard, ending.provider.as_deref(), (held, &settled));
    }
    Ok(Receipt {
        held,
        cost: receipt.cost,
        available: receipt.available,
        waited,
        estimated: basis.is_estimate(),
        lowered_to,
    })
}

/// The tokens that a call took, where anybody knows.
fn tokens(settlement: &Settlement) -> Option<u64> {
    match settlement {
        Settlement::Release => Some(0),
        Settlement::Charge(charge) => {
            charge.usage.map(|usage| usage.input_total().saturating_add(usage.output_total()))
        }
    }
}

/// What a call is charged. Where nobody reported it, its text is counted, which takes a while.
async fn weigh(call: &Call, held: Bound, evidence: Evidence) -> Settlement {
    let (request, model) = (Arc::clone(&call.request), Arc::clone(&call.model));
    let bytes = match &evidence {
        Evidence::Refused => 0,
        Evidence::Answer(answer) if answer.usage.is_some() => 0,
        Evidence::Answer(_) | Evidence::Silence => usize::MAX,
    };
    let weighed = weighing(bytes, move || by_evidence(&request, &model, held, &evidence)).await;
    weighed.unwrap_or_else(|| in_full(held))
}

fn by_evidence(
    request: &CallRequest,
    model: &Model,
    held: Bound,
    evidence: &Evidence,
) -> Settlement {
    bursar_meter::settle(request, model, &held, evidence)
}

/// Counting failed: nobody knows better than the hold.
fn in_full(held: Bound) -> Settlement {
    Settlement::Charge(Charge {
        usage: None,
        cost: held.cost,
        excess: Usd::ZERO,
        basis: bursar_meter::Basis::HeldInFull,
        estimated: true,
    })
}

const fn basis(basis: bursar_meter::Basis) -> Basis {
    match basis {
        bursar_meter::Basis::Reported => Basis::Reported,
        bursar_meter::Basis::Counted => Basis::Counted,
        bursar_meter::Basis::HeldInFull => Basis::HeldInFull,
    }
}
