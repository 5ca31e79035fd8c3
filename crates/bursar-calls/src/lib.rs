//! The path of a call: who calls, whether it may go now, what is set aside for it and what it cost.
//! Never asks who else may do what: people's use cases are elsewhere, and nothing here needs them.

mod account;
mod belongings;
mod call;
mod directory;
mod money;
mod operations;
mod pace;
mod peers;
mod prices;
mod sealed;
mod stops;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use bursar_kernel::{Catalog, Clock, HoldId, Program, ProgramId, Timestamp};
use bursar_node::{Borrower, Recalled};
use bursar_sources::{MasterKeys, entropy};
use bursar_store::Store;
use tokio::sync::RwLock;

pub use account::Credit;
pub use call::{Amount, Begun, CallHold, HoldRefused, Settled, SettledCall};
pub use directory::{Caller, Directory};
pub use operations::{Known, NewOperation, OperationEnd};
pub use pace::{RateRefused, RateSlot};
pub use peers::{InTouch, OutOfTouch};
pub use stops::Switch;

/// What is known of callers and calls in this process, and what it has borrowed for them.
pub struct Calls {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    prices: prices::PriceBook,
    master_keys: MasterKeys,
    upstream_keys: sealed::UpstreamKeys,
    programs: Vec<Arc<Program>>,
    directory: Directory,
    switches: stops::Switches,
    borrower: Arc<Borrower>,
    orphans: call::Orphans,
    paces: Arc<pace::Paces>,
    /// Whether this process does what time drives.
    leads: AtomicBool,
    /// Where the clock can be turned: calls hold it open, and turning waits for them.
    turning: Option<Arc<RwLock<()>>>,
}

impl Calls {
    /// The calls of an installation, of which this process knows nothing yet. With a clock that can
    /// be turned, calls in flight end before it turns.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        catalog: Arc<Catalog>,
        master_keys: MasterKeys,
        programs: Vec<Arc<Program>>,
        clock_turns: bool,
    ) -> Self {
        // Alone until it is heard who else there is.
        let leads = !store.is_shared();
        let borrower = Borrower::new(Arc::clone(&store), Arc::clone(&clock), entropy::draw);
        let paces = pace::Paces::new(Arc::clone(&store), Arc::clone(&clock), Arc::clone(&borrower));
        Self {
            store,
            clock,
            prices: prices::PriceBook::new(catalog),
            master_keys,
            upstream_keys: sealed::UpstreamKeys::default(),
            programs,
            borrower,
            directory: Directory::default(),
            switches: stops::Switches::default(),
            orphans: call::Orphans::default(),
            paces,
            leads: AtomicBool::new(leads),
            turning: clock_turns.then(Arc::default),
        }
    }

    /// The present instant, in whole milliseconds, as the store keeps it.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What says when it is.
    pub const fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// The programs that run here.
    pub fn programs(&self) -> &[Arc<Program>] {
        &self.programs
    }

    /// A program that runs here.
    pub fn program(&self, id: &ProgramId) -> Option<&Arc<Program>> {
        self.programs.iter().find(|program| program.id == *id)
    }

    /// Who is known to call: to be told of whatever changes for a caller.
    pub const fn directory(&self) -> &Directory {
        &self.directory
    }

    /// What this process has borrowed.
    pub const fn borrower(&self) -> &Arc<Borrower> {
        &self.borrower
    }

    /// Holds whose owners died, each named once: nobody knows what their calls cost.
    pub fn take_orphans(&self) -> Vec<HoldId> {
        self.orphans.take()
    }

    /// What calls keep open while they are in flight, where the clock can be turned.
    pub fn turning(&self) -> Option<&RwLock<()>> {
        self.turning.as_deref()
    }

    /// Brings back all that is lent and not set aside, of money and of rate limits. No money is
    /// lent while the answer is kept.
    pub async fn bring_all_back(&self) -> Recalled<'_> {
        self.paces.give_all_back().await;
        self.borrower.bring_all_back().await
    }
}
