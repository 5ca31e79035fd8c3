//! Uploads in parts: whose they are, what bounds them, and the file that they become.

use bursar_kernel::limits::{OPEN_UPLOADS_PER_GRANT_MAX, UPLOAD_IN_PARTS_BYTES_MAX};
use http::Method;
use serde_json::{Value, json};

use crate::batches::{ask, delete, lines};
use crate::client::{Answer, get, post, send};
use crate::world::{Funded, UPSTREAM_KEY, World};

async fn begin(world: &World, key: &str, bytes: usize) -> Answer {
    let body = json!({
        "filename": "lines.jsonl", "purpose": "batch", "bytes": bytes,
        "mime_type": "application/jsonl",
    });
    post(world.address, "/v1/uploads", key, &body).await
}

/// An upload that waits for its parts: its name.
async fn begun(world: &World, who: &Funded, bytes: usize) -> String {
    let answer = begin(world, who.secret(), bytes).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["id"].as_str().unwrap().to_owned()
}

async fn add(world: &World, key: &str, upload: &str, data: &[u8]) -> Answer {
    let bearer = format!("Bearer {key}");
    let kind = "multipart/form-data; boundary=here";
    let headers = [("authorization", &*bearer), ("content-type", kind)];
    let head =
        b"--here\r\nContent-Disposition: form-data; name=\"data\"; filename=\"part\"\r\n\r\n";
    let form = [&head[..], data, b"\r\n--here--\r\n"].concat();
    send(world.address, Method::POST, &format!("/v1/uploads/{upload}/parts"), &headers, form).await
}

async fn added(world: &World, who: &Funded, upload: &str, data: &[u8]) -> String {
    let answer = add(world, who.secret(), upload, data).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["upload_id"], upload);
    answer.json()["id"].as_str().unwrap().to_owned()
}

async fn complete(world: &World, key: &str, upload: &str, parts: &[String]) -> Answer {
    let path = format!("/v1/uploads/{upload}/complete");
    post(world.address, &path, key, &json!({ "part_ids": parts })).await
}

async fn cancel(world: &World, key: &str, upload: &str) -> Answer {
    post(world.address, &format!("/v1/uploads/{upload}/cancel"), key, &json!({})).await
}

/// The files in the upstream's account.
async fn files_upstream(world: &World) -> usize {
    let list = get(world.upstream, "/v1/files", UPSTREAM_KEY).await.json();
    list["data"].as_array().map(Vec::len).unwrap()
}

fn said(answer: &Answer) -> (u16, String, String) {
    let (_, code, message) = answer.error();
    (answer.status.as_u16(), code, message)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parts_in_any_order_become_a_file_that_makes_a_batch() {
    let world = World::new().await;
    let who = world.funded("1").await;
    let content = lines(3);
    let (first, second) = content.as_bytes().split_at(100);
    let upload = begun(&world, &who, content.len()).await;
    // The second comes before the first.
    let parts =
        [added(&world, &who, &upload, second).await, added(&world, &who, &upload, first).await];
    let [second, first] = parts;
    let answer = complete(&world, who.secret(), &upload, &[first.clone(), second.clone()]).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let made = answer.json();
    assert_eq!((&made["status"], &made["id"]), (&json!("completed"), &json!(upload)));
    let file = made["file"]["id"].as_str().unwrap().to_owned();
    assert_eq!(made["file"]["bytes"], json!(content.len()));
    // Asked again, as a client does that did not hear the answer.
    let again = complete(&world, who.secret(), &upload, &[first, second]).await;
    assert_eq!(again.json(), made);
    let read = get(world.address, &format!("/v1/files/{file}/content"), who.secret()).await;
    assert_eq!(read.text(), content);
    let list = get(world.address, "/v1/files?purpose=batch", who.secret()).await.json();
    assert_eq!(list["data"], json!([made["file"]]));
    let batch = ask(&world, who.secret(), &file).await;
    assert_eq!(batch.status, 200, "{}", batch.text());
    // What became a file is the file's: it can be deleted, and the upload tells of none.
    let gone = delete(&world, who.secret(), &format!("/v1/files/{file}")).await;
    assert_eq!(gone.status, 200, "{}", gone.text());
    world.a_minute_later();
    world.poll().await;
    world.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_else_adds_to_an_upload_or_ends_it() {
    let world = World::new().await;
    let (ours, theirs) = (world.funded("1").await, world.funded("1").await);
    let upload = begun(&world, &ours, 6).await;
    let part = added(&world, &ours, &upload, b"abc").await;
    let key = theirs.secret();
    for answer in [
        add(&world, key, &upload, b"def").await,
        complete(&world, key, &upload, std::slice::from_ref(&part)).await,
        cancel(&world, key, &upload).await,
        add(&world, key, "upload_of_nobody", b"def").await,
    ] {
        let (status, _, message) = said(&answer);
        assert_eq!(status, 404, "{message}");
        assert!(message.starts_with("No such Upload object: "), "{message}");
    }
    // Nor can they put our part into an upload of their own.
    let other = begun(&world, &theirs, 6).await;
    added(&world, &theirs, &other, b"ghi").await;
    let answer = complete(&world, key, &other, &[part]).await;
    assert_eq!(said(&answer).0, 400);
    assert_eq!(answer.json()["error"]["param"], "part_ids[0]");
    // Another key of the grant is as good as the first.
    let another = world.another_key(ours.grant).await;
    let answer = add(&world, &another, &upload, b"def").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(files_upstream(&world).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_larger_than_was_said_is_refused() {
    let world = World::new().await;
    let who = world.funded("1").await;
    let too_large = usize::try_from(UPLOAD_IN_PARTS_BYTES_MAX).unwrap() + 1;
    let answer = begin(&world, who.secret(), too_large).await;
    assert_eq!(answer.json()["error"]["param"], "bytes", "{}", answer.text());
    let upload = begun(&world, &who, 5).await;
    let part = added(&world, &who, &upload, b"abc").await;
    let (status, code, message) = said(&add(&world, who.secret(), &upload, b"def").await);
    assert_eq!((status, &*code), (400, "invalid_value"));
    assert!(message.contains("more than its 5 bytes: 3 are there"), "{message}");
    assert_eq!(said(&add(&world, who.secret(), &upload, b"").await).0, 400);
    let answer = complete(&world, who.secret(), &upload, std::slice::from_ref(&part)).await;
    assert!(said(&answer).2.contains("3 bytes together"), "{}", answer.text());
    let rest = added(&world, &who, &upload, b"de").await;
    let done = complete(&world, who.secret(), &upload, &[part, rest]).await;
    assert_eq!(done.status, 200, "{}", done.text());
    // Parts that come at once, and are too much together.
    let upload = begun(&world, &who, 5).await;
    let both = tokio::join!(
        add(&world, who.secret(), &upload, b"abc"),
        add(&world, who.secret(), &upload, b"def")
    );
    let mut statuses = [both.0.status.as_u16(), both.1.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parts_that_come_at_once_are_all_remembered() {
    let world = World::new().await;
    let who = world.funded("1").await;
    let upload = begun(&world, &who, 12).await;
    let key = who.secret();
    let (a, b, c) = tokio::join!(
        add(&world, key, &upload, b"abcd"),
        add(&world, key, &upload, b"efgh"),
        add(&world, key, &upload, b"ijkl")
    );
    let name = |answer: &Answer| answer.json()["id"].as_str().unwrap().to_owned();
    let done = complete(&world, key, &upload, &[name(&b), name(&c), name(&a)]).await;
    assert_eq!(done.status, 200, "{}", done.text());
    let file = done.json()["file"]["id"].as_str().unwrap().to_owned();
    let read = get(world.address, &format!("/v1/files/{file}/content"), key).await;
    assert_eq!(read.text(), "efghijklabcd");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_grant_has_so_many_uploads_open_and_each_ends() {
    let world = World::new().await;
    let who = world.funded("1").await;
    let mut names = Vec::new();
    for _ in 0..OPEN_UPLOADS_PER_GRANT_MAX {
        names.push(begun(&world, &who, 3).await);
    }
    let answer = begin(&world, who.secret(), 3).await;
    assert_eq!((answer.status.as_u16(), answer.header("x-should-retry")), (429, "false"));
    let cancelled = cancel(&world, who.secret(), &names[0]).await;
    assert_eq!(cancelled.json()["status"], "cancelled", "{}", cancelled.text());
    assert_eq!(cancel(&world, who.secret(), &names[0]).await.json(), cancelled.json());
    let (status, code, message) = said(&add(&world, who.secret(), &names[0], b"abc").await);
    assert_eq!((status, &*code), (400, "invalid_upload"), "{message}");
    begun(&world, &who, 3).await;
    // After an hour they are over, whoever was at them: without a look, and with one.
    let part = added(&world, &who, &names[1], b"abc").await;
    for _ in 0..61 {
        world.a_minute_later();
    }
    for answer in [
        add(&world, who.secret(), &names[2], b"abc").await,
        complete(&world, who.secret(), &names[1], &[part]).await,
    ] {
        assert!(said(&answer).2.contains("within its hour"), "{}", answer.text());
    }
    world.poll().await;
    let (status, _, message) = said(&cancel(&world, who.secret(), &names[2]).await);
    assert!(status == 400 && message.contains("within its hour"), "{message}");
    begun(&world, &who, 3).await;
    assert_eq!(files_upstream(&world).await, 0);
    world.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_not_its_parts_is_nobodys() {
    let world = World::new().await;
    world.profile(r#"{"upload_spoils_byte": 4}"#);
    let who = world.funded("1").await;
    let upload = begun(&world, &who, 6).await;
    let parts =
        [added(&world, &who, &upload, b"abc").await, added(&world, &who, &upload, b"def").await];
    let answer = complete(&world, who.secret(), &upload, &parts).await;
    let (status, code, message) = said(&answer);
    assert_eq!((status, &*code), (502, "upstream_failed"), "{message}");
    assert_eq!(files_upstream(&world).await, 0, "it is deleted");
    let list = get(world.address, "/v1/files", who.secret()).await.json();
    assert_eq!(list["data"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn uploads_are_for_batches_and_for_keys_that_may_call() {
    let world = World::new().await;
    let who = world.funded("1").await;
    for (name, value, param) in [
        ("purpose", json!("assistants"), "purpose"),
        ("expires_after", json!({"anchor": "created_at", "seconds": 3_600}), "body"),
        ("bytes", json!("3"), "body"),
    ] {
        let mut body: Value = json!({
            "filename": "a", "purpose": "batch", "bytes": 3, "mime_type": "application/jsonl",
        });
        body[name] = value;
        let answer = post(world.address, "/v1/uploads", who.secret(), &body).await;
        assert_eq!(answer.json()["error"]["param"], param, "{}", answer.text());
    }
    assert_eq!(begin(&world, "sk-bursar-nobody", 3).await.status, 401);
    let upload = begun(&world, &who, 3).await;
    let bearer = format!("Bearer {}", who.secret());
    let path = format!("/v1/uploads/{upload}/parts");
    let headers = [("authorization", &*bearer), ("content-type", "application/json")];
    let answer = send(world.address, Method::POST, &path, &headers, "{}").await;
    assert_eq!(said(&answer).1, "invalid_form");
}
