//! Institutions, what shows an affiliation, and verdicts that officers are asked to look at.

use std::collections::BTreeMap;

use bursar_api::types::{
    AnswerAppeal, AnswerClaim, InstitutionLine, LookUpAddress, TakeInstitutions, TakenInstitutions,
    Vouch,
};
use bursar_client::ClientError;
use bursar_policy::Viewer;

use super::house::{House, program};

fn oxford() -> InstitutionLine {
    InstitutionLine {
        ror: "052gg0110".to_owned(),
        name: "University of Oxford".to_owned(),
        names: vec!["Oxoniensis".to_owned()],
        country: Some("GB".to_owned()),
        city: Some("Oxford".to_owned()),
        kinds: vec!["education".to_owned()],
        domains: vec!["oxford.test".to_owned()],
        standing: "active".to_owned(),
        successors: Vec::new(),
        parents: Vec::new(),
        modified: "2026-10-01".to_owned(),
    }
}

fn said<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> String {
    answer.expect_err("it is refused").to_string()
}

#[tokio::test]
async fn institutions_are_taken_once_and_found_by_name() {
    let house = House::open().await;
    let take = |line: InstitutionLine| TakeInstitutions { institutions: vec![line] };
    let client = &house.client;
    let first = client.take_institutions(&take(oxford())).await.unwrap();
    assert_eq!(first, TakenInstitutions { new: 1, changed: 0, same: 0 });
    let again = client.take_institutions(&take(oxford())).await.unwrap();
    assert_eq!(again, TakenInstitutions { new: 0, changed: 0, same: 1 });
    let other = InstitutionLine { city: None, ..oxford() };
    let changed = client.take_institutions(&take(other)).await.unwrap();
    assert_eq!(changed, TakenInstitutions { new: 0, changed: 1, same: 0 });
    let found = client.institutions("oxoni").await.unwrap().institutions;
    assert_eq!(found[0].institution.ror, "052gg0110");
    assert_eq!(client.institutions("o").await.unwrap().institutions, []);
    for (wrong, why) in [
        (InstitutionLine { ror: "052gg0111".to_owned(), ..oxford() }, "is not an id of ROR"),
        (InstitutionLine { standing: "asleep".to_owned(), ..oxford() }, "has no standing"),
        (InstitutionLine { name: " ".to_owned(), ..oxford() }, "has no name"),
        (InstitutionLine { domains: vec!["OX.ac.uk".to_owned()], ..oxford() }, "is not a domain"),
    ] {
        let said = said(client.take_institutions(&take(wrong)).await);
        assert!(said.contains(why), "{said}");
    }
    let many = TakeInstitutions { institutions: vec![oxford(); 501] };
    assert!(said(client.take_institutions(&many).await).contains("up to 500 at a time"));
    // The domains of a record are told by the address.
    let wanted = |email: &str| LookUpAddress { email: email.to_owned() };
    let at = client.look_up_address(&program(), &wanted("ada@cs.oxford.test")).await.unwrap();
    assert_eq!((at.known.as_str(), at.listed.as_deref()), ("academic", Some("oxford.test")));
    assert_eq!(at.institution.as_deref(), Some("University of Oxford"));
    let free = client.look_up_address(&program(), &wanted("ada@gmail.com")).await.unwrap();
    assert_eq!(free.known, "free_mail");
    let none = client.look_up_address(&program(), &wanted("ada")).await.unwrap();
    assert_eq!((none.known.as_str(), none.domain), ("unknown", None));
}

#[tokio::test]
async fn a_question_is_answered_once() {
    let house = House::open().await;
    let client = &house.client;
    assert_eq!(client.appeals().await.unwrap().appeals, []);
    let service = &house.service;
    let id = service.appoint(&Viewer::Operator, "ada@uni.test", "Ada", [].into()).await.unwrap().id;
    let ada = Viewer::Person { id, roles: [].into() };
    let answers = BTreeMap::from([("role".to_owned(), "company".to_owned())]);
    bursar_evidence::ask(service, &ada, &program(), &answers, "", "But I teach.").await.unwrap();
    let all = client.appeals().await.unwrap();
    let appeal = all.appeals[0].clone();
    assert_eq!((all.waiting, appeal.verdict.as_str()), (1, "ineligible"));
    assert_eq!(appeal.said[0].text, "But I teach.");
    let answer = |answer: &str, until: Option<&str>, text: &str| AnswerAppeal {
        answer: answer.to_owned(),
        until: until.map(|until| until.parse().unwrap()),
        text: text.to_owned(),
    };
    let late = Some("2100-01-01T00:00:00Z");
    for (wrong, why) in [
        (answer("overrule", None, "x"), "say until when"),
        (answer("uphold", late, "x"), "only an exception has an end"),
        (answer("perhaps", None, "x"), "say `overrule`, `uphold` or `ask`"),
        (answer("uphold", None, " "), "Enter what you want to say"),
        (answer("overrule", Some("2000-01-01T00:00:00Z"), "x"), "in the past"),
    ] {
        let said = format!("{:?}", client.answer_appeal(appeal.id, &wrong).await);
        assert!(said.contains(why), "{why}: {said}");
    }
    let done = client.answer_appeal(appeal.id, &answer("overrule", late, "Apply.")).await.unwrap();
    assert_eq!((done.state.as_str(), done.said.len()), ("overruled", 2));
    let again = said(client.answer_appeal(appeal.id, &answer("uphold", None, "No.")).await);
    assert!(again.contains("does not wait"), "{again}");
    assert_eq!(client.appeal(appeal.id).await.unwrap(), done);
}

#[tokio::test]
async fn what_is_shown_is_read_and_a_program_that_wants_nothing_takes_no_word() {
    let house = House::open().await;
    let (_, application) = super::judging::submitted(&house).await;
    let client = &house.client;
    let shown = client.evidence(application).await.unwrap();
    assert_eq!((shown.level, shown.exception_until), (None, None));
    let word = Vouch { reason: "I know her".to_owned() };
    let wants = shown.shows.is_some();
    assert_eq!(client.vouch(application, &word).await.is_ok(), wants);
    let claim = "claim_01kag3v5f0e7s9m4q2x8w6t1zc".parse().unwrap();
    let no = AnswerClaim { accept: false, reason: "No".to_owned() };
    assert!(said(client.answer_claim(application, claim, &no).await).contains("no claim"));
}
