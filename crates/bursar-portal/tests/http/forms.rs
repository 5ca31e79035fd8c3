//! Forms: only our own pages send them, nothing typed is lost, nothing typed is markup.

use axum::http::{Method, StatusCode, header};

use crate::browser::encoded;
use crate::world::{World, apply, begin};

const SCRIPT: &str = "<script>alert('x')</script>";

#[tokio::test]
async fn a_form_needs_the_token_of_its_own_browser() {
    let world = World::new().await;
    let mut amara = world.sign_in("amara@uni.test").await;
    let mut chen = world.sign_in("chen@uni.test").await;
    amara.see("/account").await;
    chen.see("/account").await;
    let body = |token: &str| encoded(&[("name", "Mallory"), ("csrf", token)]);
    for token in ["", "0", &"0".repeat(64), &chen.token.clone()] {
        let refused = amara.send(Method::POST, "/account", &[], body(token)).await;
        refused.is(403).says("This form is too old");
    }
    amara.see("/account").await.hides("Mallory");
    let token = amara.token.clone();
    amara.send(Method::POST, "/account", &[], body(&token)).await.is(303);
}

#[tokio::test]
async fn another_site_changes_nothing() {
    let world = World::new().await;
    let mut amara = world.sign_in("amara@uni.test").await;
    amara.see("/account").await;
    let body = encoded(&[("name", "Mallory"), ("csrf", &amara.token)]);
    let foreign = [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.test"),
        ("origin", "null"),
    ];
    for header in foreign {
        let refused = amara.send(Method::POST, "/account", &[header], body.clone()).await;
        refused.is(403).says("This form came from another site");
    }
    amara.see("/account").await.hides("Mallory");
    for header in [("sec-fetch-site", "same-origin"), ("origin", "http://portal.test")] {
        amara.send(Method::POST, "/account", &[header], body.clone()).await.is(303);
    }
}

#[tokio::test]
async fn what_was_typed_is_kept_and_is_text() {
    let world = World::new().await;
    let mut amara = world.sign_in("amara@uni.test").await;
    let path = begin(&mut amara).await;
    let funding = format!("{path}/form/funding");
    amara.see(&funding).await;
    let typed = [("justification", SCRIPT), ("amount", "a lot"), ("action", "continue")];
    let again = amara.post(&funding, &typed).await;
    again.is(422).says("There is a problem").says("value=\"a lot\"").hides(SCRIPT);
    again.says("&lt;script&gt;alert('x')&lt;/script&gt;").says("<title>Error: ");
    let saved = amara.see(&funding).await;
    saved.says("a lot").hides(SCRIPT);
    saved.says("Amount must be in dollars").hides("Select yes if your funding is limited");
    let study = format!("{path}/form/study");
    amara.see(&study).await;
    amara.step(&study, &[("research_question", SCRIPT), ("action", "save")]).await.says("saved");
    amara.see("/applications").await.says("&lt;script&gt;").hides(SCRIPT);
    amara.get(&format!("{path}/check")).await.is(303);
}

#[tokio::test]
async fn going_back_after_submitting_leads_to_the_status() {
    let world = World::new().await;
    let mut amara = world.sign_in("amara@uni.test").await;
    let path = apply(&mut amara).await;
    for step in ["form", "form/study", "check", "policies"] {
        assert_eq!(amara.get(&format!("{path}/{step}")).await.location(), path);
    }
    amara.see(&path).await;
    // Sent twice, it is handed in once, and both lead to the same page.
    let second = amara.post(&format!("{path}/check"), &[]).await;
    assert_eq!(second.is(303).location(), format!("{path}/submitted"));
    let late = amara.post(&format!("{path}/form/study"), &[("api_use", "More")]).await;
    late.is(409).says("This cannot be done: change an application that is submitted.");
    late.says("Only a draft can be changed; start a new application instead.");
    amara.step(&format!("{path}/withdraw"), &[]).await.says("The application is withdrawn.");
    amara.post(&format!("{path}/withdraw"), &[]).await.is(409).says("This cannot be done: ");
}

#[tokio::test]
async fn what_is_no_form_of_ours_gets_a_page() {
    let world = World::new().await;
    let mut browser = world.browser();
    browser.get("/nowhere").await.is(404).says("Page not found");
    browser.get("/sign-in/confirm").await.is(405).says("This page cannot be asked for like that");
    let put = browser.send(Method::PUT, "/", &[], String::new()).await;
    put.is(405).says("This page cannot be asked for like that");
    let large = "x".repeat(2 * 1024 * 1024);
    browser.post("/sign-in", &[("email", &large)]).await.is(413).says("This is too much text");
    let json = [("content-type", "application/json")];
    let sent = browser.send(Method::POST, "/sign-in", &json, "{}".to_owned()).await;
    assert!(sent.status.is_client_error(), "{}", sent.status);
    browser.see("/sign-in").await;
    browser.post("/sign-in", &[("email", "no address")]).await.is(422).says("no address");
    let head = browser.send(Method::HEAD, "/", &[], String::new()).await;
    assert_eq!((head.status, head.html.as_str()), (StatusCode::OK, ""));
}

#[tokio::test]
async fn signing_in_leads_back_and_never_away() {
    let world = World::new().await;
    let mut browser = world.browser();
    let asked = browser.get("/grants?page=2").await;
    assert_eq!(asked.is(303).location(), "/sign-in?next=/grants%3Fpage%3D2");
    browser.see(asked.location()).await.says("name=\"next\" value=\"/grants?page=2\"");
    browser.see("/sign-in?next=//evil.test").await.hides("evil.test");
    for (index, (next, expected)) in
        [("/grants", "/grants"), ("//evil.test", "/applications")].into_iter().enumerate()
    {
        let email = format!("amara{index}@uni.test");
        let mut browser = world.browser();
        browser.see("/sign-in").await;
        browser.post("/sign-in", &[("email", &email), ("next", next)]).await.is(200);
        let mail = world.mail(&email).await;
        let token = mail.split_once("/sign-in/").unwrap().1.split_whitespace().next().unwrap();
        browser.see(&format!("/sign-in/{token}")).await;
        let signed_in = browser.post("/sign-in/confirm", &[("token", token)]).await;
        assert_eq!(signed_in.is(303).location(), expected);
        browser.see("/account").await;
        browser.post("/sign-in/confirm", &[("token", token)]).await.says("no longer works");
    }
}

#[tokio::test]
async fn files_may_be_kept_for_ever_and_pages_not_at_all() {
    let world = World::new().await;
    let mut browser = world.browser();
    let page = browser.see("/").await;
    assert_eq!(page.headers[header::CACHE_CONTROL], "no-store");
    let style = page.between("<link rel=\"stylesheet\" href=\"", "\"");
    let style = browser.see(&style).await;
    assert!(style.headers[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
    assert_eq!(style.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
}
