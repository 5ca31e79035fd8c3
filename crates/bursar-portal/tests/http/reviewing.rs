//! A review as it is written: saved with anything missing, from two windows, sent in and changed.

use axum::http::Method;
use bursar_kernel::Role;

use crate::browser::{Browser, Shown, encoded};
use crate::world::{self, World, apply};

/// A reviewer and an officer of an application that is in review, and its name.
async fn desk() -> (World, Browser, Browser, String) {
    let world = World::new().await;
    world.appoint("lena@lab.test", "Lena Vogt", &[Role::Reviewer]).await;
    world.appoint("ibrahim@lab.test", "Ibrahim Sesay", &[Role::Officer]).await;
    let mut amara = world.sign_in("amara@uni.test").await;
    let path = apply(&mut amara).await;
    let id = path.rsplit('/').next().unwrap().to_owned();
    world.turn_to("2026-12-01T00:00:00Z").await;
    world.assign("lena@lab.test", &id).await;
    let lena = world.sign_in("lena@lab.test").await;
    let ibrahim = world.sign_in("ibrahim@lab.test").await;
    (world, lena, ibrahim, id)
}

fn was(shown: &Shown) -> String {
    shown.between("name=\"was\" value=\"", "\"")
}

#[tokio::test]
async fn a_draft_is_its_writers_own_until_it_is_sent_in() {
    let (_world, mut lena, mut ibrahim, id) = desk().await;
    let (review, officers) = (format!("/reviews/{id}"), format!("/decide/applications/{id}"));
    let before = ibrahim.see(&officers).await.html;
    lena.see(&review).await.says("Not yet reviewed").hides("Below is your draft");
    let some = [("comment", "Half a <thought>"), ("score-method", "4"), ("action", "save")];
    lena.step(&review, &some).await.says("The draft is saved.").says("Draft saved");
    let page = lena.see(&review).await;
    page.says("Half a &lt;thought&gt;").says("Below is your draft").hides("Submitted on");
    assert_eq!(ibrahim.see(&officers).await.html, before, "a draft shows to an officer");

    // What is missing is told at once, and what was typed is kept all the same.
    let more =
        [("comment", "Half"), ("score-method", "9"), ("action", "send"), ("was", &was(&page))];
    let wrong = lena.post(&review, &more).await;
    wrong.is(422).says("Select what you recommend").says("Select a score for");
    assert_eq!(wrong.html.matches("Select a score for “").count(), 2 * 5, "summary and fields");
    lena.see(&review).await.says(">\nHalf</textarea>");
    assert_eq!(ibrahim.see(&officers).await.html, before, "a draft shows to an officer");

    let said = [&world::review("award", "A sharp question")[..], &[("action", "send")]].concat();
    lena.step(&review, &said).await.says("Your review is submitted").hides("your draft");
    lena.see("/reviews").await.says("Reviewed").hides("Draft saved");
    ibrahim.see(&officers).await.says("A sharp question").hides("What was changed");
}

#[tokio::test]
async fn what_changed_is_kept_and_told_to_officers_alone() {
    let (world, mut lena, mut ibrahim, id) = desk().await;
    let (review, officers) = (format!("/reviews/{id}"), format!("/decide/applications/{id}"));
    lena.see(&review).await;
    let first = [&world::review("award", "At first")[..], &[("for_officer", "A note")]].concat();
    lena.step(&review, &first).await.says("Your review is submitted");
    ibrahim.see(&officers).await.says("A note").hides("What was changed");
    // The same again is no change.
    lena.step(&review, &first).await;
    ibrahim.see(&officers).await.says("100.0 of 100").hides("What was changed");

    world.turn_to("2026-12-02T00:00:00Z").await;
    let mut lena = world.sign_in("lena@lab.test").await;
    let mut ibrahim = world.sign_in("ibrahim@lab.test").await;
    lena.see(&review).await;
    let draft = [("recommendation", "decline"), ("action", "save")];
    lena.step(&review, &draft).await.says("Reviewed, changes not submitted");
    lena.see(&review).await.says("what you submitted counts until you submit again");
    ibrahim
        .see(&officers)
        .await
        .says("100.0 of 100")
        .hides("What was changed")
        .hides("Decline</strong>");
    let mut second = world::review("decline", "On second thoughts").to_vec();
    second[1].1 = "1";
    lena.step(&review, &second).await.says("Your review is submitted");
    let page = ibrahim.see(&officers).await;
    page.says("What was changed").says("On second thoughts").says("<del>At first</del>");
    page.says("<del>Award</del> <ins>Decline</ins>").says("<del>5</del> <ins>1</ins>");
    assert!(!page.html.contains("100.0 of 100"), "the latest scores count");
    page.says("A note");
    let mut amara = world.sign_in("amara@uni.test").await;
    amara.see(&format!("/applications/{id}")).await.hides("A note").hides("second thoughts");
}

#[tokio::test]
async fn two_windows_overwrite_nothing_unseen() {
    let (_world, mut lena, _, id) = desk().await;
    let review = format!("/reviews/{id}");
    let shown = was(&lena.see(&review).await);
    let here = [("comment", "Here"), ("was", &shown), ("action", "save")];
    lena.step(&review, &here).await;
    // Another window that was shown the empty form: another field is no conflict.
    let there = [("for_officer", "There"), ("was", &shown), ("action", "save")];
    lena.step(&review, &there).await;
    lena.see(&review).await.says(">\nHere</textarea>").says(">\nThere</textarea>");
    let other = world::review("award", "Elsewhere");
    let other = [&other[..], &[("for_officer", "There"), ("was", &shown)]].concat();
    let clash = lena.post(&review, &other).await;
    clash.is(409).says("changed in another place").says("Here").says(">\nElsewhere</textarea>");
    lena.see("/reviews").await.says("Draft saved");
    lena.see(&review).await.says(">\nHere</textarea>");
    let again = was(&clash);
    let both = [&other[..8], &[("was", again.as_str())]].concat();
    lena.step(&review, &both).await.says("Your review is submitted").says("Elsewhere");
}

#[tokio::test]
async fn the_script_saves_reviews_too() {
    let (world, mut lena, mut ibrahim, id) = desk().await;
    let review = format!("/reviews/{id}");
    let page = lena.see(&review).await;
    page.says("data-autosave=\"autosave\"").says("role=\"status\"");
    let (shown, token) = (was(&page), lena.token.clone());
    let send = async |browser: &mut Browser, text: &str, was: &str| {
        let given = [("comment", text), ("was", was), ("action", "send"), ("csrf", &token)];
        let json = [("accept", "application/json")];
        let answer = browser.send(Method::POST, &review, &json, encoded(&given)).await;
        let told: serde_json::Value = serde_json::from_str(&answer.html).unwrap();
        (answer.status.as_u16(), told)
    };
    let (status, told) = send(&mut lena, "One", &shown).await;
    assert_eq!((status, told["saved"].as_str()), (200, Some("Draft saved at 00:00 (UTC).")));
    let (_, told) = send(&mut lena, "Two", told["was"].as_str().unwrap()).await;
    assert!(told["saved"].is_string(), "{told}");
    let (status, told) = send(&mut lena, "Other", &shown).await;
    assert_eq!(status, 409, "{told}");
    assert_eq!(send(&mut lena, "Other", told["was"].as_str().unwrap()).await.0, 409);
    lena.see(&review).await.says(">\nTwo</textarea>");
    ibrahim.see(&format!("/decide/applications/{id}")).await.hides("Two");

    let cookie = lena.cookies["bursar-session"].clone();
    world.service.sign_out(&cookie).await.unwrap();
    let (status, told) = send(&mut lena, "Late", &shown).await;
    assert_eq!(status, 401);
    assert!(told["stop"].as_str().unwrap().contains("you are signed out"), "{told}");
    assert!(lena.cookies.contains_key("bursar-kept"), "what was typed is there after signing in");

    // Once the round has left review there is nothing to save.
    world.turn_to("2026-12-01T00:10:00Z").await;
    let mut lena = world.sign_in("lena@lab.test").await;
    let token = {
        lena.see(&review).await;
        lena.token.clone()
    };
    ibrahim.see(&format!("/decide/applications/{id}")).await;
    let decline = [("decision", "decline"), ("reasons", "Not now.")];
    ibrahim.step(&format!("/decide/applications/{id}"), &decline).await;
    let given = [("comment", "After"), ("csrf", token.as_str())];
    let json = [("accept", "application/json")];
    let answer = lena.send(Method::POST, &review, &json, encoded(&given)).await;
    answer.is(409).says("stop");
    lena.get(&review).await.is(404).hides("Two");
    lena.see("/reviews").await.hides("Draft saved");
}

/// Hands a file in.
async fn hand_in(browser: &mut Browser, file: &str) -> Shown {
    browser.see("/reviews/offline").await;
    let part = |head: &str, body: &str| {
        format!("--x\r\ncontent-disposition: form-data; {head}\r\n\r\n{body}\r\n")
    };
    let body = [
        part("name=\"csrf\"", &browser.token.clone()),
        part("name=\"file\"; filename=\"reviews.txt\"", file),
        "--x--\r\n".to_owned(),
    ];
    let kind = [("content-type", "multipart/form-data; boundary=x")];
    browser.send_as(Method::POST, "/reviews/offline", &kind, body.concat()).await
}

#[tokio::test]
async fn a_review_is_written_in_a_file_and_comes_back_as_a_draft() {
    let (_world, mut lena, mut ibrahim, id) = desk().await;
    let (review, officers) = (format!("/reviews/{id}"), format!("/decide/applications/{id}"));
    let before = ibrahim.see(&officers).await.html;
    lena.see("/reviews/offline").await.says("Download 1 application");
    let one = lena.see(&format!("{review}/review.txt")).await;
    assert_eq!(one.headers["content-type"], "text/plain; charset=utf-8");
    assert!(one.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
    let all = lena.see("/reviews/offline/reviews.txt").await;
    assert_eq!(one.html, all.html, "it is the only one");
    one.says("Do code models hide planted defects?").says("----- score-method").says("Due before");
    one.hides("amara@uni.test").hides("Amara");
    ibrahim.get(&format!("{review}/review.txt")).await.is(403);

    let filled = one.html.replace("----- comment\n", "----- comment\nWritten\n\\-----\non a train");
    let filled = filled.replace("----- score-method\n", "----- score-method\n 4 ");
    hand_in(&mut lena, &filled).await.is(303);
    lena.see("/reviews").await.says("The file is in your drafts").says("Draft saved");
    lena.see(&review).await.says(">\nWritten\n-----\non a train").says("value=\"4\" selected");
    assert_eq!(ibrahim.see(&officers).await.html, before, "a file is no review");
    hand_in(&mut lena, &filled).await.is(303);
    lena.see("/reviews").await.says("have all that is in the file already");

    // What was changed here since is not overwritten, and can be.
    let more = filled.replace("on a train", "on another train");
    let more = more.replace("----- for_officer\n", "----- for_officer\nAsk them");
    let clash = hand_in(&mut lena, &more).await;
    clash.is(409).says("was changed after you took the file").says("on another train");
    lena.see(&review).await.says("on a train</textarea>").says(">\nAsk them</textarea>");
    let was = was(&clash);
    let take = [
        ("comment", "Written\n-----\non another train"),
        ("was", was.as_str()),
        ("action", "save"),
    ];
    lena.step(&review, &take).await.says("The draft is saved");
    lena.see(&review).await.says("on another train</textarea>").says("value=\"4\" selected");
}

#[tokio::test]
async fn what_is_wrong_with_a_file_is_told_at_once_and_nothing_is_saved() {
    let (_world, mut lena, mut ibrahim, id) = desk().await;
    let review = format!("/reviews/{id}");
    let file = lena.see(&format!("{review}/review.txt")).await.html;
    let wrong = file.replace("----- comment\n", "----- comment\nGood");
    let wrong = wrong.replace("----- score-method\n", "----- score-method\n9");
    let wrong = wrong.replace("----- recommendation\n", "----- recommendation\n<b>maybe</b>");
    let told = hand_in(&mut lena, &wrong).await;
    told.is(422).says("Nothing of the file was saved").says("from 1 to 5").says("&lt;b&gt;maybe");
    lena.see(&review).await.says("Not yet reviewed").hides("Good</textarea>");
    hand_in(&mut lena, "Dear officer").await.is(422).says("Line 1").says("BURSAR REVIEW FORM 1");
    let other = bursar_kernel::ApplicationId::from_bytes([7; 16]).to_string();
    let foreign = hand_in(&mut lena, &file.replace(&id, &other)).await;
    foreign.is(422).says("is not yours to review now");
    lena.see("/reviews/offline").await;
    lena.post("/reviews/offline", &[]).await.is(422).says("Choose the file that you filled in");
    let large = format!("{file}{}", "|\n".repeat(3_000_000));
    hand_in(&mut lena, &large).await.is(422).says("at most 4 MB");
    ibrahim.get("/reviews/offline").await.is(403);
}

#[tokio::test]
async fn what_counted_is_listed_and_certified_once_it_has_left_review() {
    let (world, mut lena, mut ibrahim, id) = desk().await;
    let (review, officers) = (format!("/reviews/{id}"), format!("/decide/applications/{id}"));
    lena.see(&review).await;
    lena.step(&review, &world::review("award", "A sharp question")).await;
    lena.see("/reviews/past").await.says("No reviews yet").hides("planted defects");
    ibrahim.see(&officers).await;
    let decline = [("decision", "decline"), ("reasons", "Words of the decision.")];
    ibrahim.step(&officers, &decline).await;
    let page = lena.see("/reviews/past").await;
    page.says("Do code models hide planted defects?").says("December 2026");
    page.hides("Words of the decision").hides("amara@uni.test").hides("Decline");
    let letter = "/reviews/past/letter";
    let shown = lena.see(&format!("{letter}?from=2026-12-01&until=2026-12-31")).await;
    shown.says("Letter of service").says("Lena Vogt").says("1 review").says("portal.test");
    shown.says("OpenAI Researcher Access Program").hides("planted defects").hides("Amara");
    let early = lena.see(&format!("{letter}?from=2026-11-01&until=2026-11-30")).await;
    early.says("No reviews between these days").hides("To whom");
    let wrong = lena.get(&format!("{letter}?from=soon&until=2026-11-30")).await;
    wrong.is(422).says("Enter a day, like").says("value=\"soon\"");
    let turned = lena.get(&format!("{letter}?from=2026-12-02&until=2026-12-01")).await;
    turned.is(422).says("not before the first");
    // Another reviewer has none of it.
    world.appoint("noor@lab.test", "Noor Haddad", &[Role::Reviewer]).await;
    let mut noor = world.sign_in("noor@lab.test").await;
    noor.see("/reviews/past").await.says("No reviews yet");
}
