//! Whatever nodes borrow, report, repeat, forget and report late: the auditor finds nothing.

use bursar_kernel::Cap;
use bursar_kernel::*;
use jiff::SignedDuration;
use proptest::prelude::*;

use super::laws::slice;
use super::{Desk, at, holder};
use crate::*;

/// Leases of a life: two of each of two lots, and two of a key's rights.
const LEASES: usize = 6;

/// What somebody may ask of a book that lends.
#[derive(Clone, Debug)]
enum Step {
    Lend { lease: usize, nanos: i64, hours: i64 },
    Tell { lease: usize, told: Told },
    Again(usize),
    Fence(usize),
    Settle { lease: usize, nanos: i64, used: bool },
    SettleCall { lease: usize, which: usize, nanos: i64 },
    Hold(i64),
    Release(usize),
    Return { lot: usize, nanos: i64 },
    Expire(usize),
    Wait(i64),
}

/// What a report says, in parts of what there is.
#[derive(Clone, Debug)]
struct Told {
    begun: Vec<i64>,
    /// Calls by which one it is of those that were begun, or a new one, with what it cost.
    charged: Vec<(Option<usize>, i64, i64)>,
    watermark: i64,
    returned: i64,
    is_last_word: bool,
    skipped: u64,
}

fn told() -> impl Strategy<Value = Told> {
    let charge = (prop::option::of(0_usize..4), 1_i64..60, 0_i64..80);
    (
        prop::collection::vec(0_i64..50, 0..3),
        prop::collection::vec(charge, 0..3),
        0_i64..400,
        0_i64..100,
        any::<bool>(),
        prop_oneof![9 => Just(0_u64), 1 => Just(1_u64)],
    )
        .prop_map(|(begun, charged, watermark, returned, is_last_word, skipped)| Told {
            begun,
            charged,
            watermark,
            returned,
            is_last_word,
            skipped,
        })
}

fn step() -> impl Strategy<Value = Step> {
    let lease = || 0..LEASES;
    prop_oneof![
        4 => (lease(), 0_i64..500, 1_i64..9)
            .prop_map(|(lease, nanos, hours)| Step::Lend { lease, nanos, hours }),
        8 => (lease(), told()).prop_map(|(lease, told)| Step::Tell { lease, told }),
        1 => any::<usize>().prop_map(Step::Again),
        1 => lease().prop_map(Step::Fence),
        1 => (lease(), 1_i64..200, any::<bool>())
            .prop_map(|(lease, nanos, used)| Step::Settle { lease, nanos, used }),
        3 => (lease(), 0_usize..4, -2_i64..60)
            .prop_map(|(lease, which, nanos)| Step::SettleCall { lease, which, nanos }),
        2 => (1_i64..300).prop_map(Step::Hold),
        1 => any::<usize>().prop_map(Step::Release),
        1 => (0_usize..2, 1_i64..300).prop_map(|(lot, nanos)| Step::Return { lot, nanos }),
        1 => (0_usize..2).prop_map(Step::Expire),
        1 => (0_i64..4).prop_map(Step::Wait),
    ]
}

/// A desk with two lots and a capped key, and the names that its nodes use.
struct Life {
    desk: Desk,
    lots: Vec<LotId>,
    holds: Vec<HoldId>,
    begun: [Vec<HoldId>; LEASES],
    asked: Vec<Command>,
}

impl Life {
    fn new() -> Self {
        let mut desk = Desk::new();
        desk.fund("0.000004");
        let lots = vec![desk.lot("0.000001", 0, 6), desk.lot("0.000002", 0, 12)];
        let (id, amount) = (desk.transfer_id(), Usd::from_nanos(1_500));
        desk.ask(&Command::Allow { id, cap: Cap::Key(key()), amount }).unwrap();
        Self { desk, lots, holds: Vec::new(), begun: Default::default(), asked: Vec::new() }
    }

    fn command(&mut self, step: &Step) -> Option<Command> {
        let id = self.desk.transfer_id();
        Some(match step {
            Step::Lend { lease, nanos, hours } => Command::Lease(LeaseCommand::Lend(Lend {
                id,
                lease: name(*lease),
                node: NodeId::from_bytes([1; 16]),
                epoch: Epoch::new(1),
                of: [
                    Leased::Lot(self.lots[0]),
                    Leased::Lot(self.lots[1]),
                    Leased::Cap(Cap::Key(key())),
                ][lease % 3],
                amount: Usd::from_nanos(*nanos),
                until: self.desk.now + SignedDuration::from_hours(*hours),
            })),
            Step::Tell { lease, told } => {
                let report = self.report(*lease, told);
                Command::Lease(LeaseCommand::Report(Box::new(report)))
            }
            Step::Again(which) => self.asked.get(which.checked_rem(self.asked.len())?)?.clone(),
            Step::Fence(lease) => Command::Lease(LeaseCommand::Fence { lease: name(*lease) }),
            Step::Settle { lease, nanos, used } => {
                let end = if *used { SuspenseEnd::Used } else { SuspenseEnd::NotUsed };
                let (lease, amount) = (name(*lease), Usd::from_nanos(*nanos));
                Command::Lease(LeaseCommand::Settle { id, lease, amount, end })
            }
            Step::SettleCall { lease, which, nanos } => {
                let (hold, cost) = (*self.begun[*lease].get(*which)?, Usd::from_nanos(*nanos));
                Command::Lease(LeaseCommand::SettleCall { lease: name(*lease), hold, cost })
            }
            Step::Hold(nanos) => {
                let mut question = self.desk.question("0");
                question.amount = Usd::from_nanos(*nanos);
                question.caps.key = (nanos % 3 == 0).then(key);
                self.holds.push(question.hold);
                Command::PlaceHold(question)
            }
            Step::Release(which) => {
                let all: Vec<HoldId> =
                    self.begun.iter().flatten().chain(&self.holds).copied().collect();
                Command::Release { hold: *all.get(which.checked_rem(all.len())?)? }
            }
            Step::Return { lot, nanos } => {
                Command::Return { id, lot: self.lots[*lot], amount: Usd::from_nanos(*nanos) }
            }
            Step::Expire(lot) => Command::Expire { id, lot: self.lots[*lot] },
            Step::Wait(hours) => {
                self.desk.now += SignedDuration::from_hours(*hours);
                return None;
            }
        })
    }

    fn report(&mut self, lease: usize, told: &Told) -> Report {
        let now = self.desk.now;
        let mut new = || {
            let entropy = self.desk.entropy();
            HoldId::new(now, entropy)
        };
        let charged = told
            .charged
            .iter()
            .map(|(which, held, cost)| LeaseCharge {
                hold: which
                    .and_then(|which| self.begun[lease].get(which).copied())
                    .unwrap_or_else(&mut new),
                held: Usd::from_nanos(*held),
                cost: Usd::from_nanos(*cost),
            })
            .collect();
        let begun: Vec<BegunCall> = told
            .begun
            .iter()
            .map(|nanos| BegunCall {
                hold: new(),
                holder: holder(),
                amount: Usd::from_nanos(*nanos),
                placed_at: now,
                settle_by: now + SignedDuration::from_hours(1),
                note: String::new(),
            })
            .collect();
        self.begun[lease].extend(begun.iter().map(|begun| begun.hold));
        let reports = self.desk.book.leases.get(&name(lease)).map_or(0, |lease| lease.reports);
        Report {
            lease: name(lease),
            epoch: Epoch::new(1),
            number: reports + 1 + told.skipped,
            begun,
            charged,
            watermark: Usd::from_nanos(told.watermark),
            returned: Usd::from_nanos(told.returned),
            is_last_word: told.is_last_word,
        }
    }
}

fn name(lease: usize) -> LeaseId {
    LeaseId::from_bytes([u8::try_from(lease).unwrap() + 100; 16])
}

fn key() -> KeyId {
    KeyId::from_bytes([9; 16])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_auditor_finds_nothing(steps in prop::collection::vec(step(), 1..80)) {
        let mut life = Life::new();
        for step in &steps {
            let Some(command) = life.command(step) else { continue };
            let before = life.desk.book.clone();
            let asked = Asked { by: Actor::Operator, now: life.desk.now };
            // The part of the book that a command needs decides as the whole book does.
            let whole = decide(&before, &command, &asked);
            prop_assert_eq!(&whole, &decide(&slice(&before, &command.needs()), &command, &asked));
            if life.desk.ask(&command).is_ok() {
                // Asking again changes nothing.
                let once = life.desk.book.clone();
                life.desk.ask(&command).unwrap();
                prop_assert_eq!(&once.balances, &life.desk.book.balances);
                life.asked.push(command);
            } else {
                prop_assert_eq!(&before.balances, &life.desk.book.balances);
            }
            prop_assert_eq!(life.desk.audit(), vec![]);
        }
        prop_assert!(at(0) <= life.desk.now);
    }

    /// Whenever a node stops, and whatever it had authorised within its watermark: what it spent
    /// was never anybody else's, and the whole lot is accounted for.
    #[test]
    fn an_unclean_stop_never_gives_back_what_was_spent(
        lent in 1_i64..900, watermark in 0_i64..900, spent in 0_i64..900,
    ) {
        let mut life = Life::new();
        let loan = life.command(&Step::Lend { lease: 0, nanos: lent, hours: 2 });
        life.desk.ask(&loan.unwrap()).unwrap();
        let told = Told {
            begun: vec![], charged: vec![], watermark: watermark.min(lent), returned: 0,
            is_last_word: false, skipped: 0,
        };
        let raise = life.command(&Step::Tell { lease: 0, told: told.clone() });
        life.desk.ask(&raise.unwrap()).unwrap();
        let fence = life.command(&Step::Fence(0));
        life.desk.ask(&fence.unwrap()).unwrap();
        let spent = spent.min(watermark).min(lent);
        let suspense = life.desk.book.balance(&Account::LeaseSuspense(name(0))).posted;
        prop_assert!(Usd::from_nanos(spent) <= suspense);
        let told = Told { charged: vec![(None, spent, spent)], watermark: 0, is_last_word: true, ..told };
        let last_word = life.command(&Step::Tell { lease: 0, told });
        let outcome = life.desk.ask(&last_word.unwrap()).unwrap();
        let is_paid_late = matches!(outcome, Outcome::Reported { is_late: true, overrun: Usd::ZERO, .. });
        prop_assert!(is_paid_late, "{:?}", outcome);
        let left = life.desk.book.lot_balance(life.lots[0]).posted;
        prop_assert_eq!(left, Usd::from_nanos(1_000 - spent));
        prop_assert_eq!(life.desk.audit(), vec![]);
    }
}
