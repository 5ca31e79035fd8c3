//! The node: who holds what of what it has borrowed.

use std::collections::{BTreeMap, HashMap, VecDeque};

use bursar_kernel::limits::HOLD_PARTS_MAX;
use bursar_kernel::{Cap, Epoch, GrantId, HoldId, LeaseId, Lot, NodeId, PersonId, Timestamp, Usd};
use bursar_ledger::Leased;

use crate::guards::{Guard, Guards};
use crate::line::{Asked, Line, Loan, Queue, queue_of};
use crate::moment::Moment;
use crate::question::{Hold, Question, Reason, Refusal};
use crate::settings::Settings;
use crate::slice::{Keeps, Known, Slice, Stage, minus, plus};

/// Names are random and ours, so nobody can choose them to collide; and a seed replays to the byte.
type ById<K, V> = HashMap<K, V, foldhash::fast::FixedState>;

const PARTS_MAX: usize = HOLD_PARTS_MAX as usize;

/// One life of a gateway node, and everything that it has borrowed.
#[derive(Debug)]
pub struct Node {
    pub(crate) id: NodeId,
    pub(crate) epoch: Epoch,
    pub(crate) settings: Settings,
    pub(crate) guards: Guards,
    /// Leases, each at a place that it keeps.
    pub(crate) slices: Vec<Slice>,
    /// The places of those that something has happened to since a group took them in. The others
    /// are looked at every few milliseconds, for what time alone brings.
    pub(crate) stirred: Vec<usize>,
    /// When all of them were last looked at: for a group, and for a question ahead of need.
    pub(crate) written_at: Option<Moment>,
    pub(crate) asked_at: Option<Moment>,
    /// The places of a wallet's leases, in spending order.
    wallets: ById<PersonId, Vec<usize>>,
    caps: ById<Cap, usize>,
    pub(crate) by_lease: ById<LeaseId, usize>,
    /// Open holds, each at a place that is kept for it until it ends.
    pub(crate) open: Vec<Option<Open>>,
    vacant: Vec<u32>,
    /// Holds that the book may have to hear of, in the order they were placed.
    pub(crate) young: VecDeque<(u32, HoldId, Moment)>,
    /// Holds in the group that is on its way.
    pub(crate) sending: Vec<(u32, HoldId)>,
    /// Charges that are not durable.
    pub(crate) unwritten: usize,
    pub(crate) lines: BTreeMap<Queue, Line>,
    pub(crate) waiting: usize,
    pub(crate) tickets: u64,
    pub(crate) asks: BTreeMap<u64, Asked>,
    pub(crate) asks_made: u64,
    pub(crate) groups: u64,
    pub(crate) is_group_sent: bool,
    heard_at: Moment,
    is_stopped: bool,
}

/// An open hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Open {
    pub(crate) id: HoldId,
    pub(crate) holder: PersonId,
    pub(crate) parts: Parts,
    pub(crate) known: Known,
    pub(crate) placed_at: Timestamp,
    pub(crate) settle_by: Timestamp,
}

/// What each lease has set aside for a hold, in the order it was taken.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Parts {
    places: [(usize, Usd); PARTS_MAX],
    count: usize,
}

impl Parts {
    fn push(&mut self, slice: usize, amount: Usd) -> bool {
        let Some(place) = self.places.get_mut(self.count) else {
            return false;
        };
        *place = (slice, amount);
        self.count = self.count.saturating_add(1);
        true
    }

    /// The slices with what each has set aside, and the part's number.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u8, usize, Usd)> + '_ {
        let parts = self.places.iter().take(self.count);
        (0_u8..).zip(parts).map(|(number, (slice, amount))| (number, *slice, *amount))
    }
}

/// What of a wallet's credit is at the node for a call.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reach {
    /// What is free for it.
    pub(crate) free: Usd,
    /// What is free of the lowest of its caps; as much as anything, if it has none.
    pub(crate) rights: Usd,
    /// What is here and not free, or not usable: some of it may come back.
    pub(crate) busy: Usd,
    /// How often something of it went back: an answer of the store from before knows nothing of it.
    pub(crate) gave_back: u64,
}

impl Reach {
    /// What is on its way back is not here and not at the store.
    fn add_returns(&mut self, slice: &Slice) {
        let returned = slice.sent.map_or(Usd::ZERO, |sent| sent.returned);
        self.busy = plus(self.busy, returned);
        self.gave_back = self.gave_back.saturating_add(slice.gave_back);
    }

    pub(crate) fn fits(&self) -> Usd {
        self.free.min(self.rights)
    }
}

/// What a node was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The ask's number.
    pub number: u64,
    /// What was lent.
    pub loans: Vec<Loan>,
    /// If that is less than was missing: whether more may come.
    pub short: Option<crate::line::Short>,
}

impl Node {
    /// A node that has borrowed nothing yet.
    pub fn new(id: NodeId, epoch: Epoch, settings: Settings, guards: Guards, now: Moment) -> Self {
        Self {
            id,
            epoch,
            settings,
            guards,
            slices: Vec::new(),
            stirred: Vec::new(),
            written_at: None,
            asked_at: None,
            wallets: ById::default(),
            caps: ById::default(),
            by_lease: ById::default(),
            open: Vec::new(),
            vacant: Vec::new(),
            young: VecDeque::new(),
            sending: Vec::new(),
            unwritten: 0,
            lines: BTreeMap::new(),
            waiting: 0,
            tickets: 0,
            asks: BTreeMap::new(),
            asks_made: 0,
            groups: 0,
            is_group_sent: false,
            heard_at: now,
            is_stopped: false,
        }
    }

    /// Which node, and which of its lives.
    pub const fn identity(&self) -> (NodeId, Epoch) {
        (self.id, self.epoch)
    }

    /// Calls that it has authorised and that have not ended.
    pub fn calls(&self) -> usize {
        self.open.len().saturating_sub(self.vacant.len())
    }

    /// What was revoked until this moment is known here: the store has answered a question that
    /// was asked then.
    pub fn heard(&mut self, now: Moment) {
        self.heard_at = self.heard_at.max(now);
    }

    /// Whether the store was heard lately enough for calls to begin.
    pub fn is_in_touch(&self, now: Moment) -> bool {
        !self.is_stopped && now.since(self.heard_at) < self.settings.silence_max_ms
    }

    /// The store refused a group, or its answer does not fit: nothing more is authorised here.
    pub fn stop(&mut self) {
        self.is_stopped = true;
    }

    /// Sets money aside for a call, or says why not. [`Reason::NotHere`] is worth waiting for, see
    /// [`Node::wait`]. The amount is above zero: what is free needs no hold.
    pub fn authorise(&mut self, question: &Question, now: Moment) -> Result<Hold, Refusal> {
        let is_first = self.waiting == 0
            || !self.lines.contains_key(&queue_of(question))
            || !self.guards.up(Guard::Line);
        if self.may_begin(now).is_ok() && is_first {
            return self.take(question, question.amount, now);
        }
        let reason = self.may_begin(now).err().unwrap_or(Reason::NotHere);
        Err(self.refusal(question, reason, now))
    }

    /// A call is over and cost this much: that is spent, the rest of its hold is free again.
    ///
    /// A cost above the hold is paid by the lot when the charge is written. The charge is durable
    /// when the group is that names it: only then may the call's last byte leave.
    pub fn capture(&mut self, hold: Hold, cost: Usd) {
        let place = usize::try_from(hold.place).unwrap_or(usize::MAX);
        let open = self.open.get_mut(place).and_then(Option::take);
        let open = open.filter(|open| open.id == hold.id).expect("a hold ends once, at its node");
        self.vacant.push(hold.place);
        let last = open.parts.iter().filter(|(_, slice, _)| self.is_credit(*slice)).last();
        let last = last.map(|(number, _, _)| number);
        let mut missing = cost;
        for (number, place, held) in open.parts.iter() {
            let is_credit = self.is_credit(place);
            let paid = match (is_credit, last == Some(number)) {
                (true, true) => missing,
                (true, false) => missing.min(held),
                (false, _) => cost,
            };
            if is_credit {
                missing = missing.checked_sub(paid).unwrap_or(Usd::ZERO);
            }
            self.stir(place);
            let slice = &mut self.slices[place];
            let before = slice.charged.len();
            slice.end(open.id.part(number), held, paid, open.known);
            let charges = slice.charged.len().saturating_sub(before);
            self.unwritten = self.unwritten.saturating_add(charges);
        }
        self.forget_ended();
    }

    /// A call cost nothing: its hold is free again.
    pub fn release(&mut self, hold: Hold) {
        self.capture(hold, Usd::ZERO);
    }

    /// The leases that a hold lies on, with what each has set aside, in the order it was taken.
    pub fn lies_on(&self, hold: &Hold) -> impl Iterator<Item = (LeaseId, Usd)> + '_ {
        let open = self.open_at(hold.place, hold.id);
        let parts = open.into_iter().flat_map(|open| open.parts.iter());
        parts.map(|(_, place, amount)| (self.slices[place].lease, amount))
    }

    /// The lot that a lease is a part of, if it is here and a part of one.
    pub fn lot_of(&self, lease: LeaseId) -> Option<&Lot> {
        self.slices[*self.by_lease.get(&lease)?].lot.as_ref()
    }

    /// What of a holder's lots of one grant is here and not set aside, or on its way back.
    pub fn free_of(&self, holder: PersonId, grant: GrantId) -> Usd {
        let slices = self.wallet(holder).iter().map(|place| &self.slices[*place]);
        let of_grant = |slice: &&Slice| {
            let lot = slice.lot.as_ref();
            slice.stage == Stage::GoingOn && lot.is_some_and(|lot| lot.grant == Some(grant))
        };
        slices.filter(of_grant).fold(Usd::ZERO, |sum, slice| {
            let returned = slice.sent.map_or(Usd::ZERO, |sent| sent.returned);
            plus(sum, plus(slice.free(), returned))
        })
    }

    /// What of a cap's rights is here and not set aside, or on its way back.
    pub fn rights_of(&self, cap: Cap) -> Usd {
        let slice = self.caps.get(&cap).map(|place| &self.slices[*place]);
        slice.map_or(Usd::ZERO, |slice| {
            plus(slice.free(), slice.sent.map_or(Usd::ZERO, |sent| sent.returned))
        })
    }

    /// Whether all that is not set aside of a lease has gone back, durably.
    pub fn has_given_back(&self, lease: LeaseId) -> bool {
        let slice = self.by_lease.get(&lease).map(|place| &self.slices[*place]);
        slice.is_none_or(|slice| {
            let is_returning = slice.sent.is_some_and(|sent| sent.returned.is_positive());
            slice.free().is_zero() && !is_returning
        })
    }

    /// Whether nothing is here: no call, no money, nothing that is not durable.
    pub fn is_empty(&self) -> bool {
        let is_spent = |slice: &Slice| slice.funds.is_zero() && slice.charged.is_empty();
        self.calls() == 0 && !self.is_group_sent && self.slices.iter().all(is_spent)
    }

    /// Whether nothing is here and nobody waits, so that it need not be polled.
    pub fn is_quiet(&self) -> bool {
        self.waiting == 0 && self.asks.is_empty() && self.is_empty()
    }

    /// The store wants back what is not set aside.
    pub fn recall(&mut self, lease: LeaseId) {
        if let Some(place) = self.by_lease.get(&lease).copied() {
            self.slices[place].keep(Keeps::Nothing);
            self.stir(place);
        }
    }

    /// A cap was changed: no call begins on what was lent of its rights before, and that goes back
    /// as calls in flight leave it. What is lent from now on is another lease.
    pub fn retire(&mut self, cap: Cap) {
        if let Some(place) = self.caps.get(&cap).copied() {
            self.slices[place].keep(Keeps::Never);
            self.stir(place);
        }
    }

    /// The caps of whose rights something was ever lent.
    pub fn caps(&self) -> Vec<Cap> {
        self.caps.keys().copied().collect()
    }

    /// The node is about to end: what is not set aside goes back.
    pub fn drain(&mut self) {
        for place in 0..self.slices.len() {
            self.slices[place].keep(Keeps::Nothing);
            self.stir(place);
        }
    }

    /// Something has happened to a lease.
    pub(crate) fn stir(&mut self, place: usize) {
        let slice = &mut self.slices[place];
        if !slice.is_stirred {
            slice.is_stirred = true;
            self.stirred.push(place);
        }
    }

    fn is_credit(&self, slice: usize) -> bool {
        self.slices[slice].lot.is_some()
    }

    /// Holds that ended before the book had to hear of them are looked at no more.
    fn forget_ended(&mut self) {
        while let Some((place, id, _)) = self.young.front() {
            if self.open_at(*place, *id).is_some() {
                break;
            }
            self.young.pop_front();
        }
    }

    pub(crate) fn open_at(&self, place: u32, id: HoldId) -> Option<&Open> {
        let open = self.open.get(usize::try_from(place).ok()?)?.as_ref();
        open.filter(|open| open.id == id)
    }

    pub(crate) fn may_begin(&self, now: Moment) -> Result<(), Reason> {
        let is_silent = self.settings.silence_max_ms <= now.since(self.heard_at);
        if self.is_stopped || (is_silent && self.guards.up(Guard::Silence)) {
            return Err(Reason::OutOfTouch);
        }
        if self.settings.calls_max <= self.calls().saturating_add(self.unwritten) {
            return Err(Reason::Full);
        }
        Ok(())
    }

    /// Sets an amount aside in spending order, all or nothing.
    pub(crate) fn take(
        &mut self,
        question: &Question,
        amount: Usd,
        now: Moment,
    ) -> Result<Hold, Refusal> {
        assert!(amount.is_positive(), "hold `{}` sets something aside", question.hold);
        let Some((parts, is_covered)) = self.parts(question, amount, now) else {
            return Err(self.refusal(question, Reason::NotHere, now));
        };
        if !is_covered {
            for (_, place, part) in parts.iter() {
                let slice = &mut self.slices[place];
                slice.wanted = slice.wanted.max(part);
                self.stir(place);
            }
            return Err(self.refusal(question, Reason::NotHere, now));
        }
        for (_, place, part) in parts.iter() {
            self.slices[place].set_aside(part, now);
            self.stir(place);
        }
        let open = Open {
            id: question.hold,
            holder: question.holder,
            parts,
            known: Known::No,
            placed_at: question.placed_at,
            settle_by: question.settle_by,
        };
        let place = self.keep(open);
        self.young.push_back((place, question.hold, now));
        let is_lowered = amount < question.amount;
        Ok(Hold { id: question.hold, place, amount, is_lowered })
    }

    /// What each lease would set aside, if they have enough, and whether watermarks cover it.
    fn parts(&self, question: &Question, amount: Usd, now: Moment) -> Option<(Parts, bool)> {
        let (mut parts, mut is_covered, mut missing) = (Parts::default(), true, amount);
        let mut take = |place: usize, missing: Usd| {
            let slice = &self.slices[place];
            let part = slice.free().min(missing);
            is_covered &= part <= slice.covered(self.guards);
            (part.is_zero() || parts.push(place, part)).then_some(part)
        };
        for place in self.wallet(question.holder) {
            let slice = &self.slices[*place];
            if missing.is_zero() {
                break;
            }
            if slice.is_usable(now, self.guards) && slice.serves(question) {
                missing = minus(missing, take(*place, missing)?);
            }
        }
        if !missing.is_zero() {
            return None;
        }
        for cap in question.caps.iter() {
            let place = *self.caps.get(&cap)?;
            let is_usable = self.slices[place].is_usable(now, self.guards);
            let part = if is_usable { take(place, amount)? } else { Usd::ZERO };
            if part < amount {
                return None;
            }
        }
        Some((parts, is_covered))
    }

    fn keep(&mut self, open: Open) -> u32 {
        if let Some(place) = self.vacant.pop() {
            self.open[usize::try_from(place).unwrap_or(usize::MAX)] = Some(open);
            return place;
        }
        let place = u32::try_from(self.open.len()).expect("the number of calls is limited");
        self.open.push(Some(open));
        place
    }

    pub(crate) fn wallet(&self, holder: PersonId) -> &[usize] {
        self.wallets.get(&holder).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn reach(&self, question: &Question, now: Moment) -> Reach {
        let mut reach = Reach { rights: Usd::MAX, ..Reach::default() };
        for place in self.wallet(question.holder) {
            let slice = &self.slices[*place];
            if !slice.serves(question) || slice.stage != Stage::GoingOn {
                continue;
            }
            let is_usable = slice.is_usable(now, self.guards);
            let free = if is_usable { slice.free() } else { Usd::ZERO };
            reach.free = plus(reach.free, free);
            reach.busy = plus(reach.busy, minus(slice.funds, free));
            reach.add_returns(slice);
        }
        for cap in question.caps.iter() {
            let rights = self.rights(cap, now);
            reach.rights = reach.rights.min(rights);
            if let Some(slice) = self.caps.get(&cap).map(|place| &self.slices[*place]) {
                reach.busy = plus(reach.busy, minus(slice.funds, rights));
                reach.add_returns(slice);
            }
        }
        reach
    }

    /// What of a cap's rights is here and free.
    pub(crate) fn rights(&self, cap: Cap, now: Moment) -> Usd {
        let slice = self.caps.get(&cap).map(|place| &self.slices[*place]);
        let usable = slice.filter(|slice| slice.is_usable(now, self.guards));
        usable.map_or(Usd::ZERO, Slice::free)
    }

    pub(crate) fn refusal(&self, question: &Question, reason: Reason, now: Moment) -> Refusal {
        let reach = self.reach(question, now);
        let (available, fits) = (reach.free, reach.fits());
        Refusal { reason, available, needed: question.amount, fits }
    }

    /// The place of a lease, made for it on its first loan.
    pub(crate) fn place_of(&mut self, loan: &Loan, now: Moment) -> usize {
        if let Some(place) = self.by_lease.get(&loan.lease) {
            return *place;
        }
        let place = self.slices.len();
        self.slices.push(Slice::new(loan.lease, loan.of, loan.lot.clone(), now));
        self.by_lease.insert(loan.lease, place);
        match (loan.of, &loan.lot) {
            (Leased::Cap(cap), _) => {
                self.caps.insert(cap, place);
            }
            (Leased::Lot(_), lot) => {
                let holder = lot.as_ref().map(|lot| lot.holder);
                let holder = holder.expect("a loan of a lot says which");
                let wallet = self.wallets.entry(holder).or_default();
                wallet.push(place);
                let slices = &self.slices;
                let order =
                    |place: &usize| slices[*place].lot.as_ref().map(bursar_ledger::spending_order);
                wallet.sort_by_key(order);
            }
        }
        place
    }

    /// A lease that has ended and been reported to the last is nobody's any more.
    pub(crate) fn close(&mut self, place: usize) {
        self.slices[place].stage = Stage::Closed;
        self.caps.retain(|_, cap| *cap != place);
        for wallet in self.wallets.values_mut() {
            wallet.retain(|other| *other != place);
        }
    }
}
