//! How values stand in columns.

use std::error::Error as StdError;

use bursar_kernel::{Timestamp, Usd};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_postgres::Row;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use crate::error::DbError;

/// Sixteen bytes of an identifier, in a column of the type `uuid`: they sort there as they do here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Id(pub(crate) [u8; 16]);

impl ToSql for Id {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        out.extend_from_slice(&self.0);
        Ok(IsNull::No)
    }

    fn accepts(kind: &Type) -> bool {
        *kind == Type::UUID
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Id {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Self(raw.try_into()?))
    }

    fn accepts(kind: &Type) -> bool {
        *kind == Type::UUID
    }
}

/// An instant as a column: milliseconds since 1970.
pub(crate) fn millis(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// An instant from a column.
pub(crate) fn instant(row: &Row, column: usize) -> Result<Timestamp, DbError> {
    Timestamp::from_millisecond(row.try_get(column)?).map_err(|error| broken(row, column, error))
}

/// An instant that may be absent.
pub(crate) fn instant_or_null(row: &Row, column: usize) -> Result<Option<Timestamp>, DbError> {
    let millis: Option<i64> = row.try_get(column)?;
    let instant =
        |millis| Timestamp::from_millisecond(millis).map_err(|error| broken(row, column, error));
    millis.map(instant).transpose()
}

/// An amount from a column.
pub(crate) fn amount(row: &Row, column: usize) -> Result<Usd, DbError> {
    Ok(Usd::from_nanos(row.try_get(column)?))
}

/// An identifier from a column.
pub(crate) fn id<T>(row: &Row, column: usize, from_bytes: fn([u8; 16]) -> T) -> Result<T, DbError> {
    let id: Id = row.try_get(column)?;
    Ok(from_bytes(id.0))
}

/// An identifier that may be absent.
pub(crate) fn id_or_null<T>(
    row: &Row,
    column: usize,
    from_bytes: fn([u8; 16]) -> T,
) -> Result<Option<T>, DbError> {
    let id: Option<Id> = row.try_get(column)?;
    Ok(id.map(|id| from_bytes(id.0)))
}

/// A secret's hash from a column.
pub(crate) fn hash(row: &Row, column: usize) -> Result<[u8; 32], DbError> {
    let bytes: &[u8] = row.try_get(column)?;
    bytes.try_into().map_err(|error| broken(row, column, error))
}

/// A value that its own room writes as text.
pub(crate) fn parsed<T>(row: &Row, column: usize) -> Result<T, DbError>
where
    T: std::str::FromStr<Err: StdError>,
{
    let text: &str = row.try_get(column)?;
    text.parse().map_err(|error| broken(row, column, error))
}

/// A value that is kept as JSON.
pub(crate) fn json<T: DeserializeOwned>(row: &Row, column: usize) -> Result<T, DbError> {
    let text: &str = row.try_get(column)?;
    serde_json::from_str(text).map_err(|error| broken(row, column, error))
}

pub(crate) fn json_or_null<T: DeserializeOwned>(
    row: &Row,
    column: usize,
) -> Result<Option<T>, DbError> {
    let text: Option<&str> = row.try_get(column)?;
    text.map(serde_json::from_str).transpose().map_err(|error| broken(row, column, error))
}

/// JSON for a column. What a person wrote may contain NUL, which JSON writes as an escape.
pub(crate) fn to_json<T: Serialize>(value: &T) -> Result<String, DbError> {
    serde_json::to_string(value).map_err(|error| DbError::Broken(error.to_string()))
}

/// A text for a column. PostgreSQL keeps every character but NUL, which means nothing in a text
/// and becomes the mark of a character that cannot be shown.
pub(crate) fn text(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// A count from a column.
pub(crate) fn count<T: TryFrom<i64, Error: StdError>>(
    row: &Row,
    column: usize,
) -> Result<T, DbError> {
    let value: i64 = row.try_get(column)?;
    T::try_from(value).map_err(|error| broken(row, column, error))
}

/// A version, or another count, for a column.
pub(crate) fn whole(count: u64) -> Result<i64, DbError> {
    i64::try_from(count).map_err(|error| DbError::Broken(error.to_string()))
}

/// A column that does not hold what it should.
pub(crate) fn broken(row: &Row, column: usize, error: impl std::fmt::Display) -> DbError {
    let name = row.columns().get(column).map_or("?", |column| column.name());
    DbError::Broken(format!("the column `{name}` cannot be read: {error}"))
}
