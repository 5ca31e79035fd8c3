//! Speech: as long as the text takes to say, and silent. WAV, raw samples and MP3 are made.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bursar_kernel::limits::SPEECH_CHARACTERS_MAX;
use bursar_kernel::{Catalog, Endpoint, Model};
use bytes::Bytes;
use serde_json::{Value, json};

use crate::deliver::{Piece, Prepared};
use crate::fields::Fields;
use crate::profile::UsageReport;
use crate::refusal::Refusal;
use crate::request;
use crate::tokens::Tokenizer;
use bursar_invention::Draw;

/// Characters that are said in a second.
const CHARACTERS_PER_SECOND: u64 = 15;
/// Audio tokens of a minute, as the provider's price list implies.
const TOKENS_PER_MINUTE: u64 = 1_250;
/// Samples of a second, of two bytes each.
const SAMPLES_PER_SECOND: u32 = 24_000;
/// An MP3 frame of silence: MPEG-2, layer III, 32 kbit/s, 24 kHz, one channel.
const MP3_FRAME_HEAD: [u8; 4] = [0xff, 0xf3, 0x44, 0xc4];
const MP3_FRAME_BYTES: usize = 96;
const MP3_FRAME_MS: u64 = 24;
/// Bytes of audio in an event of a stream.
const BYTES_PER_EVENT: usize = 12_288;

/// The answer to a request for speech.
pub(crate) fn answer(
    catalog: &Catalog,
    body: &Value,
    report: UsageReport,
) -> Result<Prepared, Refusal> {
    let fields = Fields::body(body)?;
    let name = fields.required_text("model")?;
    let model = request::model(catalog, name, Endpoint::AudioSpeech)?;
    let known =
        ["model", "input", "voice", "instructions", "response_format", "speed", "stream_format"];
    fields.only(&known)?;
    let by_character =
        model.prices.as_ref().is_some_and(|prices| prices.standard.character.is_some());
    let input = spoken(fields, "input")?.ok_or_else(|| Refusal::missing("input"))?;
    let instructions = spoken(fields, "instructions")?.unwrap_or_default();
    fields.required("voice")?;
    fields.number("speed", 0.25, 4.0)?;
    let stream = fields.choice("stream_format", &["audio", "sse"])? == Some("sse");
    if stream && by_character {
        let instead = format!("the model `{name}` does not stream events");
        return Err(Refusal::unsupported_value("stream_format", instead));
    }
    let formats = ["mp3", "opus", "aac", "flac", "wav", "pcm"];
    let format = fields.choice("response_format", &formats)?.unwrap_or("mp3");
    let characters = u64::try_from(input.chars().count()).unwrap_or(0);
    let milliseconds = (characters * 1_000).div_ceil(CHARACTERS_PER_SECOND);
    let (kind, audio) = audio(format, milliseconds)?;
    let (input_tokens, output_tokens) = if by_character {
        (0, 0)
    } else {
        (
            input_tokens(model, input, instructions)?,
            (milliseconds * TOKENS_PER_MINUTE).div_ceil(60_000),
        )
    };
    let pieces = if stream {
        events(&audio, usage(input_tokens, output_tokens, report), output_tokens)
    } else {
        vec![Piece { bytes: audio, output_tokens, reported: None }]
    };
    let draw = Draw::from(&[name.as_bytes(), input.as_bytes()]);
    Ok(Prepared { pieces, stream, kind, input_tokens, draw, last_after: None })
}

fn spoken<'a>(fields: Fields<'a>, name: &str) -> Result<Option<&'a str>, Refusal> {
    let text = fields.text(name)?;
    match text.map(|text| text.chars().count()) {
        Some(count) if count == 0 || count > SPEECH_CHARACTERS_MAX => {
            let why = format!("it takes from 1 to {SPEECH_CHARACTERS_MAX} characters");
            Err(Refusal::invalid_value(name, why))
        }
        Some(_) | None => Ok(text),
    }
}

fn input_tokens(model: &Model, input: &str, instructions: &str) -> Result<u64, Refusal> {
    let tokenizer = Tokenizer::of(model);
    let count = tokenizer.count(input) + tokenizer.count(instructions);
    let count = u64::try_from(count).unwrap_or(u64::MAX);
    match model.input_tokens_max {
        Some(most) if count > most => {
            let why = format!("it has {count} tokens, and the model takes {most}");
            Err(Refusal::invalid_value("input", why))
        }
        Some(_) | None => Ok(count),
    }
}

/// The type and the bytes of so much silence.
fn audio(format: &str, milliseconds: u64) -> Result<(&'static str, Bytes), Refusal> {
    let samples = milliseconds * u64::from(SAMPLES_PER_SECOND) / 1_000;
    let bytes = usize::try_from(samples * 2).unwrap_or(0);
    match format {
        "mp3" => {
            let mut frame = MP3_FRAME_HEAD.to_vec();
            frame.resize(MP3_FRAME_BYTES, 0);
            let frames = usize::try_from(milliseconds.div_ceil(MP3_FRAME_MS)).unwrap_or(0);
            Ok(("audio/mpeg", frame.repeat(frames).into()))
        }
        "pcm" => Ok(("audio/pcm", vec![0; bytes].into())),
        "wav" => Ok(("audio/wav", wav(bytes).into())),
        _ => {
            let instead = "the sandbox makes 'mp3', 'wav' and 'pcm'";
            Err(Refusal::unsupported_value("response_format", instead))
        }
    }
}

/// A WAV file of one channel, silent.
fn wav(bytes: usize) -> Vec<u8> {
    let length = u32::try_from(bytes).unwrap_or(u32::MAX);
    let mut file = b"RIFF".to_vec();
    file.extend(length.saturating_add(36).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16_u32.to_le_bytes());
    file.extend([1, 0, 1, 0]);
    file.extend(SAMPLES_PER_SECOND.to_le_bytes());
    file.extend((SAMPLES_PER_SECOND * 2).to_le_bytes());
    file.extend([2, 0, 16, 0]);
    file.extend(b"data");
    file.extend(length.to_le_bytes());
    file.resize(file.len() + bytes, 0);
    file
}

fn usage(input: u64, output: u64, report: UsageReport) -> Option<Value> {
    let times = report.times()?;
    let count = |tokens: u64| tokens.saturating_mul(times);
    Some(json!({
        "input_tokens": count(input),
        "output_tokens": count(output),
        "total_tokens": count(input.saturating_add(output)),
    }))
}

fn events(audio: &Bytes, usage: Option<Value>, output_tokens: u64) -> Vec<Piece> {
    let event = |event: Value, reported: Option<Value>| {
        let bytes = format!("data: {event}\n\n").into();
        Piece { bytes, output_tokens, reported }
    };
    let deltas = audio.chunks(BYTES_PER_EVENT).map(|bytes| {
        event(json!({"type": "speech.audio.delta", "audio": STANDARD.encode(bytes)}), None)
    });
    let mut pieces: Vec<Piece> = deltas.collect();
    let mut done = json!({"type": "speech.audio.done"});
    if let Some(usage) = &usage {
        done["usage"] = usage.clone();
    }
    pieces.push(event(done, usage));
    pieces
}
