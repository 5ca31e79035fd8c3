//! Accounts and their balances.

use std::fmt;
use std::str::FromStr;

use bursar_kernel::{Cap, LeaseId, LotId, PersonId, ProgramId, Usd};

/// An account of the book, named by what it is.
///
/// Rights (caps) and the market's cash are kept in the same way as credit, each in a [`Ledger`] of
/// its own: no transfer joins two.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// Where a program's money comes from: the only source of money. Never above zero.
    External(ProgramId),
    /// What a program may still award.
    Pool(ProgramId),
    /// What a program has promised and not delivered yet.
    Committed(ProgramId),
    /// The credit of one lot.
    Lot(LotId),
    /// What calls have spent.
    Used(ProgramId),
    /// What expired unspent.
    Breakage(ProgramId),
    /// What may have been spent, until somebody knows.
    Suspense(ProgramId),
    /// What an upstream billed above a hold and no lot could pay: the program's to explain. Never
    /// above zero.
    Overrun(ProgramId),
    /// Where rights come from. Never above zero.
    RightsIssued,
    /// What a key or a study may still spend, save what lowered caps have taken of it.
    Cap(Cap),
    /// What lowered caps have taken of the rights of a key or a study, those included that calls
    /// have set aside or nodes have borrowed: as much of what comes home is never lent again. Never
    /// above zero.
    Cut(Cap),
    /// Rights that calls have used up.
    RightsUsed,
    /// Where the market's cash comes from and goes to: cards and banks. Never above zero.
    CashExternal,
    /// Cash that somebody paid in to buy with.
    BuyerCash(PersonId),
    /// Cash that somebody has earned by selling, to be paid out.
    Payable(PersonId),
    /// What the market kept of its trades.
    Fees,
    /// What one life of a node may spend of a lot by itself.
    Lease(LeaseId),
    /// What that life may have spent, and did not live to report.
    LeaseSuspense(LeaseId),
    /// What one life of a node may spend of a cap's rights by itself.
    CapLease(LeaseId),
    /// The rights that it may have used up.
    CapSuspense(LeaseId),
}

impl Account {
    /// The accounts that say together what a cap still allows: see [`Balance::less_cut`].
    pub const fn of_cap(cap: Cap) -> [Self; 2] {
        [Self::Cap(cap), Self::Cut(cap)]
    }

    /// What kind of account it is.
    pub const fn kind(&self) -> AccountKind {
        match self {
            Self::External(_) => AccountKind::External,
            Self::Pool(_) => AccountKind::Pool,
            Self::Committed(_) => AccountKind::Committed,
            Self::Lot(_) => AccountKind::Lot,
            Self::Used(_) => AccountKind::Used,
            Self::Breakage(_) => AccountKind::Breakage,
            Self::Suspense(_) => AccountKind::Suspense,
            Self::Overrun(_) => AccountKind::Overrun,
            Self::RightsIssued => AccountKind::RightsIssued,
            Self::Cap(Cap::Key(_)) => AccountKind::KeyCap,
            Self::Cap(Cap::Study(_)) => AccountKind::StudyCap,
            Self::Cut(Cap::Key(_)) => AccountKind::KeyCut,
            Self::Cut(Cap::Study(_)) => AccountKind::StudyCut,
            Self::RightsUsed => AccountKind::RightsUsed,
            Self::CashExternal => AccountKind::CashExternal,
            Self::BuyerCash(_) => AccountKind::BuyerCash,
            Self::Payable(_) => AccountKind::Payable,
            Self::Fees => AccountKind::Fees,
            Self::Lease(_) => AccountKind::Lease,
            Self::LeaseSuspense(_) => AccountKind::LeaseSuspense,
            Self::CapLease(_) => AccountKind::CapLease,
            Self::CapSuspense(_) => AccountKind::CapSuspense,
        }
    }
}

/// The name that the store keeps: `lot/lot_01…`, `pool/openai-researcher-access`.
impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.kind().name();
        match self {
            Self::External(program)
            | Self::Pool(program)
            | Self::Committed(program)
            | Self::Used(program)
            | Self::Breakage(program)
            | Self::Suspense(program)
            | Self::Overrun(program) => write!(f, "{kind}/{program}"),
            Self::Lot(lot) => write!(f, "{kind}/{lot}"),
            Self::Cap(cap) | Self::Cut(cap) => write!(f, "{kind}/{cap}"),
            Self::BuyerCash(person) | Self::Payable(person) => write!(f, "{kind}/{person}"),
            Self::Lease(lease)
            | Self::LeaseSuspense(lease)
            | Self::CapLease(lease)
            | Self::CapSuspense(lease) => write!(f, "{kind}/{lease}"),
            Self::RightsIssued | Self::RightsUsed | Self::CashExternal | Self::Fees => {
                f.write_str(kind)
            }
        }
    }
}

/// Why a text is not an account's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the name of an account")]
pub struct AccountError(String);

impl FromStr for Account {
    type Err = AccountError;

    fn from_str(text: &str) -> Result<Self, AccountError> {
        let error = || AccountError(text.to_owned());
        let (kind, rest) = text.split_once('/').unwrap_or((text, ""));
        let kind = AccountKind::from_name(kind).ok_or_else(error)?;
        let program = || ProgramId::new(rest);
        Ok(match kind {
            AccountKind::External => Self::External(program()),
            AccountKind::Pool => Self::Pool(program()),
            AccountKind::Committed => Self::Committed(program()),
            AccountKind::Lot => Self::Lot(rest.parse().map_err(|_| error())?),
            AccountKind::Used => Self::Used(program()),
            AccountKind::Breakage => Self::Breakage(program()),
            AccountKind::Suspense => Self::Suspense(program()),
            AccountKind::Overrun => Self::Overrun(program()),
            AccountKind::RightsIssued => Self::RightsIssued,
            AccountKind::KeyCap => Self::Cap(Cap::Key(rest.parse().map_err(|_| error())?)),
            AccountKind::KeyCut => Self::Cut(Cap::Key(rest.parse().map_err(|_| error())?)),
            AccountKind::StudyCap => Self::Cap(Cap::Study(rest.parse().map_err(|_| error())?)),
            AccountKind::StudyCut => Self::Cut(Cap::Study(rest.parse().map_err(|_| error())?)),
            AccountKind::RightsUsed => Self::RightsUsed,
            AccountKind::CashExternal => Self::CashExternal,
            AccountKind::BuyerCash => Self::BuyerCash(rest.parse().map_err(|_| error())?),
            AccountKind::Payable => Self::Payable(rest.parse().map_err(|_| error())?),
            AccountKind::Fees => Self::Fees,
            AccountKind::Lease => Self::Lease(rest.parse().map_err(|_| error())?),
            AccountKind::LeaseSuspense => Self::LeaseSuspense(rest.parse().map_err(|_| error())?),
            AccountKind::CapLease => Self::CapLease(rest.parse().map_err(|_| error())?),
            AccountKind::CapSuspense => Self::CapSuspense(rest.parse().map_err(|_| error())?),
        })
    }
}

/// What kind of account it is; decides the ledger it is in and whether it may fall below zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccountKind {
    /// See [`Account::External`].
    External,
    /// See [`Account::Pool`].
    Pool,
    /// See [`Account::Committed`].
    Committed,
    /// See [`Account::Lot`].
    Lot,
    /// See [`Account::Used`].
    Used,
    /// See [`Account::Breakage`].
    Breakage,
    /// See [`Account::Suspense`].
    Suspense,
    /// See [`Account::Overrun`].
    Overrun,
    /// See [`Account::RightsIssued`].
    RightsIssued,
    /// See [`Account::Cap`].
    KeyCap,
    /// See [`Account::Cut`].
    KeyCut,
    /// See [`Account::Cap`].
    StudyCap,
    /// See [`Account::Cut`].
    StudyCut,
    /// See [`Account::RightsUsed`].
    RightsUsed,
    /// See [`Account::CashExternal`].
    CashExternal,
    /// See [`Account::BuyerCash`].
    BuyerCash,
    /// See [`Account::Payable`].
    Payable,
    /// See [`Account::Fees`].
    Fees,
    /// See [`Account::Lease`].
    Lease,
    /// See [`Account::LeaseSuspense`].
    LeaseSuspense,
    /// See [`Account::CapLease`].
    CapLease,
    /// See [`Account::CapSuspense`].
    CapSuspense,
}

/// What accounts count. The accounts of each ledger sum to zero, and no transfer leaves its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ledger {
    /// What calls are paid with.
    Credit,
    /// What keys and studies may spend.
    Rights,
    /// What credit is bought and sold for.
    Cash,
}

impl Ledger {
    /// Every ledger.
    pub const ALL: [Self; 3] = [Self::Credit, Self::Rights, Self::Cash];

    /// Its name in findings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Credit => "credit",
            Self::Rights => "rights",
            Self::Cash => "cash",
        }
    }
}

impl AccountKind {
    /// Every kind.
    pub const ALL: [Self; 22] = [
        Self::External,
        Self::Pool,
        Self::Committed,
        Self::Lot,
        Self::Used,
        Self::Breakage,
        Self::Suspense,
        Self::Overrun,
        Self::RightsIssued,
        Self::KeyCap,
        Self::KeyCut,
        Self::StudyCap,
        Self::StudyCut,
        Self::RightsUsed,
        Self::CashExternal,
        Self::BuyerCash,
        Self::Payable,
        Self::Fees,
        Self::Lease,
        Self::LeaseSuspense,
        Self::CapLease,
        Self::CapSuspense,
    ];

    /// The kind's name in the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::External => "external",
            Self::Pool => "pool",
            Self::Committed => "committed",
            Self::Lot => "lot",
            Self::Used => "used",
            Self::Breakage => "breakage",
            Self::Suspense => "suspense",
            Self::Overrun => "overrun",
            Self::RightsIssued => "rights_issued",
            Self::KeyCap => "key_cap",
            Self::KeyCut => "key_cut",
            Self::StudyCap => "study_cap",
            Self::StudyCut => "study_cut",
            Self::RightsUsed => "rights_used",
            Self::CashExternal => "cash_external",
            Self::BuyerCash => "buyer_cash",
            Self::Payable => "payable",
            Self::Fees => "fees",
            Self::Lease => "lease",
            Self::LeaseSuspense => "lease_suspense",
            Self::CapLease => "cap_lease",
            Self::CapSuspense => "cap_suspense",
        }
    }

    /// The kind of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether the account may fall below zero: only those where value enters the book, or that
    /// say what is owed.
    pub const fn may_be_negative(self) -> bool {
        matches!(
            self,
            Self::External
                | Self::Overrun
                | Self::RightsIssued
                | Self::KeyCut
                | Self::StudyCut
                | Self::CashExternal
        )
    }

    /// Whether charges of calls end up here.
    pub const fn takes_charges(self) -> bool {
        matches!(self, Self::Used | Self::RightsUsed)
    }

    /// What the account counts.
    pub const fn ledger(self) -> Ledger {
        match self {
            Self::External
            | Self::Pool
            | Self::Committed
            | Self::Lot
            | Self::Used
            | Self::Breakage
            | Self::Suspense
            | Self::Overrun
            | Self::Lease
            | Self::LeaseSuspense => Ledger::Credit,
            Self::RightsIssued
            | Self::KeyCap
            | Self::KeyCut
            | Self::StudyCap
            | Self::StudyCut
            | Self::RightsUsed
            | Self::CapLease
            | Self::CapSuspense => Ledger::Rights,
            Self::CashExternal | Self::BuyerCash | Self::Payable | Self::Fees => Ledger::Cash,
        }
    }
}

/// What stands on an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Balance {
    /// The sum of its transfers.
    pub posted: Usd,
    /// The part of it that open holds have set aside.
    pub held: Usd,
}

impl Balance {
    /// What a new hold or transfer can take.
    pub fn available(&self) -> Usd {
        self.posted.checked_sub(self.held).unwrap_or(Usd::ZERO)
    }

    /// What is left of a cap's rights once lowered caps have taken their part, which is `cut`'s:
    /// never less than holds have set aside.
    #[must_use]
    pub fn less_cut(self, cut: Self) -> Self {
        let left = self.posted.checked_add(cut.posted).unwrap_or(self.held);
        Self { posted: left.max(self.held), held: self.held }
    }
}
