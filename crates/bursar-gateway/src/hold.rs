//! Step 5: money for the call, before anything is sent.

use std::sync::Arc;

use bursar_calls::{Amount, Begun, CallHold, HoldRefused, RateSlot};
use bursar_kernel::limits::{HOLDS_AFFORDABLE_BEFORE_COUNTING, OUTPUT_TOKENS_LEAST};
use bursar_kernel::{Bound, Certainty, Model, Usd};
use bursar_meter::CallRequest;
use bursar_policy::Permit;

use crate::call::Call;
use crate::weigh::weighing;
use bursar_failures::{Failure, Shortage};

/// Money set aside, and what for.
pub(crate) struct Held {
    pub(crate) hold: CallHold,
    /// The most that the call can cost: what the hold is.
    pub(crate) bound: Bound,
    /// The output limit that the bound rests on, and that is forwarded.
    pub(crate) output_limit: u64,
    /// The same, where it is lower than the program's, because less money is there.
    pub(crate) lowered_to: Option<u64>,
    /// Its place in the rate limits, once it is forwarded and where there are any.
    pub(crate) slot: Option<RateSlot>,
}

impl Held {
    fn whole(call: &Call, hold: CallHold, bound: Bound) -> Self {
        Self { hold, bound, output_limit: call.output_limit(), lowered_to: None, slot: None }
    }
}

/// Sets aside the most that the call can cost.
///
/// Bounding the input by its bytes costs nothing, and is some four times too high: nobody notices
/// unless money is tight. Then the input is counted, the call waits while calls in flight could
/// free enough, and an output limit that the client left out is lowered to what is there.
pub(crate) async fn take(call: &Call, permit: Permit) -> Result<Held, Failure> {
    let loose = bound(call, Certainty::Bytes).await?;
    let available = call.caller.available_hint();
    let affordable = loose.cost.checked_mul(HOLDS_AFFORDABLE_BEFORE_COUNTING).unwrap_or(Usd::MAX);
    // How much is left of a key's cap is not known here, so its calls are always counted.
    let is_tight = available < affordable || !permit.caps().is_empty();
    if is_tight {
        return Box::pin(take_counted(call, permit)).await;
    }
    match place(call, permit, loose.cost, None).await {
        Ok(hold) => Ok(Held::whole(call, hold, loose)),
        Err(refused) if refused.is_short() => Box::pin(take_counted(call, call.admit()?)).await,
        Err(refused) => Err(call.hold_refused(&refused, Shortage::default())),
    }
}

async fn take_counted(call: &Call, permit: Permit) -> Result<Held, Failure> {
    let tight = bound(call, Certainty::Counted).await?;
    let least = least(call, tight).await?;
    match place(call, permit, tight.cost, least).await {
        Ok(hold) if hold.held() < tight.cost => lowered(call, hold, tight).await,
        Ok(hold) => Ok(Held::whole(call, hold, tight)),
        Err(refused) => {
            let shortage = shortage(call, &refused, tight).await?;
            Err(call.hold_refused(&refused, shortage))
        }
    }
}

/// What the call costs at the least that is of any use, where the client left its limit out. One
/// that it set is never lowered: that would spoil an evaluation in silence.
async fn least(call: &Call, tight: Bound) -> Result<Option<Usd>, Failure> {
    let is_theirs = call.request.client_output_limit.is_some();
    if is_theirs || tight.output_tokens == 0 || call.output_limit() <= OUTPUT_TOKENS_LEAST {
        return Ok(None);
    }
    Ok(Some(bound_at(call, OUTPUT_TOKENS_LEAST, Certainty::Counted).await?.cost))
}

/// The hold is less than was asked for: the limit becomes what it pays for.
async fn lowered(call: &Call, hold: CallHold, tight: Bound) -> Result<Held, Failure> {
    let silent = bound_at(call, 0, Certainty::Counted).await;
    let output_limit = silent.map(|silent| {
        fitting(silent.cost, tight.cost, call.output_limit(), hold.held()).max(OUTPUT_TOKENS_LEAST)
    });
    let bound = match output_limit {
        Ok(limit) => bound_at(call, limit, Certainty::Counted).await.map(|bound| (limit, bound)),
        Err(failure) => Err(failure),
    };
    match bound {
        Ok((output_limit, bound)) if bound.cost <= hold.held() => {
            Ok(Held { hold, bound, output_limit, lowered_to: Some(output_limit), slot: None })
        }
        failed => {
            // The hold is of no use: nothing was sent, so nothing is due.
            let _ = call.gateway.calls.give_back(hold).await;
            Err(failed.err().unwrap_or_else(Failure::unpriceable))
        }
    }
}

async fn place(
    call: &Call,
    permit: Permit,
    amount: Usd,
    least: Option<Usd>,
) -> Result<CallHold, HoldRefused> {
    let begun = Begun {
        request: call.request_id,
        tier: call.request.tier,
        streamed: call.request.stream,
        started_at: call.received_at,
    };
    call.gateway.calls.hold(&call.caller, permit, begun, Amount { most: amount, least }).await
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
pub(crate) async fn shortage(
    call: &Call,
    refused: &HoldRefused,
    tight: Bound,
) -> Result<Shortage, Failure> {
    let Some(available) = refused.available() else { return Ok(Shortage::default()) };
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
