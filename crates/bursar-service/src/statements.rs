//! Statements: what stood on a grant or in a program's pool, what moved, and who moved it.

use std::collections::HashMap;
use std::sync::Arc;

use bursar_kernel::limits::HOLD_PARTS_MAX;
use bursar_kernel::{GrantId, HoldId, ProgramId, RequestId, Timestamp, Usd};
use bursar_ledger::{Account, CSV_HEAD, StatementLine, StatementOf, csv_balance, csv_line};
use bursar_policy::{Action, Viewer};
use bursar_store::{StatementRun, Store};
use jiff::SignedDuration;

use crate::{Service, ServiceError};

/// What a statement is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StatementPeriod {
    /// At this instant or later; from the beginning if nobody says.
    pub from: Option<Timestamp>,
    /// Before this instant; up to the present and with it if nobody says.
    pub to: Option<Timestamp>,
    /// Whether each charge of a call has a line, in place of one for all on a day.
    pub calls: bool,
}

/// A line, with the call that it charges.
pub type LineAndCall = (StatementLine, Option<RequestId>);

/// A statement that is being read, a page at a time: a year can have ten million calls.
pub struct Statement {
    store: Arc<dyn Store>,
    run: StatementRun,
    calls: bool,
    written: Written,
    /// At this instant or later.
    pub from: Timestamp,
    /// Before this instant.
    pub to: Timestamp,
    /// What stood there before.
    pub opening: Usd,
}

/// How much of a statement is written as CSV.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Written {
    Nothing,
    Head,
    All,
}

impl Service {
    /// The statement of a grant: of its lots, wherever in the house their credit lies.
    pub async fn grant_statement(
        &self,
        viewer: &Viewer,
        id: GrantId,
        wanted: StatementPeriod,
    ) -> Result<Statement, ServiceError> {
        let grant = self.readable_grant(viewer, id).await?;
        self.statement(StatementOf::Grant(id), wanted, grant.created_at).await
    }

    /// The statement of a program's pool.
    pub async fn pool_statement(
        &self,
        viewer: &Viewer,
        program: &ProgramId,
        wanted: StatementPeriod,
    ) -> Result<Statement, ServiceError> {
        crate::allow(viewer, Action::RunPrograms)?;
        let pool = Account::Pool(self.program(program)?.id.clone());
        self.statement(StatementOf::Account(pool), wanted, Timestamp::UNIX_EPOCH).await
    }

    async fn statement(
        &self,
        of: StatementOf,
        wanted: StatementPeriod,
        beginning: Timestamp,
    ) -> Result<Statement, ServiceError> {
        let from = wanted.from.unwrap_or(beginning);
        let to = wanted.to.unwrap_or(self.now() + SignedDuration::from_millis(1));
        if to <= from {
            let message = format!("The statement must end after it begins, at {from}");
            return Err(ServiceError::field("to", message));
        }
        let store = Arc::clone(&self.store);
        let run = StatementRun::begin(&*store, of, (from, to), wanted.calls).await?;
        let (opening, calls, written) = (run.balance(), wanted.calls, Written::Nothing);
        Ok(Statement { store, run, calls, written, from, to, opening })
    }
}

impl Statement {
    /// What stands there after the lines so far.
    pub const fn balance(&self) -> Usd {
        self.run.balance()
    }

    /// The next lines; `None` behind the last.
    pub async fn next(&mut self) -> Result<Option<Vec<LineAndCall>>, ServiceError> {
        let Some(lines) = self.run.next(&*self.store).await? else { return Ok(None) };
        let calls = if self.calls { self.calls_of(&lines).await? } else { HashMap::new() };
        let with_call = |line: StatementLine| {
            let call = hold_of(&line).and_then(|hold| calls.get(&hold).copied());
            (line, call)
        };
        Ok(Some(lines.into_iter().map(with_call).collect()))
    }

    /// The next piece of the statement as CSV; `None` behind the last.
    pub async fn next_csv(&mut self) -> Result<Option<String>, ServiceError> {
        match self.written {
            Written::All => Ok(None),
            Written::Nothing => {
                self.written = Written::Head;
                let opening = csv_balance("opening", self.from, self.opening);
                Ok(Some(format!("{CSV_HEAD}{opening}")))
            }
            Written::Head => {
                let Some(lines) = self.next().await? else {
                    self.written = Written::All;
                    return Ok(Some(csv_balance("closing", self.to, self.balance())));
                };
                Ok(Some(lines.iter().map(|(line, call)| csv_line(line, *call)).collect()))
            }
        }
    }

    /// The calls that lines charge, by the holds that their transfers name.
    async fn calls_of(
        &self,
        lines: &[StatementLine],
    ) -> Result<HashMap<HoldId, RequestId>, ServiceError> {
        let holds: Vec<HoldId> = lines.iter().filter_map(hold_of).collect();
        let mut calls: HashMap<_, _> =
            self.store.calls_of_holds(holds.clone()).await?.into_iter().collect();
        // What lies on several leases has a hold on each, named after the call's.
        let parts = holds.into_iter().filter(|hold| !calls.contains_key(hold));
        let whole = |part: HoldId| (1..HOLD_PARTS_MAX).map(move |place| (part.whole(place), part));
        let parts: Vec<_> = parts.flat_map(whole).collect();
        if !parts.is_empty() {
            let wholes = parts.iter().map(|(whole, _)| *whole).collect();
            let found: HashMap<_, _> =
                self.store.calls_of_holds(wholes).await?.into_iter().collect();
            calls.extend(
                parts
                    .iter()
                    .filter_map(|(whole, part)| found.get(whole).map(|call| (*part, *call))),
            );
        }
        Ok(calls)
    }
}

fn hold_of(line: &StatementLine) -> Option<HoldId> {
    line.entry.movement()?.transfer.hold
}
