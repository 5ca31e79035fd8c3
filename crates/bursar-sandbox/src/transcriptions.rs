//! Text from speech: words that follow from the recording, as many as are said in its time.

use bursar_kernel::{Endpoint, Model};
use bursar_meter::multipart::Part;
use serde_json::{Value, json};

use crate::deliver::{JSON, Piece, Prepared};
use crate::fields::Fields;
use crate::profile::{Profile, UsageReport};
use crate::refusal::Refusal;
use crate::request;
use crate::sandbox::State;
use crate::tokens::Tokenizer;
use bursar_invention::Draw;
use bursar_invention::prose;

/// Bytes that stand for a second in a file that is no WAV: 128,000 bits a second.
const BYTES_PER_SECOND: usize = 16_000;
/// Bytes of a WAV file before its sound, as most have them.
const WAV_HEAD_BYTES: usize = 44;
/// Audio tokens of a second, as the provider's guide says: one for each tenth.
const TOKENS_PER_SECOND: u64 = 10;
/// Words that are said in a second.
const WORDS_PER_SECOND: u64 = 2;

/// The answer to a recording.
pub(crate) fn answer(
    state: &State,
    endpoint: Endpoint,
    body: &Value,
    files: &[Part],
    profile: &Profile,
) -> Result<Prepared, Refusal> {
    let fields = Fields::body(body)?;
    let name = fields.required_text("model")?;
    let model = request::model(&state.catalog, name, endpoint)?;
    let by_the_second = model.prices.as_ref().is_some_and(|it| it.standard.second.is_some());
    fields.only(known(endpoint))?;
    let [file] = files else { return Err(Refusal::missing("file")) };
    if endpoint == Endpoint::AudioTranslations && !by_the_second {
        let why = format!("the model `{name}` does not translate");
        return Err(Refusal::unsupported_value("model", why));
    }
    let formats: &[&str] =
        if by_the_second { &["json", "text", "srt", "verbose_json", "vtt"] } else { &["json"] };
    let format = fields.choice("response_format", formats)?.unwrap_or("json");
    let stream = fields.value("stream").and_then(Value::as_bool).unwrap_or(false);
    if stream && by_the_second {
        let why = format!("the model `{name}` does not stream");
        return Err(Refusal::unsupported_value("stream", why));
    }
    let tenths = tenths(file);
    let draw = Draw::from(&[name.as_bytes(), &file.body]);
    let text = said(&mut draw.branch(0), tenths);
    let output_tokens = u64::try_from(Tokenizer::of(model).count(&text)).unwrap_or(u64::MAX);
    let heard = Heard { tenths, output_tokens, text, by_the_second };
    let usage = heard.usage(fields, model, profile.usage);
    let pieces =
        if stream { heard.events(usage) } else { vec![heard.whole(endpoint, format, usage)] };
    let kind = if format.ends_with("json") { JSON } else { "text/plain; charset=utf-8" };
    let input_tokens = if by_the_second { 0 } else { tenths * TOKENS_PER_SECOND / 10 };
    Ok(Prepared { pieces, stream, kind, input_tokens, draw, last_after: None })
}

fn known(endpoint: Endpoint) -> &'static [&'static str] {
    if endpoint == Endpoint::AudioTranslations {
        return &["model", "prompt", "response_format", "temperature"];
    }
    &[
        "model",
        "prompt",
        "response_format",
        "temperature",
        "language",
        "stream",
        "include",
        "timestamp_granularities",
        "chunking_strategy",
    ]
}

/// As many words as are said in so many tenths of a second, and the opening in any case.
fn said(draw: &mut Draw, tenths: u64) -> String {
    let words = usize::try_from(tenths * WORDS_PER_SECOND / 10).unwrap_or(0);
    let mut text = prose::OPENING.to_owned();
    while text.split(' ').count() < words {
        text.push_str(&prose::sentence(draw));
    }
    text
}

/// How long a file is, in tenths of a second: a WAV file's head says it.
fn tenths(file: &Part) -> u64 {
    let rate = file.body.get(28..32).filter(|_| file.body.starts_with(b"RIFF"));
    let rate = rate.and_then(|bytes| Some(u32::from_le_bytes(bytes.try_into().ok()?)));
    let rate = rate.and_then(|rate| usize::try_from(rate).ok()).filter(|rate| 0 < *rate);
    let head = if rate.is_some() { WAV_HEAD_BYTES } else { 0 };
    let sound = file.body.len().saturating_sub(head);
    let tenths = (sound * 10).div_ceil(rate.unwrap_or(BYTES_PER_SECOND));
    u64::try_from(tenths).unwrap_or(u64::MAX).max(1)
}

struct Heard {
    tenths: u64,
    output_tokens: u64,
    text: String,
    by_the_second: bool,
}

impl Heard {
    fn usage(&self, fields: Fields<'_>, model: &Model, report: UsageReport) -> Option<Value> {
        let times = report.times()?;
        if self.by_the_second {
            return Some(json!({"type": "duration", "seconds": self.tenths.div_ceil(10) * times}));
        }
        let prompt = fields.text("prompt").ok().flatten().unwrap_or_default();
        let text = u64::try_from(Tokenizer::of(model).count(prompt)).unwrap_or(u64::MAX) * times;
        let audio = (self.tenths * TOKENS_PER_SECOND).div_ceil(10) * times;
        let output = self.output_tokens * times;
        Some(json!({
            "type": "tokens",
            "input_tokens": text + audio,
            "input_token_details": {"text_tokens": text, "audio_tokens": audio},
            "output_tokens": output,
            "total_tokens": text + audio + output,
        }))
    }

    fn seconds(&self) -> String {
        format!("{}.{}", self.tenths / 10, self.tenths % 10)
    }

    /// The whole answer. What is no JSON says nothing of the usage, and neither does a translation.
    fn whole(&self, endpoint: Endpoint, format: &str, usage: Option<Value>) -> Piece {
        let usage = usage.filter(|_| endpoint == Endpoint::AudioTranscriptions);
        let text = &self.text;
        let end = format!("00:00:{:02},{}00", self.tenths / 10 % 60, self.tenths % 10);
        let body = match format {
            "text" => format!("{text}\n"),
            "srt" => format!("1\n00:00:00,000 --> {end}\n{text}\n\n"),
            "vtt" => format!("WEBVTT\n\n00:00.000 --> {}\n{text}\n\n", end.replace(',', ".")),
            "verbose_json" => {
                let task = if endpoint == Endpoint::AudioTranslations {
                    "translate"
                } else {
                    "transcribe"
                };
                let mut body = json!({
                    "task": task,
                    "language": "english",
                    "duration": 0,
                    "text": text,
                    "segments": [],
                });
                body["duration"] = serde_json::from_str(&self.seconds()).unwrap_or_default();
                with_usage(body, usage.as_ref())
            }
            _ => with_usage(json!({"text": text}), usage.as_ref()),
        };
        let reported = usage.filter(|_| format.ends_with("json"));
        Piece { bytes: body.into(), output_tokens: self.output_tokens, reported }
    }

    fn events(&self, usage: Option<Value>) -> Vec<Piece> {
        let event = |event: &str, reported: Option<Value>| {
            let bytes = format!("data: {event}\n\n").into();
            Piece { bytes, output_tokens: self.output_tokens, reported }
        };
        let words = self.text.split_inclusive(' ');
        let delta = |word| json!({"type": "transcript.text.delta", "delta": word}).to_string();
        let mut pieces: Vec<Piece> = words.map(|word| event(&delta(word), None)).collect();
        let done = json!({"type": "transcript.text.done", "text": self.text});
        pieces.push(event(&with_usage(done, usage.as_ref()), usage));
        pieces
    }
}

fn with_usage(mut body: Value, usage: Option<&Value>) -> String {
    if let Some(usage) = usage {
        body["usage"] = usage.clone();
    }
    body.to_string()
}
