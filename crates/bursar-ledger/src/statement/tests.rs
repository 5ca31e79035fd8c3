//! A statement adds up, whatever moved, however it is cut and however its pages fall.

use bursar_kernel::{Actor, LotId, ProgramId, RequestId, Timestamp, TransferId, Usd};
use proptest::prelude::*;

use super::*;
use bursar_kernel::csv_cell as cell;

fn lot() -> Account {
    Account::Lot(LotId::from_bytes([1; 16]))
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap()
}

/// A movement of a lot: credit that was bought, a call, or credit that was handed back.
fn movement(id: usize, millis: i64, nanos: i64, which: u8) -> Movement {
    let program = || ProgramId::new("access");
    let (debit, credit, kind) = match which {
        0 => (Account::Pool(program()), lot(), TransferKind::Issue),
        1 => (lot(), Account::Used(program()), TransferKind::ChargeLease),
        _ => (lot(), Account::Pool(program()), TransferKind::Return),
    };
    let transfer = Transfer {
        id: TransferId::from_bytes(u128::try_from(id).unwrap().to_be_bytes()),
        debit,
        credit,
        amount: Usd::from_nanos(nanos),
        kind,
        hold: None,
        at: at(millis),
        actor: Actor::Operator,
    };
    Movement { transfer, is_in: which == 0, grant: None }
}

/// A store of movements, as an engine would answer.
#[derive(Debug)]
struct Kept(Vec<Movement>);

impl Kept {
    fn page(&self, which: &MovementFilter) -> Vec<Movement> {
        let within = |one: &&Movement| which.from <= one.transfer.at && one.transfer.at < which.to;
        let told = |one: &&Movement| which.calls || one.is_in || !one.transfer.kind.is_charge();
        let found = self.0.iter().filter(within).filter(told);
        let behind = |one: &&Movement| which.after.is_none_or(|after| after < one.place());
        let mut found: Vec<_> = found.filter(behind).cloned().collect();
        found.sort_by_key(Movement::place);
        found.truncate(which.limit);
        found
    }

    fn days(&self, from: Timestamp, to: Timestamp) -> Vec<DayCharges> {
        let mut days = std::collections::BTreeMap::<i64, DayCharges>::new();
        for one in &self.0 {
            let moved = &one.transfer;
            if moved.kind.is_charge() && from <= moved.at && moved.at < to {
                let day = days.entry(moved.at.as_millisecond().div_euclid(86_400_000));
                let day =
                    day.or_insert(DayCharges { last_at: moved.at, amount: Usd::ZERO, charges: 0 });
                day.last_at = day.last_at.max(moved.at);
                day.amount = day.amount.checked_add(moved.amount).unwrap();
                day.charges += 1;
            }
        }
        days.into_values().collect()
    }

    /// The balance from the beginning up to an instant and with it.
    fn balance_at(&self, at: Timestamp) -> Usd {
        let before = self.0.iter().filter(|one| one.transfer.at <= at);
        Usd::sum(before.map(Movement::change)).unwrap()
    }

    fn statement(
        &self,
        from: i64,
        to: i64,
        calls: bool,
        limit: usize,
    ) -> (Usd, Vec<StatementLine>) {
        let opening = self.balance_at(at(from - 1));
        let days = if calls { Vec::new() } else { self.days(at(from), at(to)) };
        let mut running = Running::new(opening, days);
        let mut pages = Pages::new(StatementOf::Account(lot()), at(from), at(to), calls, limit);
        let (mut lines, mut asked) = (Vec::new(), 0);
        while let Some(which) = pages.next() {
            let page = self.page(which);
            pages.read(&page);
            lines.extend(running.take(page));
            asked += 1;
            assert!(asked < 2_000, "the pages come to an end");
        }
        lines.extend(running.finish());
        (opening, lines)
    }
}

const DAY: i64 = 86_400_000;

fn kept() -> impl Strategy<Value = Kept> {
    // Instants meet, at the edges of days and within a moment.
    let instant = prop_oneof![
        0_i64..40,
        (0_i64..400).prop_map(|day| day * DAY),
        (0_i64..400).prop_map(|day| day * DAY - 1),
        0_i64..400 * DAY,
    ];
    let one = (instant, 1_i64..1_000, 0_u8..3);
    prop::collection::vec(one, 0..60).prop_map(|all| {
        let all = all.into_iter().enumerate();
        Kept(all.map(|(id, (at, nanos, which))| movement(id, at, nanos, which)).collect())
    })
}

proptest! {
    #[test]
    fn opening_and_lines_make_closing_and_one_period_hands_over_to_the_next(
        kept in kept(),
        mut cuts in prop::collection::vec(-10_i64..401 * DAY, 2..6),
        calls: bool,
        limit in 1_usize..9,
    ) {
        cuts.sort_unstable();
        let mut before = None;
        for pair in cuts.windows(2) {
            let (opening, lines) = kept.statement(pair[0], pair[1], calls, limit);
            if let Some(closing) = before {
                prop_assert_eq!(opening, closing);
            }
            let mut balance = opening;
            for line in &lines {
                balance = balance.checked_add(line.entry.change()).unwrap();
                prop_assert_eq!(line.balance, balance);
                let stands = line.entry.at();
                prop_assert!(at(pair[0]) <= stands && stands < at(pair[1]));
            }
            if pair[0] < pair[1] {
                prop_assert_eq!(balance, kept.balance_at(at(pair[1] - 1)));
            }
            before = Some(balance);
        }
    }

    #[test]
    fn pages_show_each_movement_once_and_in_order(kept in kept(), limit in 1_usize..9) {
        let (_, lines) = kept.statement(-1, 500 * DAY, true, limit);
        let shown: Vec<Place> =
            lines.iter().map(|line| line.entry.movement().unwrap().place()).collect();
        let mut expected: Vec<Place> = kept.0.iter().map(Movement::place).collect();
        expected.sort_unstable();
        prop_assert_eq!(shown, expected);
    }

    #[test]
    fn a_day_of_calls_is_one_line_and_nothing_else_is_folded(kept in kept(), limit in 1_usize..9) {
        let (_, lines) = kept.statement(-1, 500 * DAY, false, limit);
        let days = lines.iter().filter(|line| matches!(line.entry, Entry::Day(_))).count();
        prop_assert_eq!(days, kept.days(at(-1), at(500 * DAY)).len());
        let others = kept.0.iter().filter(|one| !one.transfer.kind.is_charge()).count();
        prop_assert_eq!(lines.len() - days, others);
        let instants: Vec<_> = lines.iter().map(|line| line.entry.at()).collect();
        prop_assert!(instants.is_sorted());
    }

    #[test]
    fn no_cell_is_a_formula_and_every_line_has_every_column(name in "[=+@,\"\r\n\t' a-]{0,8}") {
        let mut moved = movement(1, 0, 5, 2);
        moved.transfer.actor = Actor::Job(name.clone());
        moved.transfer.credit = Account::Pool(ProgramId::new(name.clone()));
        let mut running = Running::new(Usd::from_nanos(3), Vec::new());
        let lines = running.take(vec![moved]);
        let cells = parse(&csv_line(&lines[0], None));
        prop_assert_eq!(cells.len(), CSV_HEAD.trim_end().split(',').count());
        prop_assert_eq!(&cells[2], &format!("pool/{name}"));
        prop_assert_eq!(&cells[10], &format!("job:{name}"));
        let alone = cell(&name);
        let shown = parse(&format!("{alone}\r\n")).remove(0);
        prop_assert!(!shown.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']), "{shown:?}");
        prop_assert_eq!(shown.strip_prefix('\'').unwrap_or(&shown), name.strip_prefix('\'').unwrap_or(&name));
    }
}

/// The cells of one line, as a spreadsheet reads it.
fn parse(line: &str) -> Vec<String> {
    let line = line.strip_suffix("\r\n").expect("a line ends");
    let (mut cells, mut quoted) = (vec![String::new()], false);
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cells.last_mut().unwrap().push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            other => cells.last_mut().unwrap().push(other),
        }
    }
    cells
}

#[test]
fn a_statement_reads_as_csv() {
    let kept = Kept(vec![
        movement(1, 1_000, 2_000_000_000, 0),
        movement(2, 2_000, 5, 1),
        movement(3, DAY, 7, 1),
        movement(4, DAY + 1, 500_000_000, 2),
    ]);
    let (opening, lines) = kept.statement(0, 2 * DAY, false, 3);
    let mut text = String::from(CSV_HEAD);
    text.push_str(&csv_balance("opening", at(0), opening));
    text.extend(lines.iter().map(|line| csv_line(line, None)));
    let request = RequestId::from_bytes([0; 16]);
    let (_, call) = kept.statement(DAY, DAY + 1, true, 3);
    text.push_str(&csv_line(&call[0], Some(request)));
    let expected = [
        "at,kind,counterpart,amount,balance,charges,call,hold,trade,grant,by,transfer",
        "1970-01-01T00:00:00Z,opening,,,0.00,,,,,,,",
        "1970-01-01T00:00:01Z,issue,pool/access,2.00,2.00,,,,,,operator,\
         transfer_00000000000000000000000001",
        "1970-01-01T00:00:02Z,calls,,-0.000000005,1.999999995,1,,,,,,",
        "1970-01-02T00:00:00Z,calls,,-0.000000007,1.999999988,1,,,,,,",
        "1970-01-02T00:00:00.001Z,return,pool/access,-0.50,1.499999988,,,,,,operator,\
         transfer_00000000000000000000000004",
        "1970-01-02T00:00:00Z,call,used/access,-0.000000007,1.999999988,,\
         req_00000000000000000000000000,,,,operator,transfer_00000000000000000000000003",
    ];
    assert_eq!(text.lines().collect::<Vec<_>>(), expected);
}
