//! Payment cards, as much of them as may be shown.

use bursar_kernel::{CardCheckId, GrantId, Timestamp, Usd};
use bursar_store::rows::{Card, CardCheck, CardFace};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Somebody's card and its checks. A card's number never comes here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CardState {
    /// Their verified card, if they have one.
    pub card: Option<CardLine>,
    /// Their checks, latest first.
    pub checks: Vec<CardCheckLine>,
}

/// A verified card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CardLine {
    /// What it looks like.
    #[serde(flatten)]
    pub face: CardFaceLine,
    /// When it was verified.
    #[schema(value_type = String, format = DateTime)]
    pub verified_at: Timestamp,
}

/// What a card looks like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CardFaceLine {
    /// Whose network.
    #[schema(example = "visa")]
    pub brand: String,
    /// Its last four digits.
    #[schema(example = "4242")]
    pub last4: String,
    /// The month and year that it is good through.
    #[schema(example = "2029-08")]
    pub good_through: String,
}

/// A check of a card: an amount is held on it for a moment, and let go. Nothing is charged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CardCheckLine {
    /// Its name.
    #[schema(value_type = String)]
    pub id: CardCheckId,
    /// The grant whose page it was begun from.
    #[schema(value_type = String)]
    pub grant: GrantId,
    /// What is held.
    #[schema(value_type = String, example = "5.00")]
    pub amount: Usd,
    /// `started` (the hosted page waits), `held`, `released` or `failed`.
    #[schema(example = "released")]
    pub state: String,
    /// The card, once the amount was held.
    pub card: Option<CardFaceLine>,
    /// Why a card was declined, or why the check failed.
    pub said: Option<String>,
    /// When it was begun.
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Timestamp,
    /// When the hold was seen.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub held_at: Option<Timestamp>,
    /// When the hold was let go, or the check failed.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
}

impl CardState {
    /// A card with its checks.
    pub fn new(card: Option<Card>, checks: Vec<CardCheck>) -> Self {
        let line = |card: Card| CardLine { face: card.face.into(), verified_at: card.verified_at };
        Self { card: card.map(line), checks: checks.into_iter().map(Into::into).collect() }
    }
}

impl From<CardFace> for CardFaceLine {
    fn from(face: CardFace) -> Self {
        let good_through = format!("{:04}-{:02}", face.exp_year, face.exp_month);
        Self { brand: face.brand, last4: face.last4, good_through }
    }
}

impl From<CardCheck> for CardCheckLine {
    fn from(check: CardCheck) -> Self {
        Self {
            id: check.id,
            grant: check.grant,
            amount: check.amount,
            state: check.state.name().to_owned(),
            card: check.face.map(Into::into),
            said: check.said,
            started_at: check.started_at,
            held_at: check.held_at,
            ended_at: check.ended_at,
        }
    }
}
