//! One lease at its node: what is left of it, and how far it may be spent.

use bursar_kernel::{HoldId, LeaseId, Lot, Usd};
use bursar_ledger::{LeaseCharge, Leased};

use crate::guards::{Guard, Guards};
use crate::moment::Moment;
use crate::question::Question;

/// One lease at its node. Of `funds`, `open` is set aside; of what may be spent, the book does not
/// know `exposed` yet, and the watermark covers it.
#[derive(Debug)]
pub(crate) struct Slice {
    pub(crate) lease: LeaseId,
    pub(crate) of: Leased,
    /// The lot that it is a part of; none for rights.
    pub(crate) lot: Option<Lot>,
    pub(crate) usable_until: Moment,
    /// All that was ever lent.
    pub(crate) lent: Usd,
    /// What was lent and is neither spent nor given back.
    pub(crate) funds: Usd,
    /// What open holds have set aside.
    pub(crate) open: Usd,
    /// What the watermark must cover: open holds that are not begun in the book, and costs that are
    /// not charged there.
    pub(crate) exposed: Usd,
    /// What the last durable report covers.
    pub(crate) watermark: Usd,
    /// The report that is on its way.
    pub(crate) sent: Option<Sent>,
    /// How often something went back, durably: what the store said before is out of date.
    pub(crate) gave_back: u64,
    /// Reports sent so far.
    pub(crate) reports: u64,
    /// What calls cost that have ended since the last report.
    pub(crate) charged: Vec<Charged>,
    /// Open holds that lie here.
    pub(crate) calls: usize,
    pub(crate) last_used: Moment,
    /// What was spent since the store was last asked.
    pub(crate) burnt: Usd,
    pub(crate) burnt_since: Moment,
    /// The largest hold since the store was last asked.
    pub(crate) largest: Usd,
    /// What a call waits for to be covered.
    pub(crate) wanted: Usd,
    pub(crate) is_renewing: bool,
    pub(crate) keeps: Keeps,
    pub(crate) stage: Stage,
    /// Whether something has happened to it that the next group may have to tell.
    pub(crate) is_stirred: bool,
}

/// What becomes of what is not set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keeps {
    /// It is kept for the next calls.
    All,
    /// It is the last of its lot: kept while somebody waits for it.
    WhileAwaited,
    /// The store wants it back.
    Nothing,
    /// What it is of was changed: nothing begins on it any more, and what its calls give back goes
    /// home.
    Never,
}

/// How far a lease has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// It is spent from.
    GoingOn,
    /// The book has ended it: reports are paid out of its suspense, and nothing begins.
    Ended,
    /// The node's last word about it is in the book.
    Closed,
}

/// A report on its way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sent {
    pub(crate) watermark: Usd,
    /// The part of `exposed` that the book will know once it is durable.
    pub(crate) reported: Usd,
    pub(crate) returned: Usd,
    pub(crate) is_last_word: bool,
}

/// A charge, and whether the book knows its hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Charged {
    pub(crate) charge: LeaseCharge,
    pub(crate) was_begun: bool,
}

impl Slice {
    pub(crate) fn new(lease: LeaseId, of: Leased, lot: Option<Lot>, now: Moment) -> Self {
        Self {
            lease,
            of,
            lot,
            usable_until: now,
            lent: Usd::ZERO,
            funds: Usd::ZERO,
            open: Usd::ZERO,
            exposed: Usd::ZERO,
            watermark: Usd::ZERO,
            sent: None,
            gave_back: 0,
            reports: 0,
            charged: Vec::new(),
            calls: 0,
            last_used: now,
            burnt: Usd::ZERO,
            burnt_since: now,
            largest: Usd::ZERO,
            wanted: Usd::ZERO,
            is_renewing: false,
            keeps: Keeps::All,
            stage: Stage::GoingOn,
            is_stirred: false,
        }
    }

    /// Whether a call may be paid from here at all.
    pub(crate) fn serves(&self, question: &Question) -> bool {
        self.lot.as_ref().is_some_and(|lot| {
            (question.grant.is_none() || lot.grant == question.grant)
                && lot.upstream_group == question.upstream_group
                && lot.scope.covers(&question.model, question.endpoint)
        })
    }

    pub(crate) fn is_usable(&self, now: Moment, guards: Guards) -> bool {
        self.stage == Stage::GoingOn
            && self.keeps != Keeps::Never
            && (now < self.usable_until || !guards.up(Guard::LeaseTime))
    }

    /// What becomes of what is not set aside from now on. A slice on which nothing begins any more
    /// stays one.
    pub(crate) fn keep(&mut self, keeps: Keeps) {
        if self.keeps != Keeps::Never {
            self.keeps = keeps;
        }
    }

    /// What is not set aside.
    pub(crate) fn free(&self) -> Usd {
        minus(self.funds, self.open)
    }

    /// What may be authorised: covered if the report on its way is durable, and if it is lost.
    pub(crate) fn covered(&self, guards: Guards) -> Usd {
        if !guards.up(Guard::Watermark) {
            return self.free();
        }
        let now = self.watermark.checked_sub(self.exposed).unwrap_or(Usd::ZERO);
        let then = self.sent.map_or(now, |sent| {
            let exposed = minus(self.exposed, sent.reported);
            sent.watermark.checked_sub(exposed).unwrap_or(Usd::ZERO)
        });
        self.free().min(now).min(then).max(Usd::ZERO)
    }

    pub(crate) fn set_aside(&mut self, amount: Usd, now: Moment) {
        self.open = plus(self.open, amount);
        self.exposed = plus(self.exposed, amount);
        self.calls = self.calls.saturating_add(1);
        self.last_used = now;
        self.largest = self.largest.max(amount);
    }

    /// A call has ended: what it cost is spent, the rest is free again.
    pub(crate) fn end(&mut self, hold: HoldId, held: Usd, cost: Usd, known: Known) {
        let within = cost.min(held);
        let back = minus(held, within);
        self.open = minus(self.open, held);
        self.funds = minus(self.funds, within);
        self.burnt = plus(self.burnt, within);
        self.calls = self.calls.saturating_sub(1);
        match known {
            Known::No => self.exposed = minus(self.exposed, back),
            Known::Sent => {
                self.exposed = minus(self.exposed, back);
                if let Some(sent) = &mut self.sent {
                    sent.reported = minus(sent.reported, back);
                }
            }
            Known::Yes => {}
        }
        let was_begun = known != Known::No;
        if was_begun || cost.is_positive() {
            let charge = LeaseCharge { hold, held, cost };
            self.charged.push(Charged { charge, was_begun });
        }
    }
}

/// Whether the book knows of a call that goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// Not yet: the watermark covers it.
    No,
    /// It is in the report on its way.
    Sent,
    /// It is a hold in the book.
    Yes,
}

/// The sum of two amounts of one lease, which are parts of what was lent.
pub(crate) fn plus(one: Usd, other: Usd) -> Usd {
    one.checked_add(other).expect("amounts of a lease are parts of what was lent")
}

/// The difference of two amounts of one lease; never below zero.
pub(crate) fn minus(from: Usd, amount: Usd) -> Usd {
    let left = from.checked_sub(amount).filter(|left| !left.is_negative());
    left.expect("a lease never gives more than it has")
}
