//! Requests for limited models.

use bursar_policy::AccessRequest;
use bursar_store::Expect;

use super::versioned;
use crate::codec::{Id, to_json, whole};
use crate::error::DbError;
use crate::statement::{Statement, values};

const INSERT: &str = "INSERT INTO access_request (id, grant_id, model, state, body, version)
     VALUES ($1, $2, $3, $4, $5, $6)";
const UPDATE: &str = "UPDATE access_request SET grant_id = $2, model = $3, state = $4, body = $5,
     version = $6 WHERE id = $1 AND version = $7";

pub(super) fn put_request(row: &AccessRequest, expect: Expect) -> Result<Statement, DbError> {
    let values = values![
        Id(row.id.to_bytes()),
        Id(row.grant.to_bytes()),
        row.model.as_str().to_owned(),
        row.state.name(),
        to_json(row)?,
        whole(row.version)?,
    ];
    versioned(INSERT, UPDATE, values, expect)
}
