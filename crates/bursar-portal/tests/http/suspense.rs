//! An operator sees what nobody knows, and settles it; its holder sees it in question.

use bursar_kernel::{Endpoint, GrantId, Origin, Role, ServiceTier};
use bursar_policy::Viewer;
use bursar_service::{Begun, IssueGrant};
use bursar_studies::NewKey;

use crate::world::{World, program};

/// A grant of a dollar of which a call of 25 cents was not settled in time, at half past eleven.
async fn overdue(world: &World) -> GrantId {
    let (service, operator) = (&world.service, &Viewer::Operator);
    let wanted = IssueGrant {
        program: program(),
        holder_email: "amara@uni.test".to_owned(),
        amount: "1".parse().unwrap(),
        expires_at: None,
        title: "Planted defects".to_owned(),
        origin: Origin::ResearchGrant,
        tier: None,
    };
    let grant = service.issue_grant(operator, wanted).await.unwrap();
    let key = NewKey::of(grant, "laptop");
    let made = bursar_studies::make_key(service, operator, key).await.unwrap();
    let caller = service.calls().identify(made.secret.reveal()).await.unwrap().unwrap();
    let catalog = service.catalog();
    let model = catalog.model("gpt-4.1-mini").unwrap();
    let permit = caller.admit(Endpoint::ChatCompletions, model, service.now()).unwrap();
    let (request, started_at) = service.calls().new_request();
    let begun = Begun { request, tier: ServiceTier::Default, streamed: false, started_at };
    let amount = "0.25".parse().unwrap();
    let held = service.calls().hold_in_the_book(&caller, permit, begun, amount).await.unwrap();
    std::mem::forget(held);
    world.turn_to("2026-11-22T11:30:00Z").await;
    grant
}

#[tokio::test]
async fn an_operator_settles_what_nobody_knew() {
    let world = World::new().await;
    world.appoint("ops@lab.test", "Olu Operator", &[Role::Operator]).await;
    let grant = overdue(&world).await;
    let mut amara = world.sign_in("amara@uni.test").await;
    let own = format!("/grants/{grant}");
    amara.see(&own).await.says("In question").says("An operator settles it");

    let mut olu = world.sign_in("ops@lab.test").await;
    olu.see("/decide/money").await.says("In question").says("/operate/suspense");
    let list = olu.see("/operate/suspense").await;
    let list = list.says("Call to gpt-4.1-mini").says("Planted defects").says("$0.25");
    let (_, rest) = list.html.split_once("href=\"/operate/suspense/").unwrap();
    let line = format!("/operate/suspense/{}", rest.split('"').next().unwrap());
    olu.see(&line).await.says("It cost exactly").says("chat/completions");
    olu.post(&line, &[]).await.is(422).says("Select what became of it");
    let silent = [("end", "used"), ("reason", " ")];
    olu.post(&line, &silent).await.is(422).says("Say how you know");
    let dear = [("end", "cost"), ("cost", "0.26"), ("reason", "The report")];
    let dear = olu.post(&line, &dear).await;
    dear.is(422).says("Enter at most the $0.25 that is in suspense").says("The report");
    let known = [("end", "cost"), ("cost", "$0.10"), ("reason", "The report of 10 UTC")];
    olu.step(&line, &known).await.says("It is settled").says("Nothing is in suspense");
    olu.post(&line, &known).await.is(409).says("does not lie in suspense any more");
    assert_eq!(olu.get(&line).await.status.as_u16(), 404);
    olu.see("/operate/audit").await.says("$0.10 of $0.25 was spent: The report of 10 UTC");

    amara.see(&own).await.says("$0.90").hides("In question");
    amara.see(&format!("{own}/calls")).await.says("Lost").says("$0.10");
}
