//! Taking over a whole installation from another engine, in one transaction.

use std::pin::pin;

use bursar_ledger::audit::Auditor;
use bursar_store::ReadError;
use bursar_store::moving::{Record, Sum, Table, Value};
use deadpool_postgres::{ClientWrapper, Object};
use futures_util::TryStreamExt as _;
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use crate::codec::{Id, broken, text};
use crate::connect::Target;
use crate::error::DbError;
use crate::migrate::migrate;
use crate::open::{OpenError, PostgresStore};
use crate::read::audit::audit;
use crate::session::lock_alone;

/// Tables of this engine alone.
const OUR_OWN: [&str; 3] = ["migration", "turn", "writer"];

const COLUMNS: &str = "SELECT table_name::TEXT, column_name::TEXT FROM information_schema.columns
     WHERE table_schema = 'public' ORDER BY table_name COLLATE \"C\", column_name COLLATE \"C\"";
const BEGIN: &str = "BEGIN; SET LOCAL statement_timeout = 0";
/// Accounts that are opened later are numbered after those that moved.
const NUMBER_ACCOUNTS: &str = "SELECT setval(pg_get_serial_sequence('account', 'id'),
     GREATEST((SELECT MAX(id) FROM account), 1))";

/// An installation on its way into an empty database: nothing is there until it is committed.
pub struct Arrival {
    connection: Object,
}

impl PostgresStore {
    /// Makes a database ready for an installation that moves there. No server may run on it.
    pub async fn arrive(url: &str) -> Result<Arrival, OpenError> {
        let target = Target::parse(url)?;
        let broken = |error: DbError| target.broken(&error);
        let connection = target.writer()?.get().await.map_err(|error| broken(error.into()))?;
        if !migrate(&connection).await.map_err(broken)? {
            return Err(OpenError::TooNew(target.shown));
        }
        if !lock_alone(&connection).await.map_err(broken)? {
            return Err(OpenError::Locked(target.shown));
        }
        connection.batch_execute(BEGIN).await.map_err(|error| broken(error.into()))?;
        let arrival = Arrival { connection };
        for table in arrival.tables().await.map_err(|error| broken(DbError::Broken(error.0)))? {
            let full = format!("SELECT EXISTS (SELECT FROM {})", table.name);
            let full = arrival.connection.query_one(&full, &[]).await;
            let full = full.and_then(|row| row.try_get(0));
            if full.map_err(|error| broken(error.into()))? {
                return Err(OpenError::NotEmpty(target.shown));
            }
        }
        Ok(arrival)
    }

    /// What each table holds, by the tables' names.
    pub async fn sum(&self, table: &Table) -> Result<Sum, ReadError> {
        let summed = async { sum(&*self.readers.get().await?, table).await };
        summed.await.map_err(said)
    }
}

impl Arrival {
    /// The tables that an installation is made of, by name.
    pub async fn tables(&self) -> Result<Vec<Table>, ReadError> {
        tables(&self.connection).await.map_err(said)
    }

    /// Takes rows of a table in, and adds to a sum what should be in the table now.
    pub async fn put(
        &self,
        table: &Table,
        records: Vec<Record>,
        expected: &mut Sum,
    ) -> Result<(), ReadError> {
        put(&self.connection, table, records, expected).await.map_err(said)
    }

    /// What has arrived in a table.
    pub async fn sum(&self, table: &Table) -> Result<Sum, ReadError> {
        sum(&self.connection, table).await.map_err(said)
    }

    /// The whole book as it has arrived.
    pub async fn audit(&self) -> Result<Auditor, ReadError> {
        audit(&self.connection, Box::new(|_| None)).await.map_err(said)
    }

    /// Keeps all that has arrived, durably.
    pub async fn commit(self) -> Result<(), ReadError> {
        let number = self.connection.query_one(NUMBER_ACCOUNTS, &[]).await;
        number.map_err(|error| said(error.into()))?;
        self.connection.batch_execute("COMMIT").await.map_err(|error| said(error.into()))
    }
}

fn said(error: DbError) -> ReadError {
    ReadError(error.to_string())
}

async fn tables(client: &ClientWrapper) -> Result<Vec<Table>, DbError> {
    let mut tables = Vec::<Table>::new();
    for row in client.query(COLUMNS, &[]).await? {
        let (name, column): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        match tables.last_mut().filter(|table| table.name == name) {
            Some(table) => table.columns.push(column),
            None => tables.push(Table { name, columns: vec![column] }),
        }
    }
    tables.retain(|table| !OUR_OWN.contains(&table.name.as_str()));
    Ok(tables)
}

fn select(table: &Table) -> String {
    format!("SELECT {} FROM {}", table.columns.join(", "), table.name)
}

async fn put(
    client: &ClientWrapper,
    table: &Table,
    records: Vec<Record>,
    expected: &mut Sum,
) -> Result<(), DbError> {
    let types = client.prepare_cached(&select(table)).await?;
    let types: Vec<&Type> = types.columns().iter().map(tokio_postgres::Column::type_).collect();
    let mut columns: Vec<Vec<Value>> = types.iter().map(|_| Vec::new()).collect();
    for mut record in records {
        for value in &mut record {
            if let Value::Text(words) = value {
                *words = text(words);
            }
        }
        expected.add(&record);
        for (column, value) in columns.iter_mut().zip(record) {
            column.push(value);
        }
    }
    let places = types.iter().zip(1..).map(|(kind, place)| format!("${place}::{kind}[]"));
    let sql = format!(
        "INSERT INTO {} ({}) SELECT * FROM unnest({})",
        table.name,
        table.columns.join(", "),
        places.collect::<Vec<_>>().join(", "),
    );
    let values = columns.into_iter().zip(types).map(|(values, kind)| column(values, kind));
    let values = values.collect::<Result<Vec<_>, _>>()?;
    let values: Vec<&(dyn ToSql + Sync)> =
        values.iter().map(|value| &**value as &(dyn ToSql + Sync)).collect();
    let insert = client.prepare_cached(&sql).await?;
    client.execute(&insert, &values).await?;
    Ok(())
}

/// The values of a column as an array of its type.
fn column(values: Vec<Value>, kind: &Type) -> Result<Box<dyn ToSql + Sync + Send>, DbError> {
    let misfit = |value: &Value| DbError::Broken(format!("{value:?} does not fit into a {kind}"));
    macro_rules! array {
        ($($from:pat => $to:expr),*) => {{
            let fit = values.into_iter().map(|value| match value {
                Value::Null => Ok(None),
                $($from => Ok(Some($to)),)*
                other => Err(misfit(&other)),
            });
            Box::new(fit.collect::<Result<Vec<_>, DbError>>()?) as Box<dyn ToSql + Sync + Send>
        }};
    }
    Ok(match *kind {
        Type::UUID => {
            let id = |bytes: Vec<u8>| <[u8; 16]>::try_from(bytes).map(Id);
            let fit = values.into_iter().map(|value| match value {
                Value::Null => Ok(None),
                Value::Bytes(bytes) => {
                    id(bytes).map(Some).map_err(|bytes| misfit(&Value::Bytes(bytes)))
                }
                Value::Whole(_) | Value::Text(_) => Err(misfit(&value)),
            });
            Box::new(fit.collect::<Result<Vec<_>, DbError>>()?)
        }
        Type::INT8 => array!(Value::Whole(whole) => whole),
        Type::BOOL => array!(Value::Whole(whole) => whole != 0),
        Type::TEXT => array!(Value::Text(words) => words),
        Type::BYTEA => array!(Value::Bytes(bytes) => bytes),
        _ => return Err(DbError::Broken(format!("a column is of the type {kind}"))),
    })
}

async fn sum(client: &ClientWrapper, table: &Table) -> Result<Sum, DbError> {
    let prepared = client.prepare_cached(&select(table)).await?;
    let mut rows = pin!(client.query_raw(&prepared, Vec::<i64>::new()).await?);
    let mut sum = Sum::default();
    while let Some(row) = rows.try_next().await? {
        let values = (0..row.len()).map(|column| value(&row, column));
        sum.add(&values.collect::<Result<Record, DbError>>()?);
    }
    Ok(sum)
}

fn value(row: &Row, column: usize) -> Result<Value, DbError> {
    let kind = row.columns().get(column).map(|column| column.type_().clone());
    Ok(match kind {
        Some(Type::UUID) => {
            let id: Option<Id> = row.try_get(column)?;
            id.map(|id| Value::Bytes(id.0.to_vec()))
        }
        Some(Type::INT8) => row.try_get::<_, Option<i64>>(column)?.map(Value::Whole),
        Some(Type::BOOL) => {
            let yes: Option<bool> = row.try_get(column)?;
            yes.map(|yes| Value::Whole(i64::from(yes)))
        }
        Some(Type::TEXT) => row.try_get::<_, Option<String>>(column)?.map(Value::Text),
        Some(Type::BYTEA) => row.try_get::<_, Option<Vec<u8>>>(column)?.map(Value::Bytes),
        other => return Err(broken(row, column, format!("it is of the type {other:?}"))),
    }
    .unwrap_or(Value::Null))
}
