//! A random life of nodes that borrow, report and end, told to an engine and to the reference: the
//! same answers, the same balances, and a book that is proven again and again.

use bursar_kernel::{
    Cap, CorrectionId, Epoch, GrantId, HoldId, KeyId, LeaseId, LotId, NodeId, Timestamp, Usd,
};
use bursar_ledger::audit::Auditor;
use bursar_ledger::{
    Account, BegunCall, Command, Correct, LeaseCharge, LeaseCommand, Leased, Lend, Report,
    StatementOf, SuspenseEnd,
};
use jiff::SignedDuration;

use super::life::{Seen, names};
use super::statements;
use super::world::{Desk, usd};
use bursar_store::memory::MemoryStore;
use bursar_store::{Batch, BookReads, Commit, HoldFilter, LeaseFilter, LotFilter, SuspenseOf};

/// After so many batches every balance is compared and the book is audited.
const BATCHES_BETWEEN_AUDITS: u32 = 15;
/// Leases that a life's nodes have of each lot, and of the key.
const LEASES_OF_EACH: usize = 3;

/// Lives through so many batches from a seed, on an engine that is still empty.
pub async fn leases(store: &(impl Commit + BookReads), seed: u64, batches: u32) -> Seen {
    let (reference, mut life) = (MemoryStore::default(), Life::new(seed));
    let mut seen = Seen::new();
    for step in 0..batches {
        let batch = if step == 0 { life.begin() } else { life.batch() };
        let expected = reference.commit(batch.clone()).await;
        let answer = store.commit(batch.clone()).await;
        assert_eq!(answer, expected, "seed {seed}, step {step}: {batch:#?}");
        seen.extend(names(&answer));
        if answer.is_ok() {
            life.learn(&batch);
        }
        if step.is_multiple_of(BATCHES_BETWEEN_AUDITS) || step.saturating_add(1) == batches {
            life.compare(store, &reference, &format!("seed {seed}, step {step}")).await;
        }
    }
    for command in life.settled_at_last() {
        let batch = life.desk.batch().with(command);
        let expected = reference.commit(batch.clone()).await;
        let answer = store.commit(batch.clone()).await;
        assert_eq!(answer, expected, "seed {seed}, at last: {batch:#?}");
        seen.extend(names(&answer));
        life.compare(store, &reference, &format!("seed {seed}, at last")).await;
    }
    seen
}

/// A lease as the life's nodes know it.
struct Borrowed {
    id: LeaseId,
    of: Leased,
    /// How many reports were taken in.
    reports: u64,
    watermark: i64,
    begun: Vec<HoldId>,
}

struct Life {
    desk: Desk,
    node: NodeId,
    key: KeyId,
    lots: Vec<LotId>,
    grants: Vec<GrantId>,
    began: Timestamp,
    leases: Vec<Borrowed>,
    /// Calls that were reported as begun, each with its lease.
    known: Vec<(LeaseId, HoldId)>,
    asked: Vec<Command>,
}

impl Life {
    fn new(seed: u64) -> Self {
        let mut desk = Desk::new(seed);
        let now = desk.now;
        let node = NodeId::new(now, desk.chance.entropy());
        let key = KeyId::new(now, desk.chance.entropy());
        Self {
            desk,
            node,
            key,
            lots: Vec::new(),
            grants: Vec::new(),
            began: now,
            known: Vec::new(),
            leases: Vec::new(),
            asked: Vec::new(),
        }
    }

    /// Two lots, one of which does not live long, and a key with a cap that was lowered.
    fn begin(&mut self) -> Batch {
        let mut short = self.desk.lot(usd("30"));
        short.expires_at = self.desk.in_hours(9);
        let long = self.desk.lot(usd("60"));
        self.lots = vec![short.id, long.id];
        self.grants = short.grant.into_iter().chain(long.grant).collect();
        let of = [Leased::Lot(short.id), Leased::Lot(long.id), Leased::Cap(Cap::Key(self.key))];
        for of in of.into_iter().cycle().take(of.len().saturating_mul(LEASES_OF_EACH)) {
            let id = LeaseId::new(self.desk.now, self.desk.chance.entropy());
            self.leases.push(Borrowed { id, of, reports: 0, watermark: 0, begun: Vec::new() });
        }
        let (id, key) = (self.desk.transfer(), self.key);
        let allow = Command::Allow { id, cap: Cap::Key(key), amount: usd("70") };
        let id = self.desk.transfer();
        let cut = Command::Cut { id, cap: Cap::Key(key), amount: usd("30") };
        let (fund, issue) = (self.desk.fund(usd("90")), self.desk.issue(short));
        let more = self.desk.issue(long);
        self.desk.batch().with(fund).with(issue).with(more).with(allow).with(cut)
    }

    fn learn(&mut self, batch: &Batch) {
        for command in batch.writes.iter().filter_map(bursar_store::Write::command) {
            self.asked.push(command.clone());
            if let Command::Lease(LeaseCommand::Report(report)) = command
                && let Some(lease) = self.leases.iter_mut().find(|lease| lease.id == report.lease)
            {
                lease.reports = lease.reports.max(report.number);
                lease.watermark = report.watermark.nanos();
                lease.begun.extend(report.begun.iter().map(|begun| begun.hold));
                let begun = report.begun.iter().map(|begun| (report.lease, begun.hold));
                self.known.extend(begun);
            }
        }
    }

    fn batch(&mut self) -> Batch {
        let minutes = self.desk.chance.between(0, 6);
        let later = self.desk.now.checked_add(SignedDuration::from_mins(minutes));
        self.desk.now = later.expect("a life ends within the calendar");
        let first = self.command();
        let batch = self.desk.batch().with(first);
        if self.desk.chance.once_in(3) { batch.with(self.command()) } else { batch }
    }

    fn command(&mut self) -> Command {
        let which = self.desk.chance.below(u64::try_from(self.leases.len()).unwrap_or(1));
        let which = usize::try_from(which).unwrap_or(0);
        let (id, lease) = (self.desk.transfer(), self.leases[which].id);
        let amount = self.amount(3);
        match self.desk.chance.below(46) {
            0..=9 => self.lend(which),
            10..=29 => self.report(which),
            30 | 45 => Command::Lease(LeaseCommand::Fence { lease }),
            31..=32 => {
                let end = SuspenseEnd::Used;
                Command::Lease(LeaseCommand::Settle { id, lease, amount, end })
            }
            33 => {
                let end = SuspenseEnd::NotUsed;
                Command::Lease(LeaseCommand::Settle { id, lease, amount, end })
            }
            40..=44 => self.settle_call(),
            34 => Command::Expire { id, lot: self.one_lot() },
            35 => Command::Return { id, lot: self.one_lot(), amount },
            37 => self.correct(),
            36 => {
                let hold = self.leases[which].begun.last().copied();
                Command::Release { hold: hold.unwrap_or(HoldId::from_bytes([0; 16])) }
            }
            _ => {
                let asked = self.desk.chance.pick(&self.asked).cloned();
                asked.unwrap_or_else(|| self.desk.fund(usd("1")))
            }
        }
    }

    /// A call's last word, mostly of one that was charged.
    fn correct(&mut self) -> Command {
        let mut charged: Vec<HoldId> = Vec::new();
        for command in &self.asked {
            if let Command::Lease(LeaseCommand::Report(report)) = command {
                charged.extend(report.charged.iter().map(|charge| charge.hold));
            }
        }
        let charge = self.desk.chance.pick(&charged).copied();
        let charge = charge.unwrap_or(HoldId::from_bytes([0; 16]));
        let id = CorrectionId::new(self.desk.now, self.desk.chance.entropy());
        let (cost, reason) = (self.amount(2), "the provider's report".to_owned());
        Command::Correct(Box::new(Correct { id, charge, cost, reason }))
    }

    /// A node charges a call twice that cost nothing, and stops with another in flight. Somebody
    /// says what that cost: too much, then once, then the same, then something else; and then the
    /// node, which is late.
    fn settled_at_last(&mut self) -> Vec<Command> {
        let lot = self.desk.lot(usd("5"));
        let (id, now) = (LeaseId::new(self.desk.now, self.desk.chance.entropy()), self.desk.now);
        let (of, hold) = (Leased::Lot(lot.id), HoldId::new(now, self.desk.chance.entropy()));
        self.lots.push(lot.id);
        self.grants.extend(lot.grant);
        self.leases.push(Borrowed { id, of, reports: 0, watermark: 0, begun: vec![hold] });
        let Command::Lease(LeaseCommand::Lend(lend)) = self.lend(self.leases.len() - 1) else {
            unreachable!("a loan is a loan")
        };
        let lend = Lend { epoch: Epoch::new(1), amount: usd("3"), ..lend };
        let note = "a call".to_owned();
        let (holder, settle_by) = (self.desk.holder, self.desk.in_hours(1));
        let amount = usd("1.5");
        let begun = BegunCall { hold, holder, amount, placed_at: now, settle_by, note };
        let free = HoldId::new(now, self.desk.chance.entropy());
        let also = BegunCall { hold: free, amount: usd("0.5"), ..begun.clone() };
        let charge = |hold, cost: &str| vec![LeaseCharge { hold, held: amount, cost: usd(cost) }];
        let report = |number, begun, charged, watermark: &str| {
            Command::Lease(LeaseCommand::Report(Box::new(Report {
                lease: id,
                epoch: Epoch::new(1),
                number,
                begun,
                charged,
                watermark: usd(watermark),
                returned: Usd::ZERO,
                is_last_word: false,
            })))
        };
        let settle = |cost: &str| {
            Command::Lease(LeaseCommand::SettleCall { lease: id, hold, cost: usd(cost) })
        };
        vec![
            self.desk.fund(usd("5")),
            self.desk.issue(lot),
            Command::Lease(LeaseCommand::Lend(lend)),
            report(1, Vec::new(), Vec::new(), "2.5"),
            report(2, vec![begun, also], Vec::new(), "0.5"),
            report(3, Vec::new(), charge(free, "0"), "0.5"),
            report(4, Vec::new(), charge(free, "0.1"), "0.5"),
            Command::Lease(LeaseCommand::Fence { lease: id }),
            settle("2"),
            settle("0.2"),
            settle("0.2"),
            settle("0.3"),
            report(4, Vec::new(), charge(hold, "1.1"), "0"),
            report(4, Vec::new(), charge(hold, "1.1"), "0"),
        ]
    }

    /// What a begun call is found to have cost; once in a while more than was held for it.
    fn settle_call(&mut self) -> Command {
        let recent = self.known.len().saturating_sub(6);
        let stray = (self.leases[0].id, HoldId::from_bytes([0; 16]));
        let known = self.desk.chance.pick(&self.known[recent..]).copied();
        let (lease, hold) = known.unwrap_or(stray);
        let cost = match self.desk.chance.below(4) {
            0 => Usd::ZERO,
            1 => usd("2"),
            _ => Usd::from_nanos(self.desk.chance.between(1, 500_000_000)),
        };
        Command::Lease(LeaseCommand::SettleCall { lease, hold, cost })
    }

    fn amount(&mut self, dollars_max: i64) -> Usd {
        let nanos_max = dollars_max.saturating_mul(1_000_000_000);
        Usd::from_nanos(self.desk.chance.between(1, nanos_max))
    }

    fn one_lot(&mut self) -> LotId {
        *self.desk.chance.pick(&self.lots).expect("a life has lots")
    }

    fn lend(&mut self, which: usize) -> Command {
        let stray = self.desk.chance.once_in(20);
        let hours = self.desk.chance.between(1, 3);
        Command::Lease(LeaseCommand::Lend(Lend {
            id: self.desk.transfer(),
            lease: self.leases[which].id,
            node: self.node,
            epoch: Epoch::new(if stray { 2 } else { 1 }),
            of: self.leases[which].of,
            amount: if self.desk.chance.once_in(6) { Usd::ZERO } else { self.amount(4) },
            until: self.desk.in_hours(hours),
        }))
    }

    fn report(&mut self, which: usize) -> Command {
        let (now, holder) = (self.desk.now, self.desk.holder);
        let mut covered = self.leases[which].watermark;
        let mut charged = Vec::new();
        if let Some(hold) = self.leases[which].begun.pop() {
            let cost = if self.desk.chance.once_in(4) { Usd::ZERO } else { self.amount(1) };
            charged.push(LeaseCharge { hold, held: usd("1"), cost });
        }
        let mut spend = |desk: &mut Desk| {
            let most = covered.min(1_500_000_000);
            let amount = if most < 1 { 0 } else { desk.chance.between(1, most) };
            covered = covered.saturating_sub(amount);
            Usd::from_nanos(amount)
        };
        let mut begun = Vec::new();
        if self.desk.chance.once_in(2) {
            let (amount, note) = (spend(&mut self.desk), "a call".to_owned());
            let hold = HoldId::new(now, self.desk.chance.entropy());
            let settle_by = self.desk.in_hours(1);
            begun.push(BegunCall { hold, holder, amount, placed_at: now, settle_by, note });
        }
        if self.desk.chance.once_in(2) {
            let held = spend(&mut self.desk);
            let hold = HoldId::new(now, self.desk.chance.entropy());
            let above = Usd::from_nanos(self.desk.chance.between(0, 900_000_000));
            let costs_more = self.desk.chance.once_in(8);
            let cost = if costs_more { held.checked_add(above).unwrap_or(held) } else { held };
            charged.push(LeaseCharge { hold, held, cost });
        }
        let skipped = u64::from(self.desk.chance.once_in(20));
        let number = self.leases[which].reports.saturating_add(1).saturating_add(skipped);
        Command::Lease(LeaseCommand::Report(Box::new(Report {
            lease: self.leases[which].id,
            epoch: Epoch::new(1),
            number,
            begun,
            charged,
            watermark: self.amount(2),
            returned: if self.desk.chance.once_in(4) { self.amount(1) } else { Usd::ZERO },
            is_last_word: self.desk.chance.once_in(3),
        })))
    }

    async fn compare(
        &mut self,
        store: &(impl Commit + BookReads),
        reference: &MemoryStore,
        when: &str,
    ) {
        let mut accounts = vec![Account::RightsUsed];
        accounts.extend(Account::of_cap(Cap::Key(self.key)));
        accounts.extend(self.lots.iter().copied().map(Account::Lot));
        let kinds = [Account::Used, Account::Breakage, Account::Overrun];
        accounts.extend(kinds.map(|kind| kind(self.desk.program())));
        for lease in &self.leases {
            accounts.extend([Account::Lease(lease.id), Account::LeaseSuspense(lease.id)]);
            accounts.extend([Account::CapLease(lease.id), Account::CapSuspense(lease.id)]);
        }
        for account in accounts {
            let expected = reference.balance(account.clone()).await;
            let balance = store.balance(account.clone()).await;
            assert_eq!(balance, expected, "{when}: `{account}`");
        }
        for lot in self.lots.iter().copied().map(LotFilter::Id) {
            let expected = reference.lots(lot).await;
            assert_eq!(store.lots(lot).await, expected, "{when}: {lot:?}");
        }
        let mut suspended = vec![SuspenseOf::Everything];
        suspended.extend(self.leases.iter().map(|lease| SuspenseOf::Lease(lease.id)));
        let begun = self.leases.iter().flat_map(|lease| &lease.begun);
        suspended.extend(begun.take(20).map(|hold| SuspenseOf::Call(*hold)));
        for of in suspended {
            let which = HoldFilter::InSuspense { of, limit: 4 };
            let expected = reference.holds(which).await;
            assert_eq!(store.holds(which).await, expected, "{when}: {which:?}");
        }
        for grant in &self.grants {
            let expected = reference.suspense_of(*grant).await;
            assert_eq!(store.suspense_of(*grant).await, expected, "{when}: `{grant}`");
        }
        for which in [LeaseFilter::GoingOn, LeaseFilter::InSuspense] {
            let expected = reference.leases(which).await;
            assert_eq!(store.leases(which).await, expected, "{when}: {which:?}");
        }
        let of: Vec<_> = self.grants.iter().copied().map(StatementOf::Grant).collect();
        statements::compare(store, reference, (&mut self.desk, of), (self.began, when)).await;
        let expected = reference.audit().await.map(Auditor::finish);
        let found = store.audit().await.map(Auditor::finish);
        assert_eq!(found, expected, "{when}: the audits");
        assert_eq!(found.expect("a store can be audited").1, [], "{when}: the book");
    }
}
