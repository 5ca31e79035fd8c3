//! What grants made in an upstream's account, by way of a credential that they share.

use bursar_kernel::{
    BelongingId, Context, Endpoint, GrantId, HoldId, KeyId, ModelId, PersonId, PriceVersion,
    RequestId, ServiceTier, Timestamp, Usd,
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
    /// A stored response.
    Response(Box<ResponseFacts>),
    /// An upload, part by part.
    Upload(Box<UploadFacts>),
}

/// The kinds of what belongs to a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BelongingKind {
    /// A file.
    File,
    /// A batch of calls.
    Batch,
    /// A stored response.
    Response,
    /// An upload, part by part.
    Upload,
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

/// What is owed for something that goes on after its request was answered: it is set aside on the
/// lots themselves, and charged once, when that has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owed {
    /// The name of its call.
    pub request: RequestId,
    /// What is set aside for it. It is resolved once, and with it the call is charged.
    pub hold: HoldId,
    /// How much that is.
    pub held: Usd,
    /// Where it goes.
    pub endpoint: Endpoint,
    /// The catalog's model that prices it.
    pub model: ModelId,
    /// The tier that it was held at.
    #[serde(default = "of_a_batch")]
    pub tier: ServiceTier,
    /// The price table that it was held at.
    pub price_version: PriceVersion,
    /// Past this instant its hold goes to suspense.
    pub settle_by: Timestamp,
    /// Whether its hold is open: it is asked after until it ends.
    pub open: bool,
}

/// Rows of batches did not name their tier at first.
const fn of_a_batch() -> ServiceTier {
    ServiceTier::Batch
}

/// A batch of calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchFacts {
    /// What is owed for it.
    #[serde(flatten)]
    pub owed: Owed,
    /// How many lines it has.
    pub lines: u64,
    /// The provider's object as it was last seen; `None` until it was.
    pub shown: Option<String>,
}

/// A stored response.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponseFacts {
    /// The name of its call.
    pub request: RequestId,
    /// The catalog's model that made it.
    pub model: ModelId,
    /// What it counts where a later call goes on from it.
    pub context: Context,
    /// What is owed for it, where it was asked for in the background. Any other is charged with
    /// its call.
    pub owed: Option<Owed>,
}

/// A file on its way in parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadFacts {
    /// How large the file is to be.
    pub bytes: u64,
    /// What its maker calls it.
    pub filename: String,
    /// What it is for, in the provider's words.
    pub purpose: String,
    /// Until when parts are taken.
    pub expires_at: Timestamp,
    /// The parts that have come, in the order in which they did.
    pub parts: Vec<UploadPart>,
    /// How it stands.
    pub status: UploadStatus,
    /// The file that it became, by its name in the upstream's account.
    pub file: Option<String>,
}

/// A part of an upload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadPart {
    /// Its name in the upstream's account.
    pub id: String,
    /// How large it is.
    pub bytes: u64,
    /// The blake3 hash of its content, in hexadecimal digits.
    pub content: String,
}

/// How an upload stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UploadStatus {
    /// It takes parts.
    Pending,
    /// It takes no more: somebody is making the file of them.
    Completing,
    /// It is a file.
    Completed,
    /// Its maker gave it up.
    Cancelled,
    /// Nobody completed it in time.
    Expired,
}

impl What {
    /// Which kind it is.
    pub const fn kind(&self) -> BelongingKind {
        match self {
            Self::File(_) => BelongingKind::File,
            Self::Batch(_) => BelongingKind::Batch,
            Self::Response(_) => BelongingKind::Response,
            Self::Upload(_) => BelongingKind::Upload,
        }
    }
}

impl BelongingKind {
    /// Its name in a column.
    pub const fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Batch => "batch",
            Self::Response => "response",
            Self::Upload => "upload",
        }
    }
}

impl Belonging {
    /// The file, if it is one.
    pub fn file(&self) -> Option<&FileFacts> {
        match &self.what {
            What::File(file) => Some(file),
            What::Batch(_) | What::Response(_) | What::Upload(_) => None,
        }
    }

    /// The batch, if it is one.
    pub fn batch(&self) -> Option<&BatchFacts> {
        match &self.what {
            What::Batch(batch) => Some(batch),
            What::File(_) | What::Response(_) | What::Upload(_) => None,
        }
    }

    /// The response, if it is one.
    pub fn response(&self) -> Option<&ResponseFacts> {
        match &self.what {
            What::Response(response) => Some(response),
            What::File(_) | What::Batch(_) | What::Upload(_) => None,
        }
    }

    /// The upload, if it is one.
    pub fn upload(&self) -> Option<&UploadFacts> {
        match &self.what {
            What::Upload(upload) => Some(upload),
            What::File(_) | What::Batch(_) | What::Response(_) => None,
        }
    }

    /// What is owed for it.
    pub fn owed(&self) -> Option<&Owed> {
        match &self.what {
            What::File(_) | What::Upload(_) => None,
            What::Batch(batch) => Some(&batch.owed),
            What::Response(response) => response.owed.as_ref(),
        }
    }

    /// Whether something is owed for it that is not charged yet; of an upload, whether it waits.
    pub fn is_open(&self) -> bool {
        match self.upload() {
            None => self.owed().is_some_and(|owed| owed.open),
            Some(upload) => match upload.status {
                UploadStatus::Pending | UploadStatus::Completing => true,
                UploadStatus::Completed | UploadStatus::Cancelled | UploadStatus::Expired => false,
            },
        }
    }

    /// Nothing more is owed for it: its hold has ended.
    pub fn close(&mut self) {
        let owed = match &mut self.what {
            What::File(_) | What::Upload(_) => None,
            What::Batch(batch) => Some(&mut batch.owed),
            What::Response(response) => response.owed.as_mut(),
        };
        if let Some(owed) = owed {
            owed.open = false;
        }
    }

    /// What a file is for.
    pub fn purpose(&self) -> Option<&str> {
        self.file().map(|file| file.purpose.as_str())
    }

    /// How it stands, as a column tells: what is owed for is open until it is charged, and an
    /// upload until it has ended.
    pub fn state(&self) -> &'static str {
        if self.deleted_at.is_some() {
            "deleted"
        } else if self.is_open() {
            "open"
        } else {
            "kept"
        }
    }
}
