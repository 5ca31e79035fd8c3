//! The double: its sessions, its memory of requests, and the way to pay at its page.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use bursar_kernel::{Clock, Timestamp};
use secrecy::SecretString;

use crate::answer::{Answer, Refusal};
use crate::card::{CardForm, NotPaid, try_card};
use crate::session::{Opened, Session, Status};
use crate::{api, page};

/// Sessions that are remembered.
const SESSIONS_MAX: usize = 10_000;
/// Answers that are remembered for repeated requests.
const ANSWERS_MAX: usize = 20_000;
/// How long a repeated request gets the same answer: Stripe's own promise.
const ANSWER_LIFE: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

/// What a double is made of.
pub struct DoubleConfig {
    /// The one key that it takes.
    pub key: SecretString,
    /// Where its hosted pages are reached, without a trailing slash: what [`Double::pages`] is
    /// served under.
    pub pages_url: String,
    /// What tells it the time.
    pub clock: Arc<dyn Clock>,
}

/// A double of Stripe.
pub struct Double {
    pub(crate) key: SecretString,
    pages_url: String,
    clock: Arc<dyn Clock>,
    pub(crate) asking: Mutex<()>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    sessions: HashMap<String, Session>,
    answers: HashMap<String, Kept>,
}

/// An answer that was given under a key.
struct Kept {
    asked: blake3::Hash,
    answer: Answer,
    at: Timestamp,
}

impl Double {
    /// A double that knows nothing yet.
    pub fn new(config: DoubleConfig) -> Arc<Self> {
        let DoubleConfig { key, pages_url, clock } = config;
        Arc::new(Self { key, pages_url, clock, asking: Mutex::default(), state: Mutex::default() })
    }

    /// Its API: `/v1/checkout/sessions` and what belongs to it.
    pub fn api(self: &Arc<Self>) -> Router {
        api::router(Arc::clone(self))
    }

    /// Its hosted pages, to be served under the address that it was given for them.
    pub fn pages(self: &Arc<Self>) -> Router {
        page::router(Arc::clone(self))
    }

    /// Pays at a hosted page, as its form does. Gives the address that the browser goes on to.
    pub fn pay(&self, session: &str, form: &CardForm<'_>) -> Result<String, NotPaid> {
        let now = self.clock.now();
        let mut state = self.state();
        let session = state.sessions.get_mut(session).ok_or(NotPaid::Closed)?;
        session.age(now);
        match session.status(now) {
            Status::Complete => return Ok(on_to(session)),
            Status::Expired => return Err(NotPaid::Closed),
            Status::Open => {}
        }
        let tried = try_card(form, now)?;
        session.tried(draw("pi_"), tried.card, tried.decline, now);
        match tried.decline {
            Some(decline) => Err(NotPaid::Declined(decline)),
            None => Ok(on_to(session)),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn url_of(&self, session: &str) -> String {
        format!("{}/{session}", self.pages_url)
    }

    pub(crate) fn open(&self, opened: Opened) -> Result<Session, Refusal> {
        let now = self.clock.now();
        let mut state = self.state();
        if SESSIONS_MAX <= state.sessions.len() {
            return Err(Refusal::full());
        }
        let session = Session { id: draw("cs_test_"), opened, created: now, intent: None };
        state.sessions.insert(session.id.clone(), session.clone());
        Ok(session)
    }

    pub(crate) fn session(&self, id: &str) -> Option<Session> {
        let mut state = self.state();
        let session = state.sessions.get_mut(id)?;
        session.age(self.clock.now());
        Some(session.clone())
    }

    /// Changes the session of a payment.
    pub(crate) fn change(
        &self,
        intent: &str,
        step: impl FnOnce(&mut Session) -> Result<(), Refusal>,
    ) -> Result<Session, Refusal> {
        let mut state = self.state();
        let is_it = |session: &&mut Session| {
            session.intent.as_ref().is_some_and(|found| found.id == intent)
        };
        let found = state.sessions.values_mut().find(is_it);
        let session = found.ok_or_else(|| Refusal::missing("payment_intent"))?;
        session.age(self.clock.now());
        step(session)?;
        Ok(session.clone())
    }

    /// What was answered under a key before; a refusal if it stood for another request.
    pub(crate) fn answered(&self, key: &str, asked: blake3::Hash) -> Option<Answer> {
        let now = self.clock.now();
        let state = self.state();
        let kept = state.answers.get(key).filter(|kept| now < kept.at + ANSWER_LIFE)?;
        if kept.asked == asked {
            Some(kept.answer.clone())
        } else {
            Some(Refusal::another_request().answer())
        }
    }

    /// Remembers what was answered under a key.
    pub(crate) fn remember(&self, key: String, asked: blake3::Hash, answer: &Answer) {
        let now = self.clock.now();
        let mut state = self.state();
        if ANSWERS_MAX <= state.answers.len() {
            state.answers.retain(|_, kept| now < kept.at + ANSWER_LIFE);
        }
        if state.answers.len() < ANSWERS_MAX {
            state.answers.insert(key, Kept { asked, answer: answer.clone(), at: now });
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where the browser goes once the card was taken.
pub(crate) fn on_to(session: &Session) -> String {
    session.opened.success_url.replace("{CHECKOUT_SESSION_ID}", &session.id)
}

/// A name that was never given before, also not before a restart.
#[expect(clippy::disallowed_methods, reason = "the double stands apart from the service's chance")]
fn draw(prefix: &str) -> String {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    let mut name = prefix.to_owned();
    for byte in bytes {
        let _ = write!(name, "{byte:02x}");
    }
    name
}
