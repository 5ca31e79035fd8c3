//! A round's panel on its pages, and the ways out of a review.

use bursar_kernel::Role;

use crate::browser::Browser;
use crate::world::{self, PROGRAM, ROUND, World, apply};

#[tokio::test]
async fn a_panel_is_changed_line_by_line() {
    let world = World::new().await;
    for (email, name) in [("lena@lab.test", "Lena Vogt"), ("noor@lab.test", "Noor Haddad")] {
        world.appoint(email, name, &[Role::Reviewer]).await;
    }
    world.appoint("ibrahim@lab.test", "Ibrahim Sesay", &[Role::Officer]).await;
    let mut amara = world.sign_in("amara@uni.test").await;
    let path = apply(&mut amara).await;
    let id = path.rsplit('/').next().unwrap().to_owned();
    world.turn_to("2026-12-01T00:00:00Z").await;

    let mut lena = world.sign_in("lena@lab.test").await;
    let mut ibrahim = world.sign_in("ibrahim@lab.test").await;
    let panel = format!("/decide/rounds/{PROGRAM}/{ROUND}/panel");
    ibrahim.see(&format!("/decide/rounds/{PROGRAM}/{ROUND}")).await.says("Who reviews what");
    let nothing = ibrahim.see(&panel).await;
    nothing.says("Lena Vogt").says("Has not said");
    ibrahim.post(&format!("{panel}/invite"), &[]).await.is(409).says("Plan the round first");
    ibrahim.step(&format!("{panel}/plan"), &[("seed", "1")]).await.says("Invite for 2 reviews");
    let reviewers = format!("/decide/applications/{id}/reviewers");
    let page = ibrahim.see(&reviewers).await;
    page.says("Planned").says("Nobody is left").says("None is known");
    ibrahim.post(&reviewers, &[]).await.is(422).says("Select who is to review it");
    ibrahim.step(&format!("{panel}/invite"), &[]).await.says("are asked, by mail");

    // One steps back; the other asks for another date, and gets it.
    let answer = format!("/reviews/{id}/answer");
    lena.see("/reviews").await;
    lena.step(&answer, &[("answer", "accept")]).await.says("You have agreed");
    let mut noor = world.sign_in("noor@lab.test").await;
    noor.see("/reviews").await.says("You are asked");
    noor.step(&answer, &[("answer", "accept")]).await.says("You have agreed");
    let review = world::review("award", "Sharp.");
    lena.step(&format!("/reviews/{id}"), &review).await.says("Your review is submitted");
    ibrahim.see(&format!("/decide/applications/{id}")).await.says("Sharp.");
    let ranking = format!("/decide/rounds/{PROGRAM}/{ROUND}/ranking");
    let page = ibrahim.see(&ranking).await;
    page.says("no application has two scores").says("Above").says("Lena Vogt");
    page.says("Do code models hide planted defects?");
    let page = ibrahim.get(&format!("{ranking}?pool=1&seed=short")).await;
    page.says("cannot draw with a seed of 5 characters").says("Below");
    ibrahim.get(&format!("{ranking}?pool=much")).await.says("Enter an amount in dollars");
    told(&mut ibrahim, &mut lena).await;
    let back = format!("/reviews/{id}/step-back");
    lena.see(&back).await;
    lena.post(&back, &[("note", " ")]).await.is(422).says("Say why");
    lena.step(&back, &[("note", "We share a student")]).await.says("You have stepped back");
    lena.get(&format!("/reviews/{id}")).await.is(404);
    lena.get(&back).await.is(404);
    ibrahim.see(&format!("/decide/applications/{id}")).await.hides("Sharp.");
    ibrahim.see(&reviewers).await.says("We share a student").says("Stepped back");

    let date = format!("/reviews/{id}/date");
    noor.see(&date).await.says("22 December 2026");
    noor.post(&date, &[("until", "soon"), ("because", "x")]).await.is(422).says("Enter a day");
    let asked = [("until", "2026-12-28"), ("because", "A conference")];
    noor.step(&date, &asked).await.says("An officer answers by mail");
    let page = ibrahim.see(&reviewers).await;
    let due = page.says("A conference").between("action=\"/decide/assignments/", "/due\"");
    let path = format!("/decide/assignments/{due}");
    ibrahim.step(&format!("{path}/due"), &[("answer", "yes")]).await.says("is told the date");
    noor.see(&format!("/reviews/{id}")).await.says("29 December 2026");
    ibrahim.post(&format!("{path}/due"), &[("answer", "yes")]).await.is(409);

    let noor_is = world.person("noor@lab.test").await.to_string();
    taken_back(&mut ibrahim, &mut noor, &id, &due, &noor_is).await;
}

/// The report of the round, its files, and the table of applications.
async fn told(officer: &mut Browser, reviewer: &mut Browser) {
    let round = format!("/decide/rounds/{PROGRAM}/{ROUND}");
    officer.see(&round).await.says("what it came to");
    let page = officer.see(&format!("{round}/report")).await;
    page.says("Nothing is decided yet").says("Lena Vogt").says("Download CSV");
    let csv = officer.get(&format!("{round}/export.csv")).await;
    csv.is(200).says("application,outcome,asked_usd").says("review_1_reviewer");
    csv.hides("Lena").hides("amara").hides("planted defects").hides("Sharp.");
    officer.get(&format!("{round}/export.json")).await.is(200).says("\"recommendation\":\"award\"");
    for path in ["report", "export.csv", "export.json"] {
        reviewer.get(&format!("{round}/{path}")).await.is(403);
    }

    let list = "/decide/applications";
    let found = officer.see(&format!("{list}?words=PLANTED+amara&order=title")).await;
    found.says("planted defects?").says("1 to 1 of 1").says("value=\"PLANTED amara\"");
    let nothing = officer.see(&format!("{list}?words=%22nobody%22&page=9")).await;
    nothing.says("No application matches").says("value=\"&quot;nobody&quot;\"");
    officer.see(&format!("{list}?order=strange&state=x&round=%25")).await.says("No application");
}

#[tokio::test]
async fn what_reviewers_say_of_themselves_is_kept_as_they_typed_it() {
    let world = World::new().await;
    world.appoint("lena@lab.test", "Lena Vogt", &[Role::Reviewer]).await;
    let mut lena = world.sign_in("lena@lab.test").await;
    let topics = format!("topics-{PROGRAM}");
    let said = [
        (&*topics, "robustness"),
        (&*topics, "alignment"),
        ("institutions", "Riverside University; until May"),
        ("load_max", "many"),
    ];
    lena.see("/reviews/profile").await;
    let wrong = lena.post("/reviews/profile", &said).await;
    wrong.is(422).says("Write the last day of").says("Enter a whole number");
    let said = [&said[..2], &[("institutions", "Riverside University; until 2024-05-31")]].concat();
    lena.step("/reviews/profile", &said).await.says("What you said of yourself is saved");
    lena.see("/reviews/profile").await.says("Riverside University; until 2024-05-31");
}

async fn taken_back(ibrahim: &mut Browser, noor: &mut Browser, id: &str, due: &str, person: &str) {
    // Released with a word why; a conflict is written down and taken back.
    let path = format!("/decide/assignments/{due}");
    let reviewers = format!("/decide/applications/{id}/reviewers");
    let why = format!("why-{due}");
    ibrahim.post(&format!("{path}/release"), &[(&why, "")]).await.is(409).says("without a reason");
    ibrahim.step(&format!("{path}/release"), &[(&why, "Enough")]).await.says("is taken back");
    noor.get(&format!("/reviews/{id}")).await.is(404);
    let conflicts = format!("/decide/applications/{id}/conflicts");
    let pin = [("person", person), ("kind", "pinned"), ("because", "")];
    ibrahim.post(&conflicts, &pin).await.is(422).says("Say why");
    let pin = [("person", person), ("kind", "pinned"), ("because", "Former student")];
    ibrahim.step(&conflicts, &pin).await.says("is written down").says("Former student");
    let lift = ibrahim.see(&reviewers).await.between("action=\"/decide/conflicts/", "/lift\"");
    ibrahim.step(&format!("/decide/conflicts/{lift}/lift"), &[]).await.says("It is taken back");
    ibrahim.post(&format!("/decide/conflicts/{lift}/lift"), &[]).await.is(409);
}
