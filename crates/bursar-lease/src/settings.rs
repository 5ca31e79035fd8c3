//! The numbers that a node and its lender go by. Each says why it is what it is.

use bursar_kernel::Usd;

/// What a node and its lender go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The least that a slice is, while the lot affords it: below it a loan is not worth a commit.
    pub slice_min: Usd,
    /// How long a slice should last at the rate it is spent.
    pub refresh_ms: u64,
    /// How long a lease is for. A node that is cut off stops spending within this time.
    pub term_ms: u64,
    /// How much slower a node's clock may run than the store's, in parts of a thousand.
    pub drift_per_mille: u64,
    /// A slice that nothing was spent from for so long goes back.
    pub idle_ms: u64,
    /// A call that lasts longer than this is written as begun; most calls of a burst never are.
    pub begin_after_ms: u64,
    /// How long a call waits for others in flight to free enough.
    pub patience_ms: u64,
    /// How long after an answer that lent too little the store is asked again.
    pub ask_again_ms: u64,
    /// A node that has not heard from the store for so long authorises nothing.
    pub silence_max_ms: u64,
    /// How often leases are looked at that nothing has happened to, for what time alone brings.
    pub look_every_ms: u64,
    /// Calls in flight at one node, with those that wait to be written.
    pub calls_max: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            slice_min: Usd::from_nanos(50_000_000),
            refresh_ms: 2_000,
            term_ms: 10_000,
            drift_per_mille: 10,
            idle_ms: 5_000,
            begin_after_ms: 50,
            patience_ms: 30_000,
            ask_again_ms: 500,
            silence_max_ms: 2_000,
            look_every_ms: 10,
            calls_max: bursar_kernel::limits::CALLS_IN_FLIGHT_MAX,
        }
    }
}
