//! An applicant's pages before and after an officer decided: the same, byte for byte.

use std::collections::BTreeMap;

use bursar_kernel::Role;

use crate::browser::Browser;
use crate::world::{self, PROGRAM, ROUND, World, apply};

/// Everything that an applicant can look at.
async fn all_pages(browser: &mut Browser, path: &str) -> BTreeMap<String, (u16, String)> {
    let own = ["", "/withdraw", "/submitted", "/letter", "/accept", "/decline", "/form", "/check"];
    let own = own.map(|page| format!("{path}{page}"));
    let others = [
        "/",
        "/applications",
        "/grants",
        "/account",
        "/account/export",
        &format!("/programs/{PROGRAM}"),
    ];
    let mut pages = BTreeMap::new();
    for page in own.into_iter().chain(others.map(str::to_owned)) {
        let shown = browser.get(&page).await;
        pages.insert(page, (shown.status.as_u16(), shown.html));
    }
    pages
}

#[tokio::test]
async fn an_unreleased_decision_shows_nowhere() {
    let world = World::new().await;
    world.appoint("lena@lab.test", "Lena Vogt", &[Role::Reviewer]).await;
    world.appoint("ibrahim@lab.test", "Ibrahim Sesay", &[Role::Officer]).await;
    world.appoint("second@lab.test", "Second Officer", &[Role::Officer]).await;
    let mut amara = world.sign_in("amara@uni.test").await;
    let path = apply(&mut amara).await;
    let id = path.rsplit('/').next().unwrap();
    world.turn_to("2026-12-01T00:00:00Z").await;
    let mut lena = world.sign_in("lena@lab.test").await;
    let mut ibrahim = world.sign_in("ibrahim@lab.test").await;
    let before = all_pages(&mut amara, &path).await;

    world.assign("lena@lab.test", id).await;
    lena.see(&format!("/reviews/{id}")).await;
    let review = world::review("award", "A comment of the reviewer's.");
    lena.step(&format!("/reviews/{id}"), &review).await;
    assert_eq!(all_pages(&mut amara, &path).await, before, "a review shows");

    ibrahim.see(&format!("/decide/applications/{id}")).await;
    let decide = format!("/decide/applications/{id}");
    let decline = [("decision", "decline"), ("reasons", "Reasons of the officer's.")];
    ibrahim.step(&decide, &decline).await;
    assert_eq!(all_pages(&mut amara, &path).await, before, "a refusal shows");
    let award = [("decision", "award"), ("amount", "850"), ("reasons", "Other reasons.")];
    ibrahim.step(&decide, &award).await;
    assert_eq!(all_pages(&mut amara, &path).await, before, "an award shows");

    let too_much = [
        ("decision", "award"),
        ("amount", "2500"),
        ("reasons", "More."),
        ("justification", "A large study."),
    ];
    ibrahim.step(&decide, &too_much).await.says("Waits for a second officer");
    let alone = ibrahim.post(&format!("{decide}/approve"), &[]).await;
    alone.is(409).says("take one officer").says("Waits for a second officer");
    assert_eq!(all_pages(&mut amara, &path).await, before, "an award that waits shows");

    world.turn_to("2027-01-01T00:00:00Z").await;
    let mut amara = world.sign_in("amara@uni.test").await;
    let mut ibrahim = world.sign_in("ibrahim@lab.test").await;
    let round = format!("/decide/rounds/{PROGRAM}/{ROUND}");
    ibrahim.see(&round).await;
    amara.see(&path).await.says("the review is over. You get a mail").hides("More.");
    let refused = ibrahim.post(&format!("{round}/release"), &[]).await;
    refused.is(409).says("wait for a second officer");
    let mut second = world.sign_in("second@lab.test").await;
    second.see(&decide).await.says("Approve the award");
    second.step(&format!("{decide}/approve"), &[]).await.says("Approved by a second officer");
    ibrahim.see(&round).await;
    ibrahim.step(&format!("{round}/release"), &[]).await;
    let letter = amara.see(&format!("{path}/letter")).await;
    letter.says("More.").says("Funding is limited").hides("A large study");
}
