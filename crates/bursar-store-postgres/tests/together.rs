//! Many at once, in one process and in several: nobody overspends, commits are shared, and nothing
//! that was asked is lost.

use std::sync::Arc;
use std::task::{Context, Waker};

use bursar_kernel::{NodeId, Usd};
use bursar_ledger::{Account, Command, Refusal};
use bursar_postgres_fixture::Server;
use bursar_store::rows::IdempotencyKey;
use bursar_store::{
    Batch, BookReads, Commit, CommitError, Expect, HoldFilter, Receipt, RepeatReads, Row, Write,
};
use bursar_store_postgres::PostgresStore;
use bursar_story::{Desk, usd};
use tokio_postgres::NoTls;

async fn open() -> (Arc<Server>, Arc<PostgresStore>) {
    let server = Server::shared();
    let store = PostgresStore::open(&server.database()).await.expect("the database opens");
    (server, Arc::new(store))
}

async fn proven(store: &PostgresStore) {
    assert_eq!(store.audit().await.expect("the book is read").finish().1, []);
}

/// Asks so many times for a dollar of money for nine, at some stores in turn.
async fn nine_of_two_hundred(stores: &[Arc<PostgresStore>], seed: u64) {
    let mut desk = Desk::new(seed);
    let funded = stores[0].commit(desk.funded_lot(usd("9.5"))).await;
    funded.expect("a lot is issued");
    let asked: Vec<_> = (0..200).map(|_| desk.hold(usd("1"))).collect();
    let tasks: Vec<_> = asked
        .into_iter()
        .zip(stores.iter().cycle())
        .map(|((hold, place), store)| {
            let store = Arc::clone(store);
            tokio::spawn(async move { (hold, store.commit(place).await) })
        })
        .collect();
    let (mut held, mut refused) = (Vec::new(), 0);
    for task in tasks {
        match task.await.expect("a task ends") {
            (hold, Ok(_)) => held.push(hold),
            (_, Err(CommitError::Refused(Refusal::InsufficientCredit { .. }))) => refused += 1,
            (_, Err(other)) => unreachable!("no other answer is right: {other}"),
        }
    }
    assert_eq!((held.len(), refused), (9, 191), "seed {seed}");
    // They are settled at another store than the one that placed them.
    let settled = held.into_iter().zip(stores.iter().rev().cycle()).map(|(hold, store)| {
        let (store, capture) = (Arc::clone(store), desk.capture(hold, usd("0.75")));
        tokio::spawn(async move { store.commit(capture).await })
    });
    for task in settled.collect::<Vec<_>>() {
        let captured = task.await.expect("a task ends");
        captured.expect("a hold is captured");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_hundred_calls_on_money_for_nine_exactly_nine_are_held() {
    let (_server, store) = open().await;
    for seed in 0..5 {
        nine_of_two_hundred(&[Arc::clone(&store)], seed).await;
    }
    assert_eq!(store.holds(HoldFilter::Open).await.unwrap(), []);
    proven(&store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_twenty_at_three_writers_one_takes_an_idempotency_key_and_all_read_whose_it_is() {
    let (_server, stores) = three().await;
    let mut desk = Desk::new(1);
    for name in 0..5_u8 {
        let tasks: Vec<_> = (0..20_u8)
            .zip(stores.iter().cycle())
            .map(|(asked, store)| {
                let key = IdempotencyKey {
                    hash: [name; 32],
                    asked: [asked; 32],
                    node: NodeId::new(desk.now, desk.chance.entropy()),
                    since: desk.now,
                    answer: None,
                    version: 1,
                };
                let row = Row::IdempotencyKey(Box::new(key.clone()));
                let (store, batch) = (Arc::clone(store), desk.batch());
                let batch = batch.with(Write::Row(row, Expect::New));
                tokio::spawn(async move { (key, store.commit(batch).await) })
            })
            .collect();
        let mut taken = Vec::new();
        for task in tasks {
            match task.await.expect("a task ends") {
                (key, Ok(_)) => taken.push(key),
                (_, Err(CommitError::Conflict(_))) => {}
                (_, Err(other)) => unreachable!("no other answer is right: {other}"),
            }
        }
        assert_eq!(taken.len(), 1, "key {name}");
        for store in &stores {
            assert_eq!(store.idempotency_key([name; 32]).await, Ok(taken.first().cloned()));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn three_writers_on_one_database_hold_exactly_nine_as_well() {
    let (_server, stores) = three().await;
    for seed in 0..5 {
        nine_of_two_hundred(&stores, seed).await;
    }
    for store in &stores {
        assert_eq!(store.holds(HoldFilter::Open).await.unwrap(), []);
        proven(store).await;
    }
}

/// Three writers on one new database.
async fn three() -> (Arc<Server>, Vec<Arc<PostgresStore>>) {
    let server = Server::shared();
    let database = server.database();
    let mut stores = Vec::new();
    for _ in 0..3 {
        let store = PostgresStore::open(&database).await.expect("the database opens");
        stores.push(Arc::new(store));
    }
    (server, stores)
}

/// Offers batches at once, at some stores in turn, and gives their answers in that order.
async fn at_once(
    stores: &[Arc<PostgresStore>],
    batches: impl IntoIterator<Item = Batch>,
) -> Vec<Result<Receipt, CommitError>> {
    let tasks = batches.into_iter().zip(stores.iter().cycle()).map(|(batch, store)| {
        let store = Arc::clone(store);
        tokio::spawn(async move { store.commit(batch).await })
    });
    let mut answers = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        answers.push(task.await.expect("a task ends"));
    }
    answers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_captures_of_one_hold_at_three_writers_one_counts() {
    let (_server, stores) = three().await;
    let mut desk = Desk::new(1);
    stores[0].commit(desk.funded_lot(usd("9"))).await.unwrap();
    let mut used = Usd::ZERO;
    for _ in 0..3 {
        let (hold, place) = desk.hold(usd("2"));
        stores[0].commit(place).await.unwrap();
        let costs: Vec<Usd> = (1..=20).map(|cents| Usd::from_nanos(cents * 10_000_000)).collect();
        let captures = costs.iter().map(|cost| desk.capture(hold, *cost));
        let answers = at_once(&stores, captures).await;
        let counted: Vec<Usd> =
            costs.iter().zip(&answers).filter(|it| it.1.is_ok()).map(|it| *it.0).collect();
        assert_eq!(counted.len(), 1, "{answers:?}");
        used = used.checked_add(counted[0]).unwrap();
        for answer in answers.into_iter().filter_map(Result::err) {
            let resolved = matches!(answer, CommitError::Refused(Refusal::AlreadyResolved { .. }));
            assert!(resolved, "{answer}");
        }
        let charged = stores[1].balance(Account::Used(desk.program())).await.unwrap();
        assert_eq!(charged.posted, used);
    }
    proven(&stores[2]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_sweep_beside_captures_takes_what_is_free_and_nothing_that_is_held() {
    let (_server, stores) = three().await;
    let mut desk = Desk::new(1);
    let lot = desk.lot(usd("20"));
    let (id, end) = (lot.id, lot.expires_at);
    let (fund, issue) = (desk.fund(usd("20")), desk.issue(lot));
    stores[0].commit(desk.batch().with(fund).with(issue)).await.unwrap();
    let holds = [(); 10].map(|()| desk.hold(usd("1")));
    let places = holds.iter().map(|(_, place)| place.clone());
    assert!(at_once(&stores, places).await.iter().all(Result::is_ok));
    desk.now = end;
    // Sweeps between the captures, each on its own: whatever comes first, each finds what is free.
    let batches = holds.iter().flat_map(|(hold, _)| {
        let sweep = Command::Expire { id: desk.transfer(), lot: id };
        [desk.capture(*hold, usd("0.5")), desk.batch().with(sweep)]
    });
    let batches: Vec<Batch> = batches.collect();
    let answers = at_once(&stores, batches).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    let posted = async |account| stores[1].balance(account).await.unwrap().posted;
    assert_eq!(posted(Account::Used(desk.program())).await, usd("5"));
    assert_eq!(posted(Account::Breakage(desk.program())).await, usd("15"));
    assert_eq!(posted(Account::Lot(id)).await, Usd::ZERO);
    proven(&stores[2]).await;
}

/// A connection of somebody's own, beside the store.
async fn by_hand(database: &str) -> tokio_postgres::Client {
    let (client, connection) =
        tokio_postgres::connect(database, NoTls).await.expect("the server lets us in");
    tokio::spawn(connection);
    client
}

const WAITING: &str = "SELECT COUNT(*) FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock'";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collision_is_carried_out_again_and_is_no_refusal() {
    let server = Server::shared();
    let database = server.database();
    let store = Arc::new(PostgresStore::open(&database).await.unwrap());
    let (hand, eye) = (by_hand(&database).await, by_hand(&database).await);
    let mut desk = Desk::new(1);
    store.commit(desk.funded_lot(usd("5"))).await.unwrap();
    let (hold, place) = desk.hold(usd("1"));
    for batch in [place, desk.capture(hold, usd("1"))] {
        // The hand changes the lot's row, and lets go once the writer waits for it.
        let change = "BEGIN; UPDATE account SET held = held WHERE name LIKE 'lot/%'";
        hand.batch_execute(change).await.unwrap();
        let committed = tokio::spawn({
            let store = Arc::clone(&store);
            async move { store.commit(batch).await }
        });
        while eye.query_one(WAITING, &[]).await.unwrap().get::<_, i64>(0) == 0 {}
        hand.batch_execute("COMMIT").await.unwrap();
        committed.await.unwrap().unwrap();
    }
    proven(&store).await;
}

/// Makes every hold that is placed collide, as two transactions that meet do.
const COLLIDE: &str = "CREATE FUNCTION collide() RETURNS trigger LANGUAGE plpgsql
     AS $$ BEGIN RAISE EXCEPTION 'it met another' USING ERRCODE = '40001'; END $$;
     CREATE TRIGGER collide BEFORE INSERT ON hold EXECUTE FUNCTION collide()";

#[tokio::test]
async fn a_collision_that_does_not_end_is_the_stores_failure_and_no_lack_of_money() {
    let server = Server::shared();
    let database = server.database();
    let store = PostgresStore::open(&database).await.unwrap();
    let mut desk = Desk::new(1);
    store.commit(desk.funded_lot(usd("5"))).await.unwrap();
    server.sql(&database, COLLIDE);
    let (hold, place) = desk.hold(usd("1"));
    match store.commit(place.clone()).await {
        Err(CommitError::Unavailable(told)) => assert!(told.contains("it met another"), "{told}"),
        other => unreachable!("nothing is refused and nothing is written: {other:?}"),
    }
    server.sql(&database, "DROP TRIGGER collide ON hold");
    store.commit(place).await.unwrap();
    store.commit(desk.capture(hold, usd("1"))).await.unwrap();
    proven(&store).await;
}

/// Polls a commit once, which hands its batch over, and gives up on it.
fn ask_and_leave(store: &PostgresStore, batch: Batch) {
    let mut commit = store.commit(batch);
    let _ = commit.as_mut().poll(&mut Context::from_waker(Waker::noop()));
}

#[tokio::test]
async fn commits_that_wait_together_become_durable_together() {
    let (_server, store) = open().await;
    let mut desk = Desk::new(1);
    let asked: Vec<_> = (0..400).map(|_| desk.fund(usd("1"))).collect();
    let before = store.commits();
    for fund in asked {
        ask_and_leave(&store, desk.batch().with(fund));
    }
    store.commit(desk.funded_lot(usd("1"))).await.unwrap();
    let commits = store.commits() - before;
    assert!(commits <= 10, "401 batches took {commits} durable commits");
}

#[tokio::test]
async fn a_refused_batch_leaves_no_trace_and_disturbs_no_neighbour() {
    let (_server, store) = open().await;
    let mut desk = Desk::new(1);
    let used = Write::UseSignInLink([0; 32]);
    let funds = ["1", "10", "2"].map(|dollars| desk.fund(usd(dollars)));
    let batches = funds.map(|fund| desk.batch().with(fund));
    let [first, refused, last] = batches;
    ask_and_leave(&store, first);
    let refused = store.commit(refused.with(used));
    let answers = tokio::join!(refused, store.commit(last));
    assert_eq!(answers.0, Err(CommitError::Conflict("the sign-in link".to_owned())));
    assert!(answers.1.is_ok());
    assert_eq!(store.commits(), 1, "they were neighbours");
    let pool = store.balance(Account::Pool(desk.program())).await.unwrap();
    assert_eq!(pool.posted, usd("3"));
}

#[tokio::test]
async fn what_the_tables_refuse_stops_its_own_batch_only() {
    let (_server, store) = open().await;
    let mut desk = Desk::new(1);
    store.commit(desk.funded_lot(usd("5"))).await.unwrap();
    let holds = [(); 3].map(|()| desk.hold(usd("1")));
    for (_, place) in &holds {
        store.commit(place.clone()).await.unwrap();
    }
    // Two such bills pass what 64 bits hold, which the part of the book at hand does not show.
    let [first, second, third] = holds.map(|(hold, _)| hold);
    let absurd = usd("9000000000");
    let before = store.commits();
    let captures = [(first, absurd), (second, absurd), (third, usd("0"))];
    let [first, second, third] = captures.map(|(hold, amount)| desk.capture(hold, amount));
    let answers = tokio::join!(store.commit(first), store.commit(second), store.commit(third));
    assert!(answers.0.is_ok() && answers.2.is_ok(), "{answers:?}");
    assert!(matches!(answers.1, Err(CommitError::Unavailable(_))), "{answers:?}");
    assert_eq!(store.commits() - before, 1, "they were neighbours");
    proven(&store).await;
}

#[tokio::test]
async fn what_was_asked_is_written_though_nobody_waits_for_it() {
    let (_server, store) = open().await;
    let mut desk = Desk::new(1);
    let fund = desk.fund(usd("7"));
    ask_and_leave(&store, desk.batch().with(fund));
    store.close().await;
    let pool = store.balance(Account::Pool(desk.program())).await.unwrap();
    assert_eq!(pool.posted, usd("7"));
}

#[tokio::test]
async fn closing_writes_what_waits_and_refuses_what_comes_later() {
    let (_server, store) = open().await;
    let mut desk = Desk::new(1);
    for _ in 0..1_000 {
        let fund = desk.fund(usd("1"));
        ask_and_leave(&store, desk.batch().with(fund));
    }
    store.close().await;
    store.close().await;
    let late = store.commit(desk.funded_lot(usd("1"))).await;
    assert_eq!(late, Err(CommitError::Unavailable("it is closed".to_owned())));
    let pool = store.balance(Account::Pool(desk.program())).await.unwrap();
    assert_eq!(pool.posted, usd("1000"));
    proven(&store).await;
}

#[tokio::test]
async fn past_the_limit_writes_are_turned_away_and_settlements_are_not() {
    let (_server, store) = open().await;
    let mut desk = Desk::new(1);
    store.commit(desk.funded_lot(usd("5"))).await.unwrap();
    let (hold, place) = desk.hold(usd("1"));
    store.commit(place).await.unwrap();
    let mut turned_away = false;
    for _ in 0..10_000 {
        let fund = desk.fund(usd("1"));
        let mut commit = store.commit(desk.batch().with(fund));
        let polled = commit.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        if let std::task::Poll::Ready(Err(error)) = polled {
            assert_eq!(error.to_string(), "the store cannot write now: too many writes wait");
            turned_away = true;
            break;
        }
    }
    assert!(turned_away);
    store.commit(desk.capture(hold, usd("0.5"))).await.unwrap();
    assert!(store.commits() < 10, "the settlement went ahead of those that wait");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_audit_beside_a_running_writer_sees_one_state() {
    let server = Server::shared();
    let database = server.database();
    let store = PostgresStore::open(&database).await.unwrap();
    let reader = PostgresStore::open_to_read(&database).await.unwrap();
    let mut desk = Desk::new(1);
    store.commit(desk.funded_lot(usd("1000"))).await.unwrap();
    let writer = tokio::spawn(async move {
        for _ in 0..300 {
            let (hold, place) = desk.hold(usd("1"));
            store.commit(place).await.unwrap();
            store.commit(desk.capture(hold, usd("0.1"))).await.unwrap();
        }
    });
    let mut seen = Vec::new();
    while !writer.is_finished() {
        let (counts, findings) = reader.audit().await.unwrap().finish();
        assert_eq!(findings, []);
        seen.push(counts.holds);
    }
    writer.await.unwrap();
    assert!(seen.is_sorted(), "{seen:?}");
    assert_eq!(reader.audit().await.unwrap().finish().0.holds, 300);
}
