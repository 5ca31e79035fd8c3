//! Lines that go in and lines that come out.

use std::sync::Arc;

use bursar_kernel::{Certainty, Endpoint};
use bytes::Bytes;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::request::resolve;
use crate::testing::{catalog, named};

fn line(id: &str, body: &Value) -> Bytes {
    let url = "/v1/chat/completions";
    json!({"custom_id": id, "method": "POST", "url": url, "body": body}).to_string().into()
}

fn body(content: &str, limit: u64) -> Value {
    json!({
        "model": "gpt-4o-mini", "max_tokens": limit,
        "messages": [{"role": "user", "content": content}],
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut body = body("hello", 9);
    body[name] = value;
    body
}

fn plan() -> BatchPlan {
    BatchPlan::new(Endpoint::ChatCompletions, Arc::new(catalog()), Certainty::Bytes)
}

fn refused(second: &Bytes) -> String {
    let mut plan = plan();
    plan.add(1, &line("a", &body("hello", 9))).expect("the first line is fine");
    plan.add(2, second).expect_err("the second is not").to_string()
}

#[test]
fn a_batch_costs_at_the_most_what_its_lines_do_at_its_own_prices() {
    let (mut plan, catalog) = (plan(), catalog());
    let mut expected = Vec::new();
    for (number, limit) in [(1, 10), (2, 300)] {
        let body = body("hello there", limit);
        plan.add(number, &line(&number.to_string(), &body)).unwrap();
        let bytes = Bytes::from(body.to_string());
        let request = resolve(Endpoint::ChatCompletions, &bytes, &catalog).unwrap();
        let model = named("gpt-4o-mini");
        expected.push(request.bound(&model, 1, Certainty::Bytes).unwrap().cost);
    }
    let planned = plan.finish().unwrap();
    let double = planned.cost.checked_mul(2).unwrap();
    assert_eq!(double, bursar_kernel::Usd::sum(expected).unwrap(), "half of the list price");
    assert_eq!(planned.lines, 2);
}

#[test]
fn a_batch_of_completions_says_its_limits_itself_and_bills_every_candidate() {
    let here = Endpoint::Completions;
    let cost = |members: Value| {
        let mut body = json!({"model": "instruct", "prompt": [9906, 11]});
        body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        let line =
            json!({"custom_id": "a", "method": "POST", "url": "/v1/completions", "body": body});
        let mut plan = BatchPlan::new(here, Arc::new(catalog()), Certainty::Counted);
        let added = plan.add(1, &line.to_string().into());
        added.map(|()| plan.finish().unwrap().cost.to_string()).map_err(|refused| refused.why)
    };
    // $0.75 and $1.00 for a million tokens.
    assert_eq!(cost(json!({"max_tokens": 10})).unwrap(), "0.0000115");
    assert_eq!(cost(json!({"max_tokens": 10, "best_of": 4})).unwrap(), "0.0000415");
    // Lines go out as they came: what is left out is for any upstream to choose.
    for members in [json!({}), json!({"max_tokens": null})] {
        assert_eq!(cost(members).unwrap_err().param.as_deref(), Some("max_tokens"));
    }
    let mut output = BatchOutput::new(here, &named("instruct"));
    let usage = json!({"prompt_tokens": 2, "completion_tokens": 40, "total_tokens": 42});
    let body = json!({"choices": [{"index": 0, "text": "Hi"}], "usage": usage});
    let line = json!({"response": {"status_code": 200, "body": body}});
    output.add(&line.to_string().into());
    let counts = BatchCounts { total: 1, completed: 1, failed: 0 };
    let usage = output.usage(Some(counts)).unwrap();
    assert_eq!(batch_price(&named("instruct"), &usage).unwrap().to_string(), "0.0000415");
}

#[test]
fn a_line_that_is_no_call_keeps_the_batch_back_and_is_named() {
    let other = json!({"custom_id": "b", "method": "GET", "url": "/v1/chat/completions",
        "body": body("x", 1)});
    let mut elsewhere = other.clone();
    elsewhere["method"] = json!("POST");
    elsewhere["url"] = json!("/v1/embeddings");
    let cases: [(Bytes, &str); 12] = [
        (line("a", &body("hello", 9)), "line 2: an earlier line has the same `custom_id`"),
        (line("", &body("hello", 9)), "line 2: `custom_id` must have one to 512 characters"),
        (other.to_string().into(), "line 2: `method` must be `POST`"),
        (elsewhere.to_string().into(), "line 2: `url` must be `/v1/chat/completions`"),
        (Bytes::from_static(b"{\"custom_id\": \"b\""), "line 2: it is not a JSON object"),
        (Bytes::from_static(b"{\"custom_id\":\"b\",\"n\":1}"), "line 2: `n` is not a member"),
        (line("b", &with("stream", json!(true))), "line 2: `stream` is of no use"),
        (line("b", &with("max_tokens", Value::Null)), "line 2: each line of a batch needs a limit"),
        (line("b", &with("service_tier", json!("priority"))), "line 2: a batch has a service tier"),
        (line("b", &with("secret", json!(1))), "line 2: `secret` is not a field"),
        (line("b", &with("model", json!("gpt-none"))), "line 2: the model `gpt-none`"),
        (line("b", &with("model", json!("gpt-6-sol"))), "line 2: it asks for `gpt-6-sol` and"),
    ];
    for (second, expected) in cases {
        let said = refused(&second);
        assert!(said.starts_with(expected), "{said}");
    }
}

#[test]
fn what_comes_out_is_summed_and_what_hides_something_is_never_free() {
    let usage = |prompt: u64, completion: u64| {
        json!({"prompt_tokens": prompt, "completion_tokens": completion,
            "total_tokens": prompt + completion,
            "prompt_tokens_details": {"cached_tokens": 1},
            "completion_tokens_details": {"reasoning_tokens": 2}})
    };
    let answer = |usage: &Value| {
        let body = json!({"usage": usage, "service_tier": "default"});
        Bytes::from(
            json!({"custom_id": "a", "response": {"status_code": 200, "body": body},
            "error": null})
            .to_string(),
        )
    };
    let model = named("gpt-4o-mini");
    let fresh = || BatchOutput::new(Endpoint::ChatCompletions, &model);
    let counts = |completed| Some(BatchCounts { total: 3, completed, failed: 1 });
    let mut output = fresh();
    output.add(&answer(&usage(10, 5)));
    output.add(&answer(&usage(20, 7)));
    output.add(&Bytes::from_static(
        br#"{"custom_id":"c","response":{"status_code":400,"body":{"error":{}}},"error":null}"#,
    ));
    let read = output.usage(counts(2)).unwrap();
    assert_eq!((read.input, read.cached, read.output, read.reasoning), (28, 2, 12, 4));
    assert_eq!(output.usage(counts(3)), None, "a line that the provider counts is missing");
    assert_eq!(output.usage(None), None, "nobody counted");
    for hidden in [answer(&Value::Null), answer(&usage(0, 0)), Bytes::from_static(b"{")] {
        let mut output = output;
        output.add(&hidden);
        assert_eq!(output.usage(counts(2)), None);
    }
}

proptest! {
    #[test]
    fn lines_are_the_same_however_they_come(
        text in "[ab\r\n ]{0,60}",
        sizes in proptest::collection::vec(1_usize..7, 0..40),
    ) {
        let mut lines = Lines::of_at_most(100);
        let (mut rest, mut sizes) = (text.as_bytes(), sizes.into_iter());
        let mut read = Vec::new();
        while !rest.is_empty() {
            let (now, later) = rest.split_at(sizes.next().unwrap_or(9).min(rest.len()));
            lines.push(now);
            rest = later;
            while let Some(line) = lines.next_line().unwrap() {
                read.push(line);
            }
        }
        read.extend(lines.last_line());
        let expected: Vec<(u64, Bytes)> = (1_u64..)
            .zip(text.split('\n'))
            .map(|(number, line)| (number, Bytes::copy_from_slice(line.trim_ascii().as_bytes())))
            .filter(|(_, line)| !line.is_empty())
            .collect();
        prop_assert_eq!(read, expected);
    }
}

#[test]
fn a_line_without_an_end_is_given_up() {
    let mut lines = Lines::of_at_most(10);
    lines.push(b"ab\n0123456789");
    assert_eq!(lines.next_line(), Ok(Some((1, Bytes::from_static(b"ab")))));
    assert_eq!(lines.next_line(), Ok(None));
    lines.push(b"x");
    assert_eq!(lines.next_line(), Err(LineTooLong { line: 2, most: 10 }));
}
