//! Who qualifies, when credit could arrive, and decisions in officers' names.

use std::collections::{BTreeMap, BTreeSet};

use bursar_api::types::{
    Advance, ApplicationsQuery, Appoint, ApproveAward, DecideOn, DeliveryDay, GivenAnswers,
    PlanQuery,
};
use bursar_client::ClientError;
use bursar_kernel::program::FieldKind;
use bursar_kernel::{ApplicationId, Role, Usd};
use bursar_policy::Viewer;

use crate::house::{House, at, program};

fn given(pairs: &[(&str, &str)]) -> GivenAnswers {
    let answers = pairs.iter().map(|(field, answer)| ((*field).to_owned(), (*answer).to_owned()));
    GivenAnswers { answers: answers.collect() }
}

fn said<T: std::fmt::Debug>(result: Result<T, ClientError>) -> String {
    format!("{:?}", result.unwrap_err())
}

#[tokio::test]
async fn somebody_learns_whether_they_qualify_and_when_credit_could_arrive() {
    let house = House::with_a_fixed_clock().await;
    let client = &house.client;
    let yes = [("role", "postdoc"), ("country", "JP"), ("area", "misuse"), ("purpose", "research")];
    let line = client.eligibility(&program(), &given(&yes)).await.unwrap();
    assert_eq!((line.standing.as_str(), line.findings.len()), ("eligible", 4));
    let half = client.eligibility(&program(), &given(&[("role", "postdoc")])).await.unwrap();
    assert_eq!(half.standing, "unsaid", "never a yes by default");
    let no = client.eligibility(&program(), &given(&[("role", "company")])).await.unwrap();
    let finding = no.findings.iter().find(|finding| finding.field == "role").unwrap();
    assert_eq!((no.standing.as_str(), finding.standing.as_str()), ("ineligible", "ineligible"));
    assert!(finding.advice.is_some() && no.ask.is_some());

    let path = format!("/api/programs/{}/proposal", program());
    let (status, body) = house.send("POST", &path, r#"{"answers":{"amount":"750"}}"#).await;
    assert!(status == 200 && body.contains(r#""id":"question""#), "{status} {body}");

    let now = client.plan(&program(), &PlanQuery::default()).await.unwrap();
    assert_eq!((now.round.as_str(), now.submit_before), ("2026-12", at("2026-12-01T00:00:00Z")));
    let by = |need_by: &str| PlanQuery { need_by: Some(need_by.to_owned()), submit_on: None };
    let spring = client.plan(&program(), &by("2027-06-01")).await.unwrap();
    assert_eq!(spring.round.as_str(), "2027-03");
    let soon = said(client.plan(&program(), &by("2026-12-24")).await);
    assert!(soon.contains("the first is by 2027-02-12"), "{soon}");
}

/// An application handed in by Ada, with everything answered.
pub(crate) async fn submitted(house: &House) -> (Viewer, ApplicationId) {
    let service = &house.service;
    let roles = BTreeSet::new();
    let ada = service.appoint(&Viewer::Operator, "ada@lab.example", "Ada", roles.clone()).await;
    let ada = Viewer::Person { id: ada.unwrap().id, roles };
    let rules = service.program(&program()).unwrap().clone();
    let first = bursar_service::Occasion::First;
    let asked = bursar_program::answers::questions(&rules, first).map(|field| {
        let answer = match &field.kind {
            FieldKind::Line { .. } | FieldKind::Text { .. } | FieldKind::Institution => {
                "A few plain words."
            }
            FieldKind::Choice { options } => &options[0].0,
            FieldKind::Amount => "1200",
            FieldKind::Choices { .. }
            | FieldKind::Date { .. }
            | FieldKind::Number { .. }
            | FieldKind::Email
            | FieldKind::Web
            | FieldKind::Orcid
            | FieldKind::Attachment { .. } => panic!("the program that ships does not ask for it"),
        };
        (field.id.clone(), answer.to_owned())
    });
    let answers: BTreeMap<String, String> = asked.collect();
    let id = service.start_application(&ada, &program()).await.unwrap();
    service.save_draft(&ada, id, answers).await.unwrap();
    let policies: Vec<String> = rules.policies.iter().map(|policy| policy.id.clone()).collect();
    service.submit(&ada, id, &policies).await.unwrap();
    (ada, id)
}

async fn turn(house: &House, to: &str) {
    let to = Some(to.to_owned());
    house.client.advance_clock(&Advance { to, ..Advance::default() }).await.unwrap();
}

#[tokio::test]
async fn decisions_carry_officers_names_and_two_of_them_above_the_typical_maximum() {
    let house = House::open().await;
    let client = &house.client;
    let usd = |text: &str| text.parse::<Usd>().unwrap();
    client.fund(&program(), usd("5000")).await.unwrap();
    for email in ["grace@lab.example", "alan@lab.example"] {
        let (email, name) = (email.to_owned(), "An officer".to_owned());
        let roles = BTreeSet::from([Role::Officer]);
        client.appoint(&Appoint { email, name, roles }).await.unwrap();
    }
    let (ada, id) = submitted(&house).await;
    turn(&house, "2026-12-01").await;
    let decide = |officer: &str| DecideOn {
        officer: officer.to_owned(),
        award: Some(usd("1200")),
        waitlist: None,
        reasons: "Large and good.".to_owned(),
        justification: Some("Eight labs take part.".to_owned()),
    };
    let approve = |officer: &str| ApproveAward { officer: officer.to_owned() };
    let nobody = said(client.decide(id, &decide("ada@lab.example")).await);
    assert!(nobody.contains("is not an officer here"), "{nobody}");
    let proposed = client.decide(id, &decide("grace@lab.example")).await.unwrap();
    assert!(proposed.waits_for_approval);
    assert_eq!(proposed.application.awarded, Some(usd("1200")));
    assert_eq!((proposed.priority_points, proposed.priority_points_of), (2, 3));
    turn(&house, "2027-01-02").await;
    let december = bursar_kernel::RoundId::new("2026-12");
    let early = said(client.release_round(&program(), &december).await);
    assert!(early.contains("second officer"), "{early}");
    let same = said(client.approve(id, &approve("grace@lab.example")).await);
    assert!(same.contains("approval twice"), "{same}");
    let approved = client.approve(id, &approve("alan@lab.example")).await.unwrap();
    assert!(!approved.waits_for_approval);
    assert_eq!(client.release_round(&program(), &december).await.unwrap().released, 1);

    let grant = bursar_applying::accept_award(&house.service, &ada, id).await.unwrap();
    let day = |day: &str| DeliveryDay { day: day.to_owned() };
    let outside = said(client.set_delivery_day(grant, &day("2027-04-01")).await);
    assert!(outside.contains("The day must be from"), "{outside}");
    let no_day = said(client.set_delivery_day(grant, &day("soon")).await);
    assert!(no_day.contains("Write a day"), "{no_day}");
    client.set_delivery_day(grant, &day("2027-02-03")).await.unwrap();
    turn(&house, "2027-02-03").await;
    let shown = client.grant(grant).await.unwrap();
    assert_eq!((shown.state.as_str(), shown.available), ("active", usd("1200")));
    let listed = client.applications(&ApplicationsQuery::default()).await.unwrap();
    assert_eq!(listed.applications[0].state, "granted");
    let seen = client.application(id).await.unwrap();
    assert_eq!(seen.application, listed.applications[0]);
}
