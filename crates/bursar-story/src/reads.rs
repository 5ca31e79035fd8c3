//! Everything but the book: what is written is read back, field by field, filtered, in order and
//! page by page.

use std::collections::{BTreeMap, BTreeSet};

use bursar_award::{Application, Event, Review, State};
use bursar_kernel::{
    CorrectionId, GrantId, KeyId, LotId, ModelId, PersonId, ProgramId, RoundId, TierId, Timestamp,
    Usd,
};
use bursar_ledger::{Command, Correct, Milestone};
use jiff::SignedDuration;

use super::world::{Desk, usd};
use bursar_store::rows::{Call, Grant, Key, Mail, Notice, Person, Study};
use bursar_store::{
    ApplicationFilter, Batch, CallFilter, Commit, CommitError, DaySpend, Expect, GrantFilter, Head,
    KeySpend, ReadError, Reads, Row, Spend, Write,
};

/// Writes some of everything to an engine that is still empty, and reads it back.
pub async fn reads(store: &(impl Commit + Reads)) {
    let mut desk = Desk::new(2);
    people(store, &mut desk).await;
    links_and_sessions(store, &mut desk).await;
    applications(store, &mut desk).await;
    reviews(store, &mut desk).await;
    grants(store, &mut desk).await;
    keys(store, &mut desk).await;
    studies(store, &mut desk).await;
    calls(store, &mut desk).await;
    outbox(store, &mut desk).await;
    notices(store, &mut desk).await;
    settings(store, &desk).await;
}

async fn write(store: &impl Commit, batch: Batch) {
    let answer = store.commit(batch).await;
    assert!(answer.is_ok(), "{answer:?}");
}

async fn put(store: &impl Commit, desk: &Desk, row: Row, expect: Expect) {
    write(store, desk.batch().with(Write::Row(row, expect))).await;
}

/// An answer that must be there.
fn told<T>(answer: Result<T, ReadError>) -> T {
    answer.expect("a store can be read")
}

impl Desk {
    fn later(&mut self, minutes: i64) {
        let later = self.now.checked_add(SignedDuration::from_mins(minutes));
        self.now = later.expect("the story ends within the calendar");
    }
}

async fn people(store: &(impl Commit + Reads), desk: &mut Desk) {
    let mut people: Vec<Person> =
        ["c@example.edu", "a@example.edu", "b@example.edu"].map(|email| desk.person(email)).into();
    people[1].roles.clear();
    people[2].name.push_str("; Łucja O'Brien'; DROP TABLE person");
    for person in &people {
        put(store, desk, Row::Person(person.clone()), Expect::New).await;
    }
    people[0].email.insert_str(0, "z.");
    people[0].version = 2;
    put(store, desk, Row::Person(people[0].clone()), Expect::Version(1)).await;
    for person in &people {
        assert_eq!(told(store.person(person.id).await).as_ref(), Some(person));
        let found = store.person_by_email(person.email.clone()).await;
        assert_eq!(told(found).as_ref(), Some(person));
    }
    let gone = store.person_by_email("c@example.edu".to_owned()).await;
    assert_eq!(told(gone), None);
    people.sort_by(|a, b| a.email.cmp(&b.email));
    assert_eq!(told(store.people().await), people);
    assert_eq!(told(store.people_by_ids(Vec::new()).await), []);
    let nobody = PersonId::from_bytes([7; 16]);
    let mut some = told(store.people_by_ids(vec![people[2].id, nobody, people[0].id]).await);
    some.sort_by(|a, b| a.email.cmp(&b.email));
    assert_eq!(some, [people[0].clone(), people[2].clone()]);
}

async fn links_and_sessions(store: &(impl Commit + Reads), desk: &mut Desk) {
    let (mut link, mut session) = (desk.link(), desk.session());
    assert_eq!(told(store.sign_in_link(link.secret_hash).await), None);
    put(store, desk, Row::SignInLink(link.clone()), Expect::New).await;
    put(store, desk, Row::Session(session.clone()), Expect::New).await;
    let found = store.sign_in_link(link.secret_hash).await;
    assert_eq!(told(found).as_ref(), Some(&link));
    let found = store.session(session.secret_hash).await;
    assert_eq!(told(found).as_ref(), Some(&session));
    desk.later(5);
    let used = Write::UseSignInLink(link.secret_hash);
    let ended = Write::EndSession(session.secret_hash);
    write(store, desk.batch().with(used).with(ended.clone())).await;
    link.used_at = Some(desk.now);
    session.ended_at = Some(desk.now);
    desk.later(5);
    // Signing out again changes nothing.
    write(store, desk.batch().with(ended)).await;
    let found = store.sign_in_link(link.secret_hash).await;
    assert_eq!(told(found), Some(link));
    let found = store.session(session.secret_hash).await;
    assert_eq!(told(found), Some(session));
}

async fn applications(store: &(impl Commit + Reads), desk: &mut Desk) {
    let mut written = Vec::new();
    for _ in 0..3 {
        desk.later(1);
        let (application, started) = desk.application();
        let row = Row::Application(Box::new(application.clone()), vec![started.clone()]);
        put(store, desk, row, Expect::New).await;
        written.push((application, vec![started]));
    }
    let elsewhere = ProgramId::new("elsewhere");
    desk.later(1);
    let (mut application, started) = desk.application();
    application.program = elsewhere.clone();
    application.applicant = PersonId::new(desk.now, desk.chance.entropy());
    let row = Row::Application(Box::new(application.clone()), vec![started.clone()]);
    put(store, desk, row, Expect::New).await;
    written.push((application, vec![started]));

    // Two events in one batch, the third in another.
    let (second, history) = &mut written[1];
    for events in submission(second, desk) {
        let before = second.version;
        for event in &events {
            second.apply(event);
        }
        history.extend(events.clone());
        let row = Row::Application(Box::new(second.clone()), events);
        put(store, desk, row, Expect::Version(before)).await;
    }
    for (application, history) in &written {
        let found = store.application(application.id).await;
        assert_eq!(told(found).as_ref(), Some(application));
        assert_eq!(&told(store.history(application.id).await), history);
    }
    let in_review = vec![(written[1].0.program.clone(), RoundId::new("2027-03"))];
    assert_eq!(told(store.rounds_with(State::InReview).await), in_review);
    assert_eq!(told(store.rounds_with(State::Submitted).await), []);
    application_filters(store, desk, written, elsewhere).await;
}

/// A submission with a last save before it, then the beginning of its review.
fn submission(application: &Application, desk: &Desk) -> [Vec<Event>; 2] {
    let (answers, at) = (application.answers.clone(), desk.now);
    let saved = Event::DraftSaved { answers: answers.clone(), at };
    let estimate = Some(desk.estimate());
    let counted = Event::EstimateSet { estimate: estimate.clone(), at };
    let submitted = Event::Submitted {
        answers,
        requested: Some(usd("750.000000001")),
        estimate,
        policies: Vec::new(),
        round: RoundId::new("2027-03"),
        progress: None,
        at,
    };
    [vec![saved, counted, submitted], vec![Event::ReviewBegun { at }]]
}

async fn application_filters(
    store: &impl Reads,
    desk: &Desk,
    written: Vec<(Application, Vec<Event>)>,
    elsewhere: ProgramId,
) {
    let all = ApplicationFilter::default();
    let of = |program: &ProgramId| ApplicationFilter {
        program: Some(program.clone()),
        ..ApplicationFilter::default()
    };
    let two = vec![written[3].0.id, written[0].0.id];
    let cases: [(ApplicationFilter, &[usize]); 9] = [
        (all.clone(), &[3, 2, 1, 0]),
        (of(&desk.program()), &[2, 1, 0]),
        (of(&elsewhere), &[3]),
        (ApplicationFilter { applicant: Some(desk.holder), ..all.clone() }, &[2, 1, 0]),
        (
            ApplicationFilter { states: vec![State::InReview, State::Withdrawn], ..all.clone() },
            &[1],
        ),
        (
            ApplicationFilter {
                states: vec![State::Draft],
                round: Some(RoundId::new("2027-03")),
                ..all.clone()
            },
            &[],
        ),
        (
            ApplicationFilter {
                round: Some(RoundId::new("2027-03")),
                states: State::ALL.to_vec(),
                applicant: Some(desk.holder),
                program: Some(desk.program()),
                ids: vec![written[1].0.id],
            },
            &[1],
        ),
        (ApplicationFilter { ids: two.clone(), ..all.clone() }, &[3, 0]),
        (ApplicationFilter { ids: two, ..of(&elsewhere) }, &[3]),
    ];
    for (which, indices) in cases {
        let expected: Vec<Application> =
            indices.iter().map(|index| written[*index].0.clone()).collect();
        let found = told(store.applications(which.clone()).await);
        assert_eq!(found, expected, "{which:?}");
        let heads: Vec<Head> = expected.into_iter().map(Head::from).collect();
        assert_eq!(told(store.heads(which.clone()).await), heads, "{which:?}");
    }
}

async fn reviews(store: &(impl Commit + Reads), desk: &mut Desk) {
    let application = desk.application().0.id;
    let mut reviews: Vec<Review> = Vec::new();
    for _ in 0..3 {
        desk.later(1);
        reviews.push(desk.review(application));
    }
    for review in reviews.iter().rev() {
        put(store, desk, Row::Review(review.clone()), Expect::New).await;
    }
    let stray = desk.application().0.id;
    let stray = desk.review(stray);
    put(store, desk, Row::Review(stray), Expect::New).await;
    assert_eq!(told(store.reviews(application).await), reviews);
}

async fn grants(store: &(impl Commit + Reads), desk: &mut Desk) {
    let mut grants: Vec<Grant> = Vec::new();
    for _ in 0..3 {
        desk.later(1);
        grants.push(desk.grant());
    }
    grants[1].holder = PersonId::new(desk.now, desk.chance.entropy());
    grants[2].program = ProgramId::new("elsewhere");
    for grant in &grants {
        put(store, desk, Row::Grant(Box::new(grant.clone())), Expect::New).await;
    }
    let due = grants[1].deliver_from;
    let early = grants[0].deliver_from;
    let delivered = Grant {
        delivered_at: Some(early),
        expires_at: Some(desk.in_hours(365 * 24)),
        expires_no_later_than: Some(desk.in_hours(300 * 24)),
        lot: Some(LotId::new(desk.now, desk.chance.entropy())),
        tier: Some(TierId::new("tier-5")),
        voided_at: Some(desk.in_hours(1)),
        version: 2,
        ..grants[0].clone()
    };
    let by_due = |due: Timestamp| GrantFilter { due_by: Some(due), ..GrantFilter::default() };
    check_grants(store, by_due(due), &[&grants[1], &grants[0]]).await;
    let row = Row::Grant(Box::new(delivered.clone()));
    put(store, desk, row, Expect::Version(1)).await;
    grants[0] = delivered;
    for grant in &grants {
        assert_eq!(told(store.grant(grant.id).await).as_ref(), Some(grant));
    }
    let [first, second, third] = [&grants[0], &grants[1], &grants[2]];
    check_grants(store, GrantFilter::default(), &[third, second, first]).await;
    check_grants(store, by_due(early), &[]).await;
    check_grants(store, by_due(due), &[second]).await;
    let here = GrantFilter { program: Some(desk.program()), ..GrantFilter::default() };
    check_grants(store, here.clone(), &[second, first]).await;
    let mine = GrantFilter { holder: Some(desk.holder), ..here };
    check_grants(store, mine, &[first]).await;
    let voided = |at| GrantFilter { voided_alive_at: Some(at), ..GrantFilter::default() };
    let expires_at = first.expires_at.expect("it was delivered");
    check_grants(store, voided(desk.now), &[first]).await;
    check_grants(store, voided(expires_at), &[]).await;
}

async fn check_grants(store: &impl Reads, which: GrantFilter, expected: &[&Grant]) {
    let found = told(store.grants(which.clone()).await);
    assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{which:?}");
}

async fn studies(store: &(impl Commit + Reads), desk: &mut Desk) {
    let (grant, elsewhere) = (desk.grant().id, desk.grant().id);
    let studies = [desk.study(grant), desk.study(grant)];
    let stray = desk.study(elsewhere);
    let row = |study: &Study, expect| Write::Row(Row::Study(Box::new(study.clone())), expect);
    assert_eq!(told(store.study(stray.id).await), None);
    let mut batch = desk.batch();
    batch.writes.extend(studies.iter().chain([&stray]).map(|study| row(study, Expect::New)));
    store.commit(batch).await.expect("studies are made");
    assert_eq!(told(store.studies(grant).await), studies);
    let closed = Study { closed_at: Some(desk.now), version: 2, ..studies[0].clone() };
    let change = || desk.batch().with(row(&closed, Expect::Version(1)));
    store.commit(change()).await.expect("a study is closed");
    let twice = store.commit(change()).await;
    assert_eq!(twice, Err(CommitError::Conflict(format!("study `{}`", closed.id))));
    assert_eq!(told(store.study(closed.id).await), Some(closed));
}

async fn keys(store: &(impl Commit + Reads), desk: &mut Desk) {
    let grant = desk.grant().id;
    let mut keys: Vec<Key> = Vec::new();
    for _ in 0..3 {
        desk.later(1);
        keys.push(desk.key(grant));
    }
    keys[1].cap = None;
    keys[1].expires_at = None;
    let stray = desk.grant().id;
    let stray = desk.key(stray);
    for key in keys.iter().rev().chain([&stray]) {
        put(store, desk, Row::Key(Box::new(key.clone())), Expect::New).await;
    }
    keys[2].revoked_at = Some(desk.now);
    keys[2].version = 2;
    let revoked = Row::Key(Box::new(keys[2].clone()));
    put(store, desk, revoked, Expect::Version(1)).await;
    for key in &keys {
        assert_eq!(told(store.key(key.id).await).as_ref(), Some(key));
        let found = store.key_by_hash(key.secret_hash).await;
        assert_eq!(told(found).as_ref(), Some(key));
    }
    assert_eq!(told(store.key_by_hash([0; 32]).await), None);
    assert_eq!(told(store.keys(grant).await), keys);
}

/// Seven calls of one grant with two keys, over three days; one call of another grant.
async fn calls(store: &(impl Commit + Reads), desk: &mut Desk) {
    write(store, desk.funded_lot(usd("100"))).await;
    let grant = desk.grant().id;
    let keys = [desk.key(grant).id, desk.key(grant).id];
    let mut calls = Vec::new();
    for (index, cost) in (0_usize..).zip([1, 20, 300, 0, 50_000, 600_000, 7_000_000]) {
        desk.later(7 * 60);
        let key = keys[index % 2];
        calls.push(settled(store, desk, grant, key, Usd::from_nanos(cost)).await);
    }
    let (elsewhere, key) = (desk.grant().id, desk.key(grant).id);
    settled(store, desk, elsewhere, key, usd("1")).await;
    for call in &calls {
        assert_eq!(told(store.call(call.request).await).as_ref(), Some(call));
    }
    let stray = bursar_kernel::HoldId::new(desk.now, desk.chance.entropy());
    let pairs: Vec<_> = calls.iter().map(|call| (call.hold, call.request)).collect();
    let holds = pairs.iter().map(|(hold, _)| *hold).chain([stray]).collect();
    let mut found = told(store.calls_of_holds(holds).await);
    found.sort_by_key(|(hold, _)| *hold);
    assert_eq!(found, pairs);
    pages(store, grant, &calls).await;
    of_people(store, desk, (grant, keys[0]), &calls).await;

    spends(store, grant, keys, &calls).await;
    // The last word on a call moves what is kept of its day: up, to nothing, and back.
    for (which, cost) in [(1, 25), (5, 0), (5, 400_000), (6, 7_000_000), (0, 9)] {
        correct(store, desk, &mut calls[which], Usd::from_nanos(cost)).await;
        spends(store, grant, keys, &calls).await;
    }
    // What is there already is not counted again, nor is anything that would have come with it.
    let mut late = desk.call(calls[0].hold, usd("1"));
    (late.key, late.grant) = (calls[0].key, grant);
    let again =
        Call { request: late.request, hold: desk.question(usd("1")).hold, ..calls[0].clone() };
    for (first, second) in [(&again, &late), (&again, &calls[0])] {
        let row = |call: &Call| Write::Row(Row::Call(Box::new(call.clone())), Expect::New);
        let answer = store.commit(desk.batch().with(row(first)).with(row(second))).await;
        assert!(matches!(answer, Err(CommitError::Conflict(_))), "{answer:?}");
    }
    spends(store, grant, keys, &calls).await;
    together(store, desk, grant, keys, calls).await;
}

/// A group of calls in one batch: several of a day, a key and a model, one of the day before.
async fn together(
    store: &(impl Commit + Reads),
    desk: &mut Desk,
    grant: GrantId,
    keys: [KeyId; 2],
    mut calls: Vec<Call>,
) {
    let (mut batch, early) = (desk.batch(), desk.in_hours(-24));
    for place in 0..6 {
        let hold = desk.question(usd("1")).hold;
        let mut call = desk.call(hold, Usd::ZERO);
        (call.grant, call.key, call.model) = (grant, keys[place % 2], ModelId::new("cheap"));
        if place == 5 {
            call.ended_at = early;
        }
        batch = batch.with(Write::Row(Row::Call(Box::new(call.clone())), Expect::New));
        calls.push(call);
    }
    write(store, batch).await;
    spends(store, grant, keys, &calls).await;
}

/// The last word on what a call cost.
async fn correct(store: &impl Commit, desk: &mut Desk, call: &mut Call, cost: Usd) {
    let id = CorrectionId::new(desk.now, desk.chance.entropy());
    let (charge, reason) = (call.hold, "the provider's report".to_owned());
    let correct = Command::Correct(Box::new(Correct { id, charge, cost, reason }));
    write(store, desk.batch().with(correct)).await;
    call.cost = cost;
}

/// What is kept of a grant's calls is what they come to, whichever way it is asked for.
async fn spends(store: &impl Reads, grant: GrantId, keys: [KeyId; 2], calls: &[Call]) {
    let mut by_key = keys.map(|key| (key, spend(calls.iter().filter(|call| call.key == key))));
    by_key.sort_by_key(|(key, _)| *key);
    assert_eq!(told(store.spend_by_key(grant).await), by_key);
    let models: BTreeSet<_> = calls.iter().map(|call| call.model.clone()).collect();
    let of_model = |model| (spend(calls.iter().filter(|call| call.model == model)), model);
    let mut by_model: Vec<_> = models.into_iter().map(of_model).collect();
    by_model.sort_by_key(|(spend, _)| std::cmp::Reverse(spend.cost));
    assert_eq!(by_model.len(), 2, "the calls went to several models");
    let by_model: Vec<_> = by_model.into_iter().map(|(spend, model)| (model, spend)).collect();
    assert_eq!(told(store.spend_by_model(grant).await), by_model);
    let day_of = |call: &Call| call.ended_at.to_zoned(jiff::tz::TimeZone::UTC).date();
    let days: BTreeSet<_> = calls.iter().map(day_of).collect();
    let of_day = |day| {
        let Spend { cost, calls, .. } = spend(calls.iter().filter(|call| day_of(call) == day));
        DaySpend { day, cost, calls }
    };
    let by_day: Vec<_> = days.into_iter().map(of_day).collect();
    assert!(2 < by_day.len(), "the calls fall on several days");
    assert_eq!(told(store.spend_by_day(grant).await), by_day);
    let mut parts: BTreeMap<_, (Usd, u64)> = BTreeMap::new();
    for call in calls {
        let part = parts.entry((day_of(call), call.key, call.model.clone())).or_default();
        part.0 = part.0.checked_add(call.cost).expect("a day's cost is a cost");
        part.1 = part.1.saturating_add(1);
    }
    let part = |((day, key, model), (cost, calls))| KeySpend { day, key, model, cost, calls };
    let parts: Vec<_> = parts.into_iter().map(part).collect();
    assert_eq!(told(store.spend_by_all(grant).await), parts);
}

/// A call with its hold, placed and captured.
async fn settled(
    store: &impl Commit,
    desk: &mut Desk,
    grant: GrantId,
    key: KeyId,
    cost: Usd,
) -> Call {
    let (hold, place) = desk.hold(usd("1"));
    write(store, place).await;
    let model = ModelId::new(if usd("0.00001") < cost { "dear" } else { "cheap" });
    let call = Call { key, grant, model, ..desk.call(hold, cost) };
    let row = Write::Row(Row::Call(Box::new(call.clone())), Expect::New);
    write(store, desk.capture(hold, cost).with(row)).await;
    call
}

fn spend<'a>(calls: impl Iterator<Item = &'a Call>) -> Spend {
    calls.fold(Spend::default(), |sum, call| Spend {
        cost: sum.cost.checked_add(call.cost).expect("a small sum"),
        calls: sum.calls.saturating_add(1),
        last_at: sum.last_at.max(Some(call.ended_at)),
    })
}

/// Pages of three join up to the whole list, newest first.
async fn pages(store: &impl Reads, grant: GrantId, calls: &[Call]) {
    let (mut before, mut read, mut sizes) = (None, Vec::new(), Vec::new());
    loop {
        let which = CallFilter { grant, person: None, before, limit: 3 };
        let page = told(store.calls(which).await);
        let Some(last) = page.last() else { break };
        before = Some(last.request);
        sizes.push(page.len());
        read.extend(page);
    }
    assert_eq!(sizes, [3, 3, 1]);
    assert!(read.iter().eq(calls.iter().rev()), "{read:#?}");
}

/// Of whoever has only some of the keys, the calls of those alone.
async fn of_people(
    store: &(impl Commit + Reads),
    desk: &mut Desk,
    (grant, id): (GrantId, KeyId),
    calls: &[Call],
) {
    let key = Key { id, ..desk.key(grant) };
    let row = Write::Row(Row::Key(Box::new(key.clone())), Expect::New);
    write(store, desk.batch().with(row)).await;
    let of = |person| CallFilter { grant, person: Some(person), before: None, limit: 9 };
    let theirs: Vec<_> = calls.iter().rev().filter(|call| call.key == id).cloned().collect();
    assert_eq!(told(store.calls(of(key.person)).await), theirs);
    assert_eq!(told(store.calls(of(key.holder)).await), []);
}

async fn outbox(store: &(impl Commit + Reads), desk: &mut Desk) {
    let (mut mails, mut lines): (Vec<Mail>, Vec<_>) = (Vec::new(), Vec::new());
    for _ in 0..4 {
        desk.later(1);
        let (mail, line) = (desk.mail(), desk.audit_line());
        write(store, desk.batch().with(mail.clone()).with(line.clone())).await;
        mails.push(mail);
        lines.push(line);
    }
    let sent = Write::MailSent(mails[2].id);
    write(store, desk.batch().with(sent.clone())).await;
    mails[2].sent_at = Some(desk.now);
    desk.later(1);
    // Sent once: a second report keeps the first instant.
    write(store, desk.batch().with(sent)).await;
    for mail in &mails {
        assert_eq!(told(store.mail(mail.id).await).as_ref(), Some(mail));
    }
    mails.reverse();
    lines.reverse();
    assert_eq!(told(store.mails(3).await), mails[..3]);
    assert_eq!(told(store.mails(50).await), mails);
    assert_eq!(told(store.audit_trail(2).await), lines[..2]);
}

async fn notices(store: &(impl Commit + Reads), desk: &mut Desk) {
    let (grant, other) = (desk.grant().id, desk.grant().id);
    let mut told_of = Vec::new();
    for milestone in [Milestone::Used80, Milestone::Days90, Milestone::Days1] {
        desk.later(1);
        let notice = Notice { grant, milestone, at: desk.now };
        write(store, desk.batch().with(notice)).await;
        told_of.push(notice);
    }
    let elsewhere = Notice { grant: other, milestone: Milestone::Days90, at: desk.now };
    write(store, desk.batch().with(elsewhere)).await;
    // Nobody is told twice, and what would have gone with it does not go either.
    desk.later(1);
    let again = Notice { at: desk.now, ..told_of[0] };
    let mail = desk.mail();
    let answer = store.commit(desk.batch().with(mail.clone()).with(again)).await;
    let conflict = CommitError::Conflict(format!("notice `{grant} used_80`"));
    assert_eq!(answer, Err(conflict));
    assert_eq!(told(store.mail(mail.id).await), None);
    assert_eq!(told(store.notices(grant).await), told_of);
    assert_eq!(told(store.notices(other).await), [elsewhere]);
    assert_eq!(told(store.notices(desk.grant().id).await), []);
}

async fn settings(store: &(impl Commit + Reads), desk: &Desk) {
    assert_eq!(told(store.setting("clock").await), None);
    for value in ["a", "b"] {
        let set = Write::Setting { key: "clock", value: value.to_owned() };
        write(store, desk.batch().with(set)).await;
        assert_eq!(told(store.setting("clock").await).as_deref(), Some(value));
    }
    assert_eq!(told(store.setting("other").await), None);
}
