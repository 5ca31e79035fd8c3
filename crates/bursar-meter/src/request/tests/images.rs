//! Images that are streamed: what is held for the partial ones, and what is charged.

use bursar_kernel::limits::{EVENT_BYTES_MAX, IMAGE_EVENT_BYTES_MAX};
use bursar_kernel::{Certainty, Endpoint};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::request::CallRequest;
use crate::settle::{Evidence, Settlement, settle};
use crate::sse::EventTooLong;
use crate::stream::StreamMeter;
use crate::testing::{named, read as read_body};

fn read(members: Value) -> Result<CallRequest, String> {
    let mut body = json!({"model": "gpt-image-2", "prompt": "A harbour."});
    body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    let read = read_body(Endpoint::ImageGenerations, &body.to_string());
    read.map_err(|bad| format!("{} {}", bad.kind.code(), bad.param.unwrap_or_default()))
}

fn output(members: Value) -> u64 {
    let bound = read(members).unwrap().bound(&named("gpt-image-2"), 1_000, Certainty::Bytes);
    bound.unwrap().output_tokens
}

#[test]
fn partial_images_are_held_for() {
    assert_eq!(output(json!({"quality": "low", "stream": true})), 100);
    let partial = |count| json!({"quality": "low", "stream": true, "partial_images": count});
    assert_eq!(output(partial(0)), 100);
    assert_eq!(output(partial(1)), 200);
    assert_eq!(output(partial(3)), 400);
}

#[test]
fn streams_of_images_that_make_no_sense_are_refused() {
    for (members, refused) in [
        (json!({"partial_images": 1}), "invalid_value partial_images"),
        (json!({"stream": false, "partial_images": 1}), "invalid_value partial_images"),
        (json!({"stream": true, "partial_images": 4}), "invalid_value partial_images"),
        (json!({"stream": true, "partial_images": -1}), "invalid_value partial_images"),
        (json!({"stream": true, "n": 2}), "invalid_value n"),
        (json!({"stream": "yes"}), "invalid_value stream"),
    ] {
        assert_eq!(read(members.clone()).err().as_deref(), Some(refused), "{members}");
    }
    assert!(read(json!({"partial_images": 0})).is_ok(), "the default may be said");
}

fn event(kind: &str, members: &Value) -> String {
    let mut event = json!({"type": kind, "b64_json": "aGFyYm91cg==", "created_at": 1});
    event.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    format!("event: {kind}\ndata: {event}\n\n")
}

fn settled(stream: &str) -> (String, StreamMeter) {
    let request = read(json!({"quality": "low", "stream": true, "partial_images": 2})).unwrap();
    let model = named("gpt-image-2");
    let held = request.bound(&model, 1_000, Certainty::Bytes).unwrap();
    let mut meter = StreamMeter::new(&request);
    let mut out = meter.push(stream.as_bytes()).unwrap().to_vec();
    out.extend_from_slice(&meter.finish());
    out.extend_from_slice(&meter.closing());
    assert_eq!(String::from_utf8(out).unwrap(), stream, "nothing is taken out");
    let Settlement::Charge(charge) = settle(&request, &model, &held, &meter.evidence()) else {
        return ("released".to_owned(), meter);
    };
    let images = charge.usage.map(|usage| usage.images);
    (format!("{:?} ${} of ${} {images:?}", charge.basis, charge.cost, held.cost), meter)
}

#[test]
fn the_last_event_says_what_a_streamed_image_costs() {
    let partial =
        |index| event("image_generation.partial_image", &json!({"partial_image_index": index}));
    let usage = json!({"input_tokens": 10, "output_tokens": 300, "total_tokens": 310,
        "input_tokens_details": {"text_tokens": 10, "image_tokens": 0}});
    let done = event("image_generation.completed", &json!({"usage": usage}));
    let stream = [partial(0), partial(1), done].concat();
    let (charged, meter) = settled(&stream);
    assert_eq!(charged, "Reported $0.00905 of $0.00946 Some(1)");
    assert!(meter.is_done());
    // Before its end, or without a report, nobody knows.
    let (charged, meter) = settled(&[partial(0), partial(1)].concat());
    assert_eq!(charged, "HeldInFull $0.00946 of $0.00946 None");
    assert!(!meter.has_ended());
    let silent = event("image_generation.completed", &json!({}));
    assert_eq!(settled(&silent).0, "HeldInFull $0.00946 of $0.00946 None");
    let error = event("error", &json!({"error": {"message": "no", "type": "server_error"}}));
    let (charged, meter) = settled(&[partial(0), error].concat());
    assert_eq!(charged, "HeldInFull $0.00946 of $0.00946 None");
    assert!(meter.error().is_some());
}

#[test]
fn an_image_fits_into_an_event_and_no_more_does() {
    let request = read(json!({"stream": true})).unwrap();
    let image = "A".repeat(EVENT_BYTES_MAX * 2);
    let done = event("image_generation.completed", &json!({"b64_json": image}));
    let mut meter = StreamMeter::new(&request);
    assert!(meter.push(done.as_bytes()).is_ok() && meter.is_done());
    let endless = vec![b'A'; IMAGE_EVENT_BYTES_MAX + 1];
    let too_long = Err(EventTooLong { bytes_max: IMAGE_EVENT_BYTES_MAX });
    assert_eq!(StreamMeter::new(&request).push(&endless), too_long);
}

proptest! {
    /// Whatever is reported within the bound of what was asked for is within the hold.
    #[test]
    fn a_streamed_image_never_costs_more_than_its_hold(partial in 0_u64..=3, came in 0_u64..=3) {
        let request = read(json!({"stream": true, "partial_images": partial})).unwrap();
        let model = named("gpt-image-2");
        let held = request.bound(&model, 1_000, Certainty::Bytes).unwrap();
        let output = 7_000 + 100 * came.min(partial);
        let usage = json!({"input_tokens": 4, "output_tokens": output});
        let mut meter = StreamMeter::new(&request);
        let done = event("image_generation.completed", &json!({"usage": usage}));
        meter.push(done.as_bytes()).unwrap();
        let answer = Evidence::Answer(meter.answer());
        let Settlement::Charge(charge) = settle(&request, &model, &held, &answer) else {
            panic!("free")
        };
        prop_assert!(charge.cost <= held.cost && charge.excess.is_zero());
    }
}
