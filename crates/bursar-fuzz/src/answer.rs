//! Answers: usage is what they say and never comes out of nothing, and a stream is the same in
//! pieces of whatever size.

use std::sync::LazyLock;

use bursar_kernel::{Certainty, Endpoint, Usd};
use bursar_meter::{
    Answer, CallRequest, Evidence, Settlement, StreamMeter, read_answer, resolve, resolve_form,
    settle,
};
use bytes::Bytes;

use crate::file::CATALOG;
use crate::request::endpoint;

/// A plain request to each endpoint, in their order: one of chat and of completions did not ask
/// for the usage in its stream.
static REQUESTS: LazyLock<Vec<CallRequest>> =
    LazyLock::new(|| Endpoint::posted().map(request).collect());

const FORM: &str = "--x\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nMODEL\r\n\
    --x\r\nContent-Disposition: form-data; name=\"MORE\"\r\n\r\nverbose_json\r\n\
    --x\r\nContent-Disposition: form-data; name=\"FILE\"; filename=\"f\"\r\n\r\nbytes\r\n--x--\r\n";

fn request(endpoint: Endpoint) -> CallRequest {
    let json = |body: &'static str| {
        resolve(endpoint, &Bytes::from_static(body.as_bytes()), &CATALOG).expect("it is understood")
    };
    let form = |model: &str, more: &str, file: &str| {
        let form = FORM.replace("MODEL", model).replace("MORE", more).replace("FILE", file);
        let kind = "multipart/form-data; boundary=x";
        resolve_form(endpoint, kind, &form.into(), &CATALOG).expect("it is understood")
    };
    match endpoint {
        Endpoint::ChatCompletions => json(
            r#"{"model":"gpt-4o-mini","messages":[{"role":"user","content":"hi"}],"stream":true}"#,
        ),
        Endpoint::Responses => json(r#"{"model":"gpt-4o-mini","input":"hi","stream":true}"#),
        Endpoint::Completions => {
            json(r#"{"model":"gpt-3.5-turbo-instruct","prompt":"hi","stream":true}"#)
        }
        Endpoint::Embeddings => json(r#"{"model":"text-embedding-3-small","input":"hi"}"#),
        Endpoint::Moderations => json(r#"{"input":"hi"}"#),
        Endpoint::ImageGenerations => json(r#"{"model":"gpt-image-1","prompt":"a bird"}"#),
        Endpoint::ImageEdits => form("gpt-image-1", "prompt", "image"),
        Endpoint::AudioSpeech => json(
            r#"{"model":"gpt-4o-mini-tts","input":"hi","voice":"alloy","stream_format":"sse"}"#,
        ),
        Endpoint::AudioTranscriptions => form("gpt-4o-transcribe", "response_format", "file"),
        Endpoint::AudioTranslations => form("whisper-1", "response_format", "file"),
        Endpoint::Realtime => unreachable!("a session has no body"),
    }
}

/// `0{"usage":...}`: a whole answer of an endpoint.
pub(crate) fn answers(bytes: &[u8]) {
    let Some((endpoint, body)) = endpoint(bytes) else { return };
    let answer = read_answer(endpoint, body);
    let request = request_to(endpoint);
    assert_eq!(request.read_answer(body), answer, "the request changes what it says");
    out_of_something(&answer, body);
    charged(request, Evidence::Answer(answer));
}

/// `0`, the size of a piece, and a stream of an endpoint.
pub(crate) fn streams(bytes: &[u8]) {
    let Some((endpoint, rest)) = endpoint(bytes) else { return };
    let Some((size, stream)) = rest.split_first() else { return };
    let request = request_to(endpoint);
    let whole = run(StreamMeter::new(request), [stream]);
    let pieces = run(StreamMeter::new(request), stream.chunks(usize::from(*size).max(1)));
    assert_eq!(whole, pieces, "pieces change what a stream says");
    out_of_something(&whole.answer, stream);
    if !holds(stream, b"data") {
        assert_eq!(whole.evidence, Evidence::Silence, "evidence out of nothing");
    }
    charged(request, whole.evidence);
    let whole = run(StreamMeter::resumed(), [stream]);
    let pieces = run(StreamMeter::resumed(), stream.chunks(usize::from(*size).max(1)));
    assert_eq!(whole, pieces, "pieces change what a stream says");
}

/// What a stream came to.
#[derive(Debug, PartialEq)]
struct Outcome {
    out: Vec<u8>,
    answer: Answer,
    evidence: Evidence,
    closing: Bytes,
    error: Option<String>,
    finish_reasons: Vec<String>,
    ended: (bool, bool),
}

fn run<'a>(mut meter: StreamMeter, pieces: impl IntoIterator<Item = &'a [u8]>) -> Outcome {
    let (mut out, mut taken) = (Vec::new(), 0_usize);
    for piece in pieces {
        taken = taken.saturating_add(piece.len());
        let sent = meter.push(piece).expect("no event is longer than the bytes that there are");
        out.extend_from_slice(&sent);
        assert!(out.len() <= allowed(taken), "more is sent on than came");
    }
    out.extend_from_slice(&meter.finish());
    assert!(out.len() <= allowed(taken), "more is sent on than came");
    Outcome {
        out,
        answer: meter.answer(),
        evidence: meter.evidence(),
        closing: meter.closing(),
        error: meter.error().map(str::to_owned),
        finish_reasons: meter.finish_reasons().to_vec(),
        ended: (meter.is_done(), meter.has_ended()),
    }
}

/// Bytes that are sent on of so many at the most: what is written anew may have a character that
/// is no longer escaped or is escaped anew, and an end its blank line.
fn allowed(taken: usize) -> usize {
    taken.saturating_mul(6).saturating_add(64)
}

/// A recording, or speech.
pub(crate) fn audio(bytes: &[u8]) {
    let answer = read_answer(Endpoint::AudioSpeech, bytes);
    let most = u64::try_from(bytes.len()).unwrap_or(u64::MAX).saturating_mul(1_000);
    assert!(answer.speech_ms.is_none_or(|length| length <= most), "a byte is over a second");
    charged(request_to(Endpoint::AudioSpeech), Evidence::Answer(answer));
    let kind = "multipart/form-data; boundary=fuzzing-boundary";
    for model in ["whisper-1", "gpt-4o-transcribe"] {
        let form = FORM.replace("--x", "--fuzzing-boundary");
        let form = form.replace("MODEL", model).replace("MORE", "prompt").replace("FILE", "file");
        let (head, tail) = form.split_once("bytes").expect("the form has a file");
        let form = [head.as_bytes(), bytes, tail.as_bytes()].concat().into();
        let heard = resolve_form(Endpoint::AudioTranscriptions, kind, &form, &CATALOG);
        if let Ok(heard) = heard {
            charged(&heard, Evidence::Silence);
        }
    }
}

fn request_to(endpoint: Endpoint) -> &'static CallRequest {
    REQUESTS.iter().find(|request| request.endpoint == endpoint).expect("there is one of each")
}

/// Usage is reported by a member that says so, whose name may be escaped.
fn out_of_something(answer: &Answer, bytes: &[u8]) {
    let says = [&b"usage"[..], b"duration", b"\\u"].into_iter().any(|word| holds(bytes, word));
    assert!(answer.usage.is_none() || says, "usage out of nothing: {answer:?}");
}

fn holds(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window == word)
}

/// Settles a call. Only a report may cost more than what was held.
fn charged(request: &CallRequest, evidence: Evidence) {
    let model = &CATALOG.models[&request.model];
    let Some(held) = request.bound(model, 100, Certainty::Counted) else { return };
    let Settlement::Charge(charge) = settle(request, model, &held, &evidence) else {
        unreachable!("silence never refunds");
    };
    let reported = matches!(&evidence, Evidence::Answer(answer) if answer.usage.is_some());
    assert!(Usd::ZERO <= charge.cost, "{charge:?}");
    assert!(reported || charge.cost <= held.cost, "{charge:?} of {held:?}");
    assert_eq!(charge.excess != Usd::ZERO, held.cost < charge.cost, "{charge:?} of {held:?}");
}
