//! Studies on their pages: planned, changed, shared and closed, by whoever holds the grant.

use bursar_kernel::{GrantId, Origin, ProgramId};
use bursar_policy::Viewer;
use bursar_service::IssueGrant;

use crate::world::{PROGRAM, World};

const HOLDER: &str = "amara@uni.test";

pub(crate) async fn issued(world: &World) -> GrantId {
    let program = ProgramId::new(PROGRAM);
    let amount = "300".parse().unwrap();
    world.service.fund(&Viewer::Operator, &program, amount).await.unwrap();
    let wanted = IssueGrant {
        program,
        holder_email: HOLDER.to_owned(),
        amount,
        expires_at: None,
        title: "Planted defects".to_owned(),
        origin: Origin::ResearchGrant,
        tier: None,
    };
    world.service.issue_grant(&Viewer::Operator, wanted).await.unwrap()
}

#[tokio::test]
async fn a_study_is_planned_given_a_key_shared_and_closed() {
    let world = World::new().await;
    let grant = issued(&world).await;
    let mut amara = world.sign_in(HOLDER).await;
    let page = format!("/grants/{grant}");
    amara.see(&page).await.says("No study yet").says("Plan a study");
    let new = format!("/grants/{grant}/studies");
    amara.see(&new).await.says("Where the budget ends").says("gpt-5-mini");

    // All that is wrong is said at once, and nothing of what was typed is lost.
    let wrong = [
        ("name", ""),
        ("budget", "a lot"),
        ("stops", "yes"),
        ("starts", "2027-02-30"),
        ("ends", "soon"),
        ("notes", "Ask <Grace> first"),
    ];
    let shown = amara.post(&new, &wrong).await;
    shown.is(422).says("Enter an amount in dollars, like 850").says("Ask &lt;Grace&gt; first");
    shown.says("Enter a day, like 2027-01-04");

    let pilot = [
        ("name", "Pilot"),
        ("budget", "$20"),
        ("stops", "yes"),
        ("starts", "2026-12-01"),
        ("ends", "2026-12-31"),
        ("tags", "Raters, pilot"),
        ("models", "gpt-5-mini\ngpt-5-nano"),
        ("notes", "First 200 items."),
    ];
    let made = amara.post(&new, &pilot).await;
    let study = made.location().to_owned();
    let shown = amara.see(&study).await;
    shown.says("The study is made").says("Not begun").says("pilot, raters").says("gpt-5-nano");
    shown.says("1 January 2027").says("First 200 items.");
    let id = study.trim_start_matches("/studies/").to_owned();

    // A key is made for it on the grant's page, and shown under it.
    let keys = format!("/grants/{grant}/keys");
    let key = [("name", "laptop"), ("cap", ""), ("study", &*id)];
    amara.post(&keys, &key).await.is(200).says("Key created");
    amara.see(&study).await.says("laptop");
    amara.see(&page).await.says(&format!("href=\"{study}\"")).says("Pilot");
    let stray = [("name", "laptop"), ("cap", ""), ("study", "study_of_nobody")];
    amara.post(&keys, &stray).await.is(422).says("Choose a study of this grant");

    // What a form shows is what is there, the last day included.
    let change = format!("{study}/change");
    amara.see(&change).await.says("value=\"2026-12-31\"").says("value=\"20.00\"");
    let dearer = [("name", "Pilot"), ("budget", "40"), ("stops", "no"), ("notes", "")];
    amara.step(&change, &dearer).await;
    amara.see(&study).await.says("Calls go on past the budget").says("Running");

    // Budget goes to another study of the grant.
    amara.see(&study).await.hides("Move budget");
    let main = [("name", "Main run"), ("budget", "100"), ("stops", "yes")];
    let main = amara.post(&new, &main).await.location().to_owned();
    let to = main.trim_start_matches("/studies/").to_owned();
    let share = format!("{study}/move");
    amara.see(&share).await.says("Main run").says("$100.00 left");
    let much = [("to", &*to), ("amount", "41")];
    amara.post(&share, &much).await.is(422).says("$40.00 of the budget is left");
    amara.post(&share, &[("to", ""), ("amount", "")]).await.is(422).says("Choose a study");
    amara.step(&share, &[("to", &to), ("amount", "15.5")]).await;
    amara.see(&study).await.says("$24.50");
    amara.see(&main).await.says("$115.50");

    // Closing asks first, and is for good.
    amara.see(&format!("{study}/close")).await.says("Its key makes no more calls");
    amara.step(&format!("{study}/close"), &[]).await;
    amara.see(&study).await.says("Closed").hides("Change the study");
    amara.get(&change).await.is(404);
    amara.see(&page).await.hides(&format!("value=\"{id}\""));
}

#[tokio::test]
async fn a_study_of_somebody_elses_does_not_exist() {
    let world = World::new().await;
    let grant = issued(&world).await;
    let mut amara = world.sign_in(HOLDER).await;
    let new = format!("/grants/{grant}/studies");
    let made = amara.post(&new, &[("name", "Pilot"), ("budget", "20"), ("stops", "yes")]).await;
    let study = made.location().to_owned();
    let mut eve = world.sign_in("eve@uni.test").await;
    for path in [&study, &format!("{study}/change"), &format!("{study}/close"), &new] {
        eve.get(path).await.is(404);
    }
    eve.post(&format!("{study}/close"), &[]).await.is(404);
    eve.post(&new, &[("name", "Mine"), ("budget", "1"), ("stops", "yes")]).await.is(404);
    amara.see(&study).await.says("Running");
}

#[tokio::test]
async fn where_it_went_is_told_by_model_by_study_and_by_key() {
    let world = World::new().await;
    let grant = issued(&world).await;
    let mut amara = world.sign_in(HOLDER).await;
    let page = format!("/grants/{grant}/spending");
    amara.see(&page).await.says("Where it went").says("No call yet").says("By study");
    let new = format!("/grants/{grant}/studies");
    let made = amara.post(&new, &[("name", "Pilot"), ("budget", "20"), ("stops", "yes")]).await;
    let study = made.location().trim_start_matches("/studies/").to_owned();
    let caller = world.caller_of(grant, Some(study.parse().unwrap())).await;
    world.spend(&caller, "1.5").await;
    let plain = world.caller_of(grant, None).await;
    world.spend(&plain, "0.5").await;
    amara.see(&page).await.says("gpt-4.1-mini").says("100.0 %").says("$2.00").hides("Pilot");
    let by_study = amara.see(&format!("{page}?by=study")).await;
    by_study.says("Pilot").says("No study").says("75.0 %").says("25.0 %");
    amara.see(&format!("{page}?by=key")).await.says("test …").says("Where it went");
    amara.see(&format!("{page}?by=person")).await.says(HOLDER).says("100.0 %");
    let of_study = amara.see(&format!("{page}?by=person&study={study}")).await;
    of_study.says("Of the study").says("Pilot").says("$1.50").hides("By study");
    amara.get(&format!("{page}?study=study_of_nobody")).await.is(404);
    amara.see(&format!("/studies/{study}")).await.says("Spending per day").says("gpt-4.1-mini");
    world.sign_in("eve@uni.test").await.get(&page).await.is(404);
}
