//! Letters on their way to the outbox, and what the outbox does when an address comes back or is
//! shown to work. Never connects to a mail server, and never writes by itself: it says what to.

use bursar_kernel::{MailId, Timestamp};
use bursar_letters::Letter;
use bursar_outbox::{Address, Bounce, Delivery, REASON_CHARACTERS_MAX, State, scrubbed};
use bursar_sources::entropy;
use bursar_store::rows::Mail;
use bursar_store::{DeliveryFilter, Expect, MailReads, ReadError, Row, Write};

/// Mails that are held for an address and go out once it is shown to work: more than anybody gets
/// in a year.
pub const HELD_MAX: usize = 200;

/// What puts a letter into the outbox.
pub trait Post {
    /// The letter, to somebody.
    fn to(self, email: &str, now: Timestamp) -> Mail;
}

impl Post for Letter {
    fn to(self, email: &str, now: Timestamp) -> Mail {
        Mail {
            id: MailId::new(now, entropy::draw()),
            to: email.to_owned(),
            body: self.text(),
            html: self.html(),
            letter: self.name.to_owned(),
            useless_after: self.useless_after,
            subject: self.subject,
            created_at: now,
            sent_at: None,
        }
    }
}

/// What to write once somebody has shown that mail to an address arrives: nothing where nothing
/// came back before.
pub async fn confirmed<S: MailReads + ?Sized>(
    store: &S,
    email: &str,
    now: Timestamp,
) -> Result<Vec<Write>, ReadError> {
    let known = store.address(email.to_owned()).await?;
    let Some(known) = known.filter(|known| known.bounced.is_some()) else {
        return Ok(Vec::new());
    };
    let mut writes = vec![address(Some(known.version), known.confirmed())];
    let held = DeliveryFilter::HeldFor(email.to_owned());
    for delivery in store.deliveries(held, HELD_MAX).await? {
        let before = delivery.version;
        writes.push(way(before, delivery.freed(now)));
    }
    Ok(writes)
}

/// What to write once mail to an address came back.
pub async fn came_back<S: MailReads + ?Sized>(
    store: &S,
    email: &str,
    mail: Option<MailId>,
    why: &str,
    now: Timestamp,
) -> Result<Vec<Write>, ReadError> {
    let why = scrubbed(why, REASON_CHARACTERS_MAX);
    let known = store.address(email.to_owned()).await?;
    let version = known.as_ref().map(|known| known.version);
    let known = known.unwrap_or_else(|| Address::new(email));
    let bounce = Bounce { at: now, why: why.clone(), mail };
    let mut writes = vec![address(version, known.bounced(bounce))];
    if let Some(mail) = mail {
        let of = DeliveryFilter::Of(vec![mail]);
        let found = store.deliveries(of, 1).await?.pop();
        if let Some(sent) = found.filter(|sent| sent.state == State::Sent) {
            let before = sent.version;
            writes.push(way(before, sent.came_back(&why, now)));
        }
    }
    Ok(writes)
}

/// An address as it is from now on; what it was before in this version, if it was known.
pub fn address(before: Option<u64>, row: Address) -> Write {
    let expect = before.map_or(Expect::New, Expect::Version);
    Write::Row(Row::Address(Box::new(row)), expect)
}

/// How far a mail is from now on; before in this version, or in none.
pub fn way(before: u64, row: Delivery) -> Write {
    let expect = if before == 0 { Expect::New } else { Expect::Version(before) };
    Write::Row(Row::Delivery(Box::new(row)), expect)
}
