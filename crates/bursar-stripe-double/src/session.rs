//! A checkout session and the payment behind it: which state follows which.

use bursar_kernel::Timestamp;
use jiff::SignedDuration;

use crate::answer::Refusal;
use crate::card::{Card, Decline};

/// How long a hosted page takes a card: Stripe's default.
const SESSION_LIFE: SignedDuration = SignedDuration::from_hours(24);
/// How long a hold lasts on most networks.
const HOLD_LIFE: SignedDuration = SignedDuration::from_hours(24 * 7);

/// What a session was opened with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Opened {
    pub(crate) cents: i64,
    pub(crate) title: String,
    pub(crate) reference: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) success_url: String,
    pub(crate) cancel_url: Option<String>,
    pub(crate) captured_by_hand: bool,
    pub(crate) metadata: Vec<(String, String)>,
    pub(crate) payment_metadata: Vec<(String, String)>,
}

/// A hosted page.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) opened: Opened,
    pub(crate) created: Timestamp,
    /// Its payment, once a card was tried.
    pub(crate) intent: Option<Intent>,
}

/// Where a hosted page stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Open,
    Complete,
    Expired,
}

/// A payment: Stripe calls it an intent.
#[derive(Clone, Debug)]
pub(crate) struct Intent {
    pub(crate) id: String,
    pub(crate) created: Timestamp,
    pub(crate) state: IntentState,
    pub(crate) card: Option<Card>,
    pub(crate) declined: Option<Decline>,
}

/// Where a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IntentState {
    RequiresPaymentMethod,
    RequiresCapture { until: Timestamp },
    Canceled { at: Timestamp, by_itself: bool },
    Succeeded { cents: i64 },
}

impl IntentState {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::RequiresPaymentMethod => "requires_payment_method",
            Self::RequiresCapture { .. } => "requires_capture",
            Self::Canceled { .. } => "canceled",
            Self::Succeeded { .. } => "succeeded",
        }
    }
}

impl Session {
    pub(crate) fn expires_at(&self) -> Timestamp {
        self.created + SESSION_LIFE
    }

    pub(crate) fn status(&self, now: Timestamp) -> Status {
        let waits = self.intent.as_ref().is_none_or(|it| {
            // A payment that never had a card leaves its page as it is.
            it.state == IntentState::RequiresPaymentMethod || it.card.is_none()
        });
        match (waits, now < self.expires_at()) {
            (false, _) => Status::Complete,
            (true, true) => Status::Open,
            (true, false) => Status::Expired,
        }
    }

    /// Lets time do what it does: an expired page ends its payment, a hold ends by itself.
    pub(crate) fn age(&mut self, now: Timestamp) {
        let expires_at = self.expires_at();
        let Some(intent) = &mut self.intent else { return };
        match intent.state {
            IntentState::RequiresPaymentMethod if expires_at <= now => {
                intent.state = IntentState::Canceled { at: expires_at, by_itself: true };
            }
            IntentState::RequiresCapture { until } if until <= now => {
                intent.state = IntentState::Canceled { at: until, by_itself: true };
            }
            IntentState::RequiresPaymentMethod
            | IntentState::RequiresCapture { .. }
            | IntentState::Canceled { .. }
            | IntentState::Succeeded { .. } => {}
        }
    }

    /// A card was tried on the open page.
    pub(crate) fn tried(&mut self, id: String, card: Card, no: Option<Decline>, now: Timestamp) {
        let cents = self.opened.cents;
        let by_hand = self.opened.captured_by_hand;
        let intent = self.intent.get_or_insert(Intent {
            id,
            created: now,
            state: IntentState::RequiresPaymentMethod,
            card: None,
            declined: None,
        });
        intent.declined = no;
        if no.is_none() {
            intent.card = Some(card);
            intent.state = if by_hand {
                IntentState::RequiresCapture { until: now + HOLD_LIFE }
            } else {
                IntentState::Succeeded { cents }
            };
        }
    }

    /// Lets go of the hold.
    pub(crate) fn cancel(&mut self, now: Timestamp) -> Result<(), Refusal> {
        let Some(intent) = &mut self.intent else { return Err(Refusal::missing("payment_intent")) };
        match intent.state {
            IntentState::RequiresCapture { .. } => {
                intent.state = IntentState::Canceled { at: now, by_itself: false };
                Ok(())
            }
            IntentState::RequiresPaymentMethod => Err(Refusal::state(
                "You cannot cancel a PaymentIntent that a Checkout Session made. Expire the \
                 Checkout Session instead.",
            )),
            IntentState::Canceled { .. } | IntentState::Succeeded { .. } => {
                Err(Refusal::wrong_state("canceled", intent.state.name()))
            }
        }
    }

    /// Takes what is held, or less of it; the rest is let go.
    pub(crate) fn capture(&mut self, cents: Option<i64>) -> Result<(), Refusal> {
        let held = self.opened.cents;
        let Some(intent) = &mut self.intent else { return Err(Refusal::missing("payment_intent")) };
        let cents = cents.unwrap_or(held);
        match intent.state {
            IntentState::RequiresCapture { .. } if held < cents => Err(Refusal::invalid(
                "amount_too_large",
                "amount_to_capture",
                format!(
                    "The amount to capture, {cents}, is above what can be captured, {held} cents."
                ),
            )),
            IntentState::RequiresCapture { .. } => {
                intent.state = IntentState::Succeeded { cents };
                Ok(())
            }
            IntentState::RequiresPaymentMethod
            | IntentState::Canceled { .. }
            | IntentState::Succeeded { .. } => {
                Err(Refusal::wrong_state("captured", intent.state.name()))
            }
        }
    }
}
