//! What is wrong with the file itself: its pages, and what is in them.

use rusqlite::{Connection, Error};

use super::each;

/// Tables that the audit reads row by row, from the first to the last: a page of them that is
/// damaged is met there, and looking at millions of rows once more would take as long again.
const READ_WHOLE: [&str; 5] = ["transfer", "call", "hold", "hold_part", "resolution"];

/// What was found in the file.
#[derive(Default)]
pub(super) struct LookedThrough {
    damages: Vec<String>,
    /// Indexes of every row of a table that is read whole, with the table and how many entries
    /// they have.
    indexes: Vec<(String, String, u64)>,
}

impl LookedThrough {
    /// Everything that is wrong, where so many rows of tables were read.
    pub(super) fn damages(self, read: &[(&str, u64)]) -> Vec<String> {
        let mut damages = self.damages;
        for (index, table, entries) in self.indexes {
            let rows = read.iter().find(|(name, _)| *name == table).map(|(_, rows)| *rows);
            if let Some(rows) = rows.filter(|rows| *rows != entries) {
                damages.push(format!("{rows} rows in `{table}`, and {entries} in `{index}`"));
            }
        }
        damages
    }
}

const TABLES: &str = "SELECT name FROM sqlite_schema
     WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid";
/// Indexes that a table was given, with their conditions.
const INDEXES: &str = "SELECT tbl_name, name, sql FROM sqlite_schema
     WHERE type = 'index' AND sql IS NOT NULL ORDER BY rowid";

/// Looks through all of the file that the audit does not read row by row.
pub(super) fn look_through(connection: &Connection) -> Result<LookedThrough, Error> {
    let mut found = LookedThrough::default();
    let mut tables: Vec<String> = Vec::new();
    each(connection, TABLES, |row| {
        tables.push(row.get(0)?);
        Ok(())
    })?;
    for table in tables.iter().filter(|table| !READ_WHOLE.contains(&table.as_str())) {
        each(connection, &format!("PRAGMA quick_check('{table}')"), |row| {
            let damage: String = row.get(0)?;
            if damage != "ok" {
                found.damages.push(damage);
            }
            Ok(())
        })?;
    }
    let mut indexes: Vec<(String, String, String)> = Vec::new();
    each(connection, INDEXES, |row| {
        indexes.push((row.get(0)?, row.get(1)?, row.get(2)?));
        Ok(())
    })?;
    for (table, index, sql) in indexes {
        if READ_WHOLE.contains(&table.as_str()) {
            found.walk(connection, table, index, &sql)?;
        }
    }
    Ok(found)
}

impl LookedThrough {
    /// Goes over all pages of an index by counting its entries.
    fn walk(
        &mut self,
        connection: &Connection,
        table: String,
        index: String,
        sql: &str,
    ) -> Result<(), Error> {
        let condition = sql.find("WHERE").and_then(|at| sql.get(at..));
        let condition_text = condition.unwrap_or_default();
        // `COUNT(*)` of a whole table goes over whichever index is the smallest, and not this one.
        // See `the_audit_finds_a_damaged_page_wherever_it_lies`.
        let entries = "COALESCE(SUM(1), 0)";
        let count = format!("SELECT {entries} FROM {table} INDEXED BY {index} {condition_text}");
        match connection.query_row(&count, (), |row| row.get(0)) {
            Ok(entries) if condition.is_none() => self.indexes.push((index, table, entries)),
            Ok(_) => {}
            Err(Error::SqliteFailure(failure, message)) => {
                let what = message.unwrap_or_else(|| failure.to_string());
                self.damages.push(format!("`{index}`: {what}"));
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }
}
