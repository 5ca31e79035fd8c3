//! Price tables.

use std::cmp::Reverse;

use async_trait::async_trait;
use bursar_kernel::PriceVersion;

use super::MemoryStore;
use crate::prices::PriceReads;
use crate::reads::ReadError;
use crate::rows::PriceTable;

#[async_trait]
impl PriceReads for MemoryStore {
    async fn price_tables(&self) -> Result<Vec<PriceTable>, ReadError> {
        let mut tables: Vec<PriceTable> = self.state().prices.values().cloned().collect();
        tables.sort_by_key(|table| Reverse((table.proposed_at, table.version.clone())));
        Ok(tables)
    }

    async fn price_table(&self, version: PriceVersion) -> Result<Option<PriceTable>, ReadError> {
        Ok(self.state().prices.get(&version).cloned())
    }
}
