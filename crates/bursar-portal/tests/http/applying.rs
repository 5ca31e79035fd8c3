//! An application as people make it: in parts, in two tabs, over days, together, with files.

use axum::http::Method;
use bursar_kernel::Role;

use crate::browser::{Browser, Shown, encoded};
use crate::world::{POLICIES, World, apply, at, begin, fill};

const MORE: [(&str, &str); 2] = [("people_take_part", "no"), ("kinds", "text")];

fn was(page: &Shown) -> String {
    page.between("name=\"was\" value=\"", "\"")
}

#[tokio::test]
async fn a_section_keeps_whatever_is_typed_and_says_what_is_wrong() {
    let world = World::new().await;
    let mut amara = world.sign_in("amara@uni.test").await;
    let path = begin(&mut amara).await;
    let study = format!("{path}/form/study");
    let long = "line of words\n".repeat(10_000);
    for (typed, wrong) in [
        ("", "Enter your research question"),
        (&*"word ".repeat(101), "Research question must be 100 words or fewer"),
        (&*long, "Research question must be 100 words or fewer"),
        ("a\u{7}b", "Research question must not contain invisible control characters"),
    ] {
        let was = was(&amara.see(&study).await);
        let fields = [("research_question", typed), ("was", &was), ("action", "continue")];
        amara.post(&study, &fields).await.is(422).says(wrong).says("<title>Error: ");
        // What is there is there again, with what is wrong with it; what is missing is not told.
        let again = amara.see(&study).await;
        let shown = typed.trim_end().lines().last().unwrap_or_default();
        again.says(shown).hides("Select your area of interest");
        if !typed.is_empty() {
            again.says(wrong);
        }
    }
    for typed in ["مرحبا بالعالم؟", "Wie geht es 👩🏽‍🔬?", "<b>bold</b> & \"quoted\"?"]
    {
        let was = was(&amara.see(&study).await);
        let fields = [("research_question", typed), ("was", &was), ("action", "save")];
        amara.step(&study, &fields).await.says("The draft is saved.").says("In progress");
        let escaped = typed.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let escaped = escaped.replace('"', "&quot;");
        amara.see(&study).await.says(&escaped).says("dir=\"auto\"").hides("<b>bold");
    }
    let unknown = [("area", "astrology"), ("nothing", "at all"), ("action", "continue")];
    amara.post(&study, &unknown).await.is(422).says("Select your area of interest");
    amara.get(&format!("{path}/form/none")).await.is(404);
    amara.get(&format!("{path}/form/progress")).await.is(404);
    amara.get(&format!("{path}/form/study/area")).await.is(404);
    let huge = "x".repeat(1024 * 1024 + 1);
    amara.post(&study, &[("research_question", &huge)]).await.is(413);
    let much = "x".repeat(200_001);
    let refused = amara.post(&study, &[("api_use", &much), ("action", "save")]).await;
    refused.is(409).says("keep more than 200,000 characters in a draft").says(&much);
}

#[tokio::test]
async fn two_tabs_lose_nothing() {
    let world = World::new().await;
    let mut amara = world.sign_in("amara@uni.test").await;
    let path = begin(&mut amara).await;
    let study = format!("{path}/form/study");
    let shown = was(&amara.see(&study).await);
    let mut other = amara.clone();
    // Each changes a question of its own, and sends the other as it was shown.
    let here =
        [("research_question", "Mine?"), ("api_use", ""), ("was", &shown), ("action", "save")];
    amara.step(&study, &here).await;
    let there =
        [("research_question", ""), ("api_use", "Theirs."), ("was", &shown), ("action", "save")];
    other.step(&study, &there).await;
    amara.see(&study).await.says("Mine?").says("Theirs.");
    // Both change the same one.
    let shown = was(&amara.see(&study).await);
    let send = |text| [("research_question", text), ("was", shown.as_str()), ("action", "save")];
    amara.step(&study, &send("Mine, longer?")).await;
    let clash = other.post(&study, &send("Theirs, longer?")).await;
    clash.is(409).says("was changed in another place while you wrote here");
    clash.says("Mine, longer?").says("Theirs, longer?").says("data-warn-unsaved=\"now\"");
    amara.see(&study).await.says("Mine, longer?").hides("Theirs, longer?");
    // Whoever has seen both decides.
    let shown = was(&clash);
    let both = [("research_question", "Both?"), ("was", &shown), ("action", "save")];
    other.step(&study, &both).await;
    amara.see(&study).await.says("Both?");
}

#[tokio::test]
async fn the_script_saves_and_is_told_why_not() {
    let world = World::new().await;
    let mut amara = world.sign_in("amara@uni.test").await;
    let path = begin(&mut amara).await;
    let study = format!("{path}/form/study");
    let shown = was(&amara.see(&study).await);
    let token = amara.token.clone();
    let send = async |browser: &mut Browser, text: &str, was: &str| {
        let fields = [
            ("research_question", text),
            ("was", was),
            ("action", "autosave"),
            ("csrf", token.as_str()),
        ];
        let json = [("accept", "application/json")];
        let answer = browser.send(Method::POST, &study, &json, encoded(&fields)).await;
        let told: serde_json::Value = serde_json::from_str(&answer.html).unwrap();
        (answer.status.as_u16(), told)
    };
    let (status, told) = send(&mut amara, "One?", &shown).await;
    assert_eq!((status, told["saved"].as_str()), (200, Some("Draft saved at 10:00 (UTC).")));
    let (_, told) = send(&mut amara, "Two?", told["was"].as_str().unwrap()).await;
    assert!(told["saved"].is_string(), "{told}");
    // Another tab that was shown the empty form.
    let (status, told) = send(&mut amara, "Other?", &shown).await;
    assert_eq!(status, 409);
    assert!(told["stop"].as_str().unwrap().contains("was changed in another place"), "{told}");
    let (status, _) = send(&mut amara, "Other?", told["was"].as_str().unwrap()).await;
    assert_eq!(status, 409, "it goes on to clash until somebody has looked");
    amara.see(&study).await.says("Two?").says("role=\"status\"");
    let cookie = amara.cookies["bursar-session"].clone();
    world.service.sign_out(&cookie).await.unwrap();
    let (status, told) = send(&mut amara, "Late?", &shown).await;
    assert_eq!(status, 401);
    assert!(told["stop"].as_str().unwrap().contains("you are signed out"), "{told}");
}

#[tokio::test]
async fn what_was_typed_when_the_session_had_ended_is_there_again() {
    let world = World::new().await;
    let mut amara = world.sign_in("amara@uni.test").await;
    let path = begin(&mut amara).await;
    let study = format!("{path}/form/study");
    let shown = was(&amara.see(&study).await);
    world.service.sign_out(&amara.cookies["bursar-session"]).await.unwrap();
    let fields = [("research_question", "Typed late?"), ("was", &shown), ("action", "continue")];
    let asked = amara.post(&study, &fields).await;
    let next = asked.is(303).location().to_owned();
    assert!(next.starts_with("/sign-in?next=/applications/"), "{next}");
    // Signs in again in the same browser.
    world.turn_to("2026-11-22T10:05:00Z").await;
    amara.see(&next).await;
    amara.post("/sign-in", &[("email", "amara@uni.test"), ("next", &study)]).await.is(200);
    let mail = world.mail("amara@uni.test").await;
    let token = mail.split_once("/sign-in/").unwrap().1.split_whitespace().next().unwrap();
    amara.see(&format!("/sign-in/{token}")).await;
    let back = amara.post("/sign-in/confirm", &[("token", token)]).await;
    assert_eq!(back.is(303).location(), study);
    let again = amara.see(&study).await;
    again.says("Typed late?").says("What you had written is below, and not saved yet.");
    // Another person's browser has none of it, nor has another page.
    amara.see(&format!("{path}/form/funding")).await.hides("not saved yet");
    let shown = was(&again);
    let fields = [("research_question", "Typed late?"), ("was", &shown), ("action", "save")];
    amara.step(&study, &fields).await.says("The draft is saved.");
    amara.see(&study).await.says("Typed late?").hides("not saved yet");
    // A form from before that sign-in is shown again, and saves nothing by itself.
    let mut tab = amara.clone();
    tab.token = "0".repeat(64);
    let stale = tab.post(&study, &[("api_use", "From an old tab."), ("was", &shown)]).await;
    assert_eq!(stale.is(303).location(), study);
    tab.see(&study).await.says("From an old tab.").says("not saved yet");
    let mut stranger = world.browser();
    stranger.cookies.insert("bursar-session".into(), "made-up".into());
    stranger.see("/").await;
    stranger.post(&study, &fields).await.is(303);
    assert!(!stranger.cookies.contains_key("bursar-kept"), "nobody fills the store from outside");
}

#[tokio::test]
async fn a_question_is_asked_where_its_condition_holds() {
    let world = World::asking_more().await;
    let mut amara = world.sign_in("amara@uni.test").await;
    let path = begin(&mut amara).await;
    let more = format!("{path}/form/more");
    let page = amara.see(&more).await;
    page.says("data-show-if=\"people_take_part\"").says("data-show-answers=\"yes\"");
    page.says("Answer this only if you chose Yes for");
    let yes = [("people_take_part", "yes"), ("kinds", "image"), ("kinds", "text")];
    let yes = [&yes[..], &[("action", "continue")]].concat();
    amara.post(&more, &yes).await.is(422).says("Enter your review board");
    amara.see(&more).await.says("value=\"image\" checked").says("value=\"text\" checked");
    let board = [&yes[..], &[("board", "The ethics board")]].concat();
    amara.step(&more, &board).await;
    let no = [("people_take_part", "no"), ("board", "The ethics board"), ("action", "continue")];
    amara.step(&more, &no).await;
    fill(&mut amara, &path, &[]).await;
    // What is not asked is not sent, and stays in the draft.
    amara.see(&format!("{path}/check")).await.hides("The ethics board").says("Pictures");
    amara.see(&more).await.says("The ethics board");
    amara.step(&format!("{path}/check"), &[]).await.says("Application submitted");
    amara.see(&path).await.hides("The ethics board");
}

/// A form with a file, as a browser sends it.
async fn upload(browser: &mut Browser, path: &str, name: &str, bytes: &str) -> Shown {
    let token = browser.token.clone();
    let fields = [("csrf", token.as_str()), ("action", "upload"), ("people_take_part", "no")];
    let fields = fields.map(|(field, value)| {
        format!("--XyZ\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n")
    });
    let file = format!(
        "--XyZ\r\nContent-Disposition: form-data; name=\"protocol\"; filename=\"{name}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n{bytes}\r\n--XyZ--\r\n"
    );
    let body = fields.concat() + &file;
    let kind = [("content-type", "multipart/form-data; boundary=XyZ")];
    browser.send_as(Method::POST, path, &kind, body).await
}

#[tokio::test]
async fn a_file_is_added_read_by_those_who_may_and_gone_with_its_draft() {
    let world = World::asking_more().await;
    let mut amara = world.sign_in("amara@uni.test").await;
    let path = begin(&mut amara).await;
    let more = format!("{path}/form/more");
    amara
        .see(&more)
        .await
        .says("enctype=\"multipart/form-data\"")
        .says("Up to 2 files, PDF or PNG");
    let wrong = upload(&mut amara, &more, "plan.pdf", "<script>alert(1)</script>").await;
    wrong.is(422).says("does not end as that of a plain text");
    let large = format!("%PDF-{}", "x".repeat(1024 * 1024));
    upload(&mut amara, &more, "plan.pdf", &large).await.is(422).says("larger than 1 MB");
    upload(&mut amara, &more, "", "").await.is(422).says("Choose a file first");
    let plan = format!("%PDF-1.7 {}", "plan ".repeat(40_000));
    upload(&mut amara, &more, "../pl\u{202e}an 1.pdf", &plan).await.is(303);
    let page = amara.see(&more).await;
    page.says("The file is added").says("plan 1.pdf (PDF, 196 kB)");
    upload(&mut amara, &more, "again.pdf", &plan).await.is(303);
    upload(&mut amara, &more, "b.pdf", "%PDF-2").await.is(303);
    upload(&mut amara, &more, "c.pdf", "%PDF-3").await.is(422).says("No more than 2 files");
    let href = page.between("<ul class=\"files\"><li><a href=\"", "\"");
    let file = amara.see(&href).await;
    assert_eq!(file.html, plan);
    for (name, value) in [
        ("content-type", "application/pdf"),
        (
            "content-disposition",
            "attachment; filename=\"plan 1.pdf\"; filename*=UTF-8''plan%201.pdf",
        ),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; sandbox"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(file.headers[name], value, "{name}");
    }
    world.appoint("ibrahim@lab.test", "Ibrahim", &[Role::Officer]).await;
    world.appoint("lena@lab.test", "Lena", &[Role::Reviewer]).await;
    let mut ibrahim = world.sign_in("ibrahim@lab.test").await;
    let mut lena = world.sign_in("lena@lab.test").await;
    let mut eve = world.sign_in("eve@uni.test").await;
    for stranger in [&mut ibrahim, &mut lena, &mut eve] {
        stranger.get(&href).await.is(404);
    }
    let remove = page.between("name=\"remove\" value=\"", "\"");
    amara.see(&more).await;
    let first = [("remove", remove.as_str()), ("action", "continue")];
    amara.step(&more, &first).await.says("The file is removed.").hides("plan 1.pdf");
    amara.get(&href).await.is(404);
    upload(&mut amara, &more, "plan 1.pdf", &plan).await.is(303);
    let answers = [&MORE[..], &[("supervisor", "chair@uni.test"), ("action", "continue")]].concat();
    amara.step(&more, &answers).await;
    fill(&mut amara, &path, &[]).await;
    amara.step(&format!("{path}/check"), &[]).await.says("Application submitted");
    ibrahim.get(&href).await.is(200);
    eve.get(&href).await.is(404);
    world.turn_to("2026-12-01T00:00:00Z").await;
    let id = path.rsplit('/').next().unwrap();
    world.assign("lena@lab.test", id).await;
    let blind = lena.see(&format!("/reviews/{id}")).await;
    blind.hides("chair@uni.test").says("plan 1.pdf");
    let file = lena.see(&format!("/reviews/{id}/review.txt")).await;
    file.hides("chair@uni.test").says("plan 1.pdf");
    ibrahim.see(&format!("/decide/applications/{id}")).await.says("chair@uni.test");
    // Something about a person is kept from reviewers, and a PDF may name its author.
    lena.get(&href).await.is(409).says("reviewed blind");
}

#[tokio::test]
async fn the_files_of_a_draft_go_with_it() {
    let world = World::asking_more().await;
    let plan = format!("%PDF-1.7 {}", "plan ".repeat(40_000));
    let mut bo = world.sign_in("bo@uni.test").await;
    let path = begin(&mut bo).await;
    let more = format!("{path}/form/more");
    bo.see(&more).await;
    upload(&mut bo, &more, "plan.pdf", &plan).await.is(303);
    let href = bo.see(&more).await.between("<ul class=\"files\"><li><a href=\"", "\"");
    bo.see(&href).await;
    bo.see(&format!("{path}/withdraw")).await;
    bo.step(&format!("{path}/withdraw"), &[]).await;
    bo.get(&href).await.is(404);
    let next = begin(&mut bo).await;
    bo.see(&format!("{next}/form/more")).await.hides("plan.pdf");
}

#[tokio::test]
async fn a_co_applicant_edits_and_only_the_lead_hands_in() {
    let world = World::new().await;
    world.appoint("lena@lab.test", "Lena Vogt", &[Role::Reviewer, Role::Officer]).await;
    let mut amara = world.sign_in("amara@uni.test").await;
    let path = begin(&mut amara).await;
    let people = format!("{path}/people");
    amara.see(&people).await.says("Nobody else takes part");
    amara
        .post(&people, &[("email", "lena@lab.test")])
        .await
        .is(422)
        .says("Select what they may do");
    amara
        .post(&people, &[("email", "lena"), ("role", "edit")])
        .await
        .is(422)
        .says("a mail address");
    let own = amara.post(&people, &[("email", "Amara@uni.test"), ("role", "edit")]).await;
    own.is(409).says("invite the one who applies");
    let lena_edits = [("email", "lena@lab.test"), ("role", "edit")];
    amara.step(&people, &lena_edits).await.says("The invitation is on its way").says("Invited");
    amara.post(&people, &lena_edits).await.is(409).says("invite somebody twice");
    let mails = world.service.store().mails(50).await.unwrap();
    let mail = mails.iter().find(|mail| mail.to == "lena@lab.test").unwrap();
    let link = mail.body.split("http://portal.test").nth(1).unwrap().split_whitespace().next();
    let link = link.unwrap().to_owned();

    let mut lena = world.sign_in("lena@lab.test").await;
    lena.get(&path).await.is(404);
    let asked = lena.see(&link).await;
    asked.says("amara@uni.test").says("Accept the invitation").says("Read it, and edit the draft");
    lena.get(&path).await.is(404);
    lena.step(&link, &[("answer", "accept")]).await.says("You take part").says("hands it in");
    lena.post(&link, &[("answer", "accept")]).await.is(409).says("answer this invitation again");
    let study = format!("{path}/form/study");
    lena.see(&study).await;
    let typed = [("research_question", "Ours?"), ("action", "save")];
    lena.step(&study, &typed).await.says("The draft is saved.");
    amara.see(&study).await.says("Ours?");
    fill(&mut amara, &path, &[]).await;
    lena.see(&format!("{path}/check")).await.says("hands this in").hides("Submit application");
    for step in ["check", "withdraw", "policies"] {
        lena.see(&format!("{path}/form")).await;
        lena.post(&format!("{path}/{step}"), &POLICIES)
            .await
            .is(409)
            .says("only the one who applies");
    }
    lena.see("/applications").await.says("shared with you");
    amara.see(&format!("{path}/check")).await;
    amara.step(&format!("{path}/check"), &[]).await.says("Application submitted");
    world.turn_to("2026-12-01T00:00:00Z").await;
    // Whoever takes part neither reviews nor decides.
    let id = path.rsplit('/').next().unwrap();
    lena.get(&format!("/reviews/{id}")).await.is(404);
    lena.get(&format!("/decide/applications/{id}")).await.is(403);
    lena.see("/reviews").await.hides("Do code models");
    amara.see(&people).await.says("Lena Vogt");
    let member = amara.see(&people).await.between(&format!("action=\"{people}/"), "\"");
    amara.step(&format!("{people}/{member}"), &[]).await.says("Taken out");
    lena.get(&path).await.is(404);
    world.assign("lena@lab.test", id).await;
    lena.see(&format!("/reviews/{id}")).await;
}

#[tokio::test]
async fn an_invitation_expires_and_a_reader_only_reads() {
    let world = World::new().await;
    let mut amara = world.sign_in("amara@uni.test").await;
    let path = begin(&mut amara).await;
    amara.see(&format!("{path}/people")).await;
    let link = async |email: &str| {
        let mails = world.service.store().mails(50).await.unwrap();
        let mail =
            mails.iter().find(|mail| mail.to == email && mail.body.contains("/invitations/"));
        let body = &mail.unwrap().body;
        let link = body.split("http://portal.test").nth(1).unwrap();
        link.split_whitespace().next().unwrap().to_owned()
    };
    for email in ["bo@uni.test", "chen@uni.test"] {
        let fields = [("email", email), ("role", "view")];
        amara.step(&format!("{path}/people"), &fields).await;
    }
    let mut bo = world.sign_in("bo@uni.test").await;
    let answer = link("bo@uni.test").await;
    bo.see(&answer).await;
    bo.step(&answer, &[("answer", "accept")]).await.says("You can read it.");
    let study = format!("{path}/form/study");
    assert_eq!(bo.get(&study).await.is(303).location(), format!("{path}/check"));
    bo.see(&format!("{path}/check")).await.says("Check your answers").hides("Change");
    let refused = bo.post(&study, &[("research_question", "Bo's?")]).await;
    refused.is(409).says("change an application that you only read");
    amara.see(&study).await.hides("Bo's?");

    let answer = link("chen@uni.test").await;
    world.turn_to("2026-12-20T00:00:00Z").await;
    let mut chen = world.sign_in("chen@uni.test").await;
    chen.see(&answer).await.says("was answered or has expired").hides("Accept the invitation");
    chen.post(&answer, &[("answer", "accept")]).await.is(409).says("expired");
    chen.get("/invitations/none").await.is(404);
}

#[tokio::test]
async fn an_officer_asks_and_those_who_apply_answer_while_the_round_goes_on() {
    let world = World::new().await;
    world.appoint("ibrahim@lab.test", "Ibrahim Sesay", &[Role::Officer]).await;
    let mut amara = world.sign_in("amara@uni.test").await;
    let path = apply(&mut amara).await;
    let id = path.rsplit('/').next().unwrap().to_owned();
    let mut ibrahim = world.sign_in("ibrahim@lab.test").await;
    let (desk, ask) =
        (format!("/decide/applications/{id}"), format!("/decide/applications/{id}/questions"));
    ibrahim.see(&desk).await.says("Ask for information").says("Nobody else");
    ibrahim.post(&ask, &[("due", "2026-12-10")]).await.is(422).says("Enter what you want to know");
    let past = [("question", "How many raters?"), ("due", "2026-11-21")];
    ibrahim
        .post(&ask, &past)
        .await
        .is(422)
        .says("Enter a day from today on")
        .says("How many raters?");
    let asked = [("question", "How many <raters>?"), ("due", "2026-12-10")];
    ibrahim.step(&ask, &asked).await.says("on its way").says("Waits for an answer");
    let mails = world.service.store().mails(50).await.unwrap();
    let about = "A question about your application";
    let mail = mails.iter().find(|mail| mail.subject.starts_with(about)).unwrap();
    assert!(mail.body.contains("by the end of 10 December 2026"), "{}", mail.body);
    let link = mail.body.split("http://portal.test").nth(1).unwrap();
    let link = link.split_whitespace().next().unwrap().to_owned();
    world.turn_to("2026-12-01T00:00:00Z").await;
    amara.see(&path).await.says("answer the question below; the review goes on meanwhile");
    amara.see(&link).await.says("How many &lt;raters&gt;?").says("10 December 2026");
    amara.post(&link, &[("answer", " ")]).await.is(422).says("Enter your answer");
    let long = "x".repeat(5_001);
    amara.post(&link, &[("answer", &long)]).await.is(422).says("5,000 characters or fewer");
    world.sign_in("eve@uni.test").await.get(&link).await.is(404);
    amara.step(&link, &[("answer", "Three.")]).await.says("Your answer is with the program.");
    amara.see(&path).await.says("Three.").hides("answer the question below");
    amara.post(&link, &[("answer", "Four.")]).await.is(409).says("closed");
    ibrahim.see(&desk).await.says("Three.").says("Answered");
    ibrahim.step(&ask, &[("question", "And who?"), ("due", "2026-12-12")]).await;
    let question = ibrahim.see(&desk).await.between("/questions/", "/withdraw\"");
    let back = format!("{desk}/questions/{question}/withdraw");
    ibrahim.step(&back, &[]).await.says("Taken back");
    amara.see(&path).await.hides("And who?");
}

#[tokio::test]
async fn the_deadline_is_an_instant_wherever_somebody_is() {
    let world = World::new().await;
    let mut amara = world.sign_in("amara@uni.test").await;
    let path = begin(&mut amara).await;
    fill(&mut amara, &path, &[]).await;
    world.turn_to("2026-11-30T23:59:59Z").await;
    let said = amara.see(&format!("{path}/check")).await;
    said.says("December 2026 round").says("UTC");
    world.turn_to("2026-12-01T00:00:00Z").await;
    // The page that was shown in time, sent at the very second.
    amara.step(&format!("{path}/check"), &[]).await.says("March 2027 round");
    let mut chen = world.sign_in("chen@uni.test").await;
    assert!(at("2026-12-01T00:00:00Z") == at("2026-12-01T05:30:00+05:30"));
    let path = begin(&mut chen).await;
    chen.see(&format!("{path}/form")).await.says("March 2027");
}
