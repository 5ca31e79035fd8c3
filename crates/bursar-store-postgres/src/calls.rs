//! Every settled call in turn, for whoever proves the books.

use bursar_kernel::RequestId;
use bursar_store::ReadError;
use bursar_store::rows::Call;

use crate::PostgresStore;
use crate::codec::{Id, json};
use crate::statement::values;

const CALLS_AFTER: &str = "SELECT body FROM call WHERE $1 < request ORDER BY request LIMIT $2";

impl PostgresStore {
    /// The settled calls after one, oldest first, at the most `limit` of them; from the first if
    /// none is named. A settled call never changes, so pages add up to the whole.
    pub async fn calls_after(
        &self,
        after: Option<RequestId>,
        limit: usize,
    ) -> Result<Vec<Call>, ReadError> {
        let after = Id(after.map_or([0; 16], RequestId::to_bytes));
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.ask(CALLS_AFTER, &values![after, limit], |row| json(row, 0)).await
    }
}
