//! What nodes borrow: what they report is charged, and what they cannot report is not lost.

use super::*;
use bursar_kernel::Cap;

/// One life of a node with one lease, and the number of its next report.
struct Borrower {
    lease: LeaseId,
    node: NodeId,
    of: Leased,
    reports: u64,
}

impl Borrower {
    fn new(desk: &mut Desk, of: Leased) -> Self {
        let (lease, node) = (desk.entropy(), desk.entropy());
        let (lease, node) = (LeaseId::new(desk.now, lease), NodeId::new(desk.now, node));
        Self { lease, node, of, reports: 0 }
    }

    fn loan(&self, desk: &mut Desk, dollars: &str, until: i64) -> Lend {
        Lend {
            id: desk.transfer_id(),
            lease: self.lease,
            node: self.node,
            epoch: Epoch::new(1),
            of: self.of,
            amount: usd(dollars),
            until: at(until),
        }
    }

    fn borrow(&self, desk: &mut Desk, dollars: &str, until: i64) -> Result<Outcome, Refusal> {
        let loan = self.loan(desk, dollars, until);
        ask(desk, LeaseCommand::Lend(loan))
    }

    /// A report that raises the watermark to so much, for the caller to add to.
    fn report(&mut self, watermark: &str) -> Report {
        self.reports += 1;
        Report {
            lease: self.lease,
            epoch: Epoch::new(1),
            number: self.reports,
            begun: Vec::new(),
            charged: Vec::new(),
            watermark: usd(watermark),
            returned: Usd::ZERO,
            is_last_word: false,
        }
    }

    fn raise(&mut self, desk: &mut Desk, watermark: &str) {
        let report = self.report(watermark);
        tell(desk, &report).unwrap();
    }

    fn fence(&self, desk: &mut Desk) {
        ask(desk, LeaseCommand::Fence { lease: self.lease }).unwrap();
    }

    /// What the lease has, what of it is set aside for begun calls, and what is in suspense.
    fn shown(&self, desk: &Desk) -> String {
        let lease = &desk.book.leases[&self.lease];
        let balance = desk.book.balance(&lease.account());
        let suspense = desk.book.balance(&lease.suspense()).posted;
        format!("{}/{} {suspense}", balance.posted, balance.held)
    }
}

fn ask(desk: &mut Desk, command: LeaseCommand) -> Result<Outcome, Refusal> {
    let outcome = desk.ask(&Command::Lease(command));
    assert_eq!(desk.audit(), []);
    outcome
}

fn tell(desk: &mut Desk, report: &Report) -> Result<Outcome, Refusal> {
    ask(desk, LeaseCommand::Report(Box::new(report.clone())))
}

fn hold(desk: &mut Desk) -> HoldId {
    let entropy = desk.entropy();
    HoldId::new(desk.now, entropy)
}

fn begun(desk: &mut Desk, dollars: &str) -> BegunCall {
    BegunCall {
        hold: hold(desk),
        holder: holder(),
        amount: usd(dollars),
        placed_at: desk.now,
        settle_by: desk.now + SignedDuration::from_hours(1),
        note: String::new(),
    }
}

fn charge(hold: HoldId, held: &str, cost: &str) -> LeaseCharge {
    LeaseCharge { hold, held: usd(held), cost: usd(cost) }
}

/// A desk with a lot of ten dollars until hour ten, and a node that has borrowed four.
fn lent() -> (Desk, LotId, Borrower) {
    let mut desk = Desk::new();
    desk.fund("20");
    let lot = desk.lot("10", 0, 10);
    let borrower = Borrower::new(&mut desk, Leased::Lot(lot));
    borrower.borrow(&mut desk, "4", 5).unwrap();
    (desk, lot, borrower)
}

#[test]
fn what_is_lent_can_be_neither_held_nor_lent_again() {
    let (mut desk, lot, borrower) = lent();
    assert_eq!(desk.lots(&[lot]), ["6.00/0.00"]);
    assert_eq!(borrower.shown(&desk), "4.00/0.00 0.00");
    let refusal = desk.hold("7").unwrap_err().to_string();
    assert_eq!(refusal, "$6.00 is available and the call may cost $7.00");
    let refusal = borrower.borrow(&mut desk, "7", 5).unwrap_err();
    assert!(matches!(refusal, Refusal::InsufficientFunds { .. }), "{refusal}");
    let id = desk.transfer_id();
    let refusal = desk.ask(&Command::Return { id, lot, amount: usd("7") }).unwrap_err();
    assert!(matches!(refusal, Refusal::InsufficientFunds { .. }), "{refusal}");
}

#[test]
fn the_same_loan_again_lends_once_and_more_adds_to_the_lease() {
    let (mut desk, lot, borrower) = lent();
    let loan = borrower.loan(&mut desk, "1", 6);
    for _ in 0..2 {
        ask(&mut desk, LeaseCommand::Lend(loan.clone())).unwrap();
    }
    assert_eq!(desk.lots(&[lot]), ["5.00/0.00"]);
    assert_eq!(desk.book.leases[&borrower.lease].until, at(6));
    // For longer, and no more on it; and never for a shorter time.
    borrower.borrow(&mut desk, "0", 7).unwrap();
    borrower.borrow(&mut desk, "0", 2).unwrap();
    assert_eq!(desk.book.leases[&borrower.lease].until, at(7));
    let other = Lend { amount: usd("2"), ..loan.clone() };
    let refusal = ask(&mut desk, LeaseCommand::Lend(other)).unwrap_err();
    assert_eq!(refusal, Refusal::TransferConflict(loan.id));
    let mut next_life = borrower.loan(&mut desk, "1", 6);
    next_life.epoch = Epoch::new(2);
    let refusal = ask(&mut desk, LeaseCommand::Lend(next_life)).unwrap_err();
    assert_eq!(refusal, Refusal::LeaseConflict(borrower.lease));
}

#[test]
fn a_lease_ends_before_its_lot_by_as_much_as_clocks_may_be_apart() {
    let (mut desk, lot, borrower) = lent();
    let refusal = borrower.borrow(&mut desk, "1", 10).unwrap_err();
    let by = at(10) - limits::LEASE_SKEW_MAX;
    assert_eq!(refusal, Refusal::LeaseTooLong { lot, by });
    let mut loan = borrower.loan(&mut desk, "1", 0);
    loan.until = by;
    ask(&mut desk, LeaseCommand::Lend(loan)).unwrap();
    desk.now = at(10);
    let refusal = borrower.borrow(&mut desk, "1", 11).unwrap_err();
    assert_eq!(refusal, Refusal::Expired { at: at(10) });
}

#[test]
fn a_call_is_charged_up_to_the_watermark_and_no_further() {
    let (mut desk, _, mut borrower) = lent();
    borrower.raise(&mut desk, "2");
    let call = hold(&mut desk);
    let mut report = borrower.report("1");
    report.charged = vec![charge(call, "1.50", "1.25")];
    tell(&mut desk, &report).unwrap();
    assert_eq!(borrower.shown(&desk), "2.75/0.00 0.00");
    assert_eq!(desk.posted(&program_account(Account::Used)), "1.25");
    let mut report = borrower.report("0");
    report.charged = vec![charge(hold(&mut desk), "1.50", "1.01")];
    let refusal = tell(&mut desk, &report).unwrap_err().to_string();
    assert!(refusal.ends_with("covers $1.00 and $1.01 was spent"), "{refusal}");
}

#[test]
fn a_report_counts_once_and_none_is_left_out() {
    let (mut desk, _, mut borrower) = lent();
    borrower.raise(&mut desk, "2");
    let call = hold(&mut desk);
    let mut report = borrower.report("2");
    report.charged = vec![charge(call, "1", "1")];
    for _ in 0..3 {
        tell(&mut desk, &report).unwrap();
    }
    assert_eq!(borrower.shown(&desk), "3.00/0.00 0.00");
    report.charged = vec![charge(call, "1", "0.99")];
    let refusal = tell(&mut desk, &report).unwrap_err();
    assert_eq!(refusal, Refusal::TransferConflict(TransferId::resolving(call, 0)));
    borrower.reports += 1;
    let refusal = tell(&mut desk, &borrower.report("2")).unwrap_err().to_string();
    assert!(refusal.starts_with("report 3 of lease"), "{refusal}");
    let mut report = borrower.report("2");
    (report.number, report.epoch) = (3, Epoch::new(9));
    assert_eq!(tell(&mut desk, &report), Err(Refusal::LeaseConflict(borrower.lease)));
    // One report names a call once, however it names it.
    (report.epoch, report.charged) = (Epoch::new(1), vec![charge(call, "1", "0"); 2]);
    assert_eq!(tell(&mut desk, &report), Err(Refusal::HoldConflict(call)));
}

#[test]
fn a_call_that_goes_on_is_a_hold_that_only_its_node_resolves() {
    let (mut desk, _, mut borrower) = lent();
    borrower.raise(&mut desk, "3");
    let (long, free) = (begun(&mut desk, "2"), begun(&mut desk, "1"));
    let mut report = borrower.report("1");
    report.begun = vec![long.clone(), free.clone()];
    tell(&mut desk, &report).unwrap();
    assert_eq!(borrower.shown(&desk), "4.00/3.00 0.00");
    let release = Command::Release { hold: long.hold };
    assert_eq!(desk.ask(&release), Err(Refusal::OnLease(long.hold)));
    let mut report = borrower.report("1");
    report.charged = vec![charge(long.hold, "2", "0.50"), charge(free.hold, "1", "0")];
    tell(&mut desk, &report).unwrap();
    assert_eq!(borrower.shown(&desk), "3.50/0.00 0.00");
    let resolution = |call: &BegunCall| desk.book.holds[&call.hold].resolution;
    assert_eq!(resolution(&long), Some(Resolution::Captured(usd("0.50"))));
    assert_eq!(resolution(&free), Some(Resolution::Released));
}

#[test]
fn what_is_not_spent_goes_back_and_what_the_watermark_covers_does_not() {
    let (mut desk, lot, mut borrower) = lent();
    let mut report = borrower.report("1.50");
    report.returned = usd("2.51");
    let refusal = tell(&mut desk, &report).unwrap_err();
    assert!(matches!(refusal, Refusal::InsufficientFunds { .. }), "{refusal}");
    report.returned = usd("2.50");
    tell(&mut desk, &report).unwrap();
    assert_eq!(desk.lots(&[lot]), ["8.50/0.00"]);
    // After the expiry it goes to breakage: nothing is spendable any more.
    desk.now = at(10);
    let mut report = borrower.report("0");
    report.returned = usd("1.50");
    tell(&mut desk, &report).unwrap();
    assert_eq!(desk.lots(&[lot]), ["8.50/0.00"]);
    assert_eq!(desk.posted(&program_account(Account::Breakage)), "1.50");
}

#[test]
fn an_unclean_stop_suspends_what_may_have_been_spent_and_gives_the_rest_back() {
    let (mut desk, lot, mut borrower) = lent();
    borrower.raise(&mut desk, "2");
    let long = begun(&mut desk, "0.75");
    let mut report = borrower.report("1.25");
    report.begun = vec![long.clone()];
    tell(&mut desk, &report).unwrap();
    for _ in 0..2 {
        borrower.fence(&mut desk);
    }
    assert_eq!(borrower.shown(&desk), "0.00/0.00 2.00");
    assert_eq!(desk.lots(&[lot]), ["8.00/0.00"]);
    assert_eq!(desk.book.holds[&long.hold].resolution, Some(Resolution::Suspended));
    let refusal = borrower.borrow(&mut desk, "1", 6).unwrap_err();
    assert_eq!(refusal, Refusal::LeaseEnded(borrower.lease));
}

fn reported(outcome: Outcome) -> (bool, Usd) {
    let Outcome::Reported { is_late, overrun, .. } = outcome else { panic!("{outcome:?}") };
    (is_late, overrun)
}

#[test]
fn a_late_report_draws_on_the_suspense_and_never_on_the_lot() {
    let (mut desk, lot, mut borrower) = lent();
    borrower.raise(&mut desk, "2");
    let long = begun(&mut desk, "0.75");
    let mut report = borrower.report("1.25");
    report.begun = vec![long.clone()];
    tell(&mut desk, &report).unwrap();
    borrower.fence(&mut desk);
    let mut report = borrower.report("4");
    report.charged = vec![charge(long.hold, "0.75", "0.50")];
    report.returned = usd("4");
    let outcome = tell(&mut desk, &report).unwrap();
    assert_eq!(reported(outcome), (true, Usd::ZERO));
    // What the call did not cost of its hold goes back: now it is known.
    assert_eq!(borrower.shown(&desk), "0.00/0.00 1.25");
    assert_eq!(desk.lots(&[lot]), ["8.25/0.00"]);
    // Its last word: nothing is in flight, and what it did not spend goes back.
    let mut report = borrower.report("0");
    report.charged = vec![charge(hold(&mut desk), "1", "1")];
    report.is_last_word = true;
    for _ in 0..2 {
        tell(&mut desk, &report).unwrap();
    }
    assert_eq!(borrower.shown(&desk), "0.00/0.00 0.00");
    assert_eq!(desk.lots(&[lot]), ["8.50/0.00"]);
    assert_eq!(desk.posted(&program_account(Account::Used)), "1.50");
    // What the suspense cannot pay is the program's to explain, and in the books.
    let mut report = borrower.report("0");
    report.charged = vec![charge(hold(&mut desk), "1", "0.25")];
    let outcome = tell(&mut desk, &report).unwrap();
    assert_eq!(reported(outcome), (true, usd("0.25")));
    assert_eq!(desk.lots(&[lot]), ["8.50/0.00"]);
}

#[test]
fn a_call_is_charged_in_one_report_whoever_paid_it() {
    let (mut desk, _, mut borrower) = lent();
    borrower.raise(&mut desk, "1");
    borrower.fence(&mut desk);
    let call = hold(&mut desk);
    let mut report = borrower.report("0");
    report.charged = vec![charge(call, "1", "0.40")];
    report.is_last_word = true;
    tell(&mut desk, &report).unwrap();
    // The suspense is empty by now: the program would pay a second time.
    let mut again = borrower.report("0");
    again.charged = report.charged;
    let refusal = tell(&mut desk, &again).unwrap_err();
    assert!(matches!(refusal, Refusal::TransferConflict(_)), "{refusal}");
    assert_eq!(desk.posted(&program_account(Account::Used)), "0.40");
}

#[test]
fn somebody_who_knows_settles_what_is_in_suspense() {
    let (mut desk, lot, mut borrower) = lent();
    borrower.raise(&mut desk, "3");
    borrower.fence(&mut desk);
    let settle = |desk: &mut Desk, dollars, end| {
        let (id, lease) = (desk.transfer_id(), borrower.lease);
        let settle = LeaseCommand::Settle { id, lease, amount: usd(dollars), end };
        let outcome = ask(desk, settle.clone());
        assert_eq!(ask(desk, settle), outcome, "once is enough");
        outcome
    };
    settle(&mut desk, "1", SuspenseEnd::Used).unwrap();
    settle(&mut desk, "0.50", SuspenseEnd::NotUsed).unwrap();
    let refusal = settle(&mut desk, "1.51", SuspenseEnd::NotUsed).unwrap_err();
    assert!(matches!(refusal, Refusal::InsufficientFunds { .. }), "{refusal}");
    assert_eq!(desk.lots(&[lot]), ["7.50/0.00"]);
    desk.now = at(10);
    settle(&mut desk, "1.50", SuspenseEnd::NotUsed).unwrap();
    assert_eq!(desk.posted(&program_account(Account::Breakage)), "1.50");
    assert_eq!(desk.posted(&program_account(Account::Used)), "1.00");
    assert_eq!(desk.lots(&[lot]), ["7.50/0.00"]);
}

#[test]
fn an_upstream_that_bills_above_a_hold_is_paid_by_the_lot_and_then_by_the_program() {
    let (mut desk, lot, mut borrower) = lent();
    borrower.raise(&mut desk, "1");
    let mut report = borrower.report("0");
    report.charged = vec![charge(hold(&mut desk), "1", "2")];
    tell(&mut desk, &report).unwrap();
    assert_eq!(desk.lots(&[lot]), ["5.00/0.00"]);
    borrower.raise(&mut desk, "1");
    // Of credit that came after the call it takes nothing.
    let later = desk.lot("5", 0, 9);
    let mut report = borrower.report("0");
    report.charged = vec![charge(hold(&mut desk), "1", "7")];
    let outcome = tell(&mut desk, &report).unwrap();
    assert_eq!(reported(outcome), (false, usd("1")));
    assert_eq!(desk.lots(&[lot, later]), ["0.00/0.00", "5.00/0.00"]);
    assert_eq!(borrower.shown(&desk), "2.00/0.00 0.00");
    assert_eq!(desk.posted(&program_account(Account::Used)), "9.00");
}

#[test]
fn rights_are_lent_with_the_money_and_used_up_as_far_as_the_cap_reaches() {
    let mut desk = Desk::new();
    let (id, key) = (desk.transfer_id(), KeyId::from_bytes([7; 16]));
    desk.ask(&Command::Allow { id, cap: Cap::Key(key), amount: usd("3") }).unwrap();
    let mut borrower = Borrower::new(&mut desk, Leased::Cap(Cap::Key(key)));
    borrower.borrow(&mut desk, "2", 5).unwrap();
    borrower.raise(&mut desk, "2");
    let long = begun(&mut desk, "0.50");
    let mut report = borrower.report("0.50");
    report.begun = vec![long.clone()];
    report.charged = vec![charge(hold(&mut desk), "1", "1.25")];
    tell(&mut desk, &report).unwrap();
    assert_eq!(desk.posted(&Account::Cap(Cap::Key(key))), "0.75");
    assert_eq!(desk.posted(&Account::RightsUsed), "1.25");
    let mut report = borrower.report("0.50");
    report.charged = vec![charge(long.hold, "0.50", "9")];
    tell(&mut desk, &report).unwrap();
    assert_eq!(desk.posted(&Account::Cap(Cap::Key(key))), "0.00");
    assert_eq!(desk.posted(&Account::RightsUsed), "2.50");
    borrower.fence(&mut desk);
    assert_eq!(borrower.shown(&desk), "0.00/0.00 0.50");
    let mut report = borrower.report("0");
    report.is_last_word = true;
    tell(&mut desk, &report).unwrap();
    assert_eq!(desk.posted(&Account::Cap(Cap::Key(key))), "0.50");
}

#[test]
fn what_a_lowered_cap_has_taken_is_not_lent_when_it_comes_home() {
    let mut desk = Desk::new();
    let (id, key) = (desk.transfer_id(), KeyId::from_bytes([7; 16]));
    desk.ask(&Command::Allow { id, cap: Cap::Key(key), amount: usd("3") }).unwrap();
    let borrower = Borrower::new(&mut desk, Leased::Cap(Cap::Key(key)));
    borrower.borrow(&mut desk, "2", 5).unwrap();
    let id = desk.transfer_id();
    desk.ask(&Command::Cut { id, cap: Cap::Key(key), amount: usd("2.50") }).unwrap();
    assert_eq!(desk.book.cap_balance(Cap::Key(key)).available(), Usd::ZERO);
    let refused = borrower.borrow(&mut desk, "0.01", 5).unwrap_err().to_string();
    assert!(refused.ends_with("has $0.00 available and $0.01 was asked for"), "{refused}");
    // A longer term is had all the same, for what is lent.
    borrower.borrow(&mut desk, "0", 6).unwrap();
    borrower.fence(&mut desk);
    assert_eq!(desk.posted(&Account::Cap(Cap::Key(key))), "3.00");
    let next = Borrower::new(&mut desk, Leased::Cap(Cap::Key(key)));
    next.borrow(&mut desk, "0.51", 7).unwrap_err();
    next.borrow(&mut desk, "0.50", 7).unwrap();
}

#[test]
fn what_a_begun_call_cost_is_settled_out_of_the_suspense_of_its_lease() {
    let (mut desk, lot, mut borrower) = lent();
    borrower.raise(&mut desk, "2");
    let begun = begun(&mut desk, "1.5");
    let (lease, call) = (borrower.lease, begun.hold);
    let settle = |cost: &str| LeaseCommand::SettleCall { lease, hold: call, cost: usd(cost) };
    let report = Report { begun: vec![begun], ..borrower.report("0.5") };
    tell(&mut desk, &report).unwrap();
    assert_eq!(ask(&mut desk, settle("1")), Err(Refusal::NotInSuspense(call)));
    borrower.fence(&mut desk);
    assert_eq!(borrower.shown(&desk), "0.00/0.00 2.00");
    let too_much = ask(&mut desk, settle("1.6")).unwrap_err();
    assert_eq!(too_much, Refusal::AboveHold { hold: call, held: usd("1.5"), cost: usd("1.6") });
    ask(&mut desk, settle("0.2")).unwrap();
    ask(&mut desk, settle("0.2")).unwrap();
    let again = ask(&mut desk, settle("0.3")).unwrap_err();
    assert_eq!(again, Refusal::SettledBefore { hold: call, cost: usd("0.2") });
    assert_eq!(borrower.shown(&desk), "0.00/0.00 0.50");
    assert_eq!(desk.lots(&[lot]), ["9.30/0.00"]);
    // The node comes back and says something else: what somebody knew stands.
    let late = Report { charged: vec![charge(call, "1.5", "0.9")], ..borrower.report("0") };
    tell(&mut desk, &late).unwrap();
    tell(&mut desk, &late).unwrap();
    assert_eq!(desk.posted(&program_account(Account::Used)), "0.20");
    assert_eq!(borrower.shown(&desk), "0.00/0.00 0.50");
}

#[test]
fn a_late_report_of_a_begun_call_settles_it() {
    let (mut desk, lot, mut borrower) = lent();
    borrower.raise(&mut desk, "2");
    let begun = begun(&mut desk, "1.5");
    let (lease, call) = (borrower.lease, begun.hold);
    let report = Report { begun: vec![begun], ..borrower.report("0.5") };
    tell(&mut desk, &report).unwrap();
    borrower.fence(&mut desk);
    let late = Report { charged: vec![charge(call, "1.5", "0.9")], ..borrower.report("0") };
    tell(&mut desk, &late).unwrap();
    tell(&mut desk, &late).unwrap();
    assert_eq!(borrower.shown(&desk), "0.00/0.00 0.50");
    assert_eq!(desk.lots(&[lot]), ["8.60/0.00"]);
    let settle = LeaseCommand::SettleCall { lease, hold: call, cost: Usd::ZERO };
    let refusal = ask(&mut desk, settle).unwrap_err();
    assert_eq!(refusal, Refusal::SettledBefore { hold: call, cost: usd("0.9") });
}
