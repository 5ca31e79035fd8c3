//! Who spends a grant, on its pages: invited, let in, limited to a study, taken out.

use bursar_kernel::GrantId;

use crate::studies::issued;
use crate::world::World;

const HOLDER: &str = "amara@uni.test";

/// The path of the latest invitation's link.
async fn link(world: &World, email: &str) -> String {
    let mails = world.service.store().mails(50).await.unwrap();
    let is_it =
        |mail: &&bursar_store::rows::Mail| mail.to == email && mail.letter == "grant_invited";
    let body = &mails.iter().find(is_it).unwrap().body;
    let link = body.split("http://portal.test").nth(1).unwrap();
    link.split_whitespace().next().unwrap().to_owned()
}

fn paths(grant: GrantId) -> (String, String) {
    (format!("/grants/{grant}"), format!("/grants/{grant}/people"))
}

#[tokio::test]
async fn a_member_is_invited_makes_a_key_in_their_study_and_is_taken_out() {
    let world = World::new().await;
    let grant = issued(&world).await;
    let (page, people) = paths(grant);
    let mut amara = world.sign_in(HOLDER).await;
    amara.see(&page).await.says("href=\"").says(&people);
    amara.see(&people).await.says("Nobody else spends this grant").says("the same institution");
    let study = [("name", "Pilot"), ("budget", "20"), ("stops", "yes")];
    let made = amara.post(&format!("{page}/studies"), &study).await.location().to_owned();
    let id = made.trim_start_matches("/studies/").to_owned();
    let other = [("name", "Main run"), ("budget", "20"), ("stops", "yes")];
    let other = amara.post(&format!("{page}/studies"), &other).await.location().to_owned();

    amara.see(&people).await;
    let wrong = amara.post(&people, &[("email", "lena@uni.test")]).await;
    wrong.is(422).says("Select what they may do").says("lena@uni.test").says("Error: ");
    let away = [("email", "lena@lab.test"), ("role", "member")];
    amara.post(&people, &away).await.is(422).says("the holder's institution");
    let lena = [("email", "lena@uni.test"), ("role", "member"), ("studies", &*id)];
    amara.step(&people, &lena).await.says("The invitation is on its way").says("Invited");
    amara.post(&people, &lena).await.is(409).says("invite somebody twice");

    let link = link(&world, "lena@uni.test").await;
    let mut lena = world.sign_in("lena@uni.test").await;
    lena.get(&page).await.is(404);
    lena.get(&people).await.is(404);
    let mut eve = world.sign_in("eve@uni.test").await;
    eve.see(&link).await.says("This invitation went to").hides("Accept the invitation");
    eve.post(&link, &[("answer", "accept")]).await.is(409).says("to somebody else");
    lena.see(&link).await.says("Accept the invitation").says("Pilot").says("A member");
    lena.get(&page).await.is(404);
    lena.step(&link, &[("answer", "accept")]).await.says("You take part in this grant");

    // What they see is theirs: their study, no other, and no figure of the whole.
    let shown = lena.see(&page).await;
    shown.says("held by").says("Pilot").hides("Main run").hides("Statement (CSV)");
    shown.hides("What next").hides("Plan a study").says("Create a key");
    shown.hides("None: it may spend the whole grant");
    lena.see("/grants").await.says("Shared with you").says("Planted defects");
    lena.see("/applications").await.says("Shared with you");
    for path in [&format!("{page}/next"), &format!("{page}/statement.csv")] {
        lena.get(path).await.is(403);
    }
    lena.get(&other).await.is(404);
    lena.get(&format!("{made}/change")).await.is(404);
    let keys = format!("{page}/keys");
    lena.see(&page).await;
    lena.post(&keys, &[("name", "all"), ("cap", ""), ("study", "")]).await.is(403);
    lena.post(&keys, &[("name", "lenas"), ("cap", ""), ("study", &id)]).await.is(200);
    lena.see(&page).await.says("lenas").says("Revoke");
    lena.see(&people).await.hides("Invite somebody").says("Leave");

    // Whoever holds it sees whose key it is, and is told what ends with them.
    amara.see(&page).await.says("lenas").says("for <bdi>lena@uni.test");
    amara.see(&format!("{page}/spending?by=person")).await.says("No call yet");
    let list = amara.see(&people).await;
    list.says("Takes part").says("1 key works");
    let row = list.between(&format!("href=\"{people}/"), "\"");
    let remove = format!("{people}/{row}/remove");
    let asked = amara.see(&remove).await;
    asked.says("Take this person out?").says("lenas").says("Nobody: they are revoked");
    let version = asked.between("name=\"version\" value=\"", "\"");
    amara.post(&remove, &[("keys_to", "")]).await.is(409).says("was changed meanwhile");
    let end = [("version", &*version), ("keys_to", "")];
    amara.step(&remove, &end).await.says("They take no part any more").says("Out");
    lena.get(&page).await.is(404);
    amara.see(&page).await.says("Revoked");
}

#[tokio::test]
async fn a_manager_runs_the_grant_and_may_leave_it() {
    let world = World::new().await;
    let grant = issued(&world).await;
    let (page, people) = paths(grant);
    let mut amara = world.sign_in(HOLDER).await;
    amara.see(&people).await;
    let lena = [("email", "lena@uni.test"), ("role", "manager")];
    amara.step(&people, &lena).await;
    let link = link(&world, "lena@uni.test").await;
    let mut lena = world.sign_in("lena@uni.test").await;
    lena.see(&link).await;
    lena.step(&link, &[("answer", "accept")]).await.says("You take part in this grant");
    lena.see(&page).await.says("Plan a study").says("Statement (CSV)").hides("Return");
    let study = [("name", "Pilot"), ("budget", "20"), ("stops", "yes")];
    let made = lena.post(&format!("{page}/studies"), &study).await.location().to_owned();
    lena.see(&made).await.says("Change the study");
    lena.get(&format!("{page}/return")).await.is(403);
    lena.get(&format!("{page}/sell")).await.is(403);
    let shown = lena.see(&people).await;
    shown.says("Invite somebody").hides("A manager</").says("Leave");
    let up = [("email", "joan@uni.test"), ("role", "manager")];
    lena.post(&people, &up).await.is(403);
    let row = shown.between(&format!("href=\"{people}/"), "/remove");
    let leave = format!("{people}/{row}/remove");
    let version = lena.see(&leave).await.between("name=\"version\" value=\"", "\"");
    lena.step(&leave, &[("version", &*version)]).await.says("You take no part in that grant");
    lena.get(&page).await.is(404);
    amara.see(&people).await.says("Out");
}
