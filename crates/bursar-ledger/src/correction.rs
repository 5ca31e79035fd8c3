//! Corrections: somebody knows what a call cost, after it was charged.

use bursar_kernel::limits::HOLD_PARTS_MAX;
use bursar_kernel::{
    Actor, Cap, CorrectionId, HoldId, LotId, ProgramId, Timestamp, TransferId, Usd,
};
use serde::{Deserialize, Deserializer, Serialize};

use crate::account::Account;
use crate::book::Book;
use crate::command::Needs;
use crate::lease::Leased;

/// Corrections of one call at the most: the provider's report is read once a day, for some weeks.
pub const CORRECTIONS_PER_CALL_MAX: u32 = 50;

/// A call cost less or more than it was charged: its last word is what counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correct {
    /// The correction's name: it counts once.
    pub id: CorrectionId,
    /// The hold that the call was charged under; the whole, where it lay on several leases.
    pub charge: HoldId,
    /// What it cost.
    pub cost: Usd,
    /// Who knows, and how.
    pub reason: String,
}

/// A correction that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// Its name.
    pub id: CorrectionId,
    /// The hold that the call was charged under.
    pub charge: HoldId,
    /// Which of the call's corrections, counted from one.
    pub number: u32,
    /// What the call had cost before it.
    pub before: Usd,
    /// What it costs since.
    pub cost: Usd,
    /// Who pays that, in the order that they were taken from: it sums to the cost.
    pub paid: Vec<Paid>,
    /// What it uses up of each cap's rights.
    #[serde(deserialize_with = "read_rights")]
    pub rights: Vec<(Cap, Usd)>,
    /// Who knows, and how.
    pub reason: String,
    /// When it was made.
    pub at: Timestamp,
    /// Who made it.
    pub actor: Actor,
}

/// Corrections are never changed: those from before studies had caps name one key at the most.
fn read_rights<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(Cap, Usd)>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Rights {
        Each(Vec<(Cap, Usd)>),
        OfKey(Option<(Cap, Usd)>),
    }
    Ok(match Rights::deserialize(deserializer)? {
        Rights::Each(rights) => rights,
        Rights::OfKey(rights) => rights.into_iter().collect(),
    })
}

/// A part of what a call cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paid {
    /// Who pays it.
    pub by: Payer,
    /// How much; nothing where all of it was given back.
    pub amount: Usd,
}

/// Who pays for a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payer {
    /// A lot, by itself or by what was lent of it.
    Lot(LotId),
    /// Nobody: the program has to explain it.
    Overrun(ProgramId),
}

/// What a call was charged, in the order of its movements.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Charged {
    pub(crate) paid: Vec<Paid>,
    pub(crate) rights: Vec<(Cap, Usd)>,
}

impl Correct {
    /// The names of all movements that can have charged the call: its holds' parts leave room for
    /// each other's.
    pub fn charges(&self) -> Vec<TransferId> {
        let count = MOVEMENTS_OF_A_PART.saturating_mul(HOLD_PARTS_MAX);
        (0..count).map(|ordinal| TransferId::resolving(self.charge, ordinal)).collect()
    }
}

/// See [`HoldId::part`].
const MOVEMENTS_OF_A_PART: u8 = 16;

impl Needs {
    /// Adds what a correction needs because of what its call was charged, which the book knows by
    /// now: a store loads the charge first, and then the accounts that paid it.
    pub fn follow_charge(&mut self, book: &Book) {
        let paid = book.corrections.values().flat_map(|made| &made.paid);
        self.lots.extend(paid.filter_map(|part| match part.by {
            Payer::Lot(lot) => Some(lot),
            Payer::Overrun(_) => None,
        }));
        let rights = book.corrections.values().flat_map(|made| &made.rights);
        self.accounts.extend(rights.map(|(cap, _)| Account::Cap(*cap)));
        for transfer in book.transfers.values() {
            match &transfer.debit {
                Account::Lot(lot) => self.lots.push(*lot),
                Account::Lease(lease)
                | Account::LeaseSuspense(lease)
                | Account::CapLease(lease)
                | Account::CapSuspense(lease) => self.leases.push(*lease),
                Account::Cap(cap) => self.accounts.push(Account::Cap(*cap)),
                // No other account pays for a call, save nobody's, which needs no balance to.
                Account::External(_)
                | Account::Pool(_)
                | Account::Committed(_)
                | Account::Used(_)
                | Account::Breakage(_)
                | Account::Suspense(_)
                | Account::Overrun(_)
                | Account::RightsIssued
                | Account::Cut(_)
                | Account::RightsUsed
                | Account::CashExternal
                | Account::BuyerCash(_)
                | Account::Payable(_)
                | Account::Fees => {}
            }
        }
    }
}

impl Book {
    /// The last correction of a call.
    pub(crate) fn last_correction(&self, charge: HoldId) -> Option<&Correction> {
        let of_call = self.corrections.values().filter(|made| made.charge == charge);
        of_call.max_by_key(|made| made.number)
    }

    /// What a call was charged, before any correction.
    pub(crate) fn charged(&self, wanted: &Correct) -> Charged {
        let mut charged = Charged::default();
        for id in wanted.charges() {
            let Some(made) = self.transfers.get(&id).filter(|made| made.kind.is_charge()) else {
                continue;
            };
            match self.payer(&made.debit) {
                Some(Paying::Credit(by)) => charged.paid.push(Paid { by, amount: made.amount }),
                Some(Paying::Rights(cap)) => {
                    match charged.rights.iter_mut().find(|(known, _)| *known == cap) {
                        Some((_, sum)) => *sum = sum.checked_add(made.amount).unwrap_or(Usd::MAX),
                        None => charged.rights.push((cap, made.amount)),
                    }
                }
                None => {}
            }
        }
        charged
    }

    /// Whose credit or rights an account holds.
    fn payer(&self, account: &Account) -> Option<Paying> {
        let leased = |lease| self.leases.get(lease).map(|lease| lease.of);
        match account {
            Account::Lot(lot) => Some(Paying::Credit(Payer::Lot(*lot))),
            Account::Overrun(program) => Some(Paying::Credit(Payer::Overrun(program.clone()))),
            Account::Cap(cap) => Some(Paying::Rights(*cap)),
            Account::Lease(lease)
            | Account::LeaseSuspense(lease)
            | Account::CapLease(lease)
            | Account::CapSuspense(lease) => Some(match leased(lease)? {
                Leased::Lot(lot) => Paying::Credit(Payer::Lot(lot)),
                Leased::Cap(cap) => Paying::Rights(cap),
            }),
            Account::External(_)
            | Account::Pool(_)
            | Account::Committed(_)
            | Account::Used(_)
            | Account::Breakage(_)
            | Account::Suspense(_)
            | Account::RightsIssued
            | Account::Cut(_)
            | Account::RightsUsed
            | Account::CashExternal
            | Account::BuyerCash(_)
            | Account::Payable(_)
            | Account::Fees => None,
        }
    }
}

enum Paying {
    Credit(Payer),
    Rights(Cap),
}
