//! The story that every engine must pass, told to PostgreSQL.

use bursar_postgres_fixture::Server;
use bursar_store::{BookReads, Commit};
use bursar_store_postgres::PostgresStore;
use bursar_story as story;

/// Lives of the book, each with a seed of its own: fewer than the embedded engine lives, where they
/// take no journey to a server.
const SEEDS: u64 = 12;
const BATCHES: u32 = 120;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_lives_are_the_references_and_survive_a_restart() {
    let server = Server::shared();
    for seed in 0..SEEDS {
        let database = server.database();
        let store = PostgresStore::open(&database).await.unwrap();
        story::life(&store, seed, BATCHES).await;
        let before = store.audit().await.unwrap().finish();
        store.close().await;
        drop(store);
        let store = PostgresStore::open(&database).await.unwrap();
        assert_eq!(store.audit().await.unwrap().finish(), before);
        assert_eq!(before.1, []);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_lives_of_nodes_that_borrow_are_the_references() {
    let server = Server::shared();
    for seed in 0..SEEDS {
        let store = PostgresStore::open(&server.database()).await.unwrap();
        story::leases(&store, seed, BATCHES).await;
    }
}

#[tokio::test]
async fn the_write_verb_conflicts_as_the_story_says() {
    let server = Server::shared();
    let store = PostgresStore::open(&server.database()).await.unwrap();
    story::write_verb(&store).await;
}

#[tokio::test]
async fn what_is_written_is_read_back() {
    let server = Server::shared();
    let store = PostgresStore::open(&server.database()).await.unwrap();
    story::reads(&store).await;
    let (counts, findings) = store.audit().await.unwrap().finish();
    assert_eq!((counts.holds, findings), (8, Vec::new()));
}

#[tokio::test]
async fn the_market_is_read_back_in_its_order() {
    let server = Server::shared();
    let store = PostgresStore::open(&server.database()).await.unwrap();
    story::market(&store).await;
    assert_eq!(store.audit().await.unwrap().finish().1, []);
}

#[tokio::test]
async fn one_request_for_a_model_waits_at_a_time() {
    let server = Server::shared();
    let store = PostgresStore::open(&server.database()).await.unwrap();
    story::access(&store).await;
}

#[tokio::test]
async fn cards_and_their_checks_are_read_back() {
    let server = Server::shared();
    for reads in [false, true] {
        let store = PostgresStore::open(&server.database()).await.unwrap();
        if reads { story::cards(&store).await } else { story::card_writes(&store).await }
    }
}

#[tokio::test]
async fn what_people_do_with_applications_is_read_back() {
    let server = Server::shared();
    let store = PostgresStore::open(&server.database()).await.unwrap();
    story::applying(&store).await;
}

#[tokio::test]
async fn who_takes_part_in_a_grant_is_read_back() {
    let server = Server::shared();
    let store = PostgresStore::open(&server.database()).await.unwrap();
    story::participants(&store).await;
}

#[tokio::test]
async fn claims_and_appeals_are_read_back() {
    let server = Server::shared();
    let store = PostgresStore::open(&server.database()).await.unwrap();
    story::claims(&store).await;
}

#[tokio::test]
async fn panels_are_read_back() {
    let server = Server::shared();
    let store = PostgresStore::open(&server.database()).await.unwrap();
    story::panels(&store).await;
}

#[tokio::test]
async fn institutions_are_looked_up() {
    let server = Server::shared();
    let store = PostgresStore::open(&server.database()).await.unwrap();
    story::institutions(&store).await;
}

#[tokio::test]
async fn what_is_stopped_is_read_back() {
    let server = Server::shared();
    let store = PostgresStore::open(&server.database()).await.unwrap();
    story::stops(&store).await;
}

#[tokio::test]
async fn price_tables_are_read_back() {
    let server = Server::shared();
    let store = PostgresStore::open(&server.database()).await.unwrap();
    story::prices(&store).await;
}

#[tokio::test]
async fn editions_of_programs_are_read_back() {
    let server = Server::shared();
    let store = PostgresStore::open(&server.database()).await.unwrap();
    story::editions(&store).await;
}

#[tokio::test]
async fn sealed_secrets_are_read_back() {
    let server = Server::shared();
    let store = PostgresStore::open(&server.database()).await.unwrap();
    story::sealed(&store).await;
}

#[tokio::test]
async fn parts_of_rate_limits_never_pass_them() {
    let server = Server::shared();
    let store = PostgresStore::open(&server.database()).await.unwrap();
    story::rates(&store).await;
}

#[tokio::test]
async fn processes_hear_of_each_other() {
    let server = Server::shared();
    let store = PostgresStore::open(&server.database()).await.unwrap();
    story::nodes(&store).await;
}

#[tokio::test]
async fn a_key_is_taken_once_and_forgotten_in_time() {
    let server = Server::shared();
    let store = PostgresStore::open(&server.database()).await.unwrap();
    story::idempotency(&store).await;
}

#[tokio::test]
async fn what_a_grant_made_is_its_own() {
    let server = Server::shared();
    let store = PostgresStore::open(&server.database()).await.unwrap();
    story::belongings(&store).await;
}

#[tokio::test]
async fn what_calls_used_is_the_same_in_buckets_of_any_width() {
    let server = Server::shared();
    let store = PostgresStore::open(&server.database()).await.unwrap();
    story::usage(&store).await;
    assert_eq!(store.audit().await.unwrap().finish().1, []);
}

#[tokio::test]
async fn a_reader_refuses_writes() {
    let server = Server::shared();
    let database = server.database();
    drop(PostgresStore::open(&database).await.unwrap());
    let reader = PostgresStore::open_to_read(&database).await.unwrap();
    let mut desk = story::Desk::new(1);
    let refused = reader.commit(desk.funded_lot(story::usd("1"))).await;
    assert_eq!(refused.unwrap_err().to_string(), "the store cannot write now: it is closed");
}

#[tokio::test]
async fn mails_on_their_way_are_read_back() {
    let server = Server::shared();
    let store = PostgresStore::open(&server.database()).await.unwrap();
    story::mails(&store).await;
}

#[tokio::test]
async fn ways_to_sign_in_are_read_back() {
    let server = Server::shared();
    let store = PostgresStore::open(&server.database()).await.unwrap();
    story::accounts(&store).await;
}
