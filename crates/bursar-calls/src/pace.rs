//! How fast each holder calls, and whether one more call may go.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bursar_kernel::{Model, PersonId, ProgramId, RateClassId, RateLimit};
use bursar_policy::{Pace, Room, Slot, TooFast};

use crate::{Caller, Calls};

/// Paces that are remembered before the idle ones are forgotten.
const PACES_MAX: usize = 10_000;
type PaceOf = (PersonId, ProgramId, RateClassId);

/// How fast each holder calls. In memory and exact on one node; never locked across an await.
#[derive(Debug, Default)]
pub(crate) struct Paces(Mutex<HashMap<PaceOf, Pace>>);

impl Paces {
    fn lock(&self) -> MutexGuard<'_, HashMap<PaceOf, Pace>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call's place in its holder's limits.
#[derive(Debug)]
pub struct RateSlot {
    of: PaceOf,
    slot: Slot,
}

/// Why a call may not go now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateRefused {
    /// The holder's tier does not open the model's class.
    Closed,
    /// The holder is at a limit.
    TooFast(TooFast),
}

impl Calls {
    /// Whether a call could go now. Takes nothing.
    pub fn may_go(&self, caller: &Caller, model: &Model) -> Result<(), RateRefused> {
        let Some((of, limit)) = pace_of(caller, model)? else { return Ok(()) };
        let now = self.now();
        match self.paces.lock().get_mut(&of) {
            Some(pace) => pace.check(&limit, 0, now).map_err(RateRefused::TooFast),
            None => Ok(()),
        }
    }

    /// Lets a call with so many tokens at the most go, or says why not. `None` where nothing
    /// limits it.
    pub fn take_slot(
        &self,
        caller: &Caller,
        model: &Model,
        tokens: u64,
    ) -> Result<Option<RateSlot>, RateRefused> {
        let Some((of, limit)) = pace_of(caller, model)? else { return Ok(None) };
        let now = self.now();
        let mut paces = self.paces.lock();
        if PACES_MAX <= paces.len() {
            paces.retain(|_, pace| !pace.is_idle(now));
        }
        let pace = paces.entry(of.clone()).or_default();
        let slot = pace.take(&limit, tokens, now).map_err(RateRefused::TooFast)?;
        Ok(Some(RateSlot { of, slot }))
    }

    /// Says how many tokens a call took in the end.
    pub fn settle_slot(&self, slot: &RateSlot, tokens: u64) {
        if let Some(pace) = self.paces.lock().get_mut(&slot.of) {
            pace.settle(slot.slot, tokens);
        }
    }

    /// What is left of the limits on a caller's calls to a model; `None` where nothing limits them.
    pub fn rate_room(&self, caller: &Caller, model: &Model) -> Option<Room> {
        let (of, limit) = pace_of(caller, model).ok()??;
        let now = self.now();
        Some(self.paces.lock().entry(of).or_default().room(&limit, now))
    }
}

/// Which pace a call counts in, and what limits it; `None` where nothing does.
fn pace_of(caller: &Caller, model: &Model) -> Result<Option<(PaceOf, RateLimit)>, RateRefused> {
    let Some(tier) = caller.tier() else { return Ok(None) };
    let program = caller.program();
    let class = program.tiers.class_of(model).ok_or(RateRefused::Closed)?;
    let limit = tier.limits.get(&class.id).ok_or(RateRefused::Closed)?;
    if *limit == RateLimit::default() {
        return Ok(None);
    }
    Ok(Some(((caller.holder(), program.id.clone(), class.id.clone()), *limit)))
}
