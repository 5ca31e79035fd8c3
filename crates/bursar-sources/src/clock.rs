//! The system's clock, and one that the demonstration can turn.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bursar_kernel::{Clock, Timestamp};
use rustix::time::{ClockId, clock_gettime};

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

/// How long something takes, on a clock that nobody sets and that goes on while the machine sleeps.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch {
    began: Duration,
}

impl Stopwatch {
    /// A watch that begins now.
    pub fn start() -> Self {
        Self { began: since_boot() }
    }

    /// How long ago it began.
    pub fn elapsed(&self) -> Duration {
        since_boot().saturating_sub(self.began)
    }
}

fn since_boot() -> Duration {
    let now = clock_gettime(ClockId::Boottime);
    Duration::try_from(now).unwrap_or(Duration::MAX)
}

fn whole_milliseconds(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}
