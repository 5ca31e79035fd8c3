//! The last step before a call is forwarded: its place in its holder's rate limits, so that only a
//! forwarded call eats them; and what every answer says of them.

use bursar_calls::{Caller, RateRefused, RateSlot};
use bursar_kernel::{Bound, Certainty, Model};
use bursar_policy::{Left, Measure, Size, TooFast};
use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::SignedDuration;

use crate::call::Call;
use crate::gateway::Gateway;
use crate::hold;
use bursar_failures::Failure;

/// What the provider's own headers begin with.
const PROVIDERS: &str = "x-ratelimit-";
const REQUESTS: [HeaderName; 3] = [
    HeaderName::from_static("x-ratelimit-limit-requests"),
    HeaderName::from_static("x-ratelimit-remaining-requests"),
    HeaderName::from_static("x-ratelimit-reset-requests"),
];
const TOKENS: [HeaderName; 3] = [
    HeaderName::from_static("x-ratelimit-limit-tokens"),
    HeaderName::from_static("x-ratelimit-remaining-tokens"),
    HeaderName::from_static("x-ratelimit-reset-tokens"),
];

const IMAGES: [HeaderName; 3] = [
    HeaderName::from_static("x-ratelimit-limit-images"),
    HeaderName::from_static("x-ratelimit-remaining-images"),
    HeaderName::from_static("x-ratelimit-reset-images"),
];

impl Call {
    /// Whether the call could go now, before money is set aside for it.
    pub(crate) fn may_go(&self) -> Result<(), Failure> {
        let may = self.gateway.calls.may_go(&self.caller, &self.model);
        may.map_err(|refused| self.rate_refused(refused))
    }

    /// Takes the call's place, if it may still go at all: it may have waited for its money, and for
    /// its place.
    pub(crate) async fn take_slot(&self, bound: Bound) -> Result<Option<RateSlot>, Failure> {
        let slot = self.find_slot(bound).await?;
        if let Err(failure) = self.may_still_go().await {
            if let Some(slot) = slot {
                slot.give_back();
            }
            return Err(failure);
        }
        Ok(slot)
    }

    /// Its tokens are those that its bound says: where the bytes seem too many, they are counted.
    async fn find_slot(&self, bound: Bound) -> Result<Option<RateSlot>, Failure> {
        let take = |bound: Bound| {
            let tokens = bound.input_tokens.saturating_add(bound.output_tokens);
            let size = Size { tokens, images: self.request.images_made() };
            self.gateway.calls.take_slot(&self.caller, &self.model, size)
        };
        let refused = match take(bound).await {
            Ok(slot) => return Ok(slot),
            Err(refused) => refused,
        };
        let by_tokens = matches!(
            refused,
            RateRefused::TooFast(TooFast {
                measure: Measure::TokensPerMinute | Measure::TokensPerDay,
                ..
            })
        );
        if !by_tokens || bound.certainty == Certainty::Counted {
            return Err(self.rate_refused(refused));
        }
        let counted = hold::bound(self, Certainty::Counted).await?;
        take(counted).await.map_err(|refused| self.rate_refused(refused))
    }
}

/// Puts what is left of a caller's limits in the place of what the upstream says of the gateway's
/// own. Where nothing limits the caller, the upstream's stay.
pub(crate) fn write(gateway: &Gateway, caller: &Caller, model: &Model, headers: &mut HeaderMap) {
    let Some(room) = gateway.calls.rate_room(caller, model) else { return };
    let theirs: Vec<HeaderName> =
        headers.keys().filter(|name| name.as_str().starts_with(PROVIDERS)).cloned().collect();
    for name in theirs {
        headers.remove(name);
    }
    put(headers, &REQUESTS, room.requests);
    put(headers, &TOKENS, room.tokens);
    put(headers, &IMAGES, room.images);
}

fn put(headers: &mut HeaderMap, [limit, remaining, reset]: &[HeaderName; 3], left: Option<Left>) {
    let Some(left) = left else { return };
    headers.insert(limit, HeaderValue::from(left.limit));
    headers.insert(remaining, HeaderValue::from(left.remaining));
    let text = go_duration(left.reset);
    headers.insert(reset, HeaderValue::from_str(&text).expect("a duration is plain text"));
}

/// A duration as the provider writes it: `120ms`, `7s`, `6m0s`, `1h0m0s`.
fn go_duration(duration: SignedDuration) -> String {
    let millis = duration.as_millis().max(0);
    if 0 < millis && millis < 1_000 {
        return format!("{millis}ms");
    }
    let seconds = (millis + 999) / 1_000;
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds}s"),
        (0, _) => format!("{minutes}m{seconds}s"),
        (_, _) => format!("{hours}h{minutes}m{seconds}s"),
    }
}

#[cfg(test)]
mod tests {
    //! Durations as the provider writes them.

    use super::*;

    #[test]
    fn durations_are_written_as_the_provider_writes_them() {
        let table = [
            (0, "0s"),
            (1, "1ms"),
            (999, "999ms"),
            (1_000, "1s"),
            (1_001, "2s"),
            (360_000, "6m0s"),
            (86_400_000, "24h0m0s"),
        ];
        for (millis, wanted) in table {
            assert_eq!(go_duration(SignedDuration::from_millis(millis)), wanted);
        }
    }
}
