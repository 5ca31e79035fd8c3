//! Mails on their way and what is known of addresses, read back.

use bursar_kernel::MailId;
use bursar_outbox::{Address, Attempt, Bounce, CLAIM_LIFE, Delivery, State};
use bursar_store::rows::Mail;
use bursar_store::{Commit, CommitError, DeliveryFilter, Expect, MailReads, Reads, Row, Write};

use super::world::Desk;

/// Takes mails, sends them and gets them back, in an engine that is still empty.
pub async fn mails(store: &(impl Commit + Reads + MailReads)) {
    let mut desk = Desk::new(23);
    let begun = desk.now;
    let mut mails = Vec::new();
    for number in 0..4 {
        desk.now = desk.in_hours(1);
        let useless_after = (number == 1).then(|| desk.in_hours(1));
        let to = format!("Ünal+{number}@example.edu");
        let mail = Mail { to, useless_after, ..desk.mail() };
        commit(store, &desk, Row::Mail(mail.clone()), Expect::New).await.expect("written");
        assert_eq!(store.mail(mail.id).await, Ok(Some(mail.clone())));
        mails.push(mail);
    }
    claims(store, &mut desk, &mails, begun).await;
    held(store, &mut desk, &mails).await;
    addresses(store, &mut desk).await;
}

/// One process takes a mail, another does not.
async fn claims<S>(store: &S, desk: &mut Desk, mails: &[Mail], begun: bursar_kernel::Timestamp)
where
    S: Commit + Reads + MailReads,
{
    assert_eq!(store.untouched_mails(begun, 3).await.as_deref(), Ok(&mails[..3]));
    let from = mails[2].created_at;
    assert_eq!(store.untouched_mails(from, 9).await.as_deref(), Ok(&mails[2..]));
    let first = Delivery::new(mails[0].id, desk.now).claimed(desk.now);
    assert_eq!(put(store, desk, &first, Expect::New).await, Ok(()));
    assert_eq!(put(store, desk, &first, Expect::New).await, conflict(mails[0].id));
    assert_eq!(store.untouched_mails(begun, 9).await.as_deref(), Ok(&mails[1..]));
    let now = desk.now;
    assert_eq!(due(store, now).await, []);
    assert_eq!(due(store, now + CLAIM_LIFE).await, std::slice::from_ref(&first));
    // Whoever was at it is gone; of two that follow, one has it.
    desk.now = now + CLAIM_LIFE;
    let second = first.claimed(desk.now);
    assert_eq!(put(store, desk, &second, Expect::Version(1)).await, Ok(()));
    assert_eq!(put(store, desk, &second, Expect::Version(1)).await, conflict(mails[0].id));
    let sent = second.after(&Attempt::Taken("250 2.0.0 queued; O'Brien".to_owned()), desk.now);
    let row = Row::Delivery(Box::new(sent.clone()));
    let batch = desk.batch().with(Write::Row(row, Expect::Version(2)));
    let batch = batch.with(Write::MailSent(sent.mail));
    store.commit(batch).await.expect("written");
    let of = DeliveryFilter::Of(mails.iter().map(|mail| mail.id).collect());
    assert_eq!(store.deliveries(of, 9).await.as_deref(), Ok(std::slice::from_ref(&sent)));
    assert_eq!(due(store, desk.in_hours(99)).await, []);
    let in_state = store.deliveries(DeliveryFilter::In(State::Sent), 9).await;
    assert_eq!(in_state, Ok(vec![sent]));
}

/// What is held for an address is found by it.
async fn held<S: Commit + Reads + MailReads>(store: &S, desk: &mut Desk, mails: &[Mail]) {
    let mut waits = Vec::new();
    for (mail, state) in mails[1..].iter().zip([State::Held, State::Held, State::Waiting]) {
        desk.now = desk.in_hours(1);
        let row = Delivery::new(mail.id, desk.now).stands(state, desk.now);
        assert_eq!(put(store, desk, &row, Expect::New).await, Ok(()));
        waits.push(row);
    }
    let of = DeliveryFilter::HeldFor(mails[2].to.clone());
    assert_eq!(store.deliveries(of, 9).await.as_deref(), Ok(&waits[1..2]));
    let held = store.deliveries(DeliveryFilter::In(State::Held), 1).await;
    assert_eq!(held.as_deref(), Ok(&waits[1..2]));
    assert_eq!(due(store, desk.now).await, &waits[2..]);
}

async fn addresses<S: Commit + Reads + MailReads>(store: &S, desk: &mut Desk) {
    let email = || "ünal@example.edu".to_owned();
    assert_eq!(store.address(email()).await, Ok(None));
    let why = "550 5.1.1 no such mailbox; O'Brien".to_owned();
    let bounce = Bounce { at: desk.now, why, mail: Some(MailId::from_bytes([7; 16])) };
    let address = Address::new(&email()).bounced(bounce.clone());
    let other = Address::new("ada@example.edu").bounced(bounce);
    let quiet = Address::new("grace@example.edu").with_reminders(false);
    for row in [&address, &other, &quiet] {
        let row = Row::Address(Box::new(row.clone()));
        commit(store, desk, row.clone(), Expect::New).await.expect("written");
        let again = commit(store, desk, row, Expect::New).await;
        assert!(matches!(again, Err(CommitError::Conflict(_))), "{again:?}");
    }
    assert_eq!(store.address(email()).await, Ok(Some(address.clone())));
    assert_eq!(store.bounced_addresses(9).await, Ok(vec![other.clone(), address.clone()]));
    assert_eq!(store.bounced_addresses(1).await, Ok(vec![other.clone()]));
    let confirmed = address.confirmed();
    let row = Row::Address(Box::new(confirmed.clone()));
    commit(store, desk, row.clone(), Expect::Version(1)).await.expect("written");
    assert!(commit(store, desk, row, Expect::Version(1)).await.is_err(), "an old version");
    assert_eq!(store.address(email()).await, Ok(Some(confirmed)));
    assert_eq!(store.bounced_addresses(9).await, Ok(vec![other]));
}

async fn due(store: &impl MailReads, now: bursar_kernel::Timestamp) -> Vec<Delivery> {
    store.deliveries(DeliveryFilter::Due(now), 9).await.expect("the store answers")
}

async fn put(
    store: &impl Commit,
    desk: &Desk,
    row: &Delivery,
    expect: Expect,
) -> Result<(), CommitError> {
    commit(store, desk, Row::Delivery(Box::new(row.clone())), expect).await
}

async fn commit(
    store: &impl Commit,
    desk: &Desk,
    row: Row,
    expect: Expect,
) -> Result<(), CommitError> {
    store.commit(desk.batch().with(Write::Row(row, expect))).await.map(|_| ())
}

fn conflict(mail: MailId) -> Result<(), CommitError> {
    Err(CommitError::Conflict(format!("delivery `{mail}`")))
}
