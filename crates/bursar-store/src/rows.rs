//! What is remembered, row by row. Each row is written whole, with a version that grows by one.

use std::collections::BTreeSet;

use bursar_kernel::{
    Actor, ApplicationId, AuditId, Endpoint, GrantId, HoldId, KeyId, LotId, MailId, ModelId,
    PersonId, PriceVersion, ProgramId, RequestId, Role, Scope, ServiceTier, SessionId, StudyId,
    TierId, Timestamp, Usage, Usd,
};
use bursar_ledger::Milestone;
use serde::{Deserialize, Serialize};

mod belongings;
mod cards;
mod editions;
mod erasures;
mod idempotency;
mod identities;
mod kept;
mod passkeys;
mod prices;
mod sealed;
mod stops;
mod studies;

pub use belongings::{
    BatchFacts, Belonging, BelongingKind, FileFacts, Owed, ResponseFacts, UploadFacts, UploadPart,
    UploadStatus, What,
};
pub use cards::{Card, CardCheck, CardCheckState, CardFace};
pub use editions::Edition;
pub use erasures::{Erasure, ErasureState};
pub use idempotency::{IdempotencyKey, SealedAnswer};
pub use identities::LinkedIdentity;
pub use kept::KeptForm;
pub use passkeys::Passkey;
pub use prices::{PriceStanding, PriceTable};
pub use sealed::{SealedBytes, SealedSecret};
pub use stops::{Stop, Stoppable};
pub use studies::{Study, StudyTerms};

/// The blake3 hash of a secret: what is kept in its place.
pub type SecretHash = [u8; 32];

/// Somebody with an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Their name in the store.
    pub id: PersonId,
    /// Their mail address in lower case; unique.
    pub email: String,
    /// How they want to be called; empty until they say.
    pub name: String,
    /// What they may be, beyond an applicant.
    pub roles: BTreeSet<Role>,
    /// When they first came.
    pub created_at: Timestamp,
    /// Grows by one with each change.
    pub version: u64,
}

/// A mailed link that signs somebody in, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInLink {
    /// The hash of the link's secret.
    pub secret_hash: SecretHash,
    /// Whom it signs in.
    pub email: String,
    /// When it stops working.
    pub expires_at: Timestamp,
    /// When it was used.
    pub used_at: Option<Timestamp>,
}

/// A signed-in browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its name in logs and lists.
    pub id: SessionId,
    /// The hash of its cookie.
    pub secret_hash: SecretHash,
    /// Who is signed in.
    pub person: PersonId,
    /// Since when.
    pub created_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
    /// When it was signed out.
    pub ended_at: Option<Timestamp>,
}

/// An accepted award, credit issued by an officer, or credit bought on the market: the last has no
/// application, is delivered at once, and expires when what was sold would have. Keys, calls and
/// pages know no difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Its name.
    pub id: GrantId,
    /// The program it is of.
    pub program: ProgramId,
    /// The edition of the program's rules it is pinned to.
    pub program_version: u32,
    /// Who holds it.
    pub holder: PersonId,
    /// The application it came from, if it came from one.
    pub application: Option<ApplicationId>,
    /// What it is for, in a line.
    pub title: String,
    /// How much was awarded.
    pub amount: Usd,
    /// When the award was accepted, or the grant issued.
    pub created_at: Timestamp,
    /// From when on it may be delivered.
    pub deliver_from: Timestamp,
    /// The latest day that delivery was announced for.
    pub deliver_until: Timestamp,
    /// When its credit was delivered; `None` while it waits.
    pub delivered_at: Option<Timestamp>,
    /// When its credit expires; known once delivered.
    pub expires_at: Option<Timestamp>,
    /// A day that somebody set, sooner than the program's term; `None` for the term.
    pub expires_no_later_than: Option<Timestamp>,
    /// The lot that it became.
    pub lot: Option<LotId>,
    /// When an officer took all that was left of it back: it can spend nothing more.
    pub voided_at: Option<Timestamp>,
    /// A tier that an officer named for it; it counts where it is higher than the holder's own.
    pub tier: Option<TierId>,
    /// Grows by one with each change.
    pub version: u64,
}

/// A gateway API key. Its secret is shown once and kept nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its name in the store.
    pub id: KeyId,
    /// The grant whose credit it spends.
    pub grant: GrantId,
    /// Who holds the grant.
    pub holder: PersonId,
    /// Whom it is for: the holder, or somebody who takes part in the grant.
    pub person: PersonId,
    /// What its maker calls it.
    pub name: String,
    /// The hash of its secret; unique.
    pub secret_hash: SecretHash,
    /// The last characters of its secret, so that a person can tell keys apart.
    pub hint: String,
    /// What it may spend in all, if less than the grant.
    pub cap: Option<Usd>,
    /// The study that it belongs to, from its making on.
    pub study: Option<StudyId>,
    /// The models and endpoints that it is for.
    pub scope: Scope,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working by itself.
    pub expires_at: Option<Timestamp>,
    /// When somebody stopped it.
    pub revoked_at: Option<Timestamp>,
    /// Grows by one with each change.
    pub version: u64,
}

/// One call through the gateway, settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Its name, as its caller sees it in `x-request-id`.
    pub request: RequestId,
    /// The hold it was made under.
    pub hold: HoldId,
    /// The key it was made with.
    pub key: KeyId,
    /// The grant that paid.
    pub grant: GrantId,
    /// Where it went.
    pub endpoint: Endpoint,
    /// The catalog's model that priced it.
    pub model: ModelId,
    /// The service tier that priced it.
    pub tier: ServiceTier,
    /// Whether the answer was streamed.
    pub streamed: bool,
    /// What it used.
    pub usage: Usage,
    /// What was set aside for it.
    pub held: Usd,
    /// What it cost.
    pub cost: Usd,
    /// What the cost rests on.
    pub basis: Basis,
    /// How it went.
    pub outcome: CallOutcome,
    /// The status that its caller got.
    pub status: u16,
    /// The price table that priced it.
    pub price_version: PriceVersion,
    /// When it was received.
    pub started_at: Timestamp,
    /// When it was settled.
    pub ended_at: Timestamp,
}

/// What a call's cost rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The provider's own report.
    Reported,
    /// Counted from the input and the output that was seen: an estimate.
    Counted,
    /// The whole hold, since nobody knows better: an estimate.
    HeldInFull,
    /// Nothing was produced, so nothing is due.
    Nothing,
    /// Nobody wrote it down, and an operator settled it, as the provider's figures have it.
    Settled,
}

impl Basis {
    /// Its name in columns and on pages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reported => "reported",
            Self::Counted => "counted",
            Self::HeldInFull => "held_in_full",
            Self::Nothing => "nothing",
            Self::Settled => "settled",
        }
    }

    /// Whether the cost may still be corrected by the provider's own figures.
    pub const fn is_estimate(self) -> bool {
        matches!(self, Self::Counted | Self::HeldInFull)
    }
}

/// How a call went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallOutcome {
    /// The answer was delivered.
    Answered,
    /// The client left before the end.
    Abandoned,
    /// The upstream refused or failed.
    UpstreamFailed,
    /// The answer broke off, or took too long.
    CutOff,
    /// The process that carried it ended, and nobody knows how the call did.
    Lost,
}

impl CallOutcome {
    /// Its name in columns and on pages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Abandoned => "abandoned",
            Self::UpstreamFailed => "upstream_failed",
            Self::CutOff => "cut_off",
            Self::Lost => "lost",
        }
    }
}

/// A mail in the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Its name.
    pub id: MailId,
    /// To whom.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub body: String,
    /// The same for a program that shows HTML: what stands in the page's body. Empty in mails that
    /// were written before there was any.
    pub html: String,
    /// Which letter it is, as the register of letters has it; empty before there was one.
    pub letter: String,
    /// From then on nobody has any use for it.
    pub useless_after: Option<Timestamp>,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it was handed to a mail server.
    pub sent_at: Option<Timestamp>,
}

/// Something that a grant's holder was told; each once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The grant.
    pub grant: GrantId,
    /// What they were told.
    pub milestone: Milestone,
    /// When.
    pub at: Timestamp,
}

/// A line of the audit trail: who did what to what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditLine {
    /// Its name.
    pub id: AuditId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What, as `noun.verb`: `grant.issued`.
    pub action: String,
    /// To what: an identifier.
    pub subject: String,
    /// More, in a sentence; no secrets.
    pub detail: String,
}
