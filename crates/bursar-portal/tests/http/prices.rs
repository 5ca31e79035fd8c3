//! An operator looks at what a price table changes, and lets it hold or not.

use bursar_kernel::Role;
use bursar_operator::{install_prices, propose_prices};
use bursar_policy::Viewer;

use crate::world::World;

#[tokio::test]
async fn an_operator_approves_one_price_table_and_rejects_another() {
    let world = World::new().await;
    let service = &world.service;
    install_prices(service).await.unwrap();
    let shipped = service.catalog().version.clone();
    let text = bursar_catalog::write(&service.catalog());
    for version in ["second", "third"] {
        let text = text.replacen(shipped.as_str(), version, 1);
        let text = text.replace("output = \"0.60\"", "output = \"0.55\"");
        propose_prices(service, &Viewer::Operator, &text).await.unwrap();
    }
    world.appoint("ops@lab.test", "Olu Operator", &[Role::Operator]).await;
    world.appoint("ibrahim@lab.test", "Ibrahim Sesay", &[Role::Officer]).await;
    world.sign_in("ibrahim@lab.test").await.get("/operate/prices").await.is(403);

    let mut olu = world.sign_in("ops@lab.test").await;
    let list = olu.see("/operate/prices").await;
    list.says("In force").says("Waits for a decision").says("The configuration");
    let second = "/operate/prices/second";
    let page = olu.see(second).await;
    page.says("gpt-4o-mini").says("standard output 0.60 -&gt; 0.55 (-8 %)").says("Approve it");
    olu.post(second, &[("decision", "maybe")]).await.is(422);
    let odd = [("decision", "approve"), ("effective_from", "tomorrow")];
    olu.post(second, &odd).await.is(422).says("Enter a day, like 2027-01-31");
    let past = [("decision", "approve"), ("effective_from", "2020-01-01")];
    olu.post(second, &past).await.is(422).says("still to come");
    let later = [("decision", "approve"), ("effective_from", "2026-12-24")];
    olu.step(second, &later).await.says("is approved, on every server").says("To come");
    assert_eq!(service.catalog().version, shipped);
    let third = "/operate/prices/third";
    olu.post(third, &[("decision", "reject"), ("reason", " ")]).await.is(422).says("Say why");
    let why = [("decision", "reject"), ("reason", "The file was last year's.")];
    olu.step(third, &why).await.says("is not used").says("Not used");
    olu.see(third).await.says("The file was last year's.").hides("Approve it");
    olu.get("/operate/prices/none").await.is(404);
    world.turn_to("2026-12-24T00:00:00Z").await;
    assert_eq!(service.catalog().version.as_str(), "second");
    let mut olu = world.sign_in("ops@lab.test").await;
    olu.see(second).await.says("In force").hides("Do not use it");
}
