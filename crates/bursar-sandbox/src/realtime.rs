//! `GET /v1/realtime`: a session over WebSocket. What is said in it is [`bursar_talk`]'s.
//!
//! The profile holds for sessions too: a refusal strikes at the handshake, a chunk is a piece of an
//! answer, and answers hang, not the session. It is that of the session's beginning.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use bursar_kernel::limits::{REALTIME_MESSAGE_BYTES_MAX, REALTIME_SESSION_MAX};
use bursar_kernel::{Catalog, Endpoint, Model};
use bursar_socket::{Message, Offer, Reader, Socket, Writer};
use bursar_talk::{Manner, Report, Talk};
use http::{HeaderValue, StatusCode};
use serde_json::json;
use tokio::time::sleep;

use crate::answer::ANSWER_TOKENS;
use crate::calls::told_to_fail;
use crate::log::{OpenCall, Outcome};
use crate::profile::{Profile, UsageReport};
use crate::refusal::Refusal;
use crate::request;
use crate::sandbox::Sandbox;
use crate::tokens::Tokenizer;
use bursar_invention::Draw;

/// Output tokens of an answer where neither the session nor the catalog sets a limit.
const OUTPUT_TOKENS_MAX: u64 = 4_096;

pub(crate) async fn open(State(sandbox): State<Sandbox>, request: Request) -> Response {
    let identify = |number: u64| format!("req_{}", Draw::from(&[&number.to_le_bytes()]).hex(32));
    let mut call = sandbox.state.log.open("/v1/realtime", identify);
    let request_id = HeaderValue::from_str(&call.call.request_id);
    let mut response = match begin(&sandbox, &mut call, request) {
        Ok(Begun { answer, socket, talk, profile, draw }) => {
            call.call.status = Some(101);
            call.note();
            tokio::spawn(async move {
                if let Some(socket) = socket.await {
                    converse(call, talk, socket, profile, draw).await;
                }
            });
            answer
        }
        Err(refusal) => {
            call.call.status = Some(refusal.status().as_u16());
            call.end(Outcome::Refused);
            refusal.into_response()
        }
    };
    if let Ok(id) = request_id {
        response.headers_mut().insert("x-request-id", id);
    }
    response
}

/// A session that begins once its answer was sent.
struct Begun<F> {
    answer: Response,
    socket: F,
    talk: Talk,
    profile: Profile,
    draw: Draw,
}

fn begin(
    sandbox: &Sandbox,
    call: &mut OpenCall,
    mut request: Request,
) -> Result<Begun<impl Future<Output = Option<Socket>> + Send + use<>>, Refusal> {
    let (profile, failure) = sandbox.state.turn();
    if let Some(failure) = failure {
        return Err(told_to_fail(failure));
    }
    let query = request.uri().query().unwrap_or_default();
    let name = query.split('&').find_map(|pair| pair.strip_prefix("model="));
    let name = name.ok_or_else(|| Refusal::missing("model"))?.to_owned();
    call.call.model = Some(name.clone());
    call.call.stream = true;
    let catalog = &sandbox.state.catalog;
    let model = request::model(catalog, &name, Endpoint::Realtime)?;
    let offer = Offer::take(&mut request).map_err(|why| {
        let status = StatusCode::UPGRADE_REQUIRED;
        Refusal::new(status, "invalid_request_error", format!("{why}.")).code("not_a_websocket")
    })?;
    let mut draw = Draw::from(&[name.as_bytes(), &call.call.number.to_le_bytes()]);
    let manner = manner(model, &name, &profile, &mut draw);
    let ends = sandbox.state.clock.now() + REALTIME_SESSION_MAX;
    let talk = Talk::new(manner, call.call.number, ends.as_second(), by_the_second(catalog));
    let (answer, socket) = offer.accept(None, REALTIME_MESSAGE_BYTES_MAX);
    let answer = answer.map(|()| Body::empty());
    Ok(Begun { answer, socket, talk, profile, draw })
}

fn manner(model: &Model, name: &str, profile: &Profile, draw: &mut Draw) -> Manner {
    let tokens = profile.answer_tokens.unwrap_or(ANSWER_TOKENS).draw(draw);
    Manner {
        model: name.to_owned(),
        output_tokens_max: model.output_tokens_max.unwrap_or(OUTPUT_TOKENS_MAX),
        // A word is some one token and a third.
        words: (tokens * 3 / 4).max(1),
        words_at_a_time: profile.tokens_per_chunk.unwrap_or(4),
        report: match profile.usage {
            UsageReport::Twice => Report::Twice,
            UsageReport::Honest
            | UsageReport::Omitted
            | UsageReport::Zero
            | UsageReport::Times(_) => Report::Times(profile.usage.times()),
        },
        hangs: profile.hang,
        count: |text| u64::try_from(Tokenizer::newest().count(text)).unwrap_or(u64::MAX),
    }
}

/// The models that write down, and whether each is billed by the second.
fn by_the_second(catalog: &Catalog) -> Vec<(String, bool)> {
    let names = catalog.models.keys().chain(catalog.aliases.keys());
    let found = names.filter_map(|name| {
        let model = catalog.model(name.as_str())?;
        let hears = model.mode.answers(Endpoint::AudioTranscriptions);
        let by_the_second = model.prices.as_ref()?.standard.second.is_some();
        hears.then(|| (name.to_string(), by_the_second))
    });
    found.collect()
}

async fn converse(
    mut call: OpenCall,
    mut talk: Talk,
    socket: Socket,
    profile: Profile,
    mut draw: Draw,
) {
    let (mut reader, mut writer) = socket.split();
    let mut steps = 0_u64;
    loop {
        if !say(&mut call, &mut talk, &mut writer).await {
            return;
        }
        if profile.cut.is_some_and(|cut| talk.is_answering() && cut.after_chunks <= steps) {
            call.end(Outcome::Cut);
            return;
        }
        let error = profile.stream_error.as_ref().filter(|it| it.after_chunks <= steps);
        if let Some(error) = error.filter(|_| talk.is_answering()) {
            let event = json!({
                "type": "error", "event_id": "event_told",
                "error": {"type": error.kind, "code": error.code, "param": null, "event_id": null,
                          "message": error.message.as_deref().unwrap_or("The sandbox failed.")},
            });
            let _ = writer.send(event.to_string()).await;
            call.end(Outcome::Failed);
            return;
        }
        let delay = if steps == 0 { profile.first_byte_delay_ms } else { profile.chunk_delay_ms };
        let delay = delay.map(|delay| delay.wait(&mut draw)).unwrap_or_default();
        tokio::select! {
            heard = next(&mut reader) => {
                let Some(text) = heard else {
                    call.end(Outcome::Answered);
                    return;
                };
                call.call.body_bytes = call.call.body_bytes.saturating_add(text.len());
                talk.hear(&text);
            }
            () = sleep(delay), if talk.is_answering() => {
                talk.step();
                steps = if talk.is_answering() { steps.saturating_add(1) } else { 0 };
            }
        }
    }
}

/// Sends what there is to say. `false` if the client has left.
async fn say(call: &mut OpenCall, talk: &mut Talk, writer: &mut Writer) -> bool {
    let reported = talk.take_reported();
    if !reported.is_empty() {
        call.call.reported.extend(reported);
        call.note();
    }
    while let Some(event) = talk.poll() {
        if writer.send(event).await.is_err() {
            return false;
        }
    }
    true
}

/// The next text; `None` once the client has left.
async fn next(reader: &mut Reader) -> Option<String> {
    loop {
        match reader.next().await {
            Ok(Message::Text(text)) => return Some(text),
            Ok(Message::Binary | Message::Alive) => {}
            Ok(Message::Close(_)) | Err(_) => return None,
        }
    }
}
