//! An export has all that is somebody's own, and nothing of anybody else's.

use std::collections::BTreeMap;

use bursar_award::State;
use bursar_award::review_draft::ReviewDraft;
use bursar_personal::export;
use bursar_policy::Viewer;
use bursar_service::ServiceError;
use bursar_store::{ApplicationFilter, Batch, CallFilter, Expect, GrantFilter, Row, Write};
use serde_json::Value;

use crate::house::House;

fn document(files: &BTreeMap<String, Vec<u8>>, name: &str) -> Value {
    serde_json::from_slice(&files[name]).unwrap()
}

fn lines(file: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(file).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn whole(files: &BTreeMap<String, Vec<u8>>) -> String {
    files.values().map(|file| String::from_utf8_lossy(file).into_owned()).collect()
}

#[tokio::test]
async fn everything_of_ones_own_is_in_it() {
    let house = House::on_sqlite().await;
    let store = house.service.store();
    let person = house.person(house.world.researcher).await;
    let files = house.export(person.id).await;
    assert_eq!(document(&files, "account.json")["email"], person.email.as_str());
    let filter = ApplicationFilter { applicant: Some(person.id), ..ApplicationFilter::default() };
    let mine = store.applications(filter).await.unwrap();
    let told = document(&files, "applications.json");
    assert_eq!(told["applications"].as_array().unwrap().len(), mine.len());
    let text = whole(&files);
    for answer in mine.iter().flat_map(|one| one.answers.values()) {
        let written = serde_json::to_string(answer).unwrap();
        assert!(text.contains(&written), "{answer} is missing");
    }
    let filter = GrantFilter { holder: Some(person.id), ..GrantFilter::default() };
    let mut calls = 0;
    for grant in store.grants(filter).await.unwrap() {
        let all = CallFilter { grant: grant.id, person: None, before: None, limit: usize::MAX };
        let made = store.calls(all).await.unwrap();
        let found = lines(&files[&format!("calls/{}-0001.jsonl", grant.id)]);
        assert_eq!(found.len(), made.len());
        calls += found.len();
        let statement = String::from_utf8_lossy(&files[&format!("statements/{}.csv", grant.id)]);
        assert!(statement.contains("opening") && statement.contains("closing"));
        assert!(text.contains(&grant.id.to_string()));
        for key in store.keys(grant.id).await.unwrap() {
            assert!(text.contains(&key.id.to_string()), "{} is missing", key.id);
        }
    }
    assert!(1_000 < calls, "{calls}: more than a page");
    let to_them = store.mails(usize::MAX).await.unwrap();
    let to_them = to_them.iter().filter(|mail| mail.to == person.email).count();
    assert_eq!(lines(&files["mails.jsonl"]).len(), to_them);
    assert!(!lines(&files["audit.jsonl"]).is_empty());
    let application = store.reviews_by(house.world.reviewer).await.unwrap()[0].application;
    let draft = ReviewDraft {
        application,
        reviewer: house.world.reviewer,
        fields: [("comment".to_owned(), "not yet sent".to_owned())].into(),
        saved_at: house.service.now(),
        version: 1,
    };
    let batch = Batch::new(bursar_kernel::Actor::Operator, house.service.now());
    let row = Write::Row(Row::ReviewDraft(Box::new(draft)), Expect::New);
    store.commit(batch.with(row)).await.unwrap();
    let reviewer = house.export(house.world.reviewer).await;
    let drafts = &document(&reviewer, "reviews.json")["not_sent_in"];
    assert_eq!(drafts[0]["typed"]["comment"], "not yet sent");
    assert!(!document(&reviewer, "reviews.json")["reviews"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn nothing_of_anybody_elses_is_in_it() {
    let house = House::on_sqlite().await;
    let store = house.service.store();
    let people = store.people().await.unwrap();
    let applications = store.applications(ApplicationFilter::default()).await.unwrap();
    let mut decided = 0;
    for person in people.iter().filter(|person| person.roles.is_empty()) {
        let mut files = house.export(person.id).await;
        let text = whole(&files);
        // A statement names who moved something by an identifier, as its holder reads it anyway.
        files.retain(|name, _| !name.starts_with("statements/"));
        let without_statements = whole(&files);
        for other in people.iter().filter(|other| other.id != person.id) {
            let id = other.id.to_string();
            let line = without_statements.lines().find(|line| line.contains(&id));
            assert_eq!(line, None, "{} reads {id}", person.email);
            for word in [&other.email, &other.name].into_iter().filter(|word| !word.is_empty()) {
                let line = text.lines().find(|line| line.contains(word.as_str()));
                assert_eq!(line, None, "{} reads {word}", person.email);
            }
        }
        for application in applications.iter().filter(|one| one.applicant == person.id) {
            for review in store.reviews(application.id).await.unwrap() {
                let comment = serde_json::to_string(&review.comment).unwrap();
                assert!(!text.contains(comment.trim_matches('"')), "{}", person.email);
                assert!(!text.contains(&review.id.to_string()));
            }
            assert!(!text.contains("review_begun") && !text.contains("\"decided\""));
            let Some(decision) = &application.decision else { continue };
            if application.state == State::Decided {
                decided += 1;
                assert!(!text.contains(decision.reasons.as_str()), "{}", person.email);
            }
        }
    }
    assert!(0 < decided, "somebody's decision waits for its release");
}

#[tokio::test]
async fn it_is_for_its_person_and_for_whoever_runs_the_installation() {
    let house = House::on_sqlite().await;
    let (researcher, reviewer) = (house.world.researcher, house.world.reviewer);
    let other = house.viewer(reviewer).await;
    let told = export(&house.service, &other, researcher).await.err();
    assert!(matches!(told, Some(ServiceError::NotAllowed)), "{told:?}");
    let told = export(&house.service, &Viewer::Nobody, researcher).await.err();
    assert!(matches!(told, Some(ServiceError::SignInFirst)), "{told:?}");
    let mut everything = export(&house.service, &Viewer::Operator, researcher).await.unwrap();
    let mut pieces = 0;
    while everything.next().await.unwrap().is_some() {
        pieces += 1;
    }
    assert!(10 < pieces);
}
