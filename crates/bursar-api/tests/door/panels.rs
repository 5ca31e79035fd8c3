//! A round's panel by JSON: planned, asked, changed.

use bursar_api::types::{AddReviewer, Appoint, PlanPanel};
use bursar_kernel::{Role, RoundId};

use crate::house::{House, at, program};
use crate::judging::submitted;

fn named(email: &str, role: Role) -> Appoint {
    Appoint { email: email.to_owned(), name: String::new(), roles: [role].into() }
}

#[tokio::test]
async fn a_panel_is_planned_asked_and_changed() {
    let house = House::open().await;
    let (client, round) = (&house.client, RoundId::new("2026-12"));
    let (_, id) = submitted(&house).await;
    let early = client.plan_panel(&program(), &round, &PlanPanel { seed: 1 }).await.unwrap_err();
    assert!(early.to_string().contains("without an application in review"), "{early}");
    house.turn_to(at("2026-12-01T00:00:00Z"));
    house.service.run_due().await.unwrap();
    for email in ["lena@reviews.example", "noor@reviews.example", "kai@reviews.example"] {
        client.appoint(&named(email, Role::Reviewer)).await.unwrap();
    }
    let planned = client.plan_panel(&program(), &round, &PlanPanel { seed: 1 }).await.unwrap();
    assert_eq!((planned.added, planned.dropped, planned.short.len(), planned.groups), (2, 0, 0, 1));
    let panel = client.panel(&program(), &round).await.unwrap();
    let line = &panel.applications[0];
    assert_eq!((panel.reviews, line.application, line.missing), (2, id, 0));
    assert!(line.reviewers.iter().all(|one| one.state == "proposed"));
    assert_eq!(panel.reviewers.iter().map(|one| one.has).sum::<u32>(), 2);

    let invited = client.invite_panel(&program(), &round).await.unwrap();
    assert_eq!((invited.reviewers, invited.reviews), (2, 2));
    let nobody = client.invite_panel(&program(), &round).await.unwrap_err();
    assert!(nobody.to_string().contains("plan the round first"), "{nobody}");

    let found = client.reviewers(id).await.unwrap();
    let next = &found.candidates[0];
    assert_eq!(found.candidates.len(), 1);
    let strange = AddReviewer { reviewer: "nobody@reviews.example".to_owned() };
    let refused = client.add_reviewer(id, &strange).await.unwrap_err();
    assert!(refused.to_string().contains("is not a reviewer here"), "{refused}");
    let reviewer = AddReviewer { reviewer: next.name.clone() };
    let added = client.add_reviewer(id, &reviewer).await.unwrap();
    let states: Vec<_> = added.reviewers.iter().map(|one| &*one.state).collect();
    assert_eq!(states, ["invited", "invited", "proposed"]);

    let path = |id| format!("/api/assignments/{id}/release");
    let asked = path(added.reviewers[0].id);
    let silent = house.send("POST", &asked, "{}").await;
    assert_eq!(silent.0, 409, "{}", silent.1);
    let told = house.send("POST", &asked, r#"{"why": "We have enough"}"#).await;
    assert_eq!(told.0, 204, "{}", told.1);
    let planned = house.send("POST", &path(added.reviewers[2].id), "{}").await;
    assert_eq!(planned.0, 204, "nobody knew of it");
    let panel = client.panel(&program(), &round).await.unwrap();
    assert_eq!(panel.applications[0].missing, 1);
}
