//! Showing where one belongs, before an account and behind the form, and asking a person.

use axum::http::Method;
use bursar_institutions::Institution;
use bursar_institutions::ror::Standing;
use bursar_kernel::Role;
use bursar_policy::Viewer;

use crate::browser::{Browser, Shown};
use crate::world::{PROGRAM, World, begin, fill};

/// What a letter's link leads to, of a letter to an address that was not opened yet.
async fn link(world: &World, email: &str, path: &str, opened: &[&str]) -> String {
    let mails = world.service.store().mails(200).await.unwrap();
    let before = format!("http://portal.test/{path}/");
    let links = mails.iter().filter(|mail| mail.to == email).filter_map(|mail| {
        let (_, secret) = mail.body.split_once(&before)?;
        Some(format!("/{path}/{}", secret.split_whitespace().next()?))
    });
    let mut links = links.filter(|link| !opened.contains(&link.as_str()));
    links.next().unwrap_or_else(|| panic!("no letter to {email} with {path}"))
}

async fn upload(browser: &mut Browser, path: &str, says: &str, name: &str, bytes: &str) -> Shown {
    let token = browser.token.clone();
    let mut body = String::new();
    for (field, value) in [("csrf", token.as_str()), ("says", says), ("action", "upload")] {
        let part =
            format!("--XyZ\r\ncontent-disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
        body.push_str(&part);
    }
    let file = format!(
        "--XyZ\r\ncontent-disposition: form-data; name=\"document\"; filename=\"{name}\"\r\n\
         content-type: application/pdf\r\n\r\n{bytes}\r\n--XyZ--\r\n"
    );
    body.push_str(&file);
    let kind = [("content-type", "multipart/form-data; boundary=XyZ")];
    browser.send_as(Method::POST, path, &kind, body).await
}

/// Somebody is named, gets a letter, and confirms it, once.
async fn is_confirmed(world: &World, ada: &mut Browser, evidence: &str) {
    // A sponsor whose own address shows nothing is worth nothing.
    let sponsor = format!("{evidence}/sponsor");
    ada.see(evidence).await;
    for (email, wrong) in [
        ("grace@gmail.com", "Anybody can have an address at gmail.com"),
        ("grace@home2.test", "No list has home2.test as an institution"),
        ("ada@home.test", "Name somebody other than yourself"),
        ("grace", "Enter a mail address"),
    ] {
        let fields = [("name", "Grace"), ("email", email), ("relation", "Her student")];
        ada.post(&sponsor, &fields).await.is(422).says(wrong).says("Her student");
    }
    let fields = [
        ("name", "Grace <b>Hopper</b>"),
        ("email", "Grace+x@CS.ox.ac.uk"),
        ("relation", "I am a student in her group"),
    ];
    ada.step(&sponsor, &fields)
        .await
        .says("The letter to them is on its way")
        .says("Waits for them");
    let asked = link(world, "grace+x@cs.ox.ac.uk", "sponsor", &[]).await;
    let mut grace = world.browser();
    // Opening the link answers nothing, however often.
    for _ in 0..2 {
        let page = grace.see(&asked).await;
        page.says("ada@home.test").says("I am a student in her group").says("Yes, I confirm it");
        page.hides("<b>Hopper");
    }
    grace.post(&asked, &[("said", "x")]).await.is(422).says("Select whether it is so");
    let answer = [("answer", "confirm"), ("said", "Since 2025")];
    grace.step(&asked, &answer).await.says("You confirmed it");
    grace.post(&asked, &[("answer", "deny")]).await.is(409);
    world.browser().get("/sponsor/nothing").await.is(404);
}

/// A document is added, read, and refused with a reason.
async fn is_read(
    world: &World,
    (ada, olu): (&mut Browser, &mut Browser),
    evidence: &str,
    decide: &str,
) {
    // A document waits for an officer, who says why.
    ada.see(evidence).await;
    let add = format!("{evidence}/document");
    upload(ada, &add, "Letter", "letter.pdf", "<script>").await.is(422);
    upload(ada, &add, "", "letter.pdf", "%PDF-1.7 x").await.is(422).says("Enter what it shows");
    upload(ada, &add, "Letter of appointment", "letter.pdf", "%PDF-1.7 x").await.is(303);
    let page = ada.see(evidence).await;
    page.says("Letter of appointment").says("Waits for an officer");
    let claim = page.between("/evidence/claim_", "/document");
    let document = format!("{evidence}/claim_{claim}/document");
    let read = ada.get(&document).await;
    assert_eq!(read.is(200).html, "%PDF-1.7 x");
    assert!(read.headers["content-disposition"].to_str().unwrap().contains("letter.pdf"));
    world.sign_in("eve@home.test").await.get(&document).await.is(404);
    olu.get(&document).await.is(200);
    let answer = format!("{decide}/evidence/claim_{claim}/answer");
    olu.see(&format!("{decide}/evidence")).await.says("Accept");
    olu.post(&answer, &[("verdict", "refuse"), ("reason", "")]).await.is(422).says("Enter why");
    let refuse = [("verdict", "refuse"), ("reason", "It is out of date")];
    olu.step(&answer, &refuse).await.says("Does not count");
    olu.post(&answer, &[("verdict", "accept"), ("reason", "x")]).await.is(409);
    ada.see(evidence).await.says("Does not count").says("It is out of date");
    let mails = world.service.store().mails(200).await.unwrap();
    let told =
        mails.iter().find(|mail| mail.to == "ada@home.test" && mail.body.contains("out of date"));
    assert!(told.is_some_and(|mail| mail.body.contains("does not count")));
}

#[tokio::test]
async fn a_sponsor_a_document_and_an_officers_word_show_where_somebody_belongs() {
    let world = World::wanting_evidence().await;
    world.appoint("officer@program.test", "Olu", &[Role::Officer]).await;
    let mut ada = world.sign_in("ada@home.test").await;
    let path = begin(&mut ada).await;
    fill(&mut ada, &path, &[]).await;
    let evidence = format!("{path}/evidence");
    // Nobody waits silently: what is missing is said at once, and what would do.
    let tasks = ada.see(&format!("{path}/form")).await;
    tasks.says("What you have to show").says("Not shown yet").says("Cannot start yet");
    ada.get(&format!("{path}/check")).await.is(303);
    let page = ada.see(&evidence).await;
    page.says("No list has home.test as an institution").says("that is held against nobody");
    page.says("What would do: the word of somebody at the institution, a document");
    ada.see("/applications").await;
    ada.post(&format!("{path}/check"), &[])
        .await
        .is(409)
        .says("before an affiliation with a university is shown");
    is_confirmed(&world, &mut ada, &evidence).await;
    let page = ada.see(&evidence).await;
    page.says("Counts").says("Since 2025").says("University of Oxford").says("Likely");
    page.says("To be awarded anything");
    ada.see(&format!("{path}/form")).await.says("Likely");
    ada.step(&format!("{path}/check"), &[]).await.says("Application submitted");
    // An officer sees what is shown, by what, until when; nothing is awarded before the level.
    let mut olu = world.sign_in("officer@program.test").await;
    let decide = format!("/decide{path}");
    olu.see(&decide).await.says("What is shown").says("Nothing can be awarded before");
    let page = olu.see(&format!("{decide}/evidence")).await;
    page.says("until 22 November 2027").says("University of Oxford");
    world.turn_to("2026-12-02T10:00:00Z").await;
    let award = [("decision", "award"), ("amount", "500"), ("reasons", "Good.")];
    let refused = olu.post(&decide, &award).await;
    refused.is(409).says("before an affiliation with a university is shown").says("an officer");
    is_read(&world, (&mut ada, &mut olu), &evidence, &decide).await;
    // The officer's own word counts at once.
    let vouch = format!("{decide}/evidence");
    olu.post(&vouch, &[("known", "")]).await.is(422).says("Enter what you know");
    olu.step(&vouch, &[("known", "I met her there")]).await.says("Your word is recorded");
    olu.step(&decide, &award).await.says("The decision is recorded");
    // What is believed ends on its day.
    world.turn_to("2028-12-02T10:00:00Z").await;
    let mut olu = world.sign_in("officer@program.test").await;
    let mut ada = world.sign_in("ada@home.test").await;
    olu.see(&vouch).await.says("Not believed any more").says("Nothing is shown.");
    // Nothing of it exists for anybody else, and nobody answers what is their own.
    world.sign_in("eve@home.test").await.get(&evidence).await.is(404);
    ada.get(&vouch).await.is(403);
}

#[tokio::test]
async fn an_address_of_an_institution_is_enough_by_itself() {
    let world = World::wanting_evidence().await;
    let mut ada = world.sign_in("ada@cs.ox.ac.uk").await;
    let path = begin(&mut ada).await;
    fill(&mut ada, &path, &[]).await;
    let page = ada.see(&format!("{path}/evidence")).await;
    page.says("is one of University of Oxford").says("Likely").hides("To hand the application in");
    ada.step(&format!("{path}/check"), &[]).await.says("Application submitted");
    // A program that wants nothing shown has no such task.
    let plain = World::new().await;
    let mut ada = plain.sign_in("ada@home.test").await;
    let path = begin(&mut ada).await;
    ada.see(&format!("{path}/form")).await.hides("Not shown yet");
}

#[tokio::test]
async fn an_address_is_looked_up_before_an_account_and_not_kept() {
    let world = World::wanting_evidence().await;
    let mut somebody = world.browser();
    let check = format!("/programs/{PROGRAM}/eligibility");
    somebody
        .see(&format!("{check}?role=phd_student"))
        .await
        .says("Does your mail address show it?");
    let look = format!("{check}/address");
    for (email, said) in [
        ("ada@cs.ox.ac.uk", "is one of University of Oxford"),
        ("ada@gmail.com", "Anybody can have an address at gmail.com: it shows nothing."),
        ("ada@home.test", "What would do: the word of somebody at the institution"),
        ("ada", "has no domain that could be looked up"),
    ] {
        let fields = [("email", email), ("a-role", "phd_student")];
        somebody.post(&look, &fields).await.is(200).says(said).says("You do research at");
    }
    assert_eq!(world.service.store().mails(10).await.unwrap(), []);
    let trail = world.service.store().audit_trail(500).await.unwrap();
    assert!(!format!("{trail:?}").contains("gmail.com"));
}

/// More is asked and answered, and an exception made.
async fn is_let_in(
    world: &World,
    (ada, olu): (&mut Browser, &mut Browser),
    first: &str,
    appeal: &str,
) {
    // More is asked, and answered by the letter's link; the earlier link is none any more.
    olu.post(appeal, &[("answer", ""), ("text", "x")]).await.is(422).says("Select what you decide");
    olu.post(appeal, &[("answer", "overrule"), ("text", "x")]).await.is(422).says("Enter a day");
    olu.step(appeal, &[("answer", "ask"), ("text", "What do you teach?")])
        .await
        .says("More is asked");
    ada.get(first).await.is(404);
    let second = link(world, "ada@cs.ox.ac.uk", "asked", &[first]).await;
    let asked = &second;
    ada.see(asked).await.says("What do you teach?");
    ada.post(asked, &[("action", "reply"), ("text", "")]).await.is(422);
    ada.step(asked, &[("action", "reply"), ("text", "Logic.")]).await.says("With an officer");
    let until = [("answer", "overrule"), ("until", "2026-12-24"), ("text", "Then apply.")];
    olu.step(appeal, &until).await.says("May apply").says("None waits");
    let third = link(world, "ada@cs.ox.ac.uk", "asked", &[first, &second]).await;
    let asked = &third;
    ada.see(asked).await.says("You may apply").says("25 December 2026");
}

/// An officer who asks is answered by another one, signed in or not when they asked.
async fn nobody_answers_their_own(world: &World, olu: &mut Browser) {
    let mut somebody = world.browser();
    let ask = format!("/programs/{PROGRAM}/ask");
    somebody.see(&ask).await;
    let fields = [("a-role", "company"), ("email", "officer@program.test"), ("text", "Mine")];
    somebody.post(&ask, &fields).await.is(200);
    let asked = link(world, "officer@program.test", "asked", &[]).await;
    somebody.step(&asked, &[("action", "send")]).await.says("With an officer");
    let list = olu.see("/decide/asked").await;
    let appeal = format!("/decide/asked/appeal_{}", list.between("/decide/asked/appeal_", "\""));
    olu.see(&appeal).await.says("A question of <bdi>officer@program.test");
    let uphold = [("answer", "uphold"), ("text", "x")];
    olu.post(&appeal, &uphold).await.is(409).says("nother officer answers it");
}

#[tokio::test]
async fn a_person_can_be_asked_without_an_account_and_an_exception_is_seen_everywhere() {
    let world = World::wanting_evidence().await;
    world.appoint("officer@program.test", "Olu", &[Role::Officer]).await;
    let mut olu = world.sign_in("officer@program.test").await;
    let mut ada = world.browser();
    let verdict = ada.see(&format!("/programs/{PROGRAM}/eligibility?role=company")).await;
    verdict.says("Not eligible").says(&format!("/programs/{PROGRAM}/ask?role=company"));
    let ask = format!("/programs/{PROGRAM}/ask");
    ada.see(&format!("{ask}?role=company")).await.says("Not eligible").says("Your mail address");
    let fields = |email: &'static str, text: &'static str| {
        [("a-role", "company"), ("a-nothing", "x"), ("email", email), ("text", text)]
    };
    ada.post(&ask, &fields("ada@cs.ox.ac.uk", "")).await.is(422).says("Enter what you want to say");
    ada.post(&ask, &fields("ada", "But")).await.is(422).says("Enter your mail address");
    let sent = ada.post(&ask, &fields("ada@cs.ox.ac.uk", "I <i>teach</i> there too.")).await;
    sent.is(200).says("Look at your mail");
    // Nobody has it before the address is shown to be theirs, and asking again sends no letter.
    olu.see("/decide/asked").await.says("Nobody has asked");
    let count = world.service.store().mails(200).await.unwrap().len();
    ada.post(&ask, &fields("ada@cs.ox.ac.uk", "Again")).await.is(200).says("Look at your mail");
    assert_eq!(world.service.store().mails(200).await.unwrap().len(), count);
    let first = link(&world, "ada@cs.ox.ac.uk", "asked", &[]).await;
    let asked = &first;
    ada.see(asked).await.says("Send it").hides("<i>teach");
    olu.see("/decide/asked").await.says("Nobody has asked");
    ada.step(asked, &[("action", "send")]).await.says("With an officer");
    ada.post(asked, &[("action", "send")]).await.is(409);
    olu.see("/decide/applications").await.says("one waits for an officer");
    let list = olu.see("/decide/asked").await;
    list.says("ada@cs.ox.ac.uk").says("Not eligible");
    let appeal = format!("/decide/asked/appeal_{}", list.between("/decide/asked/appeal_", "\""));
    let page = olu.see(&appeal).await;
    page.says("company").says("I &lt;i&gt;teach").says("one of University of Oxford");
    is_let_in(&world, (&mut ada, &mut olu), &first, &appeal).await;
    // The exception is for the address, and shows on the form and in the screening.
    let mut ada = world.sign_in("ada@cs.ox.ac.uk").await;
    let path = begin(&mut ada).await;
    fill(&mut ada, &path, &[("role", "company")]).await;
    ada.see(&format!("{path}/evidence")).await.says("An officer made an exception");
    ada.see(&format!("{path}/check")).await.says("Made by an officer");
    ada.step(&format!("{path}/check"), &[]).await.says("Application submitted");
    let decide = format!("/decide{path}");
    olu.see(&decide).await.says("Made by an officer").says("Not eligible");
    // Somebody else has none, and once the day is over it is nobody's.
    let mut eve = world.sign_in("eve@cs.ox.ac.uk").await;
    let path = begin(&mut eve).await;
    fill(&mut eve, &path, &[("role", "company")]).await;
    eve.see(&format!("{path}/form")).await;
    eve.post(&format!("{path}/check"), &[]).await.is(409).says("what the program");
    world.turn_to("2026-12-25T00:00:00Z").await;
    let mut olu = world.sign_in("officer@program.test").await;
    let mut eve = world.sign_in("eve@cs.ox.ac.uk").await;
    olu.see(&decide).await.hides("Made by an officer");
    olu.see(&appeal).await.says("Then apply.");
    nobody_answers_their_own(&world, &mut olu).await;
    // Whoever is signed in asks at once, and one thing at a time.
    let text = [("a-role", "company"), ("text", "And I?")];
    eve.step(&ask, &text).await.says("An officer reads it");
    eve.post(&ask, &text).await.is(409).says("sk twice at a time");
    olu.see("/decide/asked").await.says("eve@cs.ox.ac.uk").says("2 wait for an officer");
    let trail = format!("{:?}", world.service.store().audit_trail(500).await.unwrap());
    for action in
        ["appeal.begun", "appeal.sent", "appeal.asked", "appeal.replied", "appeal.overruled"]
    {
        assert!(trail.contains(action), "{action}");
    }
    assert!(!trail.contains("Logic."), "what people write is not in the trail");
}

#[tokio::test]
async fn an_institution_is_found_by_name_with_the_script_and_without() {
    let world = World::wanting_evidence().await;
    let institution = |ror: &str, name: &str, standing, successors: &[&str]| Institution {
        ror: ror.to_owned(),
        name: name.to_owned(),
        names: Vec::new(),
        country: Some("UG".to_owned()),
        city: Some("Kampala".to_owned()),
        kinds: vec!["education".to_owned()],
        domains: vec!["mak.test".to_owned()],
        standing,
        successors: successors.iter().map(|id| (*id).to_owned()).collect(),
        parents: Vec::new(),
        modified: String::new(),
    };
    let known = vec![
        institution("00pjdza24", "Makerere University", Standing::Active, &[]),
        institution("02jbv0t02", "Makerere College", Standing::Inactive, &["00pjdza24"]),
        institution("01an7q238", "Makerere Nothing", Standing::Withdrawn, &[]),
    ];
    let operator = Viewer::Operator;
    let taken = |known| bursar_evidence::take_institutions(&world.service, &operator, known);
    let first = taken(known.clone()).await.unwrap();
    let again = taken(known).await.unwrap();
    assert_eq!((first.new, again.new, again.same), (3, 0, 3));
    let mut ada = world.sign_in("ada@mak.test").await;
    let found = ada.get("/institutions?name=maker%20coll").await;
    let found: serde_json::Value = serde_json::from_str(&found.is(200).html).unwrap();
    assert_eq!(found[0]["value"], "Makerere University (ror.org/00pjdza24)");
    assert_eq!(found[0]["where"], "Kampala, UG, in place of Makerere College");
    assert_eq!(found.as_array().unwrap().len(), 1);
    assert_eq!(ada.get("/institutions?name=makerere%20nothing").await.html, "[]");
    let path = begin(&mut ada).await;
    let section = format!("{path}/form/institution");
    let was =
        ada.see(&section).await.says("Find it by name").between("name=\"was\" value=\"", "\"");
    let look = [("affiliation", "makerere"), ("was", &was), ("action", "find:affiliation")];
    let page = ada.post(&section, &look).await;
    page.is(200).says("Take one of these").says("Makerere University").hides("Makerere Nothing");
    let was = page.between("name=\"was\" value=\"", "\"");
    let pick = "affiliation:Makerere University (ror.org/00pjdza24)";
    let fields = [("affiliation", "makerere"), ("was", was.as_str()), ("pick", pick)];
    ada.step(&section, &fields).await.says("Known to ROR as").says("ror.org/00pjdza24");
    // The domains of a record count as those of the lists do.
    ada.see(&format!("{path}/evidence")).await.says("is one of Makerere University");
    let answer = ("affiliation", "Makerere College (ror.org/02jbv0t02)");
    fill(&mut ada, &path, &[answer]).await;
    ada.step(&format!("{path}/check"), &[]).await.says("Application submitted");
    world.appoint("officer@program.test", "Olu", &[Role::Officer]).await;
    let mut olu = world.sign_in("officer@program.test").await;
    let page = olu.see(&format!("/decide{path}/evidence")).await;
    page.says("It is no more; in its place: Makerere University");
}
