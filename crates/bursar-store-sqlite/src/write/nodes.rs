//! What processes that share the database tell each other.

use bursar_kernel::NodeId;
use bursar_store::{CHANGES_KEPT, Change};
use rusqlite::{Connection, Error, params};

const BEAT: &str = "INSERT INTO node (id, beats) VALUES (?1, 1)
     ON CONFLICT (id) DO UPDATE SET beats = node.beats + 1";

pub(super) fn beat(connection: &Connection, node: NodeId) -> Result<(), Error> {
    connection.prepare_cached(BEAT)?.execute([node.to_bytes()])?;
    Ok(())
}

const LEAVE: &str = "DELETE FROM node WHERE id = ?1";

pub(super) fn leave(connection: &Connection, node: NodeId) -> Result<(), Error> {
    connection.prepare_cached(LEAVE)?.execute([node.to_bytes()])?;
    Ok(())
}

const TELL: &str = "INSERT INTO change (number, kind, subject)
     SELECT COALESCE(MAX(number), 0) + 1, ?1, ?2 FROM change";
const FORGET: &str = "DELETE FROM change WHERE number <= (SELECT MAX(number) FROM change) - ?1";

pub(super) fn tell(connection: &Connection, change: Change) -> Result<(), Error> {
    let (kind, of) = change.parts();
    connection.prepare_cached(TELL)?.execute(params![kind, of])?;
    connection.prepare_cached(FORGET)?.execute([CHANGES_KEPT.cast_signed()])?;
    Ok(())
}
