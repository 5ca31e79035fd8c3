//! The whole story, page by page: apply, review, decide, release, accept, deliver, key.

use bursar_kernel::Role;

use crate::world::{self, PROGRAM, ROUND, World, apply};

#[tokio::test]
async fn a_proposal_becomes_a_key() {
    let world = World::new().await;
    world.appoint("lena@lab.test", "Lena Vogt", &[Role::Reviewer]).await;
    world.appoint("ibrahim@lab.test", "Ibrahim Sesay", &[Role::Officer]).await;
    let mut amara = world.sign_in("amara@uni.test").await;
    amara.see("/account").await;
    amara.step("/account", &[("name", "Amara Okafor")]).await.says("Your name is saved");
    let path = apply(&mut amara).await;
    amara.see(&path).await.says("Submitted").says("review begins on 1 December 2026");
    let id = path.rsplit('/').next().unwrap().to_owned();

    world.turn_to("2026-12-01T00:00:00Z").await;
    let mut ibrahim = world.sign_in("ibrahim@lab.test").await;
    let panel = format!("/decide/rounds/{PROGRAM}/{ROUND}/panel");
    ibrahim.see(&panel).await.says("Lacks 2").says("Plan who reviews what");
    ibrahim.step(&format!("{panel}/plan"), &[("seed", "1")]).await.says("A plan lies ready");
    ibrahim.see(&panel).await.says("The plan lacks 1").says("Invite for 1 review");
    ibrahim.step(&format!("{panel}/invite"), &[]).await.says("are asked, by mail");
    let mut lena = world.sign_in("lena@lab.test").await;
    lena.see("/reviews").await.says("You are asked").says("Do code models hide planted defects?");
    let answer = format!("/reviews/{id}/answer");
    lena.get(&format!("/reviews/{id}")).await.is(404);
    lena.see(&answer).await.hides("amara@uni.test").hides("We plant defects");
    lena.post(&answer, &[]).await.is(422).says("Select your answer");
    lena.post(&answer, &[("answer", "conflict")]).await.is(422).says("Say why");
    lena.step(&answer, &[("answer", "accept")]).await.says("You have agreed to review it");
    lena.see(&format!("/reviews/{id}")).await.hides("amara@uni.test");
    let review = world::review("unsure", "A sharp question.");
    lena.step(&format!("/reviews/{id}"), &review).await.says("Your review is submitted");

    ibrahim.see("/decide/applications?state=in_review").await.says("Amara Okafor");
    let page = ibrahim.see(&format!("/decide/applications/{id}")).await;
    page.says("A sharp question.").says("Lena Vogt");
    let decision = [("decision", "award"), ("amount", "$850"), ("reasons", "A sharp question.")];
    let decided = ibrahim.step(&format!("/decide/applications/{id}"), &decision).await;
    decided.says("The decision is recorded").says("Award of $850.00, decided by Ibrahim Sesay");
    let round = format!("/decide/rounds/{PROGRAM}/{ROUND}");
    let early = ibrahim.see(&round).await;
    early.says("Not yet: ").says("1 January 2027").hides("Release 1 decision");
    ibrahim.post(&format!("{round}/release"), &[]).await.is(409).says("This cannot be done: ");

    world.turn_to("2027-01-01T00:00:00Z").await;
    let mut ibrahim = world.sign_in("ibrahim@lab.test").await;
    ibrahim.see(&round).await.says("Release 1 decision");
    ibrahim.step(&format!("{round}/release"), &[]).await.says("Released on");
    take_up(&world, &path).await;
}

/// The researcher's half of the story, from the letter on.
async fn take_up(world: &World, path: &str) {
    let mut amara = world.sign_in("amara@uni.test").await;
    amara.see(path).await.says("Award offered");
    amara.see(&format!("{path}/letter")).await.says("A sharp question.").says("$850.00");
    amara.see(&format!("{path}/accept")).await;
    let refused = amara.post(&format!("{path}/accept"), &[]).await;
    refused.is(422).says("Accept the terms to receive the award").says("<title>Error: ");
    let grant = amara.step(&format!("{path}/accept"), &[("accept", "yes")]).await;
    grant.says("You have accepted the award.").says("Waiting for delivery");
    let grant = grant.between("<code>grant_", "</code>");
    let grant = format!("/grants/grant_{grant}");

    world.turn_to("2027-02-12T00:00:00Z").await;
    let mut amara = world.sign_in("amara@uni.test").await;
    amara.see(&grant).await.says("exactly $850.00 of $850.00").says("No key yet");
    let file = format!("{grant}/statement.csv");
    amara.see(&grant).await.says(&format!("<a href=\"{file}\">Statement (CSV)</a>"));
    let statement = amara.get(&file).await;
    statement.is(200).says(",issue,committed/").says(",closing,,,850.00,");
    assert_eq!(statement.headers["content-type"], "text/csv; charset=utf-8");
    let mut officer = world.sign_in("ibrahim@lab.test").await;
    officer.get(&file).await.is(200).says(",closing,,,850.00,");
    let mut stranger = world.sign_in("eve@uni.test").await;
    stranger.get(&file).await.is(404);
    let keys = format!("{grant}/keys");
    amara.post(&keys, &[("name", "")]).await.is(422).says("Enter a name for the key");
    amara.post(&keys, &[("name", "a"), ("cap", "-1")]).await.is(422).says("Enter an amount");
    let made = amara.post(&keys, &[("name", "Nightly run"), ("cap", "10")]).await;
    let secret = made.is(200).between("<code id=\"secret\">", "</code>");
    assert!(secret.starts_with("sk-bursar-"), "{secret}");
    assert_eq!(made.headers["cache-control"], "no-store");
    for page in [&grant, &keys, &format!("{grant}/use"), &format!("{grant}/calls")] {
        amara.get(page).await.hides(&secret);
    }
    let listed = amara.see(&grant).await;
    listed.says("Nightly run").says("$10.00");
    let key = listed.between(&format!("{keys}/"), "/cap");
    let cap = format!("{keys}/{key}/cap");
    amara.see(&cap).await.says("Change the cap").says("value=\"10.00\"").says("$0.00");
    amara.post(&cap, &[("cap", "-1")]).await.is(422).says("Enter an amount").says("Error: ");
    amara.step(&cap, &[("cap", "$2.50")]).await.says("The cap is changed").says("$2.50");
    amara.step(&cap, &[("cap", "")]).await.says("No cap");
    amara.step(&cap, &[("cap", "7")]).await.says("$7.00");
    stranger.get(&cap).await.is(404);
    stranger.post(&cap, &[("cap", "1")]).await.is(404);
    officer.post(&cap, &[("cap", "1")]).await.is(403);
    amara.see(&format!("{keys}/{key}/revoke")).await.says("Revoke this key?");
    amara.step(&format!("{keys}/{key}/revoke"), &[]).await.says("Revoked").hides(&cap);
    amara.post(&cap, &[("cap", "1")]).await.is(409).says("a key that was revoked");
    let caller = world.service.calls().identify(&secret).await.unwrap().expect("a caller");
    assert!(caller.is_stopped(world.service.now()));
}
