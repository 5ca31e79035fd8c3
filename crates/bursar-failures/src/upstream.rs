//! Calls that an upstream refused or lost.

use bursar_kernel::{Model, Timestamp, UpstreamGroup, Usd};
use bursar_upstream::{Nobody, Trouble, Verdict};
use http::header::RETRY_AFTER;
use http::{HeaderMap, StatusCode};
use jiff::SignedDuration;
use serde::Deserialize;

use super::denied::successor;
use super::{Failure, INVALID, Retry, SERVER, envelope};

/// Characters of an upstream's message that are passed on.
const MESSAGE_CHARACTERS_MAX: usize = 4_000;
/// Characters of an upstream's type or code that are passed on.
const WORD_CHARACTERS_MAX: usize = 100;
/// Seconds after which an upstream that refuses us may have been seen to.
const UPSTREAM_RETRY_SECONDS: u64 = 30;
/// Seconds that a rate-limited call waits where the upstream does not say.
const RATE_LIMIT_SECONDS: u64 = 1;
/// Types and codes by which a provider says that its own customer's money is gone: ours, that is,
/// never the caller's (its error codes guide, 2026-11).
const QUOTA_WORDS: [&str; 6] = [
    "insufficient_quota",
    "credit_balance_exhausted",
    "organization_spend_limit_exceeded",
    "project_spend_limit_exceeded",
    "organization_usage_limit_exceeded",
    "billing_hard_limit_reached",
];
/// Codes of refusals that Azure bills (its guide to costs, 2024-05).
const BILLED_CODES: [&str; 2] = ["content_filter", "context_length_exceeded"];

/// Characters of a refusal that a log has.
const SAID_CHARACTERS_MAX: usize = 500;

/// What an upstream answered instead of an answer.
#[derive(Clone, Debug)]
pub struct UpstreamError {
    /// Its status.
    pub status: StatusCode,
    /// Seconds that it asks to wait.
    pub retry_after: Option<u64>,
    /// Its body, already without anything secret.
    pub body: String,
}

#[derive(Default, Deserialize)]
struct Envelope {
    error: Option<Error>,
}

#[derive(Default, Deserialize)]
struct Error {
    message: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    param: Option<String>,
    code: Option<serde_json::Value>,
}

/// Whose fault an upstream's refusal is, by its status and words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// The caller's: it hears the provider's own words.
    Callers,
    /// Nobody's: too much at a time.
    Pace,
    /// Ours: the credential, its rights or its money.
    Ours,
    /// The provider's.
    Upstreams,
}

impl UpstreamError {
    /// An answer's status, headers and body, the body without anything secret. A time to wait is
    /// read where it is whole seconds; providers send no dates.
    pub fn new(status: StatusCode, headers: &HeaderMap, body: String) -> Self {
        let retry_after = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let retry_after = retry_after.and_then(|seconds| seconds.trim().parse().ok());
        Self { status, retry_after, body }
    }

    /// What a log has of it.
    pub fn said(&self) -> String {
        let said: String = self.body.chars().take(SAID_CHARACTERS_MAX).collect();
        format!("{}: {said}", self.status)
    }

    /// Whether a proxy gave up waiting for the call, which goes on all the same.
    pub fn is_timeout(&self) -> bool {
        matches!(self.status.as_u16(), 408 | 504 | 524)
    }

    /// Whether the call may have been carried out all the same. Azure bills what it worked on,
    /// whatever it answers: what a filter stopped, what was too long, what failed half way (its
    /// guide to costs).
    pub fn may_have_been_billed(&self, bills_refusals: bool) -> bool {
        let is_worked_on = || match self.status.as_u16() {
            400 => {
                let error = self.read();
                let code = error.code.as_ref().and_then(|code| code.as_str());
                // One that nobody can read may be any of them.
                error.message.is_none() || code.is_some_and(|code| BILLED_CODES.contains(&code))
            }
            503 => false,
            status => 500 <= status,
        };
        self.is_timeout() || (bills_refusals && is_worked_on())
    }

    /// Whether it was refused in so many words before anything was made, for a reason that does
    /// not lie with the call: another upstream may take it. A failure in the middle (500, 502) is
    /// no such word.
    pub fn is_definite(&self) -> bool {
        match self.fault(&self.read()) {
            Fault::Ours | Fault::Pace => true,
            Fault::Callers => false,
            Fault::Upstreams => self.status == StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// What it says of the upstream's health.
    pub fn verdict(&self) -> Verdict {
        match (self.fault(&self.read()), self.retry_after) {
            (Fault::Callers, _) => Verdict::Well,
            (Fault::Ours, _) => Verdict::Ill(Trouble::RefusesUs),
            (Fault::Pace, Some(seconds)) => {
                let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
                Verdict::Cooling(SignedDuration::from_secs(seconds))
            }
            (Fault::Pace, None) => Verdict::Ill(Trouble::Busy),
            (Fault::Upstreams, _) => Verdict::Ill(Trouble::Failing),
        }
    }

    /// The refusal as the caller hears of it.
    pub fn failure(&self, model: &Model) -> Failure {
        let mut failure = self.failure_of_none();
        let is_callers = self.fault(&self.read()) == Fault::Callers;
        if is_callers && self.status == StatusCode::NOT_FOUND {
            failure.envelope.error.message.push_str(&successor(model));
        }
        failure
    }

    /// The same where it is about no model.
    pub fn failure_of_none(&self) -> Failure {
        let error = self.read();
        match self.fault(&error) {
            Fault::Ours => Failure::upstream_unavailable(),
            Fault::Pace => {
                let mut failure = self.passed_on(error, "requests", "rate_limit_exceeded");
                failure.envelope.error.code = Some("rate_limit_exceeded".into());
                failure.retry(Retry::After(self.retry_after.unwrap_or(RATE_LIMIT_SECONDS)))
            }
            Fault::Callers => self.passed_on(error, INVALID, "upstream_refused"),
            Fault::Upstreams => {
                let failure = self.passed_on(error, SERVER, "upstream_failed");
                match self.retry_after {
                    Some(seconds) => failure.retry(Retry::After(seconds)),
                    None => failure,
                }
            }
        }
    }

    fn read(&self) -> Error {
        serde_json::from_str::<Envelope>(&self.body).unwrap_or_default().error.unwrap_or_default()
    }

    fn fault(&self, error: &Error) -> Fault {
        let words = [error.kind.as_deref(), error.code.as_ref().and_then(|code| code.as_str())];
        if words.into_iter().flatten().any(|word| QUOTA_WORDS.contains(&word)) {
            return Fault::Ours;
        }
        match self.status.as_u16() {
            401..=403 | 300..=399 => Fault::Ours,
            429 => Fault::Pace,
            400..=499 => Fault::Callers,
            _ => Fault::Upstreams,
        }
    }

    fn passed_on(&self, error: Error, kind: &str, code: &str) -> Failure {
        let message = match error.message {
            Some(message) => message.chars().take(MESSAGE_CHARACTERS_MAX).collect(),
            None => format!("The provider answered {} without saying why.", self.status),
        };
        let word = |given: Option<String>, or: &str| match given {
            Some(word) => word.chars().take(WORD_CHARACTERS_MAX).collect(),
            None => or.to_owned(),
        };
        let given = error.code.and_then(|code| match code {
            serde_json::Value::String(code) => Some(code),
            serde_json::Value::Number(code) => Some(code.to_string()),
            serde_json::Value::Null
            | serde_json::Value::Bool(_)
            | serde_json::Value::Array(_)
            | serde_json::Value::Object(_) => None,
        });
        let (kind, code) = (word(error.kind, kind), word(given, code));
        let mut envelope = envelope(kind, Some(code), message);
        envelope.error.param = error.param.map(|param| word(Some(param), ""));
        Failure { status: self.status, envelope, retry: Retry::ByStatus }
    }
}

impl Failure {
    /// The provider cannot be reached, or refuses the gateway: never the caller's fault.
    pub fn upstream_unavailable() -> Self {
        let message = "The provider cannot be used through this gateway at the moment; nothing is \
                       wrong with your key, your grant or your request, and nothing was charged. \
                       Whoever runs the gateway has been told. Try again later.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, SERVER, "upstream_unavailable", message)
            .retry(Retry::After(UPSTREAM_RETRY_SECONDS))
    }

    /// There is no upstream of a group to send something to, at an instant; `not_served` says what
    /// it means that none of the group serves it.
    pub fn nobody(
        nobody: Nobody,
        group: &UpstreamGroup,
        now: Timestamp,
        not_served: impl FnOnce() -> Self,
    ) -> Self {
        match nobody {
            Nobody::Configured => {
                tracing::error!(
                    upstream.group = %group, "no upstream is configured for group `{group}`"
                );
                Self::upstream_unavailable()
            }
            Nobody::Stopped => Self::upstreams_stopped(),
            Nobody::Serves => not_served(),
            Nobody::Left => Self::upstream_unavailable(),
            Nobody::In(until) => Self::upstreams_out(now, until),
        }
    }

    /// Whoever runs the gateway has stopped all upstreams that could take the call, by hand.
    pub fn upstreams_stopped() -> Self {
        let message = "Whoever runs this gateway has stopped what it sends to the provider; \
                       nothing is wrong with your key, your grant or your request, and nothing \
                       was charged. Ask them when it is started again, or try again later.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, SERVER, "upstream_stopped", message)
            .retry(Retry::After(UPSTREAM_RETRY_SECONDS))
    }

    /// All upstreams are left alone for a while, in which calling them would be of no use.
    fn upstreams_out(now: Timestamp, until: Timestamp) -> Self {
        let seconds = until.duration_since(now).as_secs().saturating_add(1);
        let seconds = u64::try_from(seconds).unwrap_or(1).max(1);
        Self::upstream_unavailable().retry(Retry::After(seconds))
    }

    /// No upstream of the program's group serves the model.
    pub fn model_not_served(model: &Model) -> Self {
        let message = format!(
            "The model `{}` is not served here by the provider of this grant's program. \
             `GET /v1/models` lists the models that you can call; whoever runs the gateway can \
             add one.",
            model.id
        );
        Self::new(StatusCode::NOT_FOUND, INVALID, "model_not_found", message).about("model")
    }

    /// Of two upstreams' refusals the one after which there is sooner something to be had.
    #[must_use]
    pub fn or_sooner(self, other: Self) -> Self {
        if self.seconds_to_wait() <= other.seconds_to_wait() { self } else { other }
    }

    fn seconds_to_wait(&self) -> u64 {
        match self.retry {
            Retry::ByStatus => 0,
            Retry::After(seconds) => seconds,
            Retry::Never => u64::MAX,
        }
    }

    /// The answer broke off, or never came, after the call was sent.
    pub fn broke_off() -> Self {
        let message = "The provider's answer broke off.";
        Self::new(StatusCode::BAD_GATEWAY, SERVER, "upstream_broke_off", message)
            .retry(Retry::Never)
    }

    /// The answer did not end within the time of a call.
    pub fn timed_out() -> Self {
        let message = "The provider did not finish its answer in time.";
        Self::new(StatusCode::GATEWAY_TIMEOUT, SERVER, "upstream_timeout", message)
            .retry(Retry::Never)
    }

    /// The same, with what the call is charged all the same.
    #[must_use]
    pub fn charged(mut self, cost: Usd, estimated: bool) -> Self {
        if cost.is_positive() {
            let basis = if estimated { ", which is an estimate," } else { "" };
            let message = &mut self.envelope.error.message;
            *message = format!(
                "{message} It may have been billed, so ${cost}{basis} was charged; sending it \
                 again is a new call."
            );
        }
        self
    }
}
