//! Who takes part in a grant.

use bursar_award::participants::Participant;
use bursar_kernel::PersonId;
use bursar_store::Expect;
use rusqlite::{Connection, params};

use super::{Changed, execute, version_before};
use crate::codec::to_json;

const INSERT: &str =
    "INSERT INTO participant (id, grant_id, person, email, state, secret_hash, body, version)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
const UPDATE: &str = "UPDATE participant SET grant_id = ?2, person = ?3, email = ?4, state = ?5,
     secret_hash = ?6, body = ?7, version = ?8 WHERE id = ?1 AND version = ?9";

pub(super) fn put(connection: &Connection, row: &Participant, expect: Expect) -> Changed {
    let (id, grant) = (row.id.to_bytes(), row.grant.to_bytes());
    let (person, body) = (row.person.map(PersonId::to_bytes), to_json(row)?);
    let (email, state) = (&row.email, row.state.name());
    let values = params![id, grant, person, email, state, row.secret_hash, body, row.version];
    match version_before(expect) {
        None => execute(connection, INSERT, values),
        Some(before) => {
            let mut values = values.to_vec();
            values.push(&before);
            execute(connection, UPDATE, values.as_slice())
        }
    }
}
