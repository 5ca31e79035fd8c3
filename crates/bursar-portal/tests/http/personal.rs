//! What is somebody's own: downloaded, and erased after a mailed link and days of grace.

use bursar_kernel::Role;

use crate::world::{World, apply, begin};

async fn link(world: &World, email: &str) -> String {
    let mails = world.service.store().mails_to(email.to_owned(), None, 9).await.unwrap();
    let mail = mails.iter().find(|mail| mail.letter == "erasure_asked").expect("a link");
    let (_, rest) = mail.body.split_once("/erasure/").unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}

#[tokio::test]
async fn an_account_is_erased_after_days_in_which_it_can_be_kept() {
    let world = World::new().await;
    let mut amara = world.sign_in("amara@uni.test").await;
    amara.step("/account", &[("name", "Amara <Okafor>")]).await;
    let draft = begin(&mut amara).await;
    amara.see("/account").await.says("what goes and what stays").says("/account/export");
    let page = amara.see("/account/erase").await;
    page.says("What goes").says("What stays").says("Mail me the link").hides("Before that");
    let asked = amara.step("/account/erase", &[("credit", "return")]).await;
    asked.says("The link is on its way").says("Keep my account");
    let token = link(&world, "amara@uni.test").await;
    // Anybody's browser may open the link; looking at it does nothing.
    let mut phone = world.browser();
    for _ in 0..2 {
        phone.see(&format!("/erasure/{token}")).await.says("29 November 2026");
    }
    phone.post("/erasure", &[("token", &token)]).await.is(200).says("is to be erased");
    phone.post("/erasure", &[("token", &token)]).await.is(200).says("no longer works");
    phone.see(&format!("/erasure/{token}")).await.says("no longer works");
    let page = amara.see("/account/erase").await;
    page.says("Your account is erased on").says("Keep my account").hides("Mail me the link");
    amara.step("/account/erase/cancel", &[]).await.says("Your account is kept");
    world.turn_to("2026-12-10T10:00:00Z").await;
    assert_eq!(bursar_personal::erase_due(&world.service).await.unwrap(), 0);

    // Once more, and for good.
    let mut amara = world.sign_in("amara@uni.test").await;
    amara.see("/account/erase").await;
    amara.step("/account/erase", &[]).await;
    let token = link(&world, "amara@uni.test").await;
    phone.see(&format!("/erasure/{token}")).await;
    phone.post("/erasure", &[("token", &token)]).await.is(200);
    world.turn_to("2026-12-17T10:00:00Z").await;
    amara.see(&draft).await.says("Amara &lt;Okafor&gt;");
    assert_eq!(bursar_personal::erase_due(&world.service).await.unwrap(), 1);
    amara.get("/account").await.is(303);
    // Whoever comes back is somebody new.
    let mut again = world.sign_in("amara@uni.test").await;
    again.see("/account").await.hides("Okafor");
    again.get(&draft).await.is(404);
}

#[tokio::test]
async fn what_is_open_is_said_beforehand() {
    let world = World::new().await;
    world.appoint("lena@lab.test", "Lena Vogt", &[Role::Reviewer]).await;
    let mut lena = world.sign_in("lena@lab.test").await;
    let page = lena.see("/account/erase").await;
    page.says("Before that").says("Hand that over").hides("Mail me the link");
    lena.post("/account/erase", &[]).await.is(409).says("something is open");
    let mut amara = world.sign_in("amara@uni.test").await;
    apply(&mut amara).await;
    amara.see("/account/erase").await.says("An application is with its program");
    amara.post("/account/erase", &[]).await.is(409);
    amara.post("/account/erase/cancel", &[]).await.is(409);
    let mut nobody = world.browser();
    nobody.see("/sign-in").await;
    nobody.post("/account/erase", &[]).await.is(303);
    nobody.post("/erasure", &[("token", "x")]).await.is(200).says("no longer works");
}
