//! Payment cards, and the checks that they passed. A card's number is never here.

use bursar_kernel::{CardCheckId, GrantId, PersonId, Timestamp, Usd};
use serde::{Deserialize, Serialize};

/// As much of a card as may be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardFace {
    /// Whose network: `visa`.
    pub brand: String,
    /// Its last four digits.
    pub last4: String,
    /// The month it is good through, 1 to 12.
    pub exp_month: u8,
    /// The year of that month.
    pub exp_year: u16,
}

/// Somebody's payment card: it has held an amount once. Each person has one at the most.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// Whose; also its name.
    pub person: PersonId,
    /// What it looks like.
    pub face: CardFace,
    /// The check that it passed.
    pub check: CardCheckId,
    /// When it passed it.
    pub verified_at: Timestamp,
    /// Grows by one with each change.
    pub version: u64,
}

/// A check of a card: an amount is held on it for a moment, and let go. A person has one at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardCheck {
    /// Its name.
    pub id: CardCheckId,
    /// Whose card.
    pub person: PersonId,
    /// The grant whose page it was begun from.
    pub grant: GrantId,
    /// What is held.
    pub amount: Usd,
    /// The payment provider's name for the hosted page, once that is open.
    pub session: Option<String>,
    /// The payment provider's name for the payment, once the amount is held.
    pub payment: Option<String>,
    /// The card, once the amount is held.
    pub face: Option<CardFace>,
    /// Where it stands.
    pub state: CardCheckState,
    /// Why the last card was declined, or why the check failed.
    pub said: Option<String>,
    /// When it was begun.
    pub started_at: Timestamp,
    /// When the hold was seen.
    pub held_at: Option<Timestamp>,
    /// When the hold was let go, or the check failed.
    pub ended_at: Option<Timestamp>,
    /// When the provider is asked again, unless its owner comes back sooner.
    pub due_at: Timestamp,
    /// How often it was asked in vain.
    pub tries: u32,
    /// Grows by one with each change.
    pub version: u64,
}

/// Where a check of a card stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardCheckState {
    /// The hosted page waits for a card that works.
    Started,
    /// The amount is held: the card is verified, and the hold is still to be let go.
    Held,
    /// The hold was let go. Nothing was charged.
    Released,
    /// It came to nothing, or nobody knows what became of the hold.
    Failed,
}

impl CardCheckState {
    /// Its name in columns and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Held => "held",
            Self::Released => "released",
            Self::Failed => "failed",
        }
    }

    /// Whether something is still to happen.
    pub const fn is_open(self) -> bool {
        match self {
            Self::Started | Self::Held => true,
            Self::Released | Self::Failed => false,
        }
    }
}
