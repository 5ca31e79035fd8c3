//! The routes of price tables.

use bursar_kernel::PriceVersion;

use crate::{Client, ClientError, segment};
use bursar_api_types::{
    DecideOnPrices, PriceTableDetail, PriceTables, PricesInForce, ProposePrices,
};

impl Client {
    /// All price tables.
    pub async fn price_tables(&self) -> Result<PriceTables, ClientError> {
        self.get("/api/prices").await
    }

    /// The catalog file in force.
    pub async fn prices_in_force(&self) -> Result<PricesInForce, ClientError> {
        self.get("/api/prices/in-force").await
    }

    /// A price table, and what it changes.
    pub async fn price_table(
        &self,
        version: &PriceVersion,
    ) -> Result<PriceTableDetail, ClientError> {
        self.get(&format!("/api/prices/tables/{}", segment(version.as_str()))).await
    }

    /// Brings a price table.
    pub async fn propose_prices(
        &self,
        wanted: &ProposePrices,
    ) -> Result<PriceTableDetail, ClientError> {
        self.post("/api/prices", wanted).await
    }

    /// Approves a price table, or rejects it.
    pub async fn decide_on_prices(
        &self,
        version: &PriceVersion,
        decision: &DecideOnPrices,
    ) -> Result<PriceTableDetail, ClientError> {
        let path = format!("/api/prices/tables/{}/decision", segment(version.as_str()));
        self.put(&path, decision).await
    }
}
