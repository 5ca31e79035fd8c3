//! Realtime sessions: each response is paid for before it is made, and charged once.

use std::time::Duration;

use bursar_kernel::{Endpoint, RateLimit, Usd};
use bursar_socket::Close;
use bursar_store::CallFilter;
use bursar_store::rows::{Basis, Call, CallOutcome};
use serde_json::{Value, json};

use crate::client::{get, post};
use crate::sessions::{connect, session, speech, user};
use crate::world::{Funded, World, usd};

const MODEL: &str = "gpt-realtime";

/// What a usage costs at the shipped prices of the model, by hand: $4 text, $0.40 cached, $32
/// audio, $5 images in; $16 text and $64 audio out.
fn cost(usage: &Value) -> Usd {
    let input = &usage["input_token_details"];
    let cached = &input["cached_tokens_details"];
    let output = &usage["output_token_details"];
    let count = |value: &Value| i64::try_from(value.as_u64().unwrap()).unwrap();
    let (text, audio) = (count(&input["text_tokens"]), count(&input["audio_tokens"]));
    let (cached_text, cached_audio) =
        (count(&cached["text_tokens"]), count(&cached["audio_tokens"]));
    let thousandths = (text - cached_text) * 4_000
        + cached_text * 400
        + (audio - cached_audio) * 32_000
        + cached_audio * 400
        + count(&input["image_tokens"]) * 5_000
        + count(&output["text_tokens"]) * 16_000
        + count(&output["audio_tokens"]) * 64_000;
    Usd::from_nanos(thousandths)
}

#[tokio::test]
async fn a_session_of_text_is_charged_to_the_nano_dollar_response_by_response() {
    let world = World::new().await;
    let who = world.funded("10").await;
    let mut spoken = session(world.address, MODEL, who.secret()).await;
    spoken.in_text().await;
    let mut charged = Usd::ZERO;
    for words in ["Count the ways a budget can fail.", "And how it can hold."] {
        let done = spoken.ask(words).await;
        let usage = &done["response"]["usage"];
        let cost = cost(usage);
        assert!(cost.is_positive(), "{usage}");
        assert_eq!(done["bursar"]["cost"], cost.to_string());
        charged = charged.checked_add(cost).unwrap();
    }
    drop(spoken);
    let calls = world.calls_of(who.grant).await;
    assert_eq!(calls.len(), 2);
    for call in &calls {
        assert_eq!((call.endpoint, call.basis), (Endpoint::Realtime, Basis::Reported));
        assert_eq!(call.outcome, CallOutcome::Answered);
        assert!(call.cost <= call.held, "{call:?}");
        assert_eq!(call.model.as_str(), MODEL);
    }
    assert_eq!(calls[0].cost.checked_add(calls[1].cost), Some(charged));
    let (free, held) = world.money(who.grant).await;
    assert_eq!((free, held), (usd("10").checked_sub(charged).unwrap(), Usd::ZERO));
    world.verify().await;
}

/// The calls of a grant once there are so many.
async fn calls(world: &World, who: &Funded, many: usize) -> Vec<Call> {
    use bursar_store::Reads as _;
    for _ in 0..400 {
        let which = CallFilter { grant: who.grant, person: None, before: None, limit: 1_000 };
        let calls = world.store.calls(which).await.unwrap();
        if many <= calls.len() {
            return calls;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("there are not {many} calls");
}

#[tokio::test]
async fn who_stops_speaking_is_answered_by_itself_and_each_answer_is_paid_for_first() {
    let world = World::new().await;
    world.profile(r#"{"answer_tokens": 12}"#);
    let who = world.funded("10").await;
    let mut spoken = session(world.address, MODEL, who.secret()).await;
    let created = spoken.heard[0].clone();
    let turn = &created["session"]["audio"]["input"]["turn_detection"];
    assert_eq!(turn["create_response"], true, "the client sees what it would have seen");
    let mut charged = Usd::ZERO;
    for _ in 0..2 {
        let audio = speech(400, 600);
        spoken.say(json!({"type": "input_audio_buffer.append", "audio": audio})).await;
        let done = spoken.until("response.done").await;
        let usage = &done["response"]["usage"];
        assert!(0 < usage["input_token_details"]["audio_tokens"].as_u64().unwrap(), "{usage}");
        assert!(0 < usage["output_token_details"]["audio_tokens"].as_u64().unwrap(), "{usage}");
        assert_eq!(done["bursar"]["cost"], cost(usage).to_string());
        charged = charged.checked_add(cost(usage)).unwrap();
    }
    let kinds = spoken.kinds().join(" ");
    for kind in ["speech_started", "speech_stopped", "committed", "response.output_audio.delta"] {
        assert!(kinds.contains(kind), "{kinds}");
    }
    drop(spoken);
    let calls = world.calls_of(who.grant).await;
    assert_eq!(calls.len(), 2, "one for each answer");
    assert!(calls.iter().all(|call| call.cost <= call.held && call.basis == Basis::Reported));
    assert_eq!(Usd::sum(calls.iter().map(|call| call.cost)), Some(charged));
    // The second was made from what the first left, and some of that came from the cache.
    assert!(calls[1].usage.audio_in + calls[1].usage.audio_cached < calls[0].usage.input_total());
    world.verify().await;
}

#[tokio::test]
async fn what_writes_down_the_input_is_a_call_of_its_own() {
    let world = World::new().await;
    world.profile(r#"{"answer_tokens": 12}"#);
    let who = world.funded("10").await;
    for (model, at_a_second) in [("whisper-1", "0.0001"), ("gpt-4o-mini-transcribe", "")] {
        let mut spoken = session(world.address, MODEL, who.secret()).await;
        let input = json!({"input": {"transcription": {"model": model}}});
        let session = json!({"type": "realtime", "audio": input});
        spoken.say(json!({"type": "session.update", "session": session})).await;
        spoken.until("session.updated").await;
        let audio = speech(300, 600);
        spoken.say(json!({"type": "input_audio_buffer.append", "audio": audio})).await;
        let completed = "conversation.item.input_audio_transcription.completed";
        let told = spoken.until(completed).await;
        let usage = &told["usage"];
        let cost: Usd = told["bursar"]["cost"].as_str().unwrap().parse().unwrap();
        if at_a_second.is_empty() {
            let count = |name: &str| i64::try_from(usage[name].as_u64().unwrap()).unwrap();
            let nanos = count("input_tokens") * 1_250 + count("output_tokens") * 5_000;
            assert_eq!(cost, Usd::from_nanos(nanos), "{usage}");
        } else {
            assert_eq!((usage["seconds"].as_u64(), cost), (Some(1), usd(at_a_second)));
        }
        spoken.until("response.done").await;
        spoken.writer.close(Close { code: 1000, reason: String::new() }).await.unwrap();
        spoken.until_closed().await;
    }
    let calls = world.calls_of(who.grant).await;
    let names: Vec<_> =
        calls.iter().map(|call| (call.endpoint.name(), call.model.as_str())).collect();
    assert_eq!(names.len(), 4, "{names:?}");
    assert!(names.contains(&("audio_transcriptions", "whisper-1")));
    assert!(names.contains(&("audio_transcriptions", "gpt-4o-mini-transcribe")));
    world.settled_for_a_while().await;
    assert_eq!(world.money(who.grant).await.1, Usd::ZERO, "nothing stays set aside");
    world.verify().await;
}

#[tokio::test]
async fn an_answer_that_cannot_be_paid_is_not_made_and_the_session_stays_open() {
    let world = World::new().await;
    let who = world.funded("0.002").await;
    let mut spoken = session(world.address, MODEL, who.secret()).await;
    spoken.say(user("Hello.")).await;
    spoken.say(json!({"type": "response.create", "event_id": "mine"})).await;
    let mut error = Value::Null;
    while error.is_null() {
        let event = spoken.next().await.unwrap();
        if event["type"] == "error" {
            error = event["error"].clone();
        }
    }
    assert_eq!(error["type"], "insufficient_quota");
    assert_eq!(error["code"], "credit_balance_exhausted");
    assert_eq!(error["event_id"], "mine");
    let message = error["message"].as_str().unwrap();
    assert!(message.starts_with("You exceeded your current quota"), "{message}");
    assert!(world.sandbox.log()[0].reported.is_empty());
    // A smaller one fits.
    let small = json!({"output_modalities": ["text"], "max_output_tokens": 16});
    spoken.say(json!({"type": "response.create", "response": small})).await;
    let done = spoken.until("response.done").await;
    assert_eq!(done["response"]["status"], "incomplete");
    drop(spoken);
    assert_eq!(world.calls_of(who.grant).await.len(), 1);
    world.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_sessions_at_once_never_spend_what_is_not_there() {
    let world = World::new().await;
    world.profile(r#"{"answer_tokens": 40, "chunk_delay_ms": 5}"#);
    let who = world.funded("0.02").await;
    let talk = async |number: usize| {
        let mut spoken = session(world.address, MODEL, who.secret()).await;
        spoken.in_text().await;
        let (mut made, mut refused) = (0, 0);
        for turn in 0..3 {
            spoken.say(user(&format!("Turn {turn} of {number}."))).await;
            let response = json!({"max_output_tokens": 100});
            spoken.say(json!({"type": "response.create", "response": response})).await;
            loop {
                let event = spoken.next().await.unwrap();
                match event["type"].as_str().unwrap() {
                    "response.done" => {
                        made += 1;
                        break;
                    }
                    "error" => {
                        let code = event["error"]["code"].as_str().unwrap();
                        assert!(
                            ["credit_balance_exhausted", "rate_limit_exceeded"].contains(&code)
                        );
                        refused += 1;
                        break;
                    }
                    _ => {}
                }
            }
        }
        (made, refused)
    };
    let all = futures_util::future::join_all((0..16).map(talk)).await;
    let made: usize = all.iter().map(|(made, _)| made).sum();
    let refused: usize = all.iter().map(|(_, refused)| refused).sum();
    assert!(0 < made && 0 < refused, "{all:?}");
    let calls = world.calls_of(who.grant).await;
    assert_eq!(calls.len(), made, "each that was made is charged, and no other");
    let spent = Usd::sum(calls.iter().map(|call| call.cost)).unwrap();
    assert!(spent <= usd("0.02"), "{spent}");
    assert_eq!(world.money(who.grant).await.1, Usd::ZERO);
    world.verify().await;
}

#[tokio::test]
async fn whoever_leaves_in_the_middle_pays_for_what_was_made_and_no_more() {
    let world = World::new().await;
    world.profile(r#"{"answer_tokens": 2000, "chunk_delay_ms": 20}"#);
    let who = world.funded("10").await;
    let mut spoken = session(world.address, MODEL, who.secret()).await;
    spoken.in_text().await;
    spoken.say(user("Go on and on.")).await;
    spoken.say(json!({"type": "response.create"})).await;
    for _ in 0..3 {
        spoken.until("response.output_text.delta").await;
    }
    drop(spoken);
    let call = world.call_of(who.grant).await;
    assert_eq!((call.outcome, call.basis), (CallOutcome::Abandoned, Basis::Reported));
    assert!(call.cost.is_positive() && call.cost < call.held, "{call:?}");
    let reported = &world.sandbox.log()[0].reported[0];
    assert_eq!(call.cost, cost(reported), "{reported}");
    world.verify().await;
}

#[tokio::test]
async fn who_may_not_have_a_session_hears_so_before_there_is_one() {
    let world = World::new().await;
    let who = world.funded("1").await;
    let bearer = format!("Bearer {}", who.secret());
    let key = [("authorization", &*bearer)];
    let wrong = [("authorization", "Bearer sk-wrong")];
    let path = "/v1/realtime?model=gpt-realtime";
    for (path, headers, status, code) in [
        (path, &wrong[..], 401, "invalid_api_key"),
        (path, &[], 401, "invalid_api_key"),
        ("/v1/realtime?model=gpt-nothing", &key, 404, "model_not_found"),
        ("/v1/realtime?model=gpt-4o-mini", &key, 404, "model_not_found"),
        ("/v1/realtime", &key, 400, "missing_required_parameter"),
        ("/v1/realtime?call_id=rtc_1", &key, 400, "unknown_parameter"),
        ("/v1/realtime?model=gpt-realtime&intent=transcription", &key, 400, "unknown_parameter"),
        (
            "/v1/realtime?model=gpt-realtime&model=gpt-realtime-mini",
            &key,
            400,
            "duplicate_parameter",
        ),
    ] {
        let answer = connect(world.address, path, headers).await.err().unwrap();
        assert_eq!((answer.status.as_u16(), &*answer.error().1), (status, code), "{path}");
    }
    let plain = get(world.address, path, who.secret()).await;
    assert_eq!((plain.status.as_u16(), &*plain.error().1), (426, "websocket_required"));
    // What the upstream refuses is told as of any call.
    world
        .profile(r#"{"fail": {"status": 429, "type": "requests", "code": "rate_limit_exceeded"}}"#);
    let answer = connect(world.address, path, &key).await.err().unwrap();
    assert_eq!((answer.status.as_u16(), &*answer.error().1), (429, "rate_limit_exceeded"));
    for refused in
        ["client_secrets", "sessions", "calls", "calls/x/accept", "translations/client_secrets"]
    {
        let answer =
            post(world.address, &format!("/v1/realtime/{refused}"), who.secret(), &json!({})).await;
        let (_, code, message) = answer.error();
        assert!(!message.is_empty() && code != "unknown_url", "{refused}: {code}");
    }
    world.verify().await;
}

#[tokio::test]
async fn a_browser_says_its_key_among_the_subprotocols_and_never_sees_it_again() {
    let world = World::new().await;
    let who = world.funded("1").await;
    let path = "/v1/realtime?model=gpt-realtime";
    for (offered, answered) in [
        (format!("realtime, openai-insecure-api-key.{}", who.secret()), "realtime"),
        (
            format!("openai-insecure-api-key.{}, openai-beta.realtime-v1", who.secret()),
            "openai-beta.realtime-v1",
        ),
    ] {
        let headers = [("sec-websocket-protocol", &*offered)];
        let spoken = connect(world.address, path, &headers).await.unwrap_or_else(|_| panic!("no"));
        assert_eq!(spoken.headers["sec-websocket-protocol"], answered);
        assert!(
            spoken
                .headers
                .values()
                .all(|value| { !value.to_str().unwrap().contains(who.secret()) })
        );
        assert_eq!(spoken.headers["x-bursar-sandbox"], "true");
    }
    let wrong = [("sec-websocket-protocol", "realtime, openai-insecure-api-key.sk-none")];
    let answer = connect(world.address, path, &wrong).await.err().unwrap();
    assert_eq!(answer.status, 401);
    assert!(!answer.text().contains("sk-none"));
}

#[tokio::test]
async fn a_holder_has_the_limits_of_its_tier_inside_a_session_too() {
    let limit = RateLimit { requests_per_minute: Some(2), ..RateLimit::default() };
    let world = World::limited(limit).await;
    let who = world.slow("slow@example.org").await;
    let mut spoken = session(world.address, MODEL, who.secret()).await;
    spoken.in_text().await;
    for _ in 0..2 {
        spoken.ask("Hello.").await;
        let rates = spoken.until("rate_limits.updated").await;
        assert_eq!(rates["rate_limits"][0]["limit"], 2, "{rates}");
    }
    spoken.say(json!({"type": "response.create"})).await;
    loop {
        let event = spoken.next().await.unwrap();
        if event["type"] == "error" {
            assert_eq!(event["error"]["code"], "rate_limit_exceeded");
            break;
        }
    }
    drop(spoken);
    assert_eq!(world.calls_of(who.grant).await.len(), 2);
    world.verify().await;
}

#[tokio::test]
async fn every_answer_has_its_name_and_its_cost_can_be_asked_for() {
    let world = World::new().await;
    let who = world.funded("1").await;
    let mut spoken = session(world.address, MODEL, who.secret()).await;
    assert!(spoken.headers["x-request-id"].to_str().unwrap().starts_with("req_"));
    spoken.in_text().await;
    let done = spoken.ask("Hello.").await;
    let name = done["bursar"]["request_id"].as_str().unwrap();
    let found = get(world.address, &format!("/v1/bursar/calls/{name}"), who.secret()).await;
    assert_eq!(found.status, 200, "{}", found.text());
    assert_eq!(found.json()["cost"], done["bursar"]["cost"]);
    let usage = "/v1/organization/usage/completions?start_time=0&bucket_width=1d&limit=31";
    let calls = calls(&world, &who, 1).await;
    let start = calls[0].ended_at.as_second() - 60;
    let usage = usage.replace("start_time=0", &format!("start_time={start}"));
    let usage = get(world.address, &usage, who.secret()).await.json();
    let result = &usage["data"][0]["results"][0];
    assert_eq!(result["num_model_requests"], 1, "{usage}");
    assert_eq!(result["input_tokens"], calls[0].usage.input_total());
    let models = get(world.address, "/v1/models/gpt-realtime", who.secret()).await.json();
    assert_eq!(models["bursar"]["endpoints"], json!(["/v1/realtime"]));
}
