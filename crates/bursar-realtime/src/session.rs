//! The machine: what a session is, and what comes out of it.

mod asking;
mod audio;
mod greeting;
mod hearing;
mod names;
mod standing;

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;

use bursar_kernel::{Bound, Catalog, Model, ServiceTier, Usd};
use bursar_meter::{BadRequest, Basis, Charge, ErrorBody, Settlement, price};
use serde_json::Value;

use crate::event::{self, ClientEvent, error_event};
use crate::fields::invalid;
use crate::item;
use crate::load::{Load, OVERHEAD_PER_ITEM};
use crate::server::{self, ServerEvent};
use crate::settings::Limit;
use asking::{Open, Progress};
use audio::Audio;
use greeting::Stage;
use hearing::Hearing;
use names::Names;
use standing::Standing;

/// Responses of one session that can be under way at a time: one in the conversation, and some
/// beside it.
pub(crate) const RESPONSES_OPEN_MAX: usize = 8;
const TRANSCRIBED: &str = "conversation.item.input_audio_transcription.completed";
const NOT_TRANSCRIBED: &str = "conversation.item.input_audio_transcription.failed";
/// Responses that have ended whose names are remembered, to know one that is told twice.
const ENDED_REMEMBERED: usize = 64;

/// What a session wants done, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Goes to the provider.
    Forward(String),
    /// Goes to the client.
    Tell(String),
    /// The provider's word on our own rate limits stood here: the client's own are told instead.
    TellRates,
    /// Money is wanted. Nothing is taken from the client until there is an answer:
    /// [`Session::held`] or [`Session::not_held`].
    Hold(Box<HoldAsked>),
    /// A call has ended: it is settled so, and then the client is told.
    Settle {
        /// Which.
        number: u64,
        /// What becomes of its hold.
        settlement: Settlement,
        /// What the client hears once that is durable.
        tell: Option<String>,
    },
    /// A call does not go out after all: its hold goes back, and there is no call.
    GiveBack {
        /// Which.
        number: u64,
    },
    /// The provider does what it must not: the session ends, for this reason.
    Breach(&'static str),
}

/// A call that wants money.
#[derive(Clone, Debug, PartialEq)]
pub struct HoldAsked {
    /// Its number in the session.
    pub number: u64,
    /// What it is.
    pub purpose: Purpose,
    /// What it is a call to.
    pub model: Arc<Model>,
    /// The most that it can cost.
    pub bound: Bound,
    /// What it would cost at the most if nothing came of it, where that is the client's to choose.
    pub silent: Option<Usd>,
}

/// What a call of a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A response.
    Response,
    /// Writing down what was said to the session.
    Transcription,
}

/// A realtime session.
#[derive(Debug)]
pub struct Session {
    model: Arc<Model>,
    /// The model as the client named it.
    asked_as: String,
    /// Where the models that write down are looked up.
    catalog: Arc<Catalog>,
    stage: Stage,
    out: VecDeque<Output>,
    names: Names,
    open: Vec<Open>,
    ended: VecDeque<String>,
    wants: Wants,
    standing: Standing,
    /// What the conversation counts at the most.
    conversation: Load,
    audio: Audio,
    hearing: Hearing,
    /// Whether an answer is to be asked for as soon as the present one has ended.
    wants_answer: bool,
    /// Whether the client is gone.
    has_left: bool,
}

/// What the client wants of the session.
#[derive(Clone, Copy, Debug)]
struct Wants {
    /// Answers by themselves, once somebody has stopped speaking.
    answers: bool,
    /// Text alone.
    is_text: bool,
    limit: Limit,
}

impl Session {
    /// A session that is about to begin with a model, which its client names so.
    pub fn new(model: Arc<Model>, asked_as: &str, catalog: Arc<Catalog>) -> Self {
        Self {
            model,
            asked_as: asked_as.to_owned(),
            catalog,
            stage: Stage::default(),
            out: VecDeque::new(),
            names: Names::default(),
            open: Vec::new(),
            ended: VecDeque::new(),
            wants: Wants { answers: false, is_text: false, limit: Limit::Infinite },
            standing: Standing::default(),
            conversation: Load::default(),
            audio: Audio::default(),
            hearing: Hearing::default(),
            wants_answer: false,
            has_left: false,
        }
    }

    /// Whether the provider has said that it answers nothing by itself, so that the client may
    /// speak.
    pub fn is_open(&self) -> bool {
        matches!(self.stage, Stage::Open)
    }

    /// Whether the client may say something now: not before the session is open, and not while an
    /// answer waits for its money.
    pub fn listens(&self) -> bool {
        let waits = |open: &Open| open.progress == Progress::WaitsForMoney;
        self.is_open() && !self.hearing.waits() && !self.open.iter().any(waits)
    }

    /// Calls that are under way and not settled.
    pub fn calls_open(&self) -> usize {
        self.open.len().saturating_add(self.hearing.open())
    }

    /// The next thing to be done.
    pub fn poll(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    /// Takes an event of the client's.
    pub fn client(&mut self, text: &str) {
        if !self.is_open() {
            return;
        }
        let event = match event::read(text) {
            Ok(event) => event,
            Err(wrong) => return self.refuse(&wrong.why, wrong.event_id.as_deref()),
        };
        let about = event.event_id.clone();
        if let Err(why) = self.take(event) {
            self.refuse(&why, about.as_deref());
        }
    }

    fn take(&mut self, event: ClientEvent) -> Result<(), BadRequest> {
        match event.kind {
            "session.update" => self.update(event),
            "input_audio_buffer.append" => self.append(event),
            "input_audio_buffer.commit" => {
                self.commit(event);
                Ok(())
            }
            "input_audio_buffer.clear" => {
                self.audio.clearing();
                self.pass(event);
                Ok(())
            }
            "conversation.item.create" => self.add(event),
            "response.create" => self.ask(&event),
            _ => {
                self.pass(event);
                Ok(())
            }
        }
    }

    /// Forwards an event under its client's own name.
    fn pass(&mut self, event: ClientEvent) {
        let id = event.event_id.clone();
        self.out.push_back(Output::Forward(event.written(id.as_deref())));
    }

    fn add(&mut self, event: ClientEvent) -> Result<(), BadRequest> {
        let value = event.members.get("item").unwrap_or(&Value::Null);
        let counted = item::item(value, "item", &self.model)?;
        if counted.is_reference {
            return Err(invalid("item.type", "is a reference, and the item is there already"));
        }
        let load = self.counts(&counted, "item")?;
        self.feed(load);
        self.pass(event);
        Ok(())
    }

    /// What the conversation has more from here on.
    fn feed(&mut self, load: Load) {
        self.conversation = self.conversation.plus(load);
        for open in &mut self.open {
            open.since = open.since.plus(load);
        }
    }

    fn refuse(&mut self, why: &BadRequest, about: Option<&str>) {
        let error = why.envelope().error;
        self.tell_error(&error, about);
    }

    fn tell_error(&mut self, error: &ErrorBody, about: Option<&str>) {
        let number = self.names.number();
        self.out.push_back(Output::Tell(error_event(number, error, about)));
    }

    /// Takes an event of the provider's.
    pub fn upstream(&mut self, text: String) {
        let Ok(event) = serde_json::from_str::<ServerEvent<'_>>(&text) else {
            return self.breach("it sent what is no event");
        };
        match &*event.kind {
            "session.created" => self.created(event.session, &text),
            "session.updated" => self.updated(event.session, &text),
            kind if !self.is_open() => {
                let is_error = kind == "error";
                self.before_open(is_error, text);
            }
            "error" => {
                let about = server::error_is_about(event.error);
                self.error(about.as_deref(), text);
            }
            "response.created" => {
                let id = server::response_id(event.response);
                self.started(id, text);
            }
            "response.done" => {
                let response = event.response.map(|response| response.get().to_owned());
                self.done(response.as_deref(), text);
            }
            "input_audio_buffer.committed" => {
                let item = event.item_id.map(Cow::into_owned);
                self.committed(item, text);
            }
            "input_audio_buffer.cleared" => self.cleared(text),
            kind @ (TRANSCRIBED | NOT_TRANSCRIBED) => {
                let has_failed = kind == NOT_TRANSCRIBED;
                let item = event.item_id.map(Cow::into_owned);
                let usage = event.usage.map(|usage| usage.get().to_owned());
                self.written_down(item.as_deref(), usage.as_deref(), has_failed, text);
            }
            "input_audio_buffer.speech_stopped" | "input_audio_buffer.timeout_triggered" => {
                self.audio.ended(event.audio_end_ms);
                self.out.push_back(Output::Tell(text));
            }
            "rate_limits.updated" => self.out.push_back(Output::TellRates),
            kind => {
                if kind.starts_with("response.") {
                    let id = event.response_id.as_deref();
                    let is_it = |open: &&mut Open| id.is_some() && open.id() == id;
                    if let Some(open) = self.open.iter_mut().find(is_it) {
                        open.was_seen = true;
                    }
                }
                self.out.push_back(Output::Tell(text));
            }
        }
    }

    fn error(&mut self, about: Option<&str>, text: String) {
        let Some((number, client)) = about.and_then(|about| self.names.of(about)) else {
            self.out.push_back(Output::Tell(text));
            return;
        };
        let mut told: Value = serde_json::from_str(&text).unwrap_or_default();
        if let Some(error) = told.get_mut("error").and_then(Value::as_object_mut) {
            error.insert("event_id".to_owned(), client.into());
        }
        let told = told.to_string();
        self.audio.refused(number);
        self.hearing_refused(number);
        self.standing.refused(number);
        let place = self.open.iter().position(|open| {
            // What has begun is billed, whatever is said of the event that asked for it.
            open.number == number && open.progress == Progress::Asked
        });
        match place {
            Some(place) => {
                self.open.remove(place);
                let settlement = Settlement::Release;
                self.out.push_back(Output::Settle { number, settlement, tell: Some(told) });
                self.answer_if_wanted();
            }
            None => self.out.push_back(Output::Tell(told)),
        }
    }

    fn started(&mut self, id: Option<String>, text: String) {
        let Some(id) = id else { return self.breach("it began a response without a name") };
        let is_known = self.open.iter().any(|open| open.id() == Some(&id));
        if !is_known {
            let asked = self.open.iter_mut().find(|open| open.progress == Progress::Asked);
            let Some(asked) = asked else {
                return self.breach("it began a response that nobody asked for");
            };
            asked.progress = Progress::Made(id);
        }
        self.out.push_back(Output::Tell(text));
    }

    fn done(&mut self, response: Option<&str>, text: String) {
        let raw = response.and_then(|json| serde_json::from_str(json).ok());
        let id = server::response_id(raw);
        let named = id.as_deref();
        let place = self.open.iter().position(|open| named.is_some() && open.id() == named);
        if place.is_none() && named.is_some_and(|id| self.ended.iter().any(|ended| ended == id)) {
            // It was charged when it was told first.
            self.out.push_back(Output::Tell(text));
            return;
        }
        let asked = || self.open.iter().position(|open| open.progress == Progress::Asked);
        let Some(place) = place.or_else(asked) else {
            return self.breach("it ended a response that nobody asked for");
        };
        let open = self.open.remove(place);
        if let Some(id) = id {
            if ENDED_REMEMBERED <= self.ended.len() {
                self.ended.pop_front();
            }
            self.ended.push_back(id);
        }
        let card = self.model.prices.as_ref().map(|prices| prices.standard).unwrap_or_default();
        let mut done = server::done(raw, &card, open.spoken.is_text);
        if open.was_seen {
            // A report of no output is no evidence where output was seen.
            done.made_nothing = false;
            done.reported = done.reported.filter(|it| 0 < it.usage.output_total());
        }
        self.goes_on_from(&open, &done);
        let settlement = self.settled(&open, &done);
        let number = open.number;
        self.out.push_back(Output::Settle { number, settlement, tell: Some(text) });
        if open.is_spoken_into_conversation {
            self.answer_if_wanted();
        }
    }

    /// What the conversation counts after a response: what was reported, and what came since.
    fn goes_on_from(&mut self, open: &Open, done: &server::Done) {
        if !open.is_spoken_into_conversation {
            return;
        }
        let frames = Load::text(done.items.saturating_add(1).saturating_mul(OVERHEAD_PER_ITEM));
        match (&done.reported, open.brings_its_input) {
            (Some(it), false) => {
                self.conversation = it.context.plus(frames).plus(open.since);
            }
            (Some(it), true) => {
                let (text, audio) = (it.usage.output, it.usage.audio_out);
                let made = Load { text, audio, ..Load::default() };
                self.conversation = self.conversation.plus(made).plus(frames);
            }
            (None, _) => {
                self.conversation = self.conversation.plus(open.at_most()).plus(frames);
            }
        }
    }

    fn settled(&self, open: &Open, done: &server::Done) -> Settlement {
        if done.made_nothing {
            return Settlement::Release;
        }
        let usage = done.reported.map(|it| it.usage);
        let cost = usage.and_then(|usage| {
            price(self.model.prices.as_ref()?, ServiceTier::Default, &usage).ok()
        });
        match cost {
            Some(cost) => Settlement::Charge(Charge {
                usage,
                cost,
                excess: cost.checked_sub(open.held).unwrap_or(Usd::ZERO).max(Usd::ZERO),
                basis: Basis::Reported,
                estimated: false,
            }),
            None => in_full(open.held),
        }
    }

    /// Whether a call waits for something to be written down.
    pub fn waits_for(&self, number: u64) -> bool {
        self.hearing.waits_for(number)
    }

    /// A call that covers or awaits what is written down has been open for long. What covers audio
    /// is set aside anew; what was not written down in all that time is charged in full.
    pub fn is_old(&mut self, number: u64) {
        self.hearing_is_old(number);
    }

    /// The client has left: what is being made is stopped, so that its cost is told soon.
    pub fn leave(&mut self) {
        self.wants_answer = false;
        self.wants.answers = false;
        self.out.retain(|output| !matches!(output, Output::Hold(_)));
        self.open.retain(|open| open.progress != Progress::WaitsForMoney);
        self.has_left = true;
        self.hearing_leaves();
        for open in &self.open {
            self.out.push_back(Output::Forward(open.cancel()));
        }
    }

    /// The provider is gone, or given up: whatever is under way is charged in full, since nobody
    /// knows what it cost.
    pub fn end(&mut self) {
        self.stage = Stage::Ended;
        for open in std::mem::take(&mut self.open) {
            if open.progress != Progress::WaitsForMoney {
                let settlement = in_full(open.held);
                let number = open.number;
                self.out.push_back(Output::Settle { number, settlement, tell: None });
            }
        }
        self.hearing_ends();
    }

    fn breach(&mut self, why: &'static str) {
        self.out.push_back(Output::Breach(why));
    }
}

/// Nobody knows better than the hold.
fn in_full(held: Usd) -> Settlement {
    Settlement::Charge(Charge {
        usage: None,
        cost: held,
        excess: Usd::ZERO,
        basis: Basis::HeldInFull,
        estimated: true,
    })
}

#[cfg(test)]
mod tests;
