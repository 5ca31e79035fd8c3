//! What grants made in an upstream's account.

use bursar_store::Expect;
use bursar_store::rows::Belonging;
use rusqlite::{Connection, params};

use super::{Changed, execute, version_before};
use crate::codec::to_json;

const INSERT: &str = "INSERT INTO belonging
     (id, grant_id, kind, upstream, upstream_id, purpose, state, body, version)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
const UPDATE: &str = "UPDATE belonging SET grant_id = ?2, kind = ?3, upstream = ?4,
     upstream_id = ?5, purpose = ?6, state = ?7, body = ?8, version = ?9
     WHERE id = ?1 AND version = ?10";

pub(super) fn put_belonging(connection: &Connection, row: &Belonging, expect: Expect) -> Changed {
    let (id, grant, body) = (row.id.to_bytes(), row.grant.to_bytes(), to_json(row)?);
    let (kind, purpose, state) = (row.what.kind().name(), row.purpose(), row.state());
    let values =
        params![id, grant, kind, row.upstream, row.upstream_id, purpose, state, body, row.version];
    match version_before(expect) {
        None => execute(connection, INSERT, values),
        Some(before) => {
            let mut values = values.to_vec();
            values.push(&before);
            execute(connection, UPDATE, values.as_slice())
        }
    }
}
