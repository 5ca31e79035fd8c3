//! How a session begins, and what is set of it: the provider is told to answer nothing by itself,
//! and the client is shown what it asked for.

use bursar_meter::BadRequest;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::hearing::Then;
use super::standing::Asked;
use super::{Output, Session};
use crate::event::ClientEvent;
use crate::fields::{invalid, not_offered};
use crate::settings::{
    bytes_per_ms, is_text, limit, set_answers, shown_load, tools_and_voice, turn_detection,
    turn_detection_of, would_answer,
};

/// Events that the provider sends before it has said that it answers nothing by itself.
const GREETINGS_MAX: usize = 16;

/// How far a session is.
#[derive(Debug, Default)]
pub(super) enum Stage {
    /// Nothing was heard yet.
    #[default]
    Silent,
    /// It was told to answer nothing by itself, and has not said that it does so. What it said
    /// before is kept for the client.
    Told(Vec<String>),
    /// The client may speak.
    Open,
    /// It is over.
    Ended,
}

impl Session {
    pub(super) fn created(&mut self, session: Option<&RawValue>, text: &str) {
        let shown = session.and_then(|json| serde_json::from_str::<Value>(json.get()).ok());
        let Some(mut shown) = shown.filter(|_| matches!(self.stage, Stage::Silent)) else {
            return self.breach("it greeted in a way that is not known");
        };
        if shown.pointer("/audio/input").is_none() {
            return self.breach("it speaks an older form of sessions");
        }
        self.show(&shown);
        if !would_answer(&shown) {
            self.stage = Stage::Open;
            let told = self.shown(text);
            self.out.push_back(Output::Tell(told));
            return;
        }
        self.wants.answers = true;
        let told = turn_detection_of(&mut shown).map(|turn_detection| {
            if let Value::Object(object) = &mut *turn_detection {
                object.remove("idle_timeout_ms");
            }
            set_answers(turn_detection, false);
            turn_detection.clone()
        });
        let number = self.names.number();
        let update = json!({
            "type": "session.update",
            "event_id": self.names.give(number, None),
            "session": {"type": "realtime", "audio": {"input": {"turn_detection": told}}},
        });
        self.out.push_back(Output::Forward(update.to_string()));
        self.stage = Stage::Told(vec![text.to_owned()]);
    }

    pub(super) fn updated(&mut self, session: Option<&RawValue>, text: &str) {
        let shown = session.and_then(|json| serde_json::from_str::<Value>(json.get()).ok());
        let Some(shown) = shown else { return self.breach("it sent what is no event") };
        if would_answer(&shown) {
            return self.breach("it goes on answering by itself");
        }
        self.show(&shown);
        match std::mem::replace(&mut self.stage, Stage::Open) {
            Stage::Told(greetings) => {
                for greeting in greetings {
                    let told = self.shown(&greeting);
                    self.out.push_back(Output::Tell(told));
                }
            }
            Stage::Open => {
                let told = self.shown(text);
                self.out.push_back(Output::Tell(told));
            }
            Stage::Silent | Stage::Ended => self.breach("it greeted in a way that is not known"),
        }
    }

    /// The provider shows what is in force.
    fn show(&mut self, session: &Value) {
        let transcribes = session.pointer("/audio/input/transcription");
        let transcribes = transcribes.is_some_and(|value| !value.is_null());
        self.standing.show(shown_load(session), bytes_per_ms(session), transcribes);
        let turn = session.pointer("/audio/input/turn_detection");
        if let Some(Ok(Some(turn))) = turn.map(|turn| turn_detection(turn, "")) {
            self.hearing.silence(turn.silence_ms);
        }
        if !self.standing.may_transcribe() {
            self.hearing_rests();
        }
    }

    /// What comes before the session is open.
    pub(super) fn before_open(&mut self, is_error: bool, text: String) {
        match &mut self.stage {
            Stage::Told(greetings) if !is_error && greetings.len() < GREETINGS_MAX => {
                greetings.push(text);
            }
            Stage::Silent | Stage::Told(_) => {
                self.breach("it did not take the session's beginning");
            }
            Stage::Open | Stage::Ended => {}
        }
    }

    /// A session as its client is to see it.
    fn shown(&self, text: &str) -> String {
        let Ok(mut event) = serde_json::from_str::<Value>(text) else { return text.to_owned() };
        let Some(session) = event.get_mut("session") else { return text.to_owned() };
        if let Some(turn_detection) = turn_detection_of(session) {
            set_answers(turn_detection, self.wants.answers);
        }
        if let Some(model) = session.get_mut("model") {
            *model = self.asked_as.as_str().into();
        }
        event.to_string()
    }

    /// A client's `session.update`.
    pub(super) fn update(&mut self, event: ClientEvent) -> Result<(), BadRequest> {
        let session = event.object("session")?;
        match session.get("type").and_then(Value::as_str) {
            Some("realtime") => {}
            Some("transcription") => {
                let why = "must be `realtime`: sessions that only write down what they hear are \
                           not offered here\nhint: set `audio.input.transcription`";
                return Err(not_offered("session.type", why));
            }
            _ => return Err(invalid("session.type", "must be `realtime`")),
        }
        if let Some(model) = session.get("model").filter(|model| !model.is_null()) {
            let named = model.as_str().unwrap_or_default();
            if named != self.asked_as && named != self.model.id.as_str() {
                let why = "cannot be changed inside a session\nhint: begin another session, with \
                           that model in its address";
                return Err(not_offered("session.model", why));
            }
        }
        let limit = limit(session, "session")?;
        let is_text = is_text(session, "session")?;
        let load = event.load.plus(tools_and_voice(session, "session")?);
        let input = session.get("audio").and_then(|audio| audio.get("input"));
        let of_input = |name: &str| input.and_then(|input| input.get(name));
        let path = "session.audio.input.transcription";
        let writes = of_input("transcription").map(|it| self.read_transcription(it, path));
        let writes = writes.transpose()?;
        let format = of_input("format").is_some();
        let whole = Value::Object(session.clone());
        let bytes_per_ms = format.then(|| bytes_per_ms(&whole));
        let path = "session.audio.input.turn_detection";
        let turn = of_input("turn_detection").map(|it| turn_detection(it, path)).transpose()?;
        // Nothing is wrong with it: from here on it is wanted so.
        if let Some(limit) = limit {
            self.wants.limit = limit;
        }
        if let Some(is_text) = is_text {
            self.wants.is_text = is_text;
        }
        if let Some(Some(turn)) = turn {
            self.wants.answers = turn.answers;
            self.hearing.silence(turn.silence_ms);
        }
        let transcribes = writes.as_ref().map(Option::is_some);
        let number = self.names.number();
        let asked = Asked { number, load, bytes_per_ms, transcribes };
        let then = Then::Update(Box::new((event, asked)));
        let then = match writes {
            // What is in the buffer already would be written down too.
            Some(Some((model, prompt_bytes))) => {
                self.transcribes_with(model, prompt_bytes);
                self.pay_for_hearing(self.audio.waiting_ms(), then)?
            }
            Some(None) | None => Some(then),
        };
        if let Some(Then::Update(update)) = then {
            self.send_update(update.0, update.1);
        }
        Ok(())
    }

    pub(super) fn send_update(&mut self, mut event: ClientEvent, asked: Asked) {
        self.standing.ask(asked);
        let number = asked.number;
        if let Some(session) = event.members.get_mut("session") {
            if let Value::Object(session) = &mut *session {
                session.remove("model");
            }
            if let Some(turn_detection) = turn_detection_of(session) {
                set_answers(turn_detection, false);
            }
        }
        let name = self.names.give(number, event.event_id.clone());
        self.out.push_back(Output::Forward(event.written(Some(&name))));
    }
}
