//! Keys: stopped at once, and never shown to anyone, not even to the log.

use std::io::Write;
use std::sync::{Mutex, OnceLock};

use bursar_policy::Viewer;

use crate::client::{chat, get, post};
use crate::world::{UPSTREAM_KEY, World};

const CHAT: &str = "/v1/chat/completions";

/// Everything that any test of this binary logs.
static LOG: OnceLock<&'static Mutex<Vec<u8>>> = OnceLock::new();

#[derive(Clone, Copy)]
struct Log(&'static Mutex<Vec<u8>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn log() -> Log {
    Log(LOG.get_or_init(|| {
        let log = Log(Box::leak(Box::default()));
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
            .with_ansi(false)
            .with_writer(move || log);
        tracing::subscriber::set_global_default(subscriber.finish()).unwrap();
        log.0
    }))
}

#[tokio::test]
async fn a_revoked_key_stops_at_once() {
    let world = World::new().await;
    let funded = world.funded("1").await;
    assert_eq!(post(world.address, CHAT, funded.secret(), &chat(9, false)).await.status, 200);
    bursar_studies::revoke_key(&world.service, &Viewer::Operator, funded.made.key.id)
        .await
        .unwrap();
    let mut answers = vec![post(world.address, CHAT, funded.secret(), &chat(9, false)).await];
    // Nor is anything shown to it that asks for no leave to call.
    for path in ["/v1/models", "/v1/files", "/v1/batches", "/v1/organization/costs?start_time=1"] {
        answers.push(get(world.address, path, funded.secret()).await);
    }
    for answer in answers {
        assert_eq!(answer.status, 401);
        let (_, code, message) = answer.error();
        assert_eq!(code, "invalid_api_key");
        assert!(message.contains("Make a new one"), "{message}");
    }
    assert_eq!(world.calls_of(funded.grant).await.len(), 1);
}

#[tokio::test]
async fn a_key_revoked_in_mid_call_lets_the_call_end_under_its_hold() {
    let world = World::new().await;
    world.profile(r#"{"answer_tokens": 20, "first_byte_delay_ms": 200}"#);
    let funded = world.funded("1").await;
    let body = chat(40, false);
    let (answer, ()) = tokio::join!(post(world.address, CHAT, funded.secret(), &body), async {
        while world.sandbox.log().is_empty() {
            tokio::task::yield_now().await;
        }
        bursar_studies::revoke_key(&world.service, &Viewer::Operator, funded.made.key.id)
            .await
            .unwrap();
    });
    assert_eq!(answer.status, 200);
    assert_eq!(world.call_of(funded.grant).await.status, 200);
}

#[tokio::test]
async fn no_answer_and_no_log_line_holds_a_key_or_a_prompt() {
    let log = log();
    let world = World::new().await;
    let funded = world.funded("1").await;
    let mut body = chat(9, false);
    body["messages"][0]["content"] = "prompt-canary-71c2".into();
    let wrong = "sk-bursar-wrong-canary-f3a9";
    let mut answers = vec![
        post(world.address, CHAT, funded.secret(), &body).await,
        post(world.address, CHAT, wrong, &body).await,
        get(world.address, &format!("/v1/models/{wrong}"), wrong).await,
    ];
    world.profile(&format!(
        r#"{{"fail": {{"status": 401, "type": "invalid_request_error", "code": "invalid_api_key",
           "message": "Incorrect API key provided: {UPSTREAM_KEY}."}}}}"#
    ));
    answers.push(post(world.address, CHAT, funded.secret(), &body).await);
    world.settled().await;
    for answer in &answers {
        for secret in [funded.secret(), wrong, UPSTREAM_KEY] {
            assert!(!answer.text().contains(secret), "{}", answer.text());
            assert!(!format!("{:?}", answer.headers).contains(secret));
        }
    }
    let log = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(log.contains("settled call `req_"), "{log}");
    assert!(log.contains("refuses the gateway itself"), "{log}");
    for secret in [funded.secret(), wrong, UPSTREAM_KEY, "prompt-canary-71c2"] {
        assert!(!log.contains(secret), "the log holds {secret}");
    }
}
