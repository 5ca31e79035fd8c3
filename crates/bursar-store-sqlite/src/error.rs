//! Why a batch was not written, and whose fault that is.

use bursar_store::CommitError;

/// Why a batch was not written.
pub(crate) enum WriteError {
    /// The batch is at fault; others are not.
    Refused(CommitError),
    /// The database is at fault.
    Database(rusqlite::Error),
}

impl From<rusqlite::Error> for WriteError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

impl WriteError {
    /// Something is not what the batch was decided on.
    pub(crate) fn conflict(what: impl Into<String>) -> Self {
        Self::Refused(CommitError::Conflict(what.into()))
    }
}
