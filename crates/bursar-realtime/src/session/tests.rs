//! What a session may and may not do, event by event.

use bursar_kernel::ModelId;
use serde_json::json;

use super::*;

mod laws;
mod transcribing;

/// A session with the shipped catalog, and what is done about its outputs.
struct Desk {
    session: Session,
    forwarded: Vec<Value>,
    told: Vec<Value>,
    holds: Vec<HoldAsked>,
    settled: Vec<(u64, Settlement)>,
    given_back: Vec<u64>,
    breaches: Vec<&'static str>,
}

const MODEL: &str = "gpt-realtime";

fn vad(create_response: bool) -> Value {
    json!({"type": "server_vad", "silence_duration_ms": 500, "create_response": create_response})
}

fn shown(turn_detection: &Value) -> Value {
    json!({
        "type": "realtime", "model": MODEL, "instructions": "Be kind.", "tools": [],
        "audio": {"input": {
            "format": {"type": "audio/pcm"}, "transcription": null,
            "turn_detection": turn_detection,
        }},
    })
}

impl Desk {
    fn new() -> Self {
        let catalog = Arc::new(bursar_catalog::shipped());
        let model = Arc::clone(&catalog.models[&ModelId::new(MODEL)]);
        Self {
            session: Session::new(model, MODEL, catalog),
            forwarded: Vec::new(),
            told: Vec::new(),
            holds: Vec::new(),
            settled: Vec::new(),
            given_back: Vec::new(),
            breaches: Vec::new(),
        }
    }

    /// A session in which the client may speak.
    fn open() -> Self {
        let mut desk = Self::new();
        desk.upstream(&json!({"type": "session.created", "session": shown(&vad(true))}));
        assert!(!desk.session.is_open(), "the provider may still answer by itself");
        desk.upstream(&json!({"type": "session.updated", "session": shown(&vad(false))}));
        assert!(desk.session.listens());
        desk.told.clear();
        desk.forwarded.clear();
        desk
    }

    fn obey(&mut self) {
        while let Some(output) = self.session.poll() {
            match output {
                Output::Forward(text) => self.forwarded.push(serde_json::from_str(&text).unwrap()),
                Output::Tell(text) => self.told.push(serde_json::from_str(&text).unwrap()),
                Output::TellRates => self.told.push(json!({"type": "rates"})),
                Output::Hold(asked) => self.holds.push(*asked),
                Output::Settle { number, settlement, tell } => {
                    self.settled.push((number, settlement));
                    self.told
                        .extend(tell.map(|text| -> Value { serde_json::from_str(&text).unwrap() }));
                }
                Output::GiveBack { number } => self.given_back.push(number),
                Output::Breach(why) => self.breaches.push(why),
            }
        }
    }

    fn client(&mut self, event: &Value) {
        self.session.client(&event.to_string());
        self.obey();
    }

    fn upstream(&mut self, event: &Value) {
        self.session.upstream(event.to_string());
        self.obey();
    }

    /// The hold that is wanted, taken.
    fn pay(&mut self) -> HoldAsked {
        let asked = self.holds.pop().expect("money is wanted");
        self.session.held(asked.number);
        self.obey();
        asked
    }

    fn last_told(&self) -> &Value {
        self.told.last().unwrap()
    }

    fn error(&self) -> (&str, &str) {
        let error = &self.last_told()["error"];
        (error["code"].as_str().unwrap(), error["message"].as_str().unwrap())
    }
}

fn usage(text: u64, audio: u64, said: u64, spoken: u64) -> Value {
    json!({
        "input_tokens": text + audio, "output_tokens": said + spoken,
        "total_tokens": text + audio + said + spoken,
        "input_token_details": {"text_tokens": text, "audio_tokens": audio, "cached_tokens": 0},
        "output_token_details": {"text_tokens": said, "audio_tokens": spoken},
    })
}

fn done(id: &str, status: &str, usage: &Value) -> Value {
    let response = json!({"id": id, "status": status, "usage": usage, "output": []});
    json!({"type": "response.done", "response": response})
}

fn created(id: &str) -> Value {
    json!({"type": "response.created", "response": {"id": id, "status": "in_progress"}})
}

fn charged(settlement: &Settlement) -> Usd {
    match settlement {
        Settlement::Charge(charge) => charge.cost,
        Settlement::Release => Usd::ZERO,
    }
}

fn transcribing(model: &str) -> Value {
    let input = json!({"input": {"transcription": {"model": model}}});
    json!({"type": "session.update", "session": {"type": "realtime", "audio": input}})
}

fn second() -> Value {
    json!({"type": "input_audio_buffer.append", "audio": "A".repeat(64_000)})
}

#[test]
fn the_provider_is_told_to_answer_nothing_before_the_client_may_speak() {
    let mut desk = Desk::new();
    desk.client(&json!({"type": "response.create"}));
    desk.upstream(&json!({"type": "session.created", "session": shown(&vad(true))}));
    let turn = &desk.forwarded[0]["session"]["audio"]["input"]["turn_detection"];
    assert_eq!((turn["create_response"].as_bool(), desk.told.len()), (Some(false), 0));
    desk.client(&json!({"type": "response.create"}));
    assert_eq!((desk.holds.len(), desk.forwarded.len()), (0, 1), "nobody listens yet");
    desk.upstream(&json!({"type": "session.updated", "session": shown(&vad(false))}));
    // The client sees what it would have seen.
    let turn = &desk.told[0]["session"]["audio"]["input"]["turn_detection"];
    assert_eq!(desk.told[0]["type"], "session.created");
    assert_eq!(turn["create_response"], true);
}

#[test]
fn a_provider_that_goes_on_answering_by_itself_is_not_used() {
    for reply in [
        json!({"type": "session.updated", "session": shown(&vad(true))}),
        json!({"type": "session.updated", "session": {"turn_detection": {"type": "server_vad"}}}),
        json!({"type": "error", "error": {"message": "no"}}),
    ] {
        let mut desk = Desk::new();
        desk.upstream(&json!({"type": "session.created", "session": shown(&vad(true))}));
        desk.upstream(&reply);
        assert_eq!((desk.breaches.len(), desk.session.is_open()), (1, false), "{reply}");
    }
    let mut desk = Desk::new();
    desk.upstream(&json!({"type": "session.created", "session": {"modalities": ["text"]}}));
    assert_eq!(desk.breaches, ["it speaks an older form of sessions"]);
    let mut desk = Desk::open();
    desk.upstream(&json!({"type": "session.updated", "session": shown(&vad(true))}));
    assert_eq!(desk.breaches, ["it goes on answering by itself"]);
}

#[test]
fn no_response_is_asked_for_without_money() {
    let mut desk = Desk::open();
    desk.client(&json!({"type": "response.create", "event_id": "mine"}));
    assert_eq!((desk.forwarded.len(), desk.session.listens()), (0, false));
    let number = desk.holds.pop().unwrap().number;
    let error = ErrorBody {
        message: "None is left.".into(),
        kind: "insufficient_quota".into(),
        param: None,
        code: Some("credit_balance_exhausted".into()),
    };
    desk.session.not_held(number, &error);
    desk.obey();
    assert_eq!(desk.error(), ("credit_balance_exhausted", "None is left."));
    assert_eq!(desk.last_told()["error"]["event_id"], "mine");
    assert!(desk.session.listens(), "the session stays open");
    // Told twice, or too late, it means nothing.
    desk.session.held(number);
    desk.obey();
    assert_eq!(desk.forwarded.len(), 0);
}

#[test]
fn what_is_forwarded_says_its_limit_and_what_was_not_understood_is_not_forwarded() {
    let mut desk = Desk::open();
    let response = json!({"max_output_tokens": "inf", "metadata": {"a": "b"}});
    desk.client(&json!({"type": "response.create", "response": response}));
    desk.pay();
    assert_eq!(desk.forwarded[0]["response"]["max_output_tokens"], 4_096);
    for (event, code) in [
        (
            json!({"type": "response.create", "response": {"modalities": ["text"]}}),
            "unknown_parameter",
        ),
        (
            json!({"type": "response.create", "response": {"prompt": {"id": "pmpt_1"}}}),
            "unsupported_value",
        ),
        (json!({"type": "response.create", "more": 1}), "unknown_parameter"),
        (
            json!({"type": "response.create", "response": {"tools": [{"type": "mcp"}]}}),
            "unsupported_value",
        ),
        (
            json!({"type": "session.update", "session": {"type": "realtime", "model": "gpt-4o"}}),
            "unsupported_value",
        ),
        (
            json!({"type": "session.update", "session": {"type": "transcription"}}),
            "unsupported_value",
        ),
        (
            json!({"type": "session.update", "session": {"type": "realtime", "tracing": "auto"}}),
            "unsupported_value",
        ),
        (json!({"type": "transcription_session.update"}), "unsupported_value"),
        (json!({"type": "made.up"}), "unknown_parameter"),
        (json!({"type": "input_audio_buffer.commit", "event_id": "bursar_1"}), "invalid_value"),
    ] {
        desk.client(&event);
        assert_eq!(desk.error().0, code, "{event}");
        assert_eq!((desk.forwarded.len(), desk.holds.len()), (1, 0), "{event}");
    }
    let vad = json!({"type": "server_vad", "idle_timeout_ms": 6_000});
    let input = json!({"input": {"turn_detection": vad}});
    desk.client(
        &json!({"type": "session.update", "session": {"type": "realtime", "audio": input}}),
    );
    assert_eq!((desk.error().0, desk.forwarded.len()), ("unsupported_value", 1));
}

#[test]
fn an_answer_that_the_client_wants_by_itself_is_asked_for_here() {
    let mut desk = Desk::open();
    desk.upstream(&json!({"type": "input_audio_buffer.committed", "item_id": "item_1"}));
    assert_eq!(desk.forwarded.len(), 0);
    desk.pay();
    assert_eq!(desk.forwarded[0]["type"], "response.create");
    // A second one waits for the first, and there is but one, however often it is wanted.
    for item in ["item_2", "item_3"] {
        desk.upstream(&json!({"type": "input_audio_buffer.committed", "item_id": item}));
    }
    assert_eq!(desk.holds.len(), 0);
    desk.upstream(&created("resp_1"));
    desk.upstream(&done("resp_1", "cancelled", &usage(20, 10, 1, 1)));
    desk.pay();
    assert_eq!((desk.forwarded.len(), desk.settled.len()), (2, 1));
    // A commit of the client's own is none.
    let mut desk = Desk::open();
    desk.client(&json!({"type": "input_audio_buffer.commit"}));
    desk.upstream(&json!({"type": "input_audio_buffer.committed", "item_id": "item_1"}));
    assert_eq!(desk.holds.len(), 0);
    // Nor where the client does not want it.
    let mut desk = Desk::open();
    let input =
        json!({"input": {"turn_detection": {"type": "semantic_vad", "create_response": false}}});
    desk.client(
        &json!({"type": "session.update", "session": {"type": "realtime", "audio": input}}),
    );
    desk.upstream(&json!({"type": "input_audio_buffer.committed", "item_id": "item_1"}));
    assert_eq!(desk.holds.len(), 0);
}

#[test]
fn the_provider_never_hears_that_it_may_answer_by_itself() {
    let mut desk = Desk::open();
    let input = json!({"input": {"turn_detection": vad(true)}});
    let session = json!({"type": "realtime", "audio": input, "model": MODEL});
    desk.client(&json!({"type": "session.update", "session": session}));
    let session = &desk.forwarded[0]["session"];
    assert_eq!(session["audio"]["input"]["turn_detection"]["create_response"], false);
    assert_eq!(session.get("model"), None);
    desk.upstream(&json!({"type": "session.updated", "session": shown(&vad(false))}));
    let session = &desk.last_told()["session"];
    assert_eq!(session["audio"]["input"]["turn_detection"]["create_response"], true);
}

#[test]
fn each_response_is_charged_once_whatever_is_told_of_it() {
    let one = |tell: &[Value]| {
        let mut desk = Desk::open();
        desk.client(&json!({"type": "response.create"}));
        let held = desk.pay().bound.cost;
        for event in tell {
            desk.upstream(event);
        }
        desk.session.end();
        desk.obey();
        assert_eq!(desk.settled.len(), 1, "{tell:?}");
        (charged(&desk.settled[0].1), held)
    };
    let delta = json!({"type": "response.output_text.delta", "response_id": "r", "delta": "x"});
    let good = done("r", "completed", &usage(100, 0, 10, 0));
    let (cost, _) = one(&[created("r"), good.clone()]);
    assert_eq!(cost, "0.00056".parse().unwrap());
    // Twice; and before it began.
    assert_eq!(one(&[created("r"), good.clone(), good.clone()]).0, cost);
    assert_eq!(one(std::slice::from_ref(&good)).0, cost);
    // Nothing came, or nothing that can be believed: silence never refunds.
    let nothing = usage(0, 0, 0, 0);
    for tell in [
        vec![],
        vec![created("r")],
        vec![created("r"), done("r", "completed", &Value::Null)],
        vec![created("r"), done("r", "completed", &nothing)],
        vec![created("r"), done("r", "failed", &Value::Null)],
        vec![created("r"), delta.clone(), done("r", "failed", &nothing)],
        vec![created("r"), delta.clone(), done("r", "completed", &usage(100, 0, 0, 0))],
        vec![
            created("r"),
            done(
                "r",
                "completed",
                &json!({"input_tokens": 5, "output_tokens": 5, "total_tokens": 99}),
            ),
        ],
    ] {
        let (cost, held) = one(&tell);
        assert_eq!(cost, held, "{tell:?}");
    }
    // It was refused before anything was made.
    assert_eq!(one(&[created("r"), done("r", "failed", &nothing)]).0, Usd::ZERO);
    let (cost, _) = one(&[created("r"), delta, done("r", "cancelled", &usage(100, 0, 5, 0))]);
    assert_eq!(cost, "0.00048".parse().unwrap(), "what was stopped is paid for what it used");
}

#[test]
fn a_response_that_is_told_twice_does_not_end_the_next() {
    let mut desk = Desk::open();
    let good = done("r1", "completed", &usage(100, 0, 10, 0));
    desk.client(&json!({"type": "response.create"}));
    desk.pay();
    desk.upstream(&created("r1"));
    desk.upstream(&good);
    desk.client(&json!({"type": "response.create"}));
    desk.pay();
    desk.upstream(&good);
    assert_eq!((desk.settled.len(), desk.session.calls_open()), (1, 1));
    desk.upstream(&done("r2", "completed", &usage(200, 0, 10, 0)));
    desk.upstream(&good);
    assert_eq!((desk.settled.len(), desk.session.calls_open()), (2, 0));
    assert_eq!(desk.breaches.len(), 0, "it is the client's to make sense of");
}

#[test]
fn a_response_that_was_refused_in_so_many_words_is_given_back_unless_it_had_begun() {
    let refusal =
        |name: &Value| json!({"type": "error", "error": {"message": "no", "event_id": name}});
    let mut desk = Desk::open();
    desk.client(&json!({"type": "response.create", "event_id": "mine"}));
    desk.pay();
    let name = desk.forwarded[0]["event_id"].clone();
    desk.upstream(&refusal(&name));
    assert_eq!(desk.settled[0].1, Settlement::Release);
    assert_eq!(desk.last_told()["error"]["event_id"], "mine");
    let mut desk = Desk::open();
    desk.client(&json!({"type": "response.create"}));
    desk.pay();
    desk.upstream(&created("resp_1"));
    desk.upstream(&refusal(&desk.forwarded[0]["event_id"].clone()));
    desk.upstream(&refusal(&"bursar_99".into()));
    assert_eq!((desk.settled.len(), desk.session.calls_open()), (0, 1));
}

#[test]
fn a_response_that_nobody_asked_for_ends_the_session() {
    let mut desk = Desk::open();
    desk.upstream(&created("resp_1"));
    assert_eq!(desk.breaches, ["it began a response that nobody asked for"]);
    let mut desk = Desk::open();
    desk.upstream(&done("resp_1", "completed", &usage(1, 0, 1, 0)));
    assert_eq!(desk.breaches, ["it ended a response that nobody asked for"]);
    let mut desk = Desk::open();
    desk.session.upstream("[1]".to_owned());
    desk.obey();
    assert_eq!(desk.breaches, ["it sent what is no event"]);
}

#[test]
fn the_bound_grows_with_what_is_fed_and_follows_what_was_reported() {
    let mut desk = Desk::open();
    let ask = json!({"type": "response.create", "response": {"output_modalities": ["text"], "max_output_tokens": 100}});
    let fed = |desk: &mut Desk| {
        desk.client(&ask);
        let asked = desk.pay();
        let id = asked.number.to_string();
        desk.upstream(&created(&id));
        (asked.bound.input_tokens, id)
    };
    let (before, id) = fed(&mut desk);
    desk.upstream(&done(&id, "completed", &usage(10, 0, 5, 0)));
    let text = "x".repeat(1_000);
    let content = json!([{"type": "input_text", "text": text}]);
    let item = json!({"type": "message", "role": "user", "content": content});
    desk.client(&json!({"type": "conversation.item.create", "item": item}));
    let (grown, id) = fed(&mut desk);
    assert!(before + 1_000 <= grown && grown < before + 1_200, "{before} {grown}");
    // The provider says that all of it is 300 tokens and 5 of an answer.
    desk.upstream(&done(&id, "completed", &usage(300, 0, 5, 0)));
    let (known, id) = fed(&mut desk);
    assert!((305..500).contains(&known), "{known}");
    // What is fed while it is made counts on top, and a second of speech as twice its tokens.
    let audio = json!({"type": "input_audio_buffer.append", "audio": "A".repeat(64_000)});
    desk.client(&audio);
    desk.upstream(&json!({"type": "input_audio_buffer.speech_stopped", "audio_end_ms": 1_000}));
    desk.upstream(&done(&id, "completed", &usage(300, 0, 5, 0)));
    let (heard, id) = fed(&mut desk);
    assert_eq!(heard, known + 20);
    desk.upstream(&done(&id, "completed", &usage(300, 0, 5, 0)));
    // No more than the model takes.
    desk.client(&json!({"type": "input_audio_buffer.append", "audio": "A".repeat(9_000_000)}));
    let (most, _) = fed(&mut desk);
    assert!(most <= 32_000 && heard < most);
}

#[test]
fn tools_and_instructions_count_until_others_are_shown() {
    let mut desk = Desk::open();
    let ask = json!({"type": "response.create"});
    let bound = |desk: &mut Desk| {
        desk.client(&ask);
        let asked = desk.holds.pop().unwrap();
        let error = ErrorBody { message: String::new(), kind: "x".into(), param: None, code: None };
        desk.session.not_held(asked.number, &error);
        desk.obey();
        asked.bound.input_tokens
    };
    let before = bound(&mut desk);
    let long = json!({"type": "realtime", "instructions": "y".repeat(2_000)});
    desk.client(&json!({"type": "session.update", "session": long}));
    let asked = bound(&mut desk);
    assert!(before + 1_900 < asked);
    let short = json!({"type": "realtime", "instructions": "z"});
    desk.client(&json!({"type": "session.update", "session": short}));
    assert_eq!(bound(&mut desk), asked, "it may still be in force");
    for _ in 0..2 {
        desk.upstream(&json!({"type": "session.updated", "session": shown(&vad(false))}));
    }
    assert_eq!(bound(&mut desk), before);
}
