//! Time as a node counts it.

/// Milliseconds on a node's own clock, which only goes forward and counts while the machine sleeps.
/// It says nothing about the calendar: leases are durations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Moment(u64);

impl Moment {
    /// The moment so many milliseconds after the clock began.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the clock began.
    pub const fn millis(self) -> u64 {
        self.0
    }

    /// The moment so many milliseconds later.
    #[must_use]
    pub const fn after(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Milliseconds since an earlier moment; zero if it is a later one.
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}
