//! No command takes an amount below zero, whichever of its amounts it is.

use super::*;
use bursar_kernel::Cap;

/// The amounts that a command carries. A new command says here which are its own.
fn amounts(command: &mut Command) -> Vec<&mut Usd> {
    match command {
        Command::Fund { amount, .. }
        | Command::Commit { amount, .. }
        | Command::Uncommit { amount, .. }
        | Command::Allow { amount, .. }
        | Command::Cut { amount, .. }
        | Command::Restore { amount, .. }
        | Command::Capture { amount, .. }
        | Command::Return { amount, .. }
        | Command::PayIn { amount, .. }
        | Command::Refund { amount, .. }
        | Command::PayOut { amount, .. }
        | Command::Lease(LeaseCommand::Settle { amount, .. }) => vec![amount],
        Command::Settle { cost, .. } | Command::Lease(LeaseCommand::SettleCall { cost, .. }) => {
            vec![cost]
        }
        Command::Correct(wanted) => vec![&mut wanted.cost],
        Command::TakeBack { amount, .. } => amount.iter_mut().collect(),
        Command::Issue { lot, .. } => vec![&mut lot.face],
        Command::PlaceHold(question) => vec![&mut question.amount],
        Command::Trade(trade) => {
            let Trade { lot, fee, .. } = &mut **trade;
            vec![&mut lot.face, &mut lot.cost_basis, fee]
        }
        Command::Lease(LeaseCommand::Lend(loan)) => vec![&mut loan.amount],
        Command::Lease(LeaseCommand::Report(report)) => {
            let Report { begun, charged, watermark, returned, .. } = &mut **report;
            let begun = begun.iter_mut().map(|begun| &mut begun.amount);
            let charged = charged.iter_mut().flat_map(|it| [&mut it.held, &mut it.cost]);
            begun.chain(charged).chain([watermark, returned]).collect()
        }
        Command::Release { .. }
        | Command::Suspend { .. }
        | Command::Expire { .. }
        | Command::Lease(LeaseCommand::Fence { .. }) => Vec::new(),
    }
}

fn name(desk: &mut Desk) -> [u8; 16] {
    desk.transfer_id().to_bytes()
}

/// A lease of five dollars that covers three.
fn lease(desk: &mut Desk, lot: LotId) -> LeaseId {
    let lease = LeaseId::from_bytes(name(desk));
    let loan = Lend {
        id: desk.transfer_id(),
        lease,
        node: NodeId::from_bytes([8; 16]),
        epoch: Epoch::new(1),
        of: Leased::Lot(lot),
        amount: usd("5"),
        until: at(5),
    };
    desk.ask(&Command::Lease(LeaseCommand::Lend(loan))).unwrap();
    let raise = Report { watermark: usd("3"), ..report(lease, 1) };
    desk.ask(&Command::Lease(LeaseCommand::Report(Box::new(raise)))).unwrap();
    lease
}

fn report(lease: LeaseId, number: u64) -> Report {
    Report {
        lease,
        epoch: Epoch::new(1),
        number,
        begun: Vec::new(),
        charged: Vec::new(),
        watermark: usd("1"),
        returned: Usd::ZERO,
        is_last_word: false,
    }
}

fn begun(desk: &mut Desk) -> BegunCall {
    BegunCall {
        hold: HoldId::from_bytes(name(desk)),
        holder: holder(),
        amount: usd("1"),
        placed_at: at(0),
        settle_by: at(1),
        note: String::new(),
    }
}

fn sale(desk: &mut Desk, from: LotId, buyer: PersonId) -> Command {
    let lot = Lot {
        id: LotId::from_bytes(name(desk)),
        holder: buyer,
        origin: Origin::Purchase,
        category: Category::Paid,
        face: usd("1"),
        cost_basis: usd("1"),
        ..desk.book.lots[&from].clone()
    };
    let id = TradeId::from_bytes(name(desk));
    Command::Trade(Box::new(Trade { id, from, lot, fee: usd("0.1") }))
}

/// What other commands need to have been done before.
fn prepare(desk: &mut Desk, lot: LotId, (person, key): (PersonId, KeyId)) {
    for command in [
        Command::Allow { id: desk.transfer_id(), cap: Cap::Key(key), amount: usd("9") },
        Command::Cut { id: desk.transfer_id(), cap: Cap::Key(key), amount: usd("2") },
        Command::Commit {
            id: desk.transfer_id(),
            program: ProgramId::new(PROGRAM),
            amount: usd("9"),
        },
        Command::PayIn { id: desk.transfer_id(), person, amount: usd("9") },
        sale(desk, lot, person),
        sale(desk, lot, person),
    ] {
        desk.ask(&command).unwrap();
    }
}

/// One command of each kind that carries an amount, each of which could be carried out.
fn commands(desk: &mut Desk) -> Vec<Command> {
    let (program, person) = (ProgramId::new(PROGRAM), PersonId::from_bytes([9; 16]));
    let (amount, key) = (usd("1"), KeyId::from_bytes([3; 16]));
    desk.fund("100");
    let lot = desk.lot_like("30", 0, 10, |lot| lot.transfer_policy = TransferPolicy::Market);
    let (open, ended) = (lease(desk, lot), lease(desk, lot));
    let lost = begun(desk);
    let told = Report { begun: vec![lost.clone()], ..report(ended, 2) };
    desk.ask(&Command::Lease(LeaseCommand::Report(Box::new(told)))).unwrap();
    desk.ask(&Command::Lease(LeaseCommand::Fence { lease: ended })).unwrap();
    let suspended = desk.hold("2").unwrap();
    desk.ask(&Command::Suspend { hold: suspended }).unwrap();
    prepare(desk, lot, (person, key));
    let hold = desk.hold("2").unwrap();
    let charge = LeaseCharge { hold: HoldId::from_bytes(name(desk)), held: amount, cost: amount };
    let told = Report {
        begun: vec![begun(desk)],
        charged: vec![charge],
        returned: amount,
        ..report(open, 2)
    };
    let new = Lot { id: LotId::from_bytes(name(desk)), ..desk.book.lots[&lot].clone() };
    let loan = Lend {
        id: desk.transfer_id(),
        lease: open,
        node: NodeId::from_bytes([8; 16]),
        epoch: Epoch::new(1),
        of: Leased::Lot(lot),
        amount,
        until: at(5),
    };
    let charge = desk.hold("1").unwrap();
    desk.capture(charge, "1").unwrap();
    let correction = Correct {
        id: CorrectionId::from_bytes(name(desk)),
        charge,
        cost: usd("0.5"),
        reason: String::new(),
    };
    let (question, sale) = (desk.question("1"), sale(desk, lot, person));
    let mut id = || desk.transfer_id();
    let end = SuspenseEnd::Used;
    vec![
        Command::Fund { id: id(), program: program.clone(), amount },
        Command::Commit { id: id(), program: program.clone(), amount },
        Command::Uncommit { id: id(), program, amount },
        Command::Issue { id: id(), lot: new, from: Source::Pool },
        Command::Allow { id: id(), cap: Cap::Key(key), amount },
        Command::Cut { id: id(), cap: Cap::Key(key), amount },
        Command::Restore { id: id(), cap: Cap::Key(key), amount },
        Command::PlaceHold(question),
        Command::Capture { hold, amount },
        Command::Correct(Box::new(correction)),
        Command::Return { id: id(), lot, amount },
        Command::TakeBack { id: id(), lot, amount: Some(amount) },
        sale,
        Command::PayIn { id: id(), person, amount },
        Command::Refund { id: id(), person, amount },
        Command::PayOut { id: id(), person: holder(), amount },
        Command::Lease(LeaseCommand::Lend(loan)),
        Command::Lease(LeaseCommand::Report(Box::new(told))),
        Command::Settle { hold: suspended, cost: amount },
        Command::Lease(LeaseCommand::SettleCall { lease: ended, hold: lost.hold, cost: amount }),
        Command::Lease(LeaseCommand::Settle { id: id(), lease: ended, amount, end }),
    ]
}

#[test]
fn no_command_takes_an_amount_below_zero() {
    let mut desk = Desk::new();
    for command in commands(&mut desk) {
        let count = amounts(&mut command.clone()).len();
        assert_ne!(count, 0, "{command:?}");
        for place in 0..count {
            let mut spoiled = command.clone();
            *amounts(&mut spoiled)[place] = Usd::from_nanos(-1);
            let before = desk.book.balances.clone();
            let refusal = desk.ask(&spoiled).unwrap_err();
            assert!(
                matches!(refusal, Refusal::NotPositive(_) | Refusal::FeeOutOfRange { .. }),
                "{spoiled:?}: {refusal:?}"
            );
            assert_eq!(desk.book.balances, before);
        }
        // Nothing else was wrong with it.
        desk.clone().ask(&command).unwrap();
    }
}
