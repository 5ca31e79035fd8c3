//! What processes that share the database can hear of each other.

use async_trait::async_trait;
use bursar_kernel::NodeId;
use bursar_store::{CHANGES_AT_A_TIME, Change, NodeReads, Peer, ReadError};

use crate::SqliteStore;
use crate::codec::id;

const PEERS: &str = "SELECT id, beats FROM node ORDER BY id";
const LAST: &str = "SELECT COALESCE(MAX(number), 0) FROM change";
const CHANGES: &str = "SELECT number, kind, subject FROM change WHERE ?1 < number
     ORDER BY number LIMIT ?2";

#[async_trait]
impl NodeReads for SqliteStore {
    /// One process at a time: the data directory is locked.
    fn is_shared(&self) -> bool {
        false
    }

    async fn peers(&self) -> Result<Vec<Peer>, ReadError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(PEERS)?;
            let peers = statement.query_map((), |row| {
                let beats: i64 = row.get(1)?;
                Ok(Peer { node: id(row, 0, NodeId::from_bytes)?, beats: beats.cast_unsigned() })
            })?;
            peers.collect()
        })
        .await
    }

    async fn last_change(&self) -> Result<u64, ReadError> {
        let last = self.read(|connection| connection.query_row(LAST, (), |row| row.get(0)));
        Ok(i64::cast_unsigned(last.await?))
    }

    async fn changes(&self, after: u64) -> Result<Vec<(u64, Option<Change>)>, ReadError> {
        let (after, limit) = (after.cast_signed(), CHANGES_AT_A_TIME);
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(CHANGES)?;
            let changes = statement.query_map((after, limit), |row| {
                let (number, kind): (i64, String) = (row.get(0)?, row.get(1)?);
                Ok((number.cast_unsigned(), Change::of_parts(&kind, row.get(2)?)))
            })?;
            changes.collect()
        })
        .await
    }
}
