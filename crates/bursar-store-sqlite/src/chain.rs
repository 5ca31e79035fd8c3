//! The chain: each durable commit that moves anything adds a link to it.

use std::collections::HashMap;

use bursar_kernel::LotId;
use bursar_ledger::Account;
use bursar_ledger::chain::{Digest, Link, Linking, Rows};
use rusqlite::{Connection, Error, OptionalExtension, Row, params};

use crate::book::{read_numbered_account, read_plain_transfer};
use crate::codec::{count, id};

/// Every link, in order.
pub(crate) const LINKS: &str = "SELECT number, size, digest FROM chain_link ORDER BY number";
const HEAD: &str = "SELECT number, size, digest FROM chain_link ORDER BY number DESC LIMIT 1";
const LINK: &str = "SELECT number, size, digest FROM chain_link WHERE number = ?1";
const INSERT: &str = "INSERT INTO chain_link (number, size, digest) VALUES (?1, ?2, ?3)";

/// The link of the transaction that is being written.
pub(crate) struct NextLink {
    previous: Option<Link>,
    /// Its number, which its rows carry.
    pub(crate) number: u64,
    /// What moved so far.
    pub(crate) rows: Rows,
}

impl NextLink {
    /// The link after the last.
    pub(crate) fn begin(connection: &Connection) -> Result<Self, Error> {
        let previous = connection.prepare_cached(HEAD)?.query_row((), read_link).optional()?;
        let number = Link::number_after(previous.as_ref());
        Ok(Self { previous, number, rows: Rows::default() })
    }

    /// Writes the link, if anything moved.
    pub(crate) fn finish(self, connection: &Connection) -> Result<(), Error> {
        match self.rows.link_after(self.previous.as_ref()) {
            Some(link) => insert(connection, &link),
            None => Ok(()),
        }
    }
}

fn insert(connection: &Connection, link: &Link) -> Result<(), Error> {
    let params = params![link.number, link.rows, link.digest.to_bytes()];
    connection.prepare_cached(INSERT)?.execute(params)?;
    Ok(())
}

/// A row of [`LINKS`].
pub(crate) fn read_link(row: &Row<'_>) -> Result<Link, Error> {
    let (number, rows) = (count(row, 0)?, count(row, 1)?);
    Ok(Link { number, rows, digest: Digest::from_bytes(row.get(2)?) })
}

/// The link of a number, or the last one.
pub(crate) fn link(connection: &Connection, number: Option<u64>) -> Result<Option<Link>, Error> {
    match number {
        Some(number) => {
            connection.prepare_cached(LINK)?.query_row(params![number], read_link).optional()
        }
        None => connection.prepare_cached(HEAD)?.query_row((), read_link).optional(),
    }
}

/// The migration that begins the chain.
pub(crate) const MIGRATION: usize = 15;
const LOTS: &str = "SELECT id, body FROM lot ORDER BY id";
/// Every account with its row's number.
pub(crate) const NUMBERED_ACCOUNTS: &str = "SELECT name, posted, held, id FROM account";
/// Every transfer in the order of names, with its accounts by their rows' numbers, and its link.
pub(crate) const PLAIN_TRANSFERS: &str =
    "SELECT id, debit, credit, amount, kind, hold, at, actor, link FROM transfer ORDER BY id";

/// Accounts by their rows' numbers.
pub(crate) type Accounts = HashMap<i64, Account>;

/// Makes the first link of what was in the database before there was a chain, in the transaction
/// that migrates.
pub(crate) fn begin(connection: &Connection) -> Result<(), Error> {
    let mut linking = Linking::new(0, None);
    let mut statement = connection.prepare(LOTS)?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        let body: String = row.get(1)?;
        linking.row(Digest::of_lot(id(row, 0, LotId::from_bytes)?, &body));
    }
    let mut statement = connection.prepare(NUMBERED_ACCOUNTS)?;
    let numbered = statement.query_map((), |row| {
        let (account, _) = read_numbered_account(row)?;
        Ok((row.get(3)?, account))
    })?;
    let accounts = numbered.collect::<Result<Accounts, Error>>()?;
    let mut statement = connection.prepare(PLAIN_TRANSFERS)?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        linking.row(Digest::of_transfer(&read_plain_transfer(row, &accounts)?));
    }
    let link = linking.finish();
    if link.rows == 0 { Ok(()) } else { insert(connection, &link) }
}
