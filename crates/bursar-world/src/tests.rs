//! The world stands at any date, its books balance, and nothing in it could not have happened.

use std::collections::BTreeSet;
use std::sync::Arc;

use bursar_kernel::{Clock, Program, Role, Timestamp, Usd};
use bursar_payments::{Payments, Stripe};
use bursar_policy::Viewer;
use bursar_program::answers::{Occasion, check_answers};
use bursar_service::clock::{SystemClock, TurnableClock};
use bursar_service::{GrantPage, GrantState, Parts, Service, State};
use bursar_store::{ApplicationFilter, CallFilter};
use bursar_store_sqlite::SqliteStore;
use bursar_stripe_double::{Double, DoubleConfig};
use tempfile::TempDir;

use super::calls::{Holder, plan};
use super::people::PEOPLE;
use super::record::Fate;
use super::{World, applications, build, habits, keys};

struct Built {
    world: World,
    service: Arc<Service>,
    clock: Arc<TurnableClock>,
    now: Timestamp,
    _directory: TempDir,
}

async fn built(now: &str) -> Built {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(SqliteStore::open(directory.path()).unwrap());
    let clock = Arc::new(TurnableClock::default());
    let catalog = Arc::new(bursar_catalog::shipped());
    let (double, payments) = provider(Arc::clone(&clock) as Arc<dyn Clock>).await;
    let service = Service::new(Parts {
        master_keys: bursar_service::MasterKeys::named("none/master.key".into()),
        institutions: bursar_kernel::Institutions::default(),
        store,
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        programs: bursar_program::shipped(&catalog),
        earlier: Vec::new(),
        listed: Vec::new(),
        catalog,
        base_url: "http://127.0.0.1:1".to_owned(),
        market: bursar_service::MarketSettings::default(),
        payments: Some(payments),
    });
    let now: Timestamp = now.parse().unwrap();
    let world = build(&service, &clock, &double, now).await.unwrap();
    Built { world, service, clock, now, _directory: directory }
}

/// A payment provider that answers at a port of its own.
async fn provider(clock: Arc<dyn Clock>) -> (Arc<Double>, Arc<dyn Payments>) {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let api_base = format!("http://{}", listener.local_addr().unwrap());
    let key = || "sk_test_of_the_test".to_owned().into();
    let pages_url = "http://127.0.0.1:1/demonstration/checkout".to_owned();
    let double = Double::new(DoubleConfig { key: key(), pages_url, clock });
    let api = double.api();
    tokio::spawn(async move { axum::serve(listener, api).await });
    let config = bursar_payments::Config { key: key(), api_base, hosted_origin: None };
    (double, Arc::new(Stripe::new(config).unwrap()))
}

impl Built {
    fn officer(&self) -> Viewer {
        Viewer::Person { id: self.world.officer, roles: BTreeSet::from([Role::Officer]) }
    }

    fn program(&self) -> &Program {
        &self.service.programs()[0]
    }

    async fn applications(&self) -> Vec<bursar_award::Application> {
        self.service.store().applications(ApplicationFilter::default()).await.unwrap()
    }

    async fn grants(&self) -> Vec<GrantPage> {
        self.service.program_grants(&self.officer(), &self.program().id).await.unwrap()
    }

    async fn calls(&self, grant: &GrantPage) -> Vec<bursar_store::rows::Call> {
        let filter =
            CallFilter { grant: grant.grant.id, person: None, before: None, limit: 10_000 };
        self.service.calls_made(&self.officer(), filter).await.unwrap()
    }
}

fn occasion(after_grant: bool) -> Occasion {
    if after_grant { Occasion::AfterGrant } else { Occasion::First }
}

async fn stands(now: &str) -> Built {
    let built = built(now).await;
    let (counts, findings) = built.service.store().audit().await.unwrap().finish();
    assert_eq!(findings, [], "{now}");
    assert!(1_000 < counts.holds, "{now}: {counts:?}");

    let applications = built.applications().await;
    assert_eq!(applications.len(), applications::all().count(), "{now}");
    assert!(36 <= applications.len(), "{now}");
    for application in &applications {
        let occasion = occasion(application.after_grant.is_some());
        let fits = check_answers(built.program(), occasion, &application.answers).is_ok();
        assert!(fits || application.state == State::Draft, "{now}: {application:?}");
        assert!(application.created_at <= built.now, "{now}: {application:?}");
    }
    let released: BTreeSet<_> = applications
        .iter()
        .filter(|application| application.released_at.is_some())
        .map(|application| application.round.clone().unwrap())
        .collect();
    assert!(2 <= released.len(), "{now}: {released:?}");
    let waits = |one: &&bursar_award::Application| {
        one.decision.as_ref().is_some_and(bursar_award::Decision::waits_for_approval)
    };
    assert_eq!(applications.iter().filter(waits).count(), 1, "{now}");
    let comes_back = |one: &&bursar_award::Application| {
        one.progress.as_ref().is_some_and(|progress| 0 < progress.calls)
    };
    assert_eq!(applications.iter().filter(comes_back).count(), 1, "{now}");
    for application in applications.iter().filter(|one| one.decision.is_some()) {
        for review in built.service.store().reviews(application.id).await.unwrap() {
            let score = bursar_award::score(&built.program().rubric, &review.scores);
            assert!(score.is_some(), "{now}: {review:?}");
        }
    }
    let operator = built.service.store().person(built.world.operator).await.unwrap().unwrap();
    assert!(operator.roles.contains(&Role::Operator), "{now}");
    grants_are_believable(&built).await;
    market_is_open(&built).await;
    researcher_can_go_on(&built).await;
    let ahead = SystemClock.now().duration_since(built.now).as_millis();
    let drift = i128::from(built.clock.offset_ms()) + ahead;
    assert!(drift.abs() < 120_000, "{now}: {drift}");
    built
}

/// Three sellers of three sources at customary prices, and trades that both sides remember.
async fn market_is_open(built: &Built) {
    let front = bursar_trading::market_front(&built.service).await.unwrap();
    let sources: BTreeSet<_> = front.offers.iter().map(|offer| offer.listing.source).collect();
    assert_eq!(sources.len(), 3, "{}", built.now);
    let settings = built.service.market();
    for offer in &front.offers {
        let price = offer.listing.price;
        assert!(settings.band_from <= price && price <= settings.band_to, "{price}");
        assert!(built.now < offer.listing.expires_at, "{}", built.now);
    }
    assert_eq!(front.tape.len(), 2, "{}", built.now);
    let bought = built.service.grant(&Viewer::Operator, front.tape[0].buyer_grant).await.unwrap();
    assert_eq!(bought.available, front.tape[0].face);
}

async fn grants_are_believable(built: &Built) {
    let now = built.now;
    let grants = built.grants().await;
    let delivered = grants.iter().filter(|page| page.grant.delivered_at.is_some()).count();
    assert!(12 <= delivered, "{now}: {delivered}");
    let nearly_spent =
        grants.iter().any(|page| page.spent.nanos() * 10 > page.grant.amount.nanos() * 9);
    assert!(nearly_spent, "{now}");
    let mut calls_in_all = 0;
    for page in &grants {
        let calls = built.calls(page).await;
        calls_in_all += calls.len();
        assert!(page.held.is_zero(), "{now}");
        assert!(page.spent <= page.grant.amount, "{now}");
        for call in &calls {
            assert!(call.cost <= call.held, "{now}: {call:?}");
            assert!(page.grant.delivered_at.unwrap() < call.started_at, "{now}: {call:?}");
            assert!(call.started_at < call.ended_at && call.ended_at < now, "{now}: {call:?}");
            let catalog = built.service.catalog();
            let model = catalog.model(call.model.as_str()).unwrap();
            let prices = model.prices.as_ref().unwrap();
            let price = bursar_meter::price::price(prices, call.tier, &call.usage).unwrap();
            assert_eq!(call.cost, price, "{now}: {call:?}");
        }
    }
    // Enough to look real, and few enough to be up within seconds.
    assert!((1_000..4_500).contains(&calls_in_all), "{now}: {calls_in_all}");
}

async fn researcher_can_go_on(built: &Built) {
    let now = built.now;
    let viewer = Viewer::Person { id: built.world.researcher, roles: BTreeSet::new() };
    let page = built.service.grant(&viewer, built.world.grant).await.unwrap();
    assert_eq!(page.state, GrantState::Active, "{now}");
    assert_eq!(page.grant.amount, Usd::from_dollars(1_000).unwrap());
    let dollars = |amount: Usd| amount.nanos() / 1_000_000_000;
    assert!((220..400).contains(&dollars(page.spent)), "{now}: ${}", page.spent);
    assert!(600 <= dollars(page.available), "{now}: ${}", page.available);
    assert!(40 < page.days.len(), "{now}: {} days", page.days.len());
    assert_eq!(page.keys.len(), 4, "{now}");
    assert_eq!(page.keys.iter().filter(|line| line.key.revoked_at.is_some()).count(), 1);
    assert_eq!(page.keys.iter().filter(|line| line.key.cap.is_some()).count(), 1);
    let secret = built.world.api_key.reveal();
    let caller = built.service.calls().identify(secret).await.unwrap().unwrap();
    assert_eq!(caller.grant(), built.world.grant, "{now}");
    assert!(!caller.is_stopped(built.service.now()), "{now}");
}

#[tokio::test]
async fn the_world_stands_while_a_round_collects() {
    stands("2026-11-22T18:30:00Z").await;
}

#[tokio::test]
async fn the_world_stands_in_a_review_month() {
    let now = "2026-12-15T09:00:00Z";
    let built = stands(now).await;
    let reviewer =
        Viewer::Person { id: built.world.reviewer, roles: BTreeSet::from([Role::Reviewer]) };
    assert!(!built.service.review_queue(&reviewer).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_world_stands_while_awards_wait_for_their_delivery() {
    let now = "2027-01-20T12:00:00Z";
    let grants = stands(now).await.grants().await;
    assert!(grants.iter().any(|page| page.state == GrantState::Waiting));
}

#[tokio::test]
async fn the_world_stands_just_before_and_just_as_a_review_begins() {
    stands("2027-02-28T23:59:59Z").await;
    stands("2027-03-01T00:00:00Z").await;
}

#[tokio::test]
async fn the_world_stands_on_other_days_of_other_years() {
    stands("2027-02-05T00:00:00Z").await;
    stands("2028-02-29T12:00:00Z").await;
}

#[test]
fn every_application_fits_the_form() {
    let catalog = bursar_catalog::shipped();
    let program = &bursar_program::shipped(&catalog)[0];
    for (_, record) in applications::all() {
        let applicant = PEOPLE.iter().find(|person| person.email == record.by).unwrap();
        let again = matches!(record.fate, Fate::Waiting) && record.by == applications::HEAVY;
        let answers = check_answers(program, occasion(again), &record.answers(applicant));
        assert_eq!(answers.is_err(), matches!(record.fate, Fate::Draft), "{answers:?}");
        assert!(applicant.email.ends_with(".example"));
    }
    let everybody_applies = PEOPLE
        .iter()
        .all(|person| applications::all().any(|(_, record)| record.by == person.email));
    assert!(everybody_applies);
}

#[test]
fn the_same_calls_come_out_every_time() {
    let catalog = bursar_catalog::shipped();
    let program = &bursar_program::shipped(&catalog)[0];
    let holder = Holder {
        record: 0,
        face: Usd::from_dollars(1_000).unwrap(),
        delivered_at: "2026-07-29T09:45:00Z".parse().unwrap(),
        keys: keys::MAIN,
        habits: &habits::MAIN,
        program,
        catalog: &catalog,
    };
    let now = "2026-11-22T18:30:00Z".parse().unwrap();
    let told = || format!("{:?}", plan(&holder, now));
    assert_eq!(told(), told());
}

#[tokio::test]
async fn the_researcher_has_a_card_and_others_have_not() {
    let built = built("2026-11-25T12:00:00Z").await;
    let service = &built.service;
    assert!(service.has_card(built.world.researcher).await.unwrap());
    let cards = service.cards_of(&Viewer::Operator, built.world.researcher).await.unwrap();
    let (card, checks) = (cards.0.unwrap(), cards.1);
    assert_eq!((checks.len(), checks[0].state.name()), (1, "released"));
    assert!(card.verified_at < built.now && card.face.last4 == "4242");
    let mut without = 0;
    for page in built.grants().await {
        without += i32::from(!service.has_card(page.grant.holder).await.unwrap());
    }
    assert!(0 < without);
}
