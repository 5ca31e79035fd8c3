//! What calls cost in all, kept with each call that is written.

use bursar_store::rows::Call;
use bursar_store::sums::DAY_MS;
use rusqlite::{Connection, params};

use super::{Changed, execute};
use crate::codec::millis;

const ADD: &str = "INSERT INTO spend (grant_id, key_id, model, day, calls, cost, last_at)
     VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6)
     ON CONFLICT (grant_id, key_id, model, day) DO UPDATE SET calls = calls + 1,
     cost = cost + excluded.cost, last_at = MAX(last_at, excluded.last_at)";

/// Adds a call that was not there.
pub(super) fn add(connection: &Connection, row: &Call) -> Changed {
    let at = millis(row.ended_at);
    let params = params![
        row.grant.to_bytes(),
        row.key.to_bytes(),
        row.model.as_str(),
        at / DAY_MS,
        row.cost.nanos(),
        at
    ];
    execute(connection, ADD, params)
}
