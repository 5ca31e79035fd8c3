//! Payments by card: a hosted page takes the card, the amount is held, then captured or let go.
//! Never sees a card's number, never decides whether to pay, and never remembers anything.

mod answer;
mod cents;
mod form;
mod stripe;
mod transport;

use async_trait::async_trait;
use bursar_kernel::Usd;

pub use cents::{from_cents, to_cents};
pub use stripe::{Config, ConfigError, STRIPE, Stripe};

/// What a payment provider is asked to do. Each request that changes something carries a key of
/// its caller's: asked again under the same key, it is done once and answered the same.
#[async_trait]
pub trait Payments: Send + Sync {
    /// Opens a hosted page on which somebody gives their card, so that the amount can be held.
    async fn open(&self, wanted: &Checkout, key: &str) -> Result<Session, PaymentError>;
    /// Where a hosted page stands, with its payment and the card that was given.
    async fn session(&self, id: &str) -> Result<Session, PaymentError>;
    /// Lets go of a payment's hold. Nothing is charged.
    async fn cancel(&self, payment: &str, key: &str) -> Result<Payment, PaymentError>;
    /// Takes a payment's amount, or less of it; the rest of the hold is let go.
    async fn capture(&self, payment: &str, amount: Usd, key: &str)
    -> Result<Payment, PaymentError>;
    /// Where the hosted pages are, as scheme and host: what a browser must be let through to.
    fn hosted_origin(&self) -> &str;
}

/// What a hosted page asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkout {
    /// What is held on the card: whole cents.
    pub amount: Usd,
    /// What the page says it is for, in a line.
    pub title: String,
    /// What we call it, as the provider's records show it.
    pub reference: String,
    /// The mail address that the page starts with.
    pub email: String,
    /// Where the browser goes once the card was taken. Proves nothing: ask for the session.
    pub success_url: String,
    /// Where the browser goes when somebody turns back.
    pub cancel_url: String,
}

/// A hosted page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The provider's name for it.
    pub id: String,
    /// Its address, while it takes a card.
    pub url: Option<String>,
    /// Where it stands.
    pub state: SessionState,
    /// Its payment, once somebody has tried a card.
    pub payment: Option<Payment>,
}

/// Where a hosted page stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionState {
    /// It takes a card.
    Open,
    /// A card was taken.
    Complete,
    /// Nobody gave a card in time.
    Expired,
}

/// A payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// The provider's name for it.
    pub id: String,
    /// Where it stands.
    pub state: PaymentState,
    /// What it is over.
    pub amount: Usd,
    /// What has been taken of it.
    pub captured: Usd,
    /// The card, as much of it as may be shown.
    pub card: Option<Card>,
    /// Why the last card was declined, in the provider's words.
    pub declined: Option<String>,
}

/// Where a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentState {
    /// It has no card that works yet.
    NeedsCard,
    /// The amount is held on the card, and can be captured or let go.
    Held,
    /// The hold was let go; nothing was charged.
    Canceled,
    /// The amount, or part of it, was taken.
    Captured,
}

/// As much of a card as may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// Whose network: `visa`.
    pub brand: String,
    /// Its last four digits.
    pub last4: String,
    /// The month it is good through, 1 to 12.
    pub exp_month: u8,
    /// The year of that month.
    pub exp_year: u16,
}

/// Why a payment provider did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum PaymentError {
    /// A card pays whole cents, from half a dollar up.
    #[error("${0} cannot be paid by card\nhint: use whole cents, from $0.50 to $999,999.99")]
    Amount(Usd),
    /// It says no, and will say so again.
    #[error("the payment provider refused: {message}")]
    Refused {
        /// Its word for why: `resource_missing`.
        code: String,
        /// Its sentence.
        message: String,
    },
    /// It does not take our key.
    #[error(
        "the payment provider does not take this installation's key\n\
         hint: whoever runs it has to check `[payments]` in the configuration"
    )]
    Key,
    /// It cannot be reached, or cannot answer now; asking again is safe.
    #[error(
        "the payment provider cannot be reached now: {0}\n\
         hint: nothing was charged; try again in a few minutes"
    )]
    Unavailable(String),
}

impl PaymentError {
    /// Whether the provider knows nothing by the name that was asked for.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Refused { code, .. } if code == "resource_missing")
    }
}
