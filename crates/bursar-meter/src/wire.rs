//! The provider's error envelope (its API reference, 2026-08).

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// What a body holds when a call failed: `{"error": {...}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorEnvelope {
    /// What went wrong.
    pub error: ErrorBody,
}

/// What went wrong, in the four members that every client library reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// A sentence for a person.
    pub message: String,
    /// The class of error: `invalid_request_error`, `insufficient_quota`.
    #[serde(rename = "type")]
    pub kind: Cow<'static, str>,
    /// The field of the request that it is about.
    pub param: Option<String>,
    /// The precise error: `model_not_found`.
    pub code: Option<Cow<'static, str>>,
}

impl ErrorEnvelope {
    /// An envelope with a code and no field.
    pub fn new(
        kind: impl Into<Cow<'static, str>>,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        let error = ErrorBody {
            message: message.into(),
            kind: kind.into(),
            param: None,
            code: Some(code.into()),
        };
        Self { error }
    }

    /// The same, about a field of the request.
    #[must_use]
    pub fn about(mut self, param: impl Into<String>) -> Self {
        self.error.param = Some(param.into());
        self
    }

    /// The body as JSON.
    pub fn to_bytes(&self) -> bytes::Bytes {
        let json = serde_json::to_vec(self).expect("strings always serialize");
        json.into()
    }
}
