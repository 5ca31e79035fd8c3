//! Databases that cannot be opened, and what a person is told.

use bursar_postgres_fixture::Server;
use bursar_store::BookReads;
use bursar_store_postgres::{OpenError, PostgresStore};
use bursar_story as story;

fn said(opened: Result<PostgresStore, OpenError>) -> String {
    opened.map_or_else(|error| error.to_string(), |_| "opened".to_owned())
}

/// Both ways in, and the sentence that each answers with; `DB` stands for the database.
async fn check(database: &str, to_serve: &str, to_read: &str) {
    let shown = database.replace("bursar@", "").replace("%2F", "/");
    let read = said(PostgresStore::open_to_read(database).await);
    assert_eq!(read.replace(&shown, "DB"), to_read);
    let served = said(PostgresStore::open(database).await);
    assert_eq!(served.replace(&shown, "DB"), to_serve);
}

#[tokio::test]
async fn an_empty_database_gets_its_tables_from_a_server_only() {
    let server = Server::shared();
    let database = server.database();
    let nothing = "there is no bursar installation in the database `DB`\n\
                   hint: `bursar serve --database URL` makes one";
    check(&database, "opened", nothing).await;
    check(&database, "opened", "opened").await;
}

#[tokio::test]
async fn several_servers_run_on_a_database_and_nothing_moves_into_it_meanwhile() {
    let server = Server::shared();
    let database = server.database();
    let first = PostgresStore::open(&database).await.unwrap();
    let second = PostgresStore::open(&database).await.unwrap();
    check(&database, "opened", "opened").await;
    let moved = PostgresStore::arrive(&database).await;
    assert!(matches!(moved, Err(OpenError::Locked(_))));
    first.close().await;
    second.close().await;
    let moving = PostgresStore::arrive(&database).await.unwrap();
    let in_use = "the database `DB` is in use by another bursar\n\
                  hint: an installation moves into a database that no server runs on; stop them, \
                  or wait until the move is over";
    check(&database, in_use, "opened").await;
    drop(moving);
}

#[tokio::test]
async fn several_that_start_at_once_make_the_tables_once() {
    let server = Server::shared();
    let database = server.database();
    let opening = (0..8).map(|_| {
        let database = database.clone();
        tokio::spawn(async move { PostgresStore::open(&database).await })
    });
    for opened in opening.collect::<Vec<_>>() {
        let store = opened.await.unwrap().unwrap();
        assert_eq!(store.audit().await.unwrap().finish().1, []);
    }
    let times = server.sql(&database, "SELECT COUNT(*) - MAX(seen) FROM migration");
    assert_eq!(times, "0", "each migration was seen once");
}

// What the migrations since have made, taken back.
const BEFORE_THE_CHAIN: &str =
    "DROP TABLE review_draft; DROP TABLE participant; ALTER TABLE api_key DROP COLUMN person; DROP TABLE assignment; DROP TABLE conflict; DROP TABLE profile; DROP TABLE claim; DROP TABLE appeal; DROP TABLE institution; DROP TABLE institution_name;
     DROP TABLE institution_domain; DROP TABLE erasure; DROP INDEX review_by_reviewer; DROP INDEX mail_by_recipient;
     DROP INDEX audit_line_by_actor; DROP INDEX audit_line_by_subject;
     DROP TABLE passkey; DROP TABLE used_challenge;
     DROP TABLE study; ALTER TABLE api_key DROP COLUMN study;
     ALTER TABLE api_key DROP COLUMN scope;
     DROP TABLE member; DROP TABLE question; DROP TABLE application_file; DROP TABLE kept_form;
     DROP INDEX session_by_person; DROP TABLE identity; DROP TABLE edition;
     DROP TABLE address; DROP TABLE delivery; DROP INDEX mail_unsent;
     ALTER TABLE mail DROP COLUMN useless_after; ALTER TABLE mail DROP COLUMN letter;
     ALTER TABLE mail DROP COLUMN html; DROP INDEX call_by_end; DROP TABLE usage_hour;
     DROP TABLE rate_share; DROP TABLE sealed_secret; DROP TABLE price_table; DROP TABLE stop;
     DROP TABLE belonging; DROP TABLE spend; DROP TABLE charged;
     DROP INDEX transfer_out_but_charges; DROP TABLE chain_link; DROP FUNCTION a_chain_link_stays;
     ALTER TABLE transfer DROP COLUMN link; ALTER TABLE lot DROP COLUMN link;
     DELETE FROM migration WHERE 14 < seen";

#[tokio::test]
async fn what_was_there_before_the_chain_is_its_first_link() {
    let server = Server::shared();
    let database = server.database();
    let store = PostgresStore::open(&database).await.unwrap();
    story::life(&store, 7, 60).await;
    let (before, _) = store.audit().await.unwrap().finish();
    store.close().await;
    server.sql(&database, BEFORE_THE_CHAIN);
    let store = PostgresStore::open(&database).await.unwrap();
    let (counts, findings) = store.audit().await.unwrap().finish();
    assert_eq!(findings, []);
    let first = counts.head.unwrap();
    assert_eq!((first.number, first.rows), (0, before.transfers + before.lots));
    assert_eq!(store.link(Some(0)).await.unwrap(), Some(first));
    store.close().await;
    let changed = "ALTER TABLE transfer DISABLE TRIGGER ALL;
         UPDATE transfer SET at = 0 WHERE kind NOT IN ('charge', 'charge_lease')";
    server.sql(&database, changed);
    let store = PostgresStore::open(&database).await.unwrap();
    assert_eq!(store.audit().await.unwrap().finish().1.len(), 1);
}

#[tokio::test]
async fn a_database_of_an_earlier_release_is_brought_up_to_date_by_a_server_first() {
    let server = Server::shared();
    let database = server.database();
    PostgresStore::open(&database).await.unwrap().close().await;
    server.sql(&database, "DELETE FROM migration WHERE 1 < seen");
    let read = said(PostgresStore::open_to_read(&database).await);
    assert!(read.contains("written by an earlier release of bursar"), "{read}");
}

#[tokio::test]
async fn a_database_of_a_later_release_is_left_alone() {
    let server = Server::shared();
    let database = server.database();
    PostgresStore::open(&database).await.unwrap().close().await;
    server.sql(&database, "INSERT INTO migration (seen) VALUES (1000)");
    let too_new = "the database `DB` was written by a later release of bursar\n\
                   hint: run that release or a later one";
    check(&database, too_new, too_new).await;
    assert_eq!(server.sql(&database, "SELECT MAX(seen) FROM migration"), "1000");
}

#[tokio::test]
async fn what_is_wrong_with_an_address_is_told_without_its_password() {
    let hint = "hint: write it as `postgres://USER@HOST:PORT/DATABASE`, or with a socket's folder \
                as `postgres://USER@%2Fvar%2Frun%2Fpostgresql/DATABASE`";
    let cases = [
        ("mysql://ada:sesame@localhost/bursar", "it does not begin with `postgres://`"),
        ("postgres://ada:sesame@localhost", "it names no database"),
        ("postgres://ada:sesame@localhost:many/bursar", "invalid connection string"),
        ("postgres://ada:sesame@localhost/bursar?open=sesame", "invalid connection string"),
    ];
    for (address, expected) in cases {
        let told = said(PostgresStore::open(address).await);
        assert!(told.contains(expected) && told.ends_with(hint), "{address}: {told}");
        assert!(!told.contains("sesame"), "{told}");
    }
    for elsewhere in ["db.example.edu/bursar", "localhost/bursar?hostaddr=192.0.2.1"] {
        let told = said(PostgresStore::open(&format!("postgres://ada:sesame@{elsewhere}")).await);
        assert!(told.contains("would not be encrypted") && !told.contains("sesame"), "{told}");
    }
    // The port of discard: nobody listens there.
    let told = said(PostgresStore::open("postgres://ada:sesame@127.0.0.1:9/bursar").await);
    let expected = "failed to use the database `postgres://127.0.0.1:9/bursar`: ";
    assert!(told.starts_with(expected) && !told.contains("sesame"), "{told}");
}

#[tokio::test]
async fn a_database_that_is_not_there_is_named() {
    let server = Server::shared();
    let missing = server.database().replace("test_", "no_test_");
    let told = said(PostgresStore::open(&missing).await);
    assert!(told.contains("does not exist (3D000)"), "{told}");
}
