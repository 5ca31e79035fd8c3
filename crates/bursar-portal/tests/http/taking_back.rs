//! An officer takes credit back: a part, then all, with a page between that says what will happen.

use bursar_kernel::{Origin, Role};
use bursar_policy::Viewer;
use bursar_service::IssueGrant;

use crate::world::{World, program};

#[tokio::test]
async fn credit_is_taken_back_after_a_page_that_says_what_will_happen() {
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
    let (grant, path) = (format!("/grants/{id}"), format!("/grants/{id}/take-back"));

    let mut amara = world.sign_in("amara@uni.test").await;
    amara.see(&grant).await.hides("Take credit back");
    amara.get(&path).await.is(403);
    amara.post(&path, &[("taking", "all"), ("reason", "Mine.")]).await.is(403);
    world.sign_in("eve@uni.test").await.get(&path).await.is(404);

    let mut officer = world.sign_in("ibrahim@lab.test").await;
    officer.see(&grant).await.says("Take credit back");
    officer.see(&path).await.says("$250.00 is free");
    let check = format!("{path}/check");
    let nothing =
        officer.post(&check, &[("taking", "part"), ("amount", "300"), ("reason", "So")]).await;
    nothing.is(422).says("$250.00 is free: take that, or less").says("<title>Error: ");
    officer.post(&check, &[("taking", "part"), ("amount", "50")]).await.is(422).says("Say why");
    officer.post(&check, &[("reason", "So")]).await.is(422).says("Select what you take back");
    let part = [("taking", "part"), ("amount", "50"), ("reason", "It ended early.")];
    let asked = officer.post(&check, &part).await;
    asked.is(200).says("Take this back?").says("$200.00 stays with its holder");
    let transfer = asked.between("name=\"id\" value=\"", "\"");
    amara.see(&grant).await.says("exactly $250.00 of $250.00");
    let part = [part[0], part[1], part[2], ("id", &*transfer)];
    officer.step(&path, &part).await.says("The credit is in the pool").says("Taken back");
    officer.step(&path, &part).await.says("exactly $200.00 of $250.00");
    amara.see(&grant).await.says("exactly $200.00 of $250.00");
    let letters = posted(&world).await;
    assert!(letters.contains("took $50.00 of your grant back"), "{letters}");
    assert!(letters.contains("It ended early."), "{letters}");
    assert_eq!(letters.matches("It ended early.").count(), 1, "one letter, however often");

    let all = [("taking", "all"), ("reason", "The terms were broken.")];
    let asked = officer.post(&check, &all).await;
    asked.is(200).says("Void this grant?").says("Its keys are refused from this instant on");
    officer.step(&path, &all).await.says("The grant is voided").says("Voided");
    officer.get(&path).await.is(409).says("the grant was voided");
    amara.see(&grant).await.says("Voided.").says("exactly $0.00 of $250.00").hides("Return it");
    amara.post(&format!("{grant}/keys"), &[("name", "more")]).await.is(409);
    let letters = posted(&world).await;
    assert!(letters.contains("$200.00 when this was written"), "{letters}");
}

async fn posted(world: &World) -> String {
    let mails = world.service.store().mails(50).await.unwrap();
    mails.into_iter().map(|mail| mail.body).collect()
}
