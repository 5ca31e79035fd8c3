//! Azure's shape: a deployment for each model, its key in a header of its own, answers that say
//! what its filters think, and refusals that are billed.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use bursar_kernel::Usd;
use bursar_sandbox::Sandbox;
use bursar_store::rows::{Basis, CallOutcome};
use bursar_upstream::{Azure, Kind, Upstream};
use http::{HeaderMap, Method, StatusCode, Uri};
use serde_json::{Value, json};

use crate::client::{Answer, chat, get, post, send};
use crate::sessions::{Script, connect, double_at, session, updated};
use crate::world::{UPSTREAM_KEY, World, listen, named, sandbox, usd};

const CHAT: &str = "/v1/chat/completions";
const VERSION: &str = "2024-10-21";

/// What stands before a sandbox and takes what Azure takes, and nothing else.
#[derive(Clone)]
struct Shim {
    sandbox: SocketAddr,
    is_v1: bool,
}

impl Shim {
    /// Where the sandbox has what was asked for; why not, where Azure would not have it.
    fn place(&self, uri: &Uri, headers: &HeaderMap, body: &Value) -> Result<String, &'static str> {
        if headers.get("api-key").is_none_or(|key| key != UPSTREAM_KEY) {
            return Err("no api-key");
        }
        if headers.contains_key("authorization") {
            return Err("a bearer token as well");
        }
        if self.is_v1 {
            let path = uri.path().strip_prefix("/openai/v1/").ok_or("not below /openai/v1")?;
            let is_deployment = body["model"] == "my-mini" && uri.query().is_none();
            return is_deployment.then(|| format!("/v1/{path}")).ok_or("no deployment");
        }
        let path = uri.path().strip_prefix("/openai/deployments/my-mini/");
        let is_version = uri.query() == Some("api-version=2024-10-21");
        let path = path.filter(|_| is_version).ok_or("no such deployment or version")?;
        Ok(format!("/v1/{path}"))
    }
}

async fn serve(State(shim): State<Shim>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let mut body: Value = serde_json::from_slice(&body).unwrap();
    let path = match shim.place(&uri, &headers, &body) {
        Ok(path) => path,
        Err(why) => return (StatusCode::NOT_FOUND, why).into_response(),
    };
    let said = body["messages"][0]["content"].as_str().unwrap_or_default();
    if let Some(code) = said.strip_prefix("refuse with ") {
        let status = if code == "nothing" { 500 } else { 400 };
        let error = json!({"error": {"message": "The response was filtered", "type": null,
            "param": "prompt", "code": code, "status": status}});
        return (StatusCode::from_u16(status).unwrap(), error.to_string()).into_response();
    }
    body["model"] = "gpt-4o-mini".into();
    let bearer = format!("Bearer {UPSTREAM_KEY}");
    let headers = [("authorization", &*bearer), ("content-type", "application/json")];
    let answer = send(shim.sandbox, Method::POST, &path, &headers, body.to_string()).await;
    with_opinions(&answer)
}

/// An answer with what the filters think of it.
fn with_opinions(answer: &Answer) -> Response {
    let filters = json!({"hate": {"filtered": false, "severity": "safe"}});
    let kind = [("content-type", answer.header("content-type").to_owned())];
    let opinion = json!([{"prompt_index": 0, "content_filter_results": filters}]);
    if answer.text().starts_with("data: ") {
        let first = json!({"choices": [], "created": 0, "id": "", "model": "", "object": "",
            "prompt_filter_results": opinion});
        let rest = answer.text().replace(
            r#""finish_reason":null"#,
            &format!(r#""finish_reason":null,"content_filter_results":{filters}"#),
        );
        return (answer.status, kind, format!("data: {first}\n\n{rest}")).into_response();
    }
    let mut json = answer.json();
    json["prompt_filter_results"] = opinion;
    json["choices"][0]["content_filter_results"] = filters;
    (answer.status, kind, json.to_string()).into_response()
}

fn azure(address: SocketAddr, version: &str) -> Upstream {
    let deployments = [("gpt-4o-mini", "my-mini"), ("text-embedding-3-small", "my-mini")];
    let owned = |(model, name): (&str, &str)| (model.to_owned(), name.to_owned());
    Upstream {
        base_url: format!("http://{address}"),
        kind: Kind::Azure(Azure {
            api_version: version.to_owned(),
            deployments: deployments.map(owned).into_iter().collect(),
        }),
        pins_service_tier: false,
        ..named("azure", address)
    }
}

async fn world(version: &str) -> (World, Sandbox) {
    let behind = sandbox();
    let shim = Shim { sandbox: listen(behind.router()).await, is_v1: version == "v1" };
    let address = listen(Router::new().fallback(any(serve)).with_state(shim)).await;
    (World::with(vec![azure(address, version)]).await, behind)
}

#[tokio::test]
async fn a_deployment_is_called_by_its_address_and_charged_as_it_reports() {
    for version in [VERSION, "v1"] {
        let (world, behind) = world(version).await;
        for stream in [false, true] {
            let who = world.funded("1").await;
            let answer = post(world.address, CHAT, who.secret(), &chat(60, stream)).await;
            assert_eq!(answer.status, 200, "{version}: {}", answer.text());
            assert!(answer.text().contains("prompt_filter_results"), "{}", answer.text());
            assert!(answer.text().contains(r#""content_filter_results":{"hate""#));
            assert!(!stream || answer.events().last() == Some(&"[DONE]"));
            let call = world.call_of(who.grant).await;
            let made = behind.log().pop().unwrap();
            assert_eq!((call.basis, call.outcome), (Basis::Reported, CallOutcome::Answered));
            let used = (call.usage.input_total(), call.usage.output_total());
            assert_eq!(used, (made.input_tokens, made.output_tokens));
        }
        world.verify().await;
    }
}

#[tokio::test]
async fn embeddings_have_a_deployment_too() {
    let (world, behind) = world(VERSION).await;
    let who = world.funded("1").await;
    // The shim knows one model alone: what counts is where the call arrives.
    let body = json!({"model": "text-embedding-3-small", "input": "a few words"});
    let answer = post(world.address, "/v1/embeddings", who.secret(), &body).await;
    assert_ne!(answer.status, 503, "{}", answer.text());
    assert_eq!(behind.log()[0].path, "/v1/embeddings");
}

#[tokio::test]
async fn what_has_no_deployment_is_not_there() {
    let (world, behind) = world(VERSION).await;
    let who = world.funded("1").await;
    let mut other = chat(60, false);
    other["model"] = "gpt-4.1-mini".into();
    let respond =
        json!({"model": "gpt-4o-mini", "input": "hello", "max_output_tokens": 20, "store": false});
    for (path, body) in [(CHAT, other), ("/v1/responses", respond)] {
        let answer = post(world.address, path, who.secret(), &body).await;
        let (_, code, message) = answer.error();
        assert_eq!((answer.status.as_u16(), &*code), (404, "model_not_found"), "{message}");
    }
    let upload = crate::batches::upload(&world, who.secret(), "{}").await;
    assert_eq!((upload.status.as_u16(), &*upload.error().1), (404, "files_not_offered"));
    let listed = get(world.address, "/v1/models", who.secret()).await.json();
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(2), "{listed}");
    assert!(behind.log().is_empty());
    assert_eq!(world.money(who.grant).await, (usd("1"), Usd::ZERO));
}

/// Azure bills what it worked on, whatever it answers.
#[tokio::test]
async fn a_refusal_that_is_billed_is_charged_and_goes_nowhere_else() {
    let (first, _) = shimmed().await;
    let spare = sandbox();
    let second = Upstream { weight: 0, ..named("second", listen(spare.router()).await) };
    let world = World::with(vec![azure(first, VERSION), second]).await;
    for (code, status, basis) in [
        ("content_filter", 400, Basis::HeldInFull),
        ("context_length_exceeded", 400, Basis::HeldInFull),
        ("nothing", 500, Basis::HeldInFull),
        ("invalid_value", 400, Basis::Nothing),
    ] {
        let who = world.funded("1").await;
        let mut body = chat(60, false);
        body["messages"][0]["content"] = format!("refuse with {code}").into();
        let answer = post(world.address, CHAT, who.secret(), &body).await;
        assert_eq!((answer.status.as_u16(), &*answer.error().1), (status, code));
        let call = world.call_of(who.grant).await;
        assert_eq!(call.basis, basis, "{code}");
        let is_charged = answer.text().contains("may have been billed");
        assert_eq!(is_charged, basis == Basis::HeldInFull, "{}", answer.text());
        assert_eq!(answer.header("x-should-retry") == "false", is_charged);
    }
    assert!(spare.log().is_empty());
    world.verify().await;
}

async fn shimmed() -> (SocketAddr, Arc<Sandbox>) {
    let behind = Arc::new(sandbox());
    let shim = Shim { sandbox: listen(behind.router()).await, is_v1: false };
    (listen(Router::new().fallback(any(serve)).with_state(shim)).await, behind)
}

#[tokio::test]
async fn an_azure_deployment_stands_in_for_another_provider() {
    let (address, behind) = shimmed().await;
    let first = sandbox();
    first
        .set_profile(
            serde_json::from_str(r#"{"fail": {"status": 429, "type": "tokens"}}"#).unwrap(),
        )
        .unwrap();
    let stands_in = Upstream { weight: 0, ..azure(address, VERSION) };
    let world = World::with(vec![named("first", listen(first.router()).await), stands_in]).await;
    let who = world.funded("1").await;
    let answer = post(world.address, CHAT, who.secret(), &chat(60, true)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!((first.log().len(), behind.log().len()), (1, 1));
    assert_eq!(world.call_of(who.grant).await.basis, Basis::Reported);
    world.verify().await;
}

#[tokio::test]
async fn a_session_names_its_deployment_and_brings_the_key_in_its_own_header() {
    let script: Script = Arc::new(|event| updated(event).unwrap_or_default());
    let (provider, mut heard) = double_at("/openai/v1/realtime", script).await;
    let deployments = [("gpt-realtime".to_owned(), "my-voice".to_owned())].into();
    let azure = |api_version: &str| Upstream {
        base_url: format!("http://{provider}"),
        kind: Kind::Azure(Azure {
            api_version: api_version.to_owned(),
            deployments: Clone::clone(&deployments),
        }),
        ..named("azure", provider)
    };
    let world = World::with(vec![azure("v1")]).await;
    let who = world.funded("1").await;
    let spoken = session(world.address, "gpt-realtime", who.secret()).await;
    // The client sees the model that it asked for.
    assert_eq!(spoken.heard[0]["session"]["model"], "gpt-realtime");
    let asked = heard.recv().await.unwrap();
    assert_eq!(asked["uri"], "/openai/v1/realtime?model=my-voice");
    assert_eq!((&asked["api-key"], &asked["authorization"]), (&json!(UPSTREAM_KEY), &Value::Null));
    // A dated version has no sessions that are known here.
    let world = World::with(vec![azure(VERSION)]).await;
    let who = world.funded("1").await;
    let bearer = format!("Bearer {}", who.secret());
    let headers = [("authorization", &*bearer)];
    let path = "/v1/realtime?model=gpt-realtime";
    let answer = connect(world.address, path, &headers).await.err().unwrap();
    assert_eq!((answer.status.as_u16(), &*answer.error().1), (404, "model_not_found"));
}
