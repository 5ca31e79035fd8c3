//! A server that nothing is heard of for a while, and that comes back: what it had of a rate limit
//! is not its own any more.
//!
//! The servers are inside this test, so that one of them can stand still beside its own memory,
//! and their clock can be turned.

use std::sync::Arc;
use std::time::Duration;

use bursar_calls::{Caller, InTouch, RateRefused, RateSlot};
use bursar_kernel::{Clock as _, Origin, ProgramId, Usd};
use bursar_policy::{Size, Viewer};
use bursar_postgres_fixture::Server;
use bursar_service::clock::TurnableClock;
use bursar_service::{IssueGrant, MarketSettings, MasterKeys, Parts, Service};
use bursar_store_postgres::PostgresStore;
use bursar_studies::NewKey;
use jiff::SignedDuration;
use tempfile::TempDir;

const PROGRAM: &str = "openai-researcher-access";
const MODEL: &str = "text-embedding-3-small";
/// What the lowest tier lets through of embeddings in a minute.
const LIMIT: usize = 100;
/// Longer than what a server waits before it takes itself for out of touch, or for dead.
const SILENT_FOR: Duration = Duration::from_millis(5_500);

/// By when it is in touch again, on a busy machine.
const BACK_WITHIN: Duration = Duration::from_secs(30);

/// A server without its doors.
struct Inside {
    service: Arc<Service>,
    caller: Option<Arc<Caller>>,
    _directory: TempDir,
}

impl Inside {
    async fn start(database: &str, clock: &Arc<TurnableClock>) -> (Self, InTouch) {
        let directory = tempfile::tempdir().unwrap();
        let catalog = Arc::new(bursar_catalog::shipped());
        let service = Service::new(Parts {
            store: Arc::new(PostgresStore::open(database).await.unwrap()),
            clock: Arc::clone(clock) as Arc<_>,
            programs: bursar_program::shipped(&catalog),
            earlier: Vec::new(),
            listed: Vec::new(),
            catalog,
            master_keys: MasterKeys::own(directory.path().join("master.key")),
            institutions: bursar_kernel::Institutions::default(),
            base_url: "https://portal.test".to_owned(),
            market: MarketSettings::default(),
            payments: None,
        });
        let in_touch = service.calls().join().await.unwrap();
        (Self { service, caller: None, _directory: directory }, in_touch)
    }

    async fn take(&self) -> Result<Option<RateSlot>, RateRefused> {
        let calls = self.service.calls();
        let model = calls.catalog().model(MODEL).cloned().unwrap();
        let size = Size { tokens: 1, images: 0 };
        calls.take_slot(self.caller.as_ref().unwrap(), &model, size).await
    }

    /// How many of so many calls may go.
    async fn through(&self, calls: usize) -> usize {
        let mut through = 0;
        for _ in 0..calls {
            through += usize::from(self.take().await.is_ok());
        }
        through
    }
}

/// A key of somebody who has the lowest tier.
async fn key(service: &Service) -> String {
    let (program, money) = (ProgramId::new(PROGRAM), Usd::from_dollars(10).unwrap());
    service.fund(&Viewer::Operator, &program, money).await.unwrap();
    let grant = IssueGrant {
        program,
        holder_email: "slow@example.edu".to_owned(),
        amount: money,
        expires_at: None,
        title: "a test".to_owned(),
        origin: Origin::ResearchGrant,
        tier: None,
    };
    let grant = service.issue_grant(&Viewer::Operator, grant).await.unwrap();
    let wanted = NewKey::of(grant, "test");
    let made = bursar_studies::make_key(service, &Viewer::Operator, wanted).await.unwrap();
    made.secret.reveal().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_silent_lets_nothing_through_on_what_it_had() {
    let server = Server::shared();
    let database = server.database();
    let clock = Arc::new(TurnableClock::default());
    let (mut silent, in_touch) = Inside::start(&database, &clock).await;
    let (mut other, others) = Inside::start(&database, &clock).await;
    let key = key(&other.service).await;
    for inside in [&mut silent, &mut other] {
        inside.caller = inside.service.calls().identify(&key).await.unwrap();
    }
    let listening = tokio::spawn(others.listen());
    // Whoever does not poll it stands still.
    let mut heeding = Box::pin(in_touch.listen());
    let began = async {
        while silent.through(1).await == 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::select! {
        () = &mut heeding => unreachable!("it listens for ever"),
        () = began => {}
    }
    tokio::time::sleep(SILENT_FOR).await;
    // It has room, and nobody can say whether that is still its own.
    let refused = silent.take().await.map(|_| ()).unwrap_err();
    assert_eq!(refused, RateRefused::Unavailable);
    // The others end what it had, and count that for as long as its calls may. Then all is theirs.
    let node = silent.service.calls().borrower().node();
    let store = other.service.store();
    let left = bursar_store::Batch::new(bursar_kernel::Actor::Operator, clock.now());
    store.commit(left.with(bursar_store::Write::Leave(node))).await.unwrap();
    clock.turn_to(clock.now() + SignedDuration::from_secs(63));
    assert_eq!(other.through(LIMIT).await, LIMIT, "all of it went to who is there");
    // It comes back: heard by the store again, with nothing in its hands.
    let back = async {
        let mut through = 0;
        loop {
            through += silent.through(4).await;
            if let Err(RateRefused::TooFast(_)) = silent.take().await {
                return through + silent.through(50).await;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let through = tokio::select! {
        () = &mut heeding => unreachable!("it listens for ever"),
        through = tokio::time::timeout(BACK_WITHIN, back) => through,
    };
    assert_eq!(through, Ok(0), "the minute is somebody else's");
    listening.abort();
}
