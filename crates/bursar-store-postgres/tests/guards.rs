//! What the database refuses by itself, whatever the program above it does.

use std::sync::Arc;

use bursar_postgres_fixture::Server;
use bursar_store::{BookReads, Commit};
use bursar_store_postgres::PostgresStore;
use bursar_story::{self as story, Desk, usd};

/// A database with a funded lot, one captured hold and one open one.
async fn book() -> (Arc<Server>, String) {
    let server = Server::shared();
    let database = server.database();
    let store = PostgresStore::open(&database).await.expect("the database opens");
    let mut desk = Desk::new(3);
    let funded = desk.funded_lot(usd("5"));
    let (hold, place) = desk.hold(usd("2"));
    let (captured, open) = (desk.capture(hold, usd("1")), desk.hold(usd("3")).1);
    for batch in [funded, place, captured, open] {
        store.commit(batch).await.expect("the batch is written");
    }
    store.close().await;
    (server, database)
}

#[tokio::test]
async fn the_tables_refuse_what_the_book_would_refuse() {
    let (server, database) = book().await;
    let cases = [
        ("UPDATE transfer SET amount = 1", "a transfer is never changed and never deleted"),
        ("DELETE FROM transfer", "a transfer is never changed and never deleted"),
        ("TRUNCATE transfer", "a transfer is never changed and never deleted"),
        ("UPDATE chain_link SET size = 1", "a link of the chain is never changed and never deleted"),
        ("DELETE FROM chain_link", "a link of the chain is never changed and never deleted"),
        (
            "UPDATE account SET posted = posted - 2000000000 WHERE name LIKE 'lot/%'",
            "violates check constraint \"account_is_not_overdrawn\"",
        ),
        (
            "UPDATE account SET held = held + 2000000000 WHERE name LIKE 'lot/%'",
            "violates check constraint \"account_is_not_overdrawn\"",
        ),
        ("UPDATE account SET held = -1", "\"account_holds_no_less_than_nothing\""),
        (
            "INSERT INTO resolution SELECT hold, 'released', 0, at FROM resolution",
            "violates unique constraint \"resolution_pkey\"",
        ),
        (
            "INSERT INTO resolution VALUES (gen_random_uuid(), 'released', 0, 0)",
            "violates foreign key constraint \"resolution_hold_fkey\"",
        ),
        ("UPDATE resolution SET settled = 1", "violates check constraint \"resolution_check\""),
        (
            "INSERT INTO transfer SELECT gen_random_uuid(), debit, credit, 0, kind, hold, at, actor, link
             FROM transfer LIMIT 1",
            "violates check constraint \"transfer_amount_check\"",
        ),
        (
            "UPDATE account SET posted = 9223372036854775807 + 1 WHERE name LIKE 'used/%'",
            "bigint out of range",
        ),
        (
            "UPDATE account SET posted = 9223372036854775807 + 1::NUMERIC WHERE name LIKE 'used/%'",
            "bigint out of range",
        ),
    ];
    for (sql, expected) in cases {
        let refused = server.psql(&database, sql).unwrap_err();
        assert!(refused.contains(expected), "{sql}: {refused}");
    }
}

#[tokio::test]
async fn the_audit_finds_what_was_changed_behind_its_back() {
    let cases = [
        ("UPDATE account SET posted = posted + 1 WHERE name LIKE 'used/%'", "posted"),
        ("UPDATE account SET held = held - 1 WHERE held > 0", "held"),
        ("UPDATE hold SET open = TRUE", "marked as open"),
        ("UPDATE hold SET open = FALSE", "marked as open"),
        ("UPDATE hold SET amount = amount + 1", "do not sum"),
        ("UPDATE resolution SET captured = captured + 1", "transfers took"),
        ("UPDATE resolution SET kind = 'released'", "transfers took"),
        ("DELETE FROM hold_part WHERE hold NOT IN (SELECT hold FROM resolution)", "held"),
        ("DELETE FROM lot", "no lot"),
        ("UPDATE lot SET body = replace(body, '\"face\":\"5.00\"', '\"face\":\"6.00\"')", "face"),
        (
            "ALTER TABLE transfer DISABLE TRIGGER ALL;
             UPDATE transfer SET amount = amount + 1 WHERE kind = 'charge'",
            "rows sum to",
        ),
        (
            "ALTER TABLE transfer DISABLE TRIGGER ALL; DELETE FROM transfer WHERE kind = 'charge'",
            "transfers took 0",
        ),
        (
            "ALTER TABLE transfer DISABLE TRIGGER ALL; UPDATE transfer SET at = at + 1",
            "changed after it was written",
        ),
        (
            "ALTER TABLE transfer DISABLE TRIGGER ALL; UPDATE transfer
             SET actor = '{\"job\":\"nobody\"}' WHERE kind = 'issue'",
            "changed after it was written",
        ),
        (
            "UPDATE lot SET body = replace(body, 'expires_at\":\"20', 'expires_at\":\"21')",
            "changed after it was written",
        ),
        ("UPDATE lot SET expires_at = expires_at + 1", "not found under its terms"),
        (
            "ALTER TABLE chain_link DISABLE TRIGGER ALL; DELETE FROM chain_link WHERE number = 1",
            "the chain begins with link 2",
        ),
        (
            "ALTER TABLE chain_link DISABLE TRIGGER ALL;
             UPDATE chain_link SET size = size + 1 WHERE number = 2",
            "link 2 of the chain covers",
        ),
    ];
    let (server, original) = book().await;
    let original = original.rsplit('/').next().unwrap();
    for (sql, expected) in cases {
        let copy = server.copy(original);
        server.sql(&copy, sql);
        let store = PostgresStore::open_to_read(&copy).await.unwrap();
        let (_, findings) = store.audit().await.unwrap().finish();
        let found = findings.iter().any(|finding| finding.0.contains(expected));
        assert!(found, "{sql}: {findings:?}");
    }
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
    let server = Server::shared();
    let database = server.database();
    let store = PostgresStore::open(&database).await.expect("the database opens");
    story::reads(&store).await;
    store.close().await;
    let before = "CREATE TABLE spend_before AS TABLE spend;
         CREATE TABLE charged_before AS TABLE charged; CREATE TABLE call_before AS TABLE call;
         CREATE TABLE usage_hour_before AS TABLE usage_hour";
    server.sql(&database, before);
    for sql in cases {
        server.sql(&database, sql);
        let findings = findings(&database).await;
        assert!(findings.contains("what is kept of that "), "{sql}: {findings}");
        for table in ["spend", "charged", "call", "usage_hour"] {
            let undo = format!("DELETE FROM {table}; INSERT INTO {table} TABLE {table}_before");
            server.sql(&database, &undo);
        }
    }
    // A database of an earlier release sums up the calls that it has.
    let earlier = "DROP TABLE spend; DROP TABLE charged; DROP INDEX transfer_out_but_charges;
         DROP TABLE usage_hour; DROP INDEX call_by_end";
    server.sql(&database, earlier);
    server.sql(&database, include_str!("../src/schema_16_spend.sql"));
    server.sql(&database, include_str!("../src/schema_18_usage.sql"));
    for table in ["spend", "charged", "usage_hour"] {
        let missed =
            format!("SELECT COUNT(*) FROM (TABLE {table}_before EXCEPT TABLE {table}) AS m");
        assert_eq!(server.sql(&database, &missed), "0");
    }
    assert_eq!(findings(&database).await, "[]");
}

/// What the audit of a database finds.
async fn findings(database: &str) -> String {
    let store = PostgresStore::open_to_read(database).await.expect("the database opens");
    let audit = store.audit().await.expect("the books can be read");
    format!("{:?}", audit.finish().1)
}
