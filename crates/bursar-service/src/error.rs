//! Why a use case did not happen.

use bursar_ledger::Refusal;
use bursar_payments::PaymentError;
use bursar_program::answers::FieldError;
use bursar_store::{CommitError, ReadError};

/// Why a use case did not happen. Nothing has changed.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// Nothing by that name, or nothing that the viewer may know of.
    #[error("there is no {0}")]
    NotFound(String),
    /// Nobody is signed in.
    #[error("this needs somebody who is signed in\nhint: sign in and try again")]
    SignInFirst,
    /// The viewer may not do that.
    #[error("you may not do this\nhint: ask whoever runs this installation for the role it takes")]
    NotAllowed,
    /// A rule says no.
    #[error("{0}")]
    Refused(String),
    /// Answers or fields that do not fit, each with what to do about it.
    #[error("some answers need attention")]
    Invalid(Vec<FieldError>),
    /// Somebody changed the same thing meanwhile.
    #[error("{0} was changed meanwhile\nhint: load it again and repeat what you did")]
    Conflict(String),
    /// The store is out of reach.
    #[error("the store is out of reach\nhint: try again in a moment")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl ServiceError {
    /// One field that does not fit.
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        let (field, message) = (field.to_owned(), message.into());
        Self::Invalid(vec![FieldError { field, message }])
    }
}

impl From<ReadError> for ServiceError {
    fn from(error: ReadError) -> Self {
        Self::Unavailable(Box::new(error))
    }
}

impl From<CommitError> for ServiceError {
    fn from(why: CommitError) -> Self {
        match why {
            CommitError::Refused(refusal) => refusal.into(),
            CommitError::Conflict(what) => Self::Conflict(what),
            CommitError::Full(_) | CommitError::Unavailable(_) => Self::Unavailable(Box::new(why)),
        }
    }
}

impl From<Refusal> for ServiceError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal.to_string())
    }
}

impl From<PaymentError> for ServiceError {
    fn from(error: PaymentError) -> Self {
        Self::Refused(error.to_string())
    }
}

impl From<bursar_award::Refusal> for ServiceError {
    fn from(refusal: bursar_award::Refusal) -> Self {
        Self::Refused(refusal.to_string())
    }
}

impl From<bursar_policy::AccessRefusal> for ServiceError {
    fn from(refusal: bursar_policy::AccessRefusal) -> Self {
        Self::Refused(refusal.to_string())
    }
}
