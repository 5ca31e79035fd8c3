//! Calls that an upstream refused or lost.

use bursar_kernel::{Model, Usd};
use http::StatusCode;
use serde::Deserialize;

use super::denied::successor;
use super::{Failure, Retry, SERVER, envelope};

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

/// What an upstream answered instead of an answer.
#[derive(Clone, Debug)]
pub(crate) struct UpstreamError {
    pub(crate) status: StatusCode,
    /// Seconds that it asks to wait.
    pub(crate) retry_after: Option<u64>,
    /// Its body, already without anything secret.
    pub(crate) body: String,
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
    /// Whether the call may have been carried out all the same: a proxy gave up waiting for it.
    pub(crate) fn may_have_been_billed(&self) -> bool {
        matches!(self.status.as_u16(), 408 | 504 | 524)
    }

    /// Whether it is the gateway's credential that was refused, which a person has to see to.
    pub(crate) fn is_ours(&self) -> bool {
        self.fault(&self.read()) == Fault::Ours
    }

    /// The refusal as the caller hears of it.
    pub(crate) fn failure(&self, model: &Model) -> Failure {
        let mut failure = self.failure_of_none();
        let is_callers = self.fault(&self.read()) == Fault::Callers;
        if is_callers && self.status == StatusCode::NOT_FOUND {
            failure.envelope.error.message.push_str(&successor(model));
        }
        failure
    }

    /// The same where it is about no model.
    pub(crate) fn failure_of_none(&self) -> Failure {
        let error = self.read();
        match self.fault(&error) {
            Fault::Ours => Failure::upstream_unavailable(),
            Fault::Pace => {
                let mut failure = self.passed_on(error, "requests", "rate_limit_exceeded");
                failure.envelope.error.code = Some("rate_limit_exceeded".into());
                failure.retry(Retry::After(self.retry_after.unwrap_or(RATE_LIMIT_SECONDS)))
            }
            Fault::Callers => self.passed_on(error, super::INVALID, "upstream_refused"),
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
    pub(crate) fn upstream_unavailable() -> Self {
        let message = "The provider cannot be used through this gateway at the moment; nothing is \
                       wrong with your key, your grant or your request, and nothing was charged. \
                       Whoever runs the gateway has been told. Try again later.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, SERVER, "upstream_unavailable", message)
            .retry(Retry::After(UPSTREAM_RETRY_SECONDS))
    }

    /// The answer broke off, or never came, after the call was sent.
    pub(crate) fn broke_off() -> Self {
        let message = "The provider's answer broke off.";
        Self::new(StatusCode::BAD_GATEWAY, SERVER, "upstream_broke_off", message)
            .retry(Retry::Never)
    }

    /// The answer did not end within the time of a call.
    pub(crate) fn timed_out() -> Self {
        let message = "The provider did not finish its answer in time.";
        Self::new(StatusCode::GATEWAY_TIMEOUT, SERVER, "upstream_timeout", message)
            .retry(Retry::Never)
    }

    /// The same, with what the call is charged all the same.
    pub(crate) fn charged(mut self, cost: Usd, estimated: bool) -> Self {
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
