//! The market's cash: paid in, paid back, paid out. Each payment counts once.

use bursar_kernel::{PersonId, TransferId, Usd};
use bursar_ledger::{Account, Command};
use bursar_policy::{Action, Viewer};
use bursar_store::rows::Person;

use super::Cash;
use crate::{Service, ServiceError};

impl Service {
    /// What somebody has paid in and earned.
    pub async fn cash(&self, viewer: &Viewer, person: PersonId) -> Result<Cash, ServiceError> {
        if !bursar_policy::may(viewer, Action::OverseeMarket) {
            crate::allow(viewer, Action::TradeAs { person })?;
        }
        Ok(Cash {
            balance: self.store.balance(Account::BuyerCash(person)).await?.available(),
            proceeds: self.store.balance(Account::Payable(person)).await?.available(),
        })
    }

    /// Somebody with an account, by mail address, for whoever trades in their name.
    pub async fn person_by_email(
        &self,
        viewer: &Viewer,
        email: &str,
    ) -> Result<Person, ServiceError> {
        crate::allow(viewer, Action::MoveCash)?;
        let found = self.store.person_by_email(email.trim().to_lowercase()).await?;
        found.ok_or_else(|| ServiceError::field("person", "Nobody has an account by this address"))
    }

    /// Records cash that somebody sent by bank, under the bank's reference: told twice, it counts
    /// once.
    pub async fn pay_in(
        &self,
        viewer: &Viewer,
        person: PersonId,
        amount: Usd,
        reference: &str,
    ) -> Result<Cash, ServiceError> {
        self.move_cash(viewer, person, reference, "cash.paid_in", |id| Command::PayIn {
            id,
            person,
            amount,
        })
        .await
    }

    /// Records that cash which was not spent went back to whoever paid it in.
    pub async fn refund(
        &self,
        viewer: &Viewer,
        person: PersonId,
        amount: Usd,
        reference: &str,
    ) -> Result<Cash, ServiceError> {
        self.move_cash(viewer, person, reference, "cash.refunded", |id| Command::Refund {
            id,
            person,
            amount,
        })
        .await
    }

    /// Records that a seller's proceeds were paid out.
    pub async fn pay_out(
        &self,
        viewer: &Viewer,
        person: PersonId,
        amount: Usd,
        reference: &str,
    ) -> Result<Cash, ServiceError> {
        self.move_cash(viewer, person, reference, "cash.paid_out", |id| Command::PayOut {
            id,
            person,
            amount,
        })
        .await
    }

    async fn move_cash(
        &self,
        viewer: &Viewer,
        person: PersonId,
        reference: &str,
        action: &'static str,
        command: impl FnOnce(TransferId) -> Command,
    ) -> Result<Cash, ServiceError> {
        crate::allow(viewer, Action::MoveCash)?;
        let reference = read_reference(reference)?;
        self.person_of(person).await?;
        let batch = crate::batch_of(viewer, self.now())?;
        let line = crate::audit_line(&batch, action, person, format!("reference {reference}"));
        let command = command(named_after(action, reference));
        self.commit(batch.with(command).with(line)).await?;
        self.cash(viewer, person).await
    }
}

/// The name of the movement that a payment makes: the same payment makes the same name.
pub(crate) fn named_after(what: &str, reference: &str) -> TransferId {
    let hash = bursar_sources::hash(&format!("{what}\n{reference}"));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    TransferId::from_bytes(bytes)
}

fn read_reference(text: &str) -> Result<&str, ServiceError> {
    let text = text.trim();
    let sound = !text.is_empty() && text.chars().count() <= 100;
    if sound && !text.chars().any(char::is_control) {
        Ok(text)
    } else {
        let message = "Enter the payment's reference: a line of at most 100 characters";
        Err(ServiceError::field("reference", message))
    }
}
