//! A grant's life through the client: funded, issued, keyed, stopped, expired.

use bursar_api::types::{
    Advance, ApplicationsQuery, Appoint, Buy, CallsQuery, CashMove, GrantsQuery, IssueGrant,
    KeyCap, MoveCash, NewKey, NewListing, Return, Source,
};
use bursar_client::ClientError;
use bursar_kernel::{Endpoint, ProgramId, RequestId, Role, ServiceTier, Usage, Usd};
use bursar_service::{Begun, Settled};
use bursar_store::rows::{Basis, CallOutcome};

use crate::house::{House, PROGRAM, at, program};

pub(crate) fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

pub(crate) fn to_ada(amount: &str, expires: Option<&str>) -> IssueGrant {
    IssueGrant {
        program: program(),
        holder: "ada@example.edu".to_owned(),
        amount: usd(amount),
        expires: expires.map(str::to_owned),
        title: Some("Interpretability".to_owned()),
        origin: None,
        tier: None,
    }
}

fn message(error: ClientError) -> String {
    error.to_string()
}

#[tokio::test]
async fn credit_goes_from_the_pool_to_a_grant_and_expires_into_breakage() {
    let house = House::open().await;
    let client = &house.client;
    assert_eq!(client.fund(&program(), usd("1000")).await.unwrap().pool, usd("1000"));

    let grant = client.issue_grant(&to_ada("250", Some("2026-12-25"))).await.unwrap();
    assert_eq!((grant.state.as_str(), grant.available), ("active", usd("250")));
    assert_eq!(grant.expires_at, Some(at("2026-12-25T00:00:00Z")));
    assert_eq!(grant.holder.email, "ada@example.edu");
    assert_eq!(client.grant(grant.id).await.unwrap(), grant);

    let made = client.make_key(grant.id, &NewKey::default()).await.unwrap();
    assert!(made.secret.starts_with("sk-bursar-"), "a key says what it is");
    let cap = Some(usd("25.5"));
    let capped = NewKey { cap, expires: Some("2026-12-01".to_owned()), ..NewKey::default() };
    let capped = client.make_key(grant.id, &capped).await.unwrap();
    assert_eq!((capped.cap, capped.expires_at), (cap, Some(at("2026-12-01T00:00:00Z"))));
    for cap in [Some(usd("5")), Some(usd("5")), Some(usd("40")), None, Some(usd("12"))] {
        assert_eq!(client.change_key_cap(made.id, &KeyCap { cap }).await.unwrap().cap, cap);
        assert_eq!(client.grant(grant.id).await.unwrap().keys[0].cap, cap);
    }
    client.revoke_key(made.id).await.unwrap();
    client.revoke_key(made.id).await.unwrap();
    let late = client.change_key_cap(made.id, &KeyCap { cap: None }).await.unwrap_err();
    assert!(message(late).contains("change the cap of a key that was revoked"));
    let keys = client.grant(grant.id).await.unwrap().keys;
    assert_eq!(keys.iter().map(|key| key.revoked_at.is_some()).collect::<Vec<_>>(), [true, false]);
    let caller = house.service.calls().identify(&made.secret).await.unwrap().unwrap();
    assert!(caller.is_stopped(house.service.now()), "a revoked key is stopped at once");

    let page = client.calls(grant.id, &CallsQuery::default()).await.unwrap();
    assert_eq!((page.calls.len(), page.next), (0, None));

    let heading = client.forecast(grant.id).await.unwrap();
    assert_eq!((heading.state.as_str(), heading.way.as_str()), ("healthy", "pool"));
    assert_eq!((heading.days, heading.pace), (0, None), "no whole day, so no pace");
    assert_eq!(heading.brings, Some(grant.available));
    assert_eq!(heading.apply.unwrap().plan.round.as_str(), "2026-12");

    let to = Some("2026-12-25".to_owned());
    let turned = client.advance_clock(&Advance { to, ..Advance::default() }).await.unwrap();
    assert_eq!((turned.now >= at("2026-12-25T00:00:00Z"), turned.report.expired), (true, 1));
    let expired = client.grant(grant.id).await.unwrap();
    let heading = client.forecast(grant.id).await.unwrap();
    assert_eq!((heading.state.as_str(), heading.pace_to_use_all), ("expired", None));
    assert_eq!((expired.state.as_str(), expired.available), ("expired", Usd::ZERO));
    let money = client.program_money(&program()).await.unwrap();
    assert_eq!((money.pool, money.expired, money.on_grants), (usd("750"), usd("250"), Usd::ZERO));
}

/// Makes a call through the gateway's own use cases: $0.01 set aside, 1,000 tokens read.
pub(crate) async fn spend(house: &House, secret: &str, cost: &str) -> RequestId {
    let service = &house.service;
    let caller = service.calls().identify(secret).await.unwrap().unwrap();
    let catalog = service.catalog();
    let model = catalog.model("gpt-4.1-mini").unwrap();
    let permit = caller.admit(Endpoint::ChatCompletions, model, service.now()).unwrap();
    let (request, started_at) = service.calls().new_request();
    let begun = Begun { request, tier: ServiceTier::Default, streamed: true, started_at };
    let hold = service.calls().hold(&caller, permit, begun, usd("0.01")).await.unwrap();
    let settled = Settled {
        usage: Usage { input: 1_000, ..Usage::default() },
        cost: usd(cost),
        basis: Basis::Reported,
        tier: ServiceTier::Default,
        outcome: CallOutcome::Answered,
        status: 200,
    };
    service.calls().settle(hold, settled).await.unwrap();
    request
}

#[tokio::test]
async fn every_call_is_told_to_the_nano_dollar_page_by_page() {
    let house = House::open().await;
    let client = &house.client;
    client.fund(&program(), usd("1")).await.unwrap();
    let grant = client.issue_grant(&to_ada("1", None)).await.unwrap();
    let made = client.make_key(grant.id, &NewKey::default()).await.unwrap();
    let mut made_calls = Vec::new();
    for _ in 0..5 {
        made_calls.push(spend(&house, &made.secret, "0.000400001").await);
    }
    let mut told = Vec::new();
    let mut page = CallsQuery { before: None, limit: Some(2) };
    let sizes: Vec<usize> = loop {
        let calls = client.calls(grant.id, &page).await.unwrap();
        told.push(calls.calls);
        page.before = calls.next;
        if page.before.is_none() {
            break told.iter().map(Vec::len).collect();
        }
    };
    assert_eq!(sizes, [2, 2, 1]);
    let mut names: Vec<RequestId> = told.iter().flatten().map(|call| call.id).collect();
    assert!(names.is_sorted_by(|newer, older| older < newer), "newest first");
    names.sort();
    made_calls.sort();
    assert_eq!(names, made_calls);
    let call = client.call(names[0]).await.unwrap();
    assert_eq!(call, told[2][0]);
    let said = (call.cost, call.held, call.usage.input, call.streamed, call.estimated);
    assert_eq!(said, (usd("0.000400001"), usd("0.01"), 1_000, true, false));
    let spent = client.grant(grant.id).await.unwrap();
    assert_eq!((spent.spent, spent.available), (usd("0.002000005"), usd("0.997999995")));
    assert_eq!((spent.keys[0].spent, spent.keys[0].calls), (usd("0.002000005"), 5));
    assert_eq!(client.program_money(&program()).await.unwrap().used, usd("0.002000005"));
}

#[tokio::test]
async fn a_date_only_shortens_the_term_and_a_pool_only_gives_what_it_has() {
    let house = House::open().await;
    let client = &house.client;
    client.fund(&program(), usd("100")).await.unwrap();
    let later = client.issue_grant(&to_ada("50", Some("2028-01-01"))).await.unwrap_err();
    assert!(message(later).contains("can only shorten the program's term"));
    let past = client.issue_grant(&to_ada("50", Some("2026-11-22"))).await.unwrap_err();
    assert!(message(past).contains("must be later than now"));
    let dear = client.issue_grant(&to_ada("100.000000001", None)).await.unwrap_err();
    assert!(message(dear).contains("100.000000001"), "it says what was asked for");
    assert_eq!(client.grants(&GrantsQuery::default()).await.unwrap().grants, []);
    let all = client.issue_grant(&to_ada("100", None)).await.unwrap();
    let listed = client.grants(&GrantsQuery { program: Some(program()) }).await.unwrap();
    assert_eq!(listed.grants, [all]);
}

#[tokio::test]
async fn programs_rounds_and_people_are_told_as_they_are() {
    let house = House::open().await;
    let client = &house.client;
    let programs = client.programs().await.unwrap().programs;
    assert_eq!(
        programs.iter().map(|p| p.id.as_str()).collect::<Vec<_>>(),
        [PROGRAM, "brought-in-credit"]
    );
    assert_eq!(programs[0].review, "each March, June, September and December");
    let december = bursar_kernel::RoundId::new("2026-12");
    let round = client.round(&program(), &december).await.unwrap();
    assert_eq!((round.applications, round.to_award), (0, Usd::ZERO));
    let early = client.release_round(&program(), &december).await.unwrap_err();
    assert!(message(early).contains("when its review is over"));
    let wanted = Appoint {
        email: "Grace@Example.edu".to_owned(),
        name: "Grace".to_owned(),
        roles: [Role::Officer, Role::Reviewer].into(),
    };
    let grace = client.appoint(&wanted).await.unwrap();
    assert_eq!((grace.email.as_str(), &grace.roles), ("grace@example.edu", &wanted.roles));
    let none = client.applications(&ApplicationsQuery::default()).await.unwrap();
    assert_eq!(none.applications, []);
}

#[tokio::test]
async fn the_clock_turns_on_the_demonstration_only() {
    let house = House::open().await;
    let clock = house.client.clock().await.unwrap();
    assert!(clock.turns && clock.coming[0].what.contains("2026-12"), "{:?}", clock.coming);
    let next = Advance { next: true, ..Advance::default() };
    let turned = house.client.advance_clock(&next).await.unwrap();
    assert_eq!(clock.coming[0].at.as_second(), turned.now.as_second());
    let back = Advance { to: Some("2026-01-01".to_owned()), ..Advance::default() };
    let back = house.client.advance_clock(&back).await.unwrap_err();
    assert!(matches!(&back, ClientError::Refused { status, .. } if status.as_u16() == 409));

    let house = House::with_a_fixed_clock().await;
    assert!(!house.client.clock().await.unwrap().turns);
    let refused = house.client.advance_clock(&next).await.unwrap_err();
    assert!(message(refused).starts_with("the clock turns on the demonstration only"));
}

#[tokio::test]
async fn a_client_says_what_is_wrong_with_where_it_was_sent() {
    use bursar_client::Client;
    for url in ["", "127.0.0.1:80", "ftp://127.0.0.1", "http://", "not an address"] {
        let refused = Client::connect(url, "token").err().map(message).unwrap_or_default();
        assert!(refused.contains("is not the address of a server"), "{url:?}: {refused}");
    }
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let client = Client::connect(&format!("http://{closed}/"), "token").unwrap();
    let nobody = client.programs().await.unwrap_err();
    assert!(message(nobody).contains("nobody answers"), "nothing listens there");
    let house = House::open().await;
    let stranger = Client::connect(&house.url, "bursar-op-wrong").unwrap();
    let refused = message(stranger.programs().await.unwrap_err());
    assert!(refused.contains("not the administrator's token"), "{refused}");
    assert!(!refused.contains("bursar-op-wrong"), "a token is never told");
}

#[tokio::test]
async fn credit_is_listed_bought_and_returned() {
    let house = House::open().await;
    let client = &house.client;
    let desk = ProgramId::new("brought-in-credit");
    client.fund(&desk, usd("1000")).await.unwrap();
    let issue =
        IssueGrant { program: desk, origin: Some(Source::Enterprise), ..to_ada("500", None) };
    let grant = client.issue_grant(&issue).await.unwrap();
    assert_eq!(grant.lots[0].origin, "enterprise");
    let mut wanted = NewListing {
        grant: grant.id,
        amount: usd("200"),
        price_percent: "71".to_owned(),
        minimum: None,
        source: None,
        issuer: "OpenAI".to_owned(),
        reference: "Order form, section 4".to_owned(),
        accepted: true,
    };
    let dear = message(client.list_credit(&wanted).await.unwrap_err());
    assert!(dear.contains("The price can be at most 70 % of face value here"), "{dear}");
    wanted.price_percent = "60".to_owned();
    let listing = client.list_credit(&wanted).await.unwrap();
    let market = client.market().await.unwrap();
    assert_eq!(market.listings, std::slice::from_ref(&listing));
    let person = "grace@example.edu".to_owned();
    let grace = Appoint { email: person.clone(), name: "Grace".to_owned(), roles: [].into() };
    client.appoint(&grace).await.unwrap();
    let buy = Buy { buyer: person.clone(), amount: usd("50"), cost: Some(usd("30")) };
    let poor = message(client.buy(listing.id, &buy).await.unwrap_err());
    assert!(poor.contains("pay in $30.00 first"), "{poor}");
    let reference = "SEPA 1".to_owned();
    let paid = MoveCash { what: CashMove::PaidIn, person, amount: usd("40"), reference };
    client.move_cash(&paid).await.unwrap();
    assert_eq!(client.move_cash(&paid).await.unwrap().balance, usd("40"));
    let trade = client.buy(listing.id, &buy).await.unwrap();
    assert_eq!((trade.cost, trade.seller.email.as_str()), (usd("30"), "ada@example.edu"));
    assert_eq!(client.grant(trade.grant).await.unwrap().available, usd("50"));
    assert_eq!(client.trades().await.unwrap().trades, [trade]);
    let withdrawn = client.withdraw_listing(listing.id).await.unwrap();
    assert_eq!((withdrawn.state.as_str(), withdrawn.sold), ("withdrawn", usd("50")));
    let left = client.return_credit(grant.id, &Return::default()).await.unwrap();
    assert_eq!((left.available, left.sold, left.returned), (usd("0"), usd("50"), usd("450")));
}
