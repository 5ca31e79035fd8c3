//! What calls cost in all, kept with the calls that are written: a batch has many of a few sums.

use std::collections::BTreeMap;

use bursar_kernel::{GrantId, KeyId};
use bursar_store::rows::Call;
use bursar_store::sums::DAY_MS;
use rusqlite::{Connection, Error, params};

use crate::codec::millis;

/// The calls of a batch, by grant, key, model and day.
#[derive(Default)]
pub(in crate::write) struct Spend<'b>(BTreeMap<(GrantId, KeyId, &'b str, i64), Sum>);

struct Sum {
    calls: i64,
    cost: i64,
    last_at: i64,
}

impl<'b> Spend<'b> {
    /// Takes in a call that was not there.
    pub(super) fn add(&mut self, row: &'b Call) {
        let (at, cost) = (millis(row.ended_at), row.cost.nanos());
        let key = (row.grant, row.key, row.model.as_str(), at / DAY_MS);
        let sum = self.0.entry(key).or_insert(Sum { calls: 0, cost: 0, last_at: at });
        sum.calls = sum.calls.saturating_add(1);
        // The grant has had all of it.
        sum.cost = sum.cost.saturating_add(cost);
        sum.last_at = sum.last_at.max(at);
    }

    pub(in crate::write) fn save(self, connection: &Connection) -> Result<(), Error> {
        for ((grant, key, model, day), sum) in self.0 {
            let Sum { calls, cost, last_at } = sum;
            let params =
                params![grant.to_bytes(), key.to_bytes(), model, day, calls, cost, last_at];
            connection.prepare_cached(ADD)?.execute(params)?;
        }
        Ok(())
    }
}

const ADD: &str = "INSERT INTO spend (grant_id, key_id, model, day, calls, cost, last_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
     ON CONFLICT (grant_id, key_id, model, day) DO UPDATE SET calls = calls + excluded.calls,
     cost = cost + excluded.cost, last_at = MAX(last_at, excluded.last_at)";
