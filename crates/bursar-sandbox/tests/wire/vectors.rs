//! Embeddings and moderations.

use serde_json::{Value, json};

use crate::served::{Served, serve};

async fn embed(served: &Served, members: Value) -> Value {
    let mut body = json!({"model": "text-embedding-3-small"});
    body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    served.post("/v1/embeddings", &body).await.json()
}

fn vector(answer: &Value, index: usize) -> Vec<f64> {
    let values = answer["data"][index]["embedding"].as_array().unwrap();
    values.iter().map(|value| value.as_f64().unwrap()).collect()
}

fn product(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[tokio::test]
async fn vectors_have_length_one_and_the_models_dimensions() {
    let served = serve(json!({}), None).await;
    for (members, dimensions) in [
        (json!({"input": "hello world"}), 1_536),
        (json!({"input": "hello world", "model": "text-embedding-3-large"}), 3_072),
        (json!({"input": "hello world", "dimensions": 256}), 256),
        (json!({"input": "hello world", "dimensions": 1}), 1),
    ] {
        let answer = embed(&served, members).await;
        let vector = vector(&answer, 0);
        assert_eq!(vector.len(), dimensions);
        assert!((product(&vector, &vector) - 1.0).abs() < 1e-4);
        assert_eq!(answer["usage"], json!({"prompt_tokens": 2, "total_tokens": 2}));
    }
}

#[tokio::test]
async fn texts_and_their_tokens_have_the_same_vector() {
    let served = serve(json!({}), None).await;
    // "hello world" in cl100k_base.
    let tokens = json!([15339, 1917]);
    let text = embed(&served, json!({"input": "hello world"})).await;
    assert_eq!(embed(&served, json!({"input": tokens})).await, text);
    assert_eq!(embed(&served, json!({"input": [tokens]})).await, text);
    assert_eq!(embed(&served, json!({"input": ["hello world"]})).await, text);
}

#[tokio::test]
async fn texts_that_share_words_are_nearer() {
    let served = serve(json!({}), None).await;
    let input =
        json!(["the cat sat on the mat", "the cat lay on the mat", "rising interest rates"]);
    let answer = embed(&served, json!({"input": input})).await;
    let (a, b, c) = (vector(&answer, 0), vector(&answer, 1), vector(&answer, 2));
    assert!(product(&a, &b) > 0.5 && product(&a, &c) < 0.3);
}

#[tokio::test]
async fn what_cannot_be_embedded_is_refused() {
    let served = serve(json!({}), None).await;
    for (members, code) in [
        (json!({}), "missing_required_parameter"),
        (json!({"input": ""}), "invalid_value"),
        (json!({"input": []}), "invalid_value"),
        (json!({"input": [1, "a"]}), "invalid_value"),
        (json!({"input": [4_000_000_000_u64]}), "invalid_value"),
        (json!({"input": "a", "dimensions": 0}), "invalid_value"),
        (json!({"input": "a", "dimensions": 5_000}), "invalid_value"),
        (json!({"input": "a", "encoding_format": "hex"}), "invalid_value"),
        (json!({"input": "a", "model": "gpt-9"}), "model_not_found"),
        (json!({"input": "a b ".repeat(5_000)}), "context_length_exceeded"),
    ] {
        let answer = embed(&served, members.clone()).await;
        assert_eq!(answer["error"]["code"], code, "{members}");
    }
}

#[tokio::test]
async fn moderation_flags_plain_words_and_names_their_category() {
    let served = serve(json!({}), None).await;
    let input = json!(["a calm afternoon", "I will KILL the process with violence"]);
    let answer = served.post("/v1/moderations", &json!({"input": input})).await.json();
    let results = answer["results"].as_array().unwrap();
    assert_eq!(results[0]["flagged"], false);
    assert_eq!(results[1]["flagged"], true);
    assert_eq!(results[1]["categories"]["violence"], true);
    assert!(results[1]["category_scores"]["violence"].as_f64().unwrap() > 0.5);
    let parts = json!([{"type": "text", "text": "look"},
        {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}]);
    let answer = served.post("/v1/moderations", &json!({"input": parts})).await.json();
    let types = &answer["results"][0]["category_applied_input_types"];
    assert_eq!(answer["results"].as_array().unwrap().len(), 1);
    assert_eq!((&types["violence"], &types["hate"]), (&json!(["text", "image"]), &json!(["text"])));
}
