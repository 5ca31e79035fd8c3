//! What can be asked of a store. Reads see what was committed before they began.

use async_trait::async_trait;
use bursar_award::{Application, Event as ApplicationEvent, Review, State};
use bursar_kernel::{
    ApplicationId, Cap, GrantId, HoldId, KeyId, LeaseId, Lot, LotId, MailId, ModelId, PersonId,
    ProgramId, RequestId, RoundId, StudyId, Timestamp, Usd,
};
use bursar_ledger::audit::Auditor;
use bursar_ledger::chain::Link;
use bursar_ledger::{Account, Balance, Correction, Hold, Lease, Leased};
use jiff::civil::Date;

use crate::head::Head;
use crate::rows::{
    AuditLine, Call, Grant, Key, Mail, Notice, Person, SecretHash, Session, SignInLink, Study,
};
use crate::statements::StatementReads;

/// A store that could not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the store cannot be read: {0}")]
pub struct ReadError(pub String);

/// A lot and what stands on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LotState {
    /// The lot.
    pub lot: Lot,
    /// What stands on its account.
    pub balance: Balance,
    /// What nodes have borrowed of it and not spent, together.
    pub lent: Balance,
}

impl LotState {
    /// What can still be spent of it, here or at a node.
    pub fn available(&self) -> Usd {
        self.balance.available().checked_add(self.lent.available()).unwrap_or(Usd::MAX)
    }

    /// What calls in flight have set aside of it, as far as the book has heard of them.
    pub fn held(&self) -> Usd {
        self.balance.held.checked_add(self.lent.held).unwrap_or(Usd::MAX)
    }
}

/// A lease and what stands on its accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseState {
    /// The lease.
    pub lease: Lease,
    /// What its node can spend, and has begun.
    pub balance: Balance,
    /// What nobody knows of it whether it was spent.
    pub suspense: Usd,
}

/// Which leases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaseFilter {
    /// Those that have not ended.
    GoingOn,
    /// Those of one lot or of one cap's rights that have not ended.
    Of(Leased),
    /// Those with something in suspense, for somebody to settle.
    InSuspense,
}

/// Which lots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LotFilter {
    /// Those in a wallet.
    Holder(PersonId),
    /// Those of a grant.
    Grant(GrantId),
    /// Those that have expired by an instant with something free left on them.
    ExpiredWithCredit(Timestamp),
    /// Those that have not expired by an instant.
    Unexpired(Timestamp),
    /// One.
    Id(LotId),
}

/// Which holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldFilter {
    /// All that are open.
    Open,
    /// Open ones that should have been settled before an instant.
    Overdue(Timestamp),
    /// Those that lie in suspense and that nobody has settled.
    InSuspense {
        /// Of what.
        of: SuspenseOf,
        /// At the most so many.
        limit: usize,
    },
}

/// Which holds in suspense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuspenseOf {
    /// All of them.
    Everything,
    /// Those on one lease.
    Lease(LeaseId),
    /// Those of one call: its hold, or the parts of it that lie on leases.
    Call(HoldId),
}

/// What became of a grant's credit that nobody knew of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GrantSuspense {
    /// What lies in suspense.
    pub in_question: Usd,
    /// What was found to have been spent, by calls that nobody knows: it is in no call's cost.
    pub found_spent: Usd,
}

/// What whoever audits the book has to say against a call, if anything.
pub type CallCheck = Box<dyn FnMut(&Call) -> Option<String> + Send>;

/// What the book can be asked, with what moved in it.
#[async_trait]
pub trait BookReads: StatementReads {
    /// Lots with their balances, in the order of their names.
    async fn lots(&self, which: LotFilter) -> Result<Vec<LotState>, ReadError>;
    /// What stands on an account; nothing if it was never used.
    async fn balance(&self, account: Account) -> Result<Balance, ReadError>;
    /// What a cap still allows: see [`Balance::less_cut`].
    async fn cap_balance(&self, cap: Cap) -> Result<Balance, ReadError> {
        let [cap, cut] = Account::of_cap(cap);
        Ok(self.balance(cap).await?.less_cut(self.balance(cut).await?))
    }
    /// Holds, in the order of their names.
    async fn holds(&self, which: HoldFilter) -> Result<Vec<Hold>, ReadError>;
    /// Leases, in the order of their names.
    async fn leases(&self, which: LeaseFilter) -> Result<Vec<LeaseState>, ReadError>;
    /// The corrections of calls that were charged under these holds, each call's in order.
    async fn corrections(&self, charges: Vec<HoldId>) -> Result<Vec<Correction>, ReadError>;
    /// What of a grant lies in suspense, and what of it was found to be spent.
    async fn suspense_of(&self, grant: GrantId) -> Result<GrantSuspense, ReadError>;
    /// The link of the chain with a number, or the last one.
    async fn link(&self, number: Option<u64>) -> Result<Option<Link>, ReadError>;
    /// The whole book, row by row, in one consistent view, with a check of each call.
    async fn audit_with(&self, check: CallCheck) -> Result<Auditor, ReadError>;
    /// The whole book, row by row, in one consistent view.
    async fn audit(&self) -> Result<Auditor, ReadError> {
        self.audit_with(Box::new(|_| None)).await
    }
}

/// Which applications; every part that is given must match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApplicationFilter {
    /// Of this program.
    pub program: Option<ProgramId>,
    /// By this person.
    pub applicant: Option<PersonId>,
    /// In one of these states.
    pub states: Vec<State>,
    /// In this round.
    pub round: Option<RoundId>,
    /// One of these, where any are named; as many as a page has at the most.
    pub ids: Vec<ApplicationId>,
}

/// Which grants; every part that is given must match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GrantFilter {
    /// Of this program.
    pub program: Option<ProgramId>,
    /// Held by this person.
    pub holder: Option<PersonId>,
    /// Still waiting for a delivery that was due by this instant.
    pub due_by: Option<Timestamp>,
    /// Voided, and not expired by this instant.
    pub voided_alive_at: Option<Timestamp>,
}

/// Which calls: one page of a grant's, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallFilter {
    /// Paid by this grant.
    pub grant: GrantId,
    /// Made with keys of this person's; `None` for all keys.
    pub person: Option<PersonId>,
    /// Only calls older than this one.
    pub before: Option<RequestId>,
    /// At the most so many.
    pub limit: usize,
}

/// What was spent in all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spend {
    /// How much.
    pub cost: Usd,
    /// In how many calls.
    pub calls: u64,
    /// When last.
    pub last_at: Option<Timestamp>,
}

/// What was spent on a day (UTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DaySpend {
    /// The day.
    pub day: Date,
    /// How much.
    pub cost: Usd,
    /// In how many calls.
    pub calls: u64,
}

/// What calls with a key to a model cost on a day (UTC).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySpend {
    /// The day.
    pub day: Date,
    /// The key.
    pub key: KeyId,
    /// The model.
    pub model: ModelId,
    /// How much.
    pub cost: Usd,
    /// In how many calls.
    pub calls: u64,
}

/// What everything but the book can be asked. Not found is `None`.
#[async_trait]
pub trait Reads: Send + Sync {
    /// Somebody by name.
    async fn person(&self, id: PersonId) -> Result<Option<Person>, ReadError>;
    /// Somebody by mail address, in lower case.
    async fn person_by_email(&self, email: String) -> Result<Option<Person>, ReadError>;
    /// Everybody, by mail address.
    async fn people(&self) -> Result<Vec<Person>, ReadError>;
    /// Those of some people who are there, in any order. Nobody is named twice.
    async fn people_by_ids(&self, ids: Vec<PersonId>) -> Result<Vec<Person>, ReadError>;
    /// A sign-in link by its secret's hash.
    async fn sign_in_link(&self, hash: SecretHash) -> Result<Option<SignInLink>, ReadError>;
    /// A session by its cookie's hash.
    async fn session(&self, hash: SecretHash) -> Result<Option<Session>, ReadError>;
    /// An application.
    async fn application(&self, id: ApplicationId) -> Result<Option<Application>, ReadError>;
    /// Applications, latest first.
    async fn applications(&self, which: ApplicationFilter) -> Result<Vec<Application>, ReadError>;
    /// The same, with the beginnings of their answers alone.
    async fn heads(&self, which: ApplicationFilter) -> Result<Vec<Head>, ReadError>;
    /// The rounds in which some application is in a state, each once, in order.
    async fn rounds_with(&self, state: State) -> Result<Vec<(ProgramId, RoundId)>, ReadError>;
    /// What happened to an application, in order.
    async fn history(&self, id: ApplicationId) -> Result<Vec<ApplicationEvent>, ReadError>;
    /// The reviews of an application, in order.
    async fn reviews(&self, application: ApplicationId) -> Result<Vec<Review>, ReadError>;
    /// A grant.
    async fn grant(&self, id: GrantId) -> Result<Option<Grant>, ReadError>;
    /// Grants, latest first.
    async fn grants(&self, which: GrantFilter) -> Result<Vec<Grant>, ReadError>;
    /// A key by name.
    async fn key(&self, id: KeyId) -> Result<Option<Key>, ReadError>;
    /// A key by its secret's hash.
    async fn key_by_hash(&self, hash: SecretHash) -> Result<Option<Key>, ReadError>;
    /// The keys of a grant, in the order they were made.
    async fn keys(&self, grant: GrantId) -> Result<Vec<Key>, ReadError>;
    /// A study.
    async fn study(&self, id: StudyId) -> Result<Option<Study>, ReadError>;
    /// The studies of a grant, in the order they were made.
    async fn studies(&self, grant: GrantId) -> Result<Vec<Study>, ReadError>;
    /// A settled call.
    async fn call(&self, request: RequestId) -> Result<Option<Call>, ReadError>;
    /// The settled calls among those that these holds were made for, with their holds.
    async fn calls_of_holds(
        &self,
        holds: Vec<HoldId>,
    ) -> Result<Vec<(HoldId, RequestId)>, ReadError>;
    /// Settled calls, newest first.
    async fn calls(&self, which: CallFilter) -> Result<Vec<Call>, ReadError>;
    /// What a grant's calls have spent, by key.
    async fn spend_by_key(&self, grant: GrantId) -> Result<Vec<(KeyId, Spend)>, ReadError>;
    /// What a grant's calls have spent, by model, the dearest first.
    async fn spend_by_model(&self, grant: GrantId) -> Result<Vec<(ModelId, Spend)>, ReadError>;
    /// What a grant's calls cost by day, key and model, in the order of the days: from sums that
    /// are kept, so it grows with those alone.
    async fn spend_by_all(&self, grant: GrantId) -> Result<Vec<KeySpend>, ReadError>;
    /// What a grant's calls have spent, by day, in order; days without a call are left out.
    async fn spend_by_day(&self, grant: GrantId) -> Result<Vec<DaySpend>, ReadError>;
    /// What a grant's holder was told, in order.
    async fn notices(&self, grant: GrantId) -> Result<Vec<Notice>, ReadError>;
    /// The latest mails, newest first.
    async fn mails(&self, limit: usize) -> Result<Vec<Mail>, ReadError>;
    /// A mail.
    async fn mail(&self, id: MailId) -> Result<Option<Mail>, ReadError>;
    /// The latest lines of the audit trail, newest first.
    async fn audit_trail(&self, limit: usize) -> Result<Vec<AuditLine>, ReadError>;
    /// Something the installation remembers about itself.
    async fn setting(&self, key: &'static str) -> Result<Option<String>, ReadError>;
}
