//! The book in rows: what a command needs is loaded, decided on, and what it comes to is written,
//! all inside one transaction.

use bursar_ledger::{Asked, Command, Event, Outcome, decide};
use bursar_store::CommitError;
use rusqlite::Connection;

use crate::chain::NextLink;
use crate::error::WriteError;

mod charged;
mod correction;
mod lease;
mod load;
mod postings;
mod save;

pub(crate) use correction::read_correction;
pub(crate) use lease::{LEASE_STATES, LEASES, read_lease, read_lease_state};
pub(crate) use load::{
    HOLDS, TRANSFERS, balance_of, hold_parts, read_hold, read_lot, read_numbered_account,
    read_plain_transfer, read_transfer,
};

/// Carries out a command to the book; what moves goes into the link of its transaction.
pub(crate) fn carry_out(
    connection: &Connection,
    command: &Command,
    asked: &Asked,
    link: &mut NextLink,
) -> Result<Outcome, WriteError> {
    let book = load::needed(connection, &command.needs())?;
    let decided = decide(&book, command, asked)
        .map_err(|refusal| WriteError::Refused(CommitError::Refused(refusal)))?;
    let mut charged = charged::Charged::default();
    let mut postings = postings::Postings::default();
    for event in &decided.events {
        match event {
            Event::LotIssued(lot) => save::lot(connection, lot, link)?,
            Event::Transferred(transfer) => {
                let rows = postings.add(connection, transfer)?;
                save::transfer(connection, transfer, rows, link)?;
                charged.add(rows.0, transfer);
            }
            Event::HoldPlaced(hold) => {
                // It may be set aside on what has just come.
                postings.save(connection)?;
                save::hold(connection, hold)?;
            }
            Event::HoldResolved(resolved) => save::resolved(connection, resolved)?,
            Event::HoldSettled(settled) => save::settled(connection, settled)?,
            Event::LeaseChanged(lease) => lease::save(connection, lease)?,
            Event::Corrected(made) => correction::save(connection, made)?,
        }
    }
    postings.save(connection)?;
    charged.save(connection)?;
    Ok(decided.outcome)
}
