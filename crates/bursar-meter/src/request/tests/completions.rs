//! Legacy completions: prompts of four kinds, and choices that are billed and not shown.

use bursar_kernel::{Bound, Certainty, Endpoint};
use expect_test::expect;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::request::CallRequest;
use crate::settle::{Evidence, Settlement, settle};
use crate::stream::StreamMeter;
use crate::testing::{named, read as read_body};

const HERE: Endpoint = Endpoint::Completions;

fn read(members: Value) -> Result<CallRequest, String> {
    let mut body = json!({"model": "instruct", "prompt": "Hello, world!"});
    body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    body.as_object_mut().unwrap().retain(|_, value| *value != json!("left out"));
    let read = read_body(HERE, &body.to_string());
    read.map_err(|bad| format!("{} {}", bad.kind.code(), bad.param.unwrap_or_default()))
}

fn bound(members: Value) -> Bound {
    read(members).unwrap().bound(&named("instruct"), 1_000, Certainty::Counted).unwrap()
}

fn tokens(members: Value) -> (u64, u64) {
    let bound = bound(members);
    assert_eq!(bound.certainty, Certainty::Counted);
    (bound.input_tokens, bound.output_tokens)
}

#[test]
fn each_kind_of_prompt_is_counted() {
    assert_eq!(tokens(json!({})), (4, 16), "the provider's own limit, not the program's");
    assert_eq!(tokens(json!({"prompt": ["Hello, world!", "Hello"]})), (5, 32));
    assert_eq!(tokens(json!({"prompt": [9906, 11, 1917, 0]})), (4, 16));
    assert_eq!(tokens(json!({"prompt": [[9906], [11, 1917, 0]]})), (4, 32));
    // The beginning of a text is a token too.
    assert_eq!(tokens(json!({"prompt": ""})), (1, 16));
    assert_eq!(tokens(json!({"prompt": "Hello", "max_tokens": 0, "echo": true})), (1, 0));
    let long: Vec<u32> = (0..5_000).collect();
    assert_eq!(tokens(json!({"prompt": long})), (5_000, 16), "one prompt, however many ids");
    let with_suffix = bound(json!({"prompt": [9906], "suffix": "and so on"}));
    assert_eq!(
        (with_suffix.input_tokens, with_suffix.certainty),
        (64 + 16 + 6 + 11, Certainty::Bytes)
    );
}

#[test]
fn whatever_is_made_is_held_for() {
    let output = |members| tokens(members).1;
    assert_eq!(output(json!({"max_tokens": 7, "n": 3})), 21);
    assert_eq!(output(json!({"max_tokens": 7, "best_of": 5})), 35);
    assert_eq!(output(json!({"max_tokens": 7, "n": 2, "best_of": 5})), 35);
    assert_eq!(output(json!({"max_tokens": 7, "n": 3, "prompt": ["a", "b"]})), 42);
    assert_eq!(bound(json!({"max_tokens": 100})).cost.to_string(), "0.000206");
}

#[test]
fn what_is_forwarded_has_the_limit_that_was_held_for() {
    let forwarded = |members: Value, limit: u64| {
        let body = read(members).unwrap().upstream_body(limit, true, None);
        String::from_utf8(body.to_vec()).unwrap()
    };
    expect![[r#"{"model":"instruct","prompt":"Hello, world!","max_tokens":16}"#]]
        .assert_eq(&forwarded(json!({}), 16));
    expect![[r#"{"max_tokens":0,"model":"instruct","prompt":"Hello, world!","stream":true,"stream_options":{"include_usage":true}}"#]]
        .assert_eq(&forwarded(json!({"max_tokens": null, "stream": true}), 0));
}

#[test]
fn what_makes_no_sense_is_refused_by_its_name() {
    for (members, refused) in [
        (json!({"prompt": "left out"}), "missing_required_parameter prompt"),
        (json!({"prompt": []}), "invalid_value prompt"),
        (json!({"prompt": [[]]}), "invalid_value prompt[0]"),
        (json!({"prompt": ["a", 1]}), "invalid_value prompt"),
        (json!({"prompt": [1.5]}), "invalid_value prompt[0]"),
        (json!({"prompt": [{"type": "text", "text": "a"}]}), "invalid_value prompt"),
        (json!({"prompt": vec!["a"; 2_049]}), "invalid_value prompt[2048]"),
        (json!({"n": 0}), "invalid_value n"),
        (json!({"best_of": 0}), "invalid_value best_of"),
        (json!({"best_of": 21}), "invalid_value best_of"),
        (json!({"best_of": 2, "n": 3}), "invalid_value best_of"),
        (json!({"best_of": 2, "stream": true}), "invalid_value best_of"),
        (json!({"max_tokens": -1}), "invalid_value max_tokens"),
        (json!({"max_tokens": 4_097}), "invalid_value max_tokens"),
        (json!({"stream_options": {"include_usage": true}}), "invalid_value stream_options"),
        (json!({"service_tier": "flex"}), "unknown_parameter service_tier"),
        (json!({"messages": []}), "unknown_parameter messages"),
        (json!({"model": "gpt-4o-mini"}), "model_not_found model"),
    ] {
        assert_eq!(read(members.clone()).err().as_deref(), Some(refused), "{members}");
    }
    assert!(read(json!({"best_of": 2, "n": 2, "stream": true})).is_ok());
}

fn settled(request: &CallRequest, evidence: &Evidence) -> String {
    let model = named("instruct");
    let held = request.bound(&model, 1_000, Certainty::Counted).unwrap();
    match settle(request, &model, &held, evidence) {
        Settlement::Release => "released".to_owned(),
        Settlement::Charge(charge) => {
            format!("{:?} ${} of ${}", charge.basis, charge.cost, held.cost)
        }
    }
}

fn charged(members: Value, answer: &Value) -> String {
    let request = read(members).unwrap();
    let answer = request.read_answer(answer.to_string().as_bytes());
    settled(&request, &Evidence::Answer(answer))
}

fn said(text: &str, usage: Value) -> Value {
    json!({"choices": [{"index": 0, "text": text, "finish_reason": "stop"}], "usage": usage})
}

#[test]
fn the_report_is_charged_and_else_what_can_be_counted() {
    let usage = json!({"prompt_tokens": 4, "completion_tokens": 10, "total_tokens": 14});
    assert_eq!(charged(json!({}), &said("Hi", usage.clone())), "Reported $0.000026 of $0.000038");
    assert_eq!(
        charged(json!({"best_of": 3}), &said("Hi", usage)),
        "Reported $0.000026 of $0.000102"
    );
    let hello = said("Hello, world!", Value::Null);
    assert_eq!(charged(json!({}), &hello), "Counted $0.000014 of $0.000038");
    // What nobody sees, nobody counts.
    assert_eq!(charged(json!({"best_of": 3}), &hello), "HeldInFull $0.000102 of $0.000102");
    assert_eq!(charged(json!({"echo": true}), &hello), "HeldInFull $0.000038 of $0.000038");
}

#[test]
fn an_echo_is_no_output() {
    let only_prompt = json!({"echo": true, "max_tokens": 0, "logprobs": 1});
    for usage in [
        json!({"prompt_tokens": 4, "total_tokens": 4}),
        json!({"prompt_tokens": 4, "completion_tokens": 0, "total_tokens": 4}),
    ] {
        let answer = said("Hello, world!", usage);
        assert_eq!(charged(only_prompt.clone(), &answer), "Reported $0.000006 of $0.000006");
    }
    // A total that hides something, and words that are no echo, are another matter.
    let hiding = said("Hello, world!", json!({"prompt_tokens": 4, "total_tokens": 5}));
    assert_eq!(charged(only_prompt, &hiding), "HeldInFull $0.000006 of $0.000006");
    let zero = json!({"prompt_tokens": 4, "completion_tokens": 0, "total_tokens": 4});
    assert_eq!(charged(json!({}), &said("Hello, world!", zero)), "Counted $0.000014 of $0.000038");
}

const STREAM: &str = concat!(
    "data: {\"id\":\"cmpl-1\",\"object\":\"text_completion\",\"model\":\"m-1\",\"choices\":",
    "[{\"text\":\"Hello,\",\"index\":0,\"logprobs\":null,\"finish_reason\":null}],\"usage\":null}\n\n",
    "data: {\"id\":\"cmpl-1\",\"choices\":[{\"text\":\" world!\",\"index\":0,",
    "\"finish_reason\":\"length\"}],\"usage\":null}\n\n",
    "data: {\"id\":\"cmpl-1\",\"choices\":[],\"usage\":",
    "{\"prompt_tokens\":4,\"completion_tokens\":4,\"total_tokens\":8}}\n\n",
    "data: [DONE]\n\n",
);

fn streamed(members: &Value, stream: &str) -> (CallRequest, String, StreamMeter) {
    let mut members = members.clone();
    members["stream"] = json!(true);
    let request = read(members).unwrap();
    let mut meter = StreamMeter::new(&request);
    let mut out = meter.push(stream.as_bytes()).unwrap().to_vec();
    out.extend_from_slice(&meter.finish());
    (request, String::from_utf8(out).unwrap(), meter)
}

#[test]
fn a_stream_is_metered_and_its_usage_hidden_unless_asked_for() {
    let (request, out, meter) = streamed(&json!({}), STREAM);
    assert!(!out.contains("usage") && out.contains("Hello,"), "{out}");
    assert_eq!(&*meter.closing(), b"data: [DONE]\n\n");
    assert_eq!(settled(&request, &meter.evidence()), "Reported $0.000014 of $0.000038");
    let asked = json!({"stream_options": {"include_usage": true}});
    let (_, out, meter) = streamed(&asked, STREAM);
    assert_eq!(out + std::str::from_utf8(&meter.closing()).unwrap(), STREAM);
}

#[test]
fn a_stream_that_breaks_off_is_charged_for_what_came() {
    let first =
        &STREAM[..STREAM.find("data: {\"id\":\"cmpl-1\",\"choices\":[{\"text\":\" w").unwrap()];
    let (request, _, meter) = streamed(&json!({}), first);
    assert!(!meter.has_ended());
    assert_eq!(settled(&request, &meter.evidence()), "Counted $0.00001 of $0.000038");
    let (request, _, meter) = streamed(&json!({"echo": true}), first);
    assert_eq!(settled(&request, &meter.evidence()), "HeldInFull $0.000038 of $0.000038");
}

fn prompt() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<String>().prop_map(Value::from),
        prop::collection::vec(any::<String>(), 1..5).prop_map(Value::from),
        prop::collection::vec(0_u32..100_000, 1..50).prop_map(Value::from),
        prop::collection::vec(prop::collection::vec(0_u32..100_000, 1..9), 1..5)
            .prop_map(Value::from),
    ]
}

proptest! {
    #[test]
    fn a_count_is_never_above_the_bytes(prompt in prompt(), n in 1_u64..5, limit in 0_u64..99) {
        let request = read(json!({"prompt": prompt, "n": n, "max_tokens": limit})).unwrap();
        let of = |certainty| request.bound(&named("instruct"), 10, certainty).unwrap();
        let (counted, bytes) = (of(Certainty::Counted), of(Certainty::Bytes));
        prop_assert_eq!(counted.certainty, Certainty::Counted);
        prop_assert!(counted.input_tokens <= bytes.input_tokens);
        prop_assert!(counted.cost <= bytes.cost);
    }

    #[test]
    fn any_json_is_a_prompt_or_refused(prompt in any_json()) {
        if let Ok(request) = read(json!({"prompt": prompt})) {
            prop_assert!(request.bound(&named("instruct"), 1, Certainty::Bytes).is_some());
        }
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        Just(serde_json::from_str("0.5").unwrap()),
        ".{0,9}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{1,5}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}
