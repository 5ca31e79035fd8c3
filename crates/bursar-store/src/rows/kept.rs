//! What was typed into a form when its session had ended.

use bursar_kernel::Timestamp;

use super::SecretHash;

/// What was typed into a form when its session had ended, sealed under the session's own secret,
/// which no store has: only the browser that typed it opens it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptForm {
    /// The hash of that secret.
    pub secret_hash: SecretHash,
    /// The form, sealed.
    pub sealed: Vec<u8>,
    /// Until when it is kept.
    pub expires_at: Timestamp,
}
