//! What a round came to, by JSON and CSV, and tried once more.

use bursar_api::types::{ApplicationsQuery, SimulateRound};
use bursar_kernel::RoundId;

use crate::house::{House, at, program};
use crate::judging::submitted;

#[tokio::test]
async fn a_round_is_told_exported_and_tried_once_more() {
    let house = House::open().await;
    let (client, round) = (&house.client, RoundId::new("2026-12"));
    let (_, id) = submitted(&house).await;
    house.turn_to(at("2026-12-01T00:00:00Z"));
    house.service.run_due().await.unwrap();

    let found = client.round_report(&program(), &round).await.unwrap();
    assert_eq!((found.applications, found.accepted, found.reviewers.len()), (1, 0, 0));
    assert!(found.groups.iter().any(|table| table.attribute == "resubmission"));
    let rows = client.round_export(&program(), &round).await.unwrap();
    assert_eq!((rows.rows.len(), rows.shared_by), (1, 5));
    assert!(rows.rows[0].answers.values().all(Option::is_none), "{rows:?}");
    assert_ne!(rows.rows[0].application, id.to_string());
    let csv = client.round_export_csv(&program(), &round).await.unwrap();
    assert!(csv.starts_with(b"application,outcome,"), "{csv:?}");
    let path = format!("/api/programs/{}/rounds/{round}/export?format=xml", program());
    assert_eq!(house.send("GET", &path, "").await.0, 422);

    let wanted = SimulateRound { draws: Some(5), ..SimulateRound::default() };
    let tried = client.simulate_round(&program(), &round, &wanted).await.unwrap();
    let line = &tried.applications[0];
    assert_eq!((line.application, line.is_funded, tried.changes), (id, false, 0));
    let reviews = Some(0);
    let none = SimulateRound { reviews, ..wanted };
    let refused = client.simulate_round(&program(), &round, &none).await.unwrap_err().to_string();
    assert!(refused.contains("one review of each application or more"), "{refused}");
    let nowhere = RoundId::new("2031-12-24");
    assert!(client.round_report(&program(), &nowhere).await.is_err());
}

#[tokio::test]
async fn applications_are_searched_and_sorted_a_page_at_a_time() {
    let house = House::open().await;
    let (_, id) = submitted(&house).await;
    let asked = |words: &str, page| ApplicationsQuery {
        words: Some(words.to_owned()),
        order: Some("title".to_owned()),
        page,
        ..ApplicationsQuery::default()
    };
    let found = house.client.applications(&asked(&id.to_string(), Some(1))).await.unwrap();
    assert_eq!((found.matching, found.applications[0].id), (1, id));
    let nothing = house.client.applications(&asked("\"&page=2", None)).await.unwrap();
    assert_eq!((nothing.matching, nothing.applications.len()), (0, 0));
    let strange = house.send("GET", "/api/applications?order=best", "").await;
    assert!(strange.0 == 422 && strange.1.contains("latest, oldest, title"), "{strange:?}");
}
