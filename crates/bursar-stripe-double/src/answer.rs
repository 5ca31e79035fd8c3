//! What the API answers: objects in Stripe's shape, and its refusals.

use axum::Json;
use axum::response::{IntoResponse, Response};
use bursar_kernel::Timestamp;
use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::card::{Card, Decline};
use crate::session::{Intent, IntentState, Session, Status};

/// Why a request was not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    status: StatusCode,
    kind: &'static str,
    code: Option<&'static str>,
    param: Option<String>,
    message: String,
}

impl Refusal {
    /// A parameter that does not fit.
    pub(crate) fn invalid(
        code: &'static str,
        param: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        let (param, message) = (Some(param.into()), message.into());
        Self { param, ..Self::of(StatusCode::BAD_REQUEST, Some(code), message) }
    }

    /// Nothing by that name.
    pub(crate) fn missing(what: &str) -> Self {
        let message = format!("No such {what}: the double knows none by that name.");
        Self::of(StatusCode::NOT_FOUND, Some("resource_missing"), message)
    }

    /// A payment that is not in the state it takes.
    pub(crate) fn wrong_state(done: &str, state: &str) -> Self {
        let message =
            format!("This PaymentIntent could not be {done} because it has a status of {state}.");
        Self::state(message)
    }

    /// A payment that is not in the state it takes, in words.
    pub(crate) fn state(message: impl Into<String>) -> Self {
        let code = Some("payment_intent_unexpected_state");
        Self::of(StatusCode::BAD_REQUEST, code, message)
    }

    /// A key that is nobody's. It is not repeated.
    pub(crate) fn key() -> Self {
        Self::of(StatusCode::UNAUTHORIZED, None, "Invalid API Key provided.")
    }

    /// A path, or a method on it, that the double does not have.
    pub(crate) fn unknown_path(method: &http::Method, path: &str) -> Self {
        let message = format!("Unrecognized request URL ({method}: {path}).");
        Self::of(StatusCode::NOT_FOUND, None, message)
    }

    /// A request that cannot be read.
    pub(crate) fn unreadable(message: impl Into<String>) -> Self {
        Self::of(StatusCode::BAD_REQUEST, None, message)
    }

    /// The double is full.
    pub(crate) fn full() -> Self {
        let message = "The double has no room for more; it forgets when it is started anew.";
        Self::of(StatusCode::TOO_MANY_REQUESTS, Some("rate_limit"), message)
    }

    /// A key for idempotency that stands for another request.
    pub(crate) fn another_request() -> Self {
        let message = "Keys for idempotent requests can only be used with the same parameters \
                       they were first used with.";
        Self { kind: "idempotency_error", ..Self::of(StatusCode::BAD_REQUEST, None, message) }
    }

    fn of(status: StatusCode, code: Option<&'static str>, message: impl Into<String>) -> Self {
        let (kind, message) = ("invalid_request_error", message.into());
        Self { status, kind, code, param: None, message }
    }

    /// The refusal's status and body.
    pub(crate) fn answer(self) -> Answer {
        let mut error = Map::new();
        error.insert("type".to_owned(), self.kind.into());
        error.insert("message".to_owned(), self.message.into());
        if let Some(code) = self.code {
            error.insert("code".to_owned(), code.into());
        }
        if let Some(param) = self.param {
            error.insert("param".to_owned(), param.into());
        }
        Answer { status: self.status, body: json!({ "error": error }) }
    }
}

/// A status and a body, kept so that a repeated request is answered the same.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) const fn good(body: Value) -> Self {
        Self { status: StatusCode::OK, body }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        (self.status, Json(self.body)).into_response()
    }
}

/// How much of an object is written out where another names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Expand {
    pub(crate) intent: bool,
    pub(crate) method: bool,
}

/// A session, as it stands at an instant.
pub(crate) fn session(session: &Session, url: String, expand: Expand, now: Timestamp) -> Value {
    let status = session.status(now);
    let opened = &session.opened;
    let payment = session.intent.as_ref().map(|it| {
        if expand.intent { intent(session, it, expand.method) } else { it.id.clone().into() }
    });
    let is_paid = session
        .intent
        .as_ref()
        .is_some_and(|intent| matches!(intent.state, IntentState::Succeeded { .. }));
    json!({
        "id": session.id,
        "object": "checkout.session",
        "amount_subtotal": opened.cents,
        "amount_total": opened.cents,
        "cancel_url": opened.cancel_url,
        "client_reference_id": opened.reference,
        "created": session.created.as_second(),
        "currency": "usd",
        "customer_email": opened.email,
        "expires_at": session.expires_at().as_second(),
        "livemode": false,
        "metadata": metadata(&opened.metadata),
        "mode": "payment",
        "payment_intent": payment,
        "payment_method_types": ["card"],
        "payment_status": if is_paid { "paid" } else { "unpaid" },
        "status": match status {
            Status::Open => "open",
            Status::Complete => "complete",
            Status::Expired => "expired",
        },
        "success_url": opened.success_url,
        "url": (status == Status::Open).then_some(url),
    })
}

/// A payment.
pub(crate) fn intent(session: &Session, intent: &Intent, with_method: bool) -> Value {
    let cents = session.opened.cents;
    let (capturable, received) = match intent.state {
        IntentState::RequiresCapture { .. } => (cents, 0),
        IntentState::Succeeded { cents } => (0, cents),
        IntentState::RequiresPaymentMethod | IntentState::Canceled { .. } => (0, 0),
    };
    let (canceled_at, reason) = match intent.state {
        IntentState::Canceled { at, by_itself } => {
            (Some(at.as_second()), by_itself.then_some("automatic"))
        }
        IntentState::RequiresPaymentMethod
        | IntentState::RequiresCapture { .. }
        | IntentState::Succeeded { .. } => (None, None),
    };
    let name = format!("pm_{}", intent.id.trim_start_matches("pi_"));
    let method = intent
        .card
        .as_ref()
        .map(|card| if with_method { payment_method(&name, card, session) } else { name.into() });
    json!({
        "id": intent.id,
        "object": "payment_intent",
        "amount": cents,
        "amount_capturable": capturable,
        "amount_received": received,
        "canceled_at": canceled_at,
        "cancellation_reason": reason,
        "capture_method": if session.opened.captured_by_hand { "manual" } else { "automatic" },
        "created": intent.created.as_second(),
        "currency": "usd",
        "last_payment_error": intent.declined.map(declined),
        "livemode": false,
        "metadata": metadata(&session.opened.payment_metadata),
        "payment_method": method,
        "payment_method_types": ["card"],
        "status": intent.state.name(),
    })
}

fn payment_method(id: &str, card: &Card, session: &Session) -> Value {
    json!({
        "id": id,
        "object": "payment_method",
        "billing_details": { "email": session.opened.email },
        "card": {
            "brand": card.brand,
            "checks": { "cvc_check": "pass" },
            "exp_month": card.exp_month,
            "exp_year": card.exp_year,
            "funding": "credit",
            "last4": card.last4,
        },
        "livemode": false,
        "type": "card",
    })
}

fn declined(decline: Decline) -> Value {
    json!({
        "type": "card_error",
        "code": decline.code,
        "decline_code": decline.decline_code,
        "message": decline.message,
    })
}

fn metadata(pairs: &[(String, String)]) -> Value {
    let pairs = pairs.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str())));
    Value::Object(pairs.collect())
}
