//! Streamed images: partial ones are held for, and the last event says what all of it cost.

use bursar_kernel::{Endpoint, Usd};
use bursar_store::rows::{Basis, CallOutcome};
use http::Method;
use serde_json::{Value, json};

use crate::client::{Answer, post, send};
use crate::world::{Funded, World, usd};

const GENERATIONS: &str = "/v1/images/generations";

async fn generate(world: &World, who: &Funded, members: Value) -> Answer {
    let mut body = json!({
        "model": "gpt-image-1.5", "prompt": "A harbour.", "quality": "low", "size": "1024x1024",
        "stream": true,
    });
    body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    post(world.address, GENERATIONS, who.secret(), &body).await
}

async fn edit(world: &World, who: &Funded, fields: &[(&str, &str)]) -> Answer {
    let bearer = format!("Bearer {}", who.secret());
    let mut form = Vec::new();
    for (name, value) in fields {
        let head = format!("--here\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
        form.extend_from_slice(head.as_bytes());
        form.extend_from_slice(value.as_bytes());
        form.extend_from_slice(b"\r\n");
    }
    form.extend_from_slice(
        b"--here\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\n\r\n\
          \x89PNG\r\n--here--\r\n",
    );
    let kind = "multipart/form-data; boundary=here";
    let headers = [("authorization", &*bearer), ("content-type", kind)];
    send(world.address, Method::POST, "/v1/images/edits", &headers, form).await
}

fn events(answer: &Answer) -> Vec<Value> {
    answer.events().into_iter().map(|event| serde_json::from_str(event).unwrap()).collect()
}

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn partial_images_are_held_for_and_billed() {
    let world = World::new().await;
    let (mut costs, mut holds) = (Vec::new(), Vec::new());
    for partial in [0_i64, 1, 3] {
        let who = world.funded("1").await;
        let answer = generate(&world, &who, json!({"partial_images": partial})).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.header("content-type"), "text/event-stream; charset=utf-8");
        let events = events(&answer);
        let (last, before) = events.split_last().unwrap();
        assert_eq!(last["type"], "image_generation.completed");
        assert_eq!(before.len(), usize::try_from(partial).unwrap());
        assert!(kinds(before).iter().all(|kind| *kind == "image_generation.partial_image"));
        assert!(last["b64_json"].as_str().unwrap().len() > 1_000);
        let call = world.call_of(who.grant).await;
        assert_eq!((call.basis, call.outcome), (Basis::Reported, CallOutcome::Answered));
        assert_eq!((call.endpoint, call.usage.images), (Endpoint::ImageGenerations, 1));
        assert_eq!(answer.comment("bursar-cost"), Some(&*call.cost.to_string()));
        assert!(call.cost <= call.held);
        assert_eq!(usd(answer.header("x-bursar-hold")), call.held);
        costs.push(call.cost);
        holds.push(call.held);
    }
    // A partial image is 100 tokens at $32 a million.
    for amounts in [costs, holds] {
        let more = |after: Usd, before: Usd| after.checked_sub(before).unwrap();
        assert_eq!(more(amounts[1], amounts[0]), usd("0.0032"));
        assert_eq!(more(amounts[2], amounts[1]), usd("0.0064"));
    }
    world.verify().await;
}

#[tokio::test]
async fn an_edit_is_streamed_too() {
    let world = World::new().await;
    let who = world.funded("5").await;
    let fields = [
        ("model", "gpt-image-1.5"),
        ("prompt", "The same harbour at night."),
        ("size", "1024x1024"),
        ("stream", "true"),
        ("partial_images", "2"),
    ];
    let answer = edit(&world, &who, &fields).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let events = events(&answer);
    let partial = "image_edit.partial_image";
    assert_eq!(kinds(&events), [partial, partial, "image_edit.completed"]);
    let call = world.call_of(who.grant).await;
    assert_eq!((call.endpoint, call.basis), (Endpoint::ImageEdits, Basis::Reported));
    assert!(call.usage.image_in > 0);
    world.verify().await;
}

#[tokio::test]
async fn a_streamed_image_that_is_not_reported_or_breaks_off_takes_its_hold() {
    let world = World::new().await;
    for (profile, outcome) in [
        (r#"{"usage": "omitted"}"#, CallOutcome::Answered),
        (r#"{"usage": "zero"}"#, CallOutcome::Answered),
        (r#"{"cut": {"after_chunks": 1}}"#, CallOutcome::CutOff),
        (
            r#"{"stream_error": {"after_chunks": 1, "type": "server_error"}}"#,
            CallOutcome::UpstreamFailed,
        ),
    ] {
        world.profile(profile);
        let who = world.funded("1").await;
        let answer = generate(&world, &who, json!({"partial_images": 2})).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let call = world.call_of(who.grant).await;
        assert_eq!((call.basis, call.outcome), (Basis::HeldInFull, outcome), "{profile}");
        assert_eq!(call.cost, call.held, "{profile}");
    }
    world.verify().await;
}

#[tokio::test]
async fn streams_of_several_images_are_refused_before_anything_is_sent() {
    let world = World::new().await;
    let who = world.funded("5").await;
    for (members, param) in [
        (json!({"n": 2}), "n"),
        (json!({"partial_images": 4}), "partial_images"),
        (json!({"stream": false, "partial_images": 1}), "partial_images"),
    ] {
        let answer = generate(&world, &who, members).await;
        assert_eq!(answer.status, 400);
        assert_eq!(answer.json()["error"]["param"], param, "{}", answer.text());
    }
    assert!(world.sandbox.log().is_empty());
}
