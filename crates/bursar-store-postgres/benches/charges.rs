//! Durable charges of one hot lot a second through leases, against a plain ledger that locks the
//! lot's row for each charge, in the same server.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use bursar_postgres_fixture::Server;
use bursar_store_postgres::PostgresStore;
use bursar_story::Desk;
use tokio_postgres::NoTls;

#[path = "../../bursar-node/benches/load/mod.rs"]
mod load;

use load::{MEASURED, a_second, acknowledged_within, call, charges, figure, middle, time_figure};

/// How often each measurement is repeated; the best counts.
const ROUNDS: u32 = 3;
/// Calls that wait for their charge at any time.
const CALLS: u64 = 1_024;
/// Connections of the plain ledger: more do not help on one row.
const CONNECTIONS: u64 = 32;

fn main() {
    let server = Server::shared();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.expect("a runtime starts");
    let (mut leased, mut plain) = (0, 0);
    for _ in 0..ROUNDS {
        leased = leased.max(runtime.block_on(leases(&server.database())));
        plain = plain.max(runtime.block_on(locks(&server.database())));
    }
    let name = "durable charges of one hot lot, PostgreSQL";
    let line = figure(name, (leased, plain), "SELECT ... FOR UPDATE for each charge", "20");
    writeln!(std::io::stdout().lock(), "{line}").expect("somebody reads");
    let (mut waited, mut alone) = (u64::MAX, u64::MAX);
    for _ in 0..ROUNDS {
        waited = waited.min(runtime.block_on(acknowledged(&server.database(), leased / 4)));
        alone = alone.min(runtime.block_on(one_at_a_time(&server.database())));
    }
    let name = "acknowledgement p50 at a quarter of that rate, PostgreSQL";
    // A group has some two journeys for each of its batches, and a call waits for one and a half.
    let line = time_figure(name, (waited, alone), "such a transaction, one at a time", "0.2");
    writeln!(std::io::stdout().lock(), "{line}").expect("somebody reads");
}

async fn acknowledged(database: &str, a_second: u64) -> u64 {
    let store = Arc::new(PostgresStore::open(database).await.expect("the database opens"));
    let waited = acknowledged_within(Arc::clone(&store) as _, a_second).await;
    store.close().await;
    waited
}

/// How long one such transaction takes that waits for nobody, in the middle; in microseconds.
async fn one_at_a_time(database: &str) -> u64 {
    connect(database).await.batch_execute(PLAIN).await.expect("the tables are made");
    let (mut client, mut desk) = (connect(database).await, Desk::new(1));
    let (end, mut times) = (Instant::now() + MEASURED, Vec::new());
    while Instant::now() < end {
        let began = Instant::now();
        charge(&mut client, &mut desk).await;
        times.push(began.elapsed());
    }
    middle(times)
}

async fn leases(database: &str) -> u64 {
    let store = Arc::new(PostgresStore::open(database).await.expect("the database opens"));
    let charged = charges(Arc::clone(&store) as _, CALLS).await;
    store.close().await;
    a_second(charged)
}

const PLAIN: &str = "CREATE TABLE account (id BIGINT PRIMARY KEY, posted BIGINT NOT NULL);
     CREATE TABLE transfer (id UUID PRIMARY KEY DEFAULT gen_random_uuid(), amount BIGINT NOT NULL);
     CREATE TABLE call (id UUID PRIMARY KEY DEFAULT gen_random_uuid(), body TEXT NOT NULL);
     INSERT INTO account VALUES (1, 1000000000000000), (2, 0)";

async fn locks(database: &str) -> u64 {
    connect(database).await.batch_execute(PLAIN).await.expect("the tables are made");
    let (charged, end) = (Arc::new(AtomicU64::new(0)), Instant::now() + MEASURED);
    let mut running = Vec::new();
    for seed in 0..CONNECTIONS {
        let (client, charged) = (connect(database).await, Arc::clone(&charged));
        running.push(tokio::spawn(charge_until(client, Desk::new(seed), charged, end)));
    }
    for task in running {
        task.await.expect("a task ends at the end");
    }
    a_second(charged.load(Ordering::Relaxed))
}

async fn connect(database: &str) -> tokio_postgres::Client {
    let (client, connection) =
        tokio_postgres::connect(database, NoTls).await.expect("the server answers");
    tokio::spawn(connection);
    client
}

async fn charge_until(
    mut client: tokio_postgres::Client,
    mut desk: Desk,
    charged: Arc<AtomicU64>,
    end: Instant,
) {
    while Instant::now() < end {
        charge(&mut client, &mut desk).await;
        charged.fetch_add(1, Ordering::Relaxed);
    }
}

/// Locks the lot, looks whether there is enough, and charges: a transaction for each call.
async fn charge(client: &mut tokio_postgres::Client, desk: &mut Desk) {
    let hold = desk.question(bursar_kernel::Usd::ZERO).hold;
    let call = call(desk, hold);
    let (cost, body) = (call.cost.nanos(), serde_json::to_string(&call).expect("JSON"));
    let done = async {
        let one = client.transaction().await?;
        let lock = "SELECT posted FROM account WHERE id = 1 FOR UPDATE";
        let posted: i64 = one.query_one(lock, &[]).await?.try_get(0)?;
        assert!(cost <= posted, "there is enough");
        let pay = "UPDATE account SET posted = posted + CASE id WHEN 1 THEN -$1::BIGINT \
                   ELSE $1::BIGINT END";
        one.execute(pay, &[&cost]).await?;
        one.execute("INSERT INTO transfer (amount) VALUES ($1)", &[&cost]).await?;
        one.execute("INSERT INTO call (body) VALUES ($1)", &[&body]).await?;
        one.commit().await
    };
    let done: Result<(), tokio_postgres::Error> = done.await;
    done.expect("it is written");
}
