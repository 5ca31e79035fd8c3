//! The double by HTTP: what it refuses, what it repeats, which state follows which.
#![expect(clippy::unwrap_used, reason = "a helper of a test may stop it")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::Body;
use bursar_kernel::{Clock, Timestamp};
use bursar_stripe_double::{CardForm, Double, DoubleConfig, NotPaid};
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

const KEY: &str = "sk_test_of_the_test";
const PAGES: &str = "http://portal.test/demonstration/checkout";
const GOOD: CardForm<'_> = CardForm { number: "4242 4242 4242 4242", expiry: "12/30", cvc: "123" };
const BAD: CardForm<'_> = CardForm { number: "4000 0000 0000 0002", expiry: "12/30", cvc: "123" };

struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.load(Ordering::Acquire)).unwrap()
    }
}

struct Bench {
    double: Arc<Double>,
    clock: Arc<TestClock>,
}

struct Answered {
    status: StatusCode,
    replayed: bool,
    body: Value,
}

impl Answered {
    fn text(&self, path: &str) -> &str {
        self.body.pointer(path).and_then(Value::as_str).unwrap_or("-")
    }

    /// Status, type, code and parameter of an error.
    fn error(&self) -> String {
        let part = |name: &str| self.text(&format!("/error/{name}")).to_owned();
        format!("{} {} {} {}", self.status.as_u16(), part("type"), part("code"), part("param"))
    }
}

const SESSION: &str = "mode=payment&payment_method_types%5B0%5D=card\
    &line_items%5B0%5D%5Bquantity%5D=1&line_items%5B0%5D%5Bprice_data%5D%5Bcurrency%5D=usd\
    &line_items%5B0%5D%5Bprice_data%5D%5Bunit_amount%5D=500\
    &line_items%5B0%5D%5Bprice_data%5D%5Bproduct_data%5D%5Bname%5D=A%20check\
    &payment_intent_data%5Bcapture_method%5D=manual\
    &success_url=http%3A%2F%2Fportal.test%2Fback%3Fid%3D{CHECKOUT_SESSION_ID}\
    &cancel_url=http%3A%2F%2Fportal.test%2Fgrant&customer_email=ada%40example.edu";

impl Bench {
    fn new() -> Self {
        let start: Timestamp = "2026-11-25T12:00:00Z".parse().unwrap();
        let clock = Arc::new(TestClock(AtomicI64::new(start.as_millisecond())));
        let double = Double::new(DoubleConfig {
            key: KEY.to_owned().into(),
            pages_url: PAGES.to_owned(),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
        });
        Self { double, clock }
    }

    fn in_hours(&self, hours: i64) {
        self.clock.0.fetch_add(hours * 3_600_000, Ordering::AcqRel);
    }

    async fn send(router: Router, request: Request<Body>) -> Answered {
        let response = router.oneshot(request).await.unwrap();
        let status = response.status();
        let replayed = response.headers().contains_key("idempotent-replayed");
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
        Answered { status, replayed, body }
    }

    async fn post(&self, path: &str, key: &str, body: &str) -> Answered {
        let request = Request::post(path)
            .header("authorization", format!("Bearer {KEY}"))
            .header("stripe-version", "2024-06-20")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("idempotency-key", key)
            .body(Body::from(body.to_owned()));
        Self::send(self.double.api(), request.unwrap()).await
    }

    async fn get(&self, path: &str) -> Answered {
        let request = Request::get(path)
            .header("authorization", format!("Bearer {KEY}"))
            .header("stripe-version", "2024-06-20")
            .body(Body::empty());
        Self::send(self.double.api(), request.unwrap()).await
    }

    async fn open(&self) -> String {
        let opened = self.post("/v1/checkout/sessions", "open", SESSION).await;
        assert_eq!(opened.status, StatusCode::OK, "{}", opened.body);
        opened.text("/id").to_owned()
    }

    async fn look(&self, session: &str) -> Answered {
        let expand = "expand%5B0%5D=payment_intent.payment_method";
        self.get(&format!("/v1/checkout/sessions/{session}?{expand}")).await
    }

    /// The page as a browser sees it: status, text, where it leads.
    async fn page(&self, request: Request<Body>) -> (StatusCode, String, Option<String>) {
        let response = self.double.pages().oneshot(request).await.unwrap();
        let status = response.status();
        let location = response.headers().get("location");
        let location = location.map(|value| value.to_str().unwrap().to_owned());
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap(), location)
    }

    async fn fill(&self, session: &str, body: &str) -> (StatusCode, String, Option<String>) {
        let request = Request::post(format!("/{session}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(body.to_owned()));
        self.page(request.unwrap()).await
    }
}

#[tokio::test]
async fn whoever_asks_shows_the_key_and_the_edition() {
    let bench = Bench::new();
    let ask = |key: &'static str, version: &'static str| {
        let request = Request::get("/v1/checkout/sessions/cs_test_1")
            .header("authorization", format!("Bearer {key}"))
            .header("stripe-version", version)
            .body(Body::empty());
        Bench::send(bench.double.api(), request.unwrap())
    };
    let wrong = ask("sk_test_other", "2024-06-20").await;
    assert_eq!(wrong.error(), "401 invalid_request_error - -");
    assert!(!wrong.body.to_string().contains("sk_test"), "{}", wrong.body);
    let old = ask(KEY, "2019-01-01").await;
    assert_eq!(old.error(), "400 invalid_request_error - -");
    let sound = ask(KEY, "2024-06-20").await;
    assert_eq!(sound.error(), "404 invalid_request_error resource_missing -");
}

#[tokio::test]
async fn what_it_does_not_know_it_refuses() {
    let bench = Bench::new();
    let amount = "unit_amount%5D=500";
    let cases = [
        (format!("{SESSION}&locale=en"), "400 invalid_request_error parameter_unknown locale"),
        (format!("{SESSION}&mode=payment"), "400 invalid_request_error parameter_invalid mode"),
        (SESSION.replace("mode=payment&", ""), "400 invalid_request_error parameter_missing mode"),
        (
            SESSION.replace("mode=payment", "mode=setup"),
            "400 invalid_request_error parameter_invalid mode",
        ),
        (
            SESSION.replace(amount, "unit_amount%5D=49"),
            "400 invalid_request_error amount_too_small \
             line_items[0][price_data][unit_amount]",
        ),
        (
            SESSION.replace(amount, "unit_amount%5D=5.00"),
            "400 invalid_request_error parameter_invalid_integer \
             line_items[0][price_data][unit_amount]",
        ),
        (
            SESSION.replace("http%3A%2F%2Fportal.test%2Fback", "back"),
            "400 invalid_request_error url_invalid success_url",
        ),
        (
            SESSION.replace("ada%40example.edu", "ada"),
            "400 invalid_request_error email_invalid customer_email",
        ),
        (
            format!("{SESSION}&expand%5B0%5D=customer"),
            "400 invalid_request_error parameter_invalid expand",
        ),
    ];
    for (body, expected) in cases {
        // One key throughout: what never began is not remembered.
        let answer = bench.post("/v1/checkout/sessions", "same", &body).await;
        assert_eq!(answer.error(), expected, "{body}");
    }
    let elsewhere = bench.post("/v1/refunds", "other", "").await;
    assert_eq!(elsewhere.error(), "404 invalid_request_error - -");
    assert!(!bench.post("/v1/checkout/sessions", "same", SESSION).await.replayed);
}

#[tokio::test]
async fn a_repeated_request_is_carried_out_once() {
    let bench = Bench::new();
    let path = "/v1/checkout/sessions";
    let first = bench.post(path, "one", SESSION).await;
    let again = bench.post(path, "one", SESSION).await;
    assert_eq!((again.status, again.body, again.replayed), (first.status, first.body, true));
    let other = bench.post(path, "one", &SESSION.replace("%5D=500", "%5D=600")).await;
    assert_eq!(other.error(), "400 idempotency_error - -");
    let elsewhere = bench.post("/v1/payment_intents/pi_1/cancel", "one", "").await;
    assert_eq!(elsewhere.error(), "400 idempotency_error - -");
    bench.in_hours(24);
    assert!(!bench.post(path, "one", SESSION).await.replayed);
}

#[tokio::test]
async fn a_hold_is_placed_and_let_go_once() {
    let bench = Bench::new();
    let session = bench.open().await;
    let open = bench.look(&session).await;
    assert_eq!((open.text("/status"), open.text("/url")), ("open", &*format!("{PAGES}/{session}")));
    assert_eq!(open.body["payment_intent"], Value::Null);

    let declined = bench.double.pay(&session, &BAD);
    assert!(matches!(declined, Err(NotPaid::Declined(_))), "{declined:?}");
    let tried = bench.look(&session).await;
    assert_eq!(tried.text("/status"), "open");
    assert_eq!(tried.text("/payment_intent/status"), "requires_payment_method");
    let said = "/payment_intent/last_payment_error/message";
    assert_eq!(tried.text(said), "Your card was declined.");
    let intent = tried.text("/payment_intent/id").to_owned();
    let cancel = format!("/v1/payment_intents/{intent}/cancel");
    let early = bench.post(&cancel, "early", "").await;
    assert_eq!(early.error(), "400 invalid_request_error payment_intent_unexpected_state -");

    let on = format!("http://portal.test/back?id={session}");
    assert_eq!(bench.double.pay(&session, &GOOD), Ok(on.clone()));
    assert_eq!(bench.double.pay(&session, &GOOD), Ok(on), "paying twice holds once");
    let held = bench.look(&session).await;
    assert_eq!((held.text("/status"), &held.body["url"]), ("complete", &Value::Null));
    assert_eq!(held.text("/payment_intent/id"), intent, "one payment for both tries");
    assert_eq!(held.text("/payment_intent/status"), "requires_capture");
    assert_eq!(held.body["payment_intent"]["amount_capturable"], 500);
    assert_eq!(held.text("/payment_intent/payment_method/card/last4"), "4242");

    let released = bench.post(&cancel, "release", "expand%5B0%5D=payment_method").await;
    assert_eq!(released.text("/status"), "canceled");
    assert!(bench.post(&cancel, "release", "expand%5B0%5D=payment_method").await.replayed);
    let twice = bench.post(&cancel, "twice", "").await;
    assert_eq!(twice.error(), "400 invalid_request_error payment_intent_unexpected_state -");
    let capture = bench.post(&format!("/v1/payment_intents/{intent}/capture"), "c", "").await;
    assert_eq!(capture.error(), "400 invalid_request_error payment_intent_unexpected_state -");
}

#[tokio::test]
async fn a_capture_takes_what_is_held_or_less() {
    let bench = Bench::new();
    let session = bench.open().await;
    bench.double.pay(&session, &GOOD).unwrap();
    let intent = bench.look(&session).await.text("/payment_intent/id").to_owned();
    let capture = format!("/v1/payment_intents/{intent}/capture");
    let more = bench.post(&capture, "more", "amount_to_capture=501").await;
    assert_eq!(more.error(), "400 invalid_request_error amount_too_large amount_to_capture");
    let less = bench.post(&capture, "less", "amount_to_capture=450").await;
    assert_eq!((less.text("/status"), &less.body["amount_received"]), ("succeeded", &450.into()));
    let again = bench.post(&capture, "again", "amount_to_capture=450").await;
    assert_eq!(again.error(), "400 invalid_request_error payment_intent_unexpected_state -");
    assert_eq!(bench.look(&session).await.text("/payment_status"), "paid");
}

#[tokio::test]
async fn time_ends_pages_and_holds() {
    let bench = Bench::new();
    let session = bench.open().await;
    bench.in_hours(23);
    assert_eq!(bench.look(&session).await.text("/status"), "open");
    bench.in_hours(1);
    assert_eq!(bench.look(&session).await.text("/status"), "expired");
    assert_eq!(bench.double.pay(&session, &GOOD), Err(NotPaid::Closed));
    let session = bench.open().await;
    bench.double.pay(&session, &GOOD).unwrap();
    bench.in_hours(24 * 7 - 1);
    assert_eq!(bench.look(&session).await.text("/payment_intent/status"), "requires_capture");
    bench.in_hours(1);
    let gone = bench.look(&session).await;
    assert_eq!(gone.text("/payment_intent/status"), "canceled");
    assert_eq!(gone.text("/payment_intent/cancellation_reason"), "automatic");
}

#[tokio::test]
async fn the_page_says_what_it_is_and_never_gives_a_number_back() {
    let bench = Bench::new();
    let session = bench.open().await;
    let see = |path: String| bench.page(Request::get(path).body(Body::empty()).unwrap());
    let (status, html, _) = see(format!("/{session}")).await;
    assert_eq!(status, StatusCode::OK);
    assert!(html.contains("This is not Stripe.") && html.contains("Hold $5.00 on this card"));
    let (status, _, _) = see("/style.css".to_owned()).await;
    assert_eq!(status, StatusCode::OK);
    let (status, html, _) = see("/cs_test_unknown".to_owned()).await;
    assert!(status == StatusCode::NOT_FOUND && html.contains("There is no such checkout"));

    let (status, html, _) = bench.fill(&session, "number=4242424242424241&expiry=12%2F20").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    for said in ["number is invalid", "date is in the past", "security code is incomplete"] {
        assert!(html.contains(said), "{said}");
    }
    assert!(!html.contains("4242424242424241") && html.contains("value=\"12/20\""));
    let card = "number=4000000000000002&expiry=12%2F30&cvc=123";
    let (status, html, _) = bench.fill(&session, card).await;
    assert!(status == StatusCode::PAYMENT_REQUIRED && html.contains("Your card was declined."));
    assert!(!html.contains("4000000000000002"));
    let card = "number=4242424242424242&expiry=12%2F30&cvc=123";
    let (status, _, location) = bench.fill(&session, card).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert_eq!(location, Some(format!("http://portal.test/back?id={session}")));
    let (_, html, _) = see(format!("/{session}")).await;
    assert!(html.contains("You are all done here") && !html.contains("<form"));
}
