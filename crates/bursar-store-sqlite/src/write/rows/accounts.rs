//! Ways to sign in.

use bursar_kernel::PersonId;
use bursar_store::Expect;
use bursar_store::rows::LinkedIdentity;
use rusqlite::{Connection, params};

use super::{Changed, execute, version_before};
use crate::codec::to_json;

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
