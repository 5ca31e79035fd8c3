//! Movements, and the events that change a book.

use bursar_kernel::{Actor, Cap, HoldId, Lot, Timestamp, TransferId, Usd};
use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::correction::Correction;
use crate::hold::{Hold, Resolved, Settled};
use crate::lease::Lease;

/// A movement of value from one account to another. Never changed once made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Chosen by whoever asks for it, so that asking again is harmless.
    pub id: TransferId,
    /// The account that gives.
    pub debit: Account,
    /// The account that receives.
    pub credit: Account,
    /// How much; above zero.
    pub amount: Usd,
    /// Why, in a word.
    pub kind: TransferKind,
    /// The hold it resolves, if it resolves one.
    pub hold: Option<HoldId>,
    /// When.
    pub at: Timestamp,
    /// Who asked for it.
    pub actor: Actor,
}

impl Transfer {
    /// Whether it is one of the movements that resolve a hold: they are named after it.
    pub fn is_named_after(&self, hold: HoldId) -> bool {
        TransferId::resolving(hold, 0) <= self.id
            && self.id < TransferId::resolving(hold.part(1), 0)
    }

    /// Whether another transfer asks for the same movement, whenever and whoever asked.
    pub fn same_content(&self, other: &Self) -> bool {
        self.debit == other.debit
            && self.credit == other.credit
            && self.amount == other.amount
            && self.kind == other.kind
            && self.hold == other.hold
    }
}

/// Why value moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransferKind {
    /// A program was given money.
    Fund,
    /// A program promised money.
    Commit,
    /// A promise was taken back.
    Uncommit,
    /// A lot was made.
    Issue,
    /// A call was charged.
    Charge,
    /// Credit expired unspent.
    Expire,
    /// A hold could not be settled in time, or its node died.
    Suspend,
    /// A key was given rights to spend.
    AllowKey,
    /// A key's cap was lowered.
    CutKey,
    /// A key got back what a lowered cap had taken: it was raised again.
    RestoreKey,
    /// A study was given rights to spend.
    AllowStudy,
    /// A study's cap was lowered.
    CutStudy,
    /// A study got back what a lowered cap had taken: it was raised again.
    RestoreStudy,
    /// Credit went back to its program's pool.
    Return,
    /// A part of a lot was taken back for its program's pool.
    ClawBack,
    /// All that was left of a lot was taken back for its program's pool.
    Void,
    /// A part of a lot was sold: it moved into a lot of the buyer's.
    Sell,
    /// The buyer's cash for it went to the seller.
    Pay,
    /// The market's part of that cash.
    Fee,
    /// Somebody paid cash in.
    PayIn,
    /// Cash that was not spent went back to whoever paid it in.
    Refund,
    /// A seller was paid out.
    PayOut,
    /// A node borrowed a part of a lot, or of a key's rights.
    Lend,
    /// What a node had borrowed and not spent went back.
    GiveBack,
    /// A call was charged that a node had authorised on what it had borrowed.
    ChargeLease,
    /// A call cost less or more than it was charged.
    Correct,
    /// What lay in suspense was found to be used, or not.
    Settle,
}

impl TransferKind {
    /// Every kind.
    pub const ALL: [Self; 27] = [
        Self::Fund,
        Self::Commit,
        Self::Uncommit,
        Self::Issue,
        Self::Charge,
        Self::Expire,
        Self::Suspend,
        Self::AllowKey,
        Self::CutKey,
        Self::RestoreKey,
        Self::AllowStudy,
        Self::CutStudy,
        Self::RestoreStudy,
        Self::Return,
        Self::ClawBack,
        Self::Void,
        Self::Sell,
        Self::Pay,
        Self::Fee,
        Self::PayIn,
        Self::Refund,
        Self::PayOut,
        Self::Lend,
        Self::GiveBack,
        Self::ChargeLease,
        Self::Correct,
        Self::Settle,
    ];

    /// The kind's name in the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fund => "fund",
            Self::Commit => "commit",
            Self::Uncommit => "uncommit",
            Self::Issue => "issue",
            Self::Charge => "charge",
            Self::Expire => "expire",
            Self::Suspend => "suspend",
            Self::AllowKey => "allow_key",
            Self::CutKey => "cut_key",
            Self::RestoreKey => "restore_key",
            Self::AllowStudy => "allow_study",
            Self::CutStudy => "cut_study",
            Self::RestoreStudy => "restore_study",
            Self::Return => "return",
            Self::ClawBack => "claw_back",
            Self::Void => "void",
            Self::Sell => "sell",
            Self::Pay => "pay",
            Self::Fee => "fee",
            Self::PayIn => "pay_in",
            Self::Refund => "refund",
            Self::PayOut => "pay_out",
            Self::Lend => "lend",
            Self::GiveBack => "give_back",
            Self::ChargeLease => "charge_lease",
            Self::Correct => "correct",
            Self::Settle => "settle",
        }
    }

    /// Whether it charges a call, as by far the most transfers do: they go from what somebody
    /// holds, or from nobody, to what is used.
    pub const fn is_charge(self) -> bool {
        matches!(self, Self::Charge | Self::ChargeLease)
    }

    /// Rights given to a cap.
    pub const fn allow(cap: Cap) -> Self {
        match cap {
            Cap::Key(_) => Self::AllowKey,
            Cap::Study(_) => Self::AllowStudy,
        }
    }

    /// Rights taken from a cap.
    pub const fn cut(cap: Cap) -> Self {
        match cap {
            Cap::Key(_) => Self::CutKey,
            Cap::Study(_) => Self::CutStudy,
        }
    }

    /// Rights given back to a cap.
    pub const fn restore(cap: Cap) -> Self {
        match cap {
            Cap::Key(_) => Self::RestoreKey,
            Cap::Study(_) => Self::RestoreStudy,
        }
    }

    /// The kind of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Something that happened to the book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A lot was made (its money follows in a transfer).
    LotIssued(Lot),
    /// Value moved.
    Transferred(Transfer),
    /// Credit was set aside.
    HoldPlaced(Hold),
    /// A hold was resolved: what it had set aside is free again, and what it took has moved in
    /// transfers of the same decision.
    HoldResolved(Resolved),
    /// Somebody knew what a hold in suspense had cost: it has moved in transfers of the same
    /// decision.
    HoldSettled(Settled),
    /// A lease was made or is changed: as it is from now on.
    LeaseChanged(Lease),
    /// A call was corrected: what it cost less or more has moved in transfers of the same decision.
    Corrected(Correction),
}
