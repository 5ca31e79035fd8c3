//! Every route of the provider's is offered, or refused with a reason and what to do instead.

use http::Method;

use crate::client::{Answer, send};
use crate::world::World;

/// Every route of the provider's own document.
const ROUTES: &str = include_str!("../../../../tests/openai/routes.txt");

async fn ask(world: &World, method: &str, path: &str, key: &str) -> Answer {
    let bearer = format!("Bearer {key}");
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    send(world.address, method, path, &[("authorization", &bearer)], "").await
}

#[tokio::test]
async fn each_route_of_the_provider_is_offered_or_refused_with_a_reason() {
    let world = World::new().await;
    let who = world.funded("1").await;
    let (mut offered, mut refused) = (0, 0);
    for route in ROUTES.lines() {
        let (method, path) = route.split_once(' ').unwrap();
        let path = path.replace(['{', '}'], "");
        let answer = ask(&world, method, &path, who.secret()).await;
        let (_, code, message) =
            if answer.status.is_success() { Default::default() } else { answer.error() };
        assert_ne!(code, "unknown_url", "{route}: {message}");
        if code == "not_offered" {
            refused += 1;
            let (_, why) = message.split_once(" is not offered through this gateway: ").unwrap();
            assert!(why.len() > 20 && why.ends_with('.'), "{route}: {why}");
            assert_eq!(answer.status, 404);
        } else {
            offered += 1;
            assert!(!answer.status.is_server_error(), "{route}: {}", answer.text());
        }
        assert!(answer.header("x-request-id").starts_with("req_"), "{route}");
    }
    assert!(30 < offered && 200 < refused, "{offered} offered, {refused} refused");
    assert!(world.sandbox.log().is_empty(), "nothing was sent");
}

#[tokio::test]
async fn what_nobody_knows_is_told_where_to_go() {
    let world = World::new().await;
    let who = world.funded("1").await;
    for path in ["/v1/wishes", "/v1/v1/chat/completions", "/v1/vector_storess", "/v1/"] {
        let answer = ask(&world, "POST", path, who.secret()).await;
        let (_, code, message) = answer.error();
        assert_eq!((answer.status.as_u16(), &*code), (404, "unknown_url"));
        assert!(message.contains("`/v1/chat/completions`") && message.contains("base URL"));
    }
}
