//! Statements with their values, and how they are sent.

use deadpool_postgres::ClientWrapper;
use futures_util::future::try_join_all;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::error::DbError;

/// A value of a statement.
pub(crate) type Value = Box<dyn ToSql + Sync + Send>;

/// One statement with its values.
pub(crate) struct Statement {
    pub(crate) sql: &'static str,
    pub(crate) values: Vec<Value>,
    /// How many rows it changes, if all is well.
    pub(crate) changes: usize,
}

impl Statement {
    /// The same statement for so many rows.
    pub(crate) fn of_rows(self, changes: usize) -> Self {
        Self { changes, ..self }
    }
}

/// What stands for `$1`, `$2`, ….
macro_rules! values {
    ($($value:expr),* $(,)?) => {{
        let values: Vec<$crate::statement::Value> = vec![$(Box::new($value)),*];
        values
    }};
}
pub(crate) use values;

/// A statement from its text and what stands for `$1`, `$2`, ….
macro_rules! statement {
    ($sql:expr $(, $value:expr)* $(,)?) => {
        $crate::statement::Statement {
            sql: $sql,
            values: $crate::statement::values![$($value),*],
            changes: 1,
        }
    };
}
pub(crate) use statement;

fn places(values: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    values.iter().map(|value| &**value as &(dyn ToSql + Sync)).collect()
}

/// Carries out a statement and counts the rows that it changed.
pub(crate) async fn execute(client: &ClientWrapper, statement: &Statement) -> Result<u64, DbError> {
    let prepared = client.prepare_cached(statement.sql).await?;
    Ok(client.execute(&prepared, &places(&statement.values)).await?)
}

/// Asks a question.
pub(crate) async fn rows(
    client: &ClientWrapper,
    sql: &str,
    values: &[Value],
) -> Result<Vec<Row>, DbError> {
    let prepared = client.prepare_cached(sql).await?;
    Ok(client.query(&prepared, &places(values)).await?)
}

/// Statements that are sent before the first answer is waited for. `try_join_all` polls a list of
/// this length in its order, and so do they leave.
const STATEMENTS_TOGETHER: usize = 24;

/// Asks questions in one journey to the database and back; it answers them in order.
pub(crate) async fn rows_of_each(
    client: &ClientWrapper,
    statements: Vec<Statement>,
) -> Result<Vec<Vec<Row>>, DbError> {
    let mut answers = Vec::with_capacity(statements.len());
    for together in statements.chunks(STATEMENTS_TOGETHER) {
        prepare(client, together).await?;
        let asked = together.iter().map(|asked| rows(client, asked.sql, &asked.values));
        answers.extend(try_join_all(asked).await?);
    }
    Ok(answers)
}

/// Carries out statements in one journey to the database and back, in order, and counts the rows
/// that each changed. The first failure is told; those behind it were not carried out.
pub(crate) async fn execute_each(
    client: &ClientWrapper,
    statements: &[Statement],
) -> Result<Vec<u64>, DbError> {
    let mut changed = Vec::with_capacity(statements.len());
    for together in statements.chunks(STATEMENTS_TOGETHER) {
        prepare(client, together).await?;
        changed.extend(try_join_all(together.iter().map(|one| execute(client, one))).await?);
    }
    Ok(changed)
}

/// Prepares what is not prepared yet: a statement that had to be prepared first would leave after
/// those behind it.
async fn prepare(client: &ClientWrapper, statements: &[Statement]) -> Result<(), DbError> {
    for statement in statements {
        client.prepare_cached(statement.sql).await?;
    }
    Ok(())
}
