//! Editions of programs.

use bursar_store::rows::Edition;
use rusqlite::{Connection, params};

use super::{Changed, execute};
use crate::codec::to_json;

const INSERT: &str = "INSERT INTO edition (program, edition, body) VALUES (?1, ?2, ?3)";

pub(super) fn put_edition(connection: &Connection, row: &Edition) -> Changed {
    execute(connection, INSERT, params![row.program.as_str(), row.edition, to_json(row)?])
}
