//! What can be asked about limited models.

use async_trait::async_trait;
use bursar_kernel::AccessRequestId;
use bursar_policy::AccessRequest;
use bursar_store::{AccessFilter, AccessReads, ReadError};

use super::rows::{Conditions, body, latest, many, one};
use crate::PostgresStore;
use crate::codec::Id;

const REQUEST: &str = "SELECT body FROM access_request";

#[async_trait]
impl AccessReads for PostgresStore {
    async fn access_request(
        &self,
        id: AccessRequestId,
    ) -> Result<Option<AccessRequest>, ReadError> {
        one(self, REQUEST, "id = $1", Id(id.to_bytes()), body).await
    }

    async fn access_requests(&self, which: AccessFilter) -> Result<Vec<AccessRequest>, ReadError> {
        match which {
            AccessFilter::Grant(grant) => {
                let of = Conditions::default().and("grant_id =", Some(Id(grant.to_bytes())));
                many(self, REQUEST, of, "ORDER BY id DESC", body).await
            }
            AccessFilter::Waiting => {
                let waiting = Conditions::default().and_that(Some("state = 'asked'"));
                many(self, REQUEST, waiting, "ORDER BY id", body).await
            }
            AccessFilter::Latest(limit) => latest(self, REQUEST, limit, body).await,
        }
    }
}
