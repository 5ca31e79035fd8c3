//! What can be asked about what is stopped.

use async_trait::async_trait;
use bursar_store::rows::{Stop, Stoppable};
use bursar_store::{ReadError, StopReads};

use super::rows::{Conditions, body, many};
use crate::PostgresStore;

const STOP: &str = "SELECT body FROM stop";

#[async_trait]
impl StopReads for PostgresStore {
    async fn stop(&self, of: Stoppable) -> Result<Option<Stop>, ReadError> {
        let this =
            Conditions::default().and("kind =", Some(of.kind())).and("name =", Some(of.name()));
        Ok(many(self, STOP, this, "", body).await?.into_iter().next())
    }

    async fn stopped_upstreams(&self) -> Result<Vec<Stop>, ReadError> {
        let stopped =
            Conditions::default().and_that(Some("kind = 'upstream' AND state = 'stopped'"));
        many(self, STOP, stopped, "ORDER BY name COLLATE \"C\"", body).await
    }
}
