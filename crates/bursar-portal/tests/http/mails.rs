//! The outbox, letters by their samples, and what people are told when mail to them comes back.

use bursar_kernel::Role;
use bursar_outbox::{Attempt, Delivery};
use bursar_policy::Viewer;
use bursar_post::{Post as _, way};
use bursar_store::Batch;

use crate::world::World;

const WHY: &str = "550 5.1.1 no <such> mailbox";

#[tokio::test]
async fn who_runs_it_sees_how_far_each_mail_is_and_has_one_tried_again() {
    let world = World::new().await;
    world.appoint("olu@lab.test", "Olu Adeyemi", &[Role::Operator]).await;
    let (now, actor) = (world.service.now(), bursar_kernel::Actor::Operator);
    let mail = bursar_letters::trial("http://portal.test").to("amara@uni.test", now);
    let path = format!("/operate/outbox/{}", mail.id);
    let refused = Attempt::Refused { answer: WHY.to_owned(), no_mailbox: false };
    let delivery = Delivery::new(mail.id, now).claimed(now).after(&refused, now);
    let batch = Batch::new(actor, now).with(mail).with(way(0, delivery));
    world.service.store().commit(batch).await.unwrap();

    let mut amara = world.sign_in("amara@uni.test").await;
    amara.get(&path).await.is(403);
    amara.post(&format!("{path}/retry"), &[]).await.is(403);
    let mut olu = world.sign_in("olu@lab.test").await;
    olu.see("/operate/outbox").await.says("Refused").says("Waiting").hides("no mail relay");
    let shown = olu.see(&path).await;
    shown.says("550 5.1.1 no &lt;such&gt; mailbox").says("Try again").says("trial");
    let again = olu.step(&format!("{path}/retry"), &[]).await;
    again.says("The mail is tried again.").says("Next try");
}

#[tokio::test]
async fn an_address_that_comes_back_is_told_to_its_holder_and_a_mailed_link_ends_it() {
    let world = World::new().await;
    world.appoint("olu@lab.test", "Olu Adeyemi", &[Role::Operator]).await;
    let mut amara = world.sign_in("amara@uni.test").await;
    amara.see("/account").await.hides("came back").says("Remind me of what comes");
    let (service, operator) = (&world.service, &Viewer::Operator);
    let back = bursar_operator::report_bounce(service, operator, "Amara@uni.test", WHY).await;
    assert_eq!(back.unwrap().email, "amara@uni.test");
    let shown = amara.see("/account").await;
    shown.says("Mail to this address came back").says("no &lt;such&gt; mailbox");
    let mut olu = world.sign_in("olu@lab.test").await;
    olu.see("/operate/outbox").await.says("Addresses that mail came back from");
    amara.post("/sign-in", &[("email", "amara@uni.test")]).await;
    amara.see("/account").await.says("came back");
    world.turn_to("2026-11-22T10:01:00Z").await;
    world.sign_in("amara@uni.test").await.see("/account").await.hides("came back");
    olu.see("/operate/outbox").await.hides("Addresses that mail came back from");
}

#[tokio::test]
async fn people_choose_whether_they_are_reminded() {
    let world = World::new().await;
    let mut amara = world.sign_in("amara@uni.test").await;
    let checked = r#"name="reminders" value="yes" checked"#;
    amara.see("/account").await.says(checked);
    amara.step("/account/reminders", &[]).await.says("is saved").hides(checked);
    let known = world.service.store().address("amara@uni.test".to_owned()).await.unwrap();
    assert!(known.is_some_and(|known| !known.reminders));
    amara.step("/account/reminders", &[("reminders", "yes")]).await.says(checked);
}

#[tokio::test]
async fn officers_read_every_letter_and_no_link_in_one_changes_anything() {
    let world = World::new().await;
    world.appoint("ibrahim@lab.test", "Ibrahim Sesay", &[Role::Officer]).await;
    let mut officer = world.sign_in("ibrahim@lab.test").await;
    world.sign_in("amara@uni.test").await.get("/decide/letters").await.is(403);
    let list = officer.see("/decide/letters").await;
    list.says("Somebody asks for a sign-in link");
    officer.get("/decide/letters/gone").await.is(404);
    let program = world.service.programs()[0].clone();
    let before = world.service.store().last_change().await.unwrap();
    let trail = world.service.store().audit_trail(50).await.unwrap().len();
    for kind in bursar_letters::register() {
        officer.see(&format!("/decide/letters/{}", kind.name)).await.says("As HTML");
        for link in kind.sample(&program).links() {
            let path = link.strip_prefix("https://credits.example.edu").unwrap();
            let path = if path.is_empty() { "/" } else { path };
            // It is a page, for whoever may see it; what a sample names is not there.
            let shown = officer.get(path).await;
            let status = shown.status.as_u16();
            assert!([200, 303, 403, 404].contains(&status), "{path}: {status}");
        }
    }
    assert_eq!(world.service.store().last_change().await.unwrap(), before);
    assert_eq!(world.service.store().audit_trail(50).await.unwrap().len(), trail);
}
