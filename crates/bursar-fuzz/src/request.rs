//! Requests: what is understood has a bound, what is forwarded is understood in the same way, and
//! no charge passes the bound or comes without an answer.

use bursar_kernel::{Bound, Certainty, Endpoint, Model, Usage, Usd};
use bursar_meter::{Answer, CallRequest, Evidence, Settlement, resolve, resolve_form, settle};
use bytes::Bytes;

use crate::file::CATALOG;

/// What a program lets a call write that names no limit.
const OUTPUT_TOKENS_DEFAULT: u64 = 4_096;

/// The endpoint that a first byte names, `0` the first of them; and the rest.
pub(crate) fn endpoint(bytes: &[u8]) -> Option<(Endpoint, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    let place = usize::from(first.wrapping_sub(b'0')) % Endpoint::posted().count();
    Some((Endpoint::posted().nth(place)?, rest))
}

/// `0{"model":...}`: a body at an endpoint.
pub(crate) fn bodies(bytes: &[u8]) {
    let Some((endpoint, body)) = endpoint(bytes) else { return };
    let Ok(request) = resolve(endpoint, &Bytes::copy_from_slice(body), &CATALOG) else { return };
    let model = check(&request);
    let limit = request.output_limit(model, OUTPUT_TOKENS_DEFAULT);
    let forwarded = request.upstream_body(limit, true, None);
    let again = resolve(endpoint, &forwarded, &CATALOG).expect("what is forwarded is understood");
    let bound = |request: &CallRequest| request.bound_at(model, limit, Certainty::Counted);
    assert_eq!(
        bound(&request).map(|bound| bound.cost),
        bound(&again).map(|bound| bound.cost),
        "what is forwarded costs something else"
    );
    assert_eq!(again.output_limit(model, u64::MAX), request_limit(&request, limit));
}

/// What the forwarded body limits its output to, where its endpoint has such a limit.
fn request_limit(request: &CallRequest, limit: u64) -> u64 {
    match request.endpoint {
        Endpoint::ChatCompletions | Endpoint::Responses | Endpoint::Completions => limit,
        Endpoint::Embeddings
        | Endpoint::Moderations
        | Endpoint::ImageGenerations
        | Endpoint::ImageEdits
        | Endpoint::AudioSpeech
        | Endpoint::AudioTranscriptions
        | Endpoint::AudioTranslations
        | Endpoint::Realtime => request.output_limit(&CATALOG.models[&request.model], u64::MAX),
    }
}

/// `8multipart/form-data; boundary=x`, a line feed, and a form at an endpoint.
pub(crate) fn forms(bytes: &[u8]) {
    let Some((endpoint, rest)) = endpoint(bytes) else { return };
    let Some(end) = rest.iter().position(|byte| *byte == b'\n') else { return };
    let (kind, form) = (&rest[..end], Bytes::copy_from_slice(&rest[end + 1..]));
    let Ok(kind) = std::str::from_utf8(kind) else { return };
    if let Ok(boundary) = bursar_meter::multipart::boundary(kind) {
        written_as_read(boundary, &form);
    }
    if !endpoint.takes_a_form() {
        return;
    }
    let Ok(request) = resolve_form(endpoint, kind, &form, &CATALOG) else { return };
    let model = check(&request);
    let (kind, form) = request.upstream_form("seed").expect("a form is forwarded as one");
    let again = resolve_form(endpoint, &kind, &form, &CATALOG).expect("it is understood");
    let bound = |request: &CallRequest| request.bound(model, 1, Certainty::Counted);
    assert_eq!(bound(&request), bound(&again), "what is forwarded costs something else");
}

/// A form that was understood is written so that it is understood in the same way.
fn written_as_read(boundary: &str, form: &Bytes) {
    use bursar_meter::multipart::{boundary_beside, read_form, write_form};
    let Ok(parts) = read_form(boundary, form) else { return };
    let sizes: usize = parts.iter().map(|part| part.body.len()).sum();
    assert!(sizes <= form.len(), "parts overlap");
    let boundary = boundary_beside("seed", &parts);
    assert_eq!(read_form(&boundary, &write_form(&boundary, &parts)), Ok(parts));
}

/// Bounds a request, and settles it in each way that there is.
fn check(request: &CallRequest) -> &'static Model {
    let model = &*CATALOG.models[&request.model];
    let bound = |certainty| request.bound(model, OUTPUT_TOKENS_DEFAULT, certainty);
    let by_bytes = bound(Certainty::Bytes);
    let counted = bound(Certainty::Counted);
    assert!(by_bytes.is_none() || counted.is_some(), "counting loses a bound");
    if let (Some(by_bytes), Some(counted)) = (by_bytes, counted) {
        assert!(counted.input_tokens <= by_bytes.input_tokens, "{counted:?} {by_bytes:?}");
        assert!(counted.cost <= by_bytes.cost, "{counted:?} {by_bytes:?}");
    }
    for bound in [by_bytes, counted].into_iter().flatten() {
        settled(request, model, bound);
    }
    model
}

fn settled(request: &CallRequest, model: &Model, bound: Bound) {
    assert!(Usd::ZERO <= bound.cost, "{bound:?}");
    let settle = |evidence| settle(request, model, &bound, &evidence);
    assert_eq!(settle(Evidence::Refused), Settlement::Release, "charged without an answer");
    let mut evidence = vec![Evidence::Silence, Evidence::Answer(Answer::default())];
    evidence.extend(
        usages(request, bound)
            .into_iter()
            .map(|usage| Evidence::Answer(Answer { usage: Some(usage), ..Answer::default() })),
    );
    for evidence in evidence {
        let Settlement::Charge(charge) = settle(evidence.clone()) else {
            unreachable!("silence never refunds");
        };
        let within = Usd::ZERO <= charge.cost && charge.cost <= bound.cost;
        assert!(within, "{charge:?} of {bound:?} by {evidence:?}");
        assert_eq!(charge.excess, Usd::ZERO);
    }
}

/// Usages that the bound has to cover: all the tokens that it counts, in kinds that text has.
fn usages(request: &CallRequest, bound: Bound) -> Vec<Usage> {
    match request.endpoint {
        Endpoint::ChatCompletions | Endpoint::Responses | Endpoint::Completions => {}
        Endpoint::Embeddings => {
            return vec![Usage { input: bound.input_tokens, ..Usage::default() }];
        }
        Endpoint::Moderations
        | Endpoint::ImageGenerations
        | Endpoint::ImageEdits
        | Endpoint::AudioSpeech
        | Endpoint::AudioTranscriptions
        | Endpoint::AudioTranslations
        | Endpoint::Realtime => return Vec::new(),
    }
    let (input, output) = (bound.input_tokens, bound.output_tokens);
    let half = input / 2;
    let plain = Usage { input, output, ..Usage::default() };
    let cached = Usage { input: input - half, cached: half, ..plain };
    let cache_write = Usage { input: input - half, cache_write: half, ..plain };
    vec![plain, cached, cache_write, Usage { reasoning: output, ..plain }]
}
