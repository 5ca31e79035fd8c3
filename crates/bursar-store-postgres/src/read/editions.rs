//! What can be asked about editions of programs.

use async_trait::async_trait;
use bursar_store::rows::Edition;
use bursar_store::{EditionReads, ReadError};

use super::rows::{Conditions, body, many};
use crate::PostgresStore;

const EDITION: &str = "SELECT body FROM edition";

#[async_trait]
impl EditionReads for PostgresStore {
    async fn editions(&self) -> Result<Vec<Edition>, ReadError> {
        let order = "ORDER BY program COLLATE \"C\", edition";
        many(self, EDITION, Conditions::default(), order, body).await
    }
}
