//! Why a batch was not written, and whose fault that is.

use bursar_store::CommitError;
use deadpool_postgres::PoolError;
use tokio_postgres::error::SqlState;

/// What the database could not do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DbError {
    /// It said no, or went away.
    #[error("{}", told(.0))]
    Postgres(#[from] tokio_postgres::Error),
    /// No connection to it could be had.
    #[error("{}", told_by_pool(.0))]
    Pool(#[from] PoolError),
    /// A row does not hold what it should, or a value has no place in one.
    #[error("{0}")]
    Broken(String),
}

/// Why a batch was not written.
#[derive(Debug)]
pub(crate) enum WriteError {
    /// The batch is at fault; others are not.
    Refused(CommitError),
    /// The database is at fault.
    Database(DbError),
}

impl<E: Into<DbError>> From<E> for WriteError {
    fn from(error: E) -> Self {
        Self::Database(error.into())
    }
}

impl WriteError {
    /// Something is not what the batch was decided on.
    pub(crate) fn conflict(what: impl Into<String>) -> Self {
        Self::Refused(CommitError::Conflict(what.into()))
    }
}

impl DbError {
    fn state(&self) -> Option<&SqlState> {
        match self {
            Self::Postgres(error) | Self::Pool(PoolError::Backend(error)) => error.code(),
            Self::Pool(_) | Self::Broken(_) => None,
        }
    }

    /// Whether two transactions met, so that one of them has to be carried out again.
    pub(crate) fn is_collision(&self) -> bool {
        self.state().is_some_and(|state| {
            *state == SqlState::T_R_SERIALIZATION_FAILURE
                || *state == SqlState::T_R_DEADLOCK_DETECTED
        })
    }

    /// Whether a constraint of the tables refused a row (class 23).
    pub(crate) fn is_constraint(&self) -> bool {
        self.state().is_some_and(|state| state.code().starts_with("23"))
    }

    /// Whether a failure lies in one job's own rows (a value that does not fit, a constraint that
    /// the book should have kept, a row that cannot be read), so that its neighbours need not
    /// suffer.
    pub(crate) fn is_of_the_job(&self) -> bool {
        match self {
            Self::Broken(_) => true,
            Self::Postgres(error) => {
                error.code().is_some_and(|state| {
                    let class = state.code().get(..2).unwrap_or_default();
                    matches!(class, "22" | "23" | "P0" | "54")
                }) || is_unreadable(error)
            }
            Self::Pool(_) => false,
        }
    }

    /// Whether the connection is of no use any more.
    pub(crate) fn is_lost(&self) -> bool {
        match self {
            // What the database says of itself while it goes away or comes up is of class 57P.
            Self::Postgres(error) => match error.code() {
                Some(state) => state.code().starts_with("57P") || state.code().starts_with("08"),
                None => !is_unreadable(error),
            },
            Self::Pool(_) => true,
            Self::Broken(_) => false,
        }
    }
}

/// Whether a value did not fit the type of its column or parameter, on our own side.
fn is_unreadable(error: &tokio_postgres::Error) -> bool {
    use std::error::Error as _;
    let kind = error.to_string();
    error.code().is_none() && error.source().is_some() && kind.contains("serializing")
}

/// What the database said, in its own words where it has any.
pub(crate) fn told(error: &tokio_postgres::Error) -> String {
    if let Some(said) = error.as_db_error() {
        return format!("{} ({})", said.message(), said.code().code());
    }
    let mut words = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        words = format!("{words}: {cause}");
        source = cause.source();
    }
    words
}

fn told_by_pool(error: &PoolError) -> String {
    match error {
        PoolError::Backend(error) => told(error),
        PoolError::Timeout(_) => "every connection is in use".to_owned(),
        PoolError::Closed | PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_) => {
            error.to_string()
        }
    }
}
