//! The story that every engine must pass, told to SQLite.

use bursar_store::{BookReads, Commit};
use bursar_store_sqlite::SqliteStore;
use bursar_story::{self as story, Seen};

/// Lives of the book, each with a seed of its own.
const SEEDS: u64 = 32;
const BATCHES: u32 = 120;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_lives_are_the_references_and_survive_a_restart() {
    let mut seen = Seen::new();
    for seed in 0..SEEDS {
        let directory = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(directory.path()).unwrap();
        seen.extend(story::life(&store, seed, BATCHES).await);
        let before = store.audit().await.unwrap().finish();
        drop(store);
        let store = SqliteStore::open(directory.path()).unwrap();
        assert_eq!(store.audit().await.unwrap().finish(), before);
        assert_eq!(before.1, []);
    }
    // The lives met all that the book can say, save that an amount does not fit it.
    let expected = [
        "AboveHold",
        "AlreadyResolved",
        "CapReached",
        "Conflict",
        "DeadLot",
        "Expired",
        "FeeOutOfRange",
        "HoldConflict",
        "InsufficientCredit",
        "InsufficientFunds",
        "LotExists",
        "NoCredit",
        "NotCarriedOver",
        "NotExpired",
        "NotInSuspense",
        "NotPositive",
        "NotTransferable",
        "NotYetActive",
        "NothingCharged",
        "OwnLot",
        "SettledBefore",
        "TransferConflict",
        "UnknownHold",
        "UnknownLot",
        "corrected",
        "excess",
        "held",
        "moved",
        "nothing left",
        "overrun",
        "resolved",
        "swept",
        "taken back",
    ];
    assert_eq!(Vec::from_iter(seen), expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_lives_of_nodes_that_borrow_are_the_references() {
    let mut seen = Seen::new();
    for seed in 0..SEEDS {
        let directory = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(directory.path()).unwrap();
        seen.extend(story::leases(&store, seed, BATCHES).await);
        let before = store.audit().await.unwrap().finish();
        drop(store);
        let store = SqliteStore::open(directory.path()).unwrap();
        assert_eq!(store.audit().await.unwrap().finish(), before);
    }
    // The lives met all that the book says about leases.
    for name in [
        "AboveHold",
        "AlreadyResolved",
        "InsufficientFunds",
        "LeaseConflict",
        "LeaseEnded",
        "LeaseTooLong",
        "NotInSuspense",
        "OnLease",
        "PastWatermark",
        "ReportOutOfOrder",
        "NothingCharged",
        "SettledBefore",
        "TransferConflict",
        "UnknownLease",
        "corrected",
        "moved",
        "reported",
        "reported late",
    ] {
        assert!(seen.contains(name), "no life met `{name}`: {seen:?}");
    }
}

#[tokio::test]
async fn the_write_verb_conflicts_as_the_story_says() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path()).unwrap();
    story::write_verb(&store).await;
}

#[tokio::test]
async fn what_is_written_is_read_back() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path()).unwrap();
    story::reads(&store).await;
    let (counts, findings) = store.audit().await.unwrap().finish();
    assert_eq!((counts.holds, findings), (8, Vec::new()));
}

#[tokio::test]
async fn the_market_is_read_back_in_its_order() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path()).unwrap();
    story::market(&store).await;
    assert_eq!(store.audit().await.unwrap().finish().1, []);
}

#[tokio::test]
async fn one_request_for_a_model_waits_at_a_time() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path()).unwrap();
    story::access(&store).await;
}

#[tokio::test]
async fn cards_and_their_checks_are_read_back() {
    for reads in [false, true] {
        let directory = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(directory.path()).unwrap();
        if reads { story::cards(&store).await } else { story::card_writes(&store).await }
    }
}

#[tokio::test]
async fn what_people_do_with_applications_is_read_back() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path()).unwrap();
    story::applying(&store).await;
}

#[tokio::test]
async fn who_takes_part_in_a_grant_is_read_back() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path()).unwrap();
    story::participants(&store).await;
}

#[tokio::test]
async fn claims_and_appeals_are_read_back() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path()).unwrap();
    story::claims(&store).await;
}

#[tokio::test]
async fn panels_are_read_back() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path()).unwrap();
    story::panels(&store).await;
}

#[tokio::test]
async fn institutions_are_looked_up() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path()).unwrap();
    story::institutions(&store).await;
}

#[tokio::test]
async fn what_is_stopped_is_read_back() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path()).unwrap();
    story::stops(&store).await;
}

#[tokio::test]
async fn price_tables_are_read_back() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path()).unwrap();
    story::prices(&store).await;
}

#[tokio::test]
async fn editions_of_programs_are_read_back() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path()).unwrap();
    story::editions(&store).await;
}

#[tokio::test]
async fn sealed_secrets_are_read_back() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path()).unwrap();
    story::sealed(&store).await;
}

#[tokio::test]
async fn processes_hear_of_each_other() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path()).unwrap();
    story::nodes(&store).await;
}

#[tokio::test]
async fn a_key_is_taken_once_and_forgotten_in_time() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path()).unwrap();
    story::idempotency(&store).await;
}

#[tokio::test]
async fn what_a_grant_made_is_its_own() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path()).unwrap();
    story::belongings(&store).await;
}

#[tokio::test]
async fn what_calls_used_is_the_same_in_buckets_of_any_width() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path()).unwrap();
    story::usage(&store).await;
    assert_eq!(store.audit().await.unwrap().finish().1, []);
}

#[tokio::test]
async fn parts_of_rate_limits_never_pass_them() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path()).unwrap();
    story::rates(&store).await;
}

#[tokio::test]
async fn a_reader_refuses_writes() {
    let directory = tempfile::tempdir().unwrap();
    drop(SqliteStore::open(directory.path()).unwrap());
    let reader = SqliteStore::open_to_read(directory.path()).unwrap();
    let mut desk = story::Desk::new(1);
    let refused = reader.commit(desk.funded_lot(story::usd("1"))).await;
    assert_eq!(refused.unwrap_err().to_string(), "the store cannot write now: it is closed");
}

#[tokio::test]
async fn mails_on_their_way_are_read_back() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path()).unwrap();
    story::mails(&store).await;
}

#[tokio::test]
async fn ways_to_sign_in_are_read_back() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path()).unwrap();
    story::accounts(&store).await;
}
