//! Responses: asked for, paid for, forwarded.

use bursar_kernel::Usd;
use bursar_meter::{BadRequest, ErrorBody};
use serde_json::{Map, Value, json};

use super::{HoldAsked, Output, Purpose, RESPONSES_OPEN_MAX, Session};
use crate::event::ClientEvent;
use crate::fields::{bad, invalid, not_offered};
use crate::item;
use crate::load::{Load, Spoken, bound};
use crate::settings::{is_text, limit, tools_and_voice};
use bursar_meter::BadRequestKind;

/// A response that has not ended.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) number: u64,
    pub(super) progress: Progress,
    /// What is set aside for it, or wanted.
    pub(super) held: Usd,
    pub(super) spoken: Spoken,
    /// Whether its output becomes part of the conversation.
    pub(super) is_spoken_into_conversation: bool,
    /// Whether it is made from items of its own.
    pub(super) brings_its_input: bool,
    /// What the conversation was fed since it was forwarded.
    pub(super) since: Load,
    /// Whether any of its output was seen.
    pub(super) was_seen: bool,
    /// What its client calls the event that asked for it.
    about: Option<String>,
    /// What is forwarded of it.
    response: Map<String, Value>,
}

/// How far a response is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// Nothing went out.
    WaitsForMoney,
    /// It was asked for.
    Asked,
    /// It is being made, under this name.
    Made(String),
}

impl Open {
    pub(super) fn id(&self) -> Option<&str> {
        match &self.progress {
            Progress::Made(id) => Some(id),
            Progress::WaitsForMoney | Progress::Asked => None,
        }
    }

    /// What it can come to as input from here on.
    pub(super) fn at_most(&self) -> Load {
        let tokens = self.spoken.tokens;
        if self.spoken.is_text {
            Load::text(tokens)
        } else {
            Load { audio: tokens, ..Load::default() }
        }
    }

    /// The event that stops it.
    pub(super) fn cancel(&self) -> String {
        let event = match self.id() {
            Some(id) => json!({"type": "response.cancel", "response_id": id}),
            None => json!({"type": "response.cancel"}),
        };
        event.to_string()
    }
}

impl Session {
    /// A client's `response.create`.
    pub(super) fn ask(&mut self, event: &ClientEvent) -> Result<(), BadRequest> {
        let none = Map::new();
        let response = match event.members.get("response") {
            None => &none,
            Some(_) => event.object("response")?,
        };
        let limit = limit(response, "response")?.unwrap_or(self.wants.limit);
        let says_text = is_text(response, "response")?;
        let is_text = says_text.unwrap_or(self.wants.is_text);
        let beside = match response.get("conversation") {
            None | Some(Value::Null) => false,
            Some(value) => match value.as_str() {
                Some("auto") => false,
                Some("none") => true,
                _ => {
                    let why = "must be `auto` or `none`";
                    return Err(invalid("response.conversation", why));
                }
            },
        };
        let mut load = event.load.plus(tools_and_voice(response, "response")?);
        let own = response.get("input").filter(|input| !input.is_null());
        if let Some(items) = own {
            let counted = item::items(items, "response.input", &self.model)?;
            load = load.plus(self.counts(&counted, "response.input")?);
        }
        let at = "response.max_output_tokens";
        let tokens = limit.tokens(&self.model).ok_or_else(|| {
            not_offered(at, "has to be a number: how much the model makes is not known here")
        })?;
        let mut forwarded = response.clone();
        forwarded.insert("max_output_tokens".to_owned(), tokens.into());
        if is_text {
            // Whether the session's own setting was taken, nobody has said yet.
            forwarded.insert("output_modalities".to_owned(), json!(["text"]));
        }
        self.want(Wanted {
            load,
            spoken: Spoken { tokens, is_text },
            is_spoken_into_conversation: !beside,
            brings_its_input: own.is_some(),
            about: event.event_id.clone(),
            response: forwarded,
        })
    }

    fn want(&mut self, wanted: Wanted) -> Result<(), BadRequest> {
        if RESPONSES_OPEN_MAX <= self.open.len() {
            let why = format!("{RESPONSES_OPEN_MAX} responses of this session are being made");
            let message = format!("{why}\nhint: wait for `response.done` of one of them");
            return Err(bad(BadRequestKind::InvalidValue, "response", message));
        }
        if wanted.is_spoken_into_conversation && self.is_answering() {
            let message = "the conversation already has a response that is being made\nhint: wait \
                           for its `response.done`, send `response.cancel`, or ask beside the \
                           conversation with `\"conversation\": \"none\"`";
            let kind = BadRequestKind::InvalidValue;
            return Err(bad(kind, "response.conversation", message.to_owned()));
        }
        let made = self.open.iter().filter(|open| open.is_spoken_into_conversation);
        let made = made.map(Open::at_most).fold(Load::default(), Load::plus);
        let parts = [self.standing.load(), self.audio.waiting(), made, wanted.load];
        let fed = parts.into_iter().fold(self.conversation, Load::plus);
        let bound = bound(&self.model, fed, wanted.spoken).ok_or_else(|| {
            let why = "may use something that has no price for this model\nhint: ask for text \
                       alone, with `\"output_modalities\": [\"text\"]`";
            not_offered("response", why)
        })?;
        let silent = Spoken { tokens: 0, ..wanted.spoken };
        let silent = crate::load::bound(&self.model, fed, silent).map(|bound| bound.cost);
        let number = self.names.number();
        self.open.push(Open {
            number,
            progress: Progress::WaitsForMoney,
            held: bound.cost,
            spoken: wanted.spoken,
            is_spoken_into_conversation: wanted.is_spoken_into_conversation,
            brings_its_input: wanted.brings_its_input,
            since: Load::default(),
            was_seen: false,
            about: wanted.about,
            response: wanted.response,
        });
        let model = std::sync::Arc::clone(&self.model);
        let asked = HoldAsked { number, purpose: Purpose::Response, model, bound, silent };
        self.out.push_back(Output::Hold(Box::new(asked)));
        Ok(())
    }

    /// Whether a response of the conversation is being made.
    fn is_answering(&self) -> bool {
        self.open.iter().any(|open| open.is_spoken_into_conversation)
    }

    /// Asks for the answer that the client wants by itself, unless another is being made.
    pub(super) fn answer_if_wanted(&mut self) {
        if !self.wants_answer || self.is_answering() {
            return;
        }
        self.wants_answer = false;
        let event = ClientEvent {
            kind: "response.create",
            members: Map::new(),
            event_id: None,
            load: Load::default(),
        };
        if let Err(why) = self.ask(&event) {
            self.refuse(&why, None);
        }
    }

    /// The money of a call is set aside: it goes out.
    pub fn held(&mut self, number: u64) {
        if self.hearing_held(number) {
            return;
        }
        let waiting =
            |open: &&mut Open| open.number == number && open.progress == Progress::WaitsForMoney;
        let Some(open) = self.open.iter_mut().find(waiting) else { return };
        open.progress = Progress::Asked;
        open.since = Load::default();
        let response = Value::Object(std::mem::take(&mut open.response));
        let name = self.names.give(number, open.about.clone());
        let event = json!({"type": "response.create", "event_id": name, "response": response});
        self.out.push_back(Output::Forward(event.to_string()));
    }

    /// No money was set aside for a call: its client hears why, and the session goes on.
    pub fn not_held(&mut self, number: u64, error: &ErrorBody) {
        if self.hearing_not_held(number, error) {
            return;
        }
        let waiting =
            |open: &Open| open.number == number && open.progress == Progress::WaitsForMoney;
        let Some(place) = self.open.iter().position(waiting) else { return };
        let open = self.open.remove(place);
        self.tell_error(error, open.about.as_deref());
    }
}

/// A response that is about to be paid for.
struct Wanted {
    load: Load,
    spoken: Spoken,
    is_spoken_into_conversation: bool,
    brings_its_input: bool,
    about: Option<String>,
    response: Map<String, Value>,
}
