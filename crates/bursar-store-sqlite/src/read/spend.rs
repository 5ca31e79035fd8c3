//! What is kept of calls by day and by hour, held against the calls.

use bursar_kernel::{GrantId, KeyId, ModelId};
use bursar_ledger::audit::Auditor;
use bursar_store::sums::{DaySum, Sums};
use rusqlite::{Connection, Error, Row};

use super::audit::each;
use super::usage::{usage_of, used};
use crate::codec::{amount, count, id, instant, instant_or_null, parsed};

const SPEND: &str = "SELECT grant_id, key_id, model, day, calls, cost, NULL, last_at FROM spend";
const CHARGED: &str = "SELECT NULL, NULL, account.name, day, charges, amount, first_at, last_at
     FROM charged JOIN account ON account.id = charged.account";
const USED: &str = "SELECT hour * 3600000, key_id, model, endpoint, tier, calls,
     input, cached, cache_write, audio_in, image_in, output, audio_out, image_out, characters,
     seconds, images, grant_id
     FROM usage_hour";

/// Holds what is kept of calls, and of what they took from accounts, against what went by.
pub(super) fn audit(
    connection: &Connection,
    mut sums: Sums,
    auditor: &mut Auditor,
) -> Result<(), Error> {
    each(connection, SPEND, |row| {
        let model = ModelId::new(row.get::<_, String>(2)?);
        let (grant, key) = (id(row, 0, GrantId::from_bytes)?, id(row, 1, KeyId::from_bytes)?);
        if let Some(finding) = sums.spend((grant, key, model, row.get(3)?), day_sum(row)?) {
            auditor.find(finding);
        }
        Ok(())
    })?;
    each(connection, CHARGED, |row| {
        if let Some(finding) = sums.charged((parsed(row, 2)?, row.get(3)?), day_sum(row)?) {
            auditor.find(finding);
        }
        Ok(())
    })?;
    each(connection, USED, |row| {
        let of = (id(row, 17, GrantId::from_bytes)?, usage_of(row)?);
        if let Some(finding) = sums.used(of, used(row)?) {
            auditor.find(finding);
        }
        Ok(())
    })?;
    sums.missing().for_each(|finding| auditor.find(finding));
    Ok(())
}

fn day_sum(row: &Row<'_>) -> Result<DaySum, Error> {
    Ok(DaySum {
        count: count(row, 4)?,
        amount: amount(row, 5)?,
        first_at: instant_or_null(row, 6)?,
        last_at: instant(row, 7)?,
    })
}
