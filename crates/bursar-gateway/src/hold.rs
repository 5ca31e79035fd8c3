//! Step 5: money for the call, before anything is sent.

use std::sync::Arc;

use bursar_kernel::limits::HOLDS_AFFORDABLE_BEFORE_COUNTING;
use bursar_kernel::{Bound, Certainty, Model, Usd};
use bursar_ledger::Refusal;
use bursar_meter::CallRequest;
use bursar_policy::Permit;
use bursar_service::{Begun, CallHold, HoldRefused, RateSlot};

use crate::call::Call;
use crate::errors::{Failure, Shortage};
use crate::weigh::weighing;

/// Money set aside, and what for.
pub(crate) struct Held {
    pub(crate) hold: CallHold,
    /// The most that the call can cost: what the hold is.
    pub(crate) bound: Bound,
    /// The output limit that the bound rests on, and that is forwarded.
    pub(crate) output_limit: u64,
    /// Its place in the rate limits, once it is forwarded and where there are any.
    pub(crate) slot: Option<RateSlot>,
}

/// Sets aside the most that the call can cost.
///
/// Bounding the input by its bytes costs nothing, and is some four times too high: nobody notices
/// unless money is tight. Then the input is counted.
pub(crate) async fn take(call: &Call, permit: Permit) -> Result<Held, Failure> {
    let output_limit = call.output_limit();
    let loose = bound(call, Certainty::Bytes).await?;
    let available = call.caller.available_hint();
    let affordable = loose.cost.checked_mul(HOLDS_AFFORDABLE_BEFORE_COUNTING).unwrap_or(Usd::MAX);
    // How much is left of a key's cap is not known here, so its calls are always counted.
    let is_tight = available < affordable || permit.capped_key().is_some();
    let first = if is_tight { bound(call, Certainty::Counted).await? } else { loose };
    let refused = match place(call, permit, first).await {
        Ok(hold) => return Ok(Held { hold, bound: first, output_limit, slot: None }),
        Err(refused) => refused,
    };
    let is_short = matches!(
        refused,
        HoldRefused::Refused(Refusal::InsufficientCredit { .. } | Refusal::CapReached { .. })
    );
    if !is_short {
        return Err(call.hold_refused(&refused, Shortage::default()));
    }
    let tight = bound(call, Certainty::Counted).await?;
    let refused = if tight.cost < first.cost {
        match place(call, call.admit()?, tight).await {
            Ok(hold) => return Ok(Held { hold, bound: tight, output_limit, slot: None }),
            Err(refused) => refused,
        }
    } else {
        refused
    };
    let shortage = shortage(call, &refused, tight).await?;
    Err(call.hold_refused(&refused, shortage))
}

async fn place(call: &Call, permit: Permit, bound: Bound) -> Result<CallHold, HoldRefused> {
    let begun = Begun {
        request: call.request_id,
        tier: call.request.tier,
        streamed: call.request.stream,
        started_at: call.received_at,
    };
    call.gateway.service.hold(&call.caller, permit, begun, bound.cost).await
}

/// The most that a call can cost.
pub(crate) async fn bound(call: &Call, certainty: Certainty) -> Result<Bound, Failure> {
    bound_at(call, call.output_limit(), certainty).await
}

async fn bound_at(call: &Call, limit: u64, certainty: Certainty) -> Result<Bound, Failure> {
    let by_bytes = || most(&call.request, &call.model, limit, Certainty::Bytes);
    let loose = match certainty {
        Certainty::Bytes => by_bytes(),
        Certainty::Counted => None,
    };
    if let Some(bound) = loose {
        return Ok(bound);
    }
    // By its bytes an input can seem longer than any price reaches.
    let (request, model) = (Arc::clone(&call.request), Arc::clone(&call.model));
    let count = move || most(&request, &model, limit, Certainty::Counted);
    let counted = weighing(call.body_bytes, count).await.flatten();
    counted.or_else(by_bytes).ok_or_else(Failure::unpriceable)
}

fn most(request: &CallRequest, model: &Model, limit: u64, certainty: Certainty) -> Option<Bound> {
    request.bound_at(model, limit, certainty)
}

/// What would fit. The cost is a line over the output limit: two of its points are known.
async fn shortage(call: &Call, refused: &HoldRefused, tight: Bound) -> Result<Shortage, Failure> {
    let available = match refused {
        HoldRefused::Refused(
            Refusal::InsufficientCredit { available, .. } | Refusal::CapReached { available, .. },
        ) => *available,
        HoldRefused::Refused(_) | HoldRefused::Unavailable(_) => return Ok(Shortage::default()),
    };
    let asked_output = call.output_limit();
    if tight.output_tokens == 0 {
        return Ok(Shortage { fitting_output: None, asked_output });
    }
    let silent = bound_at(call, 0, Certainty::Counted).await?;
    let fitting = fitting(silent.cost, tight.cost, asked_output, available);
    Ok(Shortage { fitting_output: Some(fitting), asked_output })
}

/// The largest limit whose cost is within `available`; both costs were rounded up, so that one
/// token is left out where the division is not even.
fn fitting(silent: Usd, full: Usd, limit: u64, available: Usd) -> u64 {
    let nanos = |amount: Usd| i128::from(amount.nanos());
    let room = nanos(available) - nanos(silent);
    let slope = nanos(full) - nanos(silent);
    if room <= 0 || slope <= 0 {
        return 0;
    }
    // A nano-dollar less, because the slope may be one too low.
    let tokens = (room - 1).max(0) * i128::from(limit) / slope;
    u64::try_from(tokens).unwrap_or(0).min(limit)
}

#[cfg(test)]
mod tests {
    //! What would fit does fit.

    use super::*;

    #[test]
    fn what_is_said_to_fit_costs_no_more_than_what_is_available() {
        // 150 nano-dollars a thousand input tokens, 600 an output token.
        for (silent, full, limit, available, fits) in [
            (15_000, 615_000, 1_000, 315_000, 499),
            (15_000, 615_000, 1_000, 15_000, 0),
            (15_000, 615_000, 1_000, 14_999, 0),
            (15_000, 615_000, 1_000, 0, 0),
            (15_000, 615_000, 1_000, 614_999, 999),
        ] {
            let usd = Usd::from_nanos;
            let tokens = fitting(usd(silent), usd(full), limit, usd(available));
            assert_eq!(tokens, fits, "with {available} available");
            let cost = silent + i64::try_from(tokens).unwrap() * 600;
            assert!(cost <= available || tokens == 0, "{tokens} tokens cost {cost}");
        }
    }
}
