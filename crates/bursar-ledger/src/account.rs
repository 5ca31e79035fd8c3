//! Accounts and their balances.

use std::fmt;
use std::str::FromStr;

use bursar_kernel::{KeyId, LotId, ProgramId, Usd};

/// An account of the book, named by what it is.
///
/// Rights (caps) are kept in the same way as money, in a ledger of their own: no transfer joins
/// the two.
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
    /// What a key may still spend.
    KeyCap(KeyId),
    /// Rights that calls have used up.
    RightsUsed,
}

impl Account {
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
            Self::KeyCap(_) => AccountKind::KeyCap,
            Self::RightsUsed => AccountKind::RightsUsed,
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
            Self::KeyCap(key) => write!(f, "{kind}/{key}"),
            Self::RightsIssued | Self::RightsUsed => f.write_str(kind),
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
            AccountKind::KeyCap => Self::KeyCap(rest.parse().map_err(|_| error())?),
            AccountKind::RightsUsed => Self::RightsUsed,
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
    /// See [`Account::KeyCap`].
    KeyCap,
    /// See [`Account::RightsUsed`].
    RightsUsed,
}

impl AccountKind {
    /// Every kind.
    pub const ALL: [Self; 11] = [
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
        Self::RightsUsed,
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
            Self::RightsUsed => "rights_used",
        }
    }

    /// The kind of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether the account may fall below zero: only those where value enters the book.
    pub const fn may_be_negative(self) -> bool {
        matches!(self, Self::External | Self::Overrun | Self::RightsIssued)
    }

    /// Whether the account counts rights rather than money.
    pub const fn counts_rights(self) -> bool {
        matches!(self, Self::RightsIssued | Self::KeyCap | Self::RightsUsed)
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
}
