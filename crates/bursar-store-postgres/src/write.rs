//! Writing one batch: commands to the book, then rows.

use bursar_kernel::{MailId, Timestamp};
use bursar_ledger::Asked;
use bursar_policy::Borrower;
use bursar_store::rows::SecretHash;
use bursar_store::{Batch, Expect, Receipt, Row, Write};
use deadpool_postgres::ClientWrapper;

use crate::book;
use crate::chain::NextLink;
use crate::codec::{Id, millis, text};
use crate::error::WriteError;
use crate::statement::{execute, statement};

mod accounts;
mod applying;
mod institutions;
mod nodes;
mod rates;
mod rows;

/// Writes a batch inside the caller's transaction; what it moves goes into the transaction's link.
pub(crate) async fn write(
    client: &ClientWrapper,
    batch: &Batch,
    link: &mut NextLink,
) -> Result<Receipt, WriteError> {
    let asked = Asked { by: batch.by.clone(), now: batch.now };
    let mut receipt = Receipt::default();
    let mut calls = Vec::new();
    for write in &batch.writes {
        match write {
            Write::Ledger(command) => {
                receipt.outcomes.push(book::carry_out(client, command, &asked, link).await?);
            }
            // Together, below: a group has as many as calls have ended.
            Write::Row(Row::Call(call), Expect::New) => calls.push(&**call),
            Write::Row(row, expect) => rows::put(client, row, *expect).await?,
            Write::UseSignInLink(hash) => use_sign_in_link(client, hash, batch.now).await?,
            Write::EndSession(hash) => end_session(client, hash, batch.now).await?,
            Write::MailSent(mail) => mail_sent(client, *mail, batch.now).await?,
            Write::ForgetIdempotencyKeys(before) => {
                execute(client, &rows::forget_keys(*before)).await?;
            }
            Write::Setting { key, value } => set(client, key, value).await?,
            Write::Beat(node) => nodes::beat(client, *node).await?,
            Write::Leave(node) => {
                nodes::leave(client, *node).await?;
                rates::end(client, Borrower::Node(*node), batch.now).await?;
            }
            Write::Rate(write) => {
                receipt.lent.extend(rates::write(client, write, batch.now).await?);
            }
            Write::Applying(write) => applying::write(client, write, batch.now).await?,
            Write::Account(write) => accounts::write(client, write, batch.now).await?,
            Write::Institution(row) => institutions::write(client, row).await?,
            Write::Recall(_) => {}
        }
    }
    rows::put_calls(client, &calls).await?;
    for change in batch.changes() {
        nodes::tell(client, change).await?;
    }
    Ok(receipt)
}

const USE_SIGN_IN_LINK: &str =
    "UPDATE sign_in_link SET used_at = $2 WHERE secret_hash = $1 AND used_at IS NULL";

async fn use_sign_in_link(
    client: &ClientWrapper,
    hash: &SecretHash,
    now: Timestamp,
) -> Result<(), WriteError> {
    let used = statement!(USE_SIGN_IN_LINK, hash.to_vec(), millis(now));
    let changed = execute(client, &used).await?;
    if changed == 1 { Ok(()) } else { Err(WriteError::conflict("the sign-in link")) }
}

const END_SESSION: &str =
    "UPDATE session SET ended_at = $2 WHERE secret_hash = $1 AND ended_at IS NULL";

async fn end_session(
    client: &ClientWrapper,
    hash: &SecretHash,
    now: Timestamp,
) -> Result<(), WriteError> {
    execute(client, &statement!(END_SESSION, hash.to_vec(), millis(now))).await?;
    Ok(())
}

const MAIL_SENT: &str = "UPDATE mail SET sent_at = $2 WHERE id = $1 AND sent_at IS NULL";

async fn mail_sent(client: &ClientWrapper, mail: MailId, now: Timestamp) -> Result<(), WriteError> {
    execute(client, &statement!(MAIL_SENT, Id(mail.to_bytes()), millis(now))).await?;
    Ok(())
}

const SET: &str = "INSERT INTO setting (key, value) VALUES ($1, $2)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value";

async fn set(client: &ClientWrapper, key: &str, value: &str) -> Result<(), WriteError> {
    execute(client, &statement!(SET, key.to_owned(), text(value))).await?;
    Ok(())
}
