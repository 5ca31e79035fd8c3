//! Payment cards: an amount is held on a card for a moment, which verifies it, and let go. What the
//! browser says on its return is believed by nobody: the payment provider is asked.

mod asking;

use bursar_kernel::program::CardCheck as CardRule;
use bursar_kernel::{Actor, CardCheckId, GrantId, PersonId, Timestamp};
use bursar_payments::{Checkout, PaymentError, Payments};
use bursar_policy::{Action, Viewer, may};
use bursar_store::rows::{Card, CardCheck, CardCheckState, Grant};
use bursar_store::{Batch, CardCheckFilter, Expect, Row, Write};
use jiff::SignedDuration;
use tracing::warn;

use crate::{Service, ServiceError, entropy};

/// What the hosted page says that the amount is for.
const TITLE: &str = "Card check: held for a moment, then released. Nothing is charged.";
/// How long after a step the provider is asked, if nobody comes back before.
const ASK_AFTER: SignedDuration = SignedDuration::from_mins(2);
/// Checks that one run of the jobs asks about: each may take as long as the provider takes.
const CHECKS_PER_RUN: usize = 10;

/// What somebody needs to know of a payment method for a grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentMethod {
    /// How the grant's program checks a card.
    pub rule: CardRule,
    /// Whether this installation takes cards.
    pub takes_cards: bool,
    /// The holder's card.
    pub card: Option<Card>,
    /// The holder's latest check.
    pub check: Option<CardCheck>,
}

impl Service {
    /// Whether somebody has a verified card.
    pub async fn has_card(&self, person: PersonId) -> Result<bool, ServiceError> {
        Ok(self.store.card(person).await?.is_some())
    }

    /// Somebody's card and all its checks, latest first.
    pub async fn cards_of(
        &self,
        viewer: &Viewer,
        person: PersonId,
    ) -> Result<(Option<Card>, Vec<CardCheck>), ServiceError> {
        crate::allow(viewer, Action::ReadCard { person })?;
        let checks = self.store.card_checks(CardCheckFilter::Person(person)).await?;
        Ok((self.store.card(person).await?, checks))
    }

    /// The payment method of a grant's holder; `None` where the program needs none, or to whom it
    /// is no business.
    pub async fn payment_method(
        &self,
        viewer: &Viewer,
        grant: &Grant,
    ) -> Result<Option<PaymentMethod>, ServiceError> {
        let rule = self.program(&grant.program)?.card.clone();
        let Some(rule) = rule.filter(|_| may(viewer, Action::UseCard { person: grant.holder }))
        else {
            return Ok(None);
        };
        let (card, checks) = self.cards_of(viewer, grant.holder).await?;
        let check = checks.into_iter().next();
        Ok(Some(PaymentMethod { rule, takes_cards: self.payments.is_some(), card, check }))
    }

    /// A check of a card, as it was last seen.
    pub async fn card_check(
        &self,
        viewer: &Viewer,
        id: CardCheckId,
    ) -> Result<CardCheck, ServiceError> {
        if *viewer == Viewer::Nobody {
            return Err(ServiceError::SignInFirst);
        }
        let check = self.store.card_check(id).await?;
        let mine = |check: &CardCheck| may(viewer, Action::ReadCard { person: check.person });
        check.filter(mine).ok_or_else(|| ServiceError::NotFound(format!("card check `{id}`")))
    }

    /// Begins to check a card, or goes on with a check that waits. Gives the address to send the
    /// browser to: the hosted page, or the receipt of a card that was taken meanwhile.
    pub async fn start_card_check(
        &self,
        viewer: &Viewer,
        grant: GrantId,
    ) -> Result<String, ServiceError> {
        let found = self.store.grant(grant).await?;
        let missing = || ServiceError::NotFound(format!("grant `{grant}`"));
        let grant = found.ok_or_else(missing)?;
        let person = grant.holder;
        if *viewer != Viewer::Nobody && !may(viewer, Action::UseCard { person }) {
            return Err(missing());
        }
        crate::allow(viewer, Action::UseCard { person })?;
        let by = viewer.actor().ok_or(ServiceError::SignInFirst)?;
        let rule = self.program(&grant.program)?.card.clone().ok_or_else(|| {
            let text = "add a payment method: this program needs none";
            ServiceError::Refused(text.to_owned())
        })?;
        self.provider()?;
        let checks = self.store.card_checks(CardCheckFilter::Person(person)).await?;
        if let Some(check) = checks.into_iter().find(|check| check.state.is_open()) {
            if check.session.is_none() {
                return self.open_page(&by, check).await;
            }
            let (check, page) = self.ask_about(&by, check).await?;
            match (page, check.state) {
                (Some(page), _) => return Ok(page),
                (None, CardCheckState::Failed) => {}
                (None, _) => return Ok(self.receipt_of(&check)),
            }
        }
        let check = new_check(&grant, &rule, self.now());
        let batch = Batch::new(by.clone(), self.now());
        let line = crate::audit_line(&batch, "card.check_begun", check.id, "");
        let write = Write::Row(Row::CardCheck(Box::new(check.clone())), Expect::New);
        self.commit(batch.with(write).with(line)).await?;
        self.open_page(&by, check).await
    }

    /// Asks the provider where a check stands, since its owner has come back from the hosted page.
    pub async fn settle_card_check(
        &self,
        viewer: &Viewer,
        id: CardCheckId,
    ) -> Result<CardCheck, ServiceError> {
        let check = self.card_check(viewer, id).await?;
        crate::allow(viewer, Action::UseCard { person: check.person })?;
        let by = viewer.actor().ok_or(ServiceError::SignInFirst)?;
        Ok(self.ask_about(&by, check).await?.0)
    }

    /// Asks about checks whose owners did not come back, and lets go of what is still held. A
    /// provider that cannot be reached is asked later; it stops no other job.
    pub(crate) async fn run_card_checks(&self, now: Timestamp) -> Result<usize, ServiceError> {
        if self.payments.is_none() {
            return Ok(0);
        }
        let due = self.store.card_checks(CardCheckFilter::Due(now)).await?;
        let by = Actor::Job("card".to_owned());
        let mut ended = 0_usize;
        for check in due.into_iter().take(CHECKS_PER_RUN) {
            let id = check.id;
            match self.ask_about(&by, check).await {
                Ok((check, _)) if !check.state.is_open() => ended = ended.saturating_add(1),
                Ok(_) => {}
                Err(error) => warn!(check.id = %id, "card check `{id}` waits: {error}"),
            }
        }
        Ok(ended)
    }

    fn provider(&self) -> Result<&dyn Payments, ServiceError> {
        let none = || {
            let text = "add a payment method: this installation takes no cards\n\
                        hint: whoever runs it can configure a payment provider";
            ServiceError::Refused(text.to_owned())
        };
        self.payments.as_deref().ok_or_else(none)
    }

    /// Opens the hosted page of a check. Asked again, it is the same page.
    async fn open_page(&self, by: &Actor, check: CardCheck) -> Result<String, ServiceError> {
        let person = self.person_of(check.person).await?;
        let back = format!("{}/return", self.receipt_of(&check));
        let wanted = Checkout {
            amount: check.amount,
            title: TITLE.to_owned(),
            reference: check.id.to_string(),
            email: person.email,
            success_url: back.clone(),
            cancel_url: back,
        };
        let session = match self.provider()?.open(&wanted, &format!("{}-open", check.id)).await {
            Ok(session) => session,
            Err(error @ (PaymentError::Refused { .. } | PaymentError::Amount(_))) => {
                // It would say so again: the next try is a new check.
                self.fail(by, check, "The payment provider refused to open its page.").await?;
                return Err(error.into());
            }
            Err(error) => return Err(error.into()),
        };
        let url = session.url.clone().unwrap_or_else(|| self.receipt_of(&check));
        let changed = CardCheck { session: Some(session.id), ..check.clone() };
        self.put(by, &check, changed, |batch| batch).await?;
        Ok(url)
    }

    /// The address of a check's receipt.
    fn receipt_of(&self, check: &CardCheck) -> String {
        format!("{}/grants/{}/card/{}", self.base_url, check.grant, check.id)
    }
}

fn new_check(grant: &Grant, rule: &CardRule, now: Timestamp) -> CardCheck {
    CardCheck {
        id: CardCheckId::new(now, entropy::draw()),
        person: grant.holder,
        grant: grant.id,
        amount: rule.hold,
        session: None,
        payment: None,
        face: None,
        state: CardCheckState::Started,
        said: None,
        started_at: now,
        held_at: None,
        ended_at: None,
        due_at: now + ASK_AFTER,
        tries: 0,
        version: 1,
    }
}
