//! An upstream's key that is exchanged while calls go on: no call is lost, and neither key is shown.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::routing::post as posting;
use bursar_operator::{remove_upstream_key, reseal, set_upstream_key, upstream_keys};
use bursar_policy::Viewer;
use bursar_sources::MasterKeys;
use bursar_store::Reads as _;
use http::HeaderMap;
use serde_json::{Value, json};

use crate::client::{Answer, chat, post};
use crate::world::{Funded, UPSTREAM_KEY, World, listen};

const CHAT: &str = "/v1/chat/completions";
const OPERATOR: &Viewer = &Viewer::Operator;

/// A provider that repeats the key it was shown in a refusal, as some have done; it remembers all
/// that it was shown.
#[derive(Clone, Default)]
struct Blabber(Arc<Mutex<Vec<String>>>);

impl Blabber {
    async fn serve(&self) -> std::net::SocketAddr {
        let router = Router::new().route(CHAT, posting(blab)).with_state(self.clone());
        listen(router).await
    }

    fn shown(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

async fn blab(
    State(Blabber(shown)): State<Blabber>,
    headers: HeaderMap,
) -> (http::StatusCode, axum::Json<Value>) {
    let key = headers["authorization"].to_str().unwrap().trim_start_matches("Bearer ");
    shown.lock().unwrap().push(key.to_owned());
    let all = format!("no such thing for {key}, {UPSTREAM_KEY}, sk-second, sk-third");
    let error = json!({"error": {"message": all, "type": "invalid_request_error", "code": null,
        "param": null}});
    (http::StatusCode::BAD_REQUEST, axum::Json(error))
}

async fn call(world: &World, who: &Funded) -> Answer {
    post(world.address, CHAT, who.secret(), &chat(9, false)).await
}

async fn set(world: &World, key: &str) -> bursar_operator::UpstreamKey {
    set_upstream_key(&world.service, OPERATOR, "sandbox", key.into()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_next_call_goes_out_with_the_new_key_and_no_answer_shows_any() {
    let provider = Blabber::default();
    let world = World::before(Some(provider.serve().await)).await;
    let who = world.funded("1").await;
    let mut first = set(&world, "sk-second").await;
    assert_eq!((first.upstream.as_str(), first.opens), ("sandbox", true));
    call(&world, &who).await;
    assert_eq!(provider.shown(), ["sk-second"]);
    let third = set(&world, " sk-third\n").await;
    assert_ne!(third.fingerprint, first.fingerprint);
    let answer = call(&world, &who).await;
    assert_eq!(provider.shown(), ["sk-third"]);
    // Those before are secrets as well, and so is the configuration's.
    for secret in ["sk-second", "sk-third", UPSTREAM_KEY] {
        assert!(!answer.text().contains(secret), "{}", answer.text());
    }
    remove_upstream_key(&world.service, OPERATOR, "sandbox").await.unwrap();
    assert!(remove_upstream_key(&world.service, OPERATOR, "sandbox").await.is_err());
    let answer = call(&world, &who).await;
    assert_eq!(provider.shown(), [UPSTREAM_KEY]);
    assert!(!answer.text().contains("sk-third"), "{}", answer.text());
    first.at = set(&world, "sk-second").await.at;
    assert_eq!(upstream_keys(&world.service, OPERATOR).await.unwrap(), [first]);
    let trail = world.store.audit_trail(50).await.unwrap();
    let lines: Vec<String> = trail.iter().map(|line| format!("{line:?}")).collect();
    assert_eq!(lines.iter().filter(|line| line.contains("upstream_key.")).count(), 4);
    let rows = bursar_store::SealedReads::sealed_secrets(&*world.store).await.unwrap();
    for text in lines.into_iter().chain(rows.iter().map(|row| format!("{row:?}"))) {
        assert!(!text.contains("sk-"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_in_flight_end_with_their_key_and_a_restart_knows_the_last_one() {
    let world = World::new().await;
    let who = world.funded("1").await;
    world.profile(r#"{"answer_tokens": 20, "first_byte_delay_ms": 900}"#);
    let meanwhile = async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        // The sandbox takes its own key only: whoever is called with another is refused.
        set(&world, "sk-wrong").await;
        world.profile(r#"{"answer_tokens": 20}"#);
        call(&world, &who).await
    };
    let (in_flight, refused) = tokio::join!(call(&world, &who), meanwhile);
    assert_eq!(in_flight.status, 200, "{}", in_flight.text());
    // That is the gateway's affair, never the caller's.
    assert_eq!(refused.status, 503, "{}", refused.text());
    set(&world, UPSTREAM_KEY).await;
    world.seconds_later(120);
    assert_eq!(call(&world, &who).await.status, 200);
    set(&world, "sk-wrong").await;
    let world = world.after_a_crash().await;
    assert_eq!(call(&world, &who).await.status, 503);
    set(&world, UPSTREAM_KEY).await;
    world.seconds_later(120);
    assert_eq!(call(&world, &who).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newer_master_key_takes_over_and_a_lost_one_leaves_the_rest_at_work() {
    let world = World::new().await;
    let who = world.funded("1").await;
    let before = set(&world, UPSTREAM_KEY).await;
    let path = world.service.calls().master_keys().path().to_owned();
    let names = MasterKeys::named(path.clone()).add().unwrap();
    assert_eq!(names[1], before.master_key);
    assert_eq!(reseal(&world.service, OPERATOR).await.unwrap(), 1);
    assert_eq!(reseal(&world.service, OPERATOR).await.unwrap(), 0);
    let after = upstream_keys(&world.service, OPERATOR).await.unwrap().remove(0);
    assert_eq!((&after.master_key, &after.fingerprint), (&names[0], &before.fingerprint));
    // The file is lost: what is in memory works on, what is listed says so, and a new key refuses.
    std::fs::remove_file(&path).unwrap();
    assert_eq!(call(&world, &who).await.status, 200);
    assert!(!upstream_keys(&world.service, OPERATOR).await.unwrap().remove(0).opens);
    let world = world.after_a_crash().await;
    // The configuration's key holds where the sealed one does not open.
    assert_eq!(call(&world, &who).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_key_and_no_upstream_is_said() {
    let world = World::new().await;
    let long = "x".repeat(1_025);
    for key in ["", "  ", "two words", "line\nbreak", "schlüssel", &long] {
        let set = set_upstream_key(&world.service, OPERATOR, "sandbox", key.into()).await;
        let bursar_service::ServiceError::Invalid(fields) = set.unwrap_err() else {
            panic!("{key}")
        };
        assert!(fields[0].message.starts_with("Give the key alone"), "{key}");
        assert!(key.trim().is_empty() || !fields[0].message.contains(key));
    }
    let none = set_upstream_key(&world.service, OPERATOR, "none", "sk-one".into()).await;
    assert!(none.unwrap_err().to_string().contains("there is no upstream `none`"));
    for viewer in [Viewer::Nobody] {
        assert!(set_upstream_key(&world.service, &viewer, "sandbox", "sk".into()).await.is_err());
        assert!(upstream_keys(&world.service, &viewer).await.is_err());
        assert!(remove_upstream_key(&world.service, &viewer, "sandbox").await.is_err());
        assert!(reseal(&world.service, &viewer).await.is_err());
    }
    assert!(!world.service.calls().master_keys().path().exists(), "nothing was sealed");
}
