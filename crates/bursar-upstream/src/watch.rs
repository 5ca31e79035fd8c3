//! An upstream's health as its calls share it. Locked for a few instructions, and only where there
//! is something to remember; told to the log when it changes, and then alone.

use std::fmt::Display;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bursar_kernel::{Clock, Timestamp};
use jiff::SignedDuration;
use tracing::{error, info};

use crate::health::{Health, Standing, Trouble, Verdict};
use crate::upstream::Provider;

/// After how long without a word an upstream counts as silent: longer than a long answer takes to
/// begin, and shorter than a call may last.
const SILENT_AFTER: SignedDuration = SignedDuration::from_mins(5);

/// What is remembered of an upstream.
#[derive(Default)]
pub(crate) struct Watch {
    /// Whether there is anything to remember: most often there is not, and nothing is locked.
    is_ill: AtomicBool,
    health: Mutex<Health>,
}

/// Leave to call an upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    /// As any other.
    Call,
    /// To see whether it has recovered: nobody else is let at it meanwhile.
    Probe,
}

/// What a verdict changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Nothing,
    /// The first failure after it was well.
    First(Trouble),
    /// It takes no calls for so long.
    Out(Trouble, SignedDuration),
    /// It takes calls again.
    Back,
}

impl Watch {
    /// How it stands.
    pub(crate) fn standing(&self, now: Timestamp) -> Standing {
        if self.is_ill.load(Ordering::Acquire) { self.lock().standing(now) } else { Standing::In }
    }

    /// Leave for a call that begins now, if it is still to be had.
    pub(crate) fn enter(&self, now: Timestamp) -> Option<Leave> {
        if !self.is_ill.load(Ordering::Acquire) {
            return Some(Leave::Call);
        }
        let mut health = self.lock();
        match health.standing(now) {
            Standing::In => Some(Leave::Call),
            Standing::Due(_) => health.take_probe(now).then_some(Leave::Probe),
            Standing::Out(..) => None,
        }
    }

    fn learn(&self, verdict: Verdict, leave: Leave, now: Timestamp) -> Change {
        if verdict == Verdict::Well && !self.is_ill.load(Ordering::Acquire) {
            return Change::Nothing;
        }
        let mut health = self.lock();
        let (was_well, before) = (health.is_well(), health.standing(now));
        health.learn(verdict, leave == Leave::Probe, now);
        self.is_ill.store(!health.is_well(), Ordering::Release);
        match (before, health.standing(now), verdict) {
            (Standing::In, Standing::Out(trouble, until), _) => {
                Change::Out(trouble, until.duration_since(now))
            }
            (Standing::Due(_) | Standing::Out(..), Standing::In, _) => Change::Back,
            (Standing::In, Standing::In, Verdict::Ill(trouble)) if was_well => {
                Change::First(trouble)
            }
            (_, _, _) => Change::Nothing,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Provider {
    /// Whether it takes calls, as this process has seen it.
    pub fn standing(&self, now: Timestamp) -> Standing {
        self.watch.standing(now)
    }

    /// Learns what became of a call, and tells the log if that changes anything. `said` is what it
    /// said, without anything secret.
    pub fn learn(&self, verdict: Verdict, leave: Leave, said: &dyn Display, now: Timestamp) {
        let name = &self.name;
        match self.watch.learn(verdict, leave, now) {
            Change::Nothing => {}
            Change::First(trouble) => {
                error!(upstream.name = name, %said, "upstream `{name}` {}", trouble.words());
            }
            // It is the provider's everyday way to say so, and the next call goes elsewhere.
            Change::Out(Trouble::Busy, long) => {
                info!(
                    upstream.name = name, %said,
                    "upstream `{name}` {}: left alone for {} s", Trouble::Busy.words(),
                    long.as_secs()
                );
            }
            Change::Out(trouble, long) => {
                error!(
                    upstream.name = name, %said,
                    "upstream `{name}` {}: left alone for {} s", trouble.words(), long.as_secs()
                );
            }
            Change::Back => info!(upstream.name = name, "upstream `{name}` takes calls again"),
        }
    }
}

/// A call of an upstream, which tells how it went. One that never does frees its probe, and after
/// a while in which nothing came counts as silence.
pub struct Trial {
    /// Whose call it is.
    pub provider: Arc<Provider>,
    leave: Leave,
    began: Timestamp,
    clock: Arc<dyn Clock>,
    /// Whether there is nothing more to tell where nothing is told.
    is_told: bool,
}

impl Trial {
    /// A call that begins now.
    pub fn begin(provider: Arc<Provider>, leave: Leave, clock: &Arc<dyn Clock>) -> Self {
        let began = clock.now();
        Self { provider, leave, began, clock: Arc::clone(clock), is_told: false }
    }

    /// An answer begins. That is all that a probe has to know; how it ends is told by any call.
    pub fn answers(&mut self) {
        self.is_told = true;
        if self.leave == Leave::Probe {
            self.provider.learn(Verdict::Well, self.leave, &"", self.clock.now());
            self.leave = Leave::Call;
        }
    }

    /// Tells how it went.
    pub fn tell(mut self, verdict: Verdict, said: &dyn Display) {
        self.is_told = true;
        self.provider.learn(verdict, self.leave, said, self.clock.now());
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        if self.is_told {
            return;
        }
        let now = self.clock.now();
        if self.began + SILENT_AFTER <= now {
            let said = "nothing came in time";
            self.provider.learn(Verdict::Ill(Trouble::Silent), self.leave, &said, now);
        } else if self.leave == Leave::Probe {
            self.provider.watch.lock().forget_probe();
        }
    }
}

#[cfg(test)]
mod tests {
    //! What a log hears of: changes.

    use super::*;

    #[test]
    fn a_log_hears_of_changes_alone() {
        let (watch, began) = (Watch::default(), Timestamp::UNIX_EPOCH);
        let seconds = SignedDuration::from_secs;
        let gone = Verdict::Ill(Trouble::Unreachable);
        for (second, verdict, leave, change) in [
            (0, Verdict::Well, Leave::Call, Change::Nothing),
            (0, gone, Leave::Call, Change::First(Trouble::Unreachable)),
            (0, gone, Leave::Call, Change::Nothing),
            (0, gone, Leave::Call, Change::Out(Trouble::Unreachable, seconds(5))),
            (1, gone, Leave::Call, Change::Nothing),
            (5, gone, Leave::Probe, Change::Nothing),
            (15, Verdict::Well, Leave::Probe, Change::Back),
            (16, Verdict::Well, Leave::Call, Change::Nothing),
            (17, Verdict::Cooling(seconds(7)), Leave::Call, Change::Out(Trouble::Busy, seconds(7))),
        ] {
            let now = began + seconds(second);
            assert_eq!(watch.enter(now).is_some(), leave == Leave::Probe || second != 1);
            assert_eq!(watch.learn(verdict, leave, now), change, "at {second}: {verdict:?}");
        }
        assert_eq!(watch.enter(began + seconds(20)), None);
        assert_eq!(watch.enter(began + seconds(24)), Some(Leave::Probe));
        assert_eq!(watch.enter(began + seconds(24)), None, "one at a time");
    }
}
