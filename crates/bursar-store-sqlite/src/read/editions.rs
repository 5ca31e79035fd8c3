//! What can be asked about editions of programs.

use async_trait::async_trait;
use bursar_store::rows::Edition;
use bursar_store::{EditionReads, ReadError};

use super::rows::{Conditions, body, many};
use crate::SqliteStore;

const EDITION: &str = "SELECT body FROM edition";

#[async_trait]
impl EditionReads for SqliteStore {
    async fn editions(&self) -> Result<Vec<Edition>, ReadError> {
        many(self, EDITION, Conditions::default(), "ORDER BY program, edition", body).await
    }
}
