//! The same commands to the book come to the same books on every engine.

use bursar_ledger::audit::Auditor;
use bursar_postgres_fixture::Server;
use bursar_store::moving::Table;
use bursar_store::{BookReads, HoldFilter};
use bursar_store_postgres::PostgresStore;
use bursar_store_sqlite::SqliteStore;
use bursar_story::life;

/// Lives that every engine is told, and the batches of each.
const SEEDS: u64 = 3;
const BATCHES: u32 = 120;

/// Tables whose rows have no number that an engine gives them.
const SAME_TO_THE_BYTE: [&str; 5] = ["hold", "hold_part", "lot", "mail", "resolution"];

#[tokio::test]
async fn one_log_makes_the_same_books_in_memory_in_a_file_and_in_a_database() {
    let server = Server::shared();
    for seed in 0..SEEDS {
        let directory = tempfile::tempdir().unwrap();
        let file = SqliteStore::open(directory.path()).unwrap();
        let database = PostgresStore::open(&server.database()).await.unwrap();
        // A life holds each answer, and again and again each balance, against the memory's.
        assert_eq!(life(&file, seed, BATCHES).await, life(&database, seed, BATCHES).await);
        let proven = file.audit().await.map(Auditor::finish);
        assert_eq!(database.audit().await.map(Auditor::finish), proven);
        assert_eq!(proven.unwrap().1, []);
        let open = file.holds(HoldFilter::Open).await;
        assert_eq!(database.holds(HoldFilter::Open).await, open);
        for table in file.tables().await.unwrap() {
            if SAME_TO_THE_BYTE.contains(&table.name.as_str()) {
                assert_eq!(rows(&file, &table).await, database.sum(&table).await.unwrap());
            }
        }
    }
}

async fn rows(file: &SqliteStore, table: &Table) -> bursar_store::moving::Sum {
    let (mut sum, mut after) = (bursar_store::moving::Sum::default(), None);
    loop {
        let (records, last) = file.page(table, after, 50).await.expect("a page is read");
        if records.is_empty() {
            return sum;
        }
        for record in &records {
            sum.add(record);
        }
        after = last;
    }
}

#[tokio::test]
async fn both_engines_have_the_same_tables_and_columns() {
    let (server, directory) = (Server::shared(), tempfile::tempdir().unwrap());
    let file = SqliteStore::open(directory.path()).unwrap();
    let mut tables = file.tables().await.unwrap();
    tables.sort_by(|one, other| one.name.cmp(&other.name));
    let arrival = PostgresStore::arrive(&server.database()).await.unwrap();
    assert_eq!(arrival.tables().await.unwrap(), tables);
}
