//! The market's routes.

use bursar_kernel::{GrantId, ListingId};
use bytes::Bytes;
use http::Method;

use crate::{Client, ClientError};
use bursar_api_types::{
    Buy, CashLine, ClawBack, GrantLine, ListingLine, Market, MoveCash, NewListing, Return,
    TakenBack, TradeLine, Trades, Void,
};

impl Client {
    /// What is on offer, and the market's rules.
    pub async fn market(&self) -> Result<Market, ClientError> {
        self.get("/api/market").await
    }

    /// A listing.
    pub async fn listing(&self, id: ListingId) -> Result<ListingLine, ClientError> {
        self.get(&format!("/api/market/listings/{id}")).await
    }

    /// Lists a part of a grant's credit.
    pub async fn list_credit(&self, wanted: &NewListing) -> Result<ListingLine, ClientError> {
        self.post("/api/market/listings", wanted).await
    }

    /// Takes a listing back.
    pub async fn withdraw_listing(&self, id: ListingId) -> Result<ListingLine, ClientError> {
        let path = format!("/api/market/listings/{id}/withdraw");
        self.read(self.send(Method::POST, &path, Bytes::new()).await?)
    }

    /// Buys a part of a listing.
    pub async fn buy(&self, id: ListingId, wanted: &Buy) -> Result<TradeLine, ClientError> {
        self.post(&format!("/api/market/listings/{id}/buy"), wanted).await
    }

    /// The latest trades, newest first.
    pub async fn trades(&self) -> Result<Trades, ClientError> {
        self.get("/api/market/trades").await
    }

    /// Records cash that moved by bank.
    pub async fn move_cash(&self, wanted: &MoveCash) -> Result<CashLine, ClientError> {
        self.post("/api/market/cash", wanted).await
    }

    /// Takes a part of a grant's credit back.
    pub async fn claw_back(
        &self,
        id: GrantId,
        wanted: &ClawBack,
    ) -> Result<TakenBack, ClientError> {
        self.post(&format!("/api/grants/{id}/claw-back"), wanted).await
    }

    /// Takes all that is left of a grant back.
    pub async fn void_grant(&self, id: GrantId, wanted: &Void) -> Result<TakenBack, ClientError> {
        self.post(&format!("/api/grants/{id}/void"), wanted).await
    }

    /// Hands a grant's free credit back to its program's pool.
    pub async fn return_credit(
        &self,
        id: GrantId,
        wanted: &Return,
    ) -> Result<GrantLine, ClientError> {
        self.post(&format!("/api/grants/{id}/return"), wanted).await
    }
}
