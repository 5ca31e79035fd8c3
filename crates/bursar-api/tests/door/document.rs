//! The `OpenAPI` document is what the door serves, and what the repository says it is.

use std::collections::BTreeSet;

use expect_test::expect_file;
use http::Request;

use crate::house::{House, text};

#[tokio::test]
async fn the_document_is_open_to_all_and_kept_true() {
    let house = House::open().await;
    let answer = house.knock(Request::builder(), "GET", "/api/openapi.json", "").await;
    assert_eq!(answer.status().as_u16(), 200);
    let served: serde_json::Value = serde_json::from_str(&text(answer).await).unwrap();
    assert_eq!(served, bursar_api::openapi());
    let mut pretty = serde_json::to_string_pretty(&served).unwrap();
    pretty.push('\n');
    expect_file!["../../../../docs/api/openapi.json"].assert_eq(&pretty);
}

#[test]
fn every_reference_leads_somewhere_and_every_operation_has_its_own_name() {
    let document = bursar_api::openapi();
    let mut names = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap();
            assert!(names.insert(name.to_owned()), "{method} {path} shares the name {name}");
            let summary = operation["summary"].as_str().unwrap_or_default();
            assert!(!summary.is_empty(), "{method} {path} says what it does");
        }
    }
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let pointer = &reference[..reference.find('"').unwrap()];
        assert!(document.pointer(pointer).is_some(), "{pointer} leads nowhere");
    }
}
