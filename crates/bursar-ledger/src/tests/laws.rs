//! Whatever is asked, in whatever order, at whatever instant: the auditor finds nothing.

use bursar_kernel::*;
use bursar_kernel::{Cap, Caps, StudyId};
use jiff::SignedDuration;
use proptest::prelude::*;

use super::{Desk, at, holder};
use crate::*;

/// What somebody may ask of the book.
#[derive(Clone, Debug)]
enum Step {
    Fund(i64),
    Commit(i64),
    Uncommit(i64),
    Issue { nanos: i64, from: i64, hours: i64, committed: bool },
    Rights { what: u8, key: u8, study: bool, nanos: i64 },
    Hold { nanos: i64, key: Option<u8>, study: Option<u8> },
    Capture { which: usize, percent: i64 },
    Correct { which: usize, nanos: i64 },
    Release(usize),
    Suspend(usize),
    Settle { which: usize, percent: i64 },
    Expire(usize),
    Return { which: usize, nanos: i64 },
    TakeBack { which: usize, nanos: Option<i64> },
    PayIn { who: u8, nanos: i64 },
    Refund { who: u8, nanos: i64 },
    PayOut { who: u8, nanos: i64 },
    Sell { which: usize, nanos: i64, price: i64, fee: i64, to: u8, looser: u8 },
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let nanos = || prop_oneof![Just(0_i64), -5_i64..2_000, Just(i64::MAX)];
    prop_oneof![
        nanos().prop_map(Step::Fund),
        nanos().prop_map(Step::Commit),
        nanos().prop_map(Step::Uncommit),
        (nanos(), -3_i64..6, -2_i64..9, any::<bool>()).prop_map(
            |(nanos, from, hours, committed)| Step::Issue { nanos, from, hours, committed }
        ),
        (0_u8..3, 0_u8..3, any::<bool>(), nanos())
            .prop_map(|(what, key, study, nanos)| Step::Rights { what, key, study, nanos }),
        (0_i64..900, prop::option::of(0_u8..3), prop::option::of(0_u8..3))
            .prop_map(|(nanos, key, study)| Step::Hold { nanos, key, study }),
        (any::<usize>(), 0_i64..180).prop_map(|(which, percent)| Step::Capture { which, percent }),
        (any::<usize>(), -1_i64..900).prop_map(|(which, nanos)| Step::Correct { which, nanos }),
        any::<usize>().prop_map(Step::Release),
        any::<usize>().prop_map(Step::Suspend),
        (any::<usize>(), -9_i64..120).prop_map(|(which, percent)| Step::Settle { which, percent }),
        any::<usize>().prop_map(Step::Expire),
        (any::<usize>(), nanos()).prop_map(|(which, nanos)| Step::Return { which, nanos }),
        (any::<usize>(), prop::option::of(nanos()))
            .prop_map(|(which, nanos)| Step::TakeBack { which, nanos }),
        (0_u8..3, nanos()).prop_map(|(who, nanos)| Step::PayIn { who, nanos }),
        (0_u8..3, nanos()).prop_map(|(who, nanos)| Step::Refund { who, nanos }),
        (0_u8..3, -1_i64..300).prop_map(|(who, nanos)| Step::PayOut { who, nanos }),
        sale(),
        sale(),
        (0_i64..4).prop_map(Step::Wait),
    ]
}

fn sale() -> impl Strategy<Value = Step> {
    let looser = prop_oneof![8 => Just(0_u8), 1 => 1_u8..6];
    (any::<usize>(), -1_i64..900, -1_i64..500, -1_i64..5, 0_u8..3, looser).prop_map(
        |(which, nanos, price, fee, to, looser)| Step::Sell {
            which,
            nanos,
            price,
            fee,
            to,
            looser,
        },
    )
}

/// Somebody of the story: the first is whoever is issued lots.
fn person(who: u8) -> PersonId {
    if who == 0 { holder() } else { PersonId::from_bytes([who; 16]) }
}

/// What a buyer asks for: a part of a lot as it is, or with something about it loosened.
fn bought(desk: &mut Desk, from: &Lot, to: u8, looser: u8) -> Lot {
    let entropy = desk.entropy();
    let mut lot = Lot {
        id: LotId::new(desk.now, entropy),
        holder: person(to),
        origin: Origin::Purchase,
        category: Category::Paid,
        active_from: desk.now,
        ..from.clone()
    };
    match looser {
        1 => lot.expires_at += SignedDuration::from_hours(1),
        2 => lot.scope.endpoints = Some([Endpoint::Embeddings].into()),
        3 => lot.upstream_group = UpstreamGroup::new("elsewhere"),
        4 => lot.program = ProgramId::new("elsewhere"),
        5 => lot.origin = Origin::Prepaid,
        _ => {}
    }
    lot
}

/// A lot that lives from `from` for `hours`, passed on as its amount has it.
fn issued(desk: &mut Desk, nanos: i64, from: i64, hours: i64) -> Lot {
    let start = desk.now + SignedDuration::from_hours(from);
    let entropy = desk.entropy();
    Lot {
        id: LotId::new(desk.now, entropy),
        holder: holder(),
        grant: None,
        program: ProgramId::new("access"),
        origin: Origin::ResearchGrant,
        face: Usd::from_nanos(nanos),
        active_from: start,
        expires_at: start + SignedDuration::from_hours(hours),
        scope: Scope::default(),
        upstream_group: UpstreamGroup::new("openai"),
        transfer_policy: match nanos % 4 {
            0 => TransferPolicy::Pool,
            1 => TransferPolicy::None,
            _ => TransferPolicy::Market,
        },
        priority: 0,
        category: Category::Promotional,
        cost_basis: Usd::ZERO,
    }
}

fn study_id(number: u8) -> StudyId {
    StudyId::from_bytes([number; 16])
}

/// What changes how much a cap allows.
fn rights(id: TransferId, what: u8, cap: Cap, amount: Usd) -> Command {
    match what {
        0 => Command::Allow { id, cap, amount },
        1 => Command::Cut { id, cap, amount },
        _ => Command::Restore { id, cap, amount },
    }
}

fn cap_of(number: u8, study: bool) -> Cap {
    if study { Cap::Study(study_id(number)) } else { Cap::Key(KeyId::from_bytes([number; 16])) }
}

fn hold(desk: &mut Desk, amount: Usd, (key, study): (Option<u8>, Option<u8>)) -> Command {
    let mut question = desk.question("0");
    question.amount = amount;
    question.caps.key = key.map(|key| KeyId::from_bytes([key; 16]));
    question.caps.study = study.map(study_id);
    Command::PlaceHold(question)
}

fn command(desk: &mut Desk, step: &Step, holds: &[HoldId], lots: &[LotId]) -> Option<Command> {
    let (id, program) = (desk.transfer_id(), ProgramId::new("access"));
    let usd = Usd::from_nanos;
    let pick = |which: usize| holds.get(which.checked_rem(holds.len())?).copied();
    Some(match step {
        Step::Fund(nanos) => Command::Fund { id, program, amount: usd(*nanos) },
        Step::Commit(nanos) => Command::Commit { id, program, amount: usd(*nanos) },
        Step::Uncommit(nanos) => Command::Uncommit { id, program, amount: usd(*nanos) },
        Step::Issue { nanos, from, hours, committed } => {
            let lot = issued(desk, *nanos, *from, *hours);
            let from = if *committed { Source::Committed } else { Source::Pool };
            Command::Issue { id, lot, from }
        }
        Step::Rights { what, key, study, nanos } => {
            rights(id, *what, cap_of(*key, *study), usd(*nanos))
        }
        Step::Hold { nanos, key, study } => hold(desk, usd(*nanos), (*key, *study)),
        Step::Capture { which, percent } => {
            let hold = pick(*which)?;
            let amount = desk.book.holds[&hold].amount.nanos() * percent / 100;
            Command::Capture { hold, amount: usd(amount) }
        }
        Step::Correct { which, nanos } => {
            let (charge, cost) = (pick(*which)?, usd(*nanos));
            let id = CorrectionId::from_bytes(id.to_bytes());
            let reason = "the provider's report".to_owned();
            Command::Correct(Box::new(Correct { id, charge, cost, reason }))
        }
        Step::Release(which) => Command::Release { hold: pick(*which)? },
        Step::Suspend(which) => Command::Suspend { hold: pick(*which)? },
        Step::Settle { which, percent } => {
            let hold = pick(*which)?;
            let cost = desk.book.holds[&hold].amount.nanos() * percent / 100;
            Command::Settle { hold, cost: usd(cost) }
        }
        Step::Expire(which) => {
            let lot = lots.get(which.checked_rem(lots.len())?).copied()?;
            Command::Expire { id, lot }
        }
        Step::Return { which, nanos } => {
            let lot = lots.get(which.checked_rem(lots.len())?).copied()?;
            Command::Return { id, lot, amount: usd(*nanos) }
        }
        Step::TakeBack { which, nanos } => {
            let lot = lots.get(which.checked_rem(lots.len())?).copied()?;
            Command::TakeBack { id, lot, amount: nanos.map(usd) }
        }
        Step::PayIn { who, nanos } => {
            Command::PayIn { id, person: person(*who), amount: usd(*nanos) }
        }
        Step::Refund { who, nanos } => {
            Command::Refund { id, person: person(*who), amount: usd(*nanos) }
        }
        Step::PayOut { who, nanos } => {
            Command::PayOut { id, person: person(*who), amount: usd(*nanos) }
        }
        Step::Sell { which, nanos, price, fee, to, looser } => {
            let from = lots.get(which.checked_rem(lots.len())?).copied()?;
            let sold = desk.book.lots[&from].clone();
            let mut lot = bought(desk, &sold, *to, *looser);
            (lot.face, lot.cost_basis) = (usd(*nanos), usd(*price));
            let id = TradeId::from_bytes(id.to_bytes());
            Command::Trade(Box::new(Trade { id, from, lot, fee: usd(*fee) }))
        }
        Step::Wait(_) => return None,
    })
}

/// The part of a book that a command says it needs.
pub(super) fn slice(book: &Book, needs: &Needs) -> Book {
    let mut part = Book::default();
    let mut wallets: Vec<PersonId> = needs.wallet.into_iter().collect();
    let mut accounts = needs.accounts.clone();
    let mut lots = needs.lots.clone();
    if let Some(hold) = needs.hold.and_then(|hold| book.holds.get(&hold)) {
        part.holds.insert(hold.id, hold.clone());
        accounts.extend(hold.parts.iter().map(|part| part.account.clone()));
        lots.extend(hold.lot_parts().map(|(lot, _)| lot));
        wallets.push(hold.holder);
    }
    let in_wallets = book.lots.values().filter(|lot| wallets.contains(&lot.holder));
    lots.extend(in_wallets.map(|lot| lot.id));
    for lot in lots.iter().filter_map(|lot| book.lots.get(lot)) {
        part.lots.insert(lot.id, lot.clone());
        accounts.push(Account::Lot(lot.id));
    }
    let known = |hold: &HoldId| book.holds.get(hold);
    let mut leases = needs.leases.clone();
    if let Some((id, charge)) = needs.correction {
        let wanted = |made: &&Correction| made.id == id || made.charge == charge;
        let made = book.corrections.values().filter(wanted);
        part.corrections.extend(made.map(|made| (made.id, made.clone())));
        for transfer in needs.transfers.iter().filter_map(|id| book.transfers.get(id)) {
            part.transfers.insert(transfer.id, transfer.clone());
        }
        let mut more = Needs::default();
        more.follow_charge(&part);
        leases.extend(more.leases);
        accounts.extend(more.accounts);
        for lot in more.lots {
            part.lots.insert(lot, book.lots[&lot].clone());
            accounts.push(Account::Lot(lot));
        }
    }
    let lies_on = |hold: &&Hold, lease: LeaseId| {
        let accounts = [Account::Lease(lease), Account::CapLease(lease)];
        hold.resolution.is_none() && hold.parts.iter().any(|part| accounts.contains(&part.account))
    };
    let mut begun: Vec<&Hold> = needs.begun.iter().filter_map(known).collect();
    if let Some(lease) = needs.begun_on {
        begun.extend(book.holds.values().filter(|hold| lies_on(hold, lease)));
    }
    for hold in begun {
        part.holds.insert(hold.id, hold.clone());
        accounts.extend(hold.parts.iter().map(|part| part.account.clone()));
    }
    for lease in leases.iter().filter_map(|lease| book.leases.get(lease)) {
        part.leases.insert(lease.id, lease.clone());
        accounts.extend([lease.account(), lease.suspense(), lease.of.account()]);
        if let Leased::Lot(lot) = lease.of {
            part.lots.insert(lot, book.lots[&lot].clone());
        }
    }
    for account in accounts {
        part.balances.insert(account.clone(), book.balance(&account));
    }
    for transfer in needs.transfers.iter().filter_map(|id| book.transfers.get(id)) {
        part.transfers.insert(transfer.id, transfer.clone());
    }
    part
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_auditor_finds_nothing(steps in prop::collection::vec(step(), 1..60)) {
        let mut desk = Desk::new();
        desk.fund("0.000002");
        let (mut holds, mut lots) = (Vec::new(), Vec::new());
        for step in &steps {
            if let Step::Wait(hours) = step {
                desk.now += SignedDuration::from_hours(*hours);
                continue;
            }
            let Some(command) = command(&mut desk, step, &holds, &lots) else { continue };
            let before = desk.book.clone();
            let asked = Asked { by: Actor::Operator, now: desk.now };
            // The part of the book that a command needs decides as the whole book does.
            let whole = decide(&before, &command, &asked);
            prop_assert_eq!(&whole, &decide(&slice(&before, &command.needs()), &command, &asked));
            if desk.ask(&command).is_ok() {
                if let Command::PlaceHold(question) = &command {
                    holds.push(question.hold);
                }
                if let Command::Issue { lot, .. } = &command {
                    lots.push(lot.id);
                }
                if let Command::Trade(trade) = &command {
                    lots.push(trade.lot.id);
                    // A seller never sells what is held, what has expired, or what may not go.
                    let from = &before.lots[&trade.from];
                    let free = before.lot_balance(from.id).available();
                    prop_assert!(trade.lot.face <= free && desk.now < from.expires_at);
                    prop_assert_eq!(from.transfer_policy, TransferPolicy::Market);
                    prop_assert_eq!(trade.lot.expires_at, from.expires_at);
                }
                if let Command::TakeBack { lot, .. } = &command {
                    // Only what was free of a lot that lives, and all of it goes to the pool.
                    let (was, is) = (before.lot_balance(*lot), desk.book.lot_balance(*lot));
                    let pool = Account::Pool(before.lots[lot].program.clone());
                    let gone = was.posted.checked_sub(is.posted).unwrap();
                    let came = desk.book.balance(&pool).posted;
                    prop_assert!(gone <= was.available() && is.held == was.held);
                    prop_assert_eq!(before.balance(&pool).posted.checked_add(gone), Some(came));
                    prop_assert!(gone.is_zero() || desk.now < before.lots[lot].expires_at);
                }
                if let Command::Correct(wanted) = &command {
                    // What is used changed by what the call's last word differs from the one
                    // before, and nothing came back to life.
                    let used = Account::Used(ProgramId::new("access"));
                    let moved = |account: &Account| {
                        let [was, is] = [&before, &desk.book].map(|book| book.balance(account));
                        is.posted.checked_sub(was.posted).unwrap()
                    };
                    let made = &desk.book.corrections[&wanted.id];
                    let differs = made.cost.checked_sub(made.before);
                    prop_assert_eq!(Some(moved(&used)), differs);
                    for lot in desk.book.lots.values().filter(|lot| lot.expires_at <= desk.now) {
                        prop_assert_eq!(moved(&Account::Lot(lot.id)), Usd::ZERO);
                    }
                }
                // Asking again changes nothing.
                let once = desk.book.clone();
                desk.ask(&command).unwrap();
                prop_assert_eq!(&once.balances, &desk.book.balances);
            } else {
                prop_assert_eq!(&before.balances, &desk.book.balances);
            }
            prop_assert_eq!(desk.audit(), vec![]);
        }
    }

    /// Whatever a call in suspense is found to have cost, its lots and its key end as if that had
    /// been known at once, save what their expiry took meanwhile.
    #[test]
    fn settling_ends_as_a_capture_in_time_would_have(
        faces in prop::collection::vec(1_i64..300, 1..4), nanos in 1_i64..500, percent in 0_i64..=100,
    ) {
        let mut desk = Desk::new();
        desk.fund("0.000002");
        let lots: Vec<LotId> = faces
            .iter()
            .map(|face| desk.lot(&Usd::from_nanos(*face).to_string(), 0, 5))
            .collect();
        let (id, key) = (desk.transfer_id(), KeyId::from_bytes([3; 16]));
        desk.ask(&Command::Allow { id, cap: Cap::Key(key), amount: Usd::from_nanos(400) }).unwrap();
        let mut question = desk.question("0");
        (question.amount, question.caps) = (Usd::from_nanos(nanos), Caps::of_key(key));
        let hold = question.hold;
        if desk.ask(&Command::PlaceHold(question)).is_ok() {
            let cost = Usd::from_nanos(nanos * percent / 100);
            let mut known = desk.clone();
            known.ask(&Command::Capture { hold, amount: cost }).unwrap();
            desk.ask(&Command::Suspend { hold }).unwrap();
            desk.ask(&Command::Settle { hold, cost }).unwrap();
            prop_assert_eq!(desk.lots(&lots), known.lots(&lots));
            let cap = Account::Cap(Cap::Key(key));
            prop_assert_eq!(desk.posted(&cap), known.posted(&cap));
            prop_assert_eq!(desk.audit(), vec![]);
        }
    }

    /// Whatever was raised and lowered before, and whatever is in flight: a call begins only within
    /// the cap as it is now, and wherever that leaves room for it.
    #[test]
    fn a_call_begins_within_the_cap_as_it_is_now(
        steps in prop::collection::vec((0_u8..5, 0_i64..400, 0_i64..=100), 1..40),
    ) {
        let mut desk = Desk::new();
        desk.fund("0.0001");
        desk.lot("0.0001", 0, 5);
        let key = KeyId::from_bytes([3; 16]);
        let (mut cap, mut spent, mut open) = (0_i64, 0_i64, Vec::<(HoldId, i64)>::new());
        for (what, nanos, percent) in steps {
            let (id, amount) = (desk.transfer_id(), Usd::from_nanos(nanos));
            match what {
                0..=2 => {
                    let changed = desk.ask(&rights(id, what, Cap::Key(key), amount));
                    let by = if what == 1 { -nanos } else { nanos };
                    cap += if changed.is_ok() { by } else { 0 };
                }
                3 => {
                    let question = PlaceHold { caps: Caps::of_key(key), ..desk.question("0") };
                    let question = PlaceHold { amount, ..question };
                    let (hold, held) = (question.hold, open.iter().map(|(_, held)| held).sum::<i64>());
                    let placed = desk.ask(&Command::PlaceHold(question)).is_ok();
                    prop_assert_eq!(placed, nanos == 0 || nanos <= cap - spent - held);
                    open.extend(placed.then_some((hold, nanos)));
                }
                _ => {
                    let Some((hold, held)) = open.pop() else { continue };
                    let cost = held * percent / 100;
                    desk.ask(&Command::Capture { hold, amount: Usd::from_nanos(cost) }).unwrap();
                    spent += cost;
                }
            }
            prop_assert_eq!(desk.audit(), vec![]);
        }
    }

    #[test]
    fn a_capture_within_its_hold_never_costs_anybody_else(
        holds in prop::collection::vec((1_i64..500, 0_i64..=100), 1..20),
    ) {
        let mut desk = Desk::new();
        desk.fund("0.000002");
        let lot = desk.lot("0.000002", 0, 5);
        let mut open = Vec::new();
        for (nanos, percent) in holds {
            let mut question = desk.question("0");
            question.amount = Usd::from_nanos(nanos);
            let hold = question.hold;
            if desk.ask(&Command::PlaceHold(question)).is_ok() {
                open.push((hold, Usd::from_nanos(nanos * percent / 100)));
            }
        }
        let spent = Usd::sum(open.iter().map(|(_, amount)| *amount)).unwrap();
        for (hold, amount) in open {
            desk.ask(&Command::Capture { hold, amount }).unwrap();
        }
        let left = desk.book.lot_balance(lot);
        prop_assert_eq!(left.posted.checked_add(spent), Some(Usd::from_nanos(2_000)));
        prop_assert_eq!(left.held, Usd::ZERO);
        prop_assert!(at(0) <= desk.now);
    }
}
