//! Data directories that cannot be opened, and what a person is told.

use std::fs;
use std::path::Path;

use bursar_store::BookReads as _;
use bursar_store_sqlite::{OpenError, SqliteStore};
use bursar_story as story;

/// Both ways in, and the sentence that each answers with; `DIR` stands for the directory.
fn check(directory: &Path, to_serve: &str, to_read: &str) {
    let said = |opened: Result<SqliteStore, OpenError>| {
        let said = opened.map_or_else(|error| error.to_string(), |_| "opened".to_owned());
        said.replace(&directory.display().to_string(), "DIR")
    };
    assert_eq!(said(SqliteStore::open_to_read(directory)), to_read);
    assert_eq!(said(SqliteStore::open(directory)), to_serve);
}

const NOTHING_THERE: &str = "there is no bursar database in `DIR`\n\
                             hint: `bursar serve --data DIR` makes one";

#[test]
fn a_directory_that_is_not_there_is_made_by_a_server_only() {
    let parent = tempfile::tempdir().unwrap();
    check(&parent.path().join("a/b"), "opened", NOTHING_THERE);
    check(&parent.path().join("a/b"), "opened", "opened");
}

#[test]
fn a_file_is_not_a_directory() {
    let parent = tempfile::tempdir().unwrap();
    let file = parent.path().join("file");
    fs::write(&file, "text").unwrap();
    check(&file, "failed to use the data directory `DIR`", NOTHING_THERE);
}

#[test]
fn a_second_server_is_refused_while_the_first_runs() {
    let directory = tempfile::tempdir().unwrap();
    let first = SqliteStore::open(directory.path()).unwrap();
    let in_use = "the data directory `DIR` is in use by another bursar\n\
                  hint: stop that server first, or choose another directory with `--data`";
    check(directory.path(), in_use, "opened");
    drop(first);
    check(directory.path(), "opened", "opened");
}

#[test]
fn a_database_of_an_earlier_release_is_brought_up_to_date_by_a_server_first() {
    let directory = tempfile::tempdir().unwrap();
    drop(SqliteStore::open(directory.path()).unwrap());
    let database = rusqlite::Connection::open(directory.path().join("bursar.db")).unwrap();
    database.pragma_update(None, "user_version", 1).unwrap();
    let read = SqliteStore::open_to_read(directory.path()).err().map(|error| error.to_string());
    assert!(read.is_some_and(|said| said.contains("written by an earlier release of bursar")));
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
     DROP INDEX transfer_out_but_charges; DROP TABLE chain_link; ALTER TABLE transfer DROP COLUMN link;
     ALTER TABLE lot DROP COLUMN link; PRAGMA user_version = 14";

#[tokio::test]
async fn what_was_there_before_the_chain_is_its_first_link() {
    let directory = tempfile::tempdir().unwrap();
    let database = directory.path().join("bursar.db");
    let store = SqliteStore::open(directory.path()).unwrap();
    story::life(&store, 7, 60).await;
    let (before, _) = store.audit().await.unwrap().finish();
    drop(store);
    rusqlite::Connection::open(&database).unwrap().execute_batch(BEFORE_THE_CHAIN).unwrap();
    let store = SqliteStore::open(directory.path()).unwrap();
    let (counts, findings) = store.audit().await.unwrap().finish();
    assert_eq!(findings, []);
    let first = counts.head.unwrap();
    assert_eq!((first.number, first.rows), (0, before.transfers + before.lots));
    assert_eq!(store.link(Some(0)).await.unwrap(), Some(first));
    drop(store);
    let changed = "DROP TRIGGER transfer_is_never_changed;
         UPDATE transfer SET at = 0 WHERE kind NOT IN ('charge', 'charge_lease')";
    rusqlite::Connection::open(&database).unwrap().execute_batch(changed).unwrap();
    let store = SqliteStore::open_to_read(directory.path()).unwrap();
    assert_eq!(store.audit().await.unwrap().finish().1.len(), 1);
}

#[test]
fn a_database_of_a_later_release_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    drop(SqliteStore::open(directory.path()).unwrap());
    let database = rusqlite::Connection::open(directory.path().join("bursar.db")).unwrap();
    database.pragma_update(None, "user_version", 1_000).unwrap();
    let too_new = "the database in `DIR` was written by a later release of bursar\n\
                   hint: run that release or a later one";
    check(directory.path(), too_new, too_new);
    let version = database.query_row("PRAGMA user_version", (), |row| row.get::<_, i64>(0));
    assert_eq!(version, Ok(1_000));
}

#[test]
fn a_file_that_is_no_database_is_not_overwritten() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("bursar.db");
    let text = "the quick brown fox jumps over the lazy dog\n".repeat(200);
    fs::write(&file, &text).unwrap();
    let broken = "failed to open the database in `DIR`";
    check(directory.path(), broken, broken);
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
}

#[test]
fn a_database_without_its_tables_is_finished_by_a_server() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("bursar.db"), "").unwrap();
    check(directory.path(), "opened", NOTHING_THERE);
    check(directory.path(), "opened", "opened");
}

#[cfg(unix)]
#[test]
fn a_directory_that_cannot_be_written_to_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o555)).unwrap();
    // Root writes anywhere: for it there is nothing to refuse.
    let may_write = fs::write(directory.path().join("probe"), "").is_ok();
    let refused = "failed to use the data directory `DIR`";
    let expected = if may_write { "opened" } else { refused };
    check(directory.path(), expected, NOTHING_THERE);
}
