//! What pages cost after a year of one busy program, beside the same pages of a quiet grant.
//!
//! `cargo xtask bench year COUNT` makes an installation with so many calls below `target/bench`, or
//! takes the one that is there, and measures pages, statements and jobs on its busiest grant.

mod fill;
mod pages;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use bursar_kernel::{Clock, ProgramId, Timestamp};
use bursar_service::{Parts, Service};
use bursar_store_sqlite::SqliteStore;

use fill::Year;

/// Calls of the year, unless an argument says how many.
const CALLS: u64 = 10_000_000;
/// Calls of the installation that is the baseline of what looks at all grants.
const CALLS_OF_THE_QUIET_YEAR: u64 = 1_000;

/// A clock that stands where the year is.
pub(crate) struct YearClock(AtomicI64);

impl YearClock {
    pub(crate) fn turn_to(&self, at: Timestamp) {
        self.0.store(at.as_millisecond(), Ordering::Release);
    }
}

impl Clock for YearClock {
    fn now(&self) -> Timestamp {
        let millis = self.0.load(Ordering::Acquire);
        Timestamp::from_millisecond(millis).expect("the year is within the calendar")
    }
}

/// An installation at the end of its year.
pub(crate) struct Installation {
    pub(crate) store: Arc<SqliteStore>,
    pub(crate) service: Arc<Service>,
    pub(crate) clock: Arc<YearClock>,
}

impl Installation {
    pub(crate) fn open(folder: &Path) -> Self {
        let store = Arc::new(SqliteStore::open(folder).expect("the installation opens"));
        let clock = Arc::new(YearClock(AtomicI64::new(0)));
        clock.turn_to(fill::begins());
        let catalog = bursar_catalog::shipped();
        let service = Service::new(Parts {
            master_keys: bursar_service::MasterKeys::named("none/master.key".into()),
            institutions: bursar_kernel::Institutions::default(),
            store: Arc::clone(&store) as _,
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            programs: bursar_program::shipped(&catalog),
            earlier: Vec::new(),
            listed: Vec::new(),
            catalog: Arc::new(catalog),
            base_url: "http://portal.test".to_owned(),
            market: bursar_service::MarketSettings::default(),
            payments: None,
        });
        Self { store, service, clock }
    }
}

pub(crate) fn program() -> ProgramId {
    ProgramId::new("openai-researcher-access")
}

fn main() {
    let asked = std::env::args().skip(1).find_map(|word| word.parse().ok());
    let calls: u64 = asked.unwrap_or(CALLS);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_time().build();
    runtime.expect("a runtime starts").block_on(async {
        let (quiet, _) = year(CALLS_OF_THE_QUIET_YEAR).await;
        let (busy, grants) = year(calls).await;
        for line in pages::measured(&quiet, &busy, grants).await {
            writeln!(std::io::stdout().lock(), "{line}").expect("somebody reads");
        }
    });
}

/// An installation after a year of so many calls, made unless it is there.
async fn year(calls: u64) -> (Installation, Year) {
    let folder = folder(calls);
    if let Some(found) = fill::found(&folder, calls).await {
        return found;
    }
    fill::fill(&folder, calls).await;
    fill::found(&folder, calls).await.expect("what was filled is there")
}

fn folder(calls: u64) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    root.expect("the crate lies in the tree").join("target/bench").join(format!("year-{calls}"))
}

/// Says how far it is.
pub(crate) fn say(line: &str) {
    writeln!(std::io::stderr().lock(), "{line}").expect("somebody reads");
}
