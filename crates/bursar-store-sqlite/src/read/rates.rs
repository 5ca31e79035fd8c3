//! What can be asked about parts of rate limits.

use async_trait::async_trait;
use bursar_policy::{Borrower, Measure, RateOf, Share};
use bursar_store::{RateReads, ReadError};
use rusqlite::{Error, Row, params};

use crate::SqliteStore;
use crate::codec::{count, instant_or_null};

pub(crate) const SHARES: &str =
    "SELECT measure, borrower, stretch, amount, ends_at, free_at FROM rate_share
     WHERE holder = ?1 AND program = ?2 AND class = ?3 ORDER BY measure, borrower, stretch";

#[async_trait]
impl RateReads for SqliteStore {
    async fn shares(&self, of: RateOf) -> Result<Vec<Share>, ReadError> {
        self.read(move |connection| {
            let (program, class) = (of.program.as_str(), of.class.as_str());
            connection
                .prepare_cached(SHARES)?
                .query_map(params![of.holder.to_bytes(), program, class], share)?
                .collect()
        })
        .await
    }
}

pub(crate) fn share(row: &Row<'_>) -> Result<Share, Error> {
    let name: String = row.get(0)?;
    let measure = Measure::of_name(&name)
        .ok_or_else(|| Error::InvalidColumnType(0, name, rusqlite::types::Type::Text))?;
    Ok(Share {
        by: Borrower::of(measure, row.get(1)?),
        measure,
        stretch: row.get(2)?,
        amount: count(row, 3)?,
        ends_at: instant_or_null(row, 4)?,
        free_at: instant_or_null(row, 5)?,
    })
}
