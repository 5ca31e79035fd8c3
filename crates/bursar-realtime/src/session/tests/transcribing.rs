//! What is written down of what a session hears, and what that costs.

use super::*;

#[test]
fn no_audio_goes_out_before_there_is_money_to_write_it_down() {
    let mut desk = Desk::open();
    desk.client(&transcribing("whisper-1"));
    assert_eq!(desk.forwarded.len(), 0, "it might be written down at once");
    let asked = desk.pay();
    assert_eq!((asked.purpose, asked.model.id.as_str()), (Purpose::Transcription, "whisper-1"));
    // 5 s ahead, and 9 parts of it, each a second longer at the most: $0.0001 each.
    assert_eq!(asked.bound.cost, "0.0014".parse().unwrap());
    for _ in 0..5 {
        desk.client(&second());
    }
    assert_eq!((desk.forwarded.len(), desk.holds.len()), (6, 0));
    desk.client(&second());
    assert_eq!(desk.forwarded.len(), 6, "that is more than was paid for");
    let more = desk.pay();
    assert_eq!((desk.forwarded.len(), &*desk.given_back), (7, &[asked.number][..]));
    // The end of speech uses it up, and the next is set aside at once.
    desk.upstream(&json!({"type": "input_audio_buffer.speech_stopped", "audio_end_ms": 6_000}));
    desk.upstream(&json!({"type": "input_audio_buffer.committed", "item_id": "item_1"}));
    let kinds: Vec<_> = desk.holds.iter().map(|asked| asked.purpose).collect();
    assert_eq!(kinds, [Purpose::Transcription, Purpose::Response]);
    let usage = json!({"type": "duration", "seconds": 6});
    desk.upstream(
        &json!({"type": TRANSCRIBED, "item_id": "item_1", "transcript": "x", "usage": usage}),
    );
    assert_eq!(
        (desk.settled[0].0, charged(&desk.settled[0].1)),
        (more.number, "0.0006".parse().unwrap())
    );
    // Told twice it is charged once.
    desk.upstream(
        &json!({"type": TRANSCRIBED, "item_id": "item_1", "transcript": "x", "usage": usage}),
    );
    assert_eq!(desk.settled.len(), 1);
}

#[test]
fn audio_that_cannot_be_paid_for_is_not_written_down() {
    let error = ErrorBody {
        message: "None.".into(),
        kind: "x".into(),
        param: None,
        code: Some("y".into()),
    };
    let mut desk = Desk::open();
    desk.client(&transcribing("gpt-4o-mini-transcribe"));
    let number = desk.holds.pop().unwrap().number;
    desk.session.not_held(number, &error);
    desk.obey();
    assert_eq!((desk.error().0, desk.forwarded.len()), ("y", 0));
    desk.client(&second());
    assert_eq!((desk.forwarded.len(), desk.holds.len()), (1, 0), "nothing is written down");
    let mut desk = Desk::open();
    desk.client(&transcribing("whisper-1"));
    desk.pay();
    desk.client(&second());
    desk.upstream(&json!({"type": "input_audio_buffer.committed", "item_id": "item_1"}));
    let place = desk.holds.iter().position(|it| it.purpose == Purpose::Transcription).unwrap();
    let number = desk.holds.remove(place).number;
    desk.session.not_held(number, &error);
    desk.obey();
    assert_eq!(desk.forwarded.last().unwrap()["type"], "input_audio_buffer.clear");
    for (model, code) in [("gpt-4o", "model_not_found"), ("made-up", "model_not_found")] {
        let mut desk = Desk::open();
        desk.client(&transcribing(model));
        assert_eq!((desk.error().0, desk.holds.len()), (code, 0), "{model}");
    }
}

#[test]
fn what_was_written_down_in_silence_is_charged_in_full_and_what_failed_is_not() {
    let one = |tell: &Value, left: bool| {
        let mut desk = Desk::open();
        desk.client(&transcribing("gpt-4o-mini-transcribe"));
        let held = desk.pay();
        desk.client(&second());
        desk.client(&json!({"type": "input_audio_buffer.commit"}));
        desk.upstream(&json!({"type": "input_audio_buffer.committed", "item_id": "item_1"}));
        if !tell.is_null() {
            desk.upstream(tell);
        }
        if left {
            desk.session.leave();
        }
        desk.session.end();
        desk.obey();
        let settled: Vec<_> = desk.settled.iter().filter(|it| it.0 == held.number).collect();
        assert_eq!(settled.len(), 1, "{tell}");
        (charged(&settled[0].1), held.bound.cost)
    };
    for left in [true, false] {
        let (cost, held) = one(&Value::Null, left);
        assert_eq!(cost, held);
    }
    let (cost, held) = one(&json!({"type": TRANSCRIBED, "item_id": "item_1"}), false);
    assert_eq!(cost, held);
    let failed = json!({"type": NOT_TRANSCRIBED, "item_id": "item_1", "error": {}});
    assert_eq!(one(&failed, false).0, Usd::ZERO);
    let usage = json!({"type": "tokens", "input_tokens": 10, "output_tokens": 4, "total_tokens": 14,
                       "input_token_details": {"text_tokens": 0, "audio_tokens": 10}});
    let told = json!({"type": TRANSCRIBED, "item_id": "item_1", "usage": usage});
    assert_eq!(one(&told, false).0, "0.0000325".parse().unwrap());
}

#[test]
fn no_money_lies_for_ever_for_what_might_be_written_down() {
    let mut desk = Desk::open();
    desk.client(&transcribing("whisper-1"));
    let first = desk.pay();
    desk.client(&second());
    desk.session.is_old(first.number);
    desk.obey();
    let next = desk.pay();
    assert_eq!((&*desk.given_back, desk.settled.len()), (&[first.number][..], 0));
    desk.client(&json!({"type": "input_audio_buffer.commit"}));
    desk.upstream(&json!({"type": "input_audio_buffer.committed", "item_id": "item_1"}));
    desk.session.is_old(next.number);
    desk.obey();
    assert_eq!(desk.settled.len(), 1, "nobody wrote it down in all that time");
    assert_eq!(charged(&desk.settled[0].1), next.bound.cost);
}

#[test]
fn a_setting_that_was_refused_costs_nothing() {
    let mut desk = Desk::open();
    desk.client(&transcribing("whisper-1"));
    desk.pay();
    let name = desk.forwarded[0]["event_id"].clone();
    desk.upstream(&json!({"type": "error", "error": {"message": "no", "event_id": name}}));
    desk.client(&second());
    desk.client(&json!({"type": "input_audio_buffer.commit"}));
    desk.upstream(&json!({"type": "input_audio_buffer.committed", "item_id": "item_1"}));
    desk.upstream(&json!({"type": "session.updated", "session": shown(&vad(false))}));
    desk.session.end();
    desk.obey();
    assert_eq!((desk.settled.len(), desk.given_back.len()), (0, 1));
}

#[test]
fn whoever_leaves_while_speaking_pays_for_no_transcript() {
    let mut desk = Desk::open();
    desk.client(&transcribing("gpt-4o-mini-transcribe"));
    let held = desk.pay();
    desk.client(&second());
    desk.session.leave();
    desk.obey();
    assert_eq!(desk.forwarded.last().unwrap()["type"], "input_audio_buffer.clear");
    assert_eq!(desk.session.calls_open(), 1);
    desk.upstream(&json!({"type": "input_audio_buffer.cleared"}));
    assert_eq!((&*desk.given_back, desk.session.calls_open()), (&[held.number][..], 0));
}
