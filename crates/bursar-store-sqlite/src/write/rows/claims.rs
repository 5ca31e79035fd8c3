//! What is to show an affiliation, and verdicts that a person is asked to look at.

use bursar_award::appeals::Appeal;
use bursar_award::claims::Claim;
use bursar_store::Expect;
use rusqlite::{Connection, params};

use super::{Changed, execute, version_before};
use crate::codec::to_json;

const INSERT_CLAIM: &str = "INSERT INTO claim (id, person, application, secret_hash, body, version)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
const UPDATE_CLAIM: &str = "UPDATE claim SET person = ?2, application = ?3, secret_hash = ?4,
     body = ?5, version = ?6 WHERE id = ?1 AND version = ?7";

pub(super) fn put_claim(connection: &Connection, row: &Claim, expect: Expect) -> Changed {
    let (id, person) = (row.id.to_bytes(), row.person.to_bytes());
    let (application, body) = (row.application.to_bytes(), to_json(row)?);
    let values = params![id, person, application, row.secret_hash, body, row.version];
    match version_before(expect) {
        None => execute(connection, INSERT_CLAIM, values),
        Some(before) => {
            let mut values = values.to_vec();
            values.push(&before);
            execute(connection, UPDATE_CLAIM, values.as_slice())
        }
    }
}

const INSERT_APPEAL: &str =
    "INSERT INTO appeal (id, program, email, state, secret_hash, body, version)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
const UPDATE_APPEAL: &str = "UPDATE appeal SET program = ?2, email = ?3, state = ?4,
     secret_hash = ?5, body = ?6, version = ?7 WHERE id = ?1 AND version = ?8";

pub(super) fn put_appeal(connection: &Connection, row: &Appeal, expect: Expect) -> Changed {
    let (id, program) = (row.id.to_bytes(), row.program.as_str());
    let (state, body) = (row.state.name(), to_json(row)?);
    let values = params![id, program, row.email, state, row.secret_hash, body, row.version];
    match version_before(expect) {
        None => execute(connection, INSERT_APPEAL, values),
        Some(before) => {
            let mut values = values.to_vec();
            values.push(&before);
            execute(connection, UPDATE_APPEAL, values.as_slice())
        }
    }
}
