//! A script seals an upstream's key, which no answer and no repeat of one shows.

use bursar_api::types::SetUpstreamKey;
use http::Request;

use crate::house::{House, TOKEN, text};

#[tokio::test]
async fn a_key_is_sealed_listed_by_its_fingerprint_and_taken_out() {
    let house = House::open().await;
    let client = &house.client;
    house.service.calls().upstream("one/1");
    let key = SetUpstreamKey { key: "sk-secret".to_owned() };
    assert_eq!(format!("{key:?}"), "SetUpstreamKey(..)");
    let set = client.set_upstream_key("one/1", &key).await.unwrap();
    assert_eq!((set.upstream.as_str(), set.opens, set.fingerprint.len()), ("one/1", true, 10));
    assert_eq!(client.upstream_keys().await.unwrap().keys, [set]);
    let body = r#"{"key": "sk-secret", "note": "of ours"}"#;
    let request = Request::builder()
        .header("authorization", format!("Bearer {TOKEN}"))
        .header("content-type", "application/json");
    let answer = house.knock(request, "PUT", "/api/upstreams/one%2F1/key", body).await;
    assert_eq!(answer.status(), 422);
    assert!(!text(answer).await.contains("sk-secret"));
    assert_eq!(client.reseal().await.unwrap().resealed, 0);
    assert_eq!(client.remove_upstream_key("one/1").await.unwrap().keys, []);
    let gone = client.remove_upstream_key("one/1").await.unwrap_err().to_string();
    assert!(gone.contains("there is no sealed key of upstream `one/1`"), "{gone}");
    let none = client.set_upstream_key("none", &key).await.unwrap_err().to_string();
    assert!(none.contains("there is no upstream `none`"), "{none}");
}
