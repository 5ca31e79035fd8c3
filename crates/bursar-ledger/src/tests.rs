//! The book keeps its promises: data in, outcomes out, and a random life under an auditor.

use bursar_kernel::{Cap, Caps, StudyId};
use std::collections::BTreeSet;

use bursar_kernel::*;
use jiff::SignedDuration;

use crate::audit::Auditor;
use crate::*;

mod below_zero;
mod corrections;
mod laws;
mod lease_laws;
mod leases;
mod passing_on;

const PROGRAM: &str = "access";
const HOUR: i64 = 3_600;

/// A book with a clock, so that a test speaks in amounts and hours.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) book: Book,
    pub(crate) now: Timestamp,
    ids: u64,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self { book: Book::default(), now: at(0), ids: 0 }
    }

    pub(crate) fn entropy(&mut self) -> Entropy {
        self.ids += 1;
        let mut entropy = [0; 10];
        entropy[2..].copy_from_slice(&(self.ids << 8).to_be_bytes());
        entropy
    }

    pub(crate) fn transfer_id(&mut self) -> TransferId {
        let entropy = self.entropy();
        TransferId::new(self.now, entropy)
    }

    pub(crate) fn ask(&mut self, command: &Command) -> Result<Outcome, Refusal> {
        let asked = Asked { by: Actor::Operator, now: self.now };
        let decided = decide(&self.book, command, &asked)?;
        decided.events.iter().for_each(|event| self.book.apply(event));
        Ok(decided.outcome)
    }

    pub(crate) fn fund(&mut self, dollars: &str) {
        let (id, program) = (self.transfer_id(), ProgramId::new(PROGRAM));
        self.ask(&Command::Fund { id, program, amount: usd(dollars) }).unwrap();
    }

    /// Issues a lot that lives from `from` to `until`, in hours.
    pub(crate) fn lot(&mut self, face: &str, from: i64, until: i64) -> LotId {
        self.lot_like(face, from, until, |_| ())
    }

    pub(crate) fn lot_like(
        &mut self,
        face: &str,
        from: i64,
        until: i64,
        change: impl FnOnce(&mut Lot),
    ) -> LotId {
        let id = self.transfer_id();
        let entropy = self.entropy();
        let mut lot = Lot {
            id: LotId::new(self.now, entropy),
            holder: holder(),
            grant: None,
            program: ProgramId::new(PROGRAM),
            origin: Origin::ResearchGrant,
            face: usd(face),
            active_from: at(from),
            expires_at: at(until),
            scope: Scope::default(),
            upstream_group: UpstreamGroup::new("openai"),
            transfer_policy: TransferPolicy::Pool,
            priority: 0,
            category: Category::Promotional,
            cost_basis: Usd::ZERO,
        };
        change(&mut lot);
        let lot_id = lot.id;
        self.ask(&Command::Issue { id, lot, from: Source::Pool }).unwrap();
        lot_id
    }

    pub(crate) fn question(&mut self, dollars: &str) -> PlaceHold {
        let entropy = self.entropy();
        PlaceHold {
            hold: HoldId::new(self.now, entropy),
            holder: holder(),
            grant: None,
            model: ModelId::new("gpt-4.1-mini"),
            endpoint: Endpoint::ChatCompletions,
            upstream_group: UpstreamGroup::new("openai"),
            amount: usd(dollars),
            caps: Caps::NONE,
            settle_by: self.now + SignedDuration::from_hours(1),
            note: String::new(),
        }
    }

    pub(crate) fn hold(&mut self, dollars: &str) -> Result<HoldId, Refusal> {
        let question = self.question(dollars);
        let hold = question.hold;
        self.ask(&Command::PlaceHold(question)).map(|_| hold)
    }

    pub(crate) fn capture(&mut self, hold: HoldId, dollars: &str) -> Result<Outcome, Refusal> {
        self.ask(&Command::Capture { hold, amount: usd(dollars) })
    }

    pub(crate) fn posted(&self, account: &Account) -> String {
        self.book.balance(account).posted.to_string()
    }

    /// Lots as `posted/held`, in the order given.
    pub(crate) fn lots(&self, lots: &[LotId]) -> Vec<String> {
        let shown = |lot: &LotId| {
            let balance = self.book.lot_balance(*lot);
            format!("{}/{}", balance.posted, balance.held)
        };
        lots.iter().map(shown).collect()
    }

    pub(crate) fn audit(&self) -> Vec<audit::Finding> {
        let mut auditor = Auditor::default();
        auditor.book(&self.book);
        auditor.finish().1
    }
}

pub(crate) fn usd(dollars: &str) -> Usd {
    dollars.parse().unwrap()
}

pub(crate) fn at(hours: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + hours * HOUR).unwrap()
}

pub(crate) fn holder() -> PersonId {
    PersonId::from_bytes([1; 16])
}

fn program_account(account: fn(ProgramId) -> Account) -> Account {
    account(ProgramId::new(PROGRAM))
}

#[test]
fn open_holds_count_against_the_balance() {
    let mut desk = Desk::new();
    desk.fund("10");
    let lot = desk.lot("5", 0, 10);
    for _ in 0..4 {
        desk.hold("1").unwrap();
    }
    // That something is left is not enough.
    let refusal = desk.hold("1.5").unwrap_err();
    assert_eq!(refusal.to_string(), "$1.00 is available and the call may cost $1.50");
    desk.hold("1").unwrap();
    let refusal = desk.hold("1").unwrap_err();
    assert_eq!(refusal.to_string(), "$0.00 is available and the call may cost $1.00");
    assert_eq!(desk.lots(&[lot]), ["5.00/5.00"]);
    assert_eq!(desk.audit(), []);
}

#[test]
fn a_capture_takes_its_part_and_gives_the_rest_back() {
    let mut desk = Desk::new();
    desk.fund("10");
    let lot = desk.lot("5", 0, 10);
    let hold = desk.hold("3").unwrap();
    desk.capture(hold, "1.25").unwrap();
    assert_eq!(desk.lots(&[lot]), ["3.75/0.00"]);
    assert_eq!(desk.posted(&program_account(Account::Used)), "1.25");
    assert_eq!(desk.audit(), []);
}

#[test]
fn a_hold_resolves_once_and_asking_again_is_harmless() {
    let mut desk = Desk::new();
    desk.fund("10");
    let lot = desk.lot("5", 0, 10);
    let hold = desk.hold("3").unwrap();
    desk.capture(hold, "1").unwrap();
    desk.capture(hold, "1").unwrap();
    assert!(matches!(desk.capture(hold, "2"), Err(Refusal::AlreadyResolved { .. })));
    assert!(matches!(desk.ask(&Command::Release { hold }), Err(Refusal::AlreadyResolved { .. })));
    assert_eq!(desk.lots(&[lot]), ["4.00/0.00"]);
}

#[test]
fn the_same_name_for_something_else_is_a_conflict() {
    let mut desk = Desk::new();
    desk.fund("10");
    let (id, program) = (desk.transfer_id(), ProgramId::new(PROGRAM));
    let fund = |amount| Command::Fund { id, program: program.clone(), amount: usd(amount) };
    desk.ask(&fund("1")).unwrap();
    desk.ask(&fund("1")).unwrap();
    assert_eq!(desk.ask(&fund("2")), Err(Refusal::TransferConflict(id)));
    assert_eq!(desk.posted(&program_account(Account::Pool)), "11.00");
    desk.lot("5", 0, 10);
    let mut question = desk.question("1");
    desk.ask(&Command::PlaceHold(question.clone())).unwrap();
    desk.ask(&Command::PlaceHold(question.clone())).unwrap();
    question.amount = usd("2");
    let conflict = Refusal::HoldConflict(question.hold);
    assert_eq!(desk.ask(&Command::PlaceHold(question)), Err(conflict));
}

#[test]
fn credit_is_spent_by_priority_then_expiry_then_scope_then_origin_then_age() {
    let mut desk = Desk::new();
    desk.fund("100");
    let late = desk.lot("1", 0, 20);
    let paid = desk.lot_like("1", 0, 10, |lot| lot.category = Category::Paid);
    let given = desk.lot("1", 0, 10);
    let narrow = desk.lot_like("1", 0, 10, |lot| {
        lot.scope.models = Some(BTreeSet::from([ModelId::new("gpt-4.1-mini")]));
    });
    let first = desk.lot_like("1", 0, 30, |lot| lot.priority = -1);
    let order = [first, narrow, given, paid, late];
    let spent = ["0.50/0.00", "1.00/0.00", "1.00/0.00", "1.00/0.00", "1.00/0.00"];
    let hold = desk.hold("0.5").unwrap();
    desk.capture(hold, "0.5").unwrap();
    assert_eq!(desk.lots(&order), spent);
    let hold = desk.hold("3").unwrap();
    assert_eq!(
        desk.lots(&order),
        ["0.50/0.50", "1.00/1.00", "1.00/1.00", "1.00/0.50", "1.00/0.00"]
    );
    desk.capture(hold, "1.6").unwrap();
    assert_eq!(
        desk.lots(&order),
        ["0.00/0.00", "0.00/0.00", "0.90/0.00", "1.00/0.00", "1.00/0.00"]
    );
    assert_eq!(desk.audit(), []);
}

#[test]
fn credit_out_of_scope_is_no_credit() {
    let mut desk = Desk::new();
    desk.fund("100");
    desk.lot_like("1", 0, 10, |lot| {
        lot.scope.endpoints = Some(BTreeSet::from([Endpoint::Embeddings]));
    });
    assert_eq!(desk.hold("0.5"), Err(Refusal::NoCredit));
}

#[test]
fn nothing_is_spendable_at_the_instant_of_expiry_swept_or_not() {
    let mut desk = Desk::new();
    desk.fund("100");
    let lot = desk.lot("5", 2, 10);
    assert_eq!(desk.hold("1"), Err(Refusal::NotYetActive { from: at(2) }));
    desk.now = at(2);
    desk.hold("1").unwrap();
    desk.now = at(10);
    assert_eq!(desk.hold("1"), Err(Refusal::Expired { at: at(10) }));
    assert_eq!(desk.hold("0"), Err(Refusal::Expired { at: at(10) }));
    assert_eq!(desk.lots(&[lot]), ["5.00/1.00"]);
}

#[test]
fn a_lot_lives_from_its_first_nanosecond_up_to_its_last_and_its_successor_from_there() {
    let nano = SignedDuration::from_nanos(1);
    let mut desk = Desk::new();
    desk.fund("100");
    // Issued ahead, the second from the instant at which the first ends.
    let lots = [desk.lot("5", 2, 4), desk.lot("5", 4, 6)];
    desk.now = at(2) - nano;
    assert_eq!(desk.hold("1"), Err(Refusal::NotYetActive { from: at(2) }));
    desk.now = at(2);
    desk.hold("1").unwrap();
    desk.now = at(4) - nano;
    desk.hold("4").unwrap();
    assert_eq!(desk.lots(&lots), ["5.00/5.00", "5.00/0.00"], "never two at once");
    desk.now = at(4);
    desk.hold("5").unwrap();
    assert_eq!(desk.lots(&lots), ["5.00/5.00", "5.00/5.00"], "and never none");
    // One that is issued at its own first instant is whole.
    let late = desk.lot("3", 4, 6);
    desk.hold("3").unwrap();
    desk.now = at(6) - nano;
    let id = desk.transfer_id();
    let early = desk.ask(&Command::Expire { id, lot: late });
    assert_eq!(early, Err(Refusal::NotExpired { lot: late, at: at(6) }));
    desk.now = at(6);
    assert_eq!(desk.hold("0"), Err(Refusal::Expired { at: at(6) }));
    assert_eq!(desk.audit(), []);
}

#[test]
fn a_lot_without_an_instant_to_live_is_not_issued() {
    let mut desk = Desk::new();
    desk.fund("100");
    let alive = desk.lot("5", 0, 10);
    desk.now = at(5);
    for (from, until) in [(6, 6), (7, 6), (0, 5), (0, 4)] {
        let mut lot = desk.book.lots[&alive].clone();
        let (id, entropy) = (desk.transfer_id(), desk.entropy());
        lot.id = LotId::new(desk.now, entropy);
        (lot.active_from, lot.expires_at) = (at(from), at(until));
        let issue = Command::Issue { id, lot, from: Source::Pool };
        assert_eq!(desk.ask(&issue), Err(Refusal::DeadLot), "{from} to {until}");
    }
    assert_eq!(desk.posted(&program_account(Account::Pool)), "95.00");
}

#[test]
fn each_nano_dollar_of_an_expired_lot_goes_to_breakage_once() {
    let mut desk = Desk::new();
    desk.fund("100");
    let lot = desk.lot("5", 0, 10);
    let hold = desk.hold("2").unwrap();
    let early = desk.transfer_id();
    assert_eq!(
        desk.ask(&Command::Expire { id: early, lot }),
        Err(Refusal::NotExpired { lot, at: at(10) })
    );
    desk.now = at(10);
    for _ in 0..3 {
        let id = desk.transfer_id();
        desk.ask(&Command::Expire { id, lot }).unwrap();
    }
    assert_eq!(desk.posted(&program_account(Account::Breakage)), "3.00");
    // A hold from before may still be captured; what it gives back expires at once.
    desk.capture(hold, "0.5").unwrap();
    assert_eq!(desk.posted(&program_account(Account::Breakage)), "4.50");
    assert_eq!(desk.lots(&[lot]), ["0.00/0.00"]);
    assert_eq!(desk.audit(), []);
}

#[test]
fn an_upstream_that_bills_above_the_hold_is_paid_and_shown() {
    let mut desk = Desk::new();
    desk.fund("100");
    let lot = desk.lot("5", 0, 10);
    let hold = desk.hold("1").unwrap();
    let other = desk.hold("3").unwrap();
    let outcome = desk.capture(hold, "2.5").unwrap();
    assert_eq!(
        outcome,
        Outcome::Resolved {
            captured: usd("2.5"),
            excess: usd("1"),
            overrun: usd("0.5"),
            available: Usd::ZERO
        }
    );
    // The other call's money was not touched.
    assert_eq!(desk.lots(&[lot]), ["3.00/3.00"]);
    assert_eq!(desk.posted(&program_account(Account::Overrun)), "-0.50");
    desk.capture(other, "3").unwrap();
    assert_eq!(desk.audit(), []);
}

#[test]
fn a_late_bill_takes_nothing_of_credit_that_came_after_the_call() {
    let mut desk = Desk::new();
    desk.fund("100");
    let first = desk.lot("5", 0, 10);
    let (within, above) = (desk.hold("2").unwrap(), desk.hold("3").unwrap());
    // The new credit would be spent first by any call that is made from now on.
    let second = desk.lot("5", 0, 9);
    let outcome = desk.capture(above, "4").unwrap();
    let Outcome::Resolved { excess, overrun, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!((excess, overrun), (Usd::ZERO, usd("1")));
    assert_eq!(desk.lots(&[first, second]), ["2.00/2.00", "5.00/0.00"]);
    // Nor when the old credit has expired meanwhile.
    desk.now = at(10);
    let third = desk.lot("5", 10, 20);
    desk.capture(within, "2.50").unwrap();
    assert_eq!(desk.lots(&[first, second, third]), ["0.00/0.00", "5.00/0.00", "5.00/0.00"]);
    assert_eq!(desk.posted(&program_account(Account::Overrun)), "-1.50");
    assert_eq!(desk.audit(), []);
}

#[test]
fn a_key_spends_within_its_cap_and_the_lot_both() {
    let mut desk = Desk::new();
    desk.fund("100");
    let lot = desk.lot("5", 0, 10);
    let key = KeyId::from_bytes([3; 16]);
    let id = desk.transfer_id();
    desk.ask(&Command::Allow { id, cap: Cap::Key(key), amount: usd("2") }).unwrap();
    let mut question = desk.question("1.5");
    question.caps = Caps::of_key(key);
    let hold = question.hold;
    desk.ask(&Command::PlaceHold(question)).unwrap();
    let mut again = desk.question("1");
    again.caps = Caps::of_key(key);
    assert_eq!(
        desk.ask(&Command::PlaceHold(again)).unwrap_err().to_string(),
        "$0.50 is left of the key's cap and the call may cost $1.00"
    );
    desk.capture(hold, "0.25").unwrap();
    assert_eq!(desk.posted(&Account::Cap(Cap::Key(key))), "1.75");
    assert_eq!(desk.lots(&[lot]), ["4.75/0.00"]);
    assert_eq!(desk.audit(), []);
}

#[test]
fn a_lowered_cap_takes_what_calls_have_set_aside_when_it_comes_home() {
    let mut desk = Desk::new();
    desk.fund("100");
    desk.lot("5", 0, 10);
    let key = KeyId::from_bytes([3; 16]);
    let allow = |desk: &mut Desk, amount: &str| {
        let id = desk.transfer_id();
        desk.ask(&Command::Allow { id, cap: Cap::Key(key), amount: usd(amount) }).unwrap()
    };
    let hold = |desk: &mut Desk, amount: &str| {
        let question = PlaceHold { caps: Caps::of_key(key), ..desk.question(amount) };
        let hold = question.hold;
        let placed = desk.ask(&Command::PlaceHold(question));
        placed.map(|_| hold).map_err(|refusal| refusal.to_string())
    };
    allow(&mut desk, "2");
    let in_flight = hold(&mut desk, "1.50").unwrap();
    let cut = Command::Cut { id: desk.transfer_id(), cap: Cap::Key(key), amount: usd("1.75") };
    desk.ask(&cut).unwrap();
    desk.ask(&cut).unwrap();
    let none = "$0.00 is left of the key's cap and the call may cost $0.01";
    assert_eq!(hold(&mut desk, "0.01").unwrap_err(), none);
    // The cap is 25 cents by now, and 20 of them are spent.
    desk.capture(in_flight, "0.20").unwrap();
    let few = "$0.05 is left of the key's cap and the call may cost $0.06";
    assert_eq!(hold(&mut desk, "0.06").unwrap_err(), few);
    let last = hold(&mut desk, "0.05").unwrap();
    desk.capture(last, "0.05").unwrap();
    // Below what is spent it can spend nothing, and a raise counts from there.
    let id = desk.transfer_id();
    desk.ask(&Command::Cut { id, cap: Cap::Key(key), amount: usd("0.10") }).unwrap();
    let restore =
        Command::Restore { id: desk.transfer_id(), cap: Cap::Key(key), amount: usd("0.10") };
    desk.ask(&restore).unwrap();
    desk.ask(&restore).unwrap();
    assert_eq!(hold(&mut desk, "0.01").unwrap_err(), none);
    allow(&mut desk, "0.01");
    hold(&mut desk, "0.01").unwrap();
    assert_eq!(desk.audit(), []);
    let id = desk.transfer_id();
    let more = desk.ask(&Command::Cut { id, cap: Cap::Key(key), amount: usd("0.27") }).unwrap_err();
    assert_eq!(more.to_string(), "`rights_issued` has $0.26 available and $0.27 was asked for");
    let id = desk.transfer_id();
    let more =
        desk.ask(&Command::Restore { id, cap: Cap::Key(key), amount: usd("1.76") }).unwrap_err();
    assert!(more.to_string().ends_with("has $1.75 available and $1.76 was asked for"), "{more}");
}

#[test]
fn what_nobody_knows_lies_in_suspense() {
    let mut desk = Desk::new();
    desk.fund("100");
    let lot = desk.lot("5", 0, 10);
    let hold = desk.hold("2").unwrap();
    desk.ask(&Command::Suspend { hold }).unwrap();
    desk.ask(&Command::Suspend { hold }).unwrap();
    assert_eq!(desk.lots(&[lot]), ["3.00/0.00"]);
    assert_eq!(desk.posted(&program_account(Account::Suspense)), "2.00");
    assert!(matches!(desk.capture(hold, "1"), Err(Refusal::AlreadyResolved { .. })));
    assert_eq!(desk.audit(), []);
}

#[test]
fn what_a_call_in_suspense_cost_is_taken_once_and_the_rest_goes_home() {
    let mut desk = Desk::new();
    desk.fund("100");
    let lots = [desk.lot("1", 0, 4), desk.lot("5", 0, 10)];
    let (id, key) = (desk.transfer_id(), KeyId::from_bytes([7; 16]));
    desk.ask(&Command::Allow { id, cap: Cap::Key(key), amount: usd("4") }).unwrap();
    let question = PlaceHold { caps: Caps::of_key(key), ..desk.question("3") };
    let hold = question.hold;
    desk.ask(&Command::PlaceHold(question)).unwrap();
    let settle = |cost: &str| Command::Settle { hold, cost: usd(cost) };
    assert_eq!(desk.ask(&settle("1")), Err(Refusal::NotInSuspense(hold)));
    desk.ask(&Command::Suspend { hold }).unwrap();
    assert_eq!(desk.lots(&lots), ["0.00/0.00", "3.00/0.00"]);
    let too_much = desk.ask(&settle("3.01")).unwrap_err();
    assert_eq!(too_much.to_string(), "$3.00 was held for the call and $3.01 is more");
    assert_eq!(desk.ask(&settle("-1")), Err(Refusal::NotPositive(usd("-1"))));
    desk.ask(&settle("0.75")).unwrap();
    desk.ask(&settle("0.75")).unwrap();
    let again = desk.ask(&settle("0.5")).unwrap_err();
    assert_eq!(again.to_string(), format!("hold `{hold}` was settled before, at $0.75"));
    assert_eq!(desk.lots(&lots), ["0.25/0.00", "5.00/0.00"]);
    assert_eq!(desk.posted(&program_account(Account::Suspense)), "0.00");
    assert_eq!(desk.posted(&program_account(Account::Used)), "0.75");
    assert_eq!(desk.posted(&Account::Cap(Cap::Key(key))), "3.25");
    assert_eq!(desk.audit(), []);
}

#[test]
fn what_comes_out_of_suspense_after_the_expiry_is_lost() {
    let mut desk = Desk::new();
    desk.fund("100");
    let lots = [desk.lot("1", 0, 4), desk.lot("5", 0, 10)];
    let hold = desk.hold("3").unwrap();
    desk.ask(&Command::Suspend { hold }).unwrap();
    desk.now = at(4);
    desk.ask(&Command::Settle { hold, cost: Usd::ZERO }).unwrap();
    assert_eq!(desk.lots(&lots), ["0.00/0.00", "5.00/0.00"]);
    assert_eq!(desk.posted(&program_account(Account::Breakage)), "1.00");
    assert_eq!(desk.audit(), []);
}

#[test]
fn the_auditor_sees_suspense_that_no_call_accounts_for() {
    let mut desk = Desk::new();
    desk.fund("100");
    desk.lot("5", 0, 10);
    let hold = desk.hold("2").unwrap();
    desk.ask(&Command::Suspend { hold }).unwrap();
    desk.book.holds.get_mut(&hold).unwrap().settled = Some(usd("2"));
    let found: Vec<String> = desk.audit().into_iter().map(|finding| finding.0).collect();
    let settled = format!("hold `{hold}` of $2.00 was settled at $2.00 and 0 was charged");
    let lies = "programs have 2000000000 nano-dollars in suspense and calls that nobody has \
                settled come to 0";
    assert_eq!(found, [lies.to_owned(), settled]);
}

#[test]
fn amounts_that_are_not_above_zero_are_refused() {
    let mut desk = Desk::new();
    let program = ProgramId::new(PROGRAM);
    for amount in ["0", "-1"] {
        let (id, program) = (desk.transfer_id(), program.clone());
        let command = Command::Fund { id, program, amount: usd(amount) };
        assert_eq!(desk.ask(&command), Err(Refusal::NotPositive(usd(amount))));
    }
}

#[test]
fn a_pool_gives_no_more_than_it_has() {
    let mut desk = Desk::new();
    desk.fund("5");
    let (id, program) = (desk.transfer_id(), ProgramId::new(PROGRAM));
    let refusal = desk.ask(&Command::Commit { id, program, amount: usd("6") }).unwrap_err();
    assert_eq!(refusal.to_string(), "`pool/access` has $5.00 available and $6.00 was asked for");
}

#[test]
fn accounts_are_named_faithfully() {
    let program = || ProgramId::new(PROGRAM);
    for account in [
        Account::External(program()),
        Account::Pool(program()),
        Account::Committed(program()),
        Account::Lot(LotId::from_bytes([5; 16])),
        Account::Used(program()),
        Account::Breakage(program()),
        Account::Suspense(program()),
        Account::Overrun(program()),
        Account::RightsIssued,
        Account::Cap(Cap::Key(KeyId::from_bytes([6; 16]))),
        Account::Cut(Cap::Study(StudyId::from_bytes([6; 16]))),
        Account::Cap(Cap::Study(StudyId::from_bytes([6; 16]))),
        Account::Cut(Cap::Key(KeyId::from_bytes([6; 16]))),
        Account::RightsUsed,
        Account::CashExternal,
        Account::BuyerCash(holder()),
        Account::Payable(holder()),
        Account::Fees,
    ] {
        assert_eq!(account.to_string().parse::<Account>(), Ok(account));
    }
    assert!("lot/grant_1".parse::<Account>().is_err());
}
