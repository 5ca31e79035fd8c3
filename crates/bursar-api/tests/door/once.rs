//! `Idempotency-Key`: what is sent again is not done again, at whichever server it arrives.

use std::sync::{Arc, Mutex};

use bursar_api::types::{Advance, IssueGrant, NameTier, NewKey};
use bursar_client::Client;
use bursar_kernel::limits::{IDEMPOTENCY_KEY_LIFE, REQUEST_TIME_MAX};
use bursar_kernel::{Actor, GrantId, NodeId, TierId, Timestamp, Usd};
use bursar_store::rows::IdempotencyKey;
use bursar_store::{Batch, Expect, Row, Write};
use futures_util::future::join_all;
use http::{HeaderMap, Request, StatusCode};
use jiff::SignedDuration;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::house::{House, PROGRAM, TOKEN, at, program, text};

const FIVE: &str = r#"{"amount":"5"}"#;
const SIX: &str = r#"{"amount":"6"}"#;

#[derive(Debug)]
struct Told {
    status: u16,
    replayed: bool,
    retry_after: Option<String>,
    body: String,
}

impl Told {
    /// A refusal's code, or nothing.
    fn code(&self) -> String {
        let body: Value = serde_json::from_str(&self.body).unwrap();
        body["error"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

async fn post(house: &House, key: &str, path: &str, body: &str) -> Told {
    let request = Request::builder()
        .header("authorization", format!("Bearer {}", house.token))
        .header("content-type", "application/json")
        .header("idempotency-key", key);
    let answer = house.knock(request, "POST", path, body).await;
    let status = answer.status().as_u16();
    let replayed = answer.headers().contains_key("idempotent-replayed");
    let retry_after = answer.headers().get("retry-after");
    let retry_after = retry_after.map(|value| value.to_str().unwrap().to_owned());
    Told { status, replayed, retry_after, body: text(answer).await }
}

async fn fund(house: &House, key: &str, body: &str) -> Told {
    post(house, key, &format!("/api/programs/{PROGRAM}/fund"), body).await
}

async fn funded(house: &House) -> Usd {
    house.client.program_money(&program()).await.unwrap().funded
}

fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

async fn grant(client: &Client) -> GrantId {
    client.fund(&program(), usd("100")).await.unwrap();
    let wanted = IssueGrant {
        program: program(),
        holder: "ada@example.edu".to_owned(),
        amount: usd("10"),
        expires: None,
        title: None,
        origin: None,
        tier: None,
    };
    client.issue_grant(&wanted).await.unwrap().id
}

/// What is kept under a key of whoever holds the token: every server of a database, of whatever
/// release, must find it by this name.
async fn kept(house: &House, key: &str) -> Option<IdempotencyKey> {
    let length = u64::try_from(TOKEN.len()).unwrap().to_le_bytes();
    let material = [&length, TOKEN.as_bytes(), key.as_bytes()].concat();
    let name = blake3::derive_key("bursar 2026-11 names of idempotency keys", &material);
    house.service.store().idempotency_key(name).await.unwrap()
}

/// Changes what is kept under a key, as whoever else writes to the database does.
async fn change(house: &House, key: &str, change: impl FnOnce(&mut IdempotencyKey)) {
    let mut row = kept(house, key).await.unwrap();
    let before = row.version;
    row.version += 1;
    change(&mut row);
    let row = Row::IdempotencyKey(Box::new(row));
    let batch = Batch::new(Actor::Operator, house.service.now());
    let write = Write::Row(row, Expect::Version(before));
    house.service.store().commit(batch.with(write)).await.unwrap();
}

/// How many keys are kept.
async fn keys(house: &House) -> u64 {
    house.service.store().idempotency_keys_before(Timestamp::MAX).await.unwrap()
}

#[tokio::test]
async fn the_same_request_is_done_once_and_answered_alike() {
    let house = House::open().await;
    let first = fund(&house, "key-1", FIVE).await;
    let again = fund(&house, "key-1", FIVE).await;
    assert_eq!((first.status, first.replayed), (200, false));
    assert_eq!((again.status, again.replayed, again.body), (200, true, first.body));
    assert_eq!(funded(&house).await, usd("5"));
    let other = fund(&house, "key-1", SIX).await;
    assert_eq!((other.status, other.code().as_str()), (422, "idempotency_key_reused"));
    let elsewhere = post(&house, "key-1", "/api/grants", FIVE).await;
    assert_eq!(elsewhere.code(), "idempotency_key_reused");
    let fresh = fund(&house, "key-2", FIVE).await;
    assert_eq!((fresh.status, fresh.replayed), (200, false));
    // A refusal is an answer as well.
    for replayed in [false, true] {
        let refused = fund(&house, "key-3", r#"{"amount":"0"}"#).await;
        assert_eq!((refused.status, refused.replayed), (422, replayed));
    }
    assert_eq!(funded(&house).await, usd("10"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_twenty_at_once_at_two_servers_one_makes_a_grant() {
    let first = House::shared().await;
    let houses = [&first, &first.beside().await];
    first.client.fund(&program(), usd("1000")).await.unwrap();
    let body = format!(r#"{{"program":"{PROGRAM}","holder":"ada@example.edu","amount":"10"}}"#);
    let knocks = (0..20).map(|number| post(houses[number % 2], "key-1", "/api/grants", &body));
    let told = join_all(knocks).await;
    let done: Vec<&Told> = told.iter().filter(|told| told.status == 200).collect();
    assert_eq!(done.iter().filter(|told| !told.replayed).count(), 1, "one is carried out");
    assert!(done.iter().all(|told| told.body == done[0].body), "all are told of the same grant");
    for told in told.iter().filter(|told| told.status != 200) {
        assert_eq!((told.status, told.code().as_str()), (409, "idempotency_key_in_use"));
        assert_eq!(told.retry_after.as_deref(), Some("1"));
    }
    let grants = first.service.store().grants(bursar_store::GrantFilter::default()).await.unwrap();
    assert_eq!(grants.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_requests_at_once_under_one_key_the_other_is_refused() {
    let first = House::shared().await;
    let second = first.beside().await;
    let mut sum = Usd::ZERO;
    for number in 0..40 {
        let key = format!("key-{number}");
        let told = tokio::join!(fund(&first, &key, FIVE), fund(&second, &key, SIX));
        let (told, paid) = match (told.0.status, told.1.status) {
            (200, _) => (told.1, usd("5")),
            (_, 200) => (told.0, usd("6")),
            _ => panic!("none was carried out: {told:?}"),
        };
        assert_eq!((told.status, told.code().as_str()), (422, "idempotency_key_reused"), "{key}");
        sum = sum.checked_add(paid).unwrap();
    }
    assert_eq!(funded(&first).await, sum);
}

#[tokio::test]
async fn while_another_server_may_be_at_it_a_repeat_waits_and_then_nobody_guesses() {
    let first = House::shared().await;
    let second = first.beside().await;
    assert_eq!(fund(&first, "key-1", FIVE).await.status, 200);
    // As it was before its answer.
    change(&first, "key-1", |row| row.answer = None).await;
    let began = kept(&first, "key-1").await.unwrap().since;
    for minutes in [0, 9] {
        first.turn_to(began + SignedDuration::from_mins(minutes));
        let again = fund(&second, "key-1", FIVE).await;
        assert_eq!((again.status, again.code().as_str()), (409, "idempotency_key_in_use"));
        assert_eq!(again.retry_after.as_deref(), Some("1"));
        assert_eq!(fund(&second, "key-1", SIX).await.status, 422, "another request's never is");
        // The server whose request it was knows that it is not at it any more.
        assert_eq!(fund(&first, "key-1", FIVE).await.code(), "idempotency_outcome_unknown");
    }
    first.turn_to(began + REQUEST_TIME_MAX);
    let late = fund(&second, "key-1", FIVE).await;
    assert_eq!((late.status, late.code().as_str()), (409, "idempotency_outcome_unknown"));
    assert_eq!(late.retry_after, None, "waiting does not help");
    assert_eq!(fund(&second, "key-1", SIX).await.status, 422);
    assert_eq!(funded(&first).await, usd("5"), "nothing was done by guess");
}

#[tokio::test]
async fn nobody_waits_for_a_server_that_is_gone() {
    let first = House::shared().await;
    let second = first.beside().await;
    assert_eq!(fund(&first, "key-1", FIVE).await.status, 200);
    change(&first, "key-1", |row| row.answer = None).await;
    assert_eq!(fund(&second, "key-1", FIVE).await.code(), "idempotency_key_in_use");
    first.service.calls().leave().await.unwrap();
    let again = fund(&second, "key-1", FIVE).await;
    assert_eq!((again.status, again.code().as_str()), (409, "idempotency_outcome_unknown"));
    assert_eq!(fund(&second, "key-1", SIX).await.status, 422);
    assert_eq!(funded(&second).await, usd("5"));
}

#[tokio::test]
async fn a_server_that_is_alone_waits_for_none_before_it() {
    let house = House::open().await;
    assert_eq!(fund(&house, "key-1", FIVE).await.status, 200);
    change(&house, "key-1", |row| {
        (row.answer, row.node) = (None, NodeId::from_bytes([1; 16]));
    })
    .await;
    let again = fund(&house, "key-1", FIVE).await;
    assert_eq!((again.status, again.code().as_str()), (409, "idempotency_outcome_unknown"));
    assert_eq!(funded(&house).await, usd("5"));
}

#[tokio::test]
async fn an_answer_is_told_again_by_every_server_of_the_database() {
    let first = House::shared().await;
    let grant = grant(&first.client).await;
    let path = format!("/api/grants/{grant}/keys");
    let made = post(&first, "key-1", &path, "{}").await;
    // A server that starts later knows nothing but what the database has.
    let again = post(&first.beside().await, "key-1", &path, "{}").await;
    assert_eq!((again.status, again.replayed, again.body), (made.status, true, made.body));
    assert_eq!(first.client.grant(grant).await.unwrap().keys.len(), 1);
}

#[tokio::test]
async fn two_callers_with_one_key_have_two() {
    let first = House::shared().await;
    let second = first.beside_with("bursar-op-second").await;
    assert_eq!(fund(&first, "key-1", FIVE).await.status, 200);
    let other = fund(&second, "key-1", FIVE).await;
    assert_eq!((other.status, other.replayed), (200, false));
    assert_eq!((funded(&first).await, keys(&first).await), (usd("10"), 2));
}

#[tokio::test]
async fn a_key_lives_for_a_day() {
    let house = House::open().await;
    assert_eq!(fund(&house, "key-1", FIVE).await.status, 200);
    let since = kept(&house, "key-1").await.unwrap().since;
    let life = IDEMPOTENCY_KEY_LIFE;
    assert_eq!(life, SignedDuration::from_hours(24), "what the documents say");
    house.turn_to(since + life - SignedDuration::from_mins(1));
    house.service.run_due().await.unwrap();
    assert!(fund(&house, "key-1", FIVE).await.replayed);
    // Over, and not yet swept: it is free for whatever comes.
    house.turn_to(since + life);
    let anew = fund(&house, "key-1", SIX).await;
    assert_eq!((anew.status, anew.replayed), (200, false));
    assert_eq!(funded(&house).await, usd("11"));
    assert!(fund(&house, "key-1", SIX).await.replayed, "with a life of its own");
    let since = kept(&house, "key-1").await.unwrap().since;
    house.turn_to(since + life + SignedDuration::from_mins(1));
    house.service.run_due().await.unwrap();
    assert_eq!(keys(&house).await, 0, "it is swept");
}

#[tokio::test]
async fn a_turn_of_the_clock_past_its_own_key_is_not_made_twice() {
    let house = House::open().await;
    let path = "/api/clock/advance";
    let first = post(&house, "key-1", path, r#"{"by":"30d"}"#).await;
    assert_eq!(first.status, 200, "{first:?}");
    let again = post(&house, "key-1", path, r#"{"by":"30d"}"#).await;
    assert_eq!((again.status, again.replayed, again.body), (200, true, first.body));
    let now = house.service.now();
    assert!(now < at("2026-12-23T10:00:00Z"), "{now}");
}

#[tokio::test]
async fn what_only_found_the_store_out_of_reach_is_tried_again() {
    let house = House::open().await;
    assert_eq!(fund(&house, "key-1", FIVE).await.status, 200);
    change(&house, "key-1", |row| row.answer.as_mut().unwrap().status = 503).await;
    assert_eq!(fund(&house, "key-1", SIX).await.status, 422);
    let again = fund(&house, "key-1", FIVE).await;
    assert_eq!((again.status, again.replayed), (200, false));
    assert!(fund(&house, "key-1", FIVE).await.replayed);
    assert_eq!(funded(&house).await, usd("10"));
}

#[tokio::test]
async fn a_keys_secret_is_told_again_and_kept_nowhere_in_clear() {
    let house = House::open().await;
    let grant = grant(&house.client).await;
    let path = format!("/api/grants/{grant}/keys");
    let (key, name) = ("a-key-of-the-senders-choice", "a name like no other");
    let body = format!(r#"{{"name":"{name}"}}"#);
    let first = post(&house, key, &path, &body).await;
    let again = post(&house, key, &path, &body).await;
    assert_eq!((again.replayed, &again.body), (true, &first.body));
    assert_eq!(house.client.grant(grant).await.unwrap().keys.len(), 1);
    let made: Value = serde_json::from_str(&first.body).unwrap();
    let secret = made["secret"].as_str().unwrap();
    let mut names = 0_usize;
    for (file, bytes) in house.files() {
        let found = |what: &str| bytes.windows(what.len()).any(|part| part == what.as_bytes());
        for secret in [secret, key, TOKEN] {
            assert!(!found(secret), "`{file}` holds a secret");
        }
        // Not even a hash that a guess of the request can be held against.
        for guess in [key, &body, &first.body] {
            let hash = *blake3::hash(guess.as_bytes()).as_bytes();
            assert!(!bytes.windows(32).any(|part| part == hash), "`{file}` has `{guess}`'s hash");
        }
        names += usize::from(found(name));
    }
    assert!(0 < names, "what is in the database is looked at");
}

#[tokio::test]
async fn a_key_that_is_none_and_a_stranger_are_refused_before_anything_is_done() {
    let house = House::open().await;
    for key in ["", "two words", "clé", "tab\tkey", "k".repeat(256).as_str()] {
        let told = fund(&house, key, FIVE).await;
        assert_eq!((told.status, told.code().as_str()), (400, "invalid_idempotency_key"), "{key}");
    }
    let two = Request::builder()
        .header("authorization", format!("Bearer {TOKEN}"))
        .header("idempotency-key", "key-1")
        .header("idempotency-key", "key-2");
    let path = format!("/api/programs/{PROGRAM}/fund");
    assert_eq!(house.knock(two, "POST", &path, FIVE).await.status().as_u16(), 400);
    for token in [None, Some("Bearer bursar-op-other")] {
        let mut stranger = Request::builder().header("idempotency-key", "key-1");
        if let Some(token) = token {
            stranger = stranger.header("authorization", token);
        }
        assert_eq!(house.knock(stranger, "POST", &path, FIVE).await.status().as_u16(), 401);
    }
    assert_eq!((funded(&house).await, keys(&house).await), (Usd::ZERO, 0));
    for key in ["key-1", "k".repeat(255).as_str()] {
        let later = fund(&house, key, FIVE).await;
        assert_eq!((later.status, later.replayed), (200, false), "a stranger takes no key");
    }
}

#[tokio::test]
async fn a_put_and_a_delete_need_no_key() {
    let house = House::open().await;
    let grant = grant(&house.client).await;
    let key = house.client.make_key(grant, &NewKey::default()).await.unwrap();
    let before = keys(&house).await;
    let tier = format!("/api/grants/{grant}/tier");
    let body = serde_json::to_string(&NameTier {
        tier: TierId::new("tier-1"),
        reason: "a study with a deadline".to_owned(),
    });
    let body = body.unwrap();
    let named = house.send("PUT", &tier, &body).await;
    assert_eq!((named.0, house.send("PUT", &tier, &body).await), (200, named));
    let stopped = format!("/api/keys/{}", key.id);
    assert_eq!(house.send("DELETE", &stopped, "").await.0, 204);
    let is = house.client.grant(grant).await.unwrap().keys;
    house.turn_to(house.service.now() + SignedDuration::from_hours(1));
    assert_eq!(house.send("DELETE", &stopped, "").await.0, 204);
    let was = house.client.grant(grant).await.unwrap().keys;
    assert_eq!(format!("{is:?}"), format!("{was:?}"), "it was stopped when it was stopped first");
    assert_eq!(keys(&house).await, before);
}

#[tokio::test]
async fn the_client_draws_a_key_for_each_thing_that_it_does() {
    let house = House::open().await;
    let grant = grant(&house.client).await;
    for _ in 0..2 {
        house.client.make_key(grant, &NewKey::default()).await.unwrap();
    }
    assert_eq!(house.client.grant(grant).await.unwrap().keys.len(), 2, "each is its own");
    assert_eq!(keys(&house).await, 4, "fund, issue, and two keys");
}

/// A way to a house on which the first answer is lost, after the house has given it.
async fn lossy(house: &House) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let house = house.url.trim_start_matches("http://").to_owned();
    tokio::spawn(async move {
        let mut is_first = true;
        while let Ok((mut near, _)) = listener.accept().await {
            let mut far = TcpStream::connect(&house).await.unwrap();
            if std::mem::take(&mut is_first) {
                let (mut asked, mut answer) = ([0_u8; 4096], [0_u8; 1]);
                // The client's requests here are small: head and body come in one or two parts.
                loop {
                    tokio::select! {
                        read = near.read(&mut asked) => {
                            far.write_all(&asked[..read.unwrap()]).await.unwrap();
                        }
                        read = far.read(&mut answer) => {
                            assert_eq!(read.unwrap(), 1);
                            break;
                        }
                    }
                }
                continue;
            }
            tokio::spawn(async move { tokio::io::copy_bidirectional(&mut near, &mut far).await });
        }
    });
    url
}

#[tokio::test]
async fn the_client_asks_again_under_the_same_key_when_an_answer_is_lost() {
    let house = House::open().await;
    let client = Client::connect(&lossy(&house).await, TOKEN).unwrap();
    client.fund(&program(), usd("5")).await.unwrap();
    assert_eq!((funded(&house).await, keys(&house).await), (usd("5"), 1), "it was done once");
    // What turns the clock is longest on its way.
    let client = Client::connect(&lossy(&house).await, TOKEN).unwrap();
    let turn = Advance { by: Some("30d".to_owned()), ..Advance::default() };
    let turned = client.advance_clock(&turn).await.unwrap();
    assert!(turned.now < at("2026-12-23T10:00:00Z"), "{}", turned.now);
}

#[tokio::test]
async fn the_client_waits_for_the_answer_to_what_a_server_is_still_at() {
    let house = House::open().await;
    let (status, money) = house.send("GET", &format!("/api/programs/{PROGRAM}/money"), "").await;
    assert_eq!(status, 200);
    let running = r#"{"error":{"code":"idempotency_key_in_use","message":"it is being done"}}"#;
    let answers = Arc::new(Mutex::new(vec![(200_u16, money), (409, running.to_owned())]));
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (left, heard) = (Arc::clone(&answers), Arc::clone(&seen));
    let answer = move |headers: HeaderMap| {
        heard.lock().unwrap().push(headers.get("idempotency-key").cloned());
        let (status, body) = left.lock().unwrap().pop().unwrap();
        std::future::ready((StatusCode::from_u16(status).unwrap(), body))
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let door = axum::Router::new().fallback(answer);
    tokio::spawn(async move { axum::serve(listener, door).await });
    Client::connect(&url, TOKEN).unwrap().fund(&program(), usd("5")).await.unwrap();
    let seen = seen.lock().unwrap().clone();
    assert_eq!(seen.len(), 2);
    assert!(seen[0].is_some() && seen[0] == seen[1], "{seen:?}");
    assert!(answers.lock().unwrap().is_empty());
}
