//! Ways to sign in.

use bursar_store::Expect;
use bursar_store::rows::{LinkedIdentity, Passkey};

use super::versioned;
use crate::codec::{Id, text, to_json, whole};
use crate::error::DbError;
use crate::statement::{Statement, values};

const INSERT: &str =
    "INSERT INTO identity (issuer, subject, person, body, version) VALUES ($1, $2, $3, $4, $5)";
const UPDATE: &str = "UPDATE identity SET person = $3, body = $4, version = $5
     WHERE issuer = $1 AND subject = $2 AND version = $6";

pub(super) fn put_identity(row: &LinkedIdentity, expect: Expect) -> Result<Statement, DbError> {
    let person = row.person.map(|person| Id(person.to_bytes()));
    let (issuer, subject) = (text(&row.issuer), text(&row.subject));
    let values = values![issuer, subject, person, to_json(row)?, whole(row.version)?];
    versioned(INSERT, UPDATE, values, expect)
}

const INSERT_PASSKEY: &str =
    "INSERT INTO passkey (id, person, body, version) VALUES ($1, $2, $3, $4)";
const UPDATE_PASSKEY: &str =
    "UPDATE passkey SET person = $2, body = $3, version = $4 WHERE id = $1 AND version = $5";

pub(super) fn put_passkey(row: &Passkey, expect: Expect) -> Result<Statement, DbError> {
    let person = row.person.map(|person| Id(person.to_bytes()));
    let values = values![text(&row.id), person, to_json(row)?, whole(row.version)?];
    versioned(INSERT_PASSKEY, UPDATE_PASSKEY, values, expect)
}
