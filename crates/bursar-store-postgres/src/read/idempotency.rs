//! What can be asked about requests that may be sent twice.

use async_trait::async_trait;
use bursar_kernel::{NodeId, Timestamp};
use bursar_store::rows::{IdempotencyKey, SealedAnswer, SecretHash};
use bursar_store::{ReadError, RepeatReads};
use tokio_postgres::Row;

use super::rows::one;
use crate::PostgresStore;
use crate::codec::{count, hash, id, instant, millis};
use crate::error::DbError;

const KEY: &str = "SELECT hash, asked, node, since, status, sealed, version FROM idempotency_key";
const BEFORE: &str = "SELECT COUNT(*) FROM idempotency_key";

#[async_trait]
impl RepeatReads for PostgresStore {
    async fn idempotency_key(&self, hash: SecretHash) -> Result<Option<IdempotencyKey>, ReadError> {
        one(self, KEY, "hash = $1", hash.to_vec(), key).await
    }

    async fn idempotency_keys_before(&self, before: Timestamp) -> Result<u64, ReadError> {
        let counted = one(self, BEFORE, "since < $1", millis(before), |row| count(row, 0));
        Ok(counted.await?.unwrap_or(0))
    }
}

fn key(row: &Row) -> Result<IdempotencyKey, DbError> {
    let status: Option<i64> = row.try_get(4)?;
    let status = status.map(|_| count(row, 4)).transpose()?;
    let body: Option<Vec<u8>> = row.try_get(5)?;
    Ok(IdempotencyKey {
        hash: hash(row, 0)?,
        asked: hash(row, 1)?,
        node: id(row, 2, NodeId::from_bytes)?,
        since: instant(row, 3)?,
        answer: status.zip(body).map(|(status, body)| SealedAnswer { status, body }),
        version: count(row, 6)?,
    })
}
