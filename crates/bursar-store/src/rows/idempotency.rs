//! Requests that may be sent twice and are carried out once.

use bursar_kernel::{NodeId, Timestamp};

use super::SecretHash;

/// A request under a key of its sender's choice, and the answer that it was given.
#[derive(Clone, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// The hash of the key and of who sent it; also its name.
    pub hash: SecretHash,
    /// The hash of what was asked: another request under the same key is a mistake.
    pub asked: SecretHash,
    /// The node that carries it out, or did.
    pub node: NodeId,
    /// When that began; once it is answered, when that was.
    pub since: Timestamp,
    /// The answer, once there is one.
    pub answer: Option<SealedAnswer>,
    /// Grows by one with each change.
    pub version: u64,
}

/// An answer that only whoever repeats the request can read.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedAnswer {
    /// Its status.
    pub status: u16,
    /// Its body, sealed by the door that gave it: some answers show a secret.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for IdempotencyKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let status = self.answer.as_ref().map(|answer| answer.status);
        let mut said = f.debug_struct("IdempotencyKey");
        said.field("hash", &self.hash).field("node", &self.node).field("since", &self.since);
        said.field("status", &status).field("version", &self.version).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for SealedAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SealedAnswer").field("status", &self.status).finish_non_exhaustive()
    }
}
