//! How values stand in columns.

use bursar_kernel::{Timestamp, Usd};
use rusqlite::types::Type;
use rusqlite::{Error, Row};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// An instant as a column: milliseconds since 1970.
pub(crate) fn millis(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// An instant from a column.
pub(crate) fn instant(row: &Row<'_>, column: usize) -> Result<Timestamp, Error> {
    let millis: i64 = row.get(column)?;
    Timestamp::from_millisecond(millis).map_err(|error| broken(column, error))
}

/// An instant that may be absent.
pub(crate) fn instant_or_null(row: &Row<'_>, column: usize) -> Result<Option<Timestamp>, Error> {
    let millis: Option<i64> = row.get(column)?;
    millis
        .map(|millis| Timestamp::from_millisecond(millis).map_err(|error| broken(column, error)))
        .transpose()
}

/// An amount from a column.
pub(crate) fn amount(row: &Row<'_>, column: usize) -> Result<Usd, Error> {
    row.get(column).map(Usd::from_nanos)
}

/// An identifier from a column of sixteen bytes.
pub(crate) fn id<T>(
    row: &Row<'_>,
    column: usize,
    from_bytes: fn([u8; 16]) -> T,
) -> Result<T, Error> {
    row.get(column).map(from_bytes)
}

/// An identifier that may be absent.
pub(crate) fn id_or_null<T>(
    row: &Row<'_>,
    column: usize,
    from_bytes: fn([u8; 16]) -> T,
) -> Result<Option<T>, Error> {
    let bytes: Option<[u8; 16]> = row.get(column)?;
    Ok(bytes.map(from_bytes))
}

/// A value that its own room writes as text.
pub(crate) fn parsed<T>(row: &Row<'_>, column: usize) -> Result<T, Error>
where
    T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    let text = row.get_ref(column)?.as_str().map_err(|error| broken(column, error))?;
    text.parse().map_err(|error| broken(column, error))
}

/// A value that is kept as JSON.
pub(crate) fn json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> Result<T, Error> {
    let text = row.get_ref(column)?.as_str().map_err(|error| broken(column, error))?;
    serde_json::from_str(text).map_err(|error| broken(column, error))
}

pub(crate) fn json_or_null<T: DeserializeOwned>(
    row: &Row<'_>,
    column: usize,
) -> Result<Option<T>, Error> {
    let text: Option<String> = row.get(column)?;
    let read = |text: String| serde_json::from_str(&text);
    text.map(read).transpose().map_err(|error| broken(column, error))
}

/// JSON for a column.
pub(crate) fn to_json<T: Serialize>(value: &T) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| Error::ToSqlConversionFailure(Box::new(error)))
}

/// A count from a column.
pub(crate) fn count<T: TryFrom<i64>>(row: &Row<'_>, column: usize) -> Result<T, Error> {
    let value: i64 = row.get(column)?;
    T::try_from(value).map_err(|_| Error::IntegralValueOutOfRange(column, value))
}

/// A column that does not hold what it should.
pub(crate) fn broken(
    column: usize,
    error: impl std::error::Error + Send + Sync + 'static,
) -> Error {
    Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
}
