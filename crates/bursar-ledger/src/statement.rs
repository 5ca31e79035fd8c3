//! Statements: what stood on an account at an instant, what moved between two, and in which order.

use std::collections::VecDeque;

use bursar_kernel::{GrantId, Timestamp, TradeId, TransferId, Usd};

use crate::account::Account;
use crate::transfer::{Transfer, TransferKind};

mod csv;
mod pages;

pub use csv::{CSV_HEAD, csv_balance, csv_line};
pub use pages::Pages;

/// What a statement is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatementOf {
    /// One account.
    Account(Account),
    /// A grant's lots, with what is lent of them to nodes: what moves between those stays within,
    /// and is no movement.
    Grant(GrantId),
}

/// Something that moved, seen from what the statement is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// The transfer.
    pub transfer: Transfer,
    /// Whether it came in.
    pub is_in: bool,
    /// The grant of the lot on the other side, if a lot of a grant is there.
    pub grant: Option<GrantId>,
}

/// Where a movement stands: by its instant; at one instant what comes in stands first, so that no
/// balance between is lower than it ever was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Its instant.
    pub at: Timestamp,
    /// Whether it went out.
    pub is_out: bool,
    /// Its name.
    pub id: TransferId,
}

impl Movement {
    /// Where it stands.
    pub const fn place(&self) -> Place {
        Place { at: self.transfer.at, is_out: !self.is_in, id: self.transfer.id }
    }

    /// The account on the other side.
    pub const fn counterpart(&self) -> &Account {
        if self.is_in { &self.transfer.debit } else { &self.transfer.credit }
    }

    /// What it changed, below zero for what went out.
    pub fn change(&self) -> Usd {
        if self.is_in { self.transfer.amount } else { taken(self.transfer.amount) }
    }

    /// The trade that it is a part of, if credit was sold.
    pub fn trade(&self) -> Option<TradeId> {
        let sells = self.transfer.kind == TransferKind::Sell;
        sells.then(|| TradeId::from_bytes(self.transfer.id.to_bytes()))
    }
}

/// One page of movements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovementFilter {
    /// Of what.
    pub of: StatementOf,
    /// At this instant or later.
    pub from: Timestamp,
    /// Before this instant.
    pub to: Timestamp,
    /// Only those that stand after this place.
    pub after: Option<Place>,
    /// Whether each charge of a call is one of them. Else those that went out are left out, to be
    /// asked for day by day.
    pub calls: bool,
    /// At the most so many, in their order.
    pub limit: usize,
}

/// What calls took on one day (UTC) within a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayCharges {
    /// When they took the last of it.
    pub last_at: Timestamp,
    /// How much they took.
    pub amount: Usd,
    /// In how many charges. A call whose hold lay on several leases is charged to each.
    pub charges: u64,
}

/// A line of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementLine {
    /// What moved.
    pub entry: Entry,
    /// What stands there after it.
    pub balance: Usd,
}

/// What a line of a statement tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A single movement.
    Movement(Box<Movement>),
    /// All that calls took on one day.
    Day(DayCharges),
}

impl Entry {
    /// When; of a day, when the last of it was.
    pub const fn at(&self) -> Timestamp {
        match self {
            Self::Movement(movement) => movement.transfer.at,
            Self::Day(day) => day.last_at,
        }
    }

    /// What kind of movement it is: the transfer's, `call` for a charge of a call on whatever
    /// account it was made, and `calls` for those of a day.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Movement(movement) if movement.transfer.kind.is_charge() => "call",
            Self::Movement(movement) => movement.transfer.kind.name(),
            Self::Day(_) => "calls",
        }
    }

    /// What it changed, below zero for what went out.
    pub fn change(&self) -> Usd {
        match self {
            Self::Movement(movement) => movement.change(),
            Self::Day(day) => taken(day.amount),
        }
    }

    /// The single movement, if it is one.
    pub fn movement(&self) -> Option<&Movement> {
        match self {
            Self::Movement(movement) => Some(movement),
            Self::Day(_) => None,
        }
    }
}

/// A statement while its lines are being written: the balance, and the days that are still to come.
#[derive(Clone, Debug)]
pub struct Running {
    balance: Usd,
    days: VecDeque<DayCharges>,
}

impl Running {
    /// A statement that opens with a balance, with its days in order.
    pub fn new(opening: Usd, days: Vec<DayCharges>) -> Self {
        Self { balance: opening, days: days.into() }
    }

    /// What stands there after the lines so far.
    pub const fn balance(&self) -> Usd {
        self.balance
    }

    /// The lines of the next movements, with the days that stand before each.
    pub fn take(&mut self, movements: Vec<Movement>) -> Vec<StatementLine> {
        let mut lines = Vec::with_capacity(movements.len());
        for movement in movements {
            let at = movement.transfer.at;
            let is_before =
                |day: &DayCharges| day.last_at < at || (day.last_at == at && !movement.is_in);
            while let Some(day) = self.days.pop_front_if(|day| is_before(day)) {
                lines.push(self.line(Entry::Day(day)));
            }
            lines.push(self.line(Entry::Movement(Box::new(movement))));
        }
        lines
    }

    /// The lines behind the last movement.
    pub fn finish(&mut self) -> Vec<StatementLine> {
        let days = std::mem::take(&mut self.days);
        days.into_iter().map(|day| self.line(Entry::Day(day))).collect()
    }

    fn line(&mut self, entry: Entry) -> StatementLine {
        // The book counts no sum that does not fit, and this is one of its sums.
        self.balance = self.balance.checked_add(entry.change()).unwrap_or(Usd::MAX);
        StatementLine { entry, balance: self.balance }
    }
}

/// An amount that went out.
fn taken(amount: Usd) -> Usd {
    amount.checked_neg().unwrap_or(Usd::ZERO)
}

#[cfg(test)]
mod tests;
