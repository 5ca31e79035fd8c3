//! Statements of a life: the engine's are the reference's, they add up, and each period opens with
//! what the one before closed with.

use bursar_kernel::{Timestamp, Usd};
use bursar_ledger::{StatementLine, StatementOf};
use jiff::SignedDuration;

use super::world::Desk;
use bursar_store::memory::MemoryStore;
use bursar_store::{StatementReads, StatementRun};

/// Compares statements of all that is named, of periods that are cut at random.
pub(super) async fn compare(
    store: &impl StatementReads,
    reference: &MemoryStore,
    (desk, of): (&mut Desk, Vec<StatementOf>),
    (began, when): (Timestamp, &str),
) {
    let moment = SignedDuration::from_millis(1);
    let ends = desk.now.checked_add(moment).expect("a life ends within the calendar");
    let lived = ends.as_millisecond().saturating_sub(began.as_millisecond());
    for of in of {
        let cut = desk.chance.between(0, lived);
        let cut = began.checked_add(SignedDuration::from_millis(cut)).expect("it lies between");
        let mut closing = Usd::ZERO;
        for period in [(began, cut), (cut, ends)] {
            let calls = desk.chance.once_in(2);
            let expected = read(reference, &of, period, calls).await;
            let found = read(store, &of, period, calls).await;
            assert_eq!(found, expected, "{when}: {of:?} in {period:?}, calls: {calls}");
            let changes = found.1.iter().map(|line| line.entry.change());
            let summed = Usd::sum(changes.chain([found.0]));
            assert_eq!((found.0, Some(found.2)), (closing, summed), "{when}: {of:?} {period:?}");
            closing = found.2;
            let movements = found.1.iter().rev().filter_map(|line| line.entry.movement());
            for movement in movements.take(2) {
                let transfer = Ok(Some(movement.transfer.clone()));
                assert_eq!(store.transfer(movement.transfer.id).await, transfer, "{when}");
            }
        }
        let stands = store.balance_at(of.clone(), desk.now).await;
        assert_eq!(stands, Ok(closing), "{when}: {of:?} now");
    }
}

async fn read(
    store: &impl StatementReads,
    of: &StatementOf,
    period: (Timestamp, Timestamp),
    calls: bool,
) -> (Usd, Vec<StatementLine>, Usd) {
    let begun = StatementRun::begin(store, of.clone(), period, calls).await;
    let mut run = begun.expect("a store can be asked");
    let (opening, mut lines) = (run.balance(), Vec::new());
    while let Some(more) = run.next(store).await.expect("a store can be asked") {
        lines.extend(more);
    }
    (opening, lines, run.balance())
}
