//! Requests for limited models.

use bursar_policy::AccessRequest;
use bursar_store::Expect;
use rusqlite::{Connection, params};

use super::{Changed, execute, version_before};
use crate::codec::to_json;

const INSERT: &str = "INSERT INTO access_request (id, grant_id, model, state, body, version)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
const UPDATE: &str = "UPDATE access_request SET grant_id = ?2, model = ?3, state = ?4, body = ?5,
     version = ?6 WHERE id = ?1 AND version = ?7";

pub(super) fn put_request(connection: &Connection, row: &AccessRequest, expect: Expect) -> Changed {
    let (id, grant, body) = (row.id.to_bytes(), row.grant.to_bytes(), to_json(row)?);
    let (model, state) = (row.model.as_str(), row.state.name());
    let values = params![id, grant, model, state, body, row.version];
    match version_before(expect) {
        None => execute(connection, INSERT, values),
        Some(before) => {
            let mut values = values.to_vec();
            values.push(&before);
            execute(connection, UPDATE, values.as_slice())
        }
    }
}
