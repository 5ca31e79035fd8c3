//! Stripe's HTTP API: form-encoded requests, JSON answers, an idempotency key on every change.

use std::error::Error as _;
use std::time::Duration;

use async_trait::async_trait;
use bursar_kernel::Usd;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{HeaderName, HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use secrecy::{ExposeSecret, SecretString};

use crate::form::{Form, is_name};
use crate::transport::Transport;
use crate::{Checkout, Payment, PaymentError, Payments, Session, answer, to_cents};

/// Where Stripe answers.
pub const STRIPE: &str = "https://api.stripe.com";
/// Where Stripe's hosted pages are.
const STRIPE_PAGES: &str = "https://checkout.stripe.com";
/// The edition of the API that this client was written for; Stripe keeps answering in it.
const VERSION: &str = "2024-06-20";
/// How long a request may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// Bytes of an answer at the most; a session with its payment takes some ten thousand.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;
/// How often a request is sent when its connection breaks: its key makes that safe.
const TRIES: usize = 2;

const NAME: &str = concat!("bursar/", env!("CARGO_PKG_VERSION"));

/// What a client of Stripe is made of.
#[derive(Debug)]
pub struct Config {
    /// The account's secret key.
    pub key: SecretString,
    /// Where the API answers, without a trailing slash: [`STRIPE`], or a double's address.
    pub api_base: String,
    /// Where the hosted pages are, as scheme and host; `None` for Stripe's own.
    pub hosted_origin: Option<String>,
}

/// Why a client cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// An address that cannot be called.
    #[error(
        "the payment provider has the address `{0}`, which cannot be called\n\
         hint: leave `api_base` out for Stripe's own"
    )]
    Address(String),
    /// A key that fits no header. It is not shown.
    #[error(
        "the payment provider's key has characters that no header can carry\n\
         hint: copy it again, without line breaks"
    )]
    Key,
    /// The system has no certificates to check an `https://` address with.
    #[error(
        "failed to load the system's certificates for the payment provider\n\
         hint: install the package `ca-certificates`"
    )]
    Certificates(#[source] std::io::Error),
}

/// A client of Stripe's API with one account's key.
pub struct Stripe {
    api_base: String,
    hosted_origin: String,
    authorization: HeaderValue,
    transport: Transport,
}

impl Stripe {
    /// A client; connects with the first request.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        let Config { key, api_base, hosted_origin } = config;
        let uri: Option<Uri> = api_base.parse().ok();
        let transport = match uri.as_ref().and_then(Uri::scheme_str) {
            Some("http") => Transport::plain(),
            Some("https") => Transport::secure().map_err(ConfigError::Certificates)?,
            Some(_) | None => return Err(ConfigError::Address(api_base)),
        };
        let bearer = format!("Bearer {}", key.expose_secret());
        let mut authorization = HeaderValue::from_str(&bearer).map_err(|_| ConfigError::Key)?;
        authorization.set_sensitive(true);
        let hosted_origin = hosted_origin.unwrap_or_else(|| STRIPE_PAGES.to_owned());
        Ok(Self { api_base, hosted_origin, authorization, transport })
    }

    async fn post(&self, path: &str, form: Form, key: &str) -> Result<Bytes, PaymentError> {
        self.ask(&Method::POST, path, form.encoded(), Some(key)).await
    }

    async fn ask(
        &self,
        method: &Method,
        path: &str,
        body: String,
        key: Option<&str>,
    ) -> Result<Bytes, PaymentError> {
        let body = Bytes::from(body);
        let mut tries = 1;
        loop {
            let request = self.request(method, path, body.clone(), key)?;
            match tokio::time::timeout(REQUEST_TIMEOUT, self.exchange(request)).await {
                Ok(Ok((status, body))) if status.is_success() => return Ok(body),
                Ok(Ok((status, body))) => return Err(answer::refusal(status, &body)),
                Ok(Err(_)) if tries < TRIES => tries += 1,
                Ok(Err(reason)) => return Err(PaymentError::Unavailable(reason)),
                Err(_) => {
                    let reason = "it took too long to answer";
                    return Err(PaymentError::Unavailable(reason.to_owned()));
                }
            }
        }
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<(StatusCode, Bytes), String> {
        let sent = self.transport.send(request).await;
        let response = sent.map_err(|error| match error.source() {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        })?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await;
        let body = body.map_err(|error| error.to_string())?.to_bytes();
        Ok((head.status, body))
    }

    fn request(
        &self,
        method: &Method,
        path: &str,
        body: Bytes,
        key: Option<&str>,
    ) -> Result<Request<Full<Bytes>>, PaymentError> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.api_base))
            .header(AUTHORIZATION, &self.authorization)
            .header(USER_AGENT, NAME)
            .header(HeaderName::from_static("stripe-version"), VERSION);
        if let Some(key) = key {
            request = request
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header(HeaderName::from_static("idempotency-key"), key);
        }
        // A name that fits no address, or a key that fits no header.
        request.body(Full::new(body)).map_err(|error| PaymentError::Refused {
            code: "unusable".to_owned(),
            message: error.to_string(),
        })
    }
}

#[async_trait]
impl Payments for Stripe {
    async fn open(&self, wanted: &Checkout, key: &str) -> Result<Session, PaymentError> {
        let cents = to_cents(wanted.amount)?.to_string();
        let form = Form::default()
            .with("mode", "payment")
            .with("payment_method_types[0]", "card")
            .with("line_items[0][quantity]", "1")
            .with("line_items[0][price_data][currency]", "usd")
            .with("line_items[0][price_data][unit_amount]", &cents)
            .with("line_items[0][price_data][product_data][name]", &wanted.title)
            .with("payment_intent_data[capture_method]", "manual")
            .with("payment_intent_data[metadata][reference]", &wanted.reference)
            .with("metadata[reference]", &wanted.reference)
            .with("client_reference_id", &wanted.reference)
            .with("customer_email", &wanted.email)
            .with("success_url", &wanted.success_url)
            .with("cancel_url", &wanted.cancel_url)
            .with("expand[0]", "payment_intent.payment_method");
        answer::session(&self.post("/v1/checkout/sessions", form, key).await?)
    }

    async fn session(&self, id: &str) -> Result<Session, PaymentError> {
        let id = named(id)?;
        let expand = Form::default().with("expand[0]", "payment_intent.payment_method").encoded();
        let path = format!("/v1/checkout/sessions/{id}?{expand}");
        answer::session(&self.ask(&Method::GET, &path, String::new(), None).await?)
    }

    async fn cancel(&self, payment: &str, key: &str) -> Result<Payment, PaymentError> {
        let path = format!("/v1/payment_intents/{}/cancel", named(payment)?);
        let form = Form::default().with("expand[0]", "payment_method");
        answer::payment(&self.post(&path, form, key).await?)
    }

    async fn capture(
        &self,
        payment: &str,
        amount: Usd,
        key: &str,
    ) -> Result<Payment, PaymentError> {
        let path = format!("/v1/payment_intents/{}/capture", named(payment)?);
        let form = Form::default()
            .with("amount_to_capture", &to_cents(amount)?.to_string())
            .with("expand[0]", "payment_method");
        answer::payment(&self.post(&path, form, key).await?)
    }

    fn hosted_origin(&self) -> &str {
        &self.hosted_origin
    }
}

/// A name that can stand in a path; any other names nothing.
fn named(name: &str) -> Result<&str, PaymentError> {
    if is_name(name) {
        return Ok(name);
    }
    let (code, message) = ("resource_missing".to_owned(), "there is no such object".to_owned());
    Err(PaymentError::Refused { code, message })
}
