//! Passkeys over HTTP: what the script asks for, and what it sends.

use bursar_authenticator::{Algorithm, Authenticator, encoded};
use bursar_passkey::Answer;

use crate::browser::{Browser, Shown};
use crate::world::World;

const ORIGIN: &str = "https://portal.test";

async fn send(browser: &mut Browser, path: &str, answer: &Answer, more: (&str, &str)) -> Shown {
    let Answer { id, client_data, authenticator, signature, user } = answer;
    let fields = [
        ("id", id.as_str()),
        ("client_data", client_data),
        ("authenticator", authenticator),
        ("signature", signature),
        ("user", user),
        more,
    ];
    browser.post(path, &fields).await
}

async fn options(browser: &mut Browser, path: &str) -> serde_json::Value {
    let shown = browser.see(path).await;
    assert_eq!(shown.headers["content-type"], "application/json");
    serde_json::from_str(&shown.html).unwrap()
}

async fn sign_in(world: &World, device: &mut Authenticator, next: &str) -> (Browser, Shown) {
    let mut browser = world.browser();
    browser.see("/sign-in").await.says("Sign in with a passkey").says("did not run here");
    let asked = options(&mut browser, "/sign-in/passkey/options").await;
    let answer = device.sign_in(&asked);
    let shown = send(&mut browser, "/sign-in/passkey", &answer, ("next", next)).await;
    (browser, shown)
}

#[tokio::test]
async fn a_passkey_is_added_signs_in_and_is_removed() {
    let world = World::by_https().await;
    let mut amara = world.sign_in("amara@uni.test").await;
    let mut device = Authenticator::new(Algorithm::P256, ORIGIN);
    amara.see("/account").await.says("Add a passkey");
    let asked = options(&mut amara, "/account/passkeys/options").await;
    let answer = device.register(&asked);
    // Of another browser's question.
    let mut elsewhere = world.sign_in("bo@uni.test").await;
    elsewhere.see("/account").await;
    let told = send(&mut elsewhere, "/account/passkeys", &answer, ("passkey", "x")).await;
    told.is(409).says("this page had not asked for it");
    let long = "x".repeat(300);
    let told = send(&mut amara, "/account/passkeys", &answer, ("passkey", &long)).await;
    told.is(422).says("200 characters or fewer");
    let told = send(&mut amara, "/account/passkeys", &answer, ("passkey", "My <laptop>")).await;
    assert_eq!(told.is(303).location(), "/account");
    amara.see("/account").await.says("The passkey is added").says("My &lt;laptop&gt;");
    let told = send(&mut amara, "/account/passkeys", &answer, ("passkey", "again")).await;
    told.is(409).says("twice");

    let (mut browser, told) = sign_in(&world, &mut device, "/grants").await;
    assert_eq!(told.is(303).location(), "/grants");
    browser.see("/account").await.says("amara@uni.test").hides("Not yet");
    let (_, told) = sign_in(&world, &mut device, "//evil.test").await;
    assert_eq!(told.is(303).location(), "/applications");
    device.origin = "https://evil.test".to_owned();
    let (mut nobody, told) = sign_in(&world, &mut device, "").await;
    told.is(409).says("another site").says("Mail me a link");
    nobody.get("/account").await.is(303);
    ORIGIN.clone_into(&mut device.origin);

    let id = encoded(&device.id);
    let mut other = world.sign_in("chen@uni.test").await;
    other.see("/account").await.hides("laptop");
    other.post("/account/passkeys/remove", &[("id", &id)]).await.is(404);
    let told = amara.step("/account/passkeys/remove", &[("id", &id)]).await;
    told.says("The passkey is removed").hides("My &lt;laptop&gt;");
    let (_, told) = sign_in(&world, &mut device, "").await;
    told.is(409).says("not any more");
}

#[tokio::test]
async fn only_who_is_signed_in_is_asked_for_a_new_one() {
    let world = World::by_https().await;
    world.browser().get("/account/passkeys/options").await.is(303);
    let mut nobody = world.browser();
    nobody.see("/sign-in").await;
    nobody.post("/account/passkeys", &[]).await.is(303);
    nobody.post("/sign-in/passkey", &[]).await.is(409).says("Mail me a link");
}

#[tokio::test]
async fn where_there_can_be_none_the_page_says_so() {
    let world = World::new().await;
    world.browser().see("/sign-in").await.hides("passkey");
    let mut amara = world.sign_in("amara@uni.test").await;
    amara.see("/account").await.says("HTTPS under a name").hides("Add a passkey");
    amara.get("/account/passkeys/options").await.is(409);
    world.browser().get("/sign-in/passkey/options").await.is(409);
}
