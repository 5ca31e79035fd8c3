//! The sandbox as its owner holds it.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use bursar_kernel::{Catalog, Clock};

use crate::cache::PrefixCache;
use crate::door;
use crate::log::{CALLS_REMEMBERED_MAX, CallLog, LoggedCall};
use crate::profile::{Failure, Profile, ProfileError};
use crate::shelf::Shelf;

/// What a sandbox is made from.
pub struct SandboxConfig {
    /// The models it serves, whatever their shutdown dates say.
    pub catalog: Arc<Catalog>,
    /// The bearer token that it demands; `None` lets everybody in.
    pub api_key: Option<String>,
    /// What the time is, for the `created` of an answer.
    pub clock: Arc<dyn Clock>,
    /// How slow, broken or dishonest it begins. [`Profile::check`] says whether that makes sense;
    /// what does not has no effect.
    pub profile: Profile,
}

/// A running sandbox: its router to serve, its profile to turn, its log to read. Clones share one.
#[derive(Clone)]
pub struct Sandbox {
    pub(crate) state: Arc<State>,
}

pub(crate) struct State {
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) api_key: Option<String>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) log: Arc<CallLog>,
    pub(crate) cache: Mutex<PrefixCache>,
    pub(crate) shelf: Mutex<Shelf>,
    turns: Mutex<Turns>,
}

/// The profile, and how many calls it has seen.
struct Turns {
    profile: Profile,
    calls: u64,
}

/// A router that serves a new sandbox, for those who never turn its profile from inside.
pub fn router(config: SandboxConfig) -> Router {
    Sandbox::new(config).router()
}

impl Sandbox {
    /// A new sandbox.
    pub fn new(config: SandboxConfig) -> Self {
        let SandboxConfig { catalog, api_key, clock, profile } = config;
        let turns = Mutex::new(Turns { profile, calls: 0 });
        let (log, cache, shelf) = (Arc::default(), Mutex::default(), Mutex::default());
        Self { state: Arc::new(State { catalog, api_key, clock, log, cache, shelf, turns }) }
    }

    /// Its router: `/v1/...` as the provider has it, and `/sandbox/...` to turn and read it.
    pub fn router(&self) -> Router {
        door::router(self.clone())
    }

    /// The profile in force.
    pub fn profile(&self) -> Profile {
        self.state.profile()
    }

    /// Puts another profile in force for the calls to come; its count of calls begins anew.
    pub fn set_profile(&self, profile: Profile) -> Result<(), ProfileError> {
        profile.check()?;
        let mut turns = self.state.turns.lock().unwrap_or_else(PoisonError::into_inner);
        *turns = Turns { profile, calls: 0 };
        Ok(())
    }

    /// The calls of late, oldest first: ten thousand of them at the most.
    pub fn log(&self) -> Vec<LoggedCall> {
        self.state.log.last(CALLS_REMEMBERED_MAX)
    }
}

impl State {
    pub(crate) fn profile(&self) -> Profile {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner).profile.clone()
    }

    /// Counts a call under the profile in force; also the failure that strikes it, if one does.
    pub(crate) fn turn(&self) -> (Profile, Option<Failure>) {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.calls += 1;
        let failure = turns.profile.fail.clone().filter(|failure| failure.strikes(turns.calls));
        (turns.profile.clone(), failure)
    }
}
