//! What can be asked about what moved, and a statement that is read page by page.

use async_trait::async_trait;
use bursar_kernel::{Timestamp, TransferId, Usd};
use bursar_ledger::{
    DayCharges, Movement, MovementFilter, Pages, Running, StatementLine, StatementOf, Transfer,
};
use jiff::SignedDuration;

use crate::reads::ReadError;

/// Movements that are read at a time: they are held in memory until their lines are written.
pub const STATEMENT_PAGE: usize = 1_000;

/// What can be asked about what moved.
#[async_trait]
pub trait StatementReads: Send + Sync {
    /// What moved under a name.
    async fn transfer(&self, id: TransferId) -> Result<Option<Transfer>, ReadError>;
    /// What stood there at an instant: the sum of its transfers up to that instant and with it.
    async fn balance_at(&self, of: StatementOf, at: Timestamp) -> Result<Usd, ReadError>;
    /// A page of what moved, in the order of [`bursar_ledger::Place`].
    async fn movements(&self, which: MovementFilter) -> Result<Vec<Movement>, ReadError>;
    /// What charges of calls took from there within a half-open period, day by day (UTC).
    async fn charges_by_day(
        &self,
        of: StatementOf,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<DayCharges>, ReadError>;
}

/// A statement of a half-open period that is being read: as much memory as a page takes, and a line
/// for each day.
#[derive(Clone, Debug)]
pub struct StatementRun {
    pages: Pages,
    running: Running,
    has_ended: bool,
}

impl StatementRun {
    /// Begins with the opening balance, and with what calls took day by day unless each is wanted.
    pub async fn begin<S: StatementReads + ?Sized>(
        store: &S,
        of: StatementOf,
        (from, to): (Timestamp, Timestamp),
        calls: bool,
    ) -> Result<Self, ReadError> {
        // Instants are whole milliseconds: the last one before the period.
        let before = from.saturating_sub(SignedDuration::from_millis(1)).unwrap_or(from);
        let opening = store.balance_at(of.clone(), before).await?;
        let days =
            if calls { Vec::new() } else { store.charges_by_day(of.clone(), from, to).await? };
        Ok(Self {
            pages: Pages::new(of, from, to, calls, STATEMENT_PAGE),
            running: Running::new(opening, days),
            has_ended: false,
        })
    }

    /// What stands there after the lines so far: at first what the statement opens with, and behind
    /// the last line what it closes with.
    pub const fn balance(&self) -> Usd {
        self.running.balance()
    }

    /// The next lines; `None` behind the last.
    pub async fn next<S: StatementReads + ?Sized>(
        &mut self,
        store: &S,
    ) -> Result<Option<Vec<StatementLine>>, ReadError> {
        while let Some(which) = self.pages.next() {
            let page = store.movements(which.clone()).await?;
            self.pages.read(&page);
            if !page.is_empty() {
                return Ok(Some(self.running.take(page)));
            }
        }
        if self.has_ended {
            return Ok(None);
        }
        self.has_ended = true;
        Ok(Some(self.running.finish()))
    }
}
