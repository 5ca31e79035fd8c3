//! What can be asked about sealed secrets.

use async_trait::async_trait;
use bursar_store::rows::SealedSecret;
use bursar_store::{ReadError, SealedReads};

use super::rows::{Conditions, body, many};
use crate::PostgresStore;

const SEALED: &str = "SELECT body FROM sealed_secret";

#[async_trait]
impl SealedReads for PostgresStore {
    async fn sealed_secrets(&self) -> Result<Vec<SealedSecret>, ReadError> {
        many(self, SEALED, Conditions::default(), "ORDER BY purpose COLLATE \"C\"", body).await
    }

    async fn sealed_secret(&self, purpose: String) -> Result<Option<SealedSecret>, ReadError> {
        let this = Conditions::default().and("purpose =", Some(purpose));
        Ok(many(self, SEALED, this, "", body).await?.into_iter().next())
    }
}
