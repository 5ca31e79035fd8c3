//! What writes down the input audio: another model's call for each part of it that is committed,
//! paid for before any of the audio goes out.
//!
//! The provider commits by itself where it listens for the end of speech, and what it commits is
//! written down and billed. So audio is forwarded only as far as money is set aside for it: for its
//! length, and for as many transcripts as can come of it. Each commit uses up what was set aside,
//! and the next is set aside at once.

use std::sync::Arc;

use bursar_kernel::{Bound, Certainty, Endpoint, ExactCost, Model, Rate, ServiceTier, Usage, Usd};
use bursar_meter::{
    BadRequest, Basis, Charge, ErrorBody, Settlement, known_model, price, read_usage,
};
use serde_json::Value;

use super::standing::Asked;
use super::{HoldAsked, Output, Purpose, Session, in_full};
use crate::event::ClientEvent;
use crate::fields::{below, bytes, invalid, not_offered};

/// How much audio money is set aside for beyond what is there.
const AHEAD_MS: u64 = 5_000;
/// Audio of a commit at the least, in milliseconds: the provider refuses a shorter one.
const COMMIT_MS_MIN: u64 = 100;
/// Audio tokens of a second of what is written down, at the most: as of a recording.
const TOKENS_PER_SECOND_MAX: u64 = 40;
/// Tokens around a prompt, at the most.
const OVERHEAD: u64 = 64;
/// Parts that wait to be written down.
const WAITING_MAX: usize = 64;

/// What writes down, and what is set aside for it.
#[derive(Debug, Default)]
pub(super) struct Hearing {
    /// The model that does. Once it is named it stays.
    model: Option<Arc<Model>>,
    /// Bytes of its prompts, at the most.
    prompt_bytes: u64,
    /// Silence before the end of speech, at the least; `None` while nobody has said.
    silence_ms: Option<u64>,
    /// What covers the audio that goes out now.
    current: Option<Ear>,
    /// What was committed and is being written down.
    closing: Vec<Ear>,
    wanted: Option<Wanted>,
}

/// Money for a stretch of audio.
#[derive(Debug)]
struct Ear {
    number: u64,
    held: Usd,
    covers_ms: u64,
    /// The commit of the client's that it waits for.
    commit: Option<u64>,
    /// What was committed of it, and whether that was written down.
    items: Vec<(String, bool)>,
    usage: Usage,
    /// Whether something was written down and nobody said what it used.
    is_unknown: bool,
}

/// Money that is being set aside.
#[derive(Debug)]
struct Wanted {
    ear: Ear,
    then: Then,
}

/// What goes out once it is there.
#[derive(Debug)]
pub(super) enum Then {
    Nothing,
    Append(Box<ClientEvent>),
    Update(Box<(ClientEvent, Asked)>),
}

impl Hearing {
    /// Whether money is being set aside.
    pub(super) fn waits(&self) -> bool {
        self.wanted.is_some()
    }

    pub(super) fn waits_for(&self, number: u64) -> bool {
        self.closing.iter().any(|ear| ear.number == number)
    }

    pub(super) fn open(&self) -> usize {
        self.closing.len().saturating_add(usize::from(self.current.is_some()))
    }

    pub(super) fn silence(&mut self, silence_ms: Option<u64>) {
        let silence_ms = silence_ms.unwrap_or(0);
        self.silence_ms = Some(self.silence_ms.map_or(silence_ms, |known| known.min(silence_ms)));
    }

    fn covers(&self, milliseconds: u64) -> bool {
        self.current.as_ref().is_some_and(|ear| milliseconds <= ear.covers_ms)
    }

    /// What so much audio can cost, in as many parts as it can be committed in.
    fn bound(&self, model: &Model, covers_ms: u64) -> Option<Bound> {
        let prices = model.prices.as_ref()?;
        let part = self.silence_ms.unwrap_or(0).saturating_add(COMMIT_MS_MIN);
        let parts = covers_ms.checked_div(part)?.checked_add(1)?;
        if prices.standard.second.is_some() {
            // Each part is rounded up by itself.
            let seconds = covers_ms.div_ceil(1_000).checked_add(parts)?;
            let usage = Usage { seconds, ..Usage::default() };
            let cost = price(prices, ServiceTier::Default, &usage).ok()?;
            return Some(Bound {
                input_tokens: 0,
                output_tokens: 0,
                cost,
                certainty: Certainty::Bytes,
            });
        }
        let card = &prices.standard;
        let heard = covers_ms.checked_mul(TOKENS_PER_SECOND_MAX)?.div_ceil(1_000);
        let prompts = self.prompt_bytes.checked_add(OVERHEAD)?.checked_mul(parts)?;
        let input_tokens = heard.checked_add(prompts)?;
        // A model that does not say how much it writes has no bound.
        let output_tokens = model.output_tokens_max?.checked_mul(parts)?;
        let dearest = [card.input, card.audio_in].into_iter().flatten().reduce(Rate::max)?;
        let cost = ExactCost::ZERO.plus(dearest, input_tokens)?;
        let cost = cost.plus(card.output?, output_tokens)?.round_up()?;
        Some(Bound { input_tokens, output_tokens, cost, certainty: Certainty::Bytes })
    }
}

impl Session {
    /// Reads what a client wants written down; whether it wants that at all.
    pub(super) fn read_transcription(
        &self,
        value: &Value,
        path: &str,
    ) -> Result<Option<(Arc<Model>, u64)>, BadRequest> {
        let object = match value {
            Value::Null => return Ok(None),
            Value::Object(object) => object,
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                return Err(invalid(path, "must be an object or `null`"));
            }
        };
        let mut prompt_bytes = 0_u64;
        for (name, value) in object {
            match name.as_str() {
                "model" | "language" | "languages" | "delay" => {}
                "prompt" | "keywords" => {
                    prompt_bytes = prompt_bytes.saturating_add(bytes(value));
                }
                _ => {
                    let at = below(path, name);
                    return Err(not_offered(&at, "is nothing that this gateway forwards"));
                }
            }
        }
        let at = below(path, "model");
        let name = object.get("model").and_then(Value::as_str);
        let name = name.ok_or_else(|| {
            invalid(&at, "has to be said: what writes down is billed, and each model otherwise")
        })?;
        let model = known_model(Endpoint::AudioTranscriptions, name, &self.catalog);
        let model = model.map_err(|why| BadRequest { param: Some(at.clone()), ..why })?;
        if self.hearing.model.as_ref().is_some_and(|known| known.id != model.id) {
            let why = "cannot be changed inside a session\nhint: begin another session";
            return Err(not_offered(&at, why));
        }
        let probe = Hearing { prompt_bytes, ..Hearing::default() };
        if probe.bound(model, AHEAD_MS).is_none() {
            let why = "writes down what cannot be bounded here\nhint: name `whisper-1`";
            return Err(not_offered(&at, why));
        }
        Ok(Some((Arc::clone(model), prompt_bytes)))
    }

    /// From here on a model writes down.
    pub(super) fn transcribes_with(&mut self, model: Arc<Model>, prompt_bytes: u64) {
        self.hearing.prompt_bytes = self.hearing.prompt_bytes.max(prompt_bytes);
        self.hearing.model = Some(model);
    }

    /// Sends an event once there is money for so much audio. `None`: there is.
    pub(super) fn pay_for_hearing(
        &mut self,
        audio_ms: u64,
        then: Then,
    ) -> Result<Option<Then>, BadRequest> {
        if self.hearing.model.is_none() || self.hearing.covers(audio_ms) {
            return Ok(Some(then));
        }
        self.set_aside_for(audio_ms, then)
    }

    fn set_aside_for(&mut self, audio_ms: u64, then: Then) -> Result<Option<Then>, BadRequest> {
        let Some(model) = self.hearing.model.clone() else { return Ok(Some(then)) };
        if WAITING_MAX <= self.hearing.closing.len() {
            let why = format!("{WAITING_MAX} parts of what was said wait to be written down");
            return Err(invalid("audio", &format!("comes too fast: {why}")));
        }
        let covers_ms = audio_ms.saturating_add(AHEAD_MS);
        let bound = self.hearing.bound(&model, covers_ms).ok_or_else(|| {
            not_offered("audio", "would be written down, which cannot be bounded here")
        })?;
        let number = self.names.number();
        let ear = Ear {
            number,
            held: bound.cost,
            covers_ms,
            commit: None,
            items: Vec::new(),
            usage: Usage::default(),
            is_unknown: false,
        };
        self.hearing.wanted = Some(Wanted { ear, then });
        let purpose = Purpose::Transcription;
        let asked = HoldAsked { number, purpose, model, bound, silent: None };
        self.out.push_back(Output::Hold(Box::new(asked)));
        Ok(None)
    }

    /// Money for audio is set aside. Whether that was what it was for.
    pub(super) fn hearing_held(&mut self, number: u64) -> bool {
        let Some(Wanted { ear, then }) =
            self.hearing.wanted.take_if(|wanted| wanted.ear.number == number)
        else {
            return false;
        };
        if let Some(before) = self.hearing.current.replace(ear) {
            // It covers what the one before covered.
            self.out.push_back(Output::GiveBack { number: before.number });
        }
        match then {
            Then::Nothing => {}
            Then::Append(event) => self.send_append(*event),
            Then::Update(update) => self.send_update(update.0, update.1),
        }
        true
    }

    /// There is no money for audio. Whether that was what it was for.
    pub(super) fn hearing_not_held(&mut self, number: u64, error: &ErrorBody) -> bool {
        let Some(wanted) = self.hearing.wanted.take_if(|wanted| wanted.ear.number == number) else {
            return false;
        };
        let about = match &wanted.then {
            // What was sent before must not be committed any more.
            Then::Nothing => {
                self.audio.clearing();
                let clear = r#"{"type":"input_audio_buffer.clear"}"#;
                self.out.push_back(Output::Forward(clear.to_owned()));
                None
            }
            Then::Append(event) => event.event_id.clone(),
            Then::Update(update) => update.0.event_id.clone(),
        };
        self.tell_error(error, about.as_deref());
        true
    }

    /// The client has asked for a commit.
    pub(super) fn hearing_commits(&mut self, commit: u64) {
        if let Some(mut ear) = self.hearing.current.take() {
            ear.commit = Some(commit);
            self.hearing.closing.push(ear);
        }
    }

    /// The provider has refused it.
    pub(super) fn hearing_refused(&mut self, commit: u64) {
        let place = self.hearing.closing.iter().position(|ear| ear.commit == Some(commit));
        let Some(place) = place else { return };
        let mut ear = self.hearing.closing.swap_remove(place);
        ear.commit = None;
        if !ear.items.is_empty() {
            self.hearing.closing.push(ear);
        } else if self.hearing.current.is_none() {
            self.hearing.current = Some(ear);
        } else {
            self.out.push_back(Output::GiveBack { number: ear.number });
        }
    }

    /// The provider has committed a part, which is written down from here on.
    pub(super) fn hearing_committed(&mut self, item: Option<String>, was_asked: bool) {
        if !self.standing.may_transcribe() {
            return;
        }
        let item = (item.unwrap_or_default(), false);
        let waiting = self.hearing.closing.iter_mut().find(|ear| ear.commit.is_some());
        if let Some(ear) = waiting.filter(|_| was_asked) {
            ear.commit = None;
            ear.items.push(item);
            return;
        }
        match self.hearing.current.take() {
            Some(mut ear) => {
                ear.items.push(item);
                self.hearing.closing.push(ear);
            }
            None => match self.hearing.closing.last_mut() {
                // It covers as many parts as can come.
                Some(ear) => ear.items.push(item),
                None => return self.breach("it wrote down what nothing was set aside for"),
            },
        }
        if self.hearing.wanted.is_none() {
            let waiting_ms = self.audio.waiting_ms();
            if let Err(why) = self.pay_for_hearing(waiting_ms, Then::Nothing) {
                self.refuse(&why, None);
            }
        }
    }

    /// A part was written down, or that failed.
    pub(super) fn written_down(
        &mut self,
        item: Option<&str>,
        usage: Option<&str>,
        has_failed: bool,
        text: String,
    ) {
        let named = |known: &(String, bool)| Some(known.0.as_str()) == item && !known.1;
        let place = self.hearing.closing.iter().position(|ear| ear.items.iter().any(named));
        let Some(place) = place else {
            self.out.push_back(Output::Tell(text));
            return;
        };
        let ear = &mut self.hearing.closing[place];
        if let Some(item) = ear.items.iter_mut().find(|known| named(known)) {
            item.1 = true;
        }
        let read = usage.and_then(|json| read_usage(Endpoint::AudioTranscriptions, json));
        match read.and_then(|usage| ear.usage.checked_add(usage)) {
            Some(usage) => ear.usage = usage,
            // What failed in so many words is not billed, as a call that is refused is not.
            None => ear.is_unknown |= !has_failed,
        }
        if ear.commit.is_some() || ear.items.iter().any(|(_, is_done)| !is_done) {
            self.out.push_back(Output::Tell(text));
            return;
        }
        let ear = self.hearing.closing.swap_remove(place);
        let settlement = self.heard(&ear);
        let number = ear.number;
        self.out.push_back(Output::Settle { number, settlement, tell: Some(text) });
    }

    fn heard(&self, ear: &Ear) -> Settlement {
        if ear.is_unknown {
            return in_full(ear.held);
        }
        if ear.usage == Usage::default() {
            return Settlement::Release;
        }
        let prices = self.hearing.model.as_ref().and_then(|model| model.prices.as_ref());
        match prices.and_then(|prices| price(prices, ServiceTier::Default, &ear.usage).ok()) {
            Some(cost) => Settlement::Charge(Charge {
                usage: Some(ear.usage),
                cost,
                excess: cost.checked_sub(ear.held).unwrap_or(Usd::ZERO).max(Usd::ZERO),
                basis: Basis::Reported,
                estimated: false,
            }),
            None => in_full(ear.held),
        }
    }

    /// What covers audio is set aside anew, since no hold lasts for ever; what waits to be written
    /// down is given up.
    pub(super) fn hearing_is_old(&mut self, number: u64) {
        if let Some(place) = self.hearing.closing.iter().position(|ear| ear.number == number) {
            let ear = self.hearing.closing.swap_remove(place);
            let settlement = in_full(ear.held);
            self.out.push_back(Output::Settle { number, settlement, tell: None });
            return;
        }
        let current = self.hearing.current.as_ref().filter(|ear| ear.number == number);
        if current.is_none() || self.hearing.wanted.is_some() {
            return;
        }
        if self.audio.waiting_ms() == 0 {
            return self.hearing_rests();
        }
        let audio_ms = self.audio.waiting_ms();
        if let Err(why) = self.set_aside_for(audio_ms, Then::Nothing) {
            self.refuse(&why, None);
        }
    }

    /// Gives back what covers audio of which nothing is left to be committed.
    pub(super) fn hearing_rests(&mut self) {
        if let Some(ear) = self.hearing.current.take() {
            self.out.push_back(Output::GiveBack { number: ear.number });
        }
    }

    /// The client has left: what was not committed is thrown away, so that it never is.
    pub(super) fn hearing_leaves(&mut self) {
        self.hearing.wanted = None;
        if self.hearing.current.is_none() {
            return;
        }
        if self.audio.waiting_ms() == 0 {
            return self.hearing_rests();
        }
        self.audio.clearing();
        let clear = r#"{"type":"input_audio_buffer.clear"}"#;
        self.out.push_back(Output::Forward(clear.to_owned()));
    }

    /// Nothing more is heard of the provider.
    pub(super) fn hearing_ends(&mut self) {
        let closing = std::mem::take(&mut self.hearing.closing);
        for ear in closing.into_iter().chain(self.hearing.current.take()) {
            let settlement = in_full(ear.held);
            self.out.push_back(Output::Settle { number: ear.number, settlement, tell: None });
        }
    }
}
