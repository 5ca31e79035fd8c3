//! What can be asked about what grants made in an upstream's account.

use async_trait::async_trait;
use bursar_kernel::{BelongingId, GrantId};
use bursar_store::rows::{Belonging, BelongingKind};
use bursar_store::{BelongingFilter, BelongingReads, ReadError};

use super::rows::{body, one};
use crate::PostgresStore;
use crate::codec::{Id, text};
use crate::statement::values;

const BELONGING: &str = "SELECT body FROM belonging";
const BY_NAME: &str = "SELECT body FROM belonging
     WHERE grant_id = $1 AND upstream_id = $2 AND kind = $3 AND state <> 'deleted'";
const OPEN: &str = "SELECT body FROM belonging WHERE state = 'open' ORDER BY id LIMIT $1";
const OPEN_OF: &str = "SELECT body FROM belonging
     WHERE state = 'open' AND grant_id = $1 AND kind = $2 ORDER BY id LIMIT $3";
const PAGE: &str = "SELECT body FROM belonging WHERE grant_id = $1 AND kind = $2 AND id > $3
     AND state <> 'deleted' AND ($4::TEXT IS NULL OR purpose = $4) ORDER BY id LIMIT $5";
const PAGE_LATEST_FIRST: &str = "SELECT body FROM belonging
     WHERE grant_id = $1 AND kind = $2 AND id < $3
     AND state <> 'deleted' AND ($4::TEXT IS NULL OR purpose = $4) ORDER BY id DESC LIMIT $5";

#[async_trait]
impl BelongingReads for PostgresStore {
    async fn belonging(
        &self,
        grant: GrantId,
        kind: BelongingKind,
        upstream_id: String,
    ) -> Result<Option<Belonging>, ReadError> {
        let values = values![Id(grant.to_bytes()), text(&upstream_id), kind.name()];
        Ok(self.ask(BY_NAME, &values, body).await?.pop())
    }

    async fn belonging_named(&self, id: BelongingId) -> Result<Option<Belonging>, ReadError> {
        one(self, BELONGING, "id = $1", Id(id.to_bytes()), body).await
    }

    async fn belongings(&self, which: BelongingFilter) -> Result<Vec<Belonging>, ReadError> {
        let most = |limit: usize| i64::try_from(limit).unwrap_or(i64::MAX);
        match which {
            BelongingFilter::Open(limit) => self.ask(OPEN, &values![most(limit)], body).await,
            BelongingFilter::OpenOf { grant, kind, limit } => {
                let values = values![Id(grant.to_bytes()), kind.name(), most(limit)];
                self.ask(OPEN_OF, &values, body).await
            }
            BelongingFilter::Page { grant, kind, purpose, after, latest_first, limit } => {
                let (sql, end) =
                    if latest_first { (PAGE_LATEST_FIRST, [0xff; 16]) } else { (PAGE, [0; 16]) };
                let after = Id(after.map_or(end, BelongingId::to_bytes));
                let (grant, purpose) = (Id(grant.to_bytes()), purpose.as_deref().map(text));
                let values = values![grant, kind.name(), after, purpose, most(limit)];
                self.ask(sql, &values, body).await
            }
        }
    }
}
