//! Ways to sign in.

use bursar_kernel::PersonId;
use bursar_store::Expect;
use bursar_store::rows::{Erasure, LinkedIdentity, Passkey};
use rusqlite::{Connection, params};

use super::{Changed, execute, version_before};
use crate::codec::{millis, to_json};

const INSERT: &str =
    "INSERT INTO identity (issuer, subject, person, body, version) VALUES (?1, ?2, ?3, ?4, ?5)";
const UPDATE: &str = "UPDATE identity SET person = ?3, body = ?4, version = ?5
     WHERE issuer = ?1 AND subject = ?2 AND version = ?6";

pub(super) fn put_identity(
    connection: &Connection,
    row: &LinkedIdentity,
    expect: Expect,
) -> Changed {
    let (issuer, subject, body) = (&row.issuer, &row.subject, to_json(row)?);
    let person = row.person.map(PersonId::to_bytes);
    match version_before(expect) {
        None => execute(connection, INSERT, params![issuer, subject, person, body, row.version]),
        Some(before) => {
            let params = params![issuer, subject, person, body, row.version, before];
            execute(connection, UPDATE, params)
        }
    }
}

const INSERT_PASSKEY: &str =
    "INSERT INTO passkey (id, person, body, version) VALUES (?1, ?2, ?3, ?4)";
const UPDATE_PASSKEY: &str =
    "UPDATE passkey SET person = ?2, body = ?3, version = ?4 WHERE id = ?1 AND version = ?5";

pub(super) fn put_passkey(connection: &Connection, row: &Passkey, expect: Expect) -> Changed {
    let (id, body) = (&row.id, to_json(row)?);
    let person = row.person.map(PersonId::to_bytes);
    match version_before(expect) {
        None => execute(connection, INSERT_PASSKEY, params![id, person, body, row.version]),
        Some(before) => {
            execute(connection, UPDATE_PASSKEY, params![id, person, body, row.version, before])
        }
    }
}

const INSERT_ERASURE: &str =
    "INSERT INTO erasure (person, secret_hash, state, due_at, body, version)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
const UPDATE_ERASURE: &str = "UPDATE erasure SET secret_hash = ?2, state = ?3, due_at = ?4,
     body = ?5, version = ?6 WHERE person = ?1 AND version = ?7";

pub(super) fn put_erasure(connection: &Connection, row: &Erasure, expect: Expect) -> Changed {
    let (person, secret, state) = (row.person.to_bytes(), row.secret_hash, row.state.name());
    let (due, body, version) = (millis(row.due_at), to_json(row)?, row.version);
    match version_before(expect) {
        None => {
            let values = params![person, secret, state, due, body, version];
            execute(connection, INSERT_ERASURE, values)
        }
        Some(before) => {
            let values = params![person, secret, state, due, body, version, before];
            execute(connection, UPDATE_ERASURE, values)
        }
    }
}
