//! Mails on their way, and addresses.

use bursar_outbox::{Address, Delivery};
use bursar_store::Expect;

use super::versioned;
use crate::codec::{Id, millis, text, to_json, whole};
use crate::error::DbError;
use crate::statement::{Statement, values};

const INSERT_DELIVERY: &str =
    "INSERT INTO delivery (mail, state, next_at, body, version) VALUES ($1, $2, $3, $4, $5)";
const UPDATE_DELIVERY: &str = "UPDATE delivery SET state = $2, next_at = $3, body = $4,
     version = $5 WHERE mail = $1 AND version = $6";

pub(super) fn put_delivery(row: &Delivery, expect: Expect) -> Result<Statement, DbError> {
    let values = values![
        Id(row.mail.to_bytes()),
        row.state.name(),
        millis(row.next_at),
        to_json(row)?,
        whole(row.version)?,
    ];
    versioned(INSERT_DELIVERY, UPDATE_DELIVERY, values, expect)
}

const INSERT_ADDRESS: &str =
    "INSERT INTO address (email, bounced_at, body, version) VALUES ($1, $2, $3, $4)";
const UPDATE_ADDRESS: &str = "UPDATE address SET bounced_at = $2, body = $3, version = $4
     WHERE email = $1 AND version = $5";

pub(super) fn put_address(row: &Address, expect: Expect) -> Result<Statement, DbError> {
    let bounced_at = row.bounced.as_ref().map(|bounce| millis(bounce.at));
    let values = values![text(&row.email), bounced_at, to_json(row)?, whole(row.version)?];
    versioned(INSERT_ADDRESS, UPDATE_ADDRESS, values, expect)
}
