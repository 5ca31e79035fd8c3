//! What processes that share the database can hear of each other.

use async_trait::async_trait;
use bursar_kernel::NodeId;
use bursar_store::{CHANGES_AT_A_TIME, Change, NodeReads, Peer, ReadError};
use tokio_postgres::Row;

use crate::PostgresStore;
use crate::codec::{Id, count, id};
use crate::error::DbError;
use crate::statement::values;

const PEERS: &str = "SELECT id, beats FROM node ORDER BY id";
const LAST: &str = "SELECT COALESCE(MAX(number), 0) FROM change";
const CHANGES: &str = "SELECT number, kind, subject FROM change WHERE $1 < number
     ORDER BY number LIMIT $2";

#[async_trait]
impl NodeReads for PostgresStore {
    fn is_shared(&self) -> bool {
        true
    }

    async fn peers(&self) -> Result<Vec<Peer>, ReadError> {
        self.ask_on(&self.listener, PEERS, &[], peer).await
    }

    async fn last_change(&self) -> Result<u64, ReadError> {
        let last = self.ask_on(&self.listener, LAST, &[], |row| count(row, 0)).await?;
        Ok(last.into_iter().next().unwrap_or_default())
    }

    async fn changes(&self, after: u64) -> Result<Vec<(u64, Option<Change>)>, ReadError> {
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        let limit = i64::try_from(CHANGES_AT_A_TIME).unwrap_or(i64::MAX);
        self.ask_on(&self.listener, CHANGES, &values![after, limit], change).await
    }
}

fn peer(row: &Row) -> Result<Peer, DbError> {
    Ok(Peer { node: id(row, 0, NodeId::from_bytes)?, beats: count(row, 1)? })
}

fn change(row: &Row) -> Result<(u64, Option<Change>), DbError> {
    let (kind, of): (&str, Id) = (row.try_get(1)?, row.try_get(2)?);
    Ok((count(row, 0)?, Change::of_parts(kind, of.0)))
}
