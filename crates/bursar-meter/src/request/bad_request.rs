//! Why a body is not forwarded.

use crate::multipart::FormError;
use crate::wire::ErrorEnvelope;

/// Why a body is not forwarded, with a sentence for the person who sent it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct BadRequest {
    /// The class of mistake.
    pub kind: BadRequestKind,
    /// The field that it is about: `n`, `messages[2]`.
    pub param: Option<String>,
    /// What is wrong, and on a line of its own what to do.
    pub message: String,
}

/// The classes of mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadRequestKind {
    /// Not JSON, or not an object.
    Malformed,
    /// Not a form that can be read.
    BrokenForm,
    /// A field that appears twice: gateway and provider might read different ones.
    DuplicateField,
    /// A field that is not on the endpoint's list, so that nobody knows what it costs.
    UnknownField,
    /// A field or value that the provider knows and this gateway does not offer.
    NotOffered,
    /// A field that the endpoint needs.
    MissingField,
    /// A field of the wrong type or out of range.
    InvalidValue,
    /// A conversation that is longer than the model takes.
    ContextTooLong,
    /// A model that the catalog does not have.
    ModelNotFound {
        /// The model as asked for.
        model: String,
    },
    /// A model without a price, so that no hold could cover it.
    Unpriced {
        /// The model as asked for.
        model: String,
    },
    /// A model that answers at another endpoint.
    WrongEndpoint {
        /// The model as asked for.
        model: String,
    },
}

impl BadRequestKind {
    /// The HTTP status that the provider answers in the same case.
    pub fn status(&self) -> u16 {
        match self {
            Self::ModelNotFound { .. } | Self::Unpriced { .. } | Self::WrongEndpoint { .. } => 404,
            Self::Malformed
            | Self::BrokenForm
            | Self::DuplicateField
            | Self::UnknownField
            | Self::NotOffered
            | Self::MissingField
            | Self::InvalidValue
            | Self::ContextTooLong => 400,
        }
    }

    /// The envelope's code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "invalid_json",
            Self::BrokenForm => "invalid_form",
            Self::DuplicateField => "duplicate_parameter",
            Self::UnknownField => "unknown_parameter",
            Self::NotOffered => "unsupported_value",
            Self::MissingField => "missing_required_parameter",
            Self::InvalidValue => "invalid_value",
            Self::ContextTooLong => "context_length_exceeded",
            Self::ModelNotFound { .. } | Self::Unpriced { .. } | Self::WrongEndpoint { .. } => {
                "model_not_found"
            }
        }
    }
}

impl BadRequest {
    /// The HTTP status to answer with.
    pub fn status(&self) -> u16 {
        self.kind.status()
    }

    /// The body to answer with. What is a fragment with a hint in a log is sentences here, as the
    /// provider's own messages are.
    pub fn envelope(&self) -> ErrorEnvelope {
        let message: Vec<String> = self.message.split("\nhint: ").map(sentence).collect();
        let mut envelope =
            ErrorEnvelope::new("invalid_request_error", self.kind.code(), message.join(" "));
        envelope.error.param.clone_from(&self.param);
        envelope
    }

    pub(crate) fn new(kind: BadRequestKind, param: &str, message: impl Into<String>) -> Self {
        Self { kind, param: Some(param.to_owned()), message: message.into() }
    }

    pub(crate) fn invalid(param: &str, message: impl Into<String>) -> Self {
        Self::new(BadRequestKind::InvalidValue, param, message)
    }

    pub(crate) fn not_offered(param: &str, message: impl Into<String>) -> Self {
        Self::new(BadRequestKind::NotOffered, param, message)
    }

    pub(crate) fn missing(param: &str) -> Self {
        let message = format!("the request has no `{param}`\nhint: add the field `{param}`");
        Self::new(BadRequestKind::MissingField, param, message)
    }

    /// A body that should be a form.
    pub(crate) fn no_form(why: FormError) -> Self {
        let kind = BadRequestKind::BrokenForm;
        Self { kind, param: None, message: why.to_string() }
    }

    pub(crate) fn malformed(why: impl std::fmt::Display) -> Self {
        let message = format!("the body is not a JSON object: {why}");
        Self { kind: BadRequestKind::Malformed, param: None, message }
    }
}

/// A fragment as a sentence.
fn sentence(fragment: &str) -> String {
    let mut letters = fragment.chars();
    let first = letters.next().map(char::to_uppercase).into_iter().flatten();
    first.chain(letters).chain(['.']).collect()
}
