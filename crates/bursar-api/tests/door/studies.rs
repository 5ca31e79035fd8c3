//! Studies at the door: made, changed, shared and closed, and what is wrong with them said.

use bursar_api::types::{MoveBudget, NewKey, StudyTerms};
use bursar_client::ClientError;
use bursar_kernel::{ModelId, StudyId};

use crate::house::{House, at, program};
use crate::story::{to_ada, usd};

fn terms(name: &str, budget: &str) -> StudyTerms {
    StudyTerms {
        name: name.to_owned(),
        budget: Some(usd(budget)),
        stops: true,
        ..StudyTerms::default()
    }
}

fn refused(error: ClientError) -> (u16, String) {
    let ClientError::Refused { status, problem, .. } = error else { panic!("{error:?}") };
    (status.as_u16(), problem.message)
}

#[tokio::test]
async fn a_study_lives_at_the_door() {
    let house = House::open().await;
    let client = &house.client;
    client.fund(&program(), usd("1000")).await.unwrap();
    let grant = client.issue_grant(&to_ada("250", None)).await.unwrap().id;
    let wanted = StudyTerms {
        starts: Some("2027-01-04".to_owned()),
        ends: Some("2027-03-01".to_owned()),
        models: vec![ModelId::new("gpt-5-mini")],
        tags: vec!["Raters".to_owned(), "raters ".to_owned()],
        notes: " First 200 items. ".to_owned(),
        ..terms("Pilot", "20")
    };
    let pilot = client.make_study(grant, &wanted).await.unwrap();
    assert_eq!((pilot.budget, pilot.left, pilot.stops), (Some(usd("20")), Some(usd("20")), true));
    assert_eq!(pilot.starts_at, Some(at("2027-01-04T00:00:00Z")));
    assert_eq!(
        (pilot.tags.as_slice(), pilot.notes.as_str()),
        (&["raters".to_owned()][..], "First 200 items.")
    );
    let new = NewKey {
        study: Some(pilot.id),
        models: vec![ModelId::new("gpt-5-mini")],
        ..NewKey::default()
    };
    let key = client.make_key(grant, &new).await.unwrap();
    assert_eq!((key.study, key.models.as_slice()), (Some(pilot.id), new.models.as_slice()));
    let main = client.make_study(grant, &terms("Main", "100")).await.unwrap();
    let moved = MoveBudget { to: main.id, amount: usd("5.5") };
    assert_eq!(client.move_budget(pilot.id, &moved).await.unwrap().budget, Some(usd("14.5")));
    let changed = StudyTerms { budget: None, ..terms("Pilot", "1") };
    let changed = client.change_study(pilot.id, &changed).await.unwrap();
    assert_eq!((changed.budget, changed.left, changed.models.len()), (None, None, 0));
    let closed = client.close_study(main.id).await.unwrap();
    assert!(closed.closed_at.is_some());
    let listed = client.studies(grant).await.unwrap().studies;
    let mut budgets: Vec<_> = listed.iter().map(|study| (&*study.name, study.budget)).collect();
    budgets.sort_unstable();
    assert_eq!(budgets, [("Main", Some(usd("105.5"))), ("Pilot", None)]);
    assert_eq!(client.study(pilot.id).await.unwrap().keys[0].id, key.id);
}

#[tokio::test]
async fn what_is_wrong_with_a_study_is_said() {
    let house = House::open().await;
    let client = &house.client;
    client.fund(&program(), usd("1000")).await.unwrap();
    let grant = client.issue_grant(&to_ada("250", None)).await.unwrap().id;
    let nobody = StudyId::from_bytes([7; 16]);
    let (status, message) = refused(client.study(nobody).await.unwrap_err());
    assert_eq!((status, message.contains("there is no study")), (404, true), "{message}");
    let late = StudyTerms { ends: Some("soon".to_owned()), ..terms("Pilot", "1") };
    let (status, message) = refused(client.make_study(grant, &late).await.unwrap_err());
    assert_eq!((status, message.contains("ends")), (422, true), "{message}");
    let none = StudyTerms { budget: Some(usd("0")), ..terms("Pilot", "1") };
    let (status, message) = refused(client.make_study(grant, &none).await.unwrap_err());
    assert_eq!((status, message.contains("budget")), (422, true), "{message}");
    let pilot = client.make_study(grant, &terms("Pilot", "20")).await.unwrap();
    let (status, _) = refused(client.make_study(grant, &terms("Pilot", "5")).await.unwrap_err());
    assert_eq!(status, 422);
    let itself = MoveBudget { to: pilot.id, amount: usd("1") };
    let (status, _) = refused(client.move_budget(pilot.id, &itself).await.unwrap_err());
    assert_eq!(status, 422);
    client.close_study(pilot.id).await.unwrap();
    let (status, message) = refused(client.close_study(pilot.id).await.unwrap_err());
    assert_eq!((status, message.contains("closed")), (409, true), "{message}");
    let new = NewKey { study: Some(pilot.id), ..NewKey::default() };
    let (status, _) = refused(client.make_key(grant, &new).await.unwrap_err());
    assert_eq!(status, 409);
}
