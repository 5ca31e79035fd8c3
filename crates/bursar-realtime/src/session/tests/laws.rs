//! Whatever is said, and in whatever order.

use proptest::prelude::*;

use super::*;

fn client_event() -> impl Strategy<Value = Value> {
    let name = || prop::option::of("[a-c]");
    prop_oneof![
        name().prop_map(|id| json!({"type": "response.create", "event_id": id})),
        Just(
            json!({"type": "response.create", "response": {"conversation": "none", "max_output_tokens": 10}})
        ),
        Just(
            json!({"type": "response.create", "response": {"output_modalities": ["text"], "input": []}})
        ),
        Just(json!({"type": "response.cancel"})),
        Just(second()),
        Just(json!({"type": "input_audio_buffer.commit"})),
        Just(json!({"type": "input_audio_buffer.clear"})),
        Just(transcribing("whisper-1")),
        Just(transcribing("gpt-4o-transcribe")),
        Just(
            json!({"type": "session.update", "session": {"type": "realtime", "audio": {"input": {"transcription": null}}}})
        ),
        Just(
            json!({"type": "session.update", "session": {"type": "realtime", "audio": {"input": {"turn_detection": vad(true)}}}})
        ),
        "[a-z]{0,40}".prop_map(|text| {
            let content = json!([{"type": "input_text", "text": text}]);
            json!({"type": "conversation.item.create",
                   "item": {"type": "message", "role": "user", "content": content}})
        }),
    ]
}

fn server_event() -> impl Strategy<Value = Value> {
    let id = || prop::sample::select(vec!["r1", "r2", "r3", "r4"]);
    let status = prop::sample::select(vec!["completed", "cancelled", "failed", "incomplete"]);
    let usage = prop_oneof![
        Just(Value::Null),
        (0_u64..50, 0_u64..50, 0_u64..9, 0_u64..9).prop_map(|(a, b, c, d)| usage(a, b, c, d)),
    ];
    let item = || prop::sample::select(vec!["i1", "i2", "i3"]);
    prop_oneof![
        id().prop_map(created),
        (id(), status, usage).prop_map(|(id, status, usage)| done(id, status, &usage)),
        (1_u64..40).prop_map(|number| {
            json!({"type": "error", "error": {"message": "no", "event_id": format!("bursar_{number}")}})
        }),
        item().prop_map(|id| json!({"type": "input_audio_buffer.committed", "item_id": id})),
        item().prop_map(|id| json!({"type": TRANSCRIBED, "item_id": id, "usage": {"type": "duration", "seconds": 1}})),
        item().prop_map(|id| json!({"type": NOT_TRANSCRIBED, "item_id": id})),
        Just(json!({"type": "input_audio_buffer.cleared"})),
        (0_u64..5_000).prop_map(|ms| json!({"type": "input_audio_buffer.speech_stopped", "audio_end_ms": ms})),
        Just(json!({"type": "session.updated", "session": shown(&vad(false))})),
        id().prop_map(|id| json!({"type": "response.output_text.delta", "response_id": id, "delta": "x"})),
    ]
}

#[derive(Clone, Debug)]
enum Said {
    Client(Value),
    Server(Value),
    Paid,
    NotPaid,
}

fn said() -> impl Strategy<Value = Said> {
    prop_oneof![
        4 => client_event().prop_map(Said::Client),
        4 => server_event().prop_map(Said::Server),
        4 => Just(Said::Paid),
        1 => Just(Said::NotPaid),
    ]
}

proptest! {
    #[test]
    fn every_response_has_its_hold_and_every_hold_its_end(
        events in prop::collection::vec(said(), 0..60),
        leaves in any::<bool>(),
    ) {
        let mut desk = Desk::open();
        let mut paid = Vec::new();
        for event in events {
            match event {
                Said::Client(event) if desk.session.listens() => desk.client(&event),
                Said::Server(event) => desk.upstream(&event),
                Said::Paid if !desk.holds.is_empty() => {
                    let asked = desk.holds.remove(0);
                    paid.push(asked.clone());
                    desk.session.held(asked.number);
                    desk.obey();
                }
                Said::NotPaid if !desk.holds.is_empty() => {
                    let asked = desk.holds.remove(0);
                    let error = ErrorBody { message: String::new(), kind: "x".into(), param: None, code: None };
                    desk.session.not_held(asked.number, &error);
                    desk.obey();
                }
                Said::Client(_) | Said::Paid | Said::NotPaid => {}
            }
            if !desk.breaches.is_empty() {
                break;
            }
            let responses = paid.iter().filter(|asked| asked.purpose == Purpose::Response);
            let asked = desk.forwarded.iter().filter(|event| event["type"] == "response.create");
            prop_assert_eq!(asked.count(), responses.count(), "one hold, one response");
        }
        if leaves {
            desk.session.leave();
            desk.obey();
        }
        desk.session.end();
        desk.obey();
        prop_assert_eq!(desk.session.calls_open(), 0);
        for asked in &paid {
            let ends = desk.settled.iter().filter(|it| it.0 == asked.number).count()
                + desk.given_back.iter().filter(|it| **it == asked.number).count();
            prop_assert_eq!(ends, 1, "call {} ends once", asked.number);
        }
        for (number, settlement) in &desk.settled {
            let asked = paid.iter().find(|asked| asked.number == *number);
            let held = asked.expect("only what was paid for is settled").bound.cost;
            // What a provider claims beyond what it was fed is said to be that.
            let excess = match settlement {
                Settlement::Charge(charge) => charge.excess,
                Settlement::Release => Usd::ZERO,
            };
            let within = charged(settlement).checked_sub(excess).unwrap();
            prop_assert!(within <= held, "{} of {}", within, held);
        }
        for event in &desk.forwarded {
            let turn = event.pointer("/session/audio/input/turn_detection/create_response");
            prop_assert_ne!(turn, Some(&Value::Bool(true)));
        }
    }
}
