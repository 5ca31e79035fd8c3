//! Forms: what is held for them, what is charged, and what is refused.

use bursar_kernel::{Catalog, Certainty, Endpoint, Model, Usage};
use bytes::Bytes;
use proptest::prelude::*;

use crate::answer::read_answer;
use crate::multipart::{Part, boundary, read_form, write_form};
use crate::request::{BadRequest, CallRequest, resolve_form};
use crate::settle::{Basis, Evidence, Settlement, settle};
use crate::testing::catalog;
use crate::usage::read_usage;

const HEARD: Endpoint = Endpoint::AudioTranscriptions;
const TRANSLATED: Endpoint = Endpoint::AudioTranslations;

fn field(name: &str, text: &str) -> Part {
    let body = Bytes::copy_from_slice(text.as_bytes());
    Part { name: name.to_owned(), filename: None, content_type: None, body }
}

fn file(name: &str, body: &[u8]) -> Part {
    let body = Bytes::copy_from_slice(body);
    let filename = Some("file.bin".to_owned());
    Part { name: name.to_owned(), filename, content_type: None, body }
}

/// A WAV file of so many milliseconds, of 1,000 bytes a second.
fn wav(milliseconds: usize) -> Vec<u8> {
    let mut file = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
    file.extend(1_000_u32.to_le_bytes());
    file.extend(1_000_u32.to_le_bytes());
    file.extend([1, 0, 8, 0]);
    file.extend(b"data");
    file.extend(u32::try_from(milliseconds).unwrap().to_le_bytes());
    file.resize(file.len() + milliseconds, 0);
    file
}

fn read(endpoint: Endpoint, parts: &[Part]) -> Result<CallRequest, BadRequest> {
    let form = write_form("b", parts);
    resolve_form(endpoint, "multipart/form-data; boundary=b", &form, &catalog())
}

fn model(request: &CallRequest) -> Model {
    let Catalog { models, .. } = catalog();
    models[&request.model].as_ref().clone()
}

/// What is held for a form.
fn held(endpoint: Endpoint, parts: &[Part]) -> String {
    let request = read(endpoint, parts).unwrap();
    let bound = request.bound(&model(&request), 1_000, Certainty::Bytes).unwrap();
    format!("${} {:?}", bound.cost, bound.certainty)
}

/// What a form is charged when it is answered so.
fn charged(endpoint: Endpoint, parts: &[Part], answer: &str) -> String {
    let request = read(endpoint, parts).unwrap();
    let model = model(&request);
    let bound = request.bound(&model, 1_000, Certainty::Bytes).unwrap();
    let answer = read_answer(endpoint, answer.as_bytes());
    match settle(&request, &model, &bound, &Evidence::Answer(answer)) {
        Settlement::Release => "released".to_owned(),
        Settlement::Charge(charge) => {
            assert!(charge.basis == Basis::Reported || charge.cost <= bound.cost);
            format!("${} {:?}", charge.cost, charge.basis)
        }
    }
}

fn refused(endpoint: Endpoint, parts: &[Part]) -> String {
    let error = read(endpoint, parts).unwrap_err();
    format!("{} {} {}", error.status(), error.kind.code(), error.param.unwrap_or_default())
}

#[test]
fn a_recording_is_held_for_and_charged_by_its_length() {
    let whisper = field("model", "whisper-1");
    let parts = [whisper.clone(), file("file", &wav(8_400))];
    assert_eq!(held(HEARD, &parts), "$0.001 Counted");
    let reported = r#"{"text":"…","usage":{"type":"duration","seconds":9}}"#;
    assert_eq!(charged(HEARD, &parts, reported), "$0.0009 Reported");
    let exact = r#"{"text":"…","duration":"8.40"}"#;
    assert_eq!(charged(HEARD, &parts, exact), "$0.0009 Reported");
    // Nobody says: what was sent is what is billed.
    assert_eq!(charged(HEARD, &parts, r#"{"text":"…"}"#), "$0.0009 Counted");
    assert_eq!(charged(HEARD, &parts, "1\n00:00 --> 00:08\n…"), "$0.0009 Counted");
    // A file of 4,500 bytes that cannot be measured is nine seconds at the most.
    let parts = [whisper, file("file", &[1; 4_500])];
    assert_eq!(held(HEARD, &parts), "$0.001 Bytes");
    assert_eq!(charged(HEARD, &parts, r#"{"text":"…"}"#), "$0.001 HeldInFull");
    assert_eq!(charged(HEARD, &parts, r#"{"text":"…","duration":2.01}"#), "$0.0003 Reported");
}

#[test]
fn a_recording_that_is_billed_by_the_token_is_charged_as_reported() {
    let parts = [field("model", "gpt-4o-transcribe"), file("file", &wav(8_400))];
    // 64 and 16 tokens around the prompt, 40 a second of what is heard, 2,000 written.
    assert_eq!(held(HEARD, &parts), "$0.02104 Bytes");
    let usage = r#"{"type":"tokens","input_tokens":84,"output_tokens":20,"total_tokens":104,
        "input_token_details":{"text_tokens":0,"audio_tokens":84}}"#;
    let answer = format!(r#"{{"text":"…","usage":{usage}}}"#);
    assert_eq!(charged(HEARD, &parts, &answer), "$0.00041 Reported");
    assert_eq!(charged(HEARD, &parts, r#"{"text":"…"}"#), "$0.02104 HeldInFull");
    // However long a file seems, the model hears no more than it takes.
    let parts = [field("model", "gpt-4o-transcribe"), file("file", &vec![1; 1_000_000])];
    assert_eq!(held(HEARD, &parts), "$0.0602 Bytes");
}

#[test]
fn an_edit_is_held_for_with_every_image_that_it_starts_from() {
    let asked = [field("model", "gpt-image-2"), field("prompt", "A harbour."), field("n", "2")];
    let one = [&asked[..], &[file("image", b"png")]].concat();
    let three = [&asked[..], &vec![file("image[]", b"png"); 2], &[file("mask", b"png")]].concat();
    assert_eq!(held(Endpoint::ImageEdits, &one), "$0.500736 Bytes");
    assert_eq!(held(Endpoint::ImageEdits, &three), "$0.660736 Bytes");
    let streamed = [
        field("model", "gpt-image-2"),
        field("prompt", "A harbour."),
        field("stream", "true"),
        field("partial_images", "3"),
        file("image", b"png"),
    ];
    assert_eq!(held(Endpoint::ImageEdits, &streamed), "$0.299736 Bytes");
    assert!(read(Endpoint::ImageEdits, &streamed).unwrap().stream);
    let answer = r#"{"data":[],"usage":{"input_tokens":20,"output_tokens":200,"total_tokens":220,
        "input_tokens_details":{"text_tokens":10,"image_tokens":10}}}"#;
    assert_eq!(charged(Endpoint::ImageEdits, &one, answer), "$0.00613 Reported");
    assert_eq!(charged(Endpoint::ImageEdits, &one, r#"{"data":[]}"#), "$0.500736 HeldInFull");
}

#[test]
fn what_is_forwarded_is_what_was_understood() {
    let parts = [
        field("model", "whisper-1"),
        field("timestamp_granularities[]", "word"),
        field("timestamp_granularities[]", "segment"),
        file("file", &wav(1_000)),
    ];
    let request = read(HEARD, &parts).unwrap();
    let (kind, form) = request.upstream_form("req_1").unwrap();
    assert_eq!(read_form(boundary(&kind).unwrap(), &form).unwrap(), parts);
}

#[test]
fn forms_that_could_go_round_the_meter_are_refused() {
    let whisper = || field("model", "whisper-1");
    let heard = || file("file", &wav(1_000));
    for (endpoint, parts, expected) in [
        (HEARD, vec![heard()], "400 missing_required_parameter model"),
        (HEARD, vec![whisper()], "400 missing_required_parameter file"),
        (HEARD, vec![whisper(), whisper(), heard()], "400 duplicate_parameter model"),
        (HEARD, vec![whisper(), heard(), heard()], "400 invalid_value file"),
        (HEARD, vec![whisper(), file("file", b"")], "400 invalid_value file"),
        (HEARD, vec![whisper(), heard(), field("speed", "2")], "400 unknown_parameter speed"),
        (HEARD, vec![whisper(), heard(), file("extra", b"x")], "400 unknown_parameter extra"),
        // A field by its name, and a file by its kind: what is forwarded would be a file.
        (
            HEARD,
            vec![whisper(), heard(), file("language", b"de")],
            "400 unknown_parameter language",
        ),
        (HEARD, vec![whisper(), heard(), field("stream", "1")], "400 invalid_value stream"),
        (HEARD, vec![field("model", "gpt-4o-mini"), heard()], "404 model_not_found model"),
        (
            HEARD,
            vec![whisper(), heard(), field("response_format", "docx")],
            "400 invalid_value response_format",
        ),
        (
            HEARD,
            vec![whisper(), heard(), field("known_speaker_names[]", "ada")],
            "400 unsupported_value known_speaker_names[]",
        ),
        // How long it is, nobody would say.
        (
            HEARD,
            vec![whisper(), file("file", b"OggS"), field("response_format", "srt")],
            "400 unsupported_value response_format",
        ),
        (
            TRANSLATED,
            vec![whisper(), file("file", b"OggS")],
            "400 unsupported_value response_format",
        ),
        (
            TRANSLATED,
            vec![whisper(), heard(), field("language", "de")],
            "400 unknown_parameter language",
        ),
        (
            Endpoint::ImageEdits,
            vec![field("model", "gpt-image-2"), field("prompt", "x"), file("mask", b"x")],
            "400 missing_required_parameter image",
        ),
    ] {
        assert_eq!(refused(endpoint, &parts), expected);
    }
    let form = Bytes::from("{}");
    let error = resolve_form(HEARD, "application/json", &form, &catalog()).unwrap_err();
    assert_eq!(error.kind.code(), "invalid_form");
}

#[test]
fn a_length_is_never_a_float_and_never_nothing() {
    let seconds = |json: &str| {
        let json = format!(r#"{{"type":"duration","seconds":{json}}}"#);
        read_usage(HEARD, &json).map(|usage: Usage| usage.seconds)
    };
    for (json, expected) in [
        ("9", Some(9)),
        ("8.2", Some(9)),
        ("8.0", Some(8)),
        ("0.04", Some(1)),
        ("\"3.47\"", Some(4)),
        ("0", None),
        ("-1", None),
        ("1e3", None),
        ("null", None),
        ("[]", None),
    ] {
        assert_eq!(seconds(json), expected, "{json}");
    }
}

proptest! {
    /// Whatever a provider reports within the length of the file is within what was held.
    #[test]
    fn no_measured_recording_costs_more_than_its_hold(ms in 1..200_000_usize, whole in any::<bool>()) {
        let parts = [field("model", "whisper-1"), file("file", &wav(ms))];
        let request = read(HEARD, &parts).unwrap();
        let model = model(&request);
        let bound = request.bound(&model, 1, Certainty::Bytes).unwrap();
        let seconds = if whole { ms / 1_000 } else { ms.div_ceil(1_000) + 1 };
        prop_assume!(0 < seconds);
        let answer = format!(r#"{{"usage":{{"type":"duration","seconds":{seconds}}}}}"#);
        let answer = read_answer(HEARD, answer.as_bytes());
        let Settlement::Charge(charge) =
            settle(&request, &model, &bound, &Evidence::Answer(answer)) else { panic!("free") };
        prop_assert!(charge.cost <= bound.cost && charge.basis == Basis::Reported);
    }
}
