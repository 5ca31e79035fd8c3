//! What nobody knows is listed, and settled once, through the client.

use bursar_api::types::{
    IssueGrant, NewKey, SettleSuspense, SettledSuspense, SuspenseEnd, SuspenseQuery,
};
use bursar_kernel::{Endpoint, ServiceTier, Usd};
use bursar_service::Begun;

use crate::house::{House, program};

fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

#[tokio::test]
async fn what_lies_in_suspense_is_listed_and_settled_once() {
    let house = House::open().await;
    let (client, service) = (&house.client, &house.service);
    client.fund(&program(), usd("10")).await.unwrap();
    let wanted = IssueGrant {
        program: program(),
        holder: "ada@example.edu".to_owned(),
        amount: usd("1"),
        expires: None,
        title: None,
        origin: None,
        tier: None,
    };
    let grant = client.issue_grant(&wanted).await.unwrap();
    let made = client.make_key(grant.id, &NewKey::default()).await.unwrap();
    let caller = service.calls().identify(&made.secret).await.unwrap().unwrap();
    let catalog = service.catalog();
    let model = catalog.model("gpt-4.1-mini").unwrap();
    let permit = caller.admit(Endpoint::ChatCompletions, model, service.now()).unwrap();
    let (request, started_at) = service.calls().new_request();
    let begun = Begun { request, tier: ServiceTier::Default, streamed: false, started_at };
    // Its owner dies, and nobody settles it.
    drop(service.calls().hold_in_the_book(&caller, permit, begun, usd("0.25")).await.unwrap());
    service.run_due().await.unwrap();

    let found = client.suspense(&SuspenseQuery::default()).await.unwrap();
    assert_eq!((found.lines.len(), found.count), (1, 1));
    let line = &found.lines[0];
    assert_eq!((line.amount, line.why.as_str()), (usd("0.25"), "process_ended"));
    assert_eq!((line.grant, line.program.clone()), (Some(grant.id), Some(program())));
    let call = line.call.as_ref().unwrap();
    assert_eq!((call.id, call.endpoint.as_str()), (request, "chat_completions"));
    let beyond = client.suspense(&SuspenseQuery { skip: Some(1) }).await.unwrap();
    assert_eq!((beyond.lines.len(), beyond.count), (0, 1));
    assert_eq!(client.grant(grant.id).await.unwrap().in_question, usd("0.25"));

    let settle = format!("/api/suspense/{}/settle", line.id);
    for (body, status, says) in [
        (r#"{"end":"used"}"#, 422, "reason"),
        (r#"{"end":"used","reason":" "}"#, 422, "Say how you know"),
        (r#"{"end":"cost","reason":"r"}"#, 422, "Say what it cost"),
        (r#"{"end":"used","cost":"0.1","reason":"r"}"#, 422, "Leave the cost out"),
        (r#"{"end":"cost","cost":"0.3","reason":"r"}"#, 422, "at most the $0.25"),
        (r#"{"end":"cost","cost":"0","reason":"r"}"#, 422, "above zero"),
    ] {
        let (answered, text) = house.send("POST", &settle, body).await;
        assert_eq!((answered, text.contains(says)), (status, true), "{body}: {text}");
    }
    let (status, _) = house.send("POST", "/api/suspense/hold_x/settle", "{}").await;
    assert_eq!(status, 404);

    let cost = Some(usd("0.1"));
    let said = SettleSuspense { end: SuspenseEnd::Cost, cost, reason: "The report".to_owned() };
    let settled = client.settle_suspense(&line.id, &said).await.unwrap();
    assert_eq!(settled, SettledSuspense { id: line.id.clone(), cost: usd("0.1") });
    let again = client.settle_suspense(&line.id, &said).await.unwrap_err();
    assert!(again.to_string().contains("does not lie in suspense any more"), "{again}");
    let call = client.call(request).await.unwrap();
    let told = (call.cost, call.basis.as_str(), call.outcome.as_str());
    assert_eq!(told, (usd("0.1"), "settled", "lost"));
    let told = client.grant(grant.id).await.unwrap();
    assert_eq!((told.available, told.in_question), (usd("0.9"), Usd::ZERO));
}
