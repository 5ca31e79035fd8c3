//! How fast each holder calls, and whether one more call may go: in memory, on the parts of their
//! limits that this process has borrowed.

mod asking;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bursar_kernel::{Clock, Model, PersonId, RateLimit, Timestamp};
use bursar_node::Borrower;
use bursar_policy::{Hindrance, Measure, Pace, RateOf, Room, Size, Slot, TooFast};
use bursar_store::Store;
use jiff::SignedDuration;

use crate::{Caller, Calls};

use self::asking::{Answered, Waiting};

/// How often a call that finds no room here waits for the store's answer: others that waited with
/// it may have taken what came.
const TRIES: u32 = 4;
/// How long it waits in all. A store that is slower than this is out of reach.
const WAITS_FOR: Duration = Duration::from_secs(3);
/// How long nobody asks again after the store said that there is no more.
const FULL_FOR: SignedDuration = SignedDuration::from_secs(1);

type Wanted = [u64; Measure::OF_CALLS.len()];

/// How fast each holder calls. What is remembered of one is forgotten a minute after its last call,
/// so there are as many as holders and classes of models that call at a time.
pub(crate) struct Paces {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    borrower: Arc<Borrower>,
    is_shared: bool,
    /// Never locked across an await.
    by: Mutex<HashMap<RateOf, Arc<Paced>>>,
    is_tended: Mutex<bool>,
}

/// How fast one holder calls the models of one class. One that is at its limit keeps nobody else
/// from theirs: each has a lock of its own.
#[derive(Debug)]
pub(crate) struct Paced {
    of: RateOf,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    pace: Pace,
    /// What the calls that wait for the store's answer take together.
    wanted: Wanted,
    /// The question that is out, for whoever waits for its answer: one at a time.
    asking: Option<Answered>,
    /// Others need what is not used here, and a question is out.
    is_asked_back: bool,
    /// Grows when all that was lent is lost: an answer to what was asked before is worth nothing.
    life: u64,
}

impl Paced {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Paces {
    pub(crate) fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        borrower: Arc<Borrower>,
    ) -> Arc<Self> {
        let is_shared = store.is_shared();
        let (by, is_tended) = (Mutex::default(), Mutex::default());
        Arc::new(Self { store, clock, borrower, is_shared, by, is_tended })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<RateOf, Arc<Paced>>> {
        self.by.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn known(&self, of: &RateOf) -> Option<Arc<Paced>> {
        self.lock().get(of).cloned()
    }

    fn of(self: &Arc<Self>, of: RateOf) -> Arc<Paced> {
        if let Some(known) = self.known(&of) {
            return known;
        }
        self.tend();
        let new = || {
            let pace = Pace::new(self.is_shared);
            let (wanted, asking, is_asked_back, life) = (Wanted::default(), None, false, 0);
            let state = Mutex::new(State { pace, wanted, asking, is_asked_back, life });
            Arc::new(Paced { of: of.clone(), state })
        };
        Arc::clone(self.lock().entry(of.clone()).or_insert_with(new))
    }

    fn all(&self) -> Vec<Arc<Paced>> {
        self.lock().values().cloned().collect()
    }

    fn all_of(&self, holder: PersonId) -> Vec<Arc<Paced>> {
        let by = self.lock();
        let all = by.iter().filter(|(of, _)| of.holder == holder);
        all.map(|(_, paced)| Arc::clone(paced)).collect()
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Lets a call go, or says why not.
    async fn take(
        self: &Arc<Self>,
        of: RateOf,
        limit: &RateLimit,
        size: Size,
    ) -> Result<RateSlot, RateRefused> {
        let paced = self.of(of);
        let began = tokio::time::Instant::now();
        for _ in 0..TRIES {
            // The instant first: at that instant what is lent here still was.
            let now = self.now();
            if !self.borrower.is_in_touch() {
                return Err(RateRefused::Unavailable);
            }
            let waiting = {
                let mut state = paced.lock();
                match state.pace.take(limit, size, now) {
                    Ok(slot) => {
                        let slot = Some(slot);
                        return Ok(RateSlot { paced: Arc::clone(&paced), slot });
                    }
                    Err(Hindrance::TooFast(too_fast)) => {
                        return Err(RateRefused::TooFast(too_fast));
                    }
                    Err(Hindrance::NotHere) => self.wait(&paced, &mut state, limit, size),
                }
            };
            if !waiting.until(began + WAITS_FOR).await {
                return Err(RateRefused::Unavailable);
            }
        }
        // Others took what came, each time.
        let mut state = paced.lock();
        let now = self.now();
        state.pace.asked(&Pace::takes(size), now + FULL_FOR);
        match state.pace.take(limit, size, now) {
            Ok(slot) => Ok(RateSlot { paced: Arc::clone(&paced), slot: Some(slot) }),
            Err(Hindrance::TooFast(too_fast)) => Err(RateRefused::TooFast(too_fast)),
            Err(Hindrance::NotHere) => Err(RateRefused::Unavailable),
        }
    }

    /// Waits for the answer to the question that is out; without one, a question goes out.
    fn wait(
        self: &Arc<Self>,
        paced: &Arc<Paced>,
        state: &mut State,
        limit: &RateLimit,
        size: Size,
    ) -> Waiting {
        let takes = Pace::takes(size);
        add(&mut state.wanted, &takes);
        let answered = match &state.asking {
            Some(answered) => answered.clone(),
            None => self.ask(paced, state, *limit),
        };
        Waiting::new(paced, takes, answered)
    }
}

fn add(wanted: &mut Wanted, takes: &Wanted) {
    for (sum, more) in wanted.iter_mut().zip(takes) {
        *sum = sum.saturating_add(*more);
    }
}

fn subtract(wanted: &mut Wanted, takes: &Wanted) {
    for (sum, less) in wanted.iter_mut().zip(takes) {
        *sum = sum.saturating_sub(*less);
    }
}

/// A call's place in its holder's limits, until it has ended.
#[derive(Debug)]
pub struct RateSlot {
    paced: Arc<Paced>,
    slot: Option<Slot>,
}

impl RateSlot {
    /// Says how many tokens the call took in the end: what it did not take is free again.
    pub fn settle(mut self, tokens: u64) {
        self.end(Some(tokens));
    }

    /// The call is not sent after all: it has taken nothing of any limit.
    pub fn give_back(mut self) {
        if let Some(slot) = self.slot.take() {
            self.paced.lock().pace.undo(slot);
        }
    }

    fn end(&mut self, tokens: Option<u64>) {
        if let Some(slot) = self.slot.take() {
            self.paced.lock().pace.end(slot, tokens);
        }
    }
}

impl Drop for RateSlot {
    fn drop(&mut self) {
        // Nobody knows how many tokens it took; it is in flight no more.
        self.end(None);
    }
}

/// Why a call may not go now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RateRefused {
    /// The holder's tier does not open the model's class.
    #[error("the tier does not open the model")]
    Closed,
    /// The holder is at a limit.
    #[error("the limit is reached")]
    TooFast(TooFast),
    /// The store is out of reach, and nobody can say what others have let through.
    #[error("nobody can say what other servers have let through")]
    Unavailable,
}

impl Calls {
    /// Whether a call could go, for all that is known here. Takes nothing, and asks nobody.
    pub fn may_go(&self, caller: &Caller, model: &Model) -> Result<(), RateRefused> {
        let Some((of, limit)) = rate_of(caller, model)? else { return Ok(()) };
        let Some(paced) = self.paces.known(&of) else { return Ok(()) };
        let checked = paced.lock().pace.check(&limit, Size::default(), self.now());
        match checked {
            Ok(()) | Err(Hindrance::NotHere) => Ok(()),
            Err(Hindrance::TooFast(too_fast)) => Err(RateRefused::TooFast(too_fast)),
        }
    }

    /// Whether the caller's tier opens a model at all.
    pub fn opens(&self, caller: &Caller, model: &Model) -> Result<(), RateRefused> {
        rate_of(caller, model).map(drop)
    }

    /// Lets a call of at most such a size go, or says why not. `None` where nothing limits it.
    ///
    /// In memory, where what was borrowed has room; else it waits for one answer of the store's,
    /// which all that wait share.
    pub async fn take_slot(
        &self,
        caller: &Caller,
        model: &Model,
        size: Size,
    ) -> Result<Option<RateSlot>, RateRefused> {
        let Some((of, limit)) = rate_of(caller, model)? else { return Ok(None) };
        self.paces.take(of, &limit, size).await.map(Some)
    }

    /// What is left of the limits on a caller's calls to a model; `None` where nothing limits them.
    pub fn rate_room(&self, caller: &Caller, model: &Model) -> Option<Room> {
        let (of, limit) = rate_of(caller, model).ok()??;
        let now = self.now();
        Some(match self.paces.known(&of) {
            Some(paced) => paced.lock().pace.room(&limit, now),
            None => Pace::new(false).room(&limit, now),
        })
    }
}

/// Which pace a call counts in, and what limits it; `None` where nothing does.
pub(crate) fn rate_of(
    caller: &Caller,
    model: &Model,
) -> Result<Option<(RateOf, RateLimit)>, RateRefused> {
    let Some(tier) = caller.tier() else { return Ok(None) };
    let program = caller.program();
    let class = program.tiers.class_of(model).ok_or(RateRefused::Closed)?;
    let limit = tier.limits.get(&class.id).ok_or(RateRefused::Closed)?;
    if *limit == RateLimit::default() {
        return Ok(None);
    }
    let (program, class) = (program.id.clone(), class.id.clone());
    Ok(Some((RateOf { holder: caller.holder(), program, class }, *limit)))
}
