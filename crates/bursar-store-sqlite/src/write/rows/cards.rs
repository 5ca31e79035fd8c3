//! Payment cards and their checks.

use bursar_store::Expect;
use bursar_store::rows::{Card, CardCheck};
use rusqlite::{Connection, params};

use super::{Changed, execute, version_before};
use crate::codec::{millis, to_json};

const INSERT_CARD: &str = "INSERT INTO card (person, body, version) VALUES (?1, ?2, ?3)";
const UPDATE_CARD: &str =
    "UPDATE card SET body = ?2, version = ?3 WHERE person = ?1 AND version = ?4";

pub(super) fn put_card(connection: &Connection, row: &Card, expect: Expect) -> Changed {
    let (person, body) = (row.person.to_bytes(), to_json(row)?);
    match version_before(expect) {
        None => execute(connection, INSERT_CARD, params![person, body, row.version]),
        Some(before) => {
            execute(connection, UPDATE_CARD, params![person, body, row.version, before])
        }
    }
}

const INSERT_CHECK: &str = "INSERT INTO card_check (id, person, state, due_at, body, version)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
const UPDATE_CHECK: &str = "UPDATE card_check SET person = ?2, state = ?3, due_at = ?4, body = ?5,
     version = ?6 WHERE id = ?1 AND version = ?7";

pub(super) fn put_card_check(connection: &Connection, row: &CardCheck, expect: Expect) -> Changed {
    let (id, person, body) = (row.id.to_bytes(), row.person.to_bytes(), to_json(row)?);
    let (state, due_at) = (row.state.name(), millis(row.due_at));
    let values = params![id, person, state, due_at, body, row.version];
    match version_before(expect) {
        None => execute(connection, INSERT_CHECK, values),
        Some(before) => {
            let mut values = values.to_vec();
            values.push(&before);
            execute(connection, UPDATE_CHECK, values.as_slice())
        }
    }
}
