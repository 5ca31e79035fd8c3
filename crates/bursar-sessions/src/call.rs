//! A call of a session: its money and its place before it goes out, its charge once it has ended.

use std::sync::Arc;

use bursar_calls::{Begun, CallHold, Caller, HoldRefused, RateSlot, Settled, SettledCall};
use bursar_failures::{Failure, Pages, Shortage};
use bursar_kernel::{Endpoint, RequestId, ServiceTier, Timestamp, Usage, Usd};
use bursar_meter::Settlement;
use bursar_policy::{Permit, Size};
use bursar_realtime::{HoldAsked, Purpose};
use bursar_store::rows::{Basis, CallOutcome};
use bursar_upstream::Provider;
use tokio::time::Instant;
use tracing::{Level, event};

use crate::open::Opening;

/// The status of a call that was answered inside a session.
const ANSWERED: u16 = 200;
/// Under which name settled calls can be logged, as those of every other endpoint.
const CALL_LOG: &str = "bursar::call";

/// A call whose money is set aside.
pub(crate) struct HeldCall {
    pub(crate) number: u64,
    pub(crate) request: RequestId,
    /// When it went out.
    pub(crate) began: Instant,
    hold: CallHold,
    slot: Option<RateSlot>,
    asked: HoldAsked,
    received_at: Timestamp,
}

/// What a call of a session is, among the endpoints.
pub(crate) fn endpoint(purpose: Purpose) -> Endpoint {
    match purpose {
        Purpose::Response => Endpoint::Realtime,
        Purpose::Transcription => Endpoint::AudioTranscriptions,
    }
}

/// Sets money aside for a call, and takes its place in its holder's limits. To be awaited to its
/// end: a hold that is dropped is charged.
pub(crate) async fn take(
    opening: &Opening,
    provider: &Provider,
    asked: HoldAsked,
) -> Result<HeldCall, Failure> {
    let calls = &opening.calls;
    let (caller, permit) = admit(opening, &asked).await?;
    if provider.is_stopped() {
        return Err(Failure::upstreams_stopped());
    }
    let pages = Pages { portal_url: &opening.portal_url, caller: &caller };
    let is_limited = asked.purpose == Purpose::Response;
    if is_limited {
        let may = calls.may_go(&caller, &asked.model);
        may.map_err(|why| Failure::rate_refused(&why, &asked.model, pages))?;
    }
    let (request, received_at) = calls.new_request();
    let begun =
        Begun { request, tier: ServiceTier::Default, streamed: true, started_at: received_at };
    let hold = calls.hold(&caller, permit, begun, asked.bound.cost).await;
    let hold = hold.map_err(|why| Failure::hold_refused(&why, shortage(&asked, &why), pages))?;
    let slot = if is_limited {
        let tokens = asked.bound.input_tokens.saturating_add(asked.bound.output_tokens);
        let size = Size { tokens, images: 0 };
        match calls.take_slot(&caller, &asked.model, size).await {
            Ok(slot) => slot,
            Err(why) => {
                let failure = Failure::rate_refused(&why, &asked.model, pages);
                return Err(given_back(opening, hold, failure).await);
            }
        }
    } else {
        None
    };
    // It may have waited for its money: somebody may have stopped it meanwhile.
    if let Err(failure) = admit(opening, &asked).await {
        if let Some(slot) = slot {
            slot.give_back();
        }
        return Err(given_back(opening, hold, failure).await);
    }
    let (number, began) = (asked.number, Instant::now());
    Ok(HeldCall { number, request, began, hold, slot, asked, received_at })
}

/// What would fit. The cost is a line over the output limit, and two of its points are known; both
/// were rounded up, so that one token is left out.
fn shortage(asked: &HoldAsked, refused: &HoldRefused) -> Shortage {
    let asked_output = asked.bound.output_tokens;
    let none = Shortage { fitting_output: None, asked_output };
    let Some((silent, available)) = asked.silent.zip(refused.available()) else { return none };
    let nanos = |amount: Usd| i128::from(amount.nanos());
    let (room, slope) = (nanos(available) - nanos(silent), nanos(asked.bound.cost) - nanos(silent));
    if slope <= 0 {
        return none;
    }
    let fitting = (room - 1).max(0) * i128::from(asked_output) / slope;
    let fitting = u64::try_from(fitting).unwrap_or(0).min(asked_output);
    Shortage { fitting_output: Some(fitting), asked_output }
}

async fn given_back(opening: &Opening, hold: CallHold, failure: Failure) -> Failure {
    opening.calls.give_back(hold).await.map_or_else(|_| Failure::unsettled(), |()| failure)
}

/// Leave for a call, as its caller stands now.
async fn admit(opening: &Opening, asked: &HoldAsked) -> Result<(Arc<Caller>, Permit), Failure> {
    let calls = &opening.calls;
    let caller = calls.identify_again(&opening.caller).await;
    let caller = caller.map_err(|error| Failure::no_store(&error))?;
    let permit = caller.admit(endpoint(asked.purpose), &asked.model, calls.now());
    let permit = permit.map_err(|denial| {
        let pages = Pages { portal_url: &opening.portal_url, caller: &caller };
        Failure::denied(&denial, &asked.model, pages)
    })?;
    Ok((caller, permit))
}

impl HeldCall {
    /// Whether something is made of it from here on. What covers audio waits for more of it.
    pub(crate) fn is_made(&self) -> bool {
        self.asked.purpose == Purpose::Response
    }

    /// It is not sent after all.
    pub(crate) async fn give_back(self, opening: &Opening) {
        if let Some(slot) = self.slot {
            slot.give_back();
        }
        // What the store cannot release now stays set aside, and is logged where that happens.
        let _ = opening.calls.give_back(self.hold).await;
    }

    /// Settles it: when this returns, that is durable.
    pub(crate) async fn settle(
        self,
        opening: &Opening,
        provider: &Provider,
        settlement: Settlement,
        has_left: bool,
    ) -> Result<SettledCall, Failure> {
        let (usage, cost, basis) = match &settlement {
            Settlement::Release => (Some(Usage::default()), Usd::ZERO, Basis::Nothing),
            Settlement::Charge(charge) => (charge.usage, charge.cost, basis(charge.basis)),
        };
        if let Some((slot, usage)) = self.slot.zip(usage) {
            slot.settle(usage.input_total().saturating_add(usage.output_total()));
        }
        let outcome = match (has_left, basis) {
            (true, _) => CallOutcome::Abandoned,
            (false, Basis::Nothing) => CallOutcome::UpstreamFailed,
            (false, Basis::Reported | Basis::Counted | Basis::Settled) => CallOutcome::Answered,
            (false, Basis::HeldInFull) => CallOutcome::CutOff,
        };
        let usage = usage.unwrap_or_default();
        let tier = ServiceTier::Default;
        let held = self.hold.held();
        let settled = Settled { usage, cost, basis, tier, outcome, status: ANSWERED };
        let done = opening.calls.settle(self.hold, settled).await;
        let done = done.map_err(|_| Failure::unsettled())?;
        event!(
            target: CALL_LOG,
            Level::INFO,
            request.id = %self.request,
            session.id = %opening.request,
            key.id = %opening.caller.key(),
            grant.id = %opening.caller.grant(),
            gen_ai.operation.name = endpoint(self.asked.purpose).name(),
            gen_ai.request.model = %self.asked.model.id,
            gen_ai.usage.input_tokens = usage.input_total(),
            gen_ai.usage.output_tokens = usage.output_total(),
            upstream.name = provider.name,
            outcome = outcome.name(),
            basis = basis.name(),
            held_usd = %held,
            cost_usd = %done.cost,
            took_ms = opening.calls.now().duration_since(self.received_at).as_millis(),
            "settled call `{}`", self.request
        );
        Ok(done)
    }
}

const fn basis(basis: bursar_meter::Basis) -> Basis {
    match basis {
        bursar_meter::Basis::Reported => Basis::Reported,
        bursar_meter::Basis::Counted => Basis::Counted,
        bursar_meter::Basis::HeldInFull => Basis::HeldInFull,
    }
}
