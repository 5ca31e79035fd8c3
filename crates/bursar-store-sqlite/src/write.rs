//! Writing one batch: commands to the book, then rows.

use bursar_kernel::{MailId, Timestamp};
use bursar_ledger::Asked;
use bursar_policy::Borrower;
use bursar_store::rows::SecretHash;
use bursar_store::{Batch, Receipt, Write};
use rusqlite::{Connection, params};

use crate::book;
use crate::chain::NextLink;
use crate::codec::millis;
use crate::error::WriteError;

mod accounts;
mod applying;
mod institutions;
mod nodes;
mod rates;
mod rows;

/// Writes a batch inside the caller's transaction; what it moves goes into the transaction's link.
pub(crate) fn write(
    connection: &Connection,
    batch: &Batch,
    link: &mut NextLink,
) -> Result<Receipt, WriteError> {
    let asked = Asked { by: batch.by.clone(), now: batch.now };
    let mut receipt = Receipt::default();
    let mut spend = rows::Spend::default();
    for write in &batch.writes {
        match write {
            Write::Ledger(command) => {
                receipt.outcomes.push(book::carry_out(connection, command, &asked, link)?);
            }
            Write::Row(row, expect) => rows::put(connection, row, *expect, &mut spend)?,
            Write::UseSignInLink(hash) => use_sign_in_link(connection, hash, batch.now)?,
            Write::EndSession(hash) => end_session(connection, hash, batch.now)?,
            Write::MailSent(mail) => mail_sent(connection, *mail, batch.now)?,
            Write::ForgetIdempotencyKeys(before) => {
                rows::forget_keys(connection, *before)?;
            }
            Write::Setting { key, value } => set(connection, key, value)?,
            Write::Beat(node) => nodes::beat(connection, *node)?,
            Write::Leave(node) => {
                nodes::leave(connection, *node)?;
                rates::end(connection, Borrower::Node(*node), batch.now)?;
            }
            Write::Rate(write) => {
                receipt.lent.extend(rates::write(connection, write, batch.now)?);
            }
            Write::Applying(write) => applying::write(connection, write, batch.now)?,
            Write::Account(write) => accounts::write(connection, write, batch.now)?,
            Write::Institution(row) => institutions::write(connection, row)?,
            Write::Recall(_) => {}
        }
    }
    spend.save(connection)?;
    for change in batch.changes() {
        nodes::tell(connection, change)?;
    }
    Ok(receipt)
}

const USE_SIGN_IN_LINK: &str =
    "UPDATE sign_in_link SET used_at = ?2 WHERE secret_hash = ?1 AND used_at IS NULL";

fn use_sign_in_link(
    connection: &Connection,
    hash: &SecretHash,
    now: Timestamp,
) -> Result<(), WriteError> {
    let changed =
        connection.prepare_cached(USE_SIGN_IN_LINK)?.execute(params![hash, millis(now)])?;
    if changed == 1 { Ok(()) } else { Err(WriteError::conflict("the sign-in link")) }
}

const END_SESSION: &str =
    "UPDATE session SET ended_at = ?2 WHERE secret_hash = ?1 AND ended_at IS NULL";

fn end_session(
    connection: &Connection,
    hash: &SecretHash,
    now: Timestamp,
) -> Result<(), WriteError> {
    connection.prepare_cached(END_SESSION)?.execute(params![hash, millis(now)])?;
    Ok(())
}

const MAIL_SENT: &str = "UPDATE mail SET sent_at = ?2 WHERE id = ?1 AND sent_at IS NULL";

fn mail_sent(connection: &Connection, mail: MailId, now: Timestamp) -> Result<(), WriteError> {
    connection.prepare_cached(MAIL_SENT)?.execute(params![mail.to_bytes(), millis(now)])?;
    Ok(())
}

const SET: &str = "INSERT INTO setting (key, value) VALUES (?1, ?2)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value";

fn set(connection: &Connection, key: &str, value: &str) -> Result<(), WriteError> {
    connection.prepare_cached(SET)?.execute(params![key, value])?;
    Ok(())
}
