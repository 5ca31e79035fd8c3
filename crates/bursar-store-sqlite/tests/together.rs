//! Many at once: nobody overspends, commits are shared, and nothing that was asked is lost.

use std::sync::Arc;
use std::task::{Context, Waker};

use bursar_kernel::Usd;
use bursar_ledger::{Account, Command, Refusal};
use bursar_store::{Batch, BookReads, Commit, CommitError, HoldFilter, Receipt};
use bursar_store_sqlite::SqliteStore;
use bursar_story::{Desk, usd};

fn open() -> (tempfile::TempDir, Arc<SqliteStore>) {
    let directory = tempfile::tempdir().expect("there is a place for a directory");
    let store = SqliteStore::open(directory.path()).expect("the directory opens");
    let store = Arc::new(store);
    (directory, store)
}

async fn proven(store: &SqliteStore) {
    let auditor = store.audit().await.expect("the book is read");
    assert_eq!(auditor.finish().1, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_hundred_calls_on_money_for_nine_exactly_nine_are_held() {
    let (_directory, store) = open();
    for round in 0..20 {
        let mut desk = Desk::new(round);
        store.commit(desk.funded_lot(usd("9.5"))).await.unwrap();
        let batches: Vec<_> = (0..200).map(|_| desk.hold(usd("1")).1).collect();
        let tasks: Vec<_> = batches
            .into_iter()
            .map(|batch| {
                let store = Arc::clone(&store);
                tokio::spawn(async move { store.commit(batch).await })
            })
            .collect();
        let (mut held, mut refused) = (0, 0);
        for task in tasks {
            match task.await.unwrap() {
                Ok(_) => held += 1,
                Err(CommitError::Refused(Refusal::InsufficientCredit { .. })) => refused += 1,
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!((held, refused), (9, 191), "round {round}");
    }
    assert_eq!(store.holds(HoldFilter::Open).await.unwrap().len(), 20 * 9);
    proven(&store).await;
}

/// Offers batches at once, and gives their answers in that order.
async fn at_once(
    store: &Arc<SqliteStore>,
    batches: impl IntoIterator<Item = Batch>,
) -> Vec<Result<Receipt, CommitError>> {
    let tasks = batches.into_iter().map(|batch| {
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
async fn of_captures_of_one_hold_at_once_one_counts() {
    let (_directory, store) = open();
    let mut desk = Desk::new(1);
    store.commit(desk.funded_lot(usd("9"))).await.unwrap();
    let mut used = Usd::ZERO;
    for _ in 0..3 {
        let (hold, place) = desk.hold(usd("2"));
        store.commit(place).await.unwrap();
        let costs: Vec<Usd> = (1..=20).map(|cents| Usd::from_nanos(cents * 10_000_000)).collect();
        let captures = costs.iter().map(|cost| desk.capture(hold, *cost));
        let answers = at_once(&store, captures).await;
        let counted: Vec<Usd> =
            costs.iter().zip(&answers).filter(|it| it.1.is_ok()).map(|it| *it.0).collect();
        assert_eq!(counted.len(), 1, "{answers:?}");
        used = used.checked_add(counted[0]).unwrap();
        for answer in answers.into_iter().filter_map(Result::err) {
            let resolved = matches!(answer, CommitError::Refused(Refusal::AlreadyResolved { .. }));
            assert!(resolved, "{answer}");
        }
        let charged = store.balance(Account::Used(desk.program())).await.unwrap();
        assert_eq!(charged.posted, used);
    }
    proven(&store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_sweep_beside_captures_takes_what_is_free_and_nothing_that_is_held() {
    let (_directory, store) = open();
    let mut desk = Desk::new(1);
    let lot = desk.lot(usd("20"));
    let (id, end) = (lot.id, lot.expires_at);
    let (fund, issue) = (desk.fund(usd("20")), desk.issue(lot));
    store.commit(desk.batch().with(fund).with(issue)).await.unwrap();
    let holds = [(); 10].map(|()| desk.hold(usd("1")));
    let places = holds.iter().map(|(_, place)| place.clone());
    assert!(at_once(&store, places).await.iter().all(Result::is_ok));
    desk.now = end;
    // Sweeps between the captures, each on its own: whatever comes first, each finds what is free.
    let batches = holds.iter().flat_map(|(hold, _)| {
        let sweep = Command::Expire { id: desk.transfer(), lot: id };
        [desk.capture(*hold, usd("0.5")), desk.batch().with(sweep)]
    });
    let batches: Vec<Batch> = batches.collect();
    let answers = at_once(&store, batches).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    let posted = async |account| store.balance(account).await.unwrap().posted;
    assert_eq!(posted(Account::Used(desk.program())).await, usd("5"));
    assert_eq!(posted(Account::Breakage(desk.program())).await, usd("15"));
    assert_eq!(posted(Account::Lot(id)).await, Usd::ZERO);
    proven(&store).await;
}

/// Polls a commit once, which hands its batch over, and gives up on it.
fn ask_and_leave(store: &SqliteStore, batch: Batch) {
    let mut commit = store.commit(batch);
    let _ = commit.as_mut().poll(&mut Context::from_waker(Waker::noop()));
}

#[tokio::test]
async fn commits_that_wait_together_become_durable_together() {
    let (_directory, store) = open();
    let mut desk = Desk::new(1);
    let asked: Vec<_> = (0..400).map(|_| desk.fund(usd("1"))).collect();
    let before = store.commits();
    for fund in asked {
        ask_and_leave(&store, desk.batch().with(fund));
    }
    store.commit(desk.funded_lot(usd("1"))).await.unwrap();
    let commits = store.commits() - before;
    assert!(commits <= 100, "401 batches took {commits} durable commits");
}

#[tokio::test]
async fn what_was_asked_is_written_though_nobody_waits_for_it() {
    let (_directory, store) = open();
    let mut desk = Desk::new(1);
    let fund = desk.fund(usd("7"));
    ask_and_leave(&store, desk.batch().with(fund));
    store.close();
    let pool = store.balance(Account::Pool(desk.program())).await.unwrap();
    assert_eq!(pool.posted, usd("7"));
}

#[tokio::test]
async fn closing_writes_what_waits_and_refuses_what_comes_later() {
    let (directory, store) = open();
    let mut desk = Desk::new(1);
    for _ in 0..1_000 {
        let fund = desk.fund(usd("1"));
        ask_and_leave(&store, desk.batch().with(fund));
    }
    store.close();
    store.close();
    let late = store.commit(desk.funded_lot(usd("1"))).await;
    assert_eq!(late, Err(CommitError::Unavailable("it is closed".to_owned())));
    drop(store);
    let store = SqliteStore::open(directory.path()).unwrap();
    let pool = store.balance(Account::Pool(desk.program())).await.unwrap();
    assert_eq!(pool.posted, usd("1000"));
    proven(&store).await;
}

#[tokio::test]
async fn past_the_limit_writes_are_turned_away_and_settlements_are_not() {
    let (_directory, store) = open();
    let mut desk = Desk::new(1);
    store.commit(desk.funded_lot(usd("5"))).await.unwrap();
    let (hold, place) = desk.hold(usd("1"));
    store.commit(place).await.unwrap();
    // More than the lane takes: the writer cannot empty it as fast as it fills.
    let mut turned_away = false;
    for _ in 0..50_000 {
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
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_audit_beside_a_running_writer_sees_one_state() {
    let (directory, store) = open();
    let reader = SqliteStore::open_to_read(directory.path()).unwrap();
    let mut desk = Desk::new(1);
    store.commit(desk.funded_lot(usd("1000"))).await.unwrap();
    let writer = tokio::spawn({
        let store = Arc::clone(&store);
        async move {
            for _ in 0..300 {
                let (hold, place) = desk.hold(usd("1"));
                store.commit(place).await.unwrap();
                store.commit(desk.capture(hold, usd("0.1"))).await.unwrap();
            }
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
