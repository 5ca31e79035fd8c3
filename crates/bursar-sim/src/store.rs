//! The store: the real book behind commits that are durable a little later than they are asked for,
//! and whoever lends from it.

use std::collections::BTreeMap;

use bursar_kernel::limits::LEASE_SKEW_MAX;
use bursar_kernel::{
    Actor, Cap, Epoch, KeyId, LeaseId, Lot, LotId, NodeId, PersonId, StudyId, Timestamp,
    TransferId, Usd,
};
use bursar_lease::{
    Answered, Ask, Decision, Group, LeaseView, Loan, LotView, Moment, Settings, View, Want, lend,
};
use bursar_ledger::{
    Account, Asked, Book, Command, Event, Hold, Lease, LeaseCharge, LeaseCommand, Leased, Lend,
    Outcome, Refusal, Report, Resolution, Resolved, Transfer, TransferKind, decide,
    in_spending_order,
};

use crate::auditor::{Auditor, Violation};
use crate::guards::{Switch, Taken};

/// How long other nodes have to give back what was recalled.
const RECALL_MS: u64 = 200;
/// How long after its end a lease is fenced: the longest call, and then some.
const GRACE_MS: u64 = 5_000;
/// A node that was heard of within so long lives.
const LIVES_MS: u64 = 3_000;

/// What a node says to the store.
#[derive(Clone, Debug)]
pub(crate) enum ToStore {
    /// A life begins: the earlier ones are over.
    Hello,
    /// What was revoked so far? Asked at this moment of the node's.
    Ping(Moment),
    Ask(Box<Ask>),
    Group(Box<Group>),
}

/// What the store says to a node.
#[derive(Clone, Debug)]
pub(crate) enum ToNode {
    Welcome(Vec<usize>),
    Pong(Moment, Vec<usize>),
    Answered(Answered),
    Written(u64, Vec<bool>),
    Recall(LeaseId),
}

/// Who speaks: a node in one of its lives.
pub(crate) type From = (usize, Epoch);

#[derive(Debug)]
enum Pending {
    Hello(From),
    Ask(From, Box<Ask>, bool),
    Group(From, Box<Group>),
    Command(Box<Command>),
}

/// The store.
#[derive(Debug)]
pub(crate) struct Store {
    /// What is durable: here and on the standby.
    pub(crate) book: Book,
    pub(crate) is_up: bool,
    pub(crate) settings: Settings,
    pub(crate) taken: Taken,
    pub(crate) revoked: Vec<usize>,
    pub(crate) lots: Vec<LotId>,
    pub(crate) auditor: Auditor,
    /// Charges that came when an operator had settled their calls.
    pub(crate) overtaken: u64,
    /// When a node whose lease had ended last gave back what lay in suspense.
    pub(crate) came_back_at: u64,
    pending: Vec<Pending>,
    recalling: Vec<(u64, From, Box<Ask>)>,
    seen: BTreeMap<usize, (Epoch, u64)>,
    ids: u64,
    tries: u64,
}

impl Store {
    pub(crate) fn new(settings: Settings, taken: Taken) -> Self {
        Self {
            book: Book::default(),
            is_up: true,
            settings,
            taken,
            revoked: Vec::new(),
            lots: Vec::new(),
            auditor: Auditor::default(),
            overtaken: 0,
            came_back_at: 0,
            pending: Vec::new(),
            recalling: Vec::new(),
            seen: BTreeMap::new(),
            ids: 0,
            tries: 0,
        }
    }

    pub(crate) fn transfer_id(&mut self) -> TransferId {
        self.ids = self.ids.saturating_add(1);
        TransferId::from_bytes(name(0xc0, 0, self.ids, 0, 0))
    }

    /// Asks for something that is written with the next commit.
    pub(crate) fn command(&mut self, command: Command) {
        self.pending.push(Pending::Command(Box::new(command)));
    }

    /// Takes a message in. What can be answered at once is; the rest waits for the next commit.
    pub(crate) fn hear(&mut self, from: From, message: ToStore, t: u64) -> Option<ToNode> {
        self.seen.insert(from.0, (from.1, t));
        match message {
            ToStore::Ping(moment) => return Some(ToNode::Pong(moment, self.revoked.clone())),
            ToStore::Hello => self.pending.push(Pending::Hello(from)),
            ToStore::Ask(ask) => self.pending.push(Pending::Ask(from, ask, false)),
            ToStore::Group(group) => {
                let early = !self.taken.up(Switch::SyncedFirst);
                let late = vec![false; group.reports.len()];
                let answer = early.then_some(ToNode::Written(group.number, late));
                self.pending.push(Pending::Group(from, group));
                return answer;
            }
        }
        None
    }

    pub(crate) fn has_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Everything that waits becomes durable, and is answered.
    pub(crate) fn sync(&mut self, t: u64) -> Result<Vec<(From, ToNode)>, Violation> {
        let mut answers = Vec::new();
        for pending in std::mem::take(&mut self.pending) {
            match pending {
                Pending::Command(command) => {
                    // What people ask for may be refused: that is an answer too.
                    let _answer = self.carry_out(&command, t);
                }
                Pending::Hello(from) => {
                    for lease in self.leases(|lease| is_earlier(lease, from)) {
                        self.fence(lease, t);
                    }
                    answers.push((from, ToNode::Welcome(self.revoked.clone())));
                }
                Pending::Group(from, group) => {
                    let late = self.write(&group, t)?;
                    if self.taken.up(Switch::SyncedFirst) {
                        answers.push((from, ToNode::Written(group.number, late)));
                    }
                }
                Pending::Ask(from, ask, is_recalled) => {
                    answers.extend(self.answer(from, ask, is_recalled, t));
                }
            }
        }
        self.auditor.check(&self.book)?;
        Ok(answers)
    }

    /// The primary dies. The standby has what was synced; of what was being synced it has all, or
    /// nothing, and nobody is told which.
    pub(crate) fn fail(&mut self, is_synced: bool, t: u64) -> Result<(), Violation> {
        if is_synced {
            self.sync(t)?;
        }
        self.pending.clear();
        self.recalling.clear();
        self.seen.clear();
        self.is_up = false;
        self.auditor.check_acknowledged()
    }

    /// What time drives: recalls that are over, leases whose nodes are not heard of, expiry.
    pub(crate) fn tick(&mut self, t: u64) {
        let (over, going): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.recalling).into_iter().partition(|(until, ..)| *until <= t);
        self.recalling = going;
        for (_, from, ask) in over {
            self.pending.push(Pending::Ask(from, ask, true));
        }
        if t.is_multiple_of(500) {
            let limit = instant(t.saturating_sub(GRACE_MS));
            for lease in self.leases(|lease| lease.until <= limit) {
                self.fence(lease, t);
            }
            for lot in self.lots.clone() {
                let id = self.transfer_id();
                let is_expired = self.book.lots[&lot].expires_at <= instant(t);
                if is_expired && self.book.lot_balance(lot).available().is_positive() {
                    self.command(Command::Expire { id, lot });
                }
            }
        }
    }

    /// An operator settles the calls in suspense that are on the bill, and says how many.
    pub(crate) fn settle_billed(&mut self, t: u64) -> Result<u64, Violation> {
        let suspended =
            |hold: &&Hold| hold.resolution == Some(Resolution::Suspended) && hold.settled.is_none();
        let billed = self.book.holds.values().filter(suspended).filter_map(|hold| {
            let cost = self.auditor.bill(hold.id)?;
            let (Account::Lease(lease) | Account::CapLease(lease)) = hold.parts.first()?.account
            else {
                return None;
            };
            Some((hold.id, LeaseCommand::SettleCall { lease, hold: hold.id, cost }))
        });
        let mut billed: Vec<_> = billed.collect();
        billed.sort_by_key(|(hold, _)| *hold);
        let mut count = 0_u64;
        for (hold, command) in billed {
            if let Err(refusal) = self.carry_out(&Command::Lease(command), t) {
                let text = format!("`{hold}`: {refusal}");
                return Err(Violation::new("what is in suspense can be settled", text));
            }
            count = count.saturating_add(1);
        }
        Ok(count)
    }

    fn leases(&self, wanted: impl Fn(&Lease) -> bool) -> Vec<LeaseId> {
        let going = self.book.leases.values().filter(|lease| lease.fenced_at.is_none());
        let mut leases: Vec<LeaseId> =
            going.filter(|lease| wanted(lease)).map(|lease| lease.id).collect();
        leases.sort_unstable();
        leases
    }

    fn fence(&mut self, lease: LeaseId, t: u64) {
        if !self.taken.up(Switch::FenceSuspends) {
            self.give_back_by_guess(lease, t);
        }
        let fenced = self.carry_out(&Command::Lease(LeaseCommand::Fence { lease }), t);
        assert!(fenced.is_ok(), "a lease that is there can be fenced: {fenced:?}");
    }

    /// What no store may do: a dead node's money goes back as if it had spent none.
    fn give_back_by_guess(&mut self, lease: LeaseId, t: u64) {
        let lease = self.book.leases[&lease].clone();
        let mut holds: Vec<_> = self.book.holds.values().cloned().collect();
        holds.retain(|hold| {
            hold.resolution.is_none() && hold.parts.iter().any(|p| p.account == lease.account())
        });
        for hold in holds {
            let resolution = Resolution::Released;
            let (at, parts) = (instant(t), hold.parts);
            self.apply(&Event::HoldResolved(Resolved { hold: hold.id, resolution, at, parts }));
        }
        let amount = self.book.balance(&lease.account()).posted;
        if amount.is_positive() {
            self.apply(&Event::Transferred(Transfer {
                id: TransferId::ending(lease.id, 9),
                debit: lease.account(),
                credit: lease.of.account(),
                amount,
                kind: TransferKind::GiveBack,
                hold: None,
                at: instant(t),
                actor: Actor::Operator,
            }));
        }
        self.apply(&Event::LeaseChanged(Lease { watermark: Usd::ZERO, ..lease }));
    }

    fn write(&mut self, group: &Group, t: u64) -> Result<Vec<bool>, Violation> {
        let mut late = Vec::new();
        for report in &group.reports {
            self.count_overtaken(report);
            let command = Command::Lease(LeaseCommand::Report(Box::new(report.clone())));
            match self.carry_out(&command, t) {
                Ok(Outcome::Reported { is_late, .. }) => {
                    if is_late && report.returned.is_positive() {
                        self.came_back_at = t;
                    }
                    late.push(is_late);
                }
                Ok(other) => late.push(matches!(other, Outcome::Moved)),
                Err(refusal) => {
                    let text = format!("{refusal}: {report:?}");
                    return Err(Violation::new("the book takes in what nodes report", text));
                }
            }
        }
        Ok(late)
    }

    fn count_overtaken(&mut self, report: &Report) {
        let heard = self.book.leases.get(&report.lease).map_or(0, |lease| lease.reports);
        let is_settled = |charge: &&LeaseCharge| {
            self.book.holds.get(&charge.hold).is_some_and(|hold| hold.settled.is_some())
        };
        if heard < report.number {
            let overtaken = report.charged.iter().filter(is_settled).count();
            let overtaken = u64::try_from(overtaken).unwrap_or(u64::MAX);
            self.overtaken = self.overtaken.saturating_add(overtaken);
        }
    }

    pub(crate) fn carry_out(&mut self, command: &Command, t: u64) -> Result<Outcome, Refusal> {
        let asked = Asked { by: Actor::Operator, now: instant(t) };
        let decided = decide(&self.book, command, &asked)?;
        for event in &decided.events {
            self.apply(event);
        }
        Ok(decided.outcome)
    }

    fn apply(&mut self, event: &Event) {
        if let Event::LotIssued(lot) = event {
            self.lots.push(lot.id);
        }
        self.book.apply(event);
        self.auditor.happened(event);
    }

    fn answer(
        &mut self,
        from: From,
        ask: Box<Ask>,
        is_recalled: bool,
        t: u64,
    ) -> Vec<(From, ToNode)> {
        let is_recalling = self
            .recalling
            .iter()
            .any(|(_, other, asked)| (*other, asked.number) == (from, ask.number));
        if is_recalling {
            return Vec::new();
        }
        self.tries = self.tries.saturating_add(1);
        let number = ask.number;
        let lent = self.lent_before(from, number, t);
        if !lent.is_empty() {
            let answered = Answered { number, loans: lent, short: None };
            return vec![(from, ToNode::Answered(answered))];
        }
        let (view, caps) = (self.view(from, &ask, t), caps_of(&ask));
        match lend(&self.settings, &ask, &view, is_recalled) {
            Decision::Recall(leases) => {
                self.recalling.push((t.saturating_add(RECALL_MS), from, ask));
                leases.into_iter().filter_map(|lease| self.recall(lease)).collect()
            }
            Decision::Lend { loans, short } => {
                let loans = (0_u8..)
                    .zip(loans)
                    .filter_map(|(place, loan)| self.lend(from, number, (place, loan), t));
                let mut loans: Vec<Loan> = loans.collect();
                // What was lent before is said again, in case an answer was lost.
                let mine = |lease: &Lease| {
                    let is_named = loans.iter().any(|loan| loan.lease == lease.id);
                    let of = view.lots.iter().map(|lot| Leased::Lot(lot.lot.id));
                    let is_asked_for =
                        of.chain(caps.iter().copied().map(Leased::Cap)).any(|of| of == lease.of);
                    is_asked_for
                        && !is_named
                        && (lease.node, lease.epoch) == (node_id(from.0), from.1)
                };
                let before = self.leases(mine);
                loans.extend(before.iter().map(|id| self.loan(&self.book.leases[id], true, t)));
                let answered = Answered { number, loans, short };
                vec![(from, ToNode::Answered(answered))]
            }
        }
    }

    fn recall(&self, lease: LeaseId) -> Option<(From, ToNode)> {
        let known = self.book.leases.get(&lease)?;
        let node = self.seen.keys().find(|node| node_id(**node) == known.node)?;
        Some(((*node, known.epoch), ToNode::Recall(lease)))
    }

    /// The names of loans come from the question, so that a question lends once.
    fn loan_id(from: From, number: u64, place: u8) -> TransferId {
        TransferId::from_bytes(name(0xa0, from.0, from.1.number(), number, u64::from(place)))
    }

    fn lent_before(&self, from: From, number: u64, t: u64) -> Vec<Loan> {
        let ids = (0..6).map(|place| Self::loan_id(from, number, place));
        let made: Vec<&Transfer> = ids.filter_map(|id| self.book.transfers.get(&id)).collect();
        made.into_iter().filter_map(|made| self.loan_of(made, t)).collect()
    }

    fn loan_of(&self, made: &Transfer, t: u64) -> Option<Loan> {
        let (Account::Lease(lease) | Account::CapLease(lease)) = made.credit else { return None };
        let lease = self.book.leases.get(&lease)?;
        Some(self.loan(lease, false, t))
    }

    fn loan(&self, lease: &Lease, is_last: bool, t: u64) -> Loan {
        let lot = match lease.of {
            Leased::Lot(lot) => self.book.lots.get(&lot).cloned(),
            Leased::Cap(_) => None,
        };
        let valid = lease.until.as_millisecond().saturating_sub(instant(t).as_millisecond());
        let valid_ms = u64::try_from(valid).unwrap_or(0);
        Loan { lease: lease.id, of: lease.of, lot, lent: lease.lent, valid_ms, is_last }
    }

    fn lend(
        &mut self,
        from: From,
        number: u64,
        (place, (of, amount, is_last)): (u8, (Leased, Usd, bool)),
        t: u64,
    ) -> Option<Loan> {
        let (node, epoch) = (node_id(from.0), from.1);
        let mine = |lease: &Lease| (lease.node, lease.epoch, lease.of) == (node, epoch, of);
        let before = self.leases(mine).first().copied();
        if before.is_none() && amount.is_zero() {
            return None;
        }
        let new = LeaseId::from_bytes(name(
            0xb0,
            from.0,
            epoch.number(),
            number,
            place_of(place, self.tries),
        ));
        let lease = before.unwrap_or(new);
        let mut until = instant(t.saturating_add(self.settings.term_ms));
        if let Leased::Lot(lot) = of {
            until = until.min(last_lent(&self.book.lots[&lot]));
        }
        let id = Self::loan_id(from, number, place);
        let loan = Lend { id, lease, node, epoch, of, amount, until };
        self.carry_out(&Command::Lease(LeaseCommand::Lend(loan)), t).ok()?;
        Some(self.loan(&self.book.leases[&lease], is_last, t))
    }

    fn view(&self, from: From, ask: &Ask, t: u64) -> View {
        let now = instant(t);
        let can_lend =
            |lot: &Lot| lot.active_from <= now && instant(t.saturating_add(50)) < last_lent(lot);
        let fits = |lot: &&Lot| match &ask.want {
            Want::Call { holder, grant, model, endpoint, upstream_group, .. } => {
                lot.holder == *holder
                    && (grant.is_none() || lot.grant == *grant)
                    && lot.upstream_group == *upstream_group
                    && lot.scope.covers(model, *endpoint)
            }
            Want::More { of, .. } => Leased::Lot(lot.id) == *of,
        };
        let lots = self.book.lots.values().filter(fits).filter(|lot| can_lend(lot));
        let lots: Vec<LotView> = in_spending_order(lots)
            .into_iter()
            .map(|lot| LotView { lot: lot.clone(), balance: self.book.lot_balance(lot.id) })
            .collect();
        let caps = caps_of(ask);
        let mut of: Vec<Leased> = lots.iter().map(|lot| Leased::Lot(lot.lot.id)).collect();
        of.extend(caps.iter().copied().map(Leased::Cap));
        let mine = (node_id(from.0), from.1);
        let others = self
            .leases(|lease| of.contains(&lease.of) && (lease.node, lease.epoch) != mine)
            .into_iter()
            .map(|lease| {
                let balance = self.book.balance(&self.book.leases[&lease].account());
                LeaseView { lease, balance }
            })
            .collect();
        let live = self.seen.values().filter(|(_, at)| t.saturating_sub(*at) <= LIVES_MS).count();
        View {
            lots,
            caps: caps.into_iter().map(|cap| (cap, self.book.cap_balance(cap))).collect(),
            others,
            nodes: u32::try_from(live).unwrap_or(1),
        }
    }

    /// What somebody could still spend: on lots that can be lent from for a while yet, and lent,
    /// save what the provider has billed.
    pub(crate) fn left(&self, holder: PersonId, t: u64) -> i64 {
        let enough = instant(t.saturating_add(3_000));
        let lots = self.book.lots.values();
        let lots = lots.filter(|lot| lot.holder == holder && enough < last_lent(lot));
        let mut left = 0_i64;
        for lot in lots {
            let lent =
                self.leases(|lease| lease.of == Leased::Lot(lot.id)).into_iter().map(|lease| {
                    let posted = self.book.balance(&Account::Lease(lease)).posted.nanos();
                    posted.saturating_sub(self.auditor.owed(lease))
                });
            let there = self.book.lot_balance(lot.id).available().nanos();
            left = left.saturating_add(there).saturating_add(lent.sum());
        }
        left
    }
}

/// The caps whose rights are asked for.
fn caps_of(ask: &Ask) -> Vec<Cap> {
    match &ask.want {
        Want::Call { caps, .. } => caps.iter().map(|(cap, _)| *cap).collect(),
        Want::More { of: Leased::Cap(cap), .. } => vec![*cap],
        Want::More { of: Leased::Lot(_), .. } => Vec::new(),
    }
}

fn is_earlier(lease: &Lease, (node, epoch): From) -> bool {
    lease.node == node_id(node) && lease.epoch < epoch
}

/// When a lease of a lot must have ended.
fn last_lent(lot: &Lot) -> Timestamp {
    lot.expires_at.checked_sub(LEASE_SKEW_MAX).unwrap_or(lot.active_from)
}

/// The instant at a millisecond of true time.
pub(crate) fn instant(t: u64) -> Timestamp {
    let millis = i64::try_from(t).unwrap_or(i64::MAX).saturating_add(1_800_000_000_000);
    Timestamp::from_millisecond(millis).expect("a life ends within the calendar")
}

pub(crate) fn node_id(node: usize) -> NodeId {
    NodeId::from_bytes(name(0x10, node, 0, 0, 0))
}

pub(crate) fn person_id(person: usize) -> PersonId {
    PersonId::from_bytes(name(0x20, person, 0, 0, 0))
}

pub(crate) fn key_id(key: usize) -> KeyId {
    KeyId::from_bytes(name(0x30, key, 0, 0, 0))
}

pub(crate) fn study_id() -> StudyId {
    StudyId::from_bytes(name(0x40, 0, 0, 0, 0))
}

const fn place_of(place: u8, again: u64) -> u64 {
    again.wrapping_mul(8).wrapping_add(place as u64)
}

/// Sixteen bytes that name something: what kind, whose, and three numbers of it; the lowest bits
/// are left for what is named after it.
pub(crate) fn name(kind: u8, whose: usize, first: u64, second: u64, third: u64) -> [u8; 16] {
    let mut bytes = [0_u8; 16];
    bytes[0] = kind;
    bytes[1] = u8::try_from(whose).unwrap_or(u8::MAX);
    bytes[2..6].copy_from_slice(&first.to_be_bytes()[4..]);
    bytes[6..10].copy_from_slice(&second.to_be_bytes()[4..]);
    bytes[10..14].copy_from_slice(&third.to_be_bytes()[4..]);
    bytes
}
