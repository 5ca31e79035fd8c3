//! What calls used and cost, in buckets of any width: the same on every engine, and of all widths
//! the same in all.

use bursar_kernel::{CorrectionId, Endpoint, GrantId, KeyId, ModelId, ServiceTier, Timestamp, Usd};
use bursar_ledger::{Command, Correct};

use super::world::{Desk, usd};
use bursar_store::memory::MemoryStore;
use bursar_store::rows::Call;
use bursar_store::sums::DAY_MS;
use bursar_store::usage::{COUNTED, COUNTED_MAX};
use bursar_store::{
    Batch, Commit, CostSum, Expect, Row, UsageFilter, UsageReads, Used, Width, Write,
};

/// Random calls, some of them corrected, on an engine that is still empty.
pub async fn usage(store: &(impl Commit + UsageReads)) {
    let (reference, mut desk) = (MemoryStore::default(), Desk::new(13));
    let both = (store, &reference);
    write(both, desk.funded_lot(usd("100"))).await;
    let grants = [(); 2].map(|()| GrantId::new(desk.now, desk.chance.entropy()));
    let keys = [(); 2].map(|()| KeyId::new(desk.now, desk.chance.entropy()));
    let begun = desk.now;
    let mut calls = Vec::new();
    for _ in 0..40 {
        let millis = [0, 7, 20_000, 1_700_000, 9_000_000, 40_000_000];
        let step = *desk.chance.pick(&millis).unwrap_or(&0);
        desk.now = at(desk.now.as_millisecond().saturating_add(step));
        let mut batch = desk.batch();
        for _ in 0..desk.chance.below(4) {
            let (hold, place) = desk.hold(usd("0.01"));
            write(both, place).await;
            let call = random(&mut desk, grants, keys, hold);
            batch = batch.with(Command::Capture { hold, amount: call.cost });
            batch = batch.with(Write::Row(Row::Call(Box::new(call.clone())), Expect::New));
            calls.push(call);
        }
        write(both, batch).await;
    }
    agree(both, &mut desk, grants, begun, &calls).await;
    for call in calls.iter_mut().step_by(5) {
        let id = CorrectionId::new(desk.now, desk.chance.entropy());
        let cost = Usd::from_nanos(desk.chance.between(0, 9_000));
        let (charge, reason) = (call.hold, "the provider's report".to_owned());
        let correct = Command::Correct(Box::new(Correct { id, charge, cost, reason }));
        write(both, desk.batch().with(correct)).await;
        call.cost = cost;
    }
    agree(both, &mut desk, grants, begun, &calls).await;
}

async fn write((store, reference): (&impl Commit, &MemoryStore), batch: Batch) {
    for answer in [store.commit(batch.clone()).await, reference.commit(batch).await] {
        answer.expect("the story writes what can be written");
    }
}

/// A call of either grant, of any endpoint and tier; now and then with a report of nonsense.
fn random(
    desk: &mut Desk,
    grants: [GrantId; 2],
    keys: [KeyId; 2],
    hold: bursar_kernel::HoldId,
) -> Call {
    let cost = Usd::from_nanos(desk.chance.between(0, 1_000_000));
    let mut call = desk.call(hold, cost);
    let one_of = |desk: &mut Desk| desk.chance.once_in(5);
    call.grant = grants[usize::from(one_of(desk))];
    call.key = keys[usize::from(one_of(desk))];
    call.model = ModelId::new(if one_of(desk) { "dear" } else { "cheap" });
    call.endpoint = *desk.chance.pick(&Endpoint::ALL[..2]).unwrap_or(&call.endpoint);
    let tiers = [ServiceTier::Default, ServiceTier::Batch];
    call.tier = *desk.chance.pick(&tiers).unwrap_or(&call.tier);
    let mut count = || match desk.chance.below(12) {
        0 => u64::MAX,
        other => other * 1_000,
    };
    let counts = [(); COUNTED].map(|()| count());
    call.usage = Used { calls: 1, counts }.usage();
    call
}

/// The engine says what the reference says, and buckets of any width come to the same.
async fn agree<S: Commit + UsageReads>(
    (store, reference): (&S, &MemoryStore),
    desk: &mut Desk,
    grants: [GrantId; 2],
    begun: Timestamp,
    calls: &[Call],
) {
    for grant in grants {
        let own: Vec<&Call> = calls.iter().filter(|call| call.grant == grant).collect();
        assert!(1 < own.len(), "each grant has calls");
        let all = total(own.iter().map(|call| Used::one(&call.usage)));
        assert!(COUNTED_MAX <= all.usage().input, "one of them reported nonsense");
        let (from, to) = (day(begun, 0), day(desk.now, 1));
        for width in [Width::Minute, Width::Hour, Width::Day] {
            let whole = UsageFilter { grant, from, to, width };
            let found = store.usage(whole).await.expect("it can be asked");
            assert_eq!(total(found.iter().map(|(_, used)| *used)), all, "{width:?}");
            assert!(found.is_sorted_by(|a, b| a.0 < b.0), "in order, each once");
            for _ in 0..8 {
                let which = part(desk, whole);
                assert_eq!(store.usage(which).await, reference.usage(which).await, "{which:?}");
                let behind = usize::try_from(desk.chance.below(6)).unwrap_or(0);
                assert_eq!(
                    store.call_behind(which, behind).await,
                    reference.call_behind(which, behind).await
                );
            }
        }
        let costs: Vec<CostSum> = store.costs(grant, from, to).await.expect("it can be asked");
        let sum = Usd::sum(costs.iter().map(|cost| cost.cost));
        assert_eq!(sum, Usd::sum(own.iter().map(|call| call.cost)));
        let (first, last) = (day(begun, 1), day(desk.now, 0));
        assert!(first < last, "the calls fall on several days");
        for (from, to) in [(from, to), (first, last), (first, to), (to, to)] {
            assert_eq!(store.costs(grant, from, to).await, reference.costs(grant, from, to).await);
        }
    }
}

fn total(parts: impl Iterator<Item = Used>) -> Used {
    parts.fold(Used::default(), |mut sum, part| {
        sum.add(&part);
        sum
    })
}

/// A part of a period, of whole buckets.
fn part(desk: &mut Desk, whole: UsageFilter) -> UsageFilter {
    let width = whole.width.millis();
    let (from, to) = (whole.from.as_millisecond(), whole.to.as_millisecond());
    let mut pick = || from.saturating_add(desk.chance.between(0, (to - from) / width) * width);
    let (a, b) = (pick(), pick());
    UsageFilter { from: at(a.min(b)), to: at(a.max(b)), ..whole }
}

fn day(within: Timestamp, later: i64) -> Timestamp {
    at((within.as_millisecond() / DAY_MS).saturating_add(later).saturating_mul(DAY_MS))
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).expect("the story ends within the calendar")
}
