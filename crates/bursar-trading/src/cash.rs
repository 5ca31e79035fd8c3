//! The market's cash: paid in, paid back, paid out. Each payment counts once.

use bursar_kernel::{PersonId, TransferId, Usd};
use bursar_ledger::{Account, Command};
use bursar_policy::{Action, Viewer};
use bursar_store::rows::Person;

use bursar_service::{Service, ServiceError, allow, audit_line, batch_of};

/// What somebody has paid in, and what they have earned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cash {
    /// Paid in and not spent: it buys credit, or is paid back.
    pub balance: Usd,
    /// Earned by selling, to be paid out.
    pub proceeds: Usd,
}

/// What somebody has paid in and earned.
pub async fn cash(
    service: &Service,
    viewer: &Viewer,
    person: PersonId,
) -> Result<Cash, ServiceError> {
    if !bursar_policy::may(viewer, Action::OverseeMarket) {
        allow(viewer, Action::TradeAs { person })?;
    }
    Ok(Cash {
        balance: service.store().balance(Account::BuyerCash(person)).await?.available(),
        proceeds: service.store().balance(Account::Payable(person)).await?.available(),
    })
}

/// Somebody with an account, by mail address, for whoever trades in their name.
pub async fn person_by_email(
    service: &Service,
    viewer: &Viewer,
    email: &str,
) -> Result<Person, ServiceError> {
    allow(viewer, Action::MoveCash)?;
    let found = service.store().person_by_email(email.trim().to_lowercase()).await?;
    found.ok_or_else(|| ServiceError::field("person", "Nobody has an account by this address"))
}

/// Records cash that somebody sent by bank, under the bank's reference: told twice, it counts
/// once.
pub async fn pay_in(
    service: &Service,
    viewer: &Viewer,
    person: PersonId,
    amount: Usd,
    reference: &str,
) -> Result<Cash, ServiceError> {
    move_cash(service, viewer, person, reference, "cash.paid_in", |id| Command::PayIn {
        id,
        person,
        amount,
    })
    .await
}

/// Records that cash which was not spent went back to whoever paid it in.
pub async fn refund(
    service: &Service,
    viewer: &Viewer,
    person: PersonId,
    amount: Usd,
    reference: &str,
) -> Result<Cash, ServiceError> {
    move_cash(service, viewer, person, reference, "cash.refunded", |id| Command::Refund {
        id,
        person,
        amount,
    })
    .await
}

/// Records that a seller's proceeds were paid out.
pub async fn pay_out(
    service: &Service,
    viewer: &Viewer,
    person: PersonId,
    amount: Usd,
    reference: &str,
) -> Result<Cash, ServiceError> {
    move_cash(service, viewer, person, reference, "cash.paid_out", |id| Command::PayOut {
        id,
        person,
        amount,
    })
    .await
}

async fn move_cash(
    service: &Service,
    viewer: &Viewer,
    person: PersonId,
    reference: &str,
    action: &'static str,
    command: impl FnOnce(TransferId) -> Command,
) -> Result<Cash, ServiceError> {
    allow(viewer, Action::MoveCash)?;
    let reference = read_reference(reference)?;
    service.person_of(person).await?;
    let batch = batch_of(viewer, service.now())?;
    let line = audit_line(&batch, action, person, format!("reference {reference}"));
    let command = command(named_after(action, reference));
    service.commit(batch.with(command).with(line)).await?;
    cash(service, viewer, person).await
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
