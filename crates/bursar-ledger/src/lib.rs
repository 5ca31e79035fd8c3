//! The book: who holds how much credit, what is set aside for which call, and where it all went.
//! Pure: never reads a clock, never draws an id, never touches a file or a socket.
//!
//! Money moves only by a [`Transfer`] between two [`Account`]s, and a transfer is never changed.
//! A command is decided against a [`Book`] and yields [`Event`]s; applying them is the only way a
//! book changes. A store may hand in a book that holds just what [`Command::needs`] names: what a
//! command does not need, it never looks at.

mod account;
pub mod audit;
mod book;
pub mod chain;
mod command;
mod correction;
mod decide;
mod forecast;
mod hold;
mod lease;
mod notice;
mod order;
mod refusal;
mod statement;
mod transfer;

pub use account::{Account, AccountKind, Balance, Ledger};
pub use book::Book;
pub use command::{Asked, Command, Needs, PlaceHold, Source, Trade};
pub use correction::{CORRECTIONS_PER_CALL_MAX, Correct, Correction, Paid, Payer};
pub use decide::{Decided, Outcome, decide};
pub use forecast::{Band, Course, FORECAST_DAYS_MAX, Forecast, Outlook, Waiting, Way, forecast};
pub use hold::{Hold, HoldPart, Resolution, Resolved, Settled};
pub use lease::{BegunCall, Lease, LeaseCharge, LeaseCommand, Leased, Lend, Report, SuspenseEnd};
pub use notice::{CreditState, Life, Milestone};
pub use order::{in_spending_order, spending_order};
pub use refusal::Refusal;
pub use statement::{
    CSV_HEAD, DayCharges, Entry, Movement, MovementFilter, Pages, Place, Running, StatementLine,
    StatementOf, csv_balance, csv_line,
};
pub use transfer::{Event, Transfer, TransferKind};

#[cfg(test)]
mod tests;
