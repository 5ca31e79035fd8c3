//! The cost of a study: for anybody, from a sample that is forgotten, and on to the grant.

use bursar_kernel::Role;
use bursar_policy::Viewer;

use crate::world::{self, PROGRAM, World, begin, fill};

/// 6,000 calls for $5.04.
const STUDY: &str = "model-1=gpt-4.1-mini&items-1=1200&repeats-1=5&input_tokens-1=900&\
                     output_tokens-1=300";

#[tokio::test]
async fn anybody_counts_a_study_by_its_address() {
    let world = World::new().await;
    let mut browser = world.browser();
    browser.see("/estimate").await.says("Begin from a kind of study").hides("such runs");
    let page = browser.see(&format!("/estimate?{STUDY}")).await;
    page.says("$5.04").says("6,000").says("7,200,000").says("0.6 %").says("pays for 198 such runs");
    page.says("refuses gpt-4.1-mini from 14 January 2027 on").says("names gpt-6-luna in its place");
    page.says("On gpt-6-luna").says("$1.44").says("In a batch").says("$2.52");
    // 6,000 calls at 200 a day and at 500 a minute; the tokens at 200,000 a minute.
    page.says("About 4 weeks").says("Less than two hours").says("Use it in an application");
    page.hides("On gpt-4.1-nano");
    // As people write numbers, and as they should not.
    let written = STUDY.replace("1200", "1%2C200").replace("900", "x%3C9");
    let wrong = browser.get(&format!("/estimate?{written}")).await;
    wrong.is(422).says("Enter a whole number, like 1200").says("value=\"1,200\"").says("x&lt;9");
    let gone = browser.get("/estimate?model-1=gpt-9&items-1=1&input_tokens-1=1&output_tokens-1=1");
    gone.await.is(422).says("There is no model `gpt-9` in the catalog");
    let long = STUDY.replace("input_tokens-1=900", "input_tokens-1=1047577");
    let long = browser.get(&format!("/estimate?{long}")).await;
    long.is(422).says("`gpt-4.1-mini` takes at most 1047576 input tokens a call");
    browser.get("/estimate?program=nowhere").await.is(404);
}

#[tokio::test]
async fn every_kind_of_study_can_be_counted_and_fits_the_usual_maximum() {
    let world = World::new().await;
    let program = world.service.program(&world::program()).unwrap();
    assert_eq!(program.studies.len(), 6);
    for kind in &program.studies {
        let found = world.service.estimate(program, &kind.lines).unwrap();
        assert!(found.cost.total <= program.award.typical_max, "{}", kind.title);
        assert!(found.cost.total.is_positive(), "{}", kind.title);
    }
    let mut browser = world.browser();
    let page = browser.see("/estimate").await;
    for kind in &program.studies {
        let href = page.between("<ul>", &format!("\">{}</a>", kind.title));
        let href = href.rsplit_once("href=\"").unwrap().1.replace("&amp;", "&");
        browser.see(&href).await.says("such runs");
    }
}

#[tokio::test]
async fn a_sample_is_counted_for_each_line_and_forgotten() {
    let world = World::new().await;
    let mut browser = world.browser();
    browser.see("/estimate").await;
    let fields = [
        ("program", PROGRAM),
        ("model-1", "gpt-4.1-mini"),
        ("items-1", "1,000"),
        ("model-2", ""),
        ("items-2", "7"),
        ("model-3", "gpt-6-luna"),
        ("items-3", "1000"),
        ("input_tokens-3", "5"),
        ("prompts", "Hello there\n---\nHello there, my secret friend"),
        ("answers", "Yes"),
        ("for", ""),
    ];
    let counted = browser.post("/estimate", &fields).await;
    let address = counted.is(303).location().to_owned();
    assert!(!address.contains("secret") && !address.contains("friend"), "{address}");
    assert!(address.contains("model-2=gpt-6-luna"), "a line without a model is dropped");
    let page = browser.see(&address).await;
    // 2 and 6 tokens, and 7 around a message: 11 on the average.
    page.says("mean of 2 prompts and 1 answer of yours: 0.20 % of 1,000 items");
    page.says("1,000 items, 11 tokens in and 1 out").says("No public tokenizer: gpt-6-luna");
    page.hides("secret friend").hides("Hello");
    // For one line only.
    browser.see("/estimate").await;
    let given = [("for", "1"), ("output_tokens-1", "9"), ("output_tokens-3", "3")];
    let only = [&fields[..10], &given].concat();
    let page = browser.step("/estimate", &only).await;
    page.says("1,000 items, 11 tokens in").says("1,000 items, 5 tokens in and 3 out");
    let given = [("for", "3"), ("input_tokens-1", "4"), ("output_tokens-1", "9")];
    let third = [&fields[..10], &given].concat();
    let page = browser.step("/estimate", &third).await;
    page.says("1,000 items, 4 tokens in and 9 out").says("1,000 items, 11 tokens in and 1 out");
    let added = browser.post("/estimate", &[&fields[..1], &[("action", "add")]].concat()).await;
    browser.see(added.location()).await.says("Line 1");
    // A form of another site is nobody's.
    let token = std::mem::take(&mut browser.token);
    browser.post("/estimate", &fields).await.is(403);
    browser.token = token;
}

#[tokio::test]
async fn an_estimate_goes_through_sign_in_into_the_draft_and_out_again() {
    let world = World::new().await;
    let mut browser = world.browser();
    let page = browser.see(&format!("/estimate?{STUDY}")).await;
    let action = page.between("action=\"/programs/", "\"").replace("&amp;", "&");
    let action = format!("/programs/{action}");
    let asked = browser.post(&action, &[]).await;
    let sign_in = asked.is(303).location().to_owned();
    assert!(sign_in.starts_with("/sign-in?next=/programs/"), "{sign_in}");
    let next = browser.see(&sign_in).await.between("name=\"next\" value=\"", "\"");
    assert_eq!(next.replace("&amp;", "&"), action);

    let mut amara = world.sign_in("amara@uni.test").await;
    // Back from signing in, the study is still in hand.
    let back = amara.get(&action).await;
    assert!(back.is(303).location().starts_with("/estimate?"), "{}", back.location());
    amara.see(back.location()).await.says("Use it in an application").says("$5.04");
    let form = amara.step(&action, &[]).await;
    form.says("The estimate is in your draft").says("Your study comes to $5.04.");
    form.says("Change the estimate").says("Remove it");
    let remove = form.between("action=\"/applications/", "/estimate/remove\"");
    let remove = format!("/applications/{}/estimate/remove", remove.rsplit('/').next().unwrap());
    amara.see(&format!("/estimate?{STUDY}")).await.says("Use it in your draft");
    // Another press replaces it, in the same draft.
    let more = action.replace("items-1=1200", "items-1=2400");
    amara.step(&more, &[]).await.says("Your study comes to $10.08.");
    let mut chen = world.sign_in("chen@uni.test").await;
    chen.see("/account").await;
    chen.post(&remove, &[]).await.is(404);
    amara.see("/account").await;
    let gone = amara.step(&remove, &[]).await;
    gone.says("The estimate is taken out").hides("$10.08");
    assert!(amara.get("/applications").await.html.matches("Draft").count() >= 1);
}

#[tokio::test]
async fn an_estimate_reaches_reviewer_officer_and_grant() {
    let world = World::new().await;
    world.appoint("lena@lab.test", "Lena Vogt", &[Role::Reviewer]).await;
    world.appoint("ibrahim@lab.test", "Ibrahim Sesay", &[Role::Officer]).await;
    let mut amara = world.sign_in("amara@uni.test").await;
    let path = begin(&mut amara).await;
    amara.see(&format!("{path}/form")).await.says("What the study costs");
    amara.step(&format!("/programs/{PROGRAM}/apply?{STUDY}"), &[]).await.says("$5.04");
    // Handed in three days later, at the prices of that day.
    world.turn_to("2026-11-25T10:00:00Z").await;
    fill(&mut amara, &path, &[]).await;
    let check = amara.see(&format!("{path}/check")).await;
    // $850 for a study of $5.04.
    let far = "The amount asked for, $850.00, is $844.96 above the estimate, $5.04";
    check.says("Check your answers").says("1,200 items × 5 repeats").says(far);
    amara.step(&format!("{path}/check"), &[]).await.says("Application submitted");
    amara.see(&path).await.says("1,200 items × 5 repeats").hides("Remove it");

    world.turn_to("2026-12-01T00:00:00Z").await;
    let id = path.rsplit('/').next().unwrap().to_owned();
    let mut lena = world.sign_in("lena@lab.test").await;
    world.assign("lena@lab.test", &id).await;
    let seen = lena.see(&format!("/reviews/{id}")).await;
    seen.says("1,200 items × 5 repeats").says("openai-2026-11-29").says(far).hides("Amara");
    let mut ibrahim = world.sign_in("ibrahim@lab.test").await;
    let decide = format!("/decide/applications/{id}");
    ibrahim
        .see(&decide)
        .await
        .says("1,200 items × 5 repeats")
        .says(far)
        .says("<time class=\"date\" datetime=\"2026-11-25\">");
    let decision = [("decision", "award"), ("amount", "$20"), ("reasons", "Enough for four runs.")];
    ibrahim.step(&decide, &decision).await.says("The decision is recorded");

    world.turn_to("2027-01-01T00:00:00Z").await;
    let round = bursar_kernel::RoundId::new(world::ROUND);
    world.service.release_round(&Viewer::Operator, &world::program(), &round).await.unwrap();
    let mut amara = world.sign_in("amara@uni.test").await;
    amara.see(&format!("{path}/accept")).await;
    let grant = amara.step(&format!("{path}/accept"), &[("accept", "yes")]).await;
    grant.says("this study takes <strong>about 4 weeks</strong>");
    grant.says("it takes <strong>less than two hours</strong>").hides("Sized by the grant");
    grant.says("By the application's estimate: 6,000 calls and 7,200,000 tokens for $5.04");
}
