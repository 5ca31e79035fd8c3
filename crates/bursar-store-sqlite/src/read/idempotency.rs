//! What can be asked about requests that may be sent twice.

use async_trait::async_trait;
use bursar_kernel::{NodeId, Timestamp};
use bursar_store::rows::{IdempotencyKey, SealedAnswer, SecretHash};
use bursar_store::{ReadError, RepeatReads};
use rusqlite::{Error, Row, params};

use super::rows::one;
use crate::SqliteStore;
use crate::codec::{count, id, instant, millis};

const KEY: &str = "SELECT hash, asked, node, since, status, sealed, version FROM idempotency_key";
const BEFORE: &str = "SELECT COUNT(*) FROM idempotency_key WHERE since < ?1";

#[async_trait]
impl RepeatReads for SqliteStore {
    async fn idempotency_key(&self, hash: SecretHash) -> Result<Option<IdempotencyKey>, ReadError> {
        one(self, KEY, "hash = ?1", hash, key).await
    }

    async fn idempotency_keys_before(&self, before: Timestamp) -> Result<u64, ReadError> {
        let before = millis(before);
        self.read(move |connection| {
            connection.prepare_cached(BEFORE)?.query_row(params![before], |row| count(row, 0))
        })
        .await
    }
}

fn key(row: &Row<'_>) -> Result<IdempotencyKey, Error> {
    let status: Option<u16> = row.get(4)?;
    let body: Option<Vec<u8>> = row.get(5)?;
    Ok(IdempotencyKey {
        hash: row.get(0)?,
        asked: row.get(1)?,
        node: id(row, 2, NodeId::from_bytes)?,
        since: instant(row, 3)?,
        answer: status.zip(body).map(|(status, body)| SealedAnswer { status, body }),
        version: count(row, 6)?,
    })
}
