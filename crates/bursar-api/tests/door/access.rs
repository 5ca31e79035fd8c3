//! Limited models, tiers and cards: what the pages do with them, a script can do.

use bursar_api::types::{
    AccessDecision, AccessRequestLine, AnswerAccess, AskForModel, GrantLine, IssueGrant, NameTier,
};
use bursar_client::{Client, ClientError};
use bursar_kernel::{Actor, CardCheckId, GrantId, PersonId, TierId, Usd};
use bursar_service::entropy;
use bursar_store::rows::{Card, CardCheck, CardCheckState, CardFace};
use bursar_store::{Batch, Expect, Row, Write};
use expect_test::expect;
use http_body_util::BodyExt as _;

use crate::house::{House, TOKEN, at, program};

async fn grant(client: &Client) -> GrantLine {
    let usd = |text: &str| text.parse::<Usd>().unwrap();
    client.fund(&program(), usd("1000")).await.unwrap();
    let wanted = IssueGrant {
        program: program(),
        holder: "ada@example.edu".to_owned(),
        amount: usd("100"),
        expires: None,
        title: None,
        origin: None,
        tier: None,
    };
    client.issue_grant(&wanted).await.unwrap()
}

fn said<T: std::fmt::Debug>(result: Result<T, ClientError>) -> String {
    result.unwrap_err().to_string()
}

async fn ask(client: &Client, grant: GrantId, model: &str) -> Result<AccessRequestLine, String> {
    let (model, reason) = (model.to_owned(), "To compare it with GPT-4.1.".to_owned());
    let asked = client.ask_for_model(&AskForModel { grant, model, reason }).await;
    asked.map_err(|error| error.to_string())
}

async fn standing(client: &Client, grant: GrantId, model: &str) -> String {
    let models = client.grant_models(grant).await.unwrap().models;
    let line = models.into_iter().find(|line| line.model.as_str() == model).unwrap();
    match line.until {
        Some(until) => format!("{} until {until}", line.access),
        None => line.access,
    }
}

fn approve(until: Option<&str>) -> AnswerAccess {
    let until = until.map(str::to_owned);
    AnswerAccess { decision: AccessDecision::Approve, note: None, until }
}

fn decline(note: Option<&str>) -> AnswerAccess {
    let note = note.map(str::to_owned);
    AnswerAccess { decision: AccessDecision::Decline, note, until: None }
}

#[tokio::test]
async fn a_limited_model_is_asked_for_listed_and_answered() {
    let house = House::open().await;
    let client = &house.client;
    let grant = grant(client).await.id;
    assert_eq!(standing(client, grant, "gpt-5").await, "limited");
    assert_eq!(standing(client, grant, "gpt-4.1-mini").await, "open");
    let open = ask(client, grant, "gpt-4.1-mini").await.unwrap_err();
    assert!(open.contains("it needs no further approval"), "{open}");
    let unknown = ask(client, grant, "gpt-6").await.unwrap_err();
    assert!(unknown.contains("there is no model `gpt-6`"), "{unknown}");

    let asked = ask(client, grant, "gpt-5").await.unwrap();
    assert_eq!((asked.state.as_str(), asked.holder.email.as_str()), ("asked", "ada@example.edu"));
    assert_eq!(standing(client, grant, "gpt-5").await, "asked");
    let again = ask(client, grant, "gpt-5").await.unwrap_err();
    assert!(again.contains("it is asked"), "{again}");
    let listed = client.access_requests().await.unwrap();
    assert_eq!((listed.waiting, listed.answered), (vec![asked.clone()], Vec::new()));

    let silent = said(client.answer_access_request(asked.id, &decline(None)).await);
    assert!(silent.contains("Enter the reason that the holder will read"), "{silent}");
    let unread = said(client.answer_access_request(asked.id, &approve(Some("soon"))).await);
    assert!(unread.contains("Write a date"), "{unread}");
    let long = said(client.answer_access_request(asked.id, &approve(Some("2029-01-01"))).await);
    assert!(long.contains("past the grant's expiry"), "{long}");
    let until = approve(Some("2027-03-01"));
    let approved = client.answer_access_request(asked.id, &until).await.unwrap();
    assert_eq!(
        (approved.state.as_str(), approved.until),
        ("approved", Some(at("2027-03-01T00:00:00Z")))
    );
    let lapses = "approved until 2027-03-01T00:00:00Z";
    assert_eq!(standing(client, grant, "gpt-5").await, lapses);
    let twice = said(client.answer_access_request(asked.id, &until).await);
    assert!(twice.contains("change a request that is approved"), "{twice}");
    let ended = client.answer_access_request(asked.id, &decline(Some("It is over."))).await;
    assert_eq!(ended.unwrap().note.as_deref(), Some("It is over."));
    assert_eq!(standing(client, grant, "gpt-5").await, "limited");

    let second = ask(client, grant, "gpt-5").await.unwrap();
    assert_eq!(client.withdraw_access_request(second.id).await.unwrap().state, "withdrawn");
    let late = said(client.answer_access_request(second.id, &approve(None)).await);
    assert!(late.contains("change a request that is withdrawn"), "{late}");
    assert_eq!(client.access_request(second.id).await.unwrap().state, "withdrawn");
    assert_eq!(client.access_requests().await.unwrap().answered.len(), 2);
}

#[tokio::test]
async fn a_tier_is_shown_with_its_limits_and_named_with_a_reason() {
    let house = House::open().await;
    let client = &house.client;
    let grant = grant(client).await.id;
    let told = |line: &bursar_api::types::TierLine| {
        let limit = |limit: &bursar_api::types::RateLimitLine| {
            let most = |most: Option<u64>| most.map_or("-".to_owned(), |most| most.to_string());
            let figures =
                [limit.requests_per_minute, limit.requests_per_day, limit.tokens_per_minute];
            let figures = figures.map(most).join(" ");
            format!("{} {} {figures}\n", limit.class, if limit.is_open { "open" } else { "closed" })
        };
        let name = |id: &Option<TierId>| id.as_ref().map(ToString::to_string).unwrap_or_default();
        let limits: String = line.limits.iter().map(limit).collect();
        format!(
            "{} named {} next {:?}\n{limits}",
            name(&line.tier),
            line.is_named,
            name(&line.next)
        )
    };
    expect![[r#"
        free named false next "tier-1"
        small open 3 200 40000
        large closed - - -
        gpt-5 closed - - -
        embedding open 100 2000 40000
        audio open 3 200 -
        moderation open 500 10000 10000
        other closed - - -
    "#]]
    .assert_eq(&told(&client.tier(grant).await.unwrap()));
    let named =
        |tier: &str, reason: &str| NameTier { tier: TierId::new(tier), reason: reason.to_owned() };
    let unknown = said(client.name_tier(grant, &named("gold", "Because.")).await);
    assert!(unknown.contains("The tier must be one of free, tier-1, tier-5"), "{unknown}");
    let silent = said(client.name_tier(grant, &named("tier-5", " ")).await);
    assert!(silent.contains("Say why"), "{silent}");
    assert!(!client.tier(grant).await.unwrap().is_named, "nothing has changed");
    let put = format!("/api/grants/{grant}/tier");
    let (status, body) = house.send("PUT", &put, r#"{"tier":"tier-5"}"#).await;
    assert!(status == 422 && body.contains("missing field `reason`"), "{status} {body}");
    let (status, body) = house.send("PUT", "/api/grants/grant_x/tier", "{}").await;
    assert_eq!(status, 404, "{body}");

    let after = client.name_tier(grant, &named("tier-5", "A deadline.")).await.unwrap();
    assert_eq!(after.tier, Some(TierId::new("tier-5")));
    let line = client.tier(grant).await.unwrap();
    assert_eq!((line.tier, line.is_named), (Some(TierId::new("tier-5")), true));
    let trail = house.service.store().audit_trail(1).await.unwrap();
    let told = (trail[0].action.as_str(), trail[0].detail.as_str());
    assert_eq!(told, ("grant.tier_named", "tier-5: A deadline."));
}

/// Writes a card that passed its check, and an older check that came to nothing.
async fn with_a_card(house: &House, person: PersonId, grant: GrantId) {
    let face = CardFace {
        brand: "visa".to_owned(),
        last4: "4242".to_owned(),
        exp_month: 8,
        exp_year: 2029,
    };
    let now = house.service.now();
    let failed = CardCheck {
        id: CardCheckId::new(now, entropy::draw()),
        person,
        grant,
        amount: "5".parse().unwrap(),
        session: Some("cs_secret".to_owned()),
        payment: None,
        face: None,
        state: CardCheckState::Failed,
        said: Some("The card was declined.".to_owned()),
        started_at: now,
        held_at: None,
        ended_at: Some(now),
        due_at: now,
        tries: 0,
        version: 1,
    };
    let later = now + jiff::SignedDuration::from_secs(60);
    let released = CardCheck {
        id: CardCheckId::new(later, entropy::draw()),
        payment: Some("pi_secret".to_owned()),
        face: Some(face.clone()),
        state: CardCheckState::Released,
        said: None,
        held_at: Some(later),
        ended_at: Some(later),
        ..failed.clone()
    };
    let card = Card { person, face, check: released.id, verified_at: later, version: 1 };
    let write = |row| Write::Row(row, Expect::New);
    let batch = Batch::new(Actor::Operator, later)
        .with(write(Row::CardCheck(Box::new(failed))))
        .with(write(Row::CardCheck(Box::new(released))))
        .with(write(Row::Card(card)));
    house.service.store().commit(batch).await.unwrap();
}

#[tokio::test]
async fn a_card_is_read_with_its_checks_and_without_a_number_or_the_providers_names() {
    let house = House::open().await;
    let client = &house.client;
    let grant = grant(client).await;
    let nobody = said(client.card("nobody@example.edu").await);
    assert!(nobody.contains("nobody has an account by this address"), "{nobody}");
    let none = client.card("ada@example.edu").await.unwrap();
    assert_eq!((none.card, none.checks), (None, Vec::new()));
    with_a_card(&house, grant.holder.id, grant.id).await;
    let (status, body) = house.send("GET", "/api/people/Ada%40Example.edu/card", "").await;
    assert_eq!(status, 200);
    let hidden = ["cs_secret", "pi_secret", "session", "payment", "number"];
    assert!(hidden.iter().all(|word| !body.contains(word)), "{body}");
    let found = client.card("ada@example.edu").await.unwrap();
    let card = found.card.unwrap();
    let face =
        (card.face.brand.as_str(), card.face.last4.as_str(), card.face.good_through.as_str());
    assert_eq!(face, ("visa", "4242", "2029-08"));
    let states: Vec<_> = found.checks.iter().map(|check| check.state.as_str()).collect();
    assert_eq!(states, ["released", "failed"]);
    assert_eq!(found.checks[1].said.as_deref(), Some("The card was declined."));
    let released = &found.checks[0];
    assert!(released.held_at.is_some() && released.ended_at == released.held_at);
    // A verified card is a standing of its own.
    assert_eq!(client.tier(grant.id).await.unwrap().tier, Some(TierId::new("tier-1")));
}

#[tokio::test]
async fn everything_about_somebody_is_an_archive_without_anybodys_secrets() {
    let house = House::open().await;
    let grant = grant(&house.client).await;
    with_a_card(&house, grant.holder.id, grant.id).await;
    let (status, body) = house.send("GET", "/api/people/nobody%40example.edu/export", "").await;
    assert!(status == 404 && body.contains("nobody has an account by this address"), "{body}");
    let path = "/api/people/Ada%40Example.edu/export";
    let request = http::Request::builder().header("authorization", format!("Bearer {TOKEN}"));
    let answer = house.knock(request, "GET", path, "").await;
    assert_eq!(answer.status().as_u16(), 200);
    let head = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!((head("content-type"), head("cache-control")), (ZIP.to_owned(), NEVER.to_owned()));
    assert!(head("content-disposition").starts_with("attachment; filename=\"bursar-person_"));
    let archive = answer.into_body().collect().await.unwrap().to_bytes();
    assert!(archive.starts_with(b"PK\x03\x04"));
    // Nothing in it is compressed.
    let text = String::from_utf8_lossy(&archive);
    assert!(text.contains("ada@example.edu") && text.contains(&grant.id.to_string()));
    for hidden in ["cs_secret", "pi_secret", "secret_hash"] {
        assert!(!text.contains(hidden), "{hidden}");
    }
}

const ZIP: &str = "application/zip";
const NEVER: &str = "no-store";
