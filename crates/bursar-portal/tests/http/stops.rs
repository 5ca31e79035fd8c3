//! An officer stops a grant and a program, an operator an upstream: each with a reason that those
//! whom it concerns read, and each started again.

use std::collections::BTreeSet;

use bursar_kernel::{Origin, Role};
use bursar_policy::Viewer;
use bursar_service::IssueGrant;

use crate::world::{World, program};

const REASON: &str = "A key of it was found on the web.";

/// The letters of a subject that the holder got.
async fn letters(world: &World, subject: &str) -> Vec<String> {
    let mails = world.service.store().mails(50).await.unwrap();
    let those = mails.into_iter().filter(|it| it.to == "amara@uni.test" && it.subject == subject);
    those.map(|mail| mail.body).collect()
}

#[tokio::test]
async fn an_officer_stops_a_grant_and_its_holder_reads_since_when_and_why() {
    let world = World::new().await;
    world.appoint("ibrahim@lab.test", "Ibrahim Sesay", &[Role::Officer]).await;
    let issue = IssueGrant {
        program: program(),
        holder_email: "amara@uni.test".to_owned(),
        amount: "250".parse().unwrap(),
        expires_at: None,
        title: "Do code models sandbag?".to_owned(),
        origin: Origin::ResearchGrant,
        tier: None,
    };
    let id = world.service.issue_grant(&Viewer::Operator, issue).await.unwrap();
    let (grant, path) = (format!("/grants/{id}"), format!("/grants/{id}/stop"));
    let mut amara = world.sign_in("amara@uni.test").await;
    amara.see(&grant).await.hides("Stop its calls").hides("Calls are stopped");
    amara.get(&path).await.is(403);
    amara.post(&path, &[("turn", "stop"), ("reason", REASON)]).await.is(403);
    world.sign_in("eve@uni.test").await.get(&path).await.is(404);

    let mut officer = world.sign_in("ibrahim@lab.test").await;
    officer.see(&grant).await.says("Stop its calls");
    officer.see(&path).await.says("New calls with its keys are refused").says("No money moves");
    let silent = officer.post(&path, &[("turn", "stop")]).await;
    silent.is(422).says("<title>Error: ").says("Say why");
    let odd = officer.post(&path, &[("turn", "end"), ("reason", REASON)]).await;
    odd.is(422);
    let stop = [("turn", "stop"), ("reason", REASON)];
    officer.step(&path, &stop).await.says("It is stopped, on every server").says("Start its calls");
    let told = letters(&world, "The calls of your grant are stopped").await;
    assert!(matches!(&*told, [body] if body.contains(REASON) && body.contains(&grant)), "{told:?}");
    officer.step(&path, &[stop[0], ("reason", "Again.")]).await.says(REASON).hides("Again.");
    let shown = amara.see(&grant).await;
    shown
        .says("Stopped")
        .says("Calls are stopped.")
        .says(REASON)
        .says("22 November 2026")
        .hides("Ibrahim");
    shown.says("exactly $250.00 of $250.00");
    officer.see(&path).await.says("Start this grant").says(REASON);
    let start = [("turn", "start"), ("reason", "The key was revoked.")];
    officer.step(&path, &start).await.says("It is started again").says("Stop its calls");
    assert_eq!(letters(&world, "The calls of your grant go on").await.len(), 1);
    amara.see(&grant).await.hides("Calls are stopped").hides(REASON);
    let trail = world.service.store().audit_trail(10).await.unwrap();
    let lines = trail.iter().map(|line| (&*line.action, &*line.detail));
    // Both are of one instant here.
    let lines: BTreeSet<_> = lines.filter(|(action, _)| action.starts_with("grant.st")).collect();
    let written = [("grant.started", "The key was revoked."), ("grant.stopped", REASON)];
    assert_eq!(lines, BTreeSet::from(written));

    let path = format!("/decide/money/{}/stop", program());
    amara.get(&path).await.is(403);
    officer.see(&path).await.says("goes on taking applications");
    officer.step(&path, &stop).await.says("Calls of its grants are stopped").says(REASON);
    amara.see(&grant).await.says("All grants of").says(REASON);
    officer.step(&path, &start).await.says("It is started again").says("Stop the calls of");
    amara.see(&grant).await.hides("Calls are stopped");
}

#[tokio::test]
async fn an_operator_stops_an_upstream_of_any_name() {
    let world = World::new().await;
    world.appoint("olu@lab.test", "Olu Ade", &[Role::Operator]).await;
    world.appoint("ibrahim@lab.test", "Ibrahim Sesay", &[Role::Officer]).await;
    // As the gateway does that serves them.
    for name in ["openai", "west/1 ü"] {
        world.service.calls().upstream(name);
    }
    let path = "/operate/upstreams/openai/stop";
    world.sign_in("ibrahim@lab.test").await.get(path).await.is(403);
    let mut olu = world.sign_in("olu@lab.test").await;
    olu.see("/operate/upstreams").await.says(path).says("takes calls");
    olu.get("/operate/upstreams/none/stop").await.is(404);
    olu.see(path).await.says("others of its group take them");
    let stop = [("turn", "stop"), ("reason", REASON)];
    olu.step(path, &stop).await.says("It is stopped, on every server").says("Stopped").says(REASON);
    assert!(world.service.calls().upstream("openai").is_stopped());
    let start = [("turn", "start"), ("reason", "It is a new one.")];
    olu.step(path, &start).await.says("takes calls").hides(REASON);
    assert!(!world.service.calls().upstream("openai").is_stopped());
    olu.step("/operate/upstreams/west%2F1%20%C3%BC/stop", &stop).await.says("It is stopped");
    assert!(world.service.calls().upstream("west/1 ü").is_stopped());
}
