//! What keeps money safe, each with a name, so that a simulation can take it out and see it missed.

/// Something without which money would be lost or spent twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// Nothing is authorised past the durable watermark.
    Watermark,
    /// Nothing is authorised when the lease's time is over.
    LeaseTime,
    /// Lease time counts from before the node asked, not from the answer.
    TimeFromAsking,
    /// A node that has not heard from the store for two seconds authorises nothing.
    Silence,
    /// A hold is as large as what the call may cost: it is never cut to what is left.
    WholeHold,
    /// A call that others wait in front of does not overtake them.
    Line,
    /// What is called gone is gone: the store has been asked, and nobody has any of it.
    AskedFirst,
    /// What a call may still cost stays covered when the watermark falls.
    CoverInFlight,
    /// Only of a lease that it knows has ended does a node say that nothing is in flight.
    LastWord,
}

impl Guard {
    /// Every guard.
    pub const ALL: [Self; 9] = [
        Self::Watermark,
        Self::LeaseTime,
        Self::TimeFromAsking,
        Self::Silence,
        Self::WholeHold,
        Self::Line,
        Self::AskedFirst,
        Self::CoverInFlight,
        Self::LastWord,
    ];
}

/// Which guards are up: all of them, always, but in a simulation that takes one out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Guards {
    #[cfg(feature = "guards")]
    without: Option<Guard>,
}

impl Guards {
    /// All but one.
    #[cfg(feature = "guards")]
    pub const fn without(guard: Guard) -> Self {
        Self { without: Some(guard) }
    }

    /// Whether a guard is up.
    #[cfg(feature = "guards")]
    pub(crate) fn up(self, guard: Guard) -> bool {
        self.without != Some(guard)
    }

    /// Whether a guard is up.
    #[cfg(not(feature = "guards"))]
    #[expect(clippy::unused_self, reason = "the simulation's guards are asked in the same way")]
    pub(crate) const fn up(self, _guard: Guard) -> bool {
        true
    }
}
