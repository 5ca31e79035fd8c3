//! What can be asked about what grants made in an upstream's account.

use async_trait::async_trait;
use bursar_kernel::{BelongingId, GrantId};
use bursar_store::rows::{Belonging, BelongingKind};
use bursar_store::{BelongingFilter, BelongingReads, ReadError};
use rusqlite::{OptionalExtension, params};

use super::rows::{body, one};
use crate::SqliteStore;

const BELONGING: &str = "SELECT body FROM belonging";
const BY_NAME: &str = "SELECT body FROM belonging
     WHERE grant_id = ?1 AND upstream_id = ?2 AND kind = ?3 AND state <> 'deleted'";
const OPEN: &str = "SELECT body FROM belonging WHERE state = 'open' ORDER BY id LIMIT ?1";
const OPEN_OF: &str = "SELECT body FROM belonging
     WHERE state = 'open' AND grant_id = ?1 AND kind = ?2 ORDER BY id LIMIT ?3";
const PAGE: &str = "SELECT body FROM belonging WHERE grant_id = ?1 AND kind = ?2 AND id > ?3
     AND state <> 'deleted' AND (?4 IS NULL OR purpose = ?4) ORDER BY id LIMIT ?5";
const PAGE_LATEST_FIRST: &str = "SELECT body FROM belonging
     WHERE grant_id = ?1 AND kind = ?2 AND id < ?3
     AND state <> 'deleted' AND (?4 IS NULL OR purpose = ?4) ORDER BY id DESC LIMIT ?5";

#[async_trait]
impl BelongingReads for SqliteStore {
    async fn belonging(
        &self,
        grant: GrantId,
        kind: BelongingKind,
        upstream_id: String,
    ) -> Result<Option<Belonging>, ReadError> {
        self.read(move |connection| {
            let values = params![grant.to_bytes(), upstream_id, kind.name()];
            connection.prepare_cached(BY_NAME)?.query_row(values, body).optional()
        })
        .await
    }

    async fn belonging_named(&self, id: BelongingId) -> Result<Option<Belonging>, ReadError> {
        one(self, BELONGING, "id = ?1", id.to_bytes(), body).await
    }

    async fn belongings(&self, which: BelongingFilter) -> Result<Vec<Belonging>, ReadError> {
        let most = |limit: usize| i64::try_from(limit).unwrap_or(i64::MAX);
        self.read(move |connection| match which {
            BelongingFilter::Open(limit) => {
                let mut statement = connection.prepare_cached(OPEN)?;
                statement.query_map(params![most(limit)], body)?.collect()
            }
            BelongingFilter::OpenOf { grant, kind, limit } => {
                let mut statement = connection.prepare_cached(OPEN_OF)?;
                let values = params![grant.to_bytes(), kind.name(), most(limit)];
                statement.query_map(values, body)?.collect()
            }
            BelongingFilter::Page { grant, kind, purpose, after, latest_first, limit } => {
                let (sql, end) =
                    if latest_first { (PAGE_LATEST_FIRST, [0xff; 16]) } else { (PAGE, [0; 16]) };
                let after = after.map_or(end, BelongingId::to_bytes);
                let mut statement = connection.prepare_cached(sql)?;
                let values = params![grant.to_bytes(), kind.name(), after, purpose, most(limit)];
                statement.query_map(values, body)?.collect()
            }
        })
        .await
    }
}
