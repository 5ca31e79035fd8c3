//! A study at the gateway: its keys share its budget, within its models, and it is the project that
//! usage and costs are told by.

use bursar_kernel::{Clock as _, GrantId, ModelId, Scope};
use bursar_policy::Viewer;
use bursar_studies::{NewKey, NewStudy, StudyTerms, close_study, make_key, make_study};

use crate::client::{chat, get, post};
use crate::world::{World, usd};

const CHAT: &str = "/v1/chat/completions";
const COSTS: &str = "/v1/organization/costs";

async fn studied(world: &World, grant: GrantId, terms: StudyTerms) -> (String, [String; 2]) {
    let new = NewStudy { grant, terms: StudyTerms { name: "Pilot".to_owned(), ..terms } };
    let study = make_study(&world.service, &Viewer::Operator, new).await.unwrap().id;
    let mut secrets = [String::new(), String::new()];
    for secret in &mut secrets {
        let new = NewKey { study: Some(study), ..NewKey::of(grant, "test") };
        let made = make_key(&world.service, &Viewer::Operator, new).await.unwrap();
        made.secret.reveal().clone_into(secret);
    }
    (study.to_string(), secrets)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_at_once_over_two_keys_under_a_budget_for_nine() {
    let world = World::new().await;
    let grant = world.funded("100").await;
    post(world.address, CHAT, grant.secret(), &chat(9, false)).await;
    let calls = world.calls_of(grant.grant).await;
    let nine = calls[0].held.checked_mul(9).unwrap();
    let terms = StudyTerms { budget: Some(nine), stops: true, ..StudyTerms::default() };
    let (study, keys) = studied(&world, grant.grant, terms).await;
    world.profile(r#"{"answer_tokens": 500, "first_byte_delay_ms": 300}"#);
    let body = chat(9, false);
    let calls = (0..200).map(|call| post(world.address, CHAT, &keys[call % 2], &body));
    let answers = futures_util::future::join_all(calls).await;
    let paid = answers.iter().filter(|answer| answer.status == 200).count();
    assert!(9 <= paid, "{paid} of nine");
    let refused = answers.iter().find(|answer| answer.status == 429).unwrap();
    let told = refused.json();
    assert_eq!(told["error"]["code"], "project_spend_limit_exceeded");
    assert!(told["error"]["message"].as_str().unwrap().contains("this study's budget"), "{told}");
    let line = study.parse().unwrap();
    let line = bursar_studies::study(&world.service, &Viewer::Operator, line).await.unwrap();
    assert!(line.spend.cost <= nine, "{} of {nine}", line.spend.cost);
    // The grant itself has plenty.
    assert_eq!(post(world.address, CHAT, grant.secret(), &body).await.status, 200);
}

#[tokio::test]
async fn a_study_is_the_project_of_what_its_keys_used() {
    let world = World::new().await;
    let start = world.clock.now().as_second();
    let who = world.funded("100").await;
    let terms = StudyTerms { budget: Some(usd("5")), stops: true, ..StudyTerms::default() };
    let (study, keys) = studied(&world, who.grant, terms).await;
    for secret in [who.secret(), &keys[0], &keys[1]] {
        assert_eq!(post(world.address, CHAT, secret, &chat(9, false)).await.status, 200);
    }
    world.settled().await;
    let results = async |query: &str| {
        let path = format!("{COSTS}?start_time={start}{query}");
        let told = get(world.address, &path, &keys[0]).await.json();
        told["data"][0]["results"].as_array().unwrap().clone()
    };
    let by = results("&group_by[]=project_id").await;
    let mut projects: Vec<_> = by.iter().map(|one| one["project_id"].as_str().unwrap()).collect();
    projects.sort_unstable();
    assert_eq!(projects, [who.grant.to_string(), study.clone()]);
    // A study has what its keys did, and the grant has all of it.
    let keys_of = async |project: &str| {
        results(&format!("&group_by[]=api_key_id&project_ids[]={project}")).await.len()
    };
    assert_eq!((keys_of(&study).await, keys_of(&who.grant.to_string()).await), (2, 3));
    let usage =
        format!("/v1/organization/usage/completions?start_time={start}&project_ids={study}");
    let told = get(world.address, &usage, &keys[0]).await.json();
    assert_eq!(told["data"][0]["results"][0]["num_model_requests"], 2);
    // What a key of it can spend is what the study has left.
    let credit = get(world.address, "/dashboard/billing/credit_grants", &keys[0]).await.json();
    assert!(credit["total_available"].as_f64().unwrap() < 5.0, "{credit}");
}

#[tokio::test]
async fn a_study_opens_its_models_and_no_others_until_it_is_closed() {
    let world = World::new().await;
    let who = world.funded("10").await;
    let models = Some([ModelId::new("gpt-5-mini")].into());
    let terms = StudyTerms { scope: Scope { models, endpoints: None }, ..StudyTerms::default() };
    let (study, keys) = studied(&world, who.grant, terms).await;
    let listed = get(world.address, "/v1/models", &keys[0]).await.json();
    let ids: Vec<_> = listed["data"].as_array().unwrap().iter().map(|model| &model["id"]).collect();
    assert!(ids.iter().all(|id| id.as_str().unwrap().starts_with("gpt-5-mini")), "{ids:?}");
    assert!(!ids.is_empty());
    let other = post(world.address, CHAT, &keys[0], &chat(9, false)).await;
    assert_eq!(other.status, 404);
    let told = other.json();
    assert_eq!(told["error"]["code"], "model_not_found");
    assert!(told["error"]["message"].as_str().unwrap().contains("study is not for"), "{told}");
    let study = study.parse().unwrap();
    close_study(&world.service, &Viewer::Operator, study).await.unwrap();
    let ended = post(world.address, CHAT, &keys[0], &chat(9, false)).await;
    assert_eq!(ended.status, 429);
    assert_eq!(ended.json()["error"]["code"], "project_not_active");
    assert_eq!(post(world.address, CHAT, who.secret(), &chat(9, false)).await.status, 200);
}
