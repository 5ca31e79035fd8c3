//! What can be asked about what calls used and cost.

use async_trait::async_trait;
use bursar_kernel::{GrantId, KeyId, ModelId, Timestamp};
use bursar_store::rows::Call;
use bursar_store::sums::DAY_MS;
use bursar_store::usage::{COUNTED, HOUR_MS, UsageSums};
use bursar_store::{CostSum, ReadError, UsageFilter, UsageOf, UsageReads, Used, Width};
use serde::de::DeserializeOwned;
use serde::de::value::{Error as NameError, StrDeserializer};
use tokio_postgres::Row;

use crate::PostgresStore;
use crate::codec::{Id, amount, broken, count, id, instant, json, millis};
use crate::error::DbError;
use crate::statement::values;

const HOURS: &str = "SELECT hour * 3600000 / $4 * $4, key_id, model, endpoint, tier,
     SUM(calls)::BIGINT, SUM(input)::BIGINT, SUM(cached)::BIGINT, SUM(cache_write)::BIGINT,
     SUM(audio_in)::BIGINT, SUM(image_in)::BIGINT, SUM(output)::BIGINT, SUM(audio_out)::BIGINT,
     SUM(image_out)::BIGINT, SUM(characters)::BIGINT, SUM(seconds)::BIGINT, SUM(images)::BIGINT
     FROM usage_hour WHERE grant_id = $1 AND $2 <= hour AND hour < $3 GROUP BY 1, 2, 3, 4, 5";
const CALLS: &str =
    "SELECT body FROM call WHERE grant_id = $1 AND $2 <= ended_at AND ended_at < $3";
const CALL_BEHIND: &str = "SELECT ended_at FROM call
     WHERE grant_id = $1 AND $2 <= ended_at AND ended_at < $3 ORDER BY ended_at LIMIT 1 OFFSET $4";
const COSTS: &str = "SELECT day * 86400000, key_id, model, cost FROM spend
     WHERE grant_id = $1 AND $2 <= day AND day < $3 ORDER BY day, key_id, model";

#[async_trait]
impl UsageReads for PostgresStore {
    async fn usage(&self, which: UsageFilter) -> Result<Vec<(UsageOf, Used)>, ReadError> {
        let UsageFilter { grant, from, to, width } = which;
        let (grant, from, to) = (Id(grant.to_bytes()), millis(from), millis(to));
        let mut sums = UsageSums::default();
        match width {
            Width::Minute => {
                let read = |row: &Row| json(row, 0);
                let calls: Vec<Call> = self.ask(CALLS, &values![grant, from, to], read).await?;
                for call in &calls {
                    sums.add(UsageOf::of(call, width), &Used::one(&call.usage));
                }
            }
            Width::Hour | Width::Day => {
                let values = values![grant, from / HOUR_MS, to / HOUR_MS, width.millis()];
                let of_hours = |row: &Row| Ok((usage_of(row)?, used(row)?));
                for (of, used) in self.ask(HOURS, &values, of_hours).await? {
                    sums.add(of, &used);
                }
            }
        }
        Ok(sums.finish())
    }

    async fn call_behind(
        &self,
        which: UsageFilter,
        calls: usize,
    ) -> Result<Option<Timestamp>, ReadError> {
        let UsageFilter { grant, from, to, .. } = which;
        let calls = i64::try_from(calls).unwrap_or(i64::MAX);
        let values = values![Id(grant.to_bytes()), millis(from), millis(to), calls];
        let found = self.ask(CALL_BEHIND, &values, |row| instant(row, 0)).await?;
        Ok(found.into_iter().next())
    }

    async fn costs(
        &self,
        grant: GrantId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<CostSum>, ReadError> {
        let (from, to) = (millis(from) / DAY_MS, millis(to) / DAY_MS);
        self.ask(COSTS, &values![Id(grant.to_bytes()), from, to], cost).await
    }
}

/// Whose usage a row is, from its first columns.
pub(super) fn usage_of(row: &Row) -> Result<UsageOf, DbError> {
    Ok(UsageOf {
        at: row.try_get(0)?,
        key: id(row, 1, KeyId::from_bytes)?,
        model: ModelId::new(row.try_get::<_, String>(2)?),
        endpoint: named(row, 3)?,
        tier: named(row, 4)?,
    })
}

/// What calls used, from the columns behind those.
pub(super) fn used(row: &Row) -> Result<Used, DbError> {
    let mut counts = [0; COUNTED];
    for (sum, column) in counts.iter_mut().zip(6..) {
        *sum = count(row, column)?;
    }
    Ok(Used { calls: count(row, 5)?, counts })
}

/// A value that is kept under the name that JSON has for it.
fn named<T: DeserializeOwned>(row: &Row, column: usize) -> Result<T, DbError> {
    let name: &str = row.try_get(column)?;
    T::deserialize(StrDeserializer::<NameError>::new(name))
        .map_err(|error| broken(row, column, error))
}

fn cost(row: &Row) -> Result<CostSum, DbError> {
    Ok(CostSum {
        day: instant(row, 0)?,
        key: id(row, 1, KeyId::from_bytes)?,
        model: ModelId::new(row.try_get::<_, String>(2)?),
        cost: amount(row, 3)?,
    })
}
