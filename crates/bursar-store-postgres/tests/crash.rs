//! The database killed in the middle, and connections lost at the worst moment: whatever was
//! acknowledged is in the book, once, and the book is proven.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bursar_kernel::MailId;
use bursar_ledger::Account;
use bursar_postgres_fixture::Server;
use bursar_store::rows::Mail;
use bursar_store::{Batch, BookReads, Commit, CommitError, Receipt};
use bursar_store_postgres::PostgresStore;
use bursar_story::{Chance, Desk, usd};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};

/// Times that the server is killed, with the same store open all the while.
const KILLS: u64 = 3;
/// Tasks that commit at the same time.
const TASKS: u64 = 4;

/// Offers a batch until it is written.
async fn written(store: &PostgresStore, batch: Batch) -> Receipt {
    loop {
        match store.commit(batch.clone()).await {
            Ok(receipt) => return receipt,
            Err(CommitError::Unavailable(_)) => tokio::task::yield_now().await,
            Err(other) => unreachable!("nothing else is wrong with it: {other}"),
        }
    }
}

async fn spend(store: Arc<PostgresStore>, seed: u64, captured: Arc<AtomicU64>, until: u64) {
    let mut desk = Desk::new(seed);
    written(&store, desk.funded_lot(usd("1000000"))).await;
    while captured.load(Ordering::Relaxed) < until {
        let (hold, place) = desk.hold(usd("1"));
        written(&store, place).await;
        written(&store, desk.capture(hold, usd("0.25"))).await;
        captured.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_killed_server_loses_nothing_that_was_acknowledged() {
    let server = Arc::new(Server::start());
    let database = server.database();
    let store = Arc::new(PostgresStore::open(&database).await.unwrap());
    let (captured, mut chance) = (Arc::<AtomicU64>::default(), Chance::new(42));
    let last = 100 * (KILLS + 1);
    let tasks: Vec<_> = (0..TASKS)
        .map(|seed| tokio::spawn(spend(Arc::clone(&store), seed, Arc::clone(&captured), last)))
        .collect();
    for kill in 1..=KILLS {
        let at = 100 * kill + chance.below(80);
        while captured.load(Ordering::Relaxed) < at {
            tokio::task::yield_now().await;
        }
        let server = Arc::clone(&server);
        let again = tokio::task::spawn_blocking(move || {
            server.kill();
            server.restart();
        });
        again.await.unwrap();
    }
    for task in tasks {
        task.await.unwrap();
    }
    let used = store.balance(Account::Used(Desk::new(0).program())).await.unwrap();
    let captured = i64::try_from(captured.load(Ordering::Relaxed)).unwrap();
    // What was acknowledged, to the last one: each was offered until it was.
    assert_eq!(used.posted.nanos(), captured * 250_000_000);
    assert_eq!(store.audit().await.unwrap().finish().1, []);
}

#[tokio::test]
async fn out_of_reach_is_told_and_ends_by_itself() {
    let server = Server::start();
    let store = PostgresStore::open(&server.database()).await.unwrap();
    let mut desk = Desk::new(1);
    let batch = desk.funded_lot(usd("5"));
    server.kill();
    let answer = store.commit(batch.clone()).await;
    assert!(matches!(answer, Err(CommitError::Unavailable(_))), "{answer:?}");
    assert!(store.audit().await.is_err());
    server.restart();
    store.commit(batch).await.unwrap();
    assert_eq!(store.audit().await.unwrap().finish().1, []);
}

/// What becomes of the commit that a wire is cut at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    /// The database hears it, and its answer is lost.
    Answer,
    /// The database never hears it.
    Question,
}

/// A wire to the database's socket that is cut at the next commit, once armed.
struct Wire {
    folder: tempfile::TempDir,
    armed: tokio::sync::watch::Sender<Option<Cut>>,
}

/// What PostgreSQL calls its socket.
const SOCKET: &str = ".s.PGSQL.5432";

impl Wire {
    fn new(server: PathBuf) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("bursar-wire-")
            .tempdir_in("/tmp")
            .expect("there is a place for a socket");
        let listener = UnixListener::bind(folder.path().join(SOCKET)).expect("the socket is free");
        let (armed, _) = tokio::sync::watch::channel(None);
        let cut = armed.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = UnixStream::connect(server.join(SOCKET)).await;
                let server = server.expect("the server listens");
                tokio::spawn(join(client, server, cut.clone()));
            }
        });
        Self { folder, armed }
    }

    /// The address of the database at the other end.
    fn address(&self, database: &str) -> String {
        let (_, name) = database.rsplit_once('/').expect("a database has a name");
        let folder = self.folder.path().display().to_string().replace('/', "%2F");
        format!("postgres://bursar@{folder}/{name}")
    }
}

async fn join(
    client: UnixStream,
    server: UnixStream,
    armed: tokio::sync::watch::Sender<Option<Cut>>,
) {
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::select! {
        () = questions(from_client, to_server, &armed) => {}
        () = answers(from_server, to_client) => {}
    }
}

/// Passes questions on up to the commit that the wire is cut at.
async fn questions(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    armed: &tokio::sync::watch::Sender<Option<Cut>>,
) {
    let mut bytes = vec![0; 65_536];
    loop {
        let read = from.read(&mut bytes).await.unwrap_or(0);
        if read == 0 {
            return;
        }
        let is_commit = bytes[..read].windows(7).any(|part| part == b"COMMIT\0");
        let cut = if is_commit { armed.send_replace(None) } else { None };
        if cut == Some(Cut::Question) {
            return;
        }
        if to.write_all(&bytes[..read]).await.is_err() || cut.is_some() {
            return;
        }
    }
}

async fn answers(mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
    let _ = tokio::io::copy(&mut from, &mut to).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_answer_is_lost_is_looked_up_and_never_guessed() {
    let server = Server::shared();
    let database = server.database();
    let wire = Wire::new(server.folder().to_owned());
    let store = PostgresStore::open(&wire.address(&database)).await.unwrap();
    let mut desk = Desk::new(1);
    for cut in [Cut::Answer, Cut::Question, Cut::Answer, Cut::Answer, Cut::Question] {
        let fund = desk.fund(usd("1"));
        // A mail that is written twice conflicts: a wrong guess would show.
        let mail = mail(&mut desk);
        wire.armed.send_replace(Some(cut));
        let answer = store.commit(desk.batch().with(fund).with(mail)).await;
        assert!(answer.is_ok(), "{cut:?}: {answer:?}");
        assert_eq!(*wire.armed.borrow(), None, "the wire was cut");
    }
    let pool = store.balance(Account::Pool(desk.program())).await.unwrap();
    assert_eq!(pool.posted, usd("5"));
    assert_eq!(server.sql(&database, "SELECT COUNT(*) FROM mail"), "5");
    assert_eq!(store.audit().await.unwrap().finish().1, []);
}

fn mail(desk: &mut Desk) -> Mail {
    Mail {
        id: MailId::new(desk.now, desk.chance.entropy()),
        to: "ada@example.edu".to_owned(),
        subject: "Your balance".to_owned(),
        body: "It moved.".to_owned(),
        created_at: desk.now,
        html: String::new(),
        letter: String::new(),
        useless_after: None,
        sent_at: None,
    }
}

#[tokio::test]
async fn a_server_that_lost_its_place_writes_nothing_more() {
    let server = Server::shared();
    let database = server.database();
    let first = PostgresStore::open(&database).await.unwrap();
    server.sql(&database, "DELETE FROM writer");
    let second = PostgresStore::open(&database).await.unwrap();
    let mut desk = Desk::new(1);
    let late = first.commit(desk.funded_lot(usd("1"))).await;
    let taken_over = "the database does not know this process any more".to_owned();
    assert_eq!(late, Err(CommitError::Unavailable(taken_over)));
    second.commit(desk.funded_lot(usd("1"))).await.unwrap();
    let counts = second.audit().await.unwrap().finish().0;
    assert_eq!(counts.lots, 1);
}
