//! Payment cards and their checks.

use bursar_store::Expect;
use bursar_store::rows::{Card, CardCheck};

use super::versioned;
use crate::codec::{Id, millis, to_json, whole};
use crate::error::DbError;
use crate::statement::{Statement, values};

const INSERT_CARD: &str = "INSERT INTO card (person, body, version) VALUES ($1, $2, $3)";
const UPDATE_CARD: &str =
    "UPDATE card SET body = $2, version = $3 WHERE person = $1 AND version = $4";

pub(super) fn put_card(row: &Card, expect: Expect) -> Result<Statement, DbError> {
    let values = values![Id(row.person.to_bytes()), to_json(row)?, whole(row.version)?];
    versioned(INSERT_CARD, UPDATE_CARD, values, expect)
}

const INSERT_CHECK: &str = "INSERT INTO card_check (id, person, state, due_at, body, version)
     VALUES ($1, $2, $3, $4, $5, $6)";
const UPDATE_CHECK: &str = "UPDATE card_check SET person = $2, state = $3, due_at = $4, body = $5,
     version = $6 WHERE id = $1 AND version = $7";

pub(super) fn put_card_check(row: &CardCheck, expect: Expect) -> Result<Statement, DbError> {
    let values = values![
        Id(row.id.to_bytes()),
        Id(row.person.to_bytes()),
        row.state.name(),
        millis(row.due_at),
        to_json(row)?,
        whole(row.version)?,
    ];
    versioned(INSERT_CHECK, UPDATE_CHECK, values, expect)
}
