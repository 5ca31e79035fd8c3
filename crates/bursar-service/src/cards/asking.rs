//! Asking the provider about a check, and what follows from its answer.

use bursar_kernel::Actor;
use bursar_payments::{Payment, PaymentError, PaymentState, Session, SessionState};
use bursar_store::rows::{Card, CardCheck, CardCheckState, CardFace};
use bursar_store::{Batch, CommitError, Expect, Row, Write};
use jiff::SignedDuration;
use tracing::{info, warn};

use super::ASK_AFTER;
use crate::letters::Post as _;
use crate::{Service, ServiceError, letters};

/// The provider is asked again after a minute, two, four, and so on, up to this.
const ASK_AGAIN_MAX: SignedDuration = SignedDuration::from_hours(6);

const EXPIRED: &str = "No card was given in time. Nothing was held.";
const FORGOTTEN: &str = "The payment provider knows nothing of it any more.";
const GONE: &str = "The hold ended before the card could be checked.";
const CHARGED: &str = "The payment provider says that the amount was charged. Ask whoever runs \
                       this installation to give it back.";

impl Service {
    /// Takes a check as far as the provider's answer lets it. With it comes the hosted page, where
    /// that still waits for a card.
    pub(super) async fn ask_about(
        &self,
        by: &Actor,
        check: CardCheck,
    ) -> Result<(CardCheck, Option<String>), ServiceError> {
        match check.state {
            CardCheckState::Released | CardCheckState::Failed => Ok((check, None)),
            CardCheckState::Held => Ok((self.let_go(by, check).await?, None)),
            CardCheckState::Started => {
                // The page's name was never learnt, so nobody was sent there.
                let Some(session) = check.session.clone() else {
                    return Ok((self.fail(by, check, EXPIRED).await?, None));
                };
                match self.provider()?.session(&session).await {
                    Ok(session) => self.saw(by, check, session).await,
                    Err(error) if error.is_missing() => {
                        Ok((self.fail(by, check, FORGOTTEN).await?, None))
                    }
                    Err(error) => {
                        self.wait(by, check, None).await?;
                        Err(error.into())
                    }
                }
            }
        }
    }

    async fn saw(
        &self,
        by: &Actor,
        check: CardCheck,
        session: Session,
    ) -> Result<(CardCheck, Option<String>), ServiceError> {
        let Session { url, state, payment, .. } = session;
        let check = match (state, payment) {
            (SessionState::Open, payment) => {
                let declined = payment.and_then(|payment| payment.declined);
                return Ok((self.wait(by, check, declined).await?, url));
            }
            (SessionState::Expired, _) => self.fail(by, check, EXPIRED).await?,
            (SessionState::Complete, None) => self.wait(by, check, None).await?,
            (SessionState::Complete, Some(payment)) => match payment.state {
                PaymentState::Held => self.hold_seen(by, check, payment).await?,
                PaymentState::Canceled => self.fail(by, check, GONE).await?,
                PaymentState::Captured => self.fail(by, check, CHARGED).await?,
                PaymentState::NeedsCard => self.wait(by, check, payment.declined).await?,
            },
        };
        Ok((check, None))
    }

    /// The amount is held: the card is verified from this moment on. Then the hold is let go.
    async fn hold_seen(
        &self,
        by: &Actor,
        check: CardCheck,
        payment: Payment,
    ) -> Result<CardCheck, ServiceError> {
        let Some(card) = payment.card.filter(|_| payment.amount == check.amount) else {
            warn!(check.id = %check.id, "the held payment is not the one that was asked for");
            return self.wait(by, check, None).await;
        };
        let (now, person) = (self.now(), check.person);
        let face = CardFace {
            brand: card.brand,
            last4: card.last4,
            exp_month: card.exp_month,
            exp_year: card.exp_year,
        };
        let known = self.store.card(person).await?;
        let expect = known.as_ref().map_or(Expect::New, |known| Expect::Version(known.version));
        let card = Card {
            person,
            face: face.clone(),
            check: check.id,
            verified_at: now,
            version: known.map_or(1, |known| known.version.saturating_add(1)),
        };
        let changed = CardCheck {
            state: CardCheckState::Held,
            payment: Some(payment.id),
            face: Some(face),
            said: None,
            held_at: Some(now),
            due_at: now + ASK_AFTER,
            tries: 0,
            ..check.clone()
        };
        let more = |batch: Batch| {
            let line = crate::audit_line(&batch, "card.verified", check.id, "");
            batch.with(Write::Row(Row::Card(card), expect)).with(line)
        };
        let check = self.put(by, &check, changed, more).await?;
        self.calls.directory().forget_holder(person);
        info!(check.id = %check.id, "verified a card by check `{}`", check.id);
        match check.state {
            CardCheckState::Held => self.let_go(by, check).await,
            CardCheckState::Started | CardCheckState::Released | CardCheckState::Failed => {
                Ok(check)
            }
        }
    }

    /// Lets go of the hold. Where that fails it is tried again later: the card is verified anyway.
    async fn let_go(&self, by: &Actor, check: CardCheck) -> Result<CardCheck, ServiceError> {
        let (Some(payment), Some(session)) = (check.payment.clone(), check.session.clone()) else {
            return self.fail(by, check, FORGOTTEN).await;
        };
        let provider = self.provider()?;
        let mut answer = provider.cancel(&payment, &format!("{}-release", check.id)).await;
        if answer.as_ref().is_err_and(|error| {
            matches!(error, PaymentError::Refused { .. }) && !error.is_missing()
        }) {
            // It may have ended by itself, or by an answer that was lost long ago.
            let found = provider.session(&session).await;
            answer = found.and_then(|session| session.payment.ok_or_else(not_there));
        }
        match answer.map(|payment| payment.state) {
            Ok(PaymentState::Canceled) => self.released(by, check).await,
            Ok(PaymentState::Captured) => self.fail(by, check, CHARGED).await,
            Ok(PaymentState::Held | PaymentState::NeedsCard) => self.wait(by, check, None).await,
            Err(error) if error.is_missing() => self.fail(by, check, FORGOTTEN).await,
            Err(error) => {
                warn!(check.id = %check.id, "a hold could not be let go yet: {error}");
                self.wait(by, check, None).await
            }
        }
    }

    async fn released(&self, by: &Actor, check: CardCheck) -> Result<CardCheck, ServiceError> {
        let (now, holder) = (self.now(), self.person_of(check.person).await?);
        let receipt = self.receipt_of(&check);
        let letter = letters::card_checked(check.amount, check.face.as_ref(), &receipt);
        let changed = CardCheck {
            state: CardCheckState::Released,
            ended_at: Some(now),
            due_at: now,
            ..check.clone()
        };
        let more = |batch: Batch| {
            let line = crate::audit_line(&batch, "card.hold_released", check.id, "");
            batch.with(line).with(letter.to(&holder.email, now))
        };
        self.put(by, &check, changed, more).await
    }

    /// The check has come to nothing, or nobody knows what became of its hold.
    pub(super) async fn fail(
        &self,
        by: &Actor,
        check: CardCheck,
        why: &str,
    ) -> Result<CardCheck, ServiceError> {
        let now = self.now();
        let changed = CardCheck {
            state: CardCheckState::Failed,
            said: Some(why.to_owned()),
            ended_at: Some(now),
            due_at: now,
            ..check.clone()
        };
        let more = |batch: Batch| {
            let line = crate::audit_line(&batch, "card.check_failed", check.id, why);
            batch.with(line)
        };
        self.put(by, &check, changed, more).await
    }

    /// The provider is asked again later, after longer each time.
    async fn wait(
        &self,
        by: &Actor,
        check: CardCheck,
        declined: Option<String>,
    ) -> Result<CardCheck, ServiceError> {
        let tries = check.tries.saturating_add(1);
        let minutes = 1_i64.checked_shl(tries.min(16)).unwrap_or(i64::MAX);
        let pause = SignedDuration::from_mins(minutes).min(ASK_AGAIN_MAX);
        let said = declined.or_else(|| check.said.clone());
        let due_at = self.now() + pause;
        let changed = CardCheck { said, due_at, tries, ..check.clone() };
        self.put(by, &check, changed, |batch| batch).await
    }

    /// Writes a check's next version. Where somebody else was sooner, theirs stands: it rests on
    /// the same provider's answers.
    pub(super) async fn put(
        &self,
        by: &Actor,
        before: &CardCheck,
        after: CardCheck,
        more: impl FnOnce(Batch) -> Batch,
    ) -> Result<CardCheck, ServiceError> {
        let after = CardCheck { version: before.version.saturating_add(1), ..after };
        let row = Row::CardCheck(Box::new(after.clone()));
        let batch = Batch::new(by.clone(), self.now());
        let batch = more(batch.with(Write::Row(row, Expect::Version(before.version))));
        match self.store.commit(batch).await {
            Ok(_) => Ok(after),
            Err(error @ CommitError::Conflict(_)) => {
                let theirs = self.store.card_check(before.id).await?;
                theirs.filter(|theirs| before.version < theirs.version).ok_or_else(|| error.into())
            }
            Err(error) => Err(error.into()),
        }
    }
}

fn not_there() -> PaymentError {
    let (code, message) = ("resource_missing".to_owned(), "the payment is not there".to_owned());
    PaymentError::Refused { code, message }
}
