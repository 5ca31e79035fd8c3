//! What grants made in an upstream's account.

use bursar_store::Expect;
use bursar_store::rows::Belonging;

use super::versioned;
use crate::codec::{Id, text, to_json, whole};
use crate::error::DbError;
use crate::statement::{Statement, values};

const INSERT: &str = "INSERT INTO belonging
     (id, grant_id, kind, upstream, upstream_id, purpose, state, body, version)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const UPDATE: &str = "UPDATE belonging SET grant_id = $2, kind = $3, upstream = $4,
     upstream_id = $5, purpose = $6, state = $7, body = $8, version = $9
     WHERE id = $1 AND version = $10";

pub(super) fn put_belonging(row: &Belonging, expect: Expect) -> Result<Statement, DbError> {
    let values = values![
        Id(row.id.to_bytes()),
        Id(row.grant.to_bytes()),
        row.what.kind().name(),
        text(&row.upstream),
        row.upstream_id.as_deref().map(text),
        row.purpose().map(text),
        row.state(),
        to_json(row)?,
        whole(row.version)?,
    ];
    versioned(INSERT, UPDATE, values, expect)
}
