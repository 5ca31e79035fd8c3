//! What processes that share the database tell each other.

use bursar_kernel::NodeId;
use bursar_store::{CHANGES_KEPT, Change};
use deadpool_postgres::ClientWrapper;

use crate::codec::{Id, whole};
use crate::error::DbError;
use crate::statement::{execute, execute_each, statement};

const BEAT: &str = "INSERT INTO node (id, beats) VALUES ($1, 1)
     ON CONFLICT (id) DO UPDATE SET beats = node.beats + 1";

pub(super) async fn beat(client: &ClientWrapper, node: NodeId) -> Result<(), DbError> {
    execute(client, &statement!(BEAT, Id(node.to_bytes()))).await?;
    Ok(())
}

const LEAVE: &str = "DELETE FROM node WHERE id = $1";

pub(super) async fn leave(client: &ClientWrapper, node: NodeId) -> Result<(), DbError> {
    execute(client, &statement!(LEAVE, Id(node.to_bytes()))).await?;
    Ok(())
}

// Writers take turns, so that the greatest number is that of the latest change.
const TELL: &str = "INSERT INTO change (number, kind, subject)
     SELECT COALESCE(MAX(number), 0) + 1, $1, $2 FROM change";
const FORGET: &str = "DELETE FROM change WHERE number <= (SELECT MAX(number) FROM change) - $1";

pub(super) async fn tell(client: &ClientWrapper, change: Change) -> Result<(), DbError> {
    let (kind, of) = change.parts();
    let told = [statement!(TELL, kind, Id(of)), statement!(FORGET, whole(CHANGES_KEPT)?)];
    execute_each(client, &told).await?;
    Ok(())
}
