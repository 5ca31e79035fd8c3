//! What can be asked about parts of rate limits.

use async_trait::async_trait;
use bursar_policy::{Borrower, Measure, RateOf, Share};
use bursar_store::{RateReads, ReadError};
use tokio_postgres::Row;

use crate::PostgresStore;
use crate::codec::{Id, broken, count, instant_or_null, text};
use crate::error::DbError;
use crate::statement::values;

pub(crate) const SHARES: &str =
    "SELECT measure, borrower, stretch, amount, ends_at, free_at FROM rate_share
     WHERE holder = $1 AND program = $2 AND class = $3
     ORDER BY measure COLLATE \"C\", borrower, stretch";

#[async_trait]
impl RateReads for PostgresStore {
    async fn shares(&self, of: RateOf) -> Result<Vec<Share>, ReadError> {
        let (program, class) = (text(of.program.as_str()), text(of.class.as_str()));
        self.ask(SHARES, &values![Id(of.holder.to_bytes()), program, class], share).await
    }
}

pub(crate) fn share(row: &Row) -> Result<Share, DbError> {
    let name: &str = row.try_get(0)?;
    let measure = Measure::of_name(name).ok_or_else(|| broken(row, 0, name))?;
    let by: Id = row.try_get(1)?;
    Ok(Share {
        by: Borrower::of(measure, by.0),
        measure,
        stretch: row.try_get(2)?,
        amount: count(row, 3)?,
        ends_at: instant_or_null(row, 4)?,
        free_at: instant_or_null(row, 5)?,
    })
}
