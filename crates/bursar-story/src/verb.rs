//! The write verb on rows: what conflicts, what does not, and that a refused batch leaves no trace.

use bursar_award::{Application, Event, Review};
use bursar_kernel::{ApplicationId, RequestId};
use bursar_ledger::{Account, Balance, Command, Refusal, Resolution};

use super::world::{Desk, usd};
use bursar_store::rows::{Call, Grant, Key, Person, Session};
use bursar_store::{BookReads, Commit, CommitError, Expect, Row, Write};

/// Walks through every way in which a batch conflicts, on an engine that is still empty.
pub async fn write_verb(store: &(impl Commit + BookReads)) {
    let mut desk = Desk::new(1);
    people(store, &mut desk).await;
    links(store, &mut desk).await;
    applications(store, &mut desk).await;
    reviews(store, &mut desk).await;
    grants_and_keys(store, &mut desk).await;
    super::participants::written(store, &desk).await;
    written_once(store, &mut desk).await;
    refused_in_the_middle(store, &mut desk).await;
    resolved_once(store, &mut desk).await;
    let (_, findings) = store.audit().await.expect("the book is read").finish();
    assert_eq!(findings, []);
}

/// Writes a row and expects it to be taken.
async fn taken(store: &impl Commit, desk: &Desk, row: Row, expect: Expect) {
    let batch = desk.batch().with(Write::Row(row.clone(), expect));
    let answer = store.commit(batch).await;
    assert!(answer.is_ok(), "{answer:?} for {expect:?} of {row:#?}");
}

/// Writes a row and expects a conflict that names it.
async fn conflicts(store: &impl Commit, desk: &Desk, row: Row, expect: Expect) {
    let (table, name, _) = row.key();
    let batch = desk.batch().with(Write::Row(row.clone(), expect));
    let conflict = CommitError::Conflict(format!("{table} `{name}`"));
    let answer = store.commit(batch).await;
    assert_eq!(answer, Err(conflict), "{expect:?} of {row:#?}");
}

async fn people(store: &impl Commit, desk: &mut Desk) {
    let ada = desk.person("ada@example.edu");
    let ada_v2 = Person { email: "ada@example.org".to_owned(), version: 2, ..ada.clone() };
    let eve = desk.person("ada@example.edu");
    conflicts(store, desk, Row::Person(ada_v2.clone()), Expect::Version(1)).await;
    taken(store, desk, Row::Person(ada.clone()), Expect::New).await;
    conflicts(store, desk, Row::Person(ada.clone()), Expect::New).await;
    conflicts(store, desk, Row::Person(eve.clone()), Expect::New).await;
    conflicts(store, desk, Row::Person(ada_v2.clone()), Expect::Version(2)).await;
    taken(store, desk, Row::Person(ada_v2), Expect::Version(1)).await;
    conflicts(store, desk, Row::Person(ada), Expect::Version(1)).await;
    // The address is free again; the new one is not.
    taken(store, desk, Row::Person(eve.clone()), Expect::New).await;
    let eve_as_ada = Person { email: "ada@example.org".to_owned(), version: 2, ..eve };
    conflicts(store, desk, Row::Person(eve_as_ada), Expect::Version(1)).await;
}

async fn links(store: &impl Commit, desk: &mut Desk) {
    let link = desk.link();
    let used = |hash| desk.batch().with(Write::UseSignInLink(hash));
    let conflict = || Err(CommitError::Conflict("the sign-in link".to_owned()));
    assert_eq!(store.commit(used(link.secret_hash)).await, conflict());
    taken(store, desk, Row::SignInLink(link.clone()), Expect::New).await;
    conflicts(store, desk, Row::SignInLink(link.clone()), Expect::New).await;
    assert!(store.commit(used(link.secret_hash)).await.is_ok());
    assert_eq!(store.commit(used(link.secret_hash)).await, conflict());
}

async fn applications(store: &impl Commit, desk: &mut Desk) {
    let (draft, started) = desk.application();
    let saved = Event::DraftSaved { answers: draft.answers.clone(), at: desk.now };
    let mut next = draft.clone();
    next.apply(&saved);
    let row = |application: &Application, event: &Event| {
        Row::Application(Box::new(application.clone()), vec![event.clone()])
    };
    conflicts(store, desk, row(&next, &saved), Expect::Version(1)).await;
    taken(store, desk, row(&draft, &started), Expect::New).await;
    conflicts(store, desk, row(&draft, &started), Expect::New).await;
    taken(store, desk, row(&next, &saved), Expect::Version(1)).await;
    conflicts(store, desk, row(&next, &saved), Expect::Version(1)).await;
}

async fn reviews(store: &impl Commit, desk: &mut Desk) {
    let application = ApplicationId::new(desk.now, desk.chance.entropy());
    let first = desk.review(application);
    let second = Review { reviewer: first.reviewer, ..desk.review(application) };
    let by_another = desk.review(application);
    let again = Review {
        comment: "On a second reading, better still.".to_owned(),
        version: 2,
        ..first.clone()
    };
    taken(store, desk, Row::Review(first), Expect::New).await;
    conflicts(store, desk, Row::Review(second), Expect::New).await;
    taken(store, desk, Row::Review(by_another), Expect::New).await;
    taken(store, desk, Row::Review(again.clone()), Expect::Version(1)).await;
    conflicts(store, desk, Row::Review(again), Expect::Version(1)).await;
}

async fn grants_and_keys(store: &impl Commit, desk: &mut Desk) {
    let grant = desk.grant();
    let boxed = |grant: &Grant| Row::Grant(Box::new(grant.clone()));
    let same_award = Grant { application: grant.application, ..desk.grant() };
    let issued = [(); 2].map(|()| Grant { application: None, ..desk.grant() });
    taken(store, desk, boxed(&grant), Expect::New).await;
    conflicts(store, desk, boxed(&same_award), Expect::New).await;
    for grant in &issued {
        taken(store, desk, boxed(grant), Expect::New).await;
    }
    conflicts(store, desk, boxed(&grant), Expect::Version(7)).await;
    taken(store, desk, boxed(&grant), Expect::Version(1)).await;

    let key = desk.key(grant.id);
    let boxed = |key: &Key| Row::Key(Box::new(key.clone()));
    let same_secret = Key { secret_hash: key.secret_hash, ..desk.key(grant.id) };
    taken(store, desk, boxed(&key), Expect::New).await;
    conflicts(store, desk, boxed(&same_secret), Expect::New).await;
    conflicts(store, desk, boxed(&key), Expect::Version(2)).await;
    taken(store, desk, boxed(&key), Expect::Version(1)).await;
}

async fn written_once(store: &impl Commit, desk: &mut Desk) {
    let session = desk.session();
    let same_cookie = Session { secret_hash: session.secret_hash, ..desk.session() };
    let same_name = Session { id: session.id, ..desk.session() };
    taken(store, desk, Row::Session(session), Expect::New).await;
    for other in [same_cookie, same_name] {
        conflicts(store, desk, Row::Session(other), Expect::New).await;
    }
    let rows = [Row::Mail(desk.mail()), Row::Audit(desk.audit_line())];
    for row in rows {
        taken(store, desk, row.clone(), Expect::New).await;
        conflicts(store, desk, row.clone(), Expect::New).await;
        conflicts(store, desk, row, Expect::Version(1)).await;
    }
    // A call is settled with its hold, in one batch; see `refused_in_the_middle` for the book.
    assert!(store.commit(desk.funded_lot(usd("5"))).await.is_ok());
    let (hold, place) = desk.hold(usd("1"));
    assert!(store.commit(place).await.is_ok());
    let call = desk.call(hold, usd("0.25"));
    let settle = desk.capture(hold, usd("0.25"));
    let settle = settle.with(Write::Row(Row::Call(Box::new(call.clone())), Expect::New));
    assert!(store.commit(settle).await.is_ok());
    let again = Call { request: RequestId::new(desk.now, desk.chance.entropy()), ..call };
    conflicts(store, desk, Row::Call(Box::new(again)), Expect::New).await;
}

/// Whatever stands before or after the write that is refused is not written either.
async fn refused_in_the_middle(store: &(impl Commit + BookReads), desk: &mut Desk) {
    let pool = Account::Pool(desk.program());
    let before = store.balance(pool.clone()).await;
    let (mail, line) = (desk.mail(), desk.audit_line());
    let stale = Write::Row(Row::Person(desk.person("g@example.edu")), Expect::Version(3));
    let (fund, question) = (desk.fund(usd("7")), desk.question(usd("1000000")));
    let dear = Write::Ledger(Command::PlaceHold(question));
    for refused in [stale, dear] {
        let batch = desk.batch().with(fund.clone()).with(mail.clone());
        let batch = batch.with(refused.clone()).with(line.clone());
        let answer = store.commit(batch).await;
        assert!(answer.is_err(), "{answer:?} with {refused:?}");
        assert_eq!(store.balance(pool.clone()).await, before);
    }
    // All of it is still new.
    let batch = desk.batch().with(fund).with(mail).with(line);
    assert!(store.commit(batch).await.is_ok());
    let (before, after) = (before, store.balance(pool).await);
    let grown = |balance: Balance| balance.posted.checked_add(usd("7"));
    assert_eq!(before.map(grown), after.map(|balance| Some(balance.posted)));
}

async fn resolved_once(store: &impl Commit, desk: &mut Desk) {
    assert!(store.commit(desk.funded_lot(usd("5"))).await.is_ok());
    let (hold, place) = desk.hold(usd("2"));
    let receipt = store.commit(place.clone()).await;
    assert!(receipt.is_ok());
    assert_eq!(store.commit(place).await, receipt, "asking again is harmless");
    let captured = store.commit(desk.capture(hold, usd("0.5"))).await;
    assert!(captured.is_ok());
    assert_eq!(store.commit(desk.capture(hold, usd("0.5"))).await, captured);
    let refused = CommitError::Refused(Refusal::AlreadyResolved {
        hold,
        resolution: Resolution::Captured(usd("0.5")),
    });
    let release = desk.batch().with(Command::Release { hold });
    let more = desk.capture(hold, usd("0.6"));
    let suspend = desk.batch().with(Command::Suspend { hold });
    for second in [release, more, suspend] {
        assert_eq!(store.commit(second).await, Err(refused.clone()));
    }
}
