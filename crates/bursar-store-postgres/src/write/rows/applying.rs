//! Who takes part in an application, and what is asked about it.

use bursar_award::asking::Question;
use bursar_award::members::Member;
use bursar_kernel::PersonId;
use bursar_store::Expect;

use super::versioned;
use crate::codec::{Id, to_json, whole};
use crate::error::DbError;
use crate::statement::{Statement, values};

const INSERT_MEMBER: &str =
    "INSERT INTO member (id, application, person, state, secret_hash, body, version)
     VALUES ($1, $2, $3, $4, $5, $6, $7)";
const UPDATE_MEMBER: &str = "UPDATE member SET application = $2, person = $3, state = $4,
     secret_hash = $5, body = $6, version = $7 WHERE id = $1 AND version = $8";

pub(super) fn put_member(row: &Member, expect: Expect) -> Result<Statement, DbError> {
    let values = values![
        Id(row.id.to_bytes()),
        Id(row.application.to_bytes()),
        row.person.map(PersonId::to_bytes).map(Id),
        row.state.name(),
        row.secret_hash.to_vec(),
        to_json(row)?,
        whole(row.version)?,
    ];
    versioned(INSERT_MEMBER, UPDATE_MEMBER, values, expect)
}

const INSERT_QUESTION: &str =
    "INSERT INTO question (id, application, body, version) VALUES ($1, $2, $3, $4)";
const UPDATE_QUESTION: &str = "UPDATE question SET application = $2, body = $3, version = $4
     WHERE id = $1 AND version = $5";

pub(super) fn put_question(row: &Question, expect: Expect) -> Result<Statement, DbError> {
    let values = values![
        Id(row.id.to_bytes()),
        Id(row.application.to_bytes()),
        to_json(row)?,
        whole(row.version)?,
    ];
    versioned(INSERT_QUESTION, UPDATE_QUESTION, values, expect)
}
