//! The load of the benchmarks: tasks that authorise at a node, capture, and wait for their charge.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bursar_kernel::{
    Caps, Clock, Endpoint, Entropy, GrantId, HoldId, KeyId, ModelId, PriceVersion, RequestId,
    ServiceTier, Timestamp, Usage,
};
use bursar_lease::Question;
use bursar_node::{Borrower, Note};
use bursar_store::Store;
use bursar_store::rows::{Basis, Call, CallOutcome};
use bursar_story::{Desk, usd};

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

/// How long calls waited for their durable charge, in the middle, while so many a second ended
/// evenly; in microseconds.
pub(crate) async fn acknowledged_within(store: Arc<dyn Store>, a_second: u64) -> u64 {
    let mut desk = Desk::new(1);
    store.commit(desk.funded_lot(usd("1000000"))).await.expect("a lot is issued");
    let borrower = Borrower::new(store, Arc::new(Standing(desk.now)), draw);
    let listening = tokio::spawn(listen(Arc::clone(&borrower)));
    let (mut own, note): (_, Arc<dyn Note>) = (Desk::new(2), Arc::new(NoNote));
    own.holder = desk.holder;
    let (began, mut waiting) = (Instant::now(), Vec::new());
    for ordinal in 0..a_second * MEASURED.as_secs() {
        let due = began + Duration::from_micros(ordinal * 1_000_000 / a_second.max(1));
        tokio::time::sleep_until(due.into()).await;
        let question = question(&mut own);
        let call = call(&mut own, question.hold);
        let hold = borrower.hold(question, Arc::clone(&note)).await.expect("there is enough");
        let borrower = Arc::clone(&borrower);
        waiting.push(tokio::spawn(async move {
            let ended = Instant::now();
            borrower.settle(Some(hold), call.cost, Box::new(call)).await.expect("it is written");
            ended.elapsed()
        }));
    }
    let mut waited = Vec::new();
    for task in waiting {
        waited.push(task.await.expect("a task ends at the end"));
    }
    listening.abort();
    middle(waited)
}

/// The middle of some times, in microseconds.
pub(crate) fn middle(mut times: Vec<Duration>) -> u64 {
    times.sort_unstable();
    let middle = times.get(times.len() / 2).copied().unwrap_or_default();
    u64::try_from(middle.as_micros()).unwrap_or(u64::MAX)
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
        caps: Caps::NONE,
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
    line(name, (value, baseline, "1/s"), beside, (value, baseline), goal)
}

/// A time beside its baseline, in microseconds; the ratio is turned, so that higher is better.
pub(crate) fn time_figure(
    name: &str,
    (value, baseline): (u64, u64),
    beside: &str,
    goal: &str,
) -> String {
    line(name, (value, baseline, "us"), beside, (baseline, value), goal)
}

fn line(
    name: &str,
    (value, baseline, unit): (u64, u64, &str),
    beside: &str,
    (over, under): (u64, u64),
    goal: &str,
) -> String {
    let thousandths = over * 1_000 / under.max(1);
    let (whole, part) = (thousandths / 1_000, thousandths % 1_000);
    format!(
        "{{\"name\":\"{name}\",\"value\":{value},\"unit\":\"{unit}\",\"baseline\":\"{beside}\",\
         \"baseline_value\":{baseline},\"ratio\":{whole}.{part:03},\"goal_ratio\":{goal}}}"
    )
}

/// So many in a measurement, a second.
pub(crate) fn a_second(count: u64) -> u64 {
    count * 1_000 / u64::try_from(MEASURED.as_millis()).unwrap_or(u64::MAX)
}
