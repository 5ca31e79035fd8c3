//! Files and batches: whose they are, and what keeps one back.

use axum::Router;
use axum::extract::State;
use axum::routing::{get as getting, post as posting};
use bursar_kernel::Usd;
use bursar_store::BookReads as _;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::client::{Answer, get, post, send};
use crate::world::{Funded, World, listen, usd};

const CHAT: &str = "/v1/chat/completions";

/// A call's body: as many tokens of output as it may.
pub(crate) fn call(number: u64) -> Value {
    json!({
        "model": "gpt-4.1-mini",
        "messages": [{"role": "user", "content": format!("Question {number} of the study.")}],
        "max_completion_tokens": 50 + number,
    })
}

pub(crate) fn line(name: &str, body: &Value) -> String {
    json!({"custom_id": name, "method": "POST", "url": CHAT, "body": body}).to_string()
}

/// A file of so many lines.
pub(crate) fn lines(count: u64) -> String {
    let lines = (1..=count).map(|number| line(&format!("line-{number}"), &call(number)));
    lines.collect::<Vec<_>>().join("\n")
}

pub(crate) async fn upload(world: &World, key: &str, content: &str) -> Answer {
    upload_for(world, key, content, "batch").await
}

async fn upload_for(world: &World, key: &str, content: &str, purpose: &str) -> Answer {
    let bearer = format!("Bearer {key}");
    let kind = "multipart/form-data; boundary=here";
    let form = format!(
        "--here\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\n{purpose}\r\n\
         --here\r\nContent-Disposition: form-data; name=\"file\"; filename=\"lines.jsonl\"\r\n\
         Content-Type: application/jsonl\r\n\r\n{content}\r\n--here--\r\n"
    );
    let headers = [("authorization", &*bearer), ("content-type", kind)];
    send(world.address, Method::POST, "/v1/files", &headers, form).await
}

pub(crate) async fn delete(world: &World, key: &str, path: &str) -> Answer {
    let bearer = format!("Bearer {key}");
    send(world.address, Method::DELETE, path, &[("authorization", &bearer)], "").await
}

/// A file's name, once it is there.
pub(crate) async fn uploaded(world: &World, key: &str, content: &str) -> String {
    let answer = upload(world, key, content).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["id"].as_str().unwrap().to_owned()
}

/// Asks for a batch of a file.
pub(crate) async fn ask(world: &World, key: &str, file: &str) -> Answer {
    let body = json!({
        "input_file_id": file, "endpoint": CHAT, "completion_window": "24h",
        "metadata": {"study": "budgets"},
    });
    post(world.address, "/v1/batches", key, &body).await
}

/// A batch of so many lines that is under way: its name.
pub(crate) async fn begun(world: &World, who: &Funded, count: u64) -> String {
    let file = uploaded(world, who.secret(), &lines(count)).await;
    let answer = ask(world, who.secret(), &file).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["id"].as_str().unwrap().to_owned()
}

pub(crate) async fn shown(world: &World, who: &Funded, batch: &str) -> Value {
    let answer = get(world.address, &format!("/v1/batches/{batch}"), who.secret()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_there_until_it_is_deleted() {
    let world = World::new().await;
    let who = world.funded("1").await;
    let content = lines(2);
    let first = uploaded(&world, who.secret(), &content).await;
    let second = uploaded(&world, who.secret(), &content).await;
    let path = format!("/v1/files/{first}");
    let file = get(world.address, &path, who.secret()).await.json();
    assert_eq!(file["bytes"], json!(content.len()));
    assert_eq!((&file["filename"], &file["purpose"]), (&json!("lines.jsonl"), &json!("batch")));
    let read = get(world.address, &format!("{path}/content"), who.secret()).await;
    assert_eq!(read.text(), content);
    let list = get(world.address, "/v1/files?limit=1", who.secret()).await.json();
    assert_eq!((&list["data"][0]["id"], &list["has_more"]), (&json!(second), &json!(true)));
    let after = format!("/v1/files?limit=1&after={second}");
    let list = get(world.address, &after, who.secret()).await.json();
    assert_eq!((&list["data"][0]["id"], &list["has_more"]), (&json!(first), &json!(false)));
    assert_eq!((&list["first_id"], &list["last_id"]), (&json!(first), &json!(first)));
    let gone = delete(&world, who.secret(), &path).await.json();
    assert_eq!(gone, json!({"id": first, "object": "file", "deleted": true}));
    for path in [path.clone(), format!("{path}/content")] {
        assert_eq!(get(world.address, &path, who.secret()).await.status, 404);
    }
    let list = get(world.address, "/v1/files?order=asc", who.secret()).await.json();
    assert_eq!(list["data"].as_array().map(Vec::len), Some(1));
    world.verify().await;
}

/// Every question about somebody else's file or batch is answered as one about none.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_grant_made_does_not_exist() {
    let world = World::new().await;
    let (ours, theirs) = (world.funded("1").await, world.funded("1").await);
    let batch = begun(&world, &theirs, 1).await;
    world.poll().await;
    world.a_minute_later();
    world.poll().await;
    let shown = shown(&world, &theirs, &batch).await;
    let text = |name: &str| shown[name].as_str().unwrap().to_owned();
    for file in [text("input_file_id"), text("output_file_id")] {
        for ((method, path), body) in [
            ((Method::GET, "/v1/files/NAME"), Value::Null),
            ((Method::GET, "/v1/files/NAME/content"), Value::Null),
            ((Method::DELETE, "/v1/files/NAME"), Value::Null),
            ((Method::GET, "/v1/files?after=NAME"), Value::Null),
            (
                (Method::POST, "/v1/batches"),
                json!({"input_file_id": "NAME", "endpoint": CHAT, "completion_window": "24h"}),
            ),
        ] {
            is_none_of_ours(&world, &ours, (&method, path), &body, &file).await;
        }
    }
    for (method, path) in [
        (Method::GET, "/v1/batches/NAME"),
        (Method::POST, "/v1/batches/NAME/cancel"),
        (Method::GET, "/v1/batches?after=NAME"),
    ] {
        is_none_of_ours(&world, &ours, (&method, path), &Value::Null, &batch).await;
    }
    for path in ["/v1/files", "/v1/batches"] {
        let list = get(world.address, path, ours.secret()).await.json();
        assert_eq!(list["data"], json!([]), "{path}");
    }
    // Another key of the same grant sees it.
    let key = world.another_key(theirs.grant).await;
    let path = format!("/v1/batches/{batch}");
    assert_eq!(get(world.address, &path, &key).await.status, 200);
}

async fn is_none_of_ours(
    world: &World,
    ours: &Funded,
    (method, path): (&Method, &str),
    body: &Value,
    name: &str,
) {
    let bearer = format!("Bearer {}", ours.secret());
    let headers = [("authorization", &*bearer), ("content-type", "application/json")];
    let none = "x".repeat(name.len());
    let mut said = Vec::new();
    for name in [name, &*none] {
        let path = path.replace("NAME", name);
        let body = body.to_string().replace("NAME", name);
        let answer = send(world.address, method.clone(), &path, &headers, body).await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.text());
        said.push(answer.text().replace(name, "NAME"));
    }
    assert_eq!(said[0], said[1], "{method} {path}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_no_batch_can_be_made_of_is_refused_with_the_line() {
    let world = World::new().await;
    let who = world.funded("1").await;
    let good = line("a", &call(1));
    let with = |name: &str, value: Value| {
        let mut body = call(2);
        body[name] = value;
        line("b", &body)
    };
    let embeddings = line("b", &call(2)).replace("chat/completions", "embeddings");
    let cases = [
        (good.clone(), "Line 2 of the batch's file is refused: An earlier line has the same"),
        ("{".to_owned(), "Line 2 of the batch's file is refused: It is not a JSON object"),
        (embeddings, "Line 2 of the batch's file is refused: `url` must be"),
        (with("stream", json!(true)), "Line 2 of the batch's file is refused: `stream` is of no"),
        (with("max_completion_tokens", Value::Null), "Line 2 of the batch's file is refused: Each"),
        (with("model", json!("gpt-4o-mini")), "Line 2 of the batch's file is refused: It asks for"),
        (
            with("web_search_options", json!({})),
            "Line 2 of the batch's file is refused: Web search",
        ),
    ];
    for (second, expected) in cases {
        let file = uploaded(&world, who.secret(), &format!("{good}\n{second}\n")).await;
        let answer = ask(&world, who.secret(), &file).await;
        let (kind, _, message) = answer.error();
        assert_eq!((answer.status.as_u16(), &*kind), (400, "invalid_request_error"), "{message}");
        assert!(message.starts_with(expected), "{message}");
    }
    // A limited model is as good as none.
    let limited = line(
        "b",
        &json!({"model": "gpt-5", "max_completion_tokens": 9,
        "messages": [{"role": "user", "content": "hello"}]}),
    );
    let file = uploaded(&world, who.secret(), &limited).await;
    let answer = ask(&world, who.secret(), &file).await;
    assert_eq!((answer.status.as_u16(), &*answer.error().1), (404, "model_not_found"));
    let purpose = upload_for(&world, who.secret(), &good, "user_data").await;
    assert_eq!((purpose.status.as_u16(), &*purpose.error().1), (400, "invalid_value"));
    assert_eq!(world.money(who.grant).await, (usd("1"), Usd::ZERO), "nothing is held");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_that_does_not_fit_is_refused_and_says_what_it_needs() {
    let world = World::new().await;
    let rich = world.funded("1").await;
    begun(&world, &rich, 30).await;
    let (_, needed) = world.money(rich.grant).await;
    for poor in [world.funded("0.0001").await, world.capped("1", "0.0001").await] {
        let file = uploaded(&world, poor.secret(), &lines(30)).await;
        let answer = ask(&world, poor.secret(), &file).await;
        let (kind, _, message) = answer.error();
        assert_eq!((answer.status.as_u16(), &*kind), (429, "insufficient_quota"), "{message}");
        assert_eq!(answer.header("x-should-retry"), "false");
        assert!(message.contains("This batch of 30 lines may cost up to $"), "{message}");
        assert!(message.contains("$0.0001 of"), "{message}");
        let (_, held) = world.money(poor.grant).await;
        assert!(held.is_zero() && held < needed);
    }
    let list = get(world.address, "/v1/batches", rich.secret()).await.json();
    assert_eq!(list["data"].as_array().map(Vec::len), Some(1));
}

/// An upstream that has other content under the name, and that does not say what became of batches.
async fn unreliable(content: String) -> std::net::SocketAddr {
    let router = Router::new()
        .route(
            "/v1/files",
            posting(|| async {
                r#"{"id":"file-1","object":"file","bytes":9,"filename":"x","purpose":"batch"}"#
            }),
        )
        .route("/v1/files/file-1/content", getting(|State(it): State<String>| async { it }))
        .route("/v1/batches", posting(|| async { StatusCode::GATEWAY_TIMEOUT }))
        .with_state(content);
    listen(router).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_not_what_was_uploaded_makes_no_batch() {
    let world = World::before(Some(unreliable(lines(1)).await)).await;
    let who = world.funded("1").await;
    let file = uploaded(&world, who.secret(), &lines(2)).await;
    let answer = ask(&world, who.secret(), &file).await;
    assert_eq!((answer.status.as_u16(), &*answer.error().1), (400, "invalid_file"));
    assert_eq!(world.money(who.grant).await, (usd("1"), Usd::ZERO));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_whose_fate_is_unknown_is_never_given_back_in_silence() {
    let world = World::before(Some(unreliable(lines(2)).await)).await;
    let who = world.funded("1").await;
    let file = uploaded(&world, who.secret(), &lines(2)).await;
    let answer = ask(&world, who.secret(), &file).await;
    assert_eq!(answer.status, 502, "{}", answer.text());
    assert_eq!(answer.header("x-should-retry"), "false");
    let (free, held) = world.money(who.grant).await;
    assert!(free < usd("1") && held.is_zero());
    let suspense = world.store.suspense_of(who.grant).await.unwrap().in_question;
    assert_eq!(free.checked_add(suspense), Some(usd("1")));
    world.verify().await;
}
