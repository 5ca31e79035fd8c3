//! Mails on their way, and addresses.

use bursar_outbox::{Address, Delivery};
use bursar_store::Expect;
use rusqlite::{Connection, params};

use super::{Changed, execute, version_before};
use crate::codec::{millis, to_json};

const INSERT_DELIVERY: &str =
    "INSERT INTO delivery (mail, state, next_at, body, version) VALUES (?1, ?2, ?3, ?4, ?5)";
const UPDATE_DELIVERY: &str = "UPDATE delivery SET state = ?2, next_at = ?3, body = ?4,
     version = ?5 WHERE mail = ?1 AND version = ?6";

pub(super) fn put_delivery(connection: &Connection, row: &Delivery, expect: Expect) -> Changed {
    let (mail, state, body) = (row.mail.to_bytes(), row.state.name(), to_json(row)?);
    let next_at = millis(row.next_at);
    match version_before(expect) {
        None => {
            execute(connection, INSERT_DELIVERY, params![mail, state, next_at, body, row.version])
        }
        Some(before) => {
            let params = params![mail, state, next_at, body, row.version, before];
            execute(connection, UPDATE_DELIVERY, params)
        }
    }
}

const INSERT_ADDRESS: &str =
    "INSERT INTO address (email, bounced_at, body, version) VALUES (?1, ?2, ?3, ?4)";
const UPDATE_ADDRESS: &str = "UPDATE address SET bounced_at = ?2, body = ?3, version = ?4
     WHERE email = ?1 AND version = ?5";

pub(super) fn put_address(connection: &Connection, row: &Address, expect: Expect) -> Changed {
    let bounced_at = row.bounced.as_ref().map(|bounce| millis(bounce.at));
    let (email, body) = (&row.email, to_json(row)?);
    match version_before(expect) {
        None => execute(connection, INSERT_ADDRESS, params![email, bounced_at, body, row.version]),
        Some(before) => {
            let params = params![email, bounced_at, body, row.version, before];
            execute(connection, UPDATE_ADDRESS, params)
        }
    }
}
