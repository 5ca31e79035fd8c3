//! What can be asked about price tables.

use async_trait::async_trait;
use bursar_kernel::PriceVersion;
use bursar_store::rows::PriceTable;
use bursar_store::{PriceReads, ReadError};

use super::rows::{Conditions, body, many};
use crate::SqliteStore;

const TABLE: &str = "SELECT body FROM price_table";

#[async_trait]
impl PriceReads for SqliteStore {
    async fn price_tables(&self) -> Result<Vec<PriceTable>, ReadError> {
        let order = "ORDER BY proposed_at DESC, name DESC";
        many(self, TABLE, Conditions::default(), order, body).await
    }

    async fn price_table(&self, version: PriceVersion) -> Result<Option<PriceTable>, ReadError> {
        let this = Conditions::default().and("name =", Some(version.to_string()));
        Ok(many(self, TABLE, this, "", body).await?.into_iter().next())
    }
}
