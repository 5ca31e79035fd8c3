//! Institutions, with the names and the domains that they are looked up by.

use bursar_institutions::Institution;
use bursar_institutions::ror::fold;
use rusqlite::{Connection, params};

use crate::codec::to_json;
use crate::error::WriteError;

const PUT: &str = "INSERT INTO institution (ror, body) VALUES (?1, ?2)
     ON CONFLICT (ror) DO UPDATE SET body = excluded.body";
const NO_NAMES: &str = "DELETE FROM institution_name WHERE ror = ?1";
const NAME: &str = "INSERT INTO institution_name (ror, number, folded) VALUES (?1, ?2, ?3)";
const NO_DOMAINS: &str = "DELETE FROM institution_domain WHERE ror = ?1";
const DOMAIN: &str = "INSERT INTO institution_domain (domain, ror) VALUES (?1, ?2)";

pub(super) fn write(connection: &Connection, row: &Institution) -> Result<(), WriteError> {
    connection.prepare_cached(PUT)?.execute(params![row.ror, to_json(row)?])?;
    connection.prepare_cached(NO_NAMES)?.execute(params![row.ror])?;
    for (name, number) in row.all_names().zip(0_u32..) {
        connection.prepare_cached(NAME)?.execute(params![row.ror, number, fold(name)])?;
    }
    connection.prepare_cached(NO_DOMAINS)?.execute(params![row.ror])?;
    for domain in &row.domains {
        connection.prepare_cached(DOMAIN)?.execute(params![domain, row.ror])?;
    }
    Ok(())
}
