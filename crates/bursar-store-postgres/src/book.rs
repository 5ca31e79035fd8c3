//! The book in rows: what a command needs is locked and loaded, decided on, and what it comes to is
//! written, all inside one transaction.

use bursar_ledger::{Asked, Command, Outcome, decide};
use bursar_store::CommitError;
use deadpool_postgres::ClientWrapper;

use crate::chain::NextLink;
use crate::error::WriteError;

mod charged;
mod correction;
mod lease;
mod load;
mod save;

pub(crate) use correction::read_correction;
pub(crate) use lease::{LEASE_STATES, LEASES, read_lease, read_lease_state};
pub(crate) use load::{
    HOLDS, PARTS, TRANSFERS, read_account, read_hold, read_lot, read_part, read_plain_transfer,
    read_transfer,
};

/// Carries out a command to the book; what moves goes into the link of its transaction.
pub(crate) async fn carry_out(
    client: &ClientWrapper,
    command: &Command,
    asked: &Asked,
    link: &mut NextLink,
) -> Result<Outcome, WriteError> {
    let book = load::needed(client, &command.needs()).await?;
    let decided = decide(&book, command, asked)
        .map_err(|refusal| WriteError::Refused(CommitError::Refused(refusal)))?;
    save::events(client, &decided.events, link).await?;
    Ok(decided.outcome)
}
