//! A card pays in what a purchase needs: once, and only what the provider says was paid.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bursar_kernel::{Origin, ProgramId, Usd};
use bursar_payments::{
    Checkout, Payment, PaymentError, PaymentState, Payments, Session, SessionState,
};
use bursar_policy::Viewer;
use bursar_service::IssueGrant;
use bursar_trading::{CardPayment, NewListing, Right};

use crate::desk::{Desk, usd};

/// A provider in memory: a page for each key, and a switch that says whether somebody paid on it.
#[derive(Default)]
struct Provider(Mutex<BTreeMap<String, (Checkout, PaymentState)>>);

impl Provider {
    fn pay(&self) {
        for (_, state) in self.0.lock().unwrap().values_mut() {
            *state = PaymentState::Held;
        }
    }

    fn captured(&self) -> usize {
        let pages = self.0.lock().unwrap();
        pages.values().filter(|(_, state)| *state == PaymentState::Captured).count()
    }

    fn session_of(&self, key: &str) -> Session {
        let pages = self.0.lock().unwrap();
        let (checkout, state) = &pages[key];
        let captured = if *state == PaymentState::Captured { checkout.amount } else { Usd::ZERO };
        let payment = Payment {
            id: format!("pi_{key}"),
            state: *state,
            amount: checkout.amount,
            captured,
            card: None,
            declined: None,
        };
        Session {
            id: key.to_owned(),
            url: Some(checkout.success_url.clone()),
            state: SessionState::Open,
            payment: Some(payment),
        }
    }
}

#[async_trait]
impl Payments for Provider {
    async fn open(&self, wanted: &Checkout, key: &str) -> Result<Session, PaymentError> {
        let new = (wanted.clone(), PaymentState::NeedsCard);
        let known = self.0.lock().unwrap().entry(key.to_owned()).or_insert(new).0.clone();
        assert_eq!(known, *wanted, "a key names one request");
        Ok(self.session_of(key))
    }

    async fn session(&self, id: &str) -> Result<Session, PaymentError> {
        Ok(self.session_of(id))
    }

    async fn cancel(&self, _: &str, _: &str) -> Result<Payment, PaymentError> {
        unreachable!("nothing here lets a payment go")
    }

    async fn capture(&self, payment: &str, amount: Usd, _: &str) -> Result<Payment, PaymentError> {
        let key = payment.trim_start_matches("pi_");
        let mut pages = self.0.lock().unwrap();
        let page = pages.get_mut(key).unwrap();
        assert_eq!((page.0.amount, page.1), (amount, PaymentState::Held));
        page.1 = PaymentState::Captured;
        drop(pages);
        Ok(self.session_of(key).payment.unwrap())
    }

    fn hosted_origin(&self) -> &'static str {
        "https://pay.example"
    }
}

#[tokio::test]
async fn a_card_pays_once_and_nobody_else_can_claim_it() {
    let provider = Arc::new(Provider::default());
    let desk = Desk::with("2026-11-25", Some(Arc::clone(&provider) as _)).await;
    let service = &desk.service;
    let program = ProgramId::new("brought-in-credit");
    service.fund(&Viewer::Operator, &program, usd("1000")).await.unwrap();
    let issue = IssueGrant {
        program,
        holder_email: "ops@firm.example".to_owned(),
        amount: usd("500"),
        expires_at: None,
        title: "Rest of a commitment".to_owned(),
        origin: Origin::Enterprise,
        tier: None,
    };
    let grant = service.issue_grant(&Viewer::Operator, issue).await.unwrap();
    let seller = desk.person("ops@firm.example", &[]).await;
    let right = Right {
        source: None,
        issuer: "OpenAI".to_owned(),
        reference: "Section 4".to_owned(),
        accepted: true,
    };
    let price = "55.5".parse().unwrap();
    let wanted = NewListing { grant, face: usd("400"), price, minimum: None, right };
    let listing = bursar_trading::list_credit(service, &seller, wanted).await.unwrap().listing.id;
    let ada = desk.person("ada@lab.example", &[]).await;
    let eve = desk.person("eve@lab.example", &[]).await;
    let face = usd("10.01");
    let cost = bursar_trading::quote(service, &ada, ada.person().unwrap(), listing, face)
        .await
        .unwrap()
        .cost;
    assert_eq!(cost, usd("5.55555"));
    let url = bursar_trading::open_card_payment(service, &ada, listing, face).await.unwrap();
    // The page's own address in this test is where it returns to.
    let (path, _) = url.split_once('?').unwrap();
    let nonce = path.rsplit('/').next().unwrap().to_owned();
    let payment = CardPayment { listing, face, amount: usd("5.56"), nonce };
    assert!(
        !bursar_trading::finish_card_payment(service, &ada, &payment).await.unwrap(),
        "nobody has paid"
    );
    provider.pay();
    // Somebody else, or another amount, names a page that nobody has paid on.
    assert!(!bursar_trading::finish_card_payment(service, &eve, &payment).await.unwrap());
    let more = CardPayment { amount: usd("500"), ..payment.clone() };
    assert!(!bursar_trading::finish_card_payment(service, &ada, &more).await.unwrap());
    for _ in 0..3 {
        assert!(bursar_trading::finish_card_payment(service, &ada, &payment).await.unwrap());
    }
    assert_eq!(provider.captured(), 1);
    let person = ada.person().unwrap();
    assert_eq!(bursar_trading::cash(service, &ada, person).await.unwrap().balance, usd("5.56"));
    bursar_trading::buy(service, &ada, person, listing, (face, cost)).await.unwrap();
    assert_eq!(bursar_trading::cash(service, &ada, person).await.unwrap().balance, usd("0.00445"));
    desk.audit().await;
}
