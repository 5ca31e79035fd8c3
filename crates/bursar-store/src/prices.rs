//! What can be asked about price tables.

use async_trait::async_trait;
use bursar_kernel::PriceVersion;

use crate::reads::ReadError;
use crate::rows::PriceTable;

/// What can be asked about price tables. Not found is `None`.
#[async_trait]
pub trait PriceReads: Send + Sync {
    /// All of them, the latest proposal first. There are few: one for each change of a list price.
    async fn price_tables(&self) -> Result<Vec<PriceTable>, ReadError>;
    /// One of them.
    async fn price_table(&self, version: PriceVersion) -> Result<Option<PriceTable>, ReadError>;
}
