//! Whole tables, page by page, for whoever moves the installation to another engine.

use bursar_store::ReadError;
use bursar_store::moving::{Record, Table, Value};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error, params_from_iter};

use crate::SqliteStore;

// In the order they were made in, so that what is referred to comes before what refers to it.
const TABLES: &str = "SELECT name FROM sqlite_schema
     WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid";
const COLUMNS: &str = "SELECT name FROM pragma_table_info (?1) ORDER BY name";
const KEY: &str = "SELECT name FROM pragma_table_info (?1) WHERE 0 < pk ORDER BY pk";

/// Where a page begins: what stood in the columns of the table's key in the row before.
pub type Place = Vec<Value>;

impl SqliteStore {
    /// The tables; what is referred to comes before what refers to it.
    pub async fn tables(&self) -> Result<Vec<Table>, ReadError> {
        self.read(|connection| {
            let mut tables = Vec::new();
            for name in names(connection, TABLES, None)? {
                let columns = names(connection, COLUMNS, Some(&name))?;
                tables.push(Table { name, columns });
            }
            Ok(tables)
        })
        .await
    }

    /// The rows of a table after a place, at the most so many, and the place after them. Pages add
    /// up to the whole while nobody writes.
    pub async fn page(
        &self,
        table: &Table,
        after: Option<Place>,
        limit: usize,
    ) -> Result<(Vec<Record>, Option<Place>), ReadError> {
        let table = table.clone();
        self.read(move |connection| page(connection, &table, after, limit)).await
    }
}

fn names(connection: &Connection, sql: &str, of: Option<&str>) -> Result<Vec<String>, Error> {
    let mut statement = connection.prepare_cached(sql)?;
    statement.query_map(params_from_iter(of), |row| row.get(0))?.collect()
}

fn page(
    connection: &Connection,
    table: &Table,
    after: Option<Place>,
    limit: usize,
) -> Result<(Vec<Record>, Option<Place>), Error> {
    let key = names(connection, KEY, Some(&table.name))?.join(", ");
    let places = after.iter().flatten().map(|_| "?").collect::<Vec<_>>().join(", ");
    let condition = after.as_ref().map(|_| format!("WHERE ({key}) > ({places})"));
    let sql = format!(
        "SELECT {}, {key} FROM {} {} ORDER BY {key} LIMIT {limit}",
        table.columns.join(", "),
        table.name,
        condition.unwrap_or_default(),
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let values = after.iter().flatten().map(to_sql);
    let mut rows = statement.query(params_from_iter(values))?;
    let (mut records, mut last) = (Vec::new(), None);
    while let Some(row) = rows.next()? {
        let count = row.as_ref().column_count();
        let mut record = (0..count).map(|column| value(row.get_ref(column)?, column));
        let mut record = record.by_ref().collect::<Result<Vec<_>, Error>>()?;
        last = Some(record.split_off(table.columns.len()));
        records.push(record);
    }
    Ok((records, last))
}

fn value(value: ValueRef<'_>, column: usize) -> Result<Value, Error> {
    match value {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(whole) => Ok(Value::Whole(whole)),
        ValueRef::Text(_) => Ok(Value::Text(value.as_str()?.to_owned())),
        ValueRef::Blob(bytes) => Ok(Value::Bytes(bytes.to_owned())),
        ValueRef::Real(_) => {
            Err(Error::InvalidColumnType(column, "a float".to_owned(), value.data_type()))
        }
    }
}

fn to_sql(value: &Value) -> rusqlite::types::Value {
    match value {
        Value::Null => rusqlite::types::Value::Null,
        Value::Whole(whole) => rusqlite::types::Value::Integer(*whole),
        Value::Text(text) => rusqlite::types::Value::Text(text.clone()),
        Value::Bytes(bytes) => rusqlite::types::Value::Blob(bytes.clone()),
    }
}
