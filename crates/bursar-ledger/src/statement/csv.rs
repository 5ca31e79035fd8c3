//! A statement as CSV (RFC 4180): one line of headings, the opening balance, the lines, the closing
//! balance. Amounts are decimal strings of dollars, instants are RFC 3339 in UTC.

use bursar_kernel::{Actor, RequestId, Timestamp, Usd, csv_cell as cell};

use super::{Entry, StatementLine};

/// The headings.
pub const CSV_HEAD: &str =
    "at,kind,counterpart,amount,balance,charges,call,hold,trade,grant,by,transfer\r\n";

/// A line that only says what stands there: `opening` or `closing`.
pub fn csv_balance(kind: &str, at: Timestamp, balance: Usd) -> String {
    let cells = [at.to_string(), cell(kind), String::new(), String::new(), balance.to_string()];
    format!("{}{}\r\n", cells.join(","), ",".repeat(COLUMNS.saturating_sub(cells.len())))
}

/// A line of the statement, with the call that it charges, where that is known.
pub fn csv_line(line: &StatementLine, call: Option<RequestId>) -> String {
    let text = |value: Option<String>| value.as_deref().map(cell).unwrap_or_default();
    let entry = &line.entry;
    let movement = entry.movement();
    let charges = match entry {
        Entry::Day(day) => day.charges.to_string(),
        Entry::Movement(_) => String::new(),
    };
    let cells: [String; COLUMNS] = [
        entry.at().to_string(),
        cell(entry.kind()),
        text(movement.map(|one| one.counterpart().to_string())),
        entry.change().to_string(),
        line.balance.to_string(),
        charges,
        text(call.map(|call| call.to_string())),
        text(movement.and_then(|one| one.transfer.hold).map(|hold| hold.to_string())),
        text(movement.and_then(super::Movement::trade).map(|trade| trade.to_string())),
        text(movement.and_then(|one| one.grant).map(|grant| grant.to_string())),
        text(movement.map(|one| who(&one.transfer.actor))),
        text(movement.map(|one| one.transfer.id.to_string())),
    ];
    format!("{}\r\n", cells.join(","))
}

const COLUMNS: usize = 12;

/// Who did it, in a word.
fn who(actor: &Actor) -> String {
    match actor {
        Actor::Person(person) => person.to_string(),
        Actor::Key(key) => key.to_string(),
        Actor::Operator => "operator".to_owned(),
        Actor::Job(name) => format!("job:{name}"),
    }
}
