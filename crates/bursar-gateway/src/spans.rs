//! What a trace is told of a call, where an operator has a collector for them: who, how much and
//! how long, and nothing of what was said.

use bursar_calls::Settled;
use bursar_kernel::{Usage, Usd};
use bursar_meter::{Evidence, FinishReasons};
use bursar_store::rows::CallOutcome;
use bursar_telemetry::{Span, SpanUpstream};
use bursar_upstream::Provider;

use crate::call::Call;

/// What is kept of an answer until its call is settled.
pub(crate) struct Heard {
    answered_by: Option<String>,
    finish_reasons: FinishReasons,
}

/// What an answer says of itself. `None` where nobody is told.
pub(crate) fn heard(call: &Call, evidence: &Evidence) -> Option<Heard> {
    call.trace.filter(bursar_telemetry::Trace::is_sampled)?;
    Some(match evidence {
        Evidence::Answer(answer) => {
            Heard { answered_by: answer.model.clone(), finish_reasons: answer.finish_reasons }
        }
        Evidence::Refused | Evidence::Silence => {
            Heard { answered_by: None, finish_reasons: FinishReasons::default() }
        }
    })
}

/// Tells of a call that has been settled.
pub(crate) fn tell(
    call: &Call,
    heard: Heard,
    provider: Option<&Provider>,
    (held, settled): (Usd, &Settled),
) {
    let (Some(spans), Some(trace)) = (&call.gateway.spans, call.trace) else { return };
    let Settled { usage, cost, basis, tier: _, outcome, status } = *settled;
    spans.push(Span {
        trace,
        started_at: call.received_at,
        ended_at: call.gateway.calls.now(),
        endpoint: call.request.endpoint,
        model: call.model.id.clone(),
        answered_by: heard.answered_by,
        finish_reasons: heard.finish_reasons.names().collect(),
        is_streamed: call.request.stream,
        upstream: provider.map(|provider| SpanUpstream {
            name: provider.name.clone(),
            provider: provider.provided_by(),
            authority: provider.authority().to_owned(),
        }),
        // Where nobody knows, nothing is not what it used.
        tokens: (usage != Usage::default()).then(|| (usage.input_total(), usage.output_total())),
        status,
        error: (outcome != CallOutcome::Answered).then(|| outcome.name()),
        held,
        cost,
        basis: basis.name(),
        is_estimated: basis.is_estimate(),
        request: call.request_id,
        key: call.caller.key(),
        grant: call.caller.grant(),
        program: call.caller.program().id.clone(),
    });
}
