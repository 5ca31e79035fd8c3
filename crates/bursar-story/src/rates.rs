//! Parts of rate limits: lent by one rule on every engine, given back, asked for, and ended.

use bursar_kernel::{NodeId, PersonId, RateClassId, RequestId, Timestamp};
use bursar_policy::{Borrower, Lent, Line, Measure, RateAsk, RateOf, Share};
use jiff::SignedDuration;

use super::world::Desk;
use bursar_store::{Change, Commit, CommitError, NodeReads, RateReads, RateWrite, Receipt, Write};

/// Borrows parts of limits in an engine that is still empty, and reads them back.
pub async fn rates(store: &(impl Commit + RateReads + NodeReads)) {
    let mut desk = Desk::new(20);
    let of = desk.rate_of();
    let [near, far] = [1, 2].map(|number| Borrower::Node(NodeId::from_bytes([number; 16])));
    let minute = Measure::RequestsPerMinute;
    assert_eq!(store.shares(of.clone()).await, Ok(Vec::new()));

    // One of two gets a part; what it needs more comes on top; the limit is never passed.
    let lent = desk.lend(store, near, &of, line(minute, 0, 0, 1, 40)).await;
    assert_eq!((lent.amount, lent.others, lent.free_at), (10, 0, None));
    let lent = desk.lend(store, far, &of, line(minute, 0, 0, 40, 40)).await;
    assert_eq!((lent.amount, lent.others), (30, 10));
    let lent = desk.lend(store, near, &of, line(minute, 0, 10, 5, 40)).await;
    assert_eq!((lent.amount, lent.others), (10, 30));
    let free_at = Some(desk.now);
    let part = |by, amount, free_at| Share {
        by,
        measure: minute,
        stretch: 0,
        amount,
        ends_at: None,
        free_at,
    };
    let both = vec![part(near, 10, free_at), part(far, 30, free_at)];
    assert_eq!(store.shares(of.clone()).await, Ok(both));
    // Another class, and another holder, are others' business.
    let class = RateOf { class: RateClassId::new("large"), ..of.clone() };
    let other = RateOf { holder: PersonId::from_bytes([9; 16]), ..of.clone() };
    for elsewhere in [&class, &other] {
        assert_eq!(store.shares(elsewhere.clone()).await, Ok(Vec::new()));
        let lent = desk.lend(store, near, elsewhere, line(minute, 0, 0, 40, 40)).await;
        assert_eq!((lent.amount, lent.others), (40, 0));
    }

    // Whoever is asked back is told, and says what it keeps.
    let told = store.last_change().await.expect("the store answers");
    let asked = RateWrite::AskBack { of: Box::new(of.clone()), by: near };
    assert_eq!(desk.write(store, asked).await, Ok(Receipt::default()));
    let heard = store.changes(told).await.expect("the store answers");
    assert_eq!(heard, [(told + 1, Some(Change::Rates(of.holder)))]);
    let both = vec![part(near, 10, free_at), part(far, 30, None)];
    assert_eq!(store.shares(of.clone()).await, Ok(both));
    let lent = desk.lend(store, far, &of, line(minute, 0, 3, 0, 0)).await;
    assert_eq!(lent.amount, 3);
    let lent = desk.lend(store, near, &of, line(minute, 0, 10, 27, 40)).await;
    assert_eq!((lent.amount, lent.others), (37, 3));

    // A part of a day is for a stretch of it, and counts for a day after that.
    let stretch = desk.now.as_millisecond();
    let day = Measure::RequestsPerDay;
    let lent = desk.lend(store, near, &of, line(day, stretch, 0, 1, 200)).await;
    assert_eq!((lent.amount, lent.stretch), (10, stretch));
    // All of it given back, it is gone.
    let gone = desk.lend(store, near, &of, line(day, stretch, 0, 0, 200)).await;
    assert_eq!(gone.amount, 0);
    let lent = desk.lend(store, far, &of, line(day, stretch, 0, 150, 200)).await;
    assert_eq!((lent.amount, lent.others), (150, 0));

    leaves(store, &mut desk, &of, [near, far]).await;
    queue(store, &mut desk).await;
}

/// Who leaves has nothing any more, and what it let through counts as long as it may.
async fn leaves(
    store: &(impl Commit + RateReads),
    desk: &mut Desk,
    of: &RateOf,
    [near, far]: [Borrower; 2],
) {
    let (minute, day) = (Measure::RequestsPerMinute, Measure::RequestsPerDay);
    let Borrower::Node(node) = near else { return };
    let left = store.commit(desk.batch().with(Write::Leave(node))).await;
    assert_eq!(left, Ok(Receipt::default()));
    let ended_at = desk.now;
    let lent = desk.lend(store, near, of, line(minute, 0, 37, 37, 40)).await;
    assert_eq!((lent.amount, lent.others), (0, 40), "what it says that it has counts for nothing");
    assert_eq!(lent.free_at, Some(ended_at + minute.counts_for()));
    desk.now = ended_at + minute.counts_for();
    let lent = desk.lend(store, far, of, line(minute, 0, 3, 37, 40)).await;
    assert_eq!((lent.amount, lent.others), (40, 0));
    // A process that was cut off ends its own; the day counts on.
    assert_eq!(desk.write(store, RateWrite::End(far)).await, Ok(Receipt::default()));
    let lent = desk.lend(store, near, of, line(minute, 0, 0, 1, 40)).await;
    assert_eq!((lent.amount, lent.others), (0, 40));
    let stretch = desk.now.as_millisecond();
    let lent = desk.lend(store, near, of, line(day, stretch, 0, 100, 200)).await;
    assert_eq!((lent.amount, lent.others), (50, 150));
    desk.now = ended_at + SignedDuration::from_mins(24 * 60 + 15) + SignedDuration::from_secs(3);
    let lent = desk.lend(store, near, of, line(day, desk.now.as_millisecond(), 0, 200, 200)).await;
    assert_eq!((lent.amount, lent.others), (150, 50), "what is over is forgotten");
}

/// A batch gets its place in the queue with what is written beside it, or nothing is written.
async fn queue(store: &(impl Commit + RateReads), desk: &mut Desk) {
    let of = desk.rate_of();
    let of = RateOf { class: RateClassId::new("batches"), ..of };
    let [first, second] = [7, 8].map(|number| Borrower::Batch(RequestId::from_bytes([number; 16])));
    let tokens = |want| line(Measure::BatchQueue, 0, 0, want, 1_000);
    assert_eq!(desk.lend(store, first, &of, tokens(600)).await.amount, 600);
    let setting = Write::Setting { key: "story", value: "told".to_owned() };
    let ask = RateWrite::Lend(Box::new(ask(second, &of, tokens(401))));
    let refused = store.commit(desk.batch().with(setting).with(Write::Rate(ask))).await;
    let full = match refused {
        Err(CommitError::Full(full)) => Some((full.limit, full.used, full.asked)),
        _ => None,
    };
    assert_eq!(full, Some((1_000, 600, 401)));
    assert_eq!(store.shares(of.clone()).await.expect("the store answers").len(), 1);
    assert_eq!(desk.lend(store, second, &of, tokens(400)).await.amount, 400);
    assert_eq!(desk.write(store, RateWrite::End(first)).await, Ok(Receipt::default()));
    let third = Borrower::Batch(RequestId::from_bytes([9; 16]));
    assert_eq!(desk.lend(store, third, &of, tokens(600)).await.amount, 600);
}

const fn line(measure: Measure, stretch: i64, keep: u64, want: u64, limit: u64) -> Line {
    Line { measure, stretch, keep, want, limit, free_at: None }
}

fn ask(by: Borrower, of: &RateOf, line: Line) -> RateAsk {
    RateAsk { by, of: of.clone(), nodes: 2, lines: vec![line] }
}

impl Desk {
    fn rate_of(&self) -> RateOf {
        let (holder, program) = (self.holder, self.program());
        RateOf { holder, program, class: RateClassId::new("small") }
    }

    async fn write(&self, store: &impl Commit, write: RateWrite) -> Result<Receipt, CommitError> {
        store.commit(self.batch().with(Write::Rate(write))).await
    }

    /// Asks for one line, and says now when it comes free.
    async fn lend(&self, store: &impl Commit, by: Borrower, of: &RateOf, line: Line) -> Lent {
        let free_at: Option<Timestamp> = Some(self.now);
        let write = RateWrite::Lend(Box::new(ask(by, of, Line { free_at, ..line })));
        let receipt = self.write(store, write).await.expect("it lends");
        let mut lent = receipt.lent.into_iter().flatten();
        let one = lent.next().expect("the one line is answered");
        assert_eq!(lent.next(), None);
        one
    }
}
