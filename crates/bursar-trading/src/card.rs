//! Paying in by card what a purchase needs.
//!
//! Nothing of a card payment is kept before it is in the book: everything about its hosted page is
//! in the address that it returns to, and opening the page again under the same key names the same
//! page. So an address that was made up, or is somebody else's, names a page that nobody has paid
//! on.

use std::sync::Arc;

use bursar_kernel::{ListingId, PersonId, Usd};
use bursar_ledger::Command;
use bursar_payments::{Checkout, Payment, PaymentError, PaymentState, Payments, Session};
use bursar_policy::{Action, Viewer};

use crate::buying::quote;
use crate::cash::{cash, named_after};
use bursar_service::{Secret, Service, ServiceError, allow, audit_line, batch_of};

/// Nano-dollars in a cent.
const CENT: i64 = 10_000_000;
/// The least that a card pays.
const LEAST: Usd = Usd::from_nanos(50 * CENT);
/// Letters of what tells one payment of somebody's from another.
const NONCE_LETTERS: usize = 26;

/// What a card pays in, and for which purchase: all that its hosted page was opened with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardPayment {
    /// What is to be bought from.
    pub listing: ListingId,
    /// How much credit is to be bought.
    pub face: Usd,
    /// What the card pays.
    pub amount: Usd,
    /// What tells it from another payment of the same person's.
    pub nonce: String,
}

/// Opens a hosted page that takes a card for what a purchase still needs, and gives its
/// address.
pub async fn open_card_payment(
    service: &Service,
    viewer: &Viewer,
    listing: ListingId,
    face: Usd,
) -> Result<String, ServiceError> {
    let person = viewer.person().ok_or(ServiceError::SignInFirst)?;
    let quote = quote(service, viewer, person, listing, face).await?;
    let balance = cash(service, viewer, person).await?.balance;
    let missing = quote.cost.checked_sub(balance).filter(|missing| missing.is_positive());
    let missing = missing.ok_or_else(|| {
        let text = "pay in what is already there\nhint: buy with your balance";
        ServiceError::Refused(text.to_owned())
    })?;
    let nonce = Secret::draw("").reveal()[..NONCE_LETTERS].to_owned();
    let wanted = CardPayment { listing, face, amount: whole_cents(missing)?, nonce };
    let session = hosted_page(service, person, &wanted).await?;
    session.url.ok_or_else(|| {
        let text = "open the payment page\nhint: try again in a moment";
        ServiceError::Refused(text.to_owned())
    })
}

/// Asks the provider what became of a hosted page, takes what it holds, and puts it into the
/// book: once, however often it is asked. `false` if nobody has paid on it.
pub async fn finish_card_payment(
    service: &Service,
    viewer: &Viewer,
    wanted: &CardPayment,
) -> Result<bool, ServiceError> {
    let person = viewer.person().ok_or(ServiceError::SignInFirst)?;
    allow(viewer, Action::TradeAs { person })?;
    let page = hosted_page(service, person, wanted).await?;
    let payments = card_payments(service)?;
    let session = payments.session(&page.id).await.map_err(refused)?;
    let Some(payment) = session.payment else { return Ok(false) };
    let payment = match payment.state {
        PaymentState::NeedsCard | PaymentState::Canceled => return Ok(false),
        PaymentState::Captured => payment,
        PaymentState::Held => {
            let key = format!("{}-capture", payment.id);
            payments.capture(&payment.id, wanted.amount, &key).await.map_err(refused)?
        }
    };
    card_paid_in(service, viewer, person, &payment).await?;
    Ok(true)
}

async fn card_paid_in(
    service: &Service,
    viewer: &Viewer,
    person: PersonId,
    payment: &Payment,
) -> Result<(), ServiceError> {
    let batch = batch_of(viewer, service.now())?;
    let id = named_after("card.paid_in", &payment.id);
    let line = audit_line(&batch, "cash.paid_in", person, "by card");
    let command = Command::PayIn { id, person, amount: payment.captured };
    service.commit(batch.with(command).with(line)).await?;
    Ok(())
}

/// The hosted page of a payment: a new one, or the one that was opened before.
async fn hosted_page(
    service: &Service,
    person: PersonId,
    wanted: &CardPayment,
) -> Result<Session, ServiceError> {
    let CardPayment { listing, face, amount, nonce } = wanted;
    let at = format!("{}/market/listings/{listing}", service.base_url());
    let checkout = Checkout {
        amount: *amount,
        title: "API credit on the market".to_owned(),
        reference: format!("market-{nonce}"),
        email: service.person_of(person).await?.email,
        success_url: format!("{at}/paid/{amount}/{nonce}?amount={face}"),
        cancel_url: format!("{at}?amount={face}"),
    };
    let key = format!("market-{person}-{listing}-{face}-{amount}-{nonce}");
    let key = blake3::hash(key.as_bytes()).to_hex();
    card_payments(service)?.open(&checkout, &key).await.map_err(refused)
}

fn card_payments(service: &Service) -> Result<&Arc<dyn Payments>, ServiceError> {
    let none = || {
        let text = "pay by card: this installation takes no cards\n\
                    hint: send a bank transfer to whoever runs it";
        ServiceError::Refused(text.to_owned())
    };
    service.payments().ok_or_else(none)
}

/// An amount in whole cents, never less than it was, and not below what a card pays.
fn whole_cents(amount: Usd) -> Result<Usd, ServiceError> {
    let too_much = || ServiceError::field("amount", "Buy less: a card cannot pay this at once");
    let more = amount.checked_add(Usd::from_nanos(CENT - 1)).ok_or_else(too_much)?;
    let over = more.nanos().checked_rem(CENT).unwrap_or(0);
    let cents = more.checked_sub(Usd::from_nanos(over)).ok_or_else(too_much)?;
    Ok(cents.max(LEAST))
}

fn refused(error: PaymentError) -> ServiceError {
    ServiceError::Refused(error.to_string())
}
