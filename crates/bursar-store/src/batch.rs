//! The one write verb and what goes into it.

use async_trait::async_trait;
use bursar_award::appeals::Appeal;
use bursar_award::asking::Question;
use bursar_award::assignment::Assignment;
use bursar_award::claims::Claim;
use bursar_award::members::Member;
use bursar_award::panel::{Conflict, Profile};
use bursar_award::participants::Participant;
use bursar_award::review_draft::ReviewDraft;
use bursar_award::{Application, Event as ApplicationEvent, Review};
use bursar_institutions::Institution;
use bursar_kernel::{Actor, LeaseId, NodeId, Timestamp};
use bursar_ledger::{Command, LeaseCommand, Outcome, Refusal};
use bursar_market::{Listing, Trade};
use bursar_outbox::{Address, Delivery};
use bursar_policy::{AccessRequest, Lent, TooFast};

use crate::accounts::AccountWrite;
use crate::applying::ApplyingWrite;
use crate::rates::RateWrite;
use crate::rows::{
    AuditLine, Belonging, Call, Card, CardCheck, Edition, Erasure, Grant, IdempotencyKey, Key,
    LinkedIdentity, Mail, Notice, Passkey, Person, PriceTable, SealedSecret, SecretHash, Session,
    SignInLink, Stop, Study,
};

/// Everything that one use case writes: all of it, or nothing.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Who writes.
    pub by: Actor,
    /// The instant it was decided at.
    pub now: Timestamp,
    /// What is written, in this order.
    pub writes: Vec<Write>,
}

impl Batch {
    /// An empty batch.
    pub fn new(by: Actor, now: Timestamp) -> Self {
        Self { by, now, writes: Vec::new() }
    }

    /// A batch of one movement of the book.
    pub fn ledger(by: Actor, now: Timestamp, command: Command) -> Self {
        Self { by, now, writes: vec![Write::Ledger(command)] }
    }

    /// The batch with one more write.
    #[must_use]
    pub fn with(mut self, write: impl Into<Write>) -> Self {
        self.writes.push(write.into());
        self
    }

    /// Whether it settles a call, or keeps those in touch that share the store: such batches go
    /// ahead of others and are never turned away, since the money was set aside before.
    pub fn goes_ahead(&self) -> bool {
        self.writes.iter().any(|write| {
            matches!(
                write,
                Write::Ledger(
                    Command::Capture { .. }
                        | Command::Release { .. }
                        | Command::Suspend { .. }
                        | Command::Lease(LeaseCommand::Report(_) | LeaseCommand::Fence { .. })
                ) | Write::Beat(_)
                    | Write::Recall(_)
                    | Write::Rate(RateWrite::AskBack { .. })
            )
        })
    }
}

/// One thing to write.
#[derive(Clone, Debug)]
pub enum Write {
    /// A command to the book; it is decided where it is written.
    Ledger(Command),
    /// A row.
    Row(Row, Expect),
    /// Marks a sign-in link as used. Conflicts if it was used before.
    UseSignInLink(SecretHash),
    /// Signs a session out.
    EndSession(SecretHash),
    /// Marks a mail as handed to a mail server.
    MailSent(bursar_kernel::MailId),
    /// Forgets the idempotency keys that were begun, or answered, before an instant.
    ForgetIdempotencyKeys(Timestamp),
    /// Something the installation remembers about itself.
    Setting {
        /// Its name.
        key: &'static str,
        /// Its value.
        value: String,
    },
    /// A process says that it lives.
    Beat(NodeId),
    /// A process leaves, or is taken for dead.
    Leave(NodeId),
    /// Asks the node of a lease to give back what is not set aside of it.
    Recall(LeaseId),
    /// Parts of rate limits are lent, asked for and given back.
    Rate(RateWrite),
    /// Files of applications, and forms whose session had ended.
    Applying(ApplyingWrite),
    /// Ways to sign in, beside their rows.
    Account(AccountWrite),
    /// An institution, in place of what was known of it.
    Institution(Box<Institution>),
}

impl Write {
    /// The command to the book, if it is one.
    pub const fn command(&self) -> Option<&Command> {
        match self {
            Self::Ledger(command) => Some(command),
            Self::Row(..)
            | Self::UseSignInLink(_)
            | Self::EndSession(_)
            | Self::MailSent(_)
            | Self::ForgetIdempotencyKeys(_)
            | Self::Setting { .. }
            | Self::Beat(_)
            | Self::Leave(_)
            | Self::Recall(_)
            | Self::Rate(_)
            | Self::Applying(_)
            | Self::Account(_)
            | Self::Institution(_) => None,
        }
    }
}

/// A row to write whole.
#[derive(Clone, Debug)]
pub enum Row {
    /// Somebody with an account.
    Person(Person),
    /// A link that signs somebody in.
    SignInLink(SignInLink),
    /// A signed-in browser.
    Session(Session),
    /// An application, with what happened to it in this batch.
    Application(Box<Application>, Vec<ApplicationEvent>),
    /// A review.
    Review(Review),
    /// A grant.
    Grant(Box<Grant>),
    /// A gateway key.
    Key(Box<Key>),
    /// A settled call.
    Call(Box<Call>),
    /// A mail.
    Mail(Mail),
    /// How far a mail is on its way.
    Delivery(Box<Delivery>),
    /// Who somebody is at a provider.
    Identity(Box<LinkedIdentity>),
    /// A passkey.
    Passkey(Box<Passkey>),
    /// A wish to be forgotten.
    Erasure(Box<Erasure>),
    /// What is known of a mail address.
    Address(Box<Address>),
    /// Something that a grant's holder was told.
    Notice(Notice),
    /// A line of the audit trail.
    Audit(AuditLine),
    /// An offer to sell credit.
    Listing(Box<Listing>),
    /// A sale of credit.
    Trade(Box<Trade>),
    /// A request for a limited model.
    AccessRequest(Box<AccessRequest>),
    /// Somebody's payment card.
    Card(Card),
    /// A check of a payment card.
    CardCheck(Box<CardCheck>),
    /// A request that may be sent twice.
    IdempotencyKey(Box<IdempotencyKey>),
    /// Something that a grant made in an upstream's account.
    Belonging(Box<Belonging>),
    /// Something that was stopped, or started again.
    Stop(Box<Stop>),
    /// A price table.
    PriceTable(Box<PriceTable>),
    /// An edition of a program.
    Edition(Box<Edition>),
    /// Somebody who takes part in an application.
    Member(Box<Member>),
    /// A question about an application.
    Question(Box<Question>),
    /// A named budget of a grant.
    Study(Box<Study>),
    /// Something that is to show an affiliation.
    Claim(Box<Claim>),
    /// A verdict that a person is asked to look at.
    Appeal(Box<Appeal>),
    /// Who reviews an application.
    Assignment(Box<Assignment>),
    /// Why somebody does not review an application.
    Conflict(Box<Conflict>),
    /// What a reviewer says of themselves.
    Profile(Box<Profile>),
    /// A review that is not sent in.
    ReviewDraft(Box<ReviewDraft>),
    /// Somebody who takes part in a grant.
    Participant(Box<Participant>),
    /// A sealed secret.
    SealedSecret(Box<SealedSecret>),
}

/// What must be true of a row for it to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// It is not there yet.
    New,
    /// It is there, in this version. Rows that are written once (links, sessions, calls, mails,
    /// notices, audit lines) conflict.
    Version(u64),
}

impl From<Command> for Write {
    fn from(command: Command) -> Self {
        Self::Ledger(command)
    }
}

impl From<ApplyingWrite> for Write {
    fn from(write: ApplyingWrite) -> Self {
        Self::Applying(write)
    }
}

impl From<AccountWrite> for Write {
    fn from(write: AccountWrite) -> Self {
        Self::Account(write)
    }
}

impl From<Institution> for Write {
    fn from(institution: Institution) -> Self {
        Self::Institution(Box::new(institution))
    }
}

impl From<Mail> for Write {
    fn from(mail: Mail) -> Self {
        Self::Row(Row::Mail(mail), Expect::New)
    }
}

impl From<Notice> for Write {
    fn from(notice: Notice) -> Self {
        Self::Row(Row::Notice(notice), Expect::New)
    }
}

impl From<AuditLine> for Write {
    fn from(line: AuditLine) -> Self {
        Self::Row(Row::Audit(line), Expect::New)
    }
}

/// What a batch came to.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Receipt {
    /// The outcome of each command to the book, in the batch's order.
    pub outcomes: Vec<Outcome>,
    /// What was lent of rate limits to each that asked, in the batch's order.
    pub lent: Vec<Vec<Lent>>,
}

/// Why a batch was not written. Nothing of it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// The book said no.
    #[error("the book refused the movement")]
    Refused(#[source] Refusal),
    /// A row is not what the batch was decided on: load it and decide again.
    #[error("{0} was changed by somebody else meanwhile")]
    Conflict(String),
    /// A batch that somebody wants to send does not fit into the queue of their limits.
    #[error("the queue for batches is full")]
    Full(TooFast),
    /// The store cannot write now; the batch may be offered again.
    #[error("the store cannot write now: {0}")]
    Unavailable(String),
}

/// The one way to write.
#[async_trait]
pub trait Commit: Send + Sync {
    /// Writes a batch whole, or not at all. When it returns, what was written is durable.
    ///
    /// Once first polled, the batch is decided and written even if the caller stops waiting.
    async fn commit(&self, batch: Batch) -> Result<Receipt, CommitError>;
}
