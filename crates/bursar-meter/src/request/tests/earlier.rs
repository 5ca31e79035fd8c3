//! Stored responses, and calls that go on from them: never below what may be billed.

use bursar_kernel::{Bound, Certainty, Context, Endpoint, Model, ModelId, Usage, Usd};
use expect_test::{Expect, expect};
use proptest::prelude::*;

use crate::answer::read_answer;
use crate::price::price;
use crate::request::CallRequest;
use crate::settle::{Basis, Evidence, Settlement, settle};
use crate::testing::{named, rate, read};

fn body(more: &str) -> String {
    format!(r#"{{"model":"gpt-4o-mini","input":"hi"{more}}}"#)
}

fn request(more: &str) -> CallRequest {
    read(Endpoint::Responses, &body(more)).unwrap()
}

/// What is understood of a body, and what of it is forwarded; or why nothing is.
fn check(more: &str, expected: Expect) {
    let said = match read(Endpoint::Responses, &body(more)) {
        Ok(request) => {
            let CallRequest { kept, ref previous_response, .. } = request;
            let forwarded = request.upstream_body(100, false, None);
            let forwarded: serde_json::Value = serde_json::from_slice(&forwarded).unwrap();
            format!("{kept:?}, after {previous_response:?}; forwarded {}", forwarded["store"])
        }
        Err(error) => error.message,
    };
    expected.assert_eq(&said);
}

#[test]
fn what_is_stored_is_asked_for_or_of_no_use_otherwise() {
    for nothing in
        ["", r#","store":false"#, r#","store":null,"background":null,"previous_response_id":null"#]
    {
        check(nothing, expect!["Not, after None; forwarded false"]);
    }
    check(r#","store":true"#, expect!["Stored, after None; forwarded true"]);
    check(r#","background":true"#, expect!["InTheBackground, after None; forwarded true"]);
    check(
        r#","previous_response_id":"resp_1""#,
        expect![[r#"Stored, after Some("resp_1"); forwarded true"#]],
    );
    check(
        r#","store":false,"previous_response_id":"resp_1""#,
        expect![[r#"Not, after Some("resp_1"); forwarded false"#]],
    );
    check(
        r#","store":false,"background":true"#,
        expect![[r"
            an answer in the background has to be stored, so that it can be asked for
            hint: leave `store` out"]],
    );
    check(
        r#","previous_response_id":"resp_1/../resp_2""#,
        expect![
            "`previous_response_id` must be the `id` of a response: letters, digits, `-` and `_`, at most 128"
        ],
    );
    check(
        r#","conversation":"conv_1""#,
        expect![[r"
            conversations are not offered through this gateway: they grow behind its back, and how long they are is not known
            hint: send `previous_response_id`, or the earlier items in `input`"]],
    );
}

fn other(change: impl FnOnce(&mut Model)) -> Model {
    let mut other = named("gpt-4o-mini");
    other.id = ModelId::new("gpt-other");
    change(&mut other);
    other
}

#[test]
fn going_on_with_another_model_takes_one_that_counts_alike() {
    let earlier = Context { tokens: 1_000, visible: 900, images: 2 };
    let go_on = |made_by: Option<&Model>, model: &Model| {
        let mut request = request(r#","previous_response_id":"resp_1""#);
        request.go_on_from(&earlier, made_by, model).map(|()| request.earlier_tokens())
    };
    let mini = named("gpt-4o-mini");
    assert_eq!(go_on(Some(&mini), &mini), Ok(1_000));
    // An image can count as much as the other model says.
    assert_eq!(go_on(Some(&other(|_| {})), &mini), Ok(1_000 + 2 * 48_169));
    for made_by in [None, Some(other(|model| model.encoding = None)), Some(named("text-only"))] {
        let refused = go_on(made_by.as_ref(), &mini).unwrap_err();
        assert_eq!(refused.kind.code(), "unsupported_value");
        assert!(refused.message.contains("does not count alike"), "{}", refused.message);
    }
    // Its own kind it can count, whatever the tokenizer.
    let plain = named("text-only");
    assert_eq!(go_on(Some(&plain), &plain), Ok(1_000));
}

#[test]
fn what_is_longer_than_the_model_takes_is_refused_unless_it_is_cut() {
    let earlier = Context { tokens: 9_000, visible: 4_001, images: 0 };
    let mut mini = named("gpt-4o-mini");
    mini.input_tokens_max = Some(4_000);
    let go_on = |more: &str, earlier: Context| {
        let mut request = request(&format!(r#","previous_response_id":"resp_1"{more}"#));
        request.go_on_from(&earlier, Some(&mini), &mini)
    };
    let refused = go_on("", earlier).unwrap_err();
    assert_eq!((refused.status(), refused.kind.code()), (400, "context_length_exceeded"));
    assert_eq!(refused.param.as_deref(), Some("previous_response_id"));
    assert!(go_on(r#","truncation":"disabled""#, earlier).is_err());
    assert_eq!(go_on(r#","truncation":"auto""#, earlier), Ok(()));
    // What the provider may leave out is no reason.
    assert_eq!(go_on("", Context { visible: 4_000, ..earlier }), Ok(()));
}

#[test]
fn images_of_earlier_turns_are_held_for_at_their_own_rate() {
    let mut mini = named("gpt-4o-mini");
    mini.prices.as_mut().unwrap().standard.image_in = rate("9");
    let cost = |images| {
        let mut request = request(r#","previous_response_id":"resp_1""#);
        let earlier = Context { tokens: 1_000_000, visible: 0, images };
        request.go_on_from(&earlier, Some(&mini), &mini).unwrap();
        request.bound_at(&mini, 0, Certainty::Counted).unwrap().cost
    };
    let usd = |text: &str| text.parse::<Usd>().unwrap();
    assert!(usd("9") <= cost(1) && cost(0) < usd("1"));
}

#[test]
fn what_nobody_reports_of_a_call_that_goes_on_is_charged_in_full() {
    let mini = named("gpt-4o-mini");
    let whole = br#"{"id":"resp_2","output":[{"type":"message","content":[{"type":"output_text","text":"a"}]}]}"#;
    let answer = read_answer(Endpoint::Responses, whole);
    let basis = |request: &CallRequest| {
        let held = request.bound_at(&mini, 100, Certainty::Counted).unwrap();
        match settle(request, &mini, &held, &Evidence::Answer(answer.clone())) {
            Settlement::Charge(charge) => (charge.basis, charge.cost == held.cost),
            Settlement::Release => panic!("silence never refunds"),
        }
    };
    assert_eq!(basis(&request("")), (Basis::Counted, false));
    let mut goes_on = request(r#","previous_response_id":"resp_1""#);
    let earlier = Context { tokens: 50, visible: 50, images: 0 };
    goes_on.go_on_from(&earlier, Some(&mini), &mini).unwrap();
    assert_eq!(basis(&goes_on), (Basis::HeldInFull, true));
}

/// A turn of a conversation, as its provider may report it.
#[derive(Clone, Debug)]
struct Turn {
    input: String,
    /// Tokens of what was said, of what was thought, and items of both.
    said: u64,
    thought: u64,
    items: u64,
    /// Whether the provider shows what was thought to the model once more.
    remembers: bool,
    /// How many of each item's 16 tokens of frame it uses.
    frame: u64,
    is_reported: bool,
}

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let turn = (
        "[a-z ]{0,200}",
        0..400_u64,
        0..400_u64,
        1..4_u64,
        any::<bool>(),
        0..=16_u64,
        any::<bool>(),
    );
    let turn = turn.prop_map(|(input, said, thought, items, remembers, frame, is_reported)| Turn {
        input,
        said,
        thought,
        items,
        remembers,
        frame,
        is_reported,
    });
    proptest::collection::vec(turn, 1..6)
}

proptest! {
    /// Whatever the turns before were, each is held for: what a provider can bill for a turn that
    /// goes on from them is within the bound, by bytes and counted.
    #[test]
    fn a_conversation_is_never_billed_above_its_holds(turns in turns(), counted in any::<bool>()) {
        let mini = named("gpt-4o-mini");
        let certainty = if counted { Certainty::Counted } else { Certainty::Bytes };
        let mut earlier: Option<Context> = None;
        // What the provider really has of the conversation, in tokens.
        let mut kept = 0_u64;
        for turn in turns {
            let input = serde_json::to_string(&turn.input).unwrap();
            let after = if earlier.is_some() { r#","previous_response_id":"resp_1""# } else { "" };
            let json = format!(r#"{{"model":"gpt-4o-mini","input":{input}{after},"store":true}}"#);
            let mut request = read(Endpoint::Responses, &json).unwrap();
            let own = request.count_input(&mini).unwrap();
            if let Some(earlier) = &earlier {
                request.go_on_from(earlier, Some(&mini), &mini).unwrap();
            }
            let output = turn.said + turn.thought;
            let held: Bound = request.bound_at(&mini, output, certainty).unwrap();
            let billed = Usage {
                input: kept + own,
                output,
                reasoning: turn.thought,
                ..Usage::default()
            };
            let cost = price(mini.prices.as_ref().unwrap(), request.tier, &billed).unwrap();
            prop_assert!(cost <= held.cost, "{cost} of {}", held.cost);
            let items = vec![r#"{"type":"message","content":[]}"#; usize::try_from(turn.items).unwrap()];
            let usage = if turn.is_reported {
                format!(
                    r#"{{"input_tokens":{},"output_tokens":{output},"output_tokens_details":{{"reasoning_tokens":{}}}}}"#,
                    billed.input, turn.thought
                )
            } else {
                "null".to_owned()
            };
            let answer = format!(r#"{{"id":"resp_1","output":[{}],"usage":{usage}}}"#, items.join(","));
            let answer = read_answer(Endpoint::Responses, answer.as_bytes());
            let context = answer.context(request.context(&held));
            prop_assert!(context.tokens >= context.visible);
            earlier = Some(context);
            // An item is no shorter than its frame where nothing is known of it.
            let frames = if turn.is_reported { turn.items * turn.frame } else { output };
            let thought = if turn.remembers { turn.thought } else { 0 };
            kept = billed.input + turn.said + thought + frames;
        }
    }
}
