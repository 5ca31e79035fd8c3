//! What is kept of calls, held against the calls.

use bursar_kernel::{GrantId, KeyId};
use bursar_ledger::audit::Auditor;
use jiff::tz::TimeZone;
use rusqlite::{Connection, Error};

use super::audit::each;
use crate::codec::{amount, count, id, instant};

const SPEND_THAT_STRAYS: &str = "WITH counted AS (
         SELECT grant_id, key_id, json_extract(body, '$.model') AS model,
             ended_at / 86400000 AS day, COUNT(*) AS calls,
             SUM(COALESCE(corrected, cost)) AS cost, MAX(ended_at) AS last_at
         FROM call GROUP BY 1, 2, 3, 4)
     SELECT grant_id, key_id, model, day * 86400000, COALESCE(counted.calls, 0),
         COALESCE(counted.cost, 0), COALESCE(spend.calls, 0), COALESCE(spend.cost, 0)
     FROM counted FULL JOIN spend USING (grant_id, key_id, model, day)
     WHERE (counted.calls, counted.cost, counted.last_at)
         IS NOT (spend.calls, spend.cost, spend.last_at)";

/// What is kept by day of calls, and of what they took from accounts, is what they come to.
pub(super) fn audit(connection: &Connection, auditor: &mut Auditor) -> Result<(), Error> {
    audit_spend(connection, auditor)?;
    audit_charged(connection, auditor)
}

fn audit_spend(connection: &Connection, auditor: &mut Auditor) -> Result<(), Error> {
    each(connection, SPEND_THAT_STRAYS, |row| {
        let (grant, key) = (id(row, 0, GrantId::from_bytes)?, id(row, 1, KeyId::from_bytes)?);
        let (model, day): (String, _) = (row.get(2)?, instant(row, 3)?);
        let day = day.to_zoned(TimeZone::UTC).date();
        let [calls, kept_calls] = [count::<u64>(row, 4)?, count(row, 6)?];
        let [cost, kept] = [amount(row, 5)?, amount(row, 7)?];
        auditor.find(format!(
            "{calls} calls of grant `{grant}` with key `{key}` and model `{model}` on {day} cost \
             ${cost}, and what is kept of that day says {kept_calls} and ${kept}"
        ));
        Ok(())
    })
}

const CHARGED_THAT_STRAYS: &str = "WITH counted AS (
         SELECT debit AS account, at / 86400000 AS day, COUNT(*) AS charges,
             SUM(amount) AS amount, MIN(at) AS first_at, MAX(at) AS last_at
         FROM transfer WHERE kind IN ('charge', 'charge_lease') GROUP BY 1, 2)
     SELECT named.name, day * 86400000, COALESCE(counted.charges, 0),
         COALESCE(counted.amount, 0), COALESCE(charged.charges, 0), COALESCE(charged.amount, 0)
     FROM counted FULL JOIN charged USING (account, day)
     JOIN account AS named ON named.id = account
     WHERE (counted.charges, counted.amount, counted.first_at, counted.last_at)
         IS NOT (charged.charges, charged.amount, charged.first_at, charged.last_at)";

fn audit_charged(connection: &Connection, auditor: &mut Auditor) -> Result<(), Error> {
    each(connection, CHARGED_THAT_STRAYS, |row| {
        let (account, day): (String, _) = (row.get(0)?, instant(row, 1)?);
        let day = day.to_zoned(TimeZone::UTC).date();
        let [charges, kept_charges] = [count::<u64>(row, 2)?, count(row, 4)?];
        let [taken, kept] = [amount(row, 3)?, amount(row, 5)?];
        auditor.find(format!(
            "{charges} charges took ${taken} from `{account}` on {day}, and what is kept of that \
             day says {kept_charges} and ${kept}"
        ));
        Ok(())
    })
}
