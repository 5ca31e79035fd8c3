//! The load of the benchmarks: tasks that authorise at a node, capture, and wait for their charge.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bursar_kernel::{
    Clock, Endpoint, Entropy, GrantId, HoldId, KeyId, ModelId, PriceVersion, RequestId,
    ServiceTier, Timestamp, Usage,
};
use bursar_lease::Question;
use bursar_node::{Borrower, Note};
use bursar_store::Store;
use bursar_store::rows::{Basis, Call, CallOutcome};
use bursar_store::story::{Desk, usd};

/// How long each measurement lasts.
pub(crate) const MEASURED: Duration = Duration::from_secs(3);

/// The clock of the desks, which stands.
struct Standing(Timestamp);

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        self.0
    }
}

struct NoNote;

impl Note for NoNote {
    fn note(&self) -> String {
        String::new()
    }
}

/// Random parts that differ, and are the same in every run.
fn draw() -> Entropy {
    static DRAWN: AtomicU64 = AtomicU64::new(1);
    let mut entropy = Entropy::default();
    entropy[..8].copy_from_slice(&DRAWN.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    entropy
}

/// Durable charges of one hot lot, while so many calls at a time wait for theirs.
pub(crate) async fn charges(store: Arc<dyn Store>, calls: u64) -> u64 {
    let mut desk = Desk::new(1);
    store.commit(desk.funded_lot(usd("1000000"))).await.expect("a lot is issued");
    let borrower = Borrower::new(store, Arc::new(Standing(desk.now)), draw);
    let listening = tokio::spawn(listen(Arc::clone(&borrower)));
    let (charged, end) = (Arc::new(AtomicU64::new(0)), Instant::now() + MEASURED);
    let mut running = Vec::new();
    for task in 0..calls {
        let mut own = Desk::new(task + 2);
        own.holder = desk.holder;
        let (borrower, charged) = (Arc::clone(&borrower), Arc::clone(&charged));
        running.push(tokio::spawn(charge_until(borrower, own, charged, end)));
    }
    for task in running {
        task.await.expect("a task ends at the end");
    }
    listening.abort();
    charged.load(Ordering::Relaxed)
}

/// Nobody else shares the store here, so there is nothing to hear of anybody.
async fn listen(borrower: Arc<Borrower>) {
    loop {
        borrower.heard(borrower.moment());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn charge_until(
    borrower: Arc<Borrower>,
    mut desk: Desk,
    charged: Arc<AtomicU64>,
    end: Instant,
) {
    let note: Arc<dyn Note> = Arc::new(NoNote);
    while Instant::now() < end {
        let question = question(&mut desk);
        let id = question.hold;
        let hold = borrower.hold(question, Arc::clone(&note)).await.expect("there is enough");
        let call = call(&mut desk, id);
        borrower.settle(Some(hold), call.cost, Box::new(call)).await.expect("it is written");
        charged.fetch_add(1, Ordering::Relaxed);
    }
}

fn question(desk: &mut Desk) -> Question {
    let asked = desk.question(usd("0.001"));
    Question {
        hold: asked.hold,
        holder: asked.holder,
        grant: None,
        model: asked.model,
        endpoint: asked.endpoint,
        upstream_group: asked.upstream_group,
        amount: asked.amount,
        least: None,
        capped_key: None,
        placed_at: desk.now,
        settle_by: asked.settle_by,
    }
}

/// A settled call, as most are.
pub(crate) fn call(desk: &mut Desk, hold: HoldId) -> Call {
    Call {
        request: RequestId::new(desk.now, desk.chance.entropy()),
        hold,
        key: KeyId::from_bytes([8; 16]),
        grant: GrantId::from_bytes([9; 16]),
        endpoint: Endpoint::ChatCompletions,
        model: ModelId::new("gpt-4.1-mini"),
        tier: ServiceTier::Default,
        streamed: false,
        usage: Usage::default(),
        held: usd("0.001"),
        cost: usd("0.000123456"),
        basis: Basis::Reported,
        outcome: CallOutcome::Answered,
        status: 200,
        price_version: PriceVersion::new("2026-11-22"),
        started_at: desk.now,
        ended_at: desk.now,
    }
}

/// A figure beside its baseline, as `cargo xtask bench` reads it. Higher is better.
pub(crate) fn figure(
    name: &str,
    (value, baseline): (u64, u64),
    beside: &str,
    goal: &str,
) -> String {
    let thousandths = value * 1_000 / baseline.max(1);
    let (whole, part) = (thousandths / 1_000, thousandths % 1_000);
    format!(
        "{{\"name\":\"{name}\",\"value\":{value},\"unit\":\"1/s\",\"baseline\":\"{beside}\",\
         \"baseline_value\":{baseline},\"ratio\":{whole}.{part:03},\"goal_ratio\":{goal}}}"
    )
}

/// So many in a measurement, a second.
pub(crate) fn a_second(count: u64) -> u64 {
    count * 1_000 / u64::try_from(MEASURED.as_millis()).unwrap_or(u64::MAX)
}
