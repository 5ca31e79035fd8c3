//! What calls cost and used in all, kept with the calls that are written: a batch has many of a few
//! sums.

use std::collections::BTreeMap;

use bursar_kernel::{GrantId, KeyId};
use bursar_store::rows::Call;
use bursar_store::sums::DAY_MS;
use bursar_store::usage::HOUR_MS;
use bursar_store::{UsageOf, Used, Width};
use rusqlite::{Connection, Error, ToSql, params};

use crate::codec::millis;

/// The calls of a batch: what they cost by grant, key, model and day, and what they used by hour.
#[derive(Default)]
pub(in crate::write) struct Spend<'b> {
    cost: BTreeMap<(GrantId, KeyId, &'b str, i64), Sum>,
    used: BTreeMap<(GrantId, UsageOf), Used>,
}

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
        let sum = self.cost.entry(key).or_insert(Sum { calls: 0, cost: 0, last_at: at });
        sum.calls = sum.calls.saturating_add(1);
        // The grant has had all of it.
        sum.cost = sum.cost.saturating_add(cost);
        sum.last_at = sum.last_at.max(at);
        let used = self.used.entry((row.grant, UsageOf::of(row, Width::Hour))).or_default();
        used.add(&Used::one(&row.usage));
    }

    pub(in crate::write) fn save(self, connection: &Connection) -> Result<(), Error> {
        for ((grant, key, model, day), sum) in self.cost {
            let Sum { calls, cost, last_at } = sum;
            let params =
                params![grant.to_bytes(), key.to_bytes(), model, day, calls, cost, last_at];
            connection.prepare_cached(ADD)?.execute(params)?;
        }
        for ((grant, of), used) in self.used {
            add_used(connection, grant, &of, &used)?;
        }
        Ok(())
    }
}

const ADD: &str = "INSERT INTO spend (grant_id, key_id, model, day, calls, cost, last_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
     ON CONFLICT (grant_id, key_id, model, day) DO UPDATE SET calls = calls + excluded.calls,
     cost = cost + excluded.cost, last_at = MAX(last_at, excluded.last_at)";

const ADD_USED: &str =
    "INSERT INTO usage_hour VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,
     ?12, ?13, ?14, ?15, ?16, ?17, ?18)
     ON CONFLICT (grant_id, hour, key_id, model, endpoint, tier) DO UPDATE SET
     calls = calls + excluded.calls, input = input + excluded.input,
     cached = cached + excluded.cached, cache_write = cache_write + excluded.cache_write,
     audio_in = audio_in + excluded.audio_in, image_in = image_in + excluded.image_in,
     output = output + excluded.output, audio_out = audio_out + excluded.audio_out,
     image_out = image_out + excluded.image_out, characters = characters + excluded.characters,
     seconds = seconds + excluded.seconds, images = images + excluded.images";

fn add_used(
    connection: &Connection,
    grant: GrantId,
    of: &UsageOf,
    used: &Used,
) -> Result<(), Error> {
    let counts = used.counts.map(whole);
    let (grant, key, calls) = (grant.to_bytes(), of.key.to_bytes(), whole(used.calls));
    let (hour, model) = (of.at / HOUR_MS, of.model.as_str());
    let (endpoint, tier) = (of.endpoint.name(), of.tier.name());
    let mut values: Vec<&dyn ToSql> = vec![&grant, &hour, &key, &model, &endpoint, &tier, &calls];
    values.extend(counts.iter().map(|count| count as &dyn ToSql));
    connection.prepare_cached(ADD_USED)?.execute(&*values)?;
    Ok(())
}

/// What a batch sums is far from the most that a column holds.
fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
