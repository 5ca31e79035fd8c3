//! Who takes part in a grant.

use bursar_award::participants::Participant;
use bursar_kernel::PersonId;
use bursar_store::Expect;

use super::versioned;
use crate::codec::{Id, text, to_json, whole};
use crate::error::DbError;
use crate::statement::{Statement, values};

const INSERT: &str =
    "INSERT INTO participant (id, grant_id, person, email, state, secret_hash, body, version)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const UPDATE: &str = "UPDATE participant SET grant_id = $2, person = $3, email = $4, state = $5,
     secret_hash = $6, body = $7, version = $8 WHERE id = $1 AND version = $9";

pub(super) fn put(row: &Participant, expect: Expect) -> Result<Statement, DbError> {
    let values = values![
        Id(row.id.to_bytes()),
        Id(row.grant.to_bytes()),
        row.person.map(PersonId::to_bytes).map(Id),
        text(&row.email),
        row.state.name(),
        row.secret_hash.to_vec(),
        to_json(row)?,
        whole(row.version)?,
    ];
    versioned(INSERT, UPDATE, values, expect)
}
