//! The world of the demonstration, on either engine.

use std::collections::BTreeMap;
use std::sync::Arc;

use bursar_kernel::{Clock, PersonId, Timestamp};
use bursar_payments::{Payments, Stripe};
use bursar_personal::export;
use bursar_policy::Viewer;
use bursar_postgres_fixture::Server;
use bursar_service::clock::TurnableClock;
use bursar_service::{Parts, Service};
use bursar_store::Store;
use bursar_store::moving::Value;
use bursar_store::rows::Person;
use bursar_store_postgres::PostgresStore;
use bursar_store_sqlite::SqliteStore;
use bursar_stripe_double::{Double, DoubleConfig};
use bursar_world::World;
use tempfile::TempDir;

pub(crate) struct House {
    pub(crate) service: Arc<Service>,
    pub(crate) world: World,
    pub(crate) clock: Arc<TurnableClock>,
    engine: Engine,
}

enum Engine {
    Sqlite(Arc<SqliteStore>, #[expect(dead_code, reason = "goes when the test ends")] TempDir),
    Postgres(Arc<Server>, String),
}

impl House {
    pub(crate) async fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(folder.path()).unwrap());
        Self::over(Arc::clone(&store) as Arc<dyn Store>, Engine::Sqlite(store, folder)).await
    }

    pub(crate) async fn on_postgres() -> Self {
        let server = Server::shared();
        let database = server.database();
        let store = Arc::new(PostgresStore::open(&database).await.unwrap());
        Self::over(store, Engine::Postgres(server, database)).await
    }

    async fn over(store: Arc<dyn Store>, engine: Engine) -> Self {
        let clock = Arc::new(TurnableClock::default());
        let catalog = Arc::new(bursar_catalog::shipped());
        let (double, payments) = provider(Arc::clone(&clock) as Arc<dyn Clock>).await;
        let service = Service::new(Parts {
            master_keys: bursar_service::MasterKeys::named("none/master.key".into()),
            store,
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            programs: bursar_program::shipped(&catalog),
            earlier: Vec::new(),
            listed: Vec::new(),
            catalog,
            base_url: "http://127.0.0.1:1".to_owned(),
            market: bursar_service::MarketSettings::default(),
            payments: Some(payments),
            institutions: bursar_kernel::Institutions::default(),
        });
        let now: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        let world = bursar_world::build(&service, &clock, &double, now).await.unwrap();
        Self { service, world, clock, engine }
    }

    pub(crate) async fn person(&self, id: PersonId) -> Person {
        self.service.store().person(id).await.unwrap().unwrap()
    }

    pub(crate) async fn viewer(&self, id: PersonId) -> Viewer {
        let person = self.person(id).await;
        Viewer::Person { id: person.id, roles: person.roles }
    }

    /// All that stands in any table, row by row.
    pub(crate) async fn dump(&self) -> Vec<String> {
        match &self.engine {
            Engine::Sqlite(store, _) => dump_of_sqlite(store).await,
            Engine::Postgres(server, database) => {
                let tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'";
                let tables = server.sql(database, tables);
                let rows = tables.lines().map(|table| {
                    let rows = server.sql(database, &format!("SELECT t::text FROM {table} t"));
                    rows.lines().map(|row| format!("{table}: {row}")).collect::<Vec<_>>()
                });
                rows.flatten().collect()
            }
        }
    }

    /// Everything about somebody, by the names of the files.
    pub(crate) async fn export(&self, person: PersonId) -> BTreeMap<String, Vec<u8>> {
        let viewer = self.viewer(person).await;
        let mut everything = export(&self.service, &viewer, person).await.unwrap();
        let mut archive = Vec::new();
        while let Some(piece) = everything.next().await.unwrap() {
            assert!(piece.len() < 1_000_000, "{} bytes at once", piece.len());
            archive.extend(piece);
        }
        unpacked(&archive)
    }
}

async fn dump_of_sqlite(store: &SqliteStore) -> Vec<String> {
    let mut rows = Vec::new();
    for table in store.tables().await.unwrap() {
        let mut after = None;
        loop {
            let (records, last) = store.page(&table, after, 1_000).await.unwrap();
            if records.is_empty() {
                break;
            }
            after = last;
            rows.extend(records.iter().map(|record| {
                let texts = record.iter().map(|value| match value {
                    Value::Text(text) => text.clone(),
                    Value::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                    Value::Null | Value::Whole(_) => String::new(),
                });
                format!("{}: {}", table.name, texts.collect::<Vec<_>>().join("|"))
            }));
        }
    }
    rows
}

/// The files of an archive, as its listing has them.
fn unpacked(archive: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let short = |at: usize| usize::from(u16::from_le_bytes([archive[at], archive[at + 1]]));
    let long = |at: usize| short(at) + (short(at + 2) << 16);
    let end = archive.len() - 22;
    let (entries, mut at) = (short(end + 10), long(end + 16));
    let mut files = BTreeMap::new();
    for _ in 0..entries {
        let (length, name, extra, place) = (long(at + 20), short(at + 28), short(at + 30), at + 42);
        let from = long(place);
        let content = from + 30 + short(from + 26) + short(from + 28);
        let text = std::str::from_utf8(&archive[at + 46..at + 46 + name]).unwrap();
        let known = files.insert(text.to_owned(), archive[content..content + length].to_vec());
        assert!(known.is_none(), "{text} is there twice");
        at += 46 + name + extra;
    }
    assert_eq!(at, end, "the listing ends where it says");
    files
}

/// A payment provider that answers at a port of its own.
async fn provider(clock: Arc<dyn Clock>) -> (Arc<Double>, Arc<dyn Payments>) {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let api_base = format!("http://{}", listener.local_addr().unwrap());
    let key = || "sk_test_of_the_test".to_owned().into();
    let pages_url = "http://127.0.0.1:1/demonstration/checkout".to_owned();
    let double = Double::new(DoubleConfig { key: key(), pages_url, clock });
    let api = double.api();
    tokio::spawn(async move { axum::serve(listener, api).await });
    let config = bursar_payments::Config { key: key(), api_base, hosted_origin: None };
    (double, Arc::new(Stripe::new(config).unwrap()))
}
