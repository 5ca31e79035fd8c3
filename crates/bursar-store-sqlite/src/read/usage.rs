//! What can be asked about what calls used and cost.

use async_trait::async_trait;
use bursar_kernel::{GrantId, KeyId, ModelId, Timestamp};
use bursar_store::rows::Call;
use bursar_store::sums::DAY_MS;
use bursar_store::usage::{COUNTED, HOUR_MS, UsageSums};
use bursar_store::{CostSum, ReadError, UsageFilter, UsageOf, UsageReads, Used, Width};
use rusqlite::types::Type;
use rusqlite::{Connection, Error, OptionalExtension, Row, params};
use serde::de::DeserializeOwned;
use serde::de::value::{Error as NameError, StrDeserializer};

use crate::SqliteStore;
use crate::codec::{amount, broken, count, id, instant, json, millis};

const HOURS: &str = "SELECT hour * 3600000 / ?4 * ?4, key_id, model, endpoint, tier, SUM(calls),
     SUM(input), SUM(cached), SUM(cache_write), SUM(audio_in), SUM(image_in), SUM(output),
     SUM(audio_out), SUM(image_out), SUM(characters), SUM(seconds), SUM(images)
     FROM usage_hour WHERE grant_id = ?1 AND ?2 <= hour AND hour < ?3 GROUP BY 1, 2, 3, 4, 5";
const CALLS: &str =
    "SELECT body FROM call WHERE grant_id = ?1 AND ?2 <= ended_at AND ended_at < ?3";
const CALL_BEHIND: &str = "SELECT ended_at FROM call
     WHERE grant_id = ?1 AND ?2 <= ended_at AND ended_at < ?3 ORDER BY ended_at LIMIT 1 OFFSET ?4";
const COSTS: &str = "SELECT day * 86400000, key_id, model, cost FROM spend
     WHERE grant_id = ?1 AND ?2 <= day AND day < ?3 ORDER BY day, key_id, model";

#[async_trait]
impl UsageReads for SqliteStore {
    async fn usage(&self, which: UsageFilter) -> Result<Vec<(UsageOf, Used)>, ReadError> {
        self.read(move |connection| match which.width {
            Width::Minute => of_calls(connection, which),
            Width::Hour | Width::Day => of_hours(connection, which),
        })
        .await
    }

    async fn call_behind(
        &self,
        which: UsageFilter,
        calls: usize,
    ) -> Result<Option<Timestamp>, ReadError> {
        self.read(move |connection| {
            let UsageFilter { grant, from, to, .. } = which;
            let calls = i64::try_from(calls).unwrap_or(i64::MAX);
            let values = params![grant.to_bytes(), millis(from), millis(to), calls];
            let mut statement = connection.prepare_cached(CALL_BEHIND)?;
            statement.query_row(values, |row| instant(row, 0)).optional()
        })
        .await
    }

    async fn costs(
        &self,
        grant: GrantId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<CostSum>, ReadError> {
        self.read(move |connection| {
            let (from, to) = (millis(from) / DAY_MS, millis(to) / DAY_MS);
            let mut statement = connection.prepare_cached(COSTS)?;
            statement.query_map(params![grant.to_bytes(), from, to], cost)?.collect()
        })
        .await
    }
}

fn of_hours(connection: &Connection, which: UsageFilter) -> Result<Vec<(UsageOf, Used)>, Error> {
    let UsageFilter { grant, from, to, width } = which;
    let (from, to) = (millis(from) / HOUR_MS, millis(to) / HOUR_MS);
    let mut statement = connection.prepare_cached(HOURS)?;
    let mut rows = statement.query(params![grant.to_bytes(), from, to, width.millis()])?;
    let mut sums = UsageSums::default();
    while let Some(row) = rows.next()? {
        sums.add(usage_of(row)?, &used(row)?);
    }
    Ok(sums.finish())
}

fn of_calls(connection: &Connection, which: UsageFilter) -> Result<Vec<(UsageOf, Used)>, Error> {
    let UsageFilter { grant, from, to, width } = which;
    let mut statement = connection.prepare_cached(CALLS)?;
    let mut rows = statement.query(params![grant.to_bytes(), millis(from), millis(to)])?;
    let mut sums = UsageSums::default();
    while let Some(row) = rows.next()? {
        let call: Call = json(row, 0)?;
        sums.add(UsageOf::of(&call, width), &Used::one(&call.usage));
    }
    Ok(sums.finish())
}

/// Whose usage a row is, from its first columns.
pub(super) fn usage_of(row: &Row<'_>) -> Result<UsageOf, Error> {
    Ok(UsageOf {
        at: row.get(0)?,
        key: id(row, 1, KeyId::from_bytes)?,
        model: ModelId::new(row.get::<_, String>(2)?),
        endpoint: named(row, 3)?,
        tier: named(row, 4)?,
    })
}

/// What calls used, from the columns behind those.
pub(super) fn used(row: &Row<'_>) -> Result<Used, Error> {
    let mut counts = [0; COUNTED];
    for (sum, column) in counts.iter_mut().zip(6..) {
        *sum = count(row, column)?;
    }
    Ok(Used { calls: count(row, 5)?, counts })
}

/// A value that is kept under the name that JSON has for it.
fn named<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> Result<T, Error> {
    let name = row.get_ref(column)?.as_str().map_err(|error| broken(column, error))?;
    T::deserialize(StrDeserializer::<NameError>::new(name))
        .map_err(|error| Error::FromSqlConversionFailure(column, Type::Text, Box::new(error)))
}

fn cost(row: &Row<'_>) -> Result<CostSum, Error> {
    Ok(CostSum {
        day: instant(row, 0)?,
        key: id(row, 1, KeyId::from_bytes)?,
        model: ModelId::new(row.get::<_, String>(2)?),
        cost: amount(row, 3)?,
    })
}
