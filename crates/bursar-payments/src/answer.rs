//! What the provider answers, as far as it is read: fields that it adds later are passed over.

use bursar_kernel::Usd;
use http::StatusCode;
use serde::Deserialize;

use crate::{Card, Payment, PaymentError, PaymentState, Session, SessionState, from_cents};

/// Characters of the provider's own sentences that are passed on.
const MESSAGE_CHARACTERS_MAX: usize = 500;

#[derive(Deserialize)]
struct SessionBody {
    id: String,
    url: Option<String>,
    status: String,
    payment_intent: Option<PaymentBody>,
}

#[derive(Deserialize)]
struct PaymentBody {
    id: String,
    status: String,
    amount: i64,
    #[serde(default)]
    amount_received: i64,
    payment_method: Option<MethodOrName>,
    last_payment_error: Option<ErrorBody>,
}

/// An object where it was asked for, else its name, which says nothing.
#[derive(Deserialize)]
#[serde(untagged)]
enum MethodOrName {
    Method(MethodBody),
    Name(serde::de::IgnoredAny),
}

#[derive(Deserialize)]
struct MethodBody {
    card: Option<CardBody>,
}

#[derive(Deserialize)]
struct CardBody {
    brand: String,
    last4: String,
    exp_month: u8,
    exp_year: u16,
}

#[derive(Deserialize)]
struct Envelope {
    error: ErrorBody,
}

#[derive(Deserialize)]
struct ErrorBody {
    #[serde(rename = "type")]
    kind: Option<String>,
    code: Option<String>,
    message: Option<String>,
}

/// A session from its JSON.
pub(crate) fn session(body: &[u8]) -> Result<Session, PaymentError> {
    let body: SessionBody = parse(body)?;
    let state = match body.status.as_str() {
        "open" => SessionState::Open,
        "complete" => SessionState::Complete,
        "expired" => SessionState::Expired,
        other => return Err(strange(&format!("a session in the state `{other}`"))),
    };
    let payment = body.payment_intent.map(read_payment).transpose()?;
    Ok(Session { id: body.id, url: body.url, state, payment })
}

/// A payment from its JSON.
pub(crate) fn payment(body: &[u8]) -> Result<Payment, PaymentError> {
    read_payment(parse(body)?)
}

fn read_payment(body: PaymentBody) -> Result<Payment, PaymentError> {
    let state = match body.status.as_str() {
        "requires_capture" => PaymentState::Held,
        "canceled" => PaymentState::Canceled,
        "succeeded" => PaymentState::Captured,
        "requires_payment_method" | "requires_confirmation" | "requires_action" | "processing" => {
            PaymentState::NeedsCard
        }
        other => return Err(strange(&format!("a payment in the state `{other}`"))),
    };
    let amount = |cents: i64| -> Result<Usd, PaymentError> {
        from_cents(cents).ok_or_else(|| strange("an amount past all amounts"))
    };
    let card = match body.payment_method {
        Some(MethodOrName::Method(method)) => method.card.map(read_card),
        Some(MethodOrName::Name(_)) | None => None,
    };
    let declined = body.last_payment_error.map(|error| {
        let message = error.message.unwrap_or_else(|| "Your card was declined.".to_owned());
        shortened(&message)
    });
    let (amount, captured) = (amount(body.amount)?, amount(body.amount_received)?);
    Ok(Payment { id: body.id, state, amount, captured, card, declined })
}

fn read_card(body: CardBody) -> Card {
    let CardBody { brand, last4, exp_month, exp_year } = body;
    Card { brand, last4, exp_month, exp_year }
}

/// Why a request was not carried out.
pub(crate) fn refusal(status: StatusCode, body: &[u8]) -> PaymentError {
    let error = serde_json::from_slice::<Envelope>(body).ok().map(|envelope| envelope.error);
    let (kind, code, message) =
        error.map_or((None, None, None), |error| (error.kind, error.code, error.message));
    let message = message.map_or_else(|| format!("it answered {status}"), |text| shortened(&text));
    match status.as_u16() {
        401 | 403 => PaymentError::Key,
        // 409: the same request is being carried out at this moment.
        409 | 429 | 500.. => PaymentError::Unavailable(message),
        _ => {
            let code = code.or(kind).unwrap_or_else(|| "unknown".to_owned());
            PaymentError::Refused { code, message }
        }
    }
}

fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, PaymentError> {
    serde_json::from_slice(body).map_err(|error| strange(&error.to_string()))
}

fn strange(what: &str) -> PaymentError {
    PaymentError::Unavailable(format!("its answer cannot be read: {what}"))
}

fn shortened(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MESSAGE_CHARACTERS_MAX).collect()
}
