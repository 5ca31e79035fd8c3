//! Bursar's own client against the double, over a socket: what the trait promises.
#![expect(clippy::unwrap_used, reason = "a helper of a test may stop it")]

use std::sync::Arc;

use bursar_kernel::{Clock, Timestamp, Usd};
use bursar_payments::{
    Card, Checkout, Config, Payment, PaymentError, PaymentState, Payments, Session, SessionState,
    Stripe,
};
use bursar_stripe_double::{CardForm, Double, DoubleConfig};

const KEY: &str = "sk_test_of_the_test";

struct StandingClock;

impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        "2026-11-25T12:00:00Z".parse().unwrap()
    }
}

fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

/// A double that answers at a port, and a client with a key.
async fn bench(key: &str) -> (Arc<Double>, Stripe) {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let double = Double::new(DoubleConfig {
        key: KEY.to_owned().into(),
        pages_url: format!("http://{address}"),
        clock: Arc::new(StandingClock),
    });
    let api = double.api();
    tokio::spawn(async move { axum::serve(listener, api).await });
    (double, client(key, &format!("http://{address}")))
}

fn client(key: &str, api_base: &str) -> Stripe {
    let (key, api_base) = (key.to_owned().into(), api_base.to_owned());
    Stripe::new(Config { key, api_base, hosted_origin: None }).unwrap()
}

fn checkout(amount: &str) -> Checkout {
    Checkout {
        amount: usd(amount),
        title: "A check of your card: 50 % of & nothing".to_owned(),
        reference: "check-1".to_owned(),
        email: "ada@example.edu".to_owned(),
        success_url: "http://portal.test/card/return".to_owned(),
        cancel_url: "http://portal.test/grants?a=b&c=d".to_owned(),
    }
}

fn pay(double: &Double, session: &Session, number: &str) -> bool {
    double.pay(&session.id, &CardForm { number, expiry: "12/30", cvc: "123" }).is_ok()
}

#[tokio::test]
async fn a_card_is_held_and_let_go() {
    let (double, client) = bench(KEY).await;
    let opened = client.open(&checkout("5"), "open").await.unwrap();
    assert_eq!((opened.state, &opened.payment), (SessionState::Open, &None));
    assert!(opened.url.as_ref().is_some_and(|url| url.ends_with(&opened.id)), "{opened:?}");
    let again = client.open(&checkout("5"), "open").await.unwrap();
    assert_eq!(again, opened, "the same request is done once");

    assert!(!pay(&double, &opened, "4000000000000002"));
    let tried = client.session(&opened.id).await.unwrap();
    let payment = tried.payment.unwrap();
    assert_eq!((tried.state, payment.state), (SessionState::Open, PaymentState::NeedsCard));
    assert_eq!(payment.declined.as_deref(), Some("Your card was declined."));

    assert!(pay(&double, &opened, "5555555555554444"));
    let held = client.session(&opened.id).await.unwrap();
    let card = Card {
        brand: "mastercard".to_owned(),
        last4: "4444".to_owned(),
        exp_month: 12,
        exp_year: 2030,
    };
    let payment = Payment {
        id: payment.id,
        state: PaymentState::Held,
        amount: usd("5"),
        captured: Usd::ZERO,
        card: Some(card),
        declined: None,
    };
    assert_eq!((held.state, held.url), (SessionState::Complete, None));
    assert_eq!(held.payment.as_ref(), Some(&payment));

    let released = client.cancel(&payment.id, "release").await.unwrap();
    assert_eq!(released, Payment { state: PaymentState::Canceled, ..payment.clone() });
    assert_eq!(client.cancel(&payment.id, "release").await.unwrap(), released);
    let other_key = client.cancel(&payment.id, "another").await;
    assert!(matches!(other_key, Err(PaymentError::Refused { .. })), "{other_key:?}");
    let late = client.capture(&payment.id, usd("5"), "late").await;
    assert!(matches!(late, Err(PaymentError::Refused { .. })), "{late:?}");
}

#[tokio::test]
async fn a_capture_takes_part_of_a_hold() {
    let (double, client) = bench(KEY).await;
    let opened = client.open(&checkout("12.50"), "open").await.unwrap();
    assert!(pay(&double, &opened, "4242424242424242"));
    let payment = client.session(&opened.id).await.unwrap().payment.unwrap();
    let taken = client.capture(&payment.id, usd("10"), "take").await.unwrap();
    assert_eq!((taken.state, taken.captured), (PaymentState::Captured, usd("10")));
    assert_eq!(client.capture(&payment.id, usd("10"), "take").await.unwrap(), taken);
    let other = client.capture(&payment.id, usd("11"), "take").await;
    assert!(matches!(other, Err(PaymentError::Refused { .. })), "{other:?}");
}

#[tokio::test]
async fn what_goes_wrong_is_told_apart() {
    let (_double, client) = bench(KEY).await;
    for name in ["cs_test_unknown", "../payment_intents", ""] {
        let missing = client.session(name).await;
        assert!(missing.as_ref().is_err_and(PaymentError::is_missing), "{missing:?}");
    }
    let gone = client.cancel("pi_unknown", "key").await;
    assert!(gone.as_ref().is_err_and(PaymentError::is_missing), "{gone:?}");
    let part = client.open(&checkout("5.005"), "part").await;
    assert!(matches!(part, Err(PaymentError::Amount(_))), "{part:?}");
    let (_double, stranger) = bench("sk_test_wrong").await;
    let refused = stranger.session("cs_test_1").await;
    assert!(matches!(refused, Err(PaymentError::Key)), "{refused:?}");
    assert!(!format!("{}", refused.unwrap_err()).contains("sk_test"));
}

#[tokio::test]
async fn nobody_at_the_address_can_be_asked_again() {
    // A port that was free a moment ago.
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let client = client(KEY, &format!("http://{address}"));
    let nobody = client.open(&checkout("5"), "open").await;
    assert!(matches!(nobody, Err(PaymentError::Unavailable(_))), "{nobody:?}");
}
