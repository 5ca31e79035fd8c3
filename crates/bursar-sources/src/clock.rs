//! The system's clock, and one that the demonstration can turn.

use std::sync::atomic::{AtomicI64, Ordering};

use bursar_kernel::{Clock, Timestamp};

/// The system's clock, in whole milliseconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    fn now(&self) -> Timestamp {
        whole_milliseconds(Timestamp::now())
    }
}

/// The system's clock, ahead (or behind) by as much as somebody turned it.
#[derive(Debug, Default)]
pub struct TurnableClock {
    offset_ms: AtomicI64,
}

impl TurnableClock {
    /// A clock that is ahead by so many milliseconds.
    pub fn ahead_by(offset_ms: i64) -> Self {
        Self { offset_ms: AtomicI64::new(offset_ms) }
    }

    /// By how many milliseconds it is ahead of the system's.
    pub fn offset_ms(&self) -> i64 {
        self.offset_ms.load(Ordering::Acquire)
    }

    /// Turns it so that it shows this instant now, and runs on from there.
    pub fn turn_to(&self, at: Timestamp) {
        let offset = at.as_millisecond().saturating_sub(SystemClock.now().as_millisecond());
        self.offset_ms.store(offset, Ordering::Release);
    }
}

impl Clock for TurnableClock {
    fn now(&self) -> Timestamp {
        let millis = SystemClock.now().as_millisecond().saturating_add(self.offset_ms());
        Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX)
    }
}

fn whole_milliseconds(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}
