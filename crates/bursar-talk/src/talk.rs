//! The session itself.

use std::collections::VecDeque;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bursar_invention::{Draw, instance, prose};
use serde_json::{Map, Value, json};

use crate::answer::{Answer, Asked, Words};
use crate::ear::{Ear, Heard};
use crate::item::{self, Item, Tokens};
use crate::setup;

/// Milliseconds of a commit at the least, as at the provider.
const COMMIT_MS_MIN: u64 = 100;
/// The cache counts in steps of so many tokens.
const CACHE_STEP: u64 = 64;
/// Words that are said in a second, where speech is written down.
const WORDS_PER_SECOND: u64 = 2;

/// How a session behaves.
#[derive(Clone, Debug)]
pub struct Manner {
    /// The model, as its client named it.
    pub model: String,
    /// Output tokens that the model makes at the most.
    pub output_tokens_max: u64,
    /// Words of an answer.
    pub words: u64,
    /// Words that come in one piece.
    pub words_at_a_time: usize,
    /// What answers say that they used.
    pub report: Report,
    /// Whether answers never end.
    pub hangs: bool,
    /// How many tokens a text has.
    pub count: fn(&str) -> u64,
}

/// What answers say that they used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// So many times the truth; nothing is said where there is no number.
    Times(Option<u64>),
    /// The truth, in two last events.
    Twice,
}

/// A session.
pub struct Talk {
    manner: Manner,
    session: Value,
    draw: Draw,
    events: u64,
    names: u64,
    out: VecDeque<String>,
    reported: Vec<Value>,
    ear: Ear,
    /// The name of what is being said.
    hearing: Option<String>,
    items: Vec<Item>,
    answers: Vec<Answer>,
    /// What the answer before was made from.
    before: Tokens,
    writers: Vec<(String, bool)>,
}

impl Talk {
    /// A session that begins, and ends at the latest at that second.
    ///
    /// With the models that write down, and whether each is billed by the second.
    pub fn new(manner: Manner, number: u64, expires_at: i64, writers: Vec<(String, bool)>) -> Self {
        let draw = Draw::from(&[manner.model.as_bytes(), &number.to_le_bytes()]);
        let id = format!("sess_{}", draw.branch(0).hex(16));
        let session = setup::new(&manner.model, &id, expires_at);
        let mut talk = Self {
            manner,
            session,
            draw,
            events: 0,
            names: 0,
            out: VecDeque::new(),
            reported: Vec::new(),
            ear: Ear::default(),
            hearing: None,
            items: Vec::new(),
            answers: Vec::new(),
            before: Tokens::default(),
            writers,
        };
        let created = json!({"type": "session.created", "session": talk.session});
        talk.say(created);
        talk
    }

    /// The next event for the client.
    pub fn poll(&mut self) -> Option<String> {
        self.out.pop_front()
    }

    /// Whether an answer is being made: [`Self::step`] goes on with it.
    pub fn is_answering(&self) -> bool {
        !self.answers.is_empty() && !self.manner.hangs
    }

    /// Usage that was reported since somebody asked last.
    pub fn take_reported(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.reported)
    }

    fn say(&mut self, mut event: Value) {
        self.events += 1;
        event["event_id"] = format!("event_{}", self.events).into();
        self.out.push_back(event.to_string());
    }

    fn name(&mut self, kind: &str) -> String {
        self.names += 1;
        format!("{kind}_{}{}", self.draw.branch(self.names).hex(12), self.names)
    }

    fn refuse(&mut self, message: &str, code: &str, about: Option<&str>) {
        let error = json!({
            "type": "invalid_request_error", "code": code, "message": message, "param": null,
            "event_id": about,
        });
        self.say(json!({"type": "error", "error": error}));
    }

    /// Takes a client's event.
    pub fn hear(&mut self, text: &str) {
        let Ok(Value::Object(event)) = serde_json::from_str(text) else {
            return self.refuse("The event is no JSON object.", "invalid_event", None);
        };
        let about = event.get("event_id").and_then(Value::as_str);
        let done = match event.get("type").and_then(Value::as_str).unwrap_or_default() {
            "session.update" => self.update(&event),
            "input_audio_buffer.append" => self.append(&event),
            "input_audio_buffer.commit" => self.commit(),
            "input_audio_buffer.clear" => {
                self.ear.take();
                self.say(json!({"type": "input_audio_buffer.cleared"}));
                Ok(())
            }
            "conversation.item.create" => self.add(&event),
            "conversation.item.retrieve" => self.show(&event),
            "conversation.item.delete" => self.delete(&event),
            "conversation.item.truncate" => self.truncate(&event),
            "response.create" => self.answer(event.get("response")),
            "response.cancel" => self.cancel(&event),
            other => Err((format!("Invalid value: '{other}'."), "invalid_value")),
        };
        if let Err((message, code)) = done {
            self.refuse(&message, code, about);
        }
    }

    fn update(&mut self, event: &Map<String, Value>) -> Done {
        let update = event.get("session").and_then(Value::as_object);
        let update = update.ok_or_else(|| missing("session"))?;
        setup::change(&mut self.session, update).map_err(|why| (why, "invalid_value"))?;
        self.ear.set(setup::sound(&self.session));
        self.say(json!({"type": "session.updated", "session": self.session}));
        Ok(())
    }

    fn append(&mut self, event: &Map<String, Value>) -> Done {
        let audio = event.get("audio").and_then(Value::as_str).ok_or_else(|| missing("audio"))?;
        let bytes = STANDARD.decode(audio);
        let bytes = bytes.map_err(|_| ("Invalid 'audio'.".to_owned(), "invalid_value"))?;
        let silence = setup::silence_ms(&self.session);
        // Piece by piece: what is said first is taken before the next is heard.
        for piece in bytes.chunks(960) {
            for heard in self.ear.hear(piece, silence) {
                self.heard(heard);
            }
        }
        Ok(())
    }

    fn heard(&mut self, heard: Heard) {
        match heard {
            Heard::Started(at) => {
                let id = self.name("item");
                self.say(json!({"type": "input_audio_buffer.speech_started",
                                "audio_start_ms": at, "item_id": id}));
                self.hearing = Some(id);
                if setup::turn(&self.session, "interrupt_response")
                    && let Some(place) = self.answers.iter().position(|answer| answer.is_kept)
                {
                    let answer = self.answers.remove(place);
                    self.close(answer, Some("turn_detected"));
                }
            }
            Heard::Stopped(at) => {
                let id = match self.hearing.take() {
                    Some(id) => id,
                    None => self.name("item"),
                };
                self.say(json!({"type": "input_audio_buffer.speech_stopped",
                                "audio_end_ms": at, "item_id": id}));
                self.take(id);
                if setup::turn(&self.session, "create_response") {
                    // It may fail because another is being made, and then nobody hears of it.
                    let _ = self.answer(None);
                }
            }
        }
    }

    fn commit(&mut self) -> Done {
        if self.ear.waiting_ms() < COMMIT_MS_MIN {
            let message = format!(
                "Error committing input audio buffer: buffer too small. Expected at least \
                 {COMMIT_MS_MIN}ms of audio, but buffer only has {}ms.",
                self.ear.waiting_ms()
            );
            return Err((message, "input_audio_buffer_commit_empty"));
        }
        let id = match self.hearing.take() {
            Some(id) => id,
            None => self.name("item"),
        };
        self.take(id);
        Ok(())
    }

    /// Takes the buffer into the conversation.
    fn take(&mut self, id: String) {
        let long = self.ear.take();
        let previous = self.items.last().map(|item| item.id.clone());
        self.say(json!({"type": "input_audio_buffer.committed", "previous_item_id": previous,
                        "item_id": id}));
        self.keep(item::heard(id.clone(), long));
        self.write_down(&id, long);
    }

    fn keep(&mut self, item: Item) {
        let previous = self.items.last().map(|item| item.id.clone());
        for kind in ["conversation.item.added", "conversation.item.done"] {
            self.say(json!({"type": kind, "previous_item_id": previous, "item": item.shown}));
        }
        self.items.push(item);
    }

    /// Writes down what was said, where somebody wants that.
    fn write_down(&mut self, id: &str, long: u64) {
        let asked = self.session.pointer("/audio/input/transcription");
        let model = asked.and_then(|asked| asked.get("model")).and_then(Value::as_str);
        let found = self.writers.iter().find(|(name, _)| model == Some(name));
        let Some((_, by_the_second)) = found.cloned() else { return };
        let mut draw = self.draw.branch(long);
        let words = (long * WORDS_PER_SECOND / 1_000).max(1);
        let text: String = (0..words).map(|_| prose::word(&mut draw)).collect();
        let about = |kind: &str| json!({"type": kind, "item_id": id, "content_index": 0});
        let mut delta = about("conversation.item.input_audio_transcription.delta");
        delta["delta"] = text.as_str().into();
        self.say(delta);
        let mut completed = about("conversation.item.input_audio_transcription.completed");
        completed["transcript"] = text.as_str().into();
        let Report::Times(Some(times)) = self.manner.report.told() else {
            return self.say(completed);
        };
        completed["usage"] = if by_the_second {
            json!({"type": "duration", "seconds": long.div_ceil(1_000) * times})
        } else {
            let (audio, out) = (item::heard_tokens(long) * times, (self.manner.count)(&text));
            json!({
                "type": "tokens", "input_tokens": audio, "output_tokens": out * times,
                "total_tokens": audio + out * times,
                "input_token_details": {"text_tokens": 0, "audio_tokens": audio},
            })
        };
        self.reported.push(completed["usage"].clone());
        self.say(completed);
    }

    fn add(&mut self, event: &Map<String, Value>) -> Done {
        let value = event.get("item").ok_or_else(|| missing("item"))?;
        let id = match value.get("id").and_then(Value::as_str) {
            Some(id) => id.to_owned(),
            None => self.name("item"),
        };
        let sound = setup::sound(&self.session);
        let item = item::given(value, id, sound, self.manner.count);
        self.keep(item.map_err(|why| (why, "invalid_value"))?);
        Ok(())
    }

    fn place(&self, event: &Map<String, Value>) -> Result<usize, (String, &'static str)> {
        let id = event.get("item_id").and_then(Value::as_str).unwrap_or_default();
        let place = self.items.iter().position(|item| item.id == id);
        place.ok_or_else(|| (format!("Item '{id}' does not exist."), "item_not_found"))
    }

    fn show(&mut self, event: &Map<String, Value>) -> Done {
        let place = self.place(event)?;
        let shown = self.items.get(place).map(|item| item.shown.clone());
        self.say(json!({"type": "conversation.item.retrieved", "item": shown}));
        Ok(())
    }

    fn delete(&mut self, event: &Map<String, Value>) -> Done {
        let place = self.place(event)?;
        let item = self.items.remove(place);
        self.say(json!({"type": "conversation.item.deleted", "item_id": item.id}));
        Ok(())
    }

    fn truncate(&mut self, event: &Map<String, Value>) -> Done {
        let place = self.place(event)?;
        let end = event.get("audio_end_ms").and_then(Value::as_u64);
        let end = end.ok_or_else(|| missing("audio_end_ms"))?;
        if let Some(item) = self.items.get_mut(place) {
            item.tokens.audio = item.tokens.audio.min(item::said_tokens(end));
            let id = item.id.clone();
            self.say(json!({"type": "conversation.item.truncated", "item_id": id,
                            "content_index": 0, "audio_end_ms": end}));
        }
        Ok(())
    }

    fn answer(&mut self, asked: Option<&Value>) -> Done {
        let none = Value::Null;
        let asked = asked.unwrap_or(&none);
        let is_kept = asked.get("conversation").and_then(Value::as_str) != Some("none");
        if is_kept && self.answers.iter().any(|answer| answer.is_kept) {
            let message = "Conversation already has an active response in progress.";
            return Err((message.to_owned(), "conversation_already_has_active_response"));
        }
        let of = |name: &str| {
            let own = asked.get(name).filter(|value| !value.is_null());
            own.or_else(|| self.session.get(name)).cloned().unwrap_or_default()
        };
        let is_text = of("output_modalities") == json!(["text"]);
        let limit = of("max_output_tokens").as_u64().unwrap_or(u64::MAX);
        let instructions = of("instructions").as_str().map_or(0, self.manner.count);
        let tools = of("tools");
        let mut input = Tokens { text: instructions, ..Tokens::default() };
        if tools.as_array().is_some_and(|tools| !tools.is_empty()) {
            input.text += (self.manner.count)(&tools.to_string());
        }
        match asked.get("input").and_then(Value::as_array) {
            Some(items) => {
                for value in items {
                    input = input.plus(self.brought(value)?);
                }
            }
            None => {
                input = self.items.iter().fold(input, |input, item| input.plus(item.tokens));
            }
        }
        let choice = of("tool_choice");
        let (id, item_id) = (self.name("resp"), self.name("item"));
        let draw = Draw::from(&[self.manner.model.as_bytes(), &input.total().to_le_bytes()]);
        let words = match chosen(&tools, &choice, &mut draw.branch(1)) {
            Some((name, arguments)) => Words::Call { name, arguments },
            None => Words::Said { words: said(draw.branch(2), self.manner.words), is_text },
        };
        let stepped = |now: u64, before: u64| now.min(before) / CACHE_STEP * CACHE_STEP;
        let cached = Tokens {
            text: stepped(input.text, self.before.text),
            audio: stepped(input.audio, self.before.audio),
            image: 0,
        };
        let answer = Answer::new(Asked {
            id,
            item_id,
            is_kept,
            metadata: asked.get("metadata").cloned().unwrap_or_default(),
            words,
            limit: limit.min(self.manner.output_tokens_max),
            words_at_a_time: self.manner.words_at_a_time,
            input,
            cached,
        });
        for event in answer.opening() {
            self.say(event);
        }
        self.answers.push(answer);
        Ok(())
    }

    /// What an item counts that a response brings along, or refers to.
    fn brought(&self, value: &Value) -> Result<Tokens, (String, &'static str)> {
        if value.get("type").and_then(Value::as_str) == Some("item_reference") {
            let id = value.get("id").and_then(Value::as_str).unwrap_or_default();
            let found = self.items.iter().find(|item| item.id == id);
            let missing = || (format!("Item '{id}' does not exist."), "item_not_found");
            return found.map(|item| item.tokens).ok_or_else(missing);
        }
        let sound = setup::sound(&self.session);
        let item = item::given(value, String::new(), sound, self.manner.count);
        item.map(|item| item.tokens).map_err(|why| (why, "invalid_value"))
    }

    fn cancel(&mut self, event: &Map<String, Value>) -> Done {
        let id = event.get("response_id").and_then(Value::as_str);
        let is_it = |answer: &Answer| match id {
            Some(id) => answer.id == id,
            None => answer.is_kept,
        };
        let Some(place) = self.answers.iter().position(is_it) else {
            let message = "Cancellation failed: no active response found.";
            return Err((message.to_owned(), "response_cancel_not_active"));
        };
        let answer = self.answers.remove(place);
        self.close(answer, Some("client_cancelled"));
        Ok(())
    }

    /// Goes on with the answer that was begun first. Whether there was one.
    pub fn step(&mut self) -> bool {
        if !self.is_answering() {
            return false;
        }
        let stepped = self.answers.first_mut().map(|answer| answer.step(self.manner.count));
        match stepped {
            None => return false,
            Some(Some(events)) => events.into_iter().for_each(|event| self.say(event)),
            Some(None) => {
                let answer = self.answers.remove(0);
                self.close(answer, None);
            }
        }
        true
    }

    fn close(&mut self, answer: Answer, stopped: Option<&str>) {
        let times = match self.manner.report {
            Report::Times(times) => times,
            Report::Twice => Some(1),
        };
        let closing = answer.closing(stopped, self.manner.count, times);
        closing.events.into_iter().for_each(|event| self.say(event));
        if let Some(item) = closing.item {
            self.items.push(item);
            self.before = closing.made_from;
        }
        self.reported.extend(closing.usage);
        self.say(closing.done.clone());
        if self.manner.report == Report::Twice {
            self.say(closing.done);
        }
        let left = 1_000_000_u64.saturating_sub(closing.output);
        let limits = json!([
            {"name": "requests", "limit": 10_000, "remaining": 9_999, "reset_seconds": 0.01},
            {"name": "tokens", "limit": 1_000_000, "remaining": left, "reset_seconds": 0.5},
        ]);
        self.say(json!({"type": "rate_limits.updated", "rate_limits": limits}));
    }
}

impl Report {
    fn told(self) -> Self {
        if self == Self::Twice { Self::Times(Some(1)) } else { self }
    }
}

type Done = Result<(), (String, &'static str)>;

fn missing(name: &str) -> (String, &'static str) {
    (format!("Missing required parameter: '{name}'."), "missing_required_parameter")
}

/// So many words, each with the space before it.
fn said(mut draw: Draw, words: u64) -> Vec<String> {
    let words = usize::try_from(words).unwrap_or(usize::MAX).min(10_000);
    let mut text = prose::OPENING.to_owned();
    while text.split(' ').count() < words {
        text.push_str(&prose::sentence(&mut draw));
    }
    let said = text.split_inclusive(' ').map(str::to_owned);
    said.take(words.max(1)).collect()
}

/// The tool that has to be called, with what it is called with.
fn chosen(tools: &Value, choice: &Value, draw: &mut Draw) -> Option<(String, String)> {
    let tools = tools.as_array()?;
    let tool = match choice {
        Value::String(word) if word == "required" => tools.first(),
        Value::Object(named) => {
            let name = named.get("name");
            tools.iter().find(|tool| tool.get("name") == name)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            None
        }
    }?;
    let schema = tool.get("parameters").cloned().unwrap_or_else(|| json!({"type": "object"}));
    let arguments = instance::of(&schema, draw).unwrap_or_else(|_| json!({}));
    Some((tool.get("name")?.as_str()?.to_owned(), arguments.to_string()))
}
