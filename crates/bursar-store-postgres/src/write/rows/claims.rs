//! What is to show an affiliation, and verdicts that a person is asked to look at.

use bursar_award::appeals::Appeal;
use bursar_award::claims::Claim;
use bursar_store::Expect;

use super::versioned;
use crate::codec::{Id, text, to_json, whole};
use crate::error::DbError;
use crate::statement::{Statement, values};

const INSERT_CLAIM: &str = "INSERT INTO claim (id, person, application, secret_hash, body, version)
     VALUES ($1, $2, $3, $4, $5, $6)";
const UPDATE_CLAIM: &str = "UPDATE claim SET person = $2, application = $3, secret_hash = $4,
     body = $5, version = $6 WHERE id = $1 AND version = $7";

pub(super) fn put_claim(row: &Claim, expect: Expect) -> Result<Statement, DbError> {
    let values = values![
        Id(row.id.to_bytes()),
        Id(row.person.to_bytes()),
        Id(row.application.to_bytes()),
        row.secret_hash.map(|hash| hash.to_vec()),
        to_json(row)?,
        whole(row.version)?,
    ];
    versioned(INSERT_CLAIM, UPDATE_CLAIM, values, expect)
}

const INSERT_APPEAL: &str =
    "INSERT INTO appeal (id, program, email, state, secret_hash, body, version)
     VALUES ($1, $2, $3, $4, $5, $6, $7)";
const UPDATE_APPEAL: &str = "UPDATE appeal SET program = $2, email = $3, state = $4,
     secret_hash = $5, body = $6, version = $7 WHERE id = $1 AND version = $8";

pub(super) fn put_appeal(row: &Appeal, expect: Expect) -> Result<Statement, DbError> {
    let values = values![
        Id(row.id.to_bytes()),
        text(row.program.as_str()),
        text(&row.email),
        row.state.name(),
        row.secret_hash.to_vec(),
        to_json(row)?,
        whole(row.version)?,
    ];
    versioned(INSERT_APPEAL, UPDATE_APPEAL, values, expect)
}
