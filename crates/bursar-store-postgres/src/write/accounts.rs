//! Ways to sign in, beside their rows.

use bursar_kernel::Timestamp;
use bursar_store::AccountWrite;
use deadpool_postgres::ClientWrapper;

use crate::codec::millis;
use crate::error::WriteError;
use crate::statement::{execute, statement};

const FORGET: &str = "DELETE FROM used_challenge WHERE expires_at <= $1";
const USE: &str = "INSERT INTO used_challenge (hash, expires_at) VALUES ($1, $2)
     ON CONFLICT DO NOTHING";

pub(super) async fn write(
    client: &ClientWrapper,
    write: &AccountWrite,
    now: Timestamp,
) -> Result<(), WriteError> {
    match write {
        AccountWrite::UseChallenge { hash, expires_at } => {
            execute(client, &statement!(FORGET, millis(now))).await?;
            let this = statement!(USE, hash.to_vec(), millis(*expires_at));
            let used = execute(client, &this).await?;
            if used == 1 { Ok(()) } else { Err(WriteError::conflict("the question")) }
        }
    }
}
