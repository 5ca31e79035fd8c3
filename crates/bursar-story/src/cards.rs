//! Cards and their checks: what conflicts, and what is read back in which order.

use bursar_kernel::{CardCheckId, PersonId};

use super::world::{Desk, usd};
use bursar_store::rows::{Card, CardCheck, CardCheckState, CardFace};
use bursar_store::{CardCheckFilter, CardReads, Commit, CommitError, Expect, Row, Write};

async fn put(store: &impl Commit, desk: &Desk, row: Row, expect: Expect) {
    let answer = store.commit(desk.batch().with(Write::Row(row, expect))).await;
    assert!(answer.is_ok(), "{answer:?}");
}

async fn conflicts(store: &impl Commit, desk: &Desk, row: Row, expect: Expect) {
    let (table, name, _) = row.key();
    let answer = store.commit(desk.batch().with(Write::Row(row, expect))).await;
    assert_eq!(answer, Err(CommitError::Conflict(format!("{table} `{name}`"))));
}

/// Writes cards and checks to an engine that is still empty.
pub async fn card_writes(store: &impl Commit) {
    let mut desk = Desk::new(5);
    let check = desk.check(desk.holder);
    let row = |check: &CardCheck| Row::CardCheck(Box::new(check.clone()));
    put(store, &desk, row(&check), Expect::New).await;
    conflicts(store, &desk, row(&check), Expect::New).await;
    let second = desk.check(desk.holder);
    // One at a time, and the next once that one has ended.
    conflicts(store, &desk, row(&second), Expect::New).await;
    let held = CardCheck { state: CardCheckState::Held, version: 2, ..check.clone() };
    put(store, &desk, row(&held), Expect::Version(1)).await;
    conflicts(store, &desk, row(&held), Expect::Version(1)).await;
    conflicts(store, &desk, row(&second), Expect::New).await;
    let released = CardCheck { state: CardCheckState::Released, version: 3, ..check };
    put(store, &desk, row(&released), Expect::Version(2)).await;
    put(store, &desk, row(&second), Expect::New).await;

    let card = desk.card(&second);
    put(store, &desk, Row::Card(card.clone()), Expect::New).await;
    conflicts(store, &desk, Row::Card(card.clone()), Expect::New).await;
    let other = Card { version: 2, ..card };
    put(store, &desk, Row::Card(other.clone()), Expect::Version(1)).await;
    conflicts(store, &desk, Row::Card(other), Expect::Version(1)).await;
}

/// Writes cards and checks to an engine that is still empty, and reads them back.
pub async fn cards(store: &(impl Commit + CardReads)) {
    let mut desk = Desk::new(6);
    let (ada, ben) = (desk.holder, PersonId::new(desk.now, desk.chance.entropy()));
    assert_eq!(store.card(ada).await, Ok(None));
    let mut checks = Vec::new();
    for (person, state) in [
        (ada, CardCheckState::Failed),
        (ada, CardCheckState::Released),
        (ben, CardCheckState::Held),
        (ada, CardCheckState::Started),
    ] {
        desk.now = desk.in_hours(1);
        let check = CardCheck { state, ..desk.check(person) };
        put(store, &desk, Row::CardCheck(Box::new(check.clone())), Expect::New).await;
        checks.push(check);
    }
    assert_eq!(store.card_check(checks[1].id).await, Ok(Some(checks[1].clone())));
    let cases: [(CardCheckFilter, &[usize]); 4] = [
        (CardCheckFilter::Person(ada), &[3, 1, 0]),
        (CardCheckFilter::Person(ben), &[2]),
        (CardCheckFilter::Due(checks[2].due_at), &[2]),
        (CardCheckFilter::Due(checks[3].due_at), &[2, 3]),
    ];
    for (which, indices) in cases {
        let expected: Vec<CardCheck> = indices.iter().map(|at| checks[*at].clone()).collect();
        assert_eq!(store.card_checks(which).await, Ok(expected), "{which:?}");
    }
    let card = desk.card(&checks[1]);
    put(store, &desk, Row::Card(card.clone()), Expect::New).await;
    assert_eq!(store.card(ada).await, Ok(Some(card)));
    assert_eq!(store.card(ben).await, Ok(None));
}

impl Desk {
    fn check(&mut self, person: PersonId) -> CardCheck {
        CardCheck {
            id: CardCheckId::new(self.now, self.chance.entropy()),
            person,
            grant: self.grant().id,
            amount: usd("5"),
            session: Some("cs_test_1".to_owned()),
            payment: None,
            face: None,
            state: CardCheckState::Started,
            said: Some("Your card was declined; O'Brien & 知".to_owned()),
            started_at: self.now,
            held_at: None,
            ended_at: None,
            due_at: self.in_hours(2),
            tries: 0,
            version: 1,
        }
    }

    fn card(&mut self, check: &CardCheck) -> Card {
        Card {
            person: check.person,
            face: CardFace {
                brand: "visa".to_owned(),
                last4: "0042".to_owned(),
                exp_month: 2,
                exp_year: 2031,
            },
            check: check.id,
            verified_at: self.now,
            version: 1,
        }
    }
}
