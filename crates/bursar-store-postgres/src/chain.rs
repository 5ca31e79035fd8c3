//! The chain: each durable commit that moves anything adds a link to it. Writers take turns, so
//! that there is one chain, whoever writes.

use std::collections::HashMap;
use std::pin::pin;

use bursar_kernel::LotId;
use bursar_ledger::Account;
use bursar_ledger::chain::{Digest, Link, Linking, Rows};
use deadpool_postgres::ClientWrapper;
use futures_util::TryStreamExt as _;
use tokio_postgres::Row;

use crate::book::{read_account, read_plain_transfer};
use crate::codec::{count, hash, id, whole};
use crate::error::DbError;
use crate::statement::{execute, statement};

/// Every link, in order.
pub(crate) const LINKS: &str = "SELECT number, size, digest FROM chain_link ORDER BY number";
/// The last link.
pub(crate) const HEAD: &str =
    "SELECT number, size, digest FROM chain_link ORDER BY number DESC LIMIT 1";
/// The link of a number.
pub(crate) const LINK: &str = "SELECT number, size, digest FROM chain_link WHERE number = $1";
const INSERT: &str = "INSERT INTO chain_link (number, size, digest) VALUES ($1, $2, $3)";

/// The link of the transaction that is being written.
pub(crate) struct NextLink {
    previous: Option<Link>,
    /// Its number, which its rows carry.
    pub(crate) number: i64,
    /// What moved so far.
    pub(crate) rows: Rows,
}

impl NextLink {
    /// The link after the last.
    pub(crate) fn after(previous: Option<Link>) -> Result<Self, DbError> {
        let number = whole(Link::number_after(previous.as_ref()))?;
        Ok(Self { previous, number, rows: Rows::default() })
    }

    /// Writes the link, if anything moved.
    pub(crate) async fn finish(self, client: &ClientWrapper) -> Result<(), DbError> {
        match self.rows.link_after(self.previous.as_ref()) {
            Some(link) => insert(client, &link).await,
            None => Ok(()),
        }
    }
}

async fn insert(client: &ClientWrapper, link: &Link) -> Result<(), DbError> {
    let (number, size) = (whole(link.number)?, whole(link.rows)?);
    execute(client, &statement!(INSERT, number, size, link.digest.to_bytes().to_vec())).await?;
    Ok(())
}

/// A row of [`LINKS`].
pub(crate) fn read_link(row: &Row) -> Result<Link, DbError> {
    let (number, rows) = (count(row, 0)?, count(row, 1)?);
    Ok(Link { number, rows, digest: Digest::from_bytes(hash(row, 2)?) })
}

/// The migration that begins the chain.
pub(crate) const MIGRATION: i64 = 15;
// It takes as long as there is much to read.
const WITHOUT_HASTE: &str = "SET LOCAL statement_timeout = 0";
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
pub(crate) async fn begin(client: &ClientWrapper) -> Result<(), DbError> {
    client.batch_execute(WITHOUT_HASTE).await?;
    let mut linking = Linking::new(0, None);
    each(client, LOTS, |row| {
        linking.row(Digest::of_lot(id(row, 0, LotId::from_bytes)?, row.try_get(1)?));
        Ok(())
    })
    .await?;
    let mut accounts = Accounts::default();
    each(client, NUMBERED_ACCOUNTS, |row| {
        accounts.insert(row.try_get(3)?, read_account(row)?.0);
        Ok(())
    })
    .await?;
    each(client, PLAIN_TRANSFERS, |row| {
        linking.row(Digest::of_transfer(&read_plain_transfer(row, &accounts)?));
        Ok(())
    })
    .await?;
    let link = linking.finish();
    if link.rows == 0 { Ok(()) } else { insert(client, &link).await }
}

/// Takes rows as they come, however many there are.
pub(crate) async fn each(
    client: &ClientWrapper,
    sql: &str,
    mut take: impl FnMut(&Row) -> Result<(), DbError>,
) -> Result<(), DbError> {
    let prepared = client.prepare_cached(sql).await?;
    let mut rows = pin!(client.query_raw(&prepared, Vec::<i64>::new()).await?);
    while let Some(row) = rows.try_next().await? {
        take(&row)?;
    }
    Ok(())
}
