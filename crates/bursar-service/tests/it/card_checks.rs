//! A card is checked over the real client and a double of the provider, while answers get lost.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bursar_kernel::{Clock, GrantId, Timestamp, Usd};
use bursar_payments::{Checkout, Config, Payment, PaymentError, Payments, Session, Stripe};
use bursar_policy::Viewer;
use bursar_store::rows::CardCheck;
use bursar_stripe_double::{CardForm, Double, DoubleConfig};

use crate::desk::{Desk, person_of};

/// What goes wrong with the next cancellation.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    /// It never arrives.
    Down,
    /// It is carried out, and the answer never arrives.
    AnswerLost,
}

struct Flaky {
    client: Stripe,
    fault: Mutex<Fault>,
}

impl Flaky {
    fn put(&self, fault: Fault) {
        *self.fault.lock().unwrap() = fault;
    }

    fn down<T>(&self) -> Option<Result<T, PaymentError>> {
        let down = *self.fault.lock().unwrap() == Fault::Down;
        down.then(|| Err(PaymentError::Unavailable("the line is dead".to_owned())))
    }
}

#[async_trait]
impl Payments for Flaky {
    async fn open(&self, wanted: &Checkout, key: &str) -> Result<Session, PaymentError> {
        match self.down() {
            Some(down) => down,
            None => self.client.open(wanted, key).await,
        }
    }

    async fn session(&self, id: &str) -> Result<Session, PaymentError> {
        match self.down() {
            Some(down) => down,
            None => self.client.session(id).await,
        }
    }

    async fn cancel(&self, payment: &str, key: &str) -> Result<Payment, PaymentError> {
        if let Some(down) = self.down() {
            return down;
        }
        let answer = self.client.cancel(payment, key).await;
        if *self.fault.lock().unwrap() == Fault::AnswerLost {
            return Err(PaymentError::Unavailable("the answer was lost".to_owned()));
        }
        answer
    }

    async fn capture(&self, id: &str, amount: Usd, key: &str) -> Result<Payment, PaymentError> {
        self.client.capture(id, amount, key).await
    }

    fn hosted_origin(&self) -> &str {
        self.client.hosted_origin()
    }
}

/// The desk's clock, which the double goes by as well.
struct Shared(Mutex<Timestamp>);

impl Clock for Shared {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

struct Bench {
    desk: Desk,
    double: Arc<Double>,
    line: Arc<Flaky>,
    clock: Arc<Shared>,
    ada: Viewer,
    grant: GrantId,
}

impl Bench {
    async fn new() -> Self {
        let start = "2026-11-25";
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let api_base = format!("http://{}", listener.local_addr().unwrap());
        let key = || "sk_test_of_the_test".to_owned().into();
        let clock = Arc::new(Shared(Mutex::new(crate::desk::instant(start))));
        let pages_url = "http://pay.test".to_owned();
        let config = DoubleConfig { key: key(), pages_url, clock: Arc::clone(&clock) as _ };
        let double = Double::new(config);
        let api = double.api();
        tokio::spawn(async move { axum::serve(listener, api).await });
        let config = Config { key: key(), api_base, hosted_origin: None };
        let client = Stripe::new(config).unwrap();
        let line = Arc::new(Flaky { client, fault: Mutex::new(Fault::None) });
        let desk = Desk::with(start, Some(Arc::clone(&line) as Arc<dyn Payments>)).await;
        let grant = desk.grant("ada@lab.example", "100").await;
        let ada = desk.person("ada@lab.example", &[]).await;
        Self { desk, double, line, clock, ada, grant }
    }

    /// Turns both clocks, and runs the jobs.
    async fn at(&self, instant: &str) {
        self.desk.clock.put(instant);
        *self.clock.0.lock().unwrap() = crate::desk::instant(instant);
        self.desk.service.run_due().await.unwrap();
    }

    async fn start(&self) -> String {
        let url = self.desk.service.start_card_check(&self.ada, self.grant).await.unwrap();
        url.strip_prefix("http://pay.test/").unwrap_or(&url).to_owned()
    }

    fn pay(&self, session: &str, number: &str) -> bool {
        let form = CardForm { number, expiry: "12/30", cvc: "123" };
        self.double.pay(session, &form).is_ok()
    }

    async fn latest(&self) -> CardCheck {
        let person = person_of(&self.ada);
        let cards = self.desk.service.cards_of(&Viewer::Operator, person).await.unwrap();
        cards.1.into_iter().next().unwrap()
    }

    /// The state that the owner's return leaves the latest check in.
    async fn come_back(&self) -> String {
        let id = self.latest().await.id;
        let settled = self.desk.service.settle_card_check(&self.ada, id).await;
        settled.map_or_else(|error| error.to_string(), |it| it.state.name().to_owned())
    }

    async fn has_card(&self) -> bool {
        self.desk.service.has_card(person_of(&self.ada)).await.unwrap()
    }

    async fn letters(&self) -> usize {
        let mails = self.desk.mails().await;
        mails.iter().filter(|subject| subject.starts_with("Your card is verified")).count()
    }
}

const GOOD: &str = "4242424242424242";
const BAD: &str = "4000000000000002";

#[tokio::test]
async fn a_card_is_verified_and_the_hold_released_once() {
    let bench = Bench::new().await;
    let session = bench.start().await;
    // Coming back without a card, or with one that is declined, proves nothing.
    assert_eq!((bench.come_back().await.as_str(), bench.has_card().await), ("started", false));
    assert!(!bench.pay(&session, BAD));
    assert_eq!((bench.come_back().await.as_str(), bench.has_card().await), ("started", false));
    assert_eq!(bench.latest().await.said.as_deref(), Some("Your card was declined."));
    assert_eq!(bench.start().await, session, "the same page is tried again");
    assert!(bench.pay(&session, GOOD));
    assert_eq!((bench.come_back().await.as_str(), bench.has_card().await), ("released", true));
    assert_eq!((bench.come_back().await.as_str(), bench.letters().await), ("released", 1));
    assert_ne!(bench.start().await, session, "another card is another check");
}

#[tokio::test]
async fn two_returns_at_once_hold_and_release_once() {
    let bench = Bench::new().await;
    assert!(bench.pay(&bench.start().await, GOOD));
    let (first, second) = tokio::join!(bench.come_back(), bench.come_back());
    assert!([&first, &second].iter().all(|state| ["held", "released"].contains(&state.as_str())));
    assert_eq!((bench.come_back().await.as_str(), bench.letters().await), ("released", 1));
}

#[tokio::test]
async fn a_hold_that_cannot_be_released_is_released_later() {
    for fault in [Fault::AnswerLost, Fault::Down] {
        let bench = Bench::new().await;
        assert!(bench.pay(&bench.start().await, GOOD));
        if fault == Fault::AnswerLost {
            bench.line.put(fault);
            assert_eq!((bench.come_back().await.as_str(), bench.has_card().await), ("held", true));
        }
        bench.line.put(Fault::Down);
        bench.at("2026-11-25T00:10:00Z").await;
        assert_eq!(bench.letters().await, 0);
        bench.line.put(Fault::None);
        // The keys of requests are long forgotten: the payment itself says that it was let go.
        bench.at("2026-11-27").await;
        let state = bench.latest().await.state.name();
        assert_eq!((state, bench.has_card().await, bench.letters().await), ("released", true, 1));
    }
}

#[tokio::test]
async fn whoever_never_comes_back_is_asked_about() {
    let bench = Bench::new().await;
    assert!(bench.pay(&bench.start().await, GOOD));
    bench.at("2026-11-25T00:03:00Z").await;
    assert_eq!((bench.latest().await.state.name(), bench.has_card().await), ("released", true));
    let bench = Bench::new().await;
    bench.start().await;
    bench.at("2026-11-26T08:00:00Z").await;
    assert_eq!((bench.latest().await.state.name(), bench.has_card().await), ("failed", false));
}

#[tokio::test]
async fn nobody_settles_a_check_that_is_not_theirs() {
    let bench = Bench::new().await;
    assert!(bench.pay(&bench.start().await, GOOD));
    let id = bench.latest().await.id;
    let eve = bench.desk.person("eve@lab.example", &[]).await;
    for viewer in [&eve, &Viewer::Operator, &Viewer::Nobody] {
        assert!(bench.desk.service.settle_card_check(viewer, id).await.is_err());
        assert!(bench.desk.service.start_card_check(viewer, bench.grant).await.is_err());
    }
    assert!(!bench.has_card().await);
}

#[tokio::test]
async fn a_provider_that_is_down_leaves_the_check_to_be_tried_again() {
    let bench = Bench::new().await;
    bench.line.put(Fault::Down);
    let refused = bench.desk.service.start_card_check(&bench.ada, bench.grant).await;
    assert!(refused.unwrap_err().to_string().contains("hint: nothing was charged"));
    bench.line.put(Fault::None);
    let session = bench.start().await;
    assert!(bench.pay(&session, GOOD));
    assert_eq!(bench.come_back().await, "released");
}
