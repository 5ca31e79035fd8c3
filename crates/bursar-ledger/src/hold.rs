//! Credit set aside for a call, and how that ends.

use bursar_kernel::{GrantId, HoldId, LotId, PersonId, Timestamp, Usd};
use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::refusal::Refusal;

/// Credit set aside for one call. It counts against every account it names until it is resolved,
/// once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Chosen by whoever asks for it.
    pub id: HoldId,
    /// Whose wallet.
    pub holder: PersonId,
    /// The one grant whose lots it may lie on, where its key is bound to one.
    pub grant: Option<GrantId>,
    /// How much: the most that the call can cost.
    pub amount: Usd,
    /// What each account set aside, in the order it was taken. Lots sum to `amount`; each cap
    /// sets aside the whole amount.
    pub parts: Vec<HoldPart>,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// Past this instant it is no longer resolved by a report but goes to suspense.
    pub settle_by: Timestamp,
    /// What it is for: free text for the store to keep (the call's own data).
    pub note: String,
    /// How it ended, if it has.
    pub resolution: Option<Resolution>,
    /// When it did.
    pub resolved_at: Option<Timestamp>,
    /// What it was found to have cost, once somebody knew; only one that lay in suspense.
    pub settled: Option<Usd>,
}

impl Hold {
    /// The lots it lies on, with what each set aside, in the order taken.
    pub fn lot_parts(&self) -> impl Iterator<Item = (LotId, Usd)> + '_ {
        self.parts.iter().filter_map(|part| match part.account {
            Account::Lot(lot) => Some((lot, part.amount)),
            Account::Cap(_)
            | Account::Cut(_)
            | Account::External(_)
            | Account::Pool(_)
            | Account::Committed(_)
            | Account::Used(_)
            | Account::Breakage(_)
            | Account::Suspense(_)
            | Account::Overrun(_)
            | Account::RightsIssued
            | Account::RightsUsed
            | Account::CashExternal
            | Account::BuyerCash(_)
            | Account::Payable(_)
            | Account::Fees
            | Account::Lease(_)
            | Account::LeaseSuspense(_)
            | Account::CapLease(_)
            | Account::CapSuspense(_) => None,
        })
    }

    /// Checks that it lies in suspense and may have cost an amount; says whether somebody has
    /// settled it so before.
    pub(crate) fn settled_before(&self, cost: Usd) -> Result<bool, Refusal> {
        let hold = self.id;
        match (self.resolution, self.settled) {
            (None | Some(Resolution::Captured(_) | Resolution::Released), _) => {
                Err(Refusal::NotInSuspense(hold))
            }
            (Some(Resolution::Suspended), Some(settled)) if settled == cost => Ok(true),
            (Some(Resolution::Suspended), Some(cost)) => Err(Refusal::SettledBefore { hold, cost }),
            (Some(Resolution::Suspended), None) if cost.is_negative() => {
                Err(Refusal::NotPositive(cost))
            }
            (Some(Resolution::Suspended), None) if self.amount < cost => {
                let held = self.amount;
                Err(Refusal::AboveHold { hold, held, cost })
            }
            (Some(Resolution::Suspended), None) => Ok(false),
        }
    }

    /// Whether a node has placed it on what it had borrowed: only that node's reports resolve it,
    /// and the end of its lease.
    pub fn is_on_lease(&self) -> bool {
        let mut accounts = self.parts.iter().map(|part| &part.account);
        accounts.any(|account| matches!(account, Account::Lease(_) | Account::CapLease(_)))
    }
}

/// What one account set aside for a hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldPart {
    /// A lot or a cap.
    pub account: Account,
    /// How much of it.
    pub amount: Usd,
}

/// How a hold ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// The call cost this much.
    Captured(Usd),
    /// The call cost nothing.
    Released,
    /// Nobody knows what it cost: all of it lies in suspense, until somebody does.
    Suspended,
}

/// What a hold in suspense was found to have cost, as an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Which hold.
    pub hold: HoldId,
    /// What it cost.
    pub cost: Usd,
}

/// A hold's end, as an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// Which hold.
    pub hold: HoldId,
    /// How it ended.
    pub resolution: Resolution,
    /// When.
    pub at: Timestamp,
    /// What each account has back from it: all that was set aside (charges are transfers).
    pub parts: Vec<HoldPart>,
}
