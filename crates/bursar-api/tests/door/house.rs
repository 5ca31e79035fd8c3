//! A house to knock at: one installation over a store in a directory of its own.

use std::sync::Arc;

use bursar_client::Client;
use bursar_kernel::{Clock, ProgramId, Timestamp};
use bursar_postgres_fixture::Server;
use bursar_service::clock::TurnableClock;
use bursar_service::{MasterKeys, Parts, Service};
use bursar_store::Store;
use bursar_store_postgres::PostgresStore;
use bursar_store_sqlite::SqliteStore;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioExecutor;
use tempfile::TempDir;

/// The administrator's token of every house.
pub(crate) const TOKEN: &str = "bursar-op-test";
/// The program that ships.
pub(crate) const PROGRAM: &str = "openai-researcher-access";
/// What the clock of every house shows when its door opens.
pub(crate) const OPENED: &str = "2026-11-22T10:00:00Z";

pub(crate) struct House {
    pub(crate) url: String,
    pub(crate) token: &'static str,
    pub(crate) client: Client,
    pub(crate) service: Arc<Service>,
    clock: Arc<TurnableClock>,
    turns: bool,
    disk: Disk,
}

/// Where the store of a house is, and its files are.
#[derive(Clone)]
enum Disk {
    Folder(Arc<TempDir>),
    Shared { _server: Arc<Server>, database: String },
}

impl House {
    /// A house whose clock turns.
    pub(crate) async fn open() -> Self {
        Self::build(true).await
    }

    /// A house whose clock is the system's to turn, as a server's is.
    pub(crate) async fn with_a_fixed_clock() -> Self {
        Self::build(false).await
    }

    async fn build(turns: bool) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(directory.path()).unwrap());
        let clock = Arc::new(TurnableClock::default());
        clock.turn_to(OPENED.parse().unwrap());
        Self::over(store, clock, turns, Disk::Folder(Arc::new(directory)), TOKEN).await
    }

    /// A house whose database other servers share; its clock turns.
    pub(crate) async fn shared() -> Self {
        let server = Server::shared();
        let database = server.database();
        let store = Arc::new(PostgresStore::open(&database).await.unwrap());
        let clock = Arc::new(TurnableClock::default());
        clock.turn_to(OPENED.parse().unwrap());
        Self::over(store, clock, true, Disk::Shared { _server: server, database }, TOKEN).await
    }

    /// Another server of the same database and at the same time.
    pub(crate) async fn beside(&self) -> Self {
        self.beside_with(TOKEN).await
    }

    /// Another server, whose administrator has a token of their own.
    pub(crate) async fn beside_with(&self, token: &'static str) -> Self {
        let store: Arc<dyn Store> = match &self.disk {
            Disk::Folder(_) => Arc::clone(self.service.store()),
            Disk::Shared { database, .. } => Arc::new(PostgresStore::open(database).await.unwrap()),
        };
        Self::over(store, Arc::clone(&self.clock), self.turns, self.disk.clone(), token).await
    }

    /// Turns the clock, and does nothing of what becomes due.
    pub(crate) fn turn_to(&self, at: Timestamp) {
        self.clock.turn_to(at);
    }

    async fn over(
        store: Arc<dyn Store>,
        clock: Arc<TurnableClock>,
        turns: bool,
        disk: Disk,
        token: &'static str,
    ) -> Self {
        let catalog = bursar_catalog::shipped();
        let programs = bursar_program::shipped(&catalog);
        let master_keys = match &disk {
            Disk::Folder(folder) => MasterKeys::own(folder.path().join("master.key")),
            Disk::Shared { .. } => MasterKeys::named("none/master.key".into()),
        };
        let parts = Parts {
            master_keys,
            institutions: bursar_kernel::Institutions::default(),
            store,
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            catalog: Arc::new(catalog),
            programs,
            earlier: Vec::new(),
            listed: Vec::new(),
            base_url: "http://bursar.test".to_owned(),
            market: bursar_service::MarketSettings::default(),
            payments: None,
        };
        let service =
            if turns { Service::with_a_turnable_clock(parts) } else { Service::new(parts) };
        if service.store().is_shared() {
            service.calls().join().await.unwrap();
        }
        let router = bursar_api::router(bursar_api::Config {
            service: Arc::clone(&service),
            operator_token_hash: *blake3::hash(token.as_bytes()).as_bytes(),
            clock: turns.then(|| Arc::clone(&clock)),
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let client = Client::connect(&url, token).unwrap();
        Self { url, token, client, service, clock, turns, disk }
    }

    /// Every file of the data directory with its bytes.
    pub(crate) fn files(&self) -> Vec<(String, Vec<u8>)> {
        let Disk::Folder(directory) = &self.disk else { panic!("its files are a server's") };
        let entries = std::fs::read_dir(directory.path()).unwrap();
        let file = |entry: std::io::Result<std::fs::DirEntry>| {
            let path = entry.unwrap().path();
            (path.display().to_string(), std::fs::read(path).unwrap())
        };
        entries.map(file).collect()
    }

    /// Sends a request as it is, with the administrator's token, and gives status and body.
    pub(crate) async fn send(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let request = Request::builder()
            .header("authorization", format!("Bearer {TOKEN}"))
            .header("content-type", "application/json");
        let answer = self.knock(request, method, path, body).await;
        let status = answer.status().as_u16();
        (status, text(answer).await)
    }

    /// Sends a request with the headers that it has.
    pub(crate) async fn knock(
        &self,
        request: http::request::Builder,
        method: &str,
        path: &str,
        body: &str,
    ) -> Response<hyper::body::Incoming> {
        let client = hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build_http();
        let uri = format!("{}{path}", self.url);
        let body = Full::new(Bytes::copy_from_slice(body.as_bytes()));
        client.request(request.method(method).uri(uri).body(body).unwrap()).await.unwrap()
    }
}

pub(crate) async fn text(answer: Response<hyper::body::Incoming>) -> String {
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(body.to_vec()).unwrap()
}

pub(crate) fn program() -> ProgramId {
    ProgramId::new(PROGRAM)
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}
