//! What transfers come to on each account: a command makes thousands on a few.

use std::collections::HashMap;

use bursar_ledger::{Account, Transfer};
use rusqlite::{Connection, Error, OptionalExtension, params};

/// Accounts by name, each with its row and what is to be posted to it.
#[derive(Default)]
pub(super) struct Postings<'e>(HashMap<&'e Account, Posting>);

struct Posting {
    row: i64,
    sum: i64,
}

impl<'e> Postings<'e> {
    /// Takes a transfer in, and gives the rows of the accounts that it takes from and gives to.
    pub(super) fn add(
        &mut self,
        connection: &Connection,
        transfer: &'e Transfer,
    ) -> Result<(i64, i64), Error> {
        let amount = transfer.amount.nanos();
        let out = amount.checked_neg().unwrap_or(i64::MIN);
        let debit = self.post(connection, &transfer.debit, out)?;
        Ok((debit, self.post(connection, &transfer.credit, amount)?))
    }

    fn post(
        &mut self,
        connection: &Connection,
        account: &'e Account,
        by: i64,
    ) -> Result<i64, Error> {
        if let Some(posting) = self.0.get_mut(account) {
            let sum = posting.sum.checked_add(by);
            posting.sum = sum.ok_or(Error::IntegralValueOutOfRange(0, by))?;
            return Ok(posting.row);
        }
        let row = row_of(connection, account)?;
        self.0.insert(account, Posting { row, sum: by });
        Ok(row)
    }

    /// Posts what came together. Each account is changed once, so its checks see no half of it.
    pub(super) fn save(&mut self, connection: &Connection) -> Result<(), Error> {
        for (_, Posting { row, sum }) in self.0.drain() {
            connection.prepare_cached(POST)?.execute(params![row, sum])?;
        }
        Ok(())
    }
}

const POST: &str = "UPDATE account SET posted = posted + ?2 WHERE id = ?1";
const ROW_OF: &str = "SELECT id FROM account WHERE name = ?1";
const OPEN: &str =
    "INSERT INTO account (name, may_be_negative, posted) VALUES (?1, ?2, 0) RETURNING id";

/// The row of an account, which is opened on first use.
fn row_of(connection: &Connection, account: &Account) -> Result<i64, Error> {
    let name = account.to_string();
    let mut statement = connection.prepare_cached(ROW_OF)?;
    let row = statement.query_row(params![name], |row| row.get(0)).optional()?;
    if let Some(row) = row {
        return Ok(row);
    }
    let mut open = connection.prepare_cached(OPEN)?;
    open.query_row(params![name, account.kind().may_be_negative()], |row| row.get(0))
}
