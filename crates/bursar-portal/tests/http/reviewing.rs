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
