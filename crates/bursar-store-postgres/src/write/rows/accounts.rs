//! Ways to sign in.

use bursar_store::Expect;
use bursar_store::rows::{Erasure, LinkedIdentity, Passkey};

use super::versioned;
use crate::codec::{Id, millis, text, to_json, whole};
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

const INSERT_ERASURE: &str =
    "INSERT INTO erasure (person, secret_hash, state, due_at, body, version)
     VALUES ($1, $2, $3, $4, $5, $6)";
const UPDATE_ERASURE: &str = "UPDATE erasure SET secret_hash = $2, state = $3, due_at = $4,
     body = $5, version = $6 WHERE person = $1 AND version = $7";

pub(super) fn put_erasure(row: &Erasure, expect: Expect) -> Result<Statement, DbError> {
    let person = Id(row.person.to_bytes());
    let (secret, state, due) = (row.secret_hash.to_vec(), row.state.name(), millis(row.due_at));
    let values = values![person, secret, state, due, to_json(row)?, whole(row.version)?];
    versioned(INSERT_ERASURE, UPDATE_ERASURE, values, expect)
}
