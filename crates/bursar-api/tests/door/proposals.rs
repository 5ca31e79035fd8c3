//! A round decided by JSON: screened, proposed, recorded, approved.

use bursar_api::types::{
    Appoint, ApproveRound, ByLineQuery, DecideByLine, DecideOn, ScreenApplication, TakeBackDecision,
};
use bursar_kernel::{Role, RoundId, Usd};

use crate::house::{House, at, program};
use crate::judging::submitted;

#[tokio::test]
async fn a_round_is_screened_decided_by_its_line_and_approved() {
    let house = House::open().await;
    let (client, round) = (&house.client, RoundId::new("2026-12"));
    let usd = |text: &str| text.parse::<Usd>().unwrap();
    let officer = "grace@lab.example".to_owned();
    for email in ["grace@lab.example", "alan@lab.example"] {
        let (email, name) = (email.to_owned(), "An officer".to_owned());
        client.appoint(&Appoint { email, name, roles: [Role::Officer].into() }).await.unwrap();
    }
    client.fund(&program(), usd("5000")).await.unwrap();
    let (_, id) = submitted(&house).await;
    let screen = |reason: &str| ScreenApplication {
        officer: officer.clone(),
        eligible: false,
        reason: reason.to_owned(),
    };
    let silent = client.screen(id, &screen("")).await.unwrap_err().to_string();
    assert!(silent.contains("say why it is otherwise"), "{silent}");
    client.screen(id, &screen("It is a company")).await.unwrap();
    let decline = DecideOn {
        officer: officer.clone(),
        award: None,
        waitlist: None,
        reasons: "Not for this program".to_owned(),
        justification: None,
    };
    let both = DecideOn { award: Some(usd("5")), waitlist: Some(usd("5")), ..decline.clone() };
    let both = client.decide(id, &both).await.unwrap_err().to_string();
    assert!(both.contains("not both"), "{both}");
    let listed = DecideOn { waitlist: Some(usd("5")), ..decline.clone() };
    let no_list = client.decide(id, &listed).await.unwrap_err().to_string();
    assert!(no_list.contains("once the review has begun"), "{no_list}");
    let declined = client.decide(id, &decline).await.unwrap();
    assert_eq!(declined.application.decision.as_deref(), Some("decline"));
    let back = TakeBackDecision { officer: officer.clone() };
    let back = client.take_back_decision(id, &back).await.unwrap();
    assert_eq!((back.application.state.as_str(), back.application.decision), ("submitted", None));

    house.turn_to(at("2026-12-01T00:00:00Z"));
    house.service.run_due().await.unwrap();
    let how = ByLineQuery { band: true, ..ByLineQuery::default() };
    let found = client.proposal(&program(), &round, &how).await.unwrap();
    assert_eq!((found.lines.len(), found.pool), (1, usd("5000")));
    assert_eq!(found.lines[0].decision.as_deref(), Some("decline"), "{:?}", found.lines);
    let wanted = DecideByLine {
        officer: officer.clone(),
        stamp: "another".to_owned(),
        pool: None,
        seed: None,
        band: true,
        waiting: 0,
        award_reasons: String::new(),
        waitlist_reasons: String::new(),
        decline_reasons: "Not for this program".to_owned(),
    };
    let stale = client.decide_by_line(&program(), &round, &wanted).await.unwrap_err().to_string();
    assert!(stale.contains("was changed meanwhile"), "{stale}");
    let wanted = DecideByLine { stamp: found.stamp, ..wanted };
    let written = client.decide_by_line(&program(), &round, &wanted).await.unwrap();
    assert_eq!((written.awards, written.waiting, written.declines), (0, 0, 1));

    let shown = client.to_approve(&program(), &round, "alan@lab.example").await.unwrap();
    assert!(shown.applications.is_empty());
    let approve = ApproveRound { officer: "alan@lab.example".to_owned(), stamp: shown.stamp };
    let nothing = client.approve_round(&program(), &round, &approve).await.unwrap_err();
    assert!(nothing.to_string().contains("none waits"), "{nothing}");
    let list = client.waiting_list(&program(), &round).await.unwrap();
    assert_eq!((list.waiting.len(), list.came_back), (0, usd("0")));
    let refused = client.offer_award(id).await.unwrap_err().to_string();
    assert!(refused.contains("only what is on the waiting list"), "{refused}");
}
