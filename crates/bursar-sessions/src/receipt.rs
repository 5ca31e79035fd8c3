//! What a client of a session is told beside the provider's own words: what a response cost, what
//! is left of its limits, and why something is refused.

use bursar_calls::SettledCall;
use bursar_kernel::RequestId;
use bursar_policy::{Left, Room};
use serde_json::json;

/// The last event of a call, with what it cost in a member of its own.
pub(crate) fn with(
    event: &str,
    request: RequestId,
    settled: &SettledCall,
    estimated: bool,
) -> String {
    let receipt = json!({
        "request_id": request.to_string(),
        "cost": settled.cost.to_string(),
        "balance": settled.available.to_string(),
        "estimated": estimated,
    });
    match event.trim_end().strip_suffix('}') {
        Some(open) => format!("{open},\"bursar\":{receipt}}}"),
        None => event.to_owned(),
    }
}

/// What is left of the holder's limits, as the provider tells of its own.
pub(crate) fn rates(room: &Room, number: u64) -> String {
    let of = |name: &str, left: Option<Left>| {
        let left = left?;
        let millis = left.reset.as_millis().max(0);
        let seconds = format!("{}.{:03}", millis / 1_000, millis % 1_000);
        Some(format!(
            "{{\"name\":\"{name}\",\"limit\":{},\"remaining\":{},\"reset_seconds\":{seconds}}}",
            left.limit, left.remaining
        ))
    };
    let limits = [of("requests", room.requests), of("tokens", room.tokens)];
    let limits: Vec<String> = limits.into_iter().flatten().collect();
    format!(
        "{{\"type\":\"rate_limits.updated\",\"event_id\":\"event_bursar_rates_{number}\",\
         \"rate_limits\":[{}]}}",
        limits.join(",")
    )
}

/// An error of the session itself.
pub(crate) fn error(error: &bursar_meter::ErrorBody) -> String {
    let event = json!({
        "type": "error",
        "event_id": "event_bursar_end",
        "error": {
            "type": error.kind,
            "code": error.code,
            "message": error.message,
            "param": error.param,
            "event_id": null,
        },
    });
    event.to_string()
}

#[cfg(test)]
mod tests {
    //! What is added stays one event.

    use bursar_kernel::{Entropy, Timestamp, Usd};
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_receipt_is_a_member_of_the_event() {
        let request = RequestId::new(Timestamp::UNIX_EPOCH, Entropy::default());
        let cost: Usd = "0.000000001".parse().unwrap();
        let settled = SettledCall { cost, available: Usd::ZERO };
        let told = with("{\"type\":\"response.done\"} \n", request, &settled, true);
        let told: Value = serde_json::from_str(&told).unwrap();
        assert_eq!(told["type"], "response.done");
        assert_eq!(told["bursar"]["cost"], "0.000000001");
        assert_eq!(told["bursar"]["estimated"], true);
    }
}
