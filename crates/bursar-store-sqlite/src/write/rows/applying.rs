//! Who takes part in an application, and what is asked about it.

use bursar_award::asking::Question;
use bursar_award::members::Member;
use bursar_kernel::PersonId;
use bursar_store::Expect;
use rusqlite::{Connection, params};

use super::{Changed, execute, version_before};
use crate::codec::to_json;

const INSERT_MEMBER: &str =
    "INSERT INTO member (id, application, person, state, secret_hash, body, version)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
const UPDATE_MEMBER: &str = "UPDATE member SET application = ?2, person = ?3, state = ?4,
     secret_hash = ?5, body = ?6, version = ?7 WHERE id = ?1 AND version = ?8";

pub(super) fn put_member(connection: &Connection, row: &Member, expect: Expect) -> Changed {
    let (id, application) = (row.id.to_bytes(), row.application.to_bytes());
    let (person, body) = (row.person.map(PersonId::to_bytes), to_json(row)?);
    let state = row.state.name();
    let values = params![id, application, person, state, row.secret_hash, body, row.version];
    match version_before(expect) {
        None => execute(connection, INSERT_MEMBER, values),
        Some(before) => {
            let mut values = values.to_vec();
            values.push(&before);
            execute(connection, UPDATE_MEMBER, values.as_slice())
        }
    }
}

const INSERT_QUESTION: &str =
    "INSERT INTO question (id, application, body, version) VALUES (?1, ?2, ?3, ?4)";
const UPDATE_QUESTION: &str = "UPDATE question SET application = ?2, body = ?3, version = ?4
     WHERE id = ?1 AND version = ?5";

pub(super) fn put_question(connection: &Connection, row: &Question, expect: Expect) -> Changed {
    let (id, application) = (row.id.to_bytes(), row.application.to_bytes());
    let body = to_json(row)?;
    match version_before(expect) {
        None => execute(connection, INSERT_QUESTION, params![id, application, body, row.version]),
        Some(before) => {
            let values = params![id, application, body, row.version, before];
            execute(connection, UPDATE_QUESTION, values)
        }
    }
}
