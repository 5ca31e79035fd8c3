//! Ways to sign in, beside their rows.

use bursar_kernel::Timestamp;
use bursar_store::AccountWrite;
use rusqlite::{Connection, params};

use crate::codec::millis;
use crate::error::WriteError;

const FORGET: &str = "DELETE FROM used_challenge WHERE expires_at <= ?1";
const USE: &str = "INSERT INTO used_challenge (hash, expires_at) VALUES (?1, ?2)
     ON CONFLICT DO NOTHING";

pub(super) fn write(
    connection: &Connection,
    write: &AccountWrite,
    now: Timestamp,
) -> Result<(), WriteError> {
    match write {
        AccountWrite::UseChallenge { hash, expires_at } => {
            connection.prepare_cached(FORGET)?.execute(params![millis(now)])?;
            let params = params![hash, millis(*expires_at)];
            let used = connection.prepare_cached(USE)?.execute(params)?;
            if used == 1 { Ok(()) } else { Err(WriteError::conflict("the question")) }
        }
    }
}
