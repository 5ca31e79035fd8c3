//! What the database refuses by itself, whatever the program above it does.

use bursar_store::{BookReads, Commit};
use bursar_store_sqlite::SqliteStore;
use bursar_story::{self as story, Desk, usd};
use rusqlite::Connection;

/// A directory with a funded lot, one captured hold and one open one, and a raw connection to it.
async fn book() -> (tempfile::TempDir, Connection) {
    let directory = tempfile::tempdir().expect("there is a place for a directory");
    let store = SqliteStore::open(directory.path()).expect("the directory opens");
    let mut desk = Desk::new(3);
    let funded = desk.funded_lot(usd("5"));
    let (hold, place) = desk.hold(usd("2"));
    let (captured, open) = (desk.capture(hold, usd("1")), desk.hold(usd("3")).1);
    for batch in [funded, place, captured, open] {
        store.commit(batch).await.expect("the batch is written");
    }
    drop(store);
    let connection = Connection::open(directory.path().join("bursar.db"));
    let connection = connection.expect("the database opens");
    let keys = connection.pragma_update(None, "foreign_keys", true);
    keys.expect("foreign keys can be turned on");
    (directory, connection)
}

#[tokio::test]
async fn the_tables_refuse_what_the_book_would_refuse() {
    let (_directory, connection) = book().await;
    let cases = [
        ("UPDATE transfer SET amount = 1", "a transfer is never changed"),
        ("DELETE FROM transfer", "a transfer is never deleted"),
        ("UPDATE chain_link SET size = 1", "a link of the chain is never changed"),
        ("DELETE FROM chain_link", "a link of the chain is never deleted"),
        (
            "UPDATE account SET posted = posted - 2000000000 WHERE name LIKE 'lot/%'",
            "CHECK constraint failed: may_be_negative = 1 OR posted - held >= 0",
        ),
        (
            "UPDATE account SET held = held + 2000000000 WHERE name LIKE 'lot/%'",
            "CHECK constraint failed: may_be_negative = 1 OR posted - held >= 0",
        ),
        ("UPDATE account SET held = -1", "CHECK constraint failed: held >= 0"),
        (
            "INSERT INTO resolution SELECT hold, 'released', 0, at, NULL FROM resolution",
            "UNIQUE constraint failed: resolution.hold",
        ),
        (
            "INSERT INTO resolution VALUES (x'00', 'released', 0, 0, NULL)",
            "FOREIGN KEY constraint failed",
        ),
        (
            "UPDATE resolution SET settled = 1",
            "CHECK constraint failed: settled IS NULL OR (kind = 'suspended' AND settled >= 0)",
        ),
        (
            "INSERT INTO transfer SELECT x'00', debit, credit, 0, kind, hold, at, actor, link
             FROM transfer LIMIT 1",
            "CHECK constraint failed: amount > 0",
        ),
        (
            "UPDATE account SET posted = 9223372036854775807 + 1 WHERE name LIKE 'used/%'",
            "cannot store REAL value in INTEGER column account.posted",
        ),
    ];
    for (sql, expected) in cases {
        let refused = connection.execute(sql, ()).unwrap_err().to_string();
        assert_eq!(refused, expected, "{sql}");
    }
}

#[tokio::test]
async fn the_audit_finds_what_was_changed_behind_its_back() {
    let cases = [
        ("UPDATE account SET posted = posted + 1 WHERE name LIKE 'used/%'", "posted"),
        ("UPDATE account SET held = held - 1 WHERE held > 0", "held"),
        ("UPDATE hold SET open = 1", "marked as open"),
        ("UPDATE hold SET open = 0", "marked as open"),
        ("UPDATE hold SET amount = amount + 1", "do not sum"),
        ("UPDATE resolution SET captured = captured + 1", "transfers took"),
        ("UPDATE resolution SET kind = 'released'", "transfers took"),
        ("DELETE FROM hold_part WHERE hold NOT IN (SELECT hold FROM resolution)", "held"),
        ("DELETE FROM lot", "no lot"),
        ("UPDATE lot SET body = replace(body, '\"face\":\"5.00\"', '\"face\":\"6.00\"')", "face"),
        (
            "DROP TRIGGER transfer_is_never_changed; UPDATE transfer SET amount = amount + 1
             WHERE kind = 'charge'",
            "rows sum to",
        ),
        (
            "DROP TRIGGER transfer_is_never_deleted; DELETE FROM transfer WHERE kind = 'charge'",
            "transfers took 0",
        ),
        (
            "DROP TRIGGER transfer_is_never_changed; UPDATE transfer SET at = at + 1",
            "changed after it was written",
        ),
        (
            "DROP TRIGGER transfer_is_never_changed; UPDATE transfer
             SET actor = '{\"job\":\"nobody\"}' WHERE kind = 'issue'",
            "changed after it was written",
        ),
        (
            "UPDATE lot SET body = replace(body, 'expires_at\":\"20', 'expires_at\":\"21')",
            "changed after it was written",
        ),
        ("UPDATE lot SET expires_at = expires_at + 1", "not found under its terms"),
        (
            "DROP TRIGGER chain_link_is_never_deleted; DELETE FROM chain_link WHERE number = 1",
            "the chain begins with link 2",
        ),
        (
            "DROP TRIGGER chain_link_is_never_changed; UPDATE chain_link SET size = size + 1
             WHERE number = 2",
            "link 2 of the chain covers",
        ),
    ];
    for (sql, expected) in cases {
        let (directory, connection) = book().await;
        connection.execute_batch(sql).unwrap();
        drop(connection);
        let store = SqliteStore::open_to_read(directory.path()).unwrap();
        let (_, findings) = store.audit().await.unwrap().finish();
        let found = findings.iter().any(|finding| finding.0.contains(expected));
        assert!(found, "{sql}: {findings:?}");
    }
}

/// A directory with calls, some of them corrected, and a raw connection to it.
async fn calls() -> (tempfile::TempDir, Connection) {
    let directory = tempfile::tempdir().expect("there is a place for a directory");
    let store = SqliteStore::open(directory.path()).expect("the directory opens");
    story::reads(&store).await;
    drop(store);
    let connection = Connection::open(directory.path().join("bursar.db"));
    (directory, connection.expect("the database opens"))
}

#[tokio::test]
async fn the_audit_finds_a_damaged_page_wherever_it_lies() {
    const PAGE: usize = 4_096;
    let (directory, connection) = calls().await;
    // What is on no page that is in use cannot be found, and need not be.
    connection.execute_batch("VACUUM; PRAGMA wal_checkpoint (TRUNCATE)").unwrap();
    drop(connection);
    let file = directory.path().join("bursar.db");
    let whole = std::fs::read(&file).unwrap();
    for page in 1..whole.len() / PAGE {
        let mut damaged = whole.clone();
        damaged[page * PAGE..page * PAGE + 16].fill(0xff);
        std::fs::write(&file, damaged).unwrap();
        let found = match SqliteStore::open_to_read(directory.path()) {
            Ok(store) => store.audit().await.map(|auditor| auditor.finish().1),
            Err(_) => continue,
        };
        assert!(found.is_err() || found.is_ok_and(|found| !found.is_empty()), "page {page}");
    }
}

#[tokio::test]
async fn the_audit_finds_an_index_that_misses_rows() {
    let (directory, connection) = calls().await;
    let index = "CREATE INDEX call_by_grant ON call (grant_id, request)";
    let damage = format!(
        "DROP INDEX call_by_grant; {index} WHERE cost < 0; PRAGMA writable_schema = on;
         UPDATE sqlite_schema SET sql = '{index}' WHERE name = 'call_by_grant'"
    );
    connection.execute_batch(&damage).unwrap();
    drop(connection);
    let store = SqliteStore::open_to_read(directory.path()).unwrap();
    let (_, findings) = store.audit().await.unwrap().finish();
    let found: Vec<&str> = findings.iter().map(|finding| finding.0.as_str()).collect();
    assert_eq!(
        found,
        ["the database file is damaged: 14 rows in `call`, and 0 in `call_by_grant`"]
    );
}

#[tokio::test]
async fn the_audit_holds_what_is_kept_of_calls_against_them() {
    let cases = [
        "UPDATE spend SET cost = cost + 1 WHERE model = 'dear'",
        "UPDATE spend SET calls = calls + 1 WHERE model = 'cheap'",
        "UPDATE spend SET last_at = last_at + 1",
        "UPDATE spend SET day = -day",
        "DELETE FROM spend WHERE model = 'dear'",
        "UPDATE call SET corrected = 3 WHERE corrected IS NULL",
        "INSERT INTO spend SELECT grant_id, key_id, 'other', day, 1, 0, last_at FROM spend LIMIT 1",
        "UPDATE charged SET amount = amount + 1",
        "UPDATE charged SET charges = charges + 1",
        "UPDATE charged SET last_at = last_at - 1",
        "DELETE FROM charged WHERE day = (SELECT MAX(day) FROM charged)",
        "UPDATE usage_hour SET calls = calls + 1 WHERE model = 'cheap'",
        "UPDATE usage_hour SET output = output - 1",
        "UPDATE usage_hour SET images = images + 1",
        "UPDATE usage_hour SET hour = hour + 1",
        "UPDATE usage_hour SET tier = 'batch'",
        "DELETE FROM usage_hour WHERE model = 'dear'",
    ];
    for sql in cases {
        let (directory, connection) = calls().await;
        connection.execute_batch(sql).unwrap();
        drop(connection);
        let store = SqliteStore::open_to_read(directory.path()).unwrap();
        let (_, findings) = store.audit().await.unwrap().finish();
        let found = findings.iter().any(|finding| finding.0.contains("what is kept of that "));
        assert!(found, "{sql}: {findings:?}");
    }
}

#[tokio::test]
async fn a_database_of_an_earlier_release_sums_up_the_calls_that_it_has() {
    let (directory, connection) = calls().await;
    let before = "CREATE TEMP TABLE spend_before AS SELECT * FROM spend;
         CREATE TEMP TABLE charged_before AS SELECT * FROM charged;
         CREATE TEMP TABLE usage_hour_before AS SELECT * FROM usage_hour;
         DROP TABLE spend; DROP TABLE charged; DROP INDEX transfer_out_but_charges;
         DROP TABLE usage_hour; DROP INDEX call_by_end";
    connection.execute_batch(before).unwrap();
    connection.execute_batch(include_str!("../src/schema_16_spend.sql")).unwrap();
    connection.execute_batch(include_str!("../src/schema_18_usage.sql")).unwrap();
    for kept in ["spend", "charged", "usage_hour"] {
        let missed = "SELECT COUNT(*), (SELECT COUNT(*) FROM
             (SELECT * FROM KEPT_before EXCEPT SELECT * FROM KEPT)) FROM KEPT";
        let counts = |row: &rusqlite::Row<'_>| Ok([row.get::<_, u64>(0)?, row.get(1)?]);
        let counts = connection.query_row(&missed.replace("KEPT", kept), (), counts).unwrap();
        assert!(0 < counts[0] && counts[1] == 0, "{kept}: {counts:?}");
    }
    let store = SqliteStore::open_to_read(directory.path()).unwrap();
    assert_eq!(store.audit().await.unwrap().finish().1, []);
}
