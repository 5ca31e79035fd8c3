//! A year of one busy program, written as nodes write it: in batches of a lease's report and the
//! rows of the calls that it charges.

use std::collections::VecDeque;
use std::fs;
use std::future::poll_fn;
use std::path::Path;
use std::task::Poll;
use std::time::Instant;

use bursar_kernel::{
    Actor, CorrectionId, Endpoint, Epoch, GrantId, HoldId, KeyId, LeaseId, LotId, ModelId, NodeId,
    Origin, PersonId, PriceVersion, RequestId, ServiceTier, Timestamp, TransferId, Usage, Usd,
};
use bursar_ledger::{BegunCall, Command, Correct, LeaseCharge, LeaseCommand, Leased, Lend, Report};
use bursar_policy::Viewer;
use bursar_service::IssueGrant;
use bursar_store::rows::{Basis, Call, CallOutcome};
use bursar_store::suspense::CallNote;
use bursar_store::{Batch, Commit as _, Expect, GrantFilter, Reads as _, Row, Write};
use bursar_story::Chance;
use bursar_studies::NewKey;
use jiff::SignedDuration;

use crate::{Installation, program, say};

/// Days of the year that calls are made on; the grants live a little longer.
const DAYS: u64 = 360;
/// Days after which a node is started anew, with a new lease.
const DAYS_OF_A_NODE: u64 = 7;
/// Calls of one batch at the most.
const BATCH: u64 = 2_500;
/// Batches that wait for the writer.
const BATCHES_AHEAD: usize = 4;
/// Grants of the program: the busy one, the quiet one, and those between.
const GRANTS: u64 = 10;
/// Calls of the quiet grant.
const QUIET: u64 = 100;
/// What is set aside for a call, which is more than any costs.
const HELD: Usd = Usd::from_nanos(1_000_000);
const MODELS: [&str; 3] = ["gpt-4.1-mini", "gpt-4.1", "gpt-5-mini"];
/// The setting that says that an installation is whole.
const WHOLE: &str = "bench.year";

/// The grants that pages are measured on.
#[derive(Clone, Copy)]
pub(crate) struct Year {
    pub(crate) busy: GrantId,
    pub(crate) quiet: GrantId,
}

/// When the year begins.
pub(crate) fn begins() -> Timestamp {
    "2025-11-22T00:00:00Z".parse().expect("a date is written well")
}

/// The installation in a folder, at the end of its year, if it is there and whole.
pub(crate) async fn found(folder: &Path, calls: u64) -> Option<(Installation, Year)> {
    if !folder.join("bursar.db").is_file() {
        return None;
    }
    let installation = Installation::open(folder);
    let whole = installation.store.setting(WHOLE).await.expect("it can be read");
    if whole != Some(calls.to_string()) {
        return None;
    }
    installation.clock.turn_to(day(DAYS));
    let mut grants = installation.store.grants(GrantFilter::default()).await.expect("it reads");
    grants.sort_by_key(|grant| grant.id);
    let (busy, quiet) = (grants.first()?.id, grants.get(1)?.id);
    Some((installation, Year { busy, quiet }))
}

/// Makes the installation of a folder anew.
pub(crate) async fn fill(folder: &Path, calls: u64) {
    if folder.exists() {
        fs::remove_dir_all(folder).expect("what is not whole is removed");
    }
    let (began, installation) = (Instant::now(), Installation::open(folder));
    let mut chance = Chance::new(calls);
    let mut spenders = spenders(&installation, calls).await;
    // Batches are made while those before them are written, in their order.
    let (made, mut to_write) = tokio::sync::mpsc::channel::<Batch>(BATCHES_AHEAD);
    let store = installation.store.clone();
    let writing = tokio::spawn(async move {
        let mut asked = VecDeque::new();
        while let Some(batch) = to_write.recv().await {
            let mut writing = store.commit(batch);
            // It is in the store's queue once it was polled: there they stay in their order.
            match poll_fn(|context| Poll::Ready(writing.as_mut().poll(context))).await {
                Poll::Ready(written) => drop(written.expect("the store takes the batch")),
                Poll::Pending => asked.push_back(writing),
            }
            if let Some(first) = (asked.len() == BATCHES_AHEAD).then(|| asked.pop_front()).flatten()
            {
                first.await.expect("the store takes the batch");
            }
        }
        for writing in asked {
            writing.await.expect("the store takes the batch");
        }
    });
    for today in 0..DAYS {
        for spender in &mut spenders {
            for batch in spender.batches(&mut chance, today) {
                made.send(batch).await.expect("somebody writes");
            }
        }
        if today % 30 == 29 {
            let seconds = began.elapsed().as_secs();
            say(&format!("filled {} of {DAYS} days in {seconds} s", today + 1));
        }
    }
    drop(made);
    writing.await.expect("the last batch is written");
    let whole = Write::Setting { key: WHOLE, value: calls.to_string() };
    let batch = Batch::new(Actor::Operator, day(DAYS)).with(whole);
    installation.store.commit(batch).await.expect("the end is written");
    let seconds = began.elapsed().as_secs_f64();
    installation.store.close();
    let bytes = fs::metadata(folder.join("bursar.db")).map_or(0, |file| file.len());
    say(&format!("filled {calls} calls in {seconds:.1} s: {} MB", bytes / 1_000_000));
}

/// The beginning of a day of the year.
fn day(number: u64) -> Timestamp {
    begins() + SignedDuration::from_hours(nanos(number * 24))
}

/// A grant with its keys, and the node that spends it.
struct Spender {
    grant: GrantId,
    holder: PersonId,
    lot: LotId,
    keys: Vec<KeyId>,
    calls: u64,
    node: NodeId,
    lease: LeaseId,
    epoch: u64,
    reports: u64,
    /// What is on the lease.
    left: Usd,
    /// A call of the group before.
    charged: Option<Call>,
    /// Calls that were reported as begun and are still to be charged.
    begun: Vec<Call>,
}

async fn spenders(installation: &Installation, calls: u64) -> Vec<Spender> {
    let service = &installation.service;
    let million = Usd::from_dollars(1_000_000).expect("a million fits");
    service.fund(&Viewer::Operator, &program(), million).await.expect("the pool is funded");
    let mut spenders = Vec::new();
    for number in 0..GRANTS {
        let issue = IssueGrant {
            program: program(),
            holder_email: format!("holder-{number}@example.org"),
            amount: Usd::from_dollars(10_000).expect("it fits"),
            expires_at: None,
            title: format!("A year of study {number}"),
            origin: Origin::ResearchGrant,
            tier: None,
        };
        let grant = service.issue_grant(&Viewer::Operator, issue).await.expect("it is issued");
        let (mut keys, others) = (Vec::new(), calls / 10);
        let (of_grant, keys_of_grant) = match number {
            0 => (calls - others, 4),
            1 => (QUIET, 1),
            _ => (others.saturating_sub(QUIET) / (GRANTS - 2), 1),
        };
        for key in 0..keys_of_grant {
            let name = format!("key {key}");
            let wanted = NewKey::of(grant, name);
            let made = bursar_studies::make_key(service, &Viewer::Operator, wanted)
                .await
                .expect("it is made");
            keys.push(made.key.id);
        }
        let row = installation.store.grant(grant).await.expect("it reads").expect("it is there");
        spenders.push(Spender {
            grant,
            holder: row.holder,
            lot: row.lot.expect("it is delivered"),
            keys,
            calls: of_grant,
            node: NodeId::from_bytes([0; 16]),
            lease: LeaseId::from_bytes([0; 16]),
            epoch: 0,
            reports: 0,
            left: Usd::ZERO,
            charged: None,
            begun: Vec::new(),
        });
        // Grants are told apart by when they were made.
        installation.clock.turn_to(begins() + SignedDuration::from_secs(nanos(number + 1)));
    }
    spenders
}

impl Spender {
    /// What a node writes on a day.
    fn batches(&mut self, chance: &mut Chance, today: u64) -> Vec<Batch> {
        let count = self.calls * (today + 1) / DAYS - self.calls * today / DAYS;
        let (mut batches, mut left) = (Vec::new(), count);
        if today.is_multiple_of(DAYS_OF_A_NODE) {
            batches.push(self.begin(chance, day(today) + SignedDuration::from_hours(7)));
        }
        while 0 < left {
            let some = left.min(BATCH);
            // From eight to eight, evenly.
            let at = |done: u64| {
                let part = nanos(done * 43_200_000 / count);
                day(today) + SignedDuration::from_hours(8) + SignedDuration::from_millis(part)
            };
            let between = (at(count - left), at(count - left + some));
            batches.push(self.group(chance, some, between));
            left -= some;
        }
        if today % DAYS_OF_A_NODE == DAYS_OF_A_NODE - 1 || today + 1 == DAYS {
            batches.push(self.end(day(today) + SignedDuration::from_hours(21)));
        }
        batches
    }

    fn batch(at: Timestamp) -> Batch {
        Batch::new(Actor::Job("gateway".to_owned()), at)
    }

    /// A node starts, borrows for its days, and says how much it may have spent before it is heard
    /// of again.
    fn begin(&mut self, chance: &mut Chance, at: Timestamp) -> Batch {
        self.lease = LeaseId::new(at, chance.entropy());
        (self.epoch, self.reports) = (self.epoch + 1, 0);
        (self.node, self.left) = (NodeId::new(at, chance.entropy()), Usd::ZERO);
        let lend = self.lend(chance, 2 * BATCH, at);
        let first = self.report(Vec::new(), &[], watermark());
        Self::batch(at).with(lend).with(first)
    }

    /// A slice for so many calls.
    fn lend(&mut self, chance: &mut Chance, calls: u64, at: Timestamp) -> Command {
        let amount = Usd::from_nanos(HELD.nanos() * nanos(calls));
        self.left = self.left.checked_add(amount).expect("it fits");
        Command::Lease(LeaseCommand::Lend(Lend {
            id: TransferId::new(at, chance.entropy()),
            lease: self.lease,
            node: self.node,
            epoch: Epoch::new(self.epoch),
            of: Leased::Lot(self.lot),
            amount,
            until: at + SignedDuration::from_hours(24),
        }))
    }

    /// A group of calls: every other one outlasts it, and is charged with the next.
    fn group(
        &mut self,
        chance: &mut Chance,
        count: u64,
        (from, to): (Timestamp, Timestamp),
    ) -> Batch {
        let step = (to.as_millisecond() - from.as_millisecond()) / nanos(count);
        let (mut ended, mut begun) = (std::mem::take(&mut self.begun), Vec::new());
        for place in 0..count {
            let at = from + SignedDuration::from_millis(step * nanos(place));
            let call = self.call(chance, at, to);
            if place.is_multiple_of(2) { ended.push(call) } else { begun.push(call) }
        }
        let started = begun.iter().map(|call| self.started(call)).collect();
        let lend = self.lend(chance, count, to);
        let mut batch = Self::batch(to).with(lend).with(self.report(started, &ended, watermark()));
        if let Some(call) = self.charged.take() {
            batch = batch.with(corrected(chance, &call, to));
        }
        self.charged = ended.last().cloned();
        self.begun = begun;
        with_rows(batch, ended)
    }

    /// A node stops: what it had begun has ended, and what it has not spent goes back.
    fn end(&mut self, at: Timestamp) -> Batch {
        let mut ended = std::mem::take(&mut self.begun);
        for call in &mut ended {
            call.ended_at = at;
        }
        let last = self.report(Vec::new(), &ended, Usd::ZERO);
        let fence = Command::Lease(LeaseCommand::Fence { lease: self.lease });
        with_rows(Self::batch(at).with(last), ended).with(fence)
    }

    /// The next report of the lease. The last one, which covers nothing, gives back the rest.
    fn report(&mut self, begun: Vec<BegunCall>, ended: &[Call], watermark: Usd) -> Write {
        let charge = |call: &Call| LeaseCharge { hold: call.hold, held: HELD, cost: call.cost };
        self.reports += 1;
        let costs = ended.iter().map(|call| call.cost);
        self.left = self.left.checked_sub(Usd::sum(costs).expect("it fits")).expect("it is lent");
        let returned = if watermark.is_zero() { self.left } else { Usd::ZERO };
        Write::from(Command::Lease(LeaseCommand::Report(Box::new(Report {
            lease: self.lease,
            epoch: Epoch::new(self.epoch),
            number: self.reports,
            begun,
            charged: ended.iter().map(charge).collect(),
            watermark,
            returned,
            is_last_word: false,
        }))))
    }

    fn call(&self, chance: &mut Chance, started_at: Timestamp, ended_at: Timestamp) -> Call {
        let (input, output) = (chance.below(4_000), chance.below(900));
        Call {
            request: RequestId::new(started_at, chance.entropy()),
            hold: HoldId::new(started_at, chance.entropy()),
            key: *chance.pick(&self.keys).expect("a grant has keys"),
            grant: self.grant,
            endpoint: Endpoint::ChatCompletions,
            model: ModelId::new(*chance.pick(&MODELS).expect("there are some")),
            tier: ServiceTier::Default,
            streamed: chance.once_in(3),
            usage: Usage { input, output, ..Usage::default() },
            held: HELD,
            cost: Usd::from_nanos(chance.between(20_000, 180_000)),
            basis: Basis::Reported,
            outcome: CallOutcome::Answered,
            status: 200,
            price_version: PriceVersion::new("2026-11-22"),
            started_at,
            ended_at,
        }
    }

    fn started(&self, call: &Call) -> BegunCall {
        let note = CallNote {
            request: call.request,
            key: call.key,
            endpoint: call.endpoint,
            model: call.model.clone(),
            tier: call.tier,
            streamed: call.streamed,
            background: false,
            price_version: call.price_version.clone(),
            started_at: call.started_at,
        };
        BegunCall {
            hold: call.hold,
            holder: self.holder,
            amount: HELD,
            placed_at: call.started_at,
            settle_by: call.started_at + SignedDuration::from_mins(25),
            note: serde_json::to_string(&note).expect("a note is JSON"),
        }
    }
}

/// What calls may have spent before their node is heard of again.
fn watermark() -> Usd {
    Usd::from_nanos(HELD.nanos() * nanos(2 * BATCH))
}

/// Somebody has the provider's own figures of a call, which cost half.
fn corrected(chance: &mut Chance, call: &Call, at: Timestamp) -> Command {
    let (id, cost) = (CorrectionId::new(at, chance.entropy()), call.cost.nanos() / 2);
    let (charge, reason) = (call.hold, "the provider's report".to_owned());
    Command::Correct(Box::new(Correct { id, charge, cost: Usd::from_nanos(cost), reason }))
}

fn with_rows(batch: Batch, calls: Vec<Call>) -> Batch {
    let row = |call| Write::Row(Row::Call(Box::new(call)), Expect::New);
    calls.into_iter().map(row).fold(batch, Batch::with)
}

/// A count among amounts.
fn nanos(count: u64) -> i64 {
    i64::try_from(count).expect("it is small")
}
