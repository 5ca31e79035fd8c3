//! What grants made in an upstream's account, by way of a credential that they share.

use bursar_kernel::{
    BelongingId, Endpoint, GrantId, HoldId, KeyId, ModelId, PersonId, PriceVersion, RequestId,
    Timestamp, Usd,
};
use serde::{Deserialize, Serialize};

/// Something that a grant made in an upstream's account. Nobody else may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Belonging {
    /// Its name here: lists are in its order.
    pub id: BelongingId,
    /// The upstream in whose account it lies.
    pub upstream: String,
    /// Its name there, which is the name that its owner knows; `None` until that is known.
    pub upstream_id: Option<String>,
    /// The grant that made it: all keys of the grant see it.
    pub grant: GrantId,
    /// The key that made it.
    pub key: KeyId,
    /// Who held the grant.
    pub person: PersonId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its owner deleted it, or it was found never to have been made.
    pub deleted_at: Option<Timestamp>,
    /// What it is.
    pub what: What,
    /// Grows by one with each change.
    pub version: u64,
}

/// What belongs to a grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A file.
    File(FileFacts),
    /// A batch of calls.
    Batch(Box<BatchFacts>),
}

/// The kinds of what belongs to a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BelongingKind {
    /// A file.
    File,
    /// A batch of calls.
    Batch,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFacts {
    /// How large it is.
    pub bytes: u64,
    /// What its maker calls it.
    pub filename: String,
    /// What it is for, in the provider's words: `batch`, `batch_output`.
    pub purpose: String,
    /// The blake3 hash of its content, in hexadecimal digits, where it was uploaded through here.
    pub content: Option<String>,
    /// The batch that wrote it.
    pub written_by: Option<BelongingId>,
}

/// A batch of calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchFacts {
    /// The name of its call.
    pub request: RequestId,
    /// What is set aside for it. It is resolved once, and with it the batch is charged.
    pub hold: HoldId,
    /// How much that is.
    pub held: Usd,
    /// Where its lines go.
    pub endpoint: Endpoint,
    /// The catalog's model that prices them.
    pub model: ModelId,
    /// The price table that they were held at.
    pub price_version: PriceVersion,
    /// How many lines it has.
    pub lines: u64,
    /// Past this instant its hold goes to suspense.
    pub settle_by: Timestamp,
    /// Whether its hold is open: it is asked after until it ends.
    pub open: bool,
    /// The provider's object as it was last seen; `None` until it was.
    pub shown: Option<String>,
}

impl What {
    /// Which kind it is.
    pub const fn kind(&self) -> BelongingKind {
        match self {
            Self::File(_) => BelongingKind::File,
            Self::Batch(_) => BelongingKind::Batch,
        }
    }
}

impl BelongingKind {
    /// Its name in a column.
    pub const fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Batch => "batch",
        }
    }
}

impl Belonging {
    /// The file, if it is one.
    pub fn file(&self) -> Option<&FileFacts> {
        match &self.what {
            What::File(file) => Some(file),
            What::Batch(_) => None,
        }
    }

    /// The batch, if it is one.
    pub fn batch(&self) -> Option<&BatchFacts> {
        match &self.what {
            What::Batch(batch) => Some(batch),
            What::File(_) => None,
        }
    }

    /// What a file is for.
    pub fn purpose(&self) -> Option<&str> {
        self.file().map(|file| file.purpose.as_str())
    }

    /// How it stands, as a column tells: a batch is open until it is charged.
    pub fn state(&self) -> &'static str {
        match (&self.deleted_at, &self.what) {
            (Some(_), _) => "deleted",
            (None, What::Batch(batch)) if batch.open => "open",
            (None, What::Batch(_) | What::File(_)) => "kept",
        }
    }
}
