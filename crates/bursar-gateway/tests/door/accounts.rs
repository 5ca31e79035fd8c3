//! Usage, costs and credit as machines ask for them: a grant's own, to the nano-dollar, and after it
//! has expired.

use bursar_kernel::{Clock as _, Usd};
use bursar_policy::Viewer;
use bursar_service::{TakeBack, Taking};
use bursar_store::{StatementRun, Store};
use serde_json::{Value, json};

use crate::batches::begun;
use crate::client::{Answer, chat, get, post};
use crate::world::{Funded, World, usd};

const COSTS: &str = "/v1/organization/costs";
const COMPLETIONS: &str = "/v1/organization/usage/completions";
const CREDIT: &str = "/dashboard/billing/credit_grants";
const SUBSCRIPTION: &str = "/dashboard/billing/subscription";
const BILLED: &str = "/dashboard/billing/usage";

async fn told(world: &World, who: &str, path: &str) -> Value {
    let answer = get(world.address, path, who).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

/// All results of all pages, each with the second that its bucket begins at.
async fn pages(world: &World, who: &str, path: &str) -> Vec<(i64, Value)> {
    let (mut found, mut page) = (Vec::new(), String::new());
    loop {
        let told = told(world, who, &format!("{path}{page}")).await;
        assert_eq!(told["object"], "page");
        for bucket in told["data"].as_array().unwrap() {
            let start = bucket["start_time"].as_i64().unwrap();
            let results = bucket["results"].as_array().unwrap().iter();
            found.extend(results.map(|result| (start, result.clone())));
        }
        let Some(next) = told["next_page"].as_str() else {
            assert_eq!(told["has_more"], false);
            return found;
        };
        page = format!("&page={next}");
    }
}

/// The amounts of an answer as they were written, added up.
fn amounts(answer: &Answer) -> Usd {
    let parts = answer.text().split("\"value\":").skip(1);
    Usd::sum(parts.map(|part| usd(part.split([',', '}']).next().unwrap()))).unwrap()
}

fn sum(results: &[(i64, Value)], field: &str) -> u64 {
    results.iter().map(|(_, result)| result[field].as_u64().unwrap()).sum()
}

/// Calls of every kind, over three days, with two keys; calls of another grant beside them.
async fn spent(world: &World) -> (Funded, String, Funded) {
    let (who, other) = (world.funded("100").await, world.funded("100").await);
    let second = world.another_key(who.grant).await;
    for (number, key) in [who.secret(), &second, who.secret(), who.secret()].into_iter().enumerate()
    {
        let call = chat(20 + u64::try_from(number).unwrap(), number == 1);
        for key in [key, other.secret()] {
            let answer = post(world.address, "/v1/chat/completions", key, &call).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
        world.settled().await;
        world.seconds_later([61, 4_000, 90_000, 0][number]);
    }
    let image = json!({"model": "gpt-image-1", "prompt": "a ledger", "n": 2, "size": "1024x1024",
        "quality": "low"});
    let embedding = json!({"model": "text-embedding-3-small", "input": "a ledger"});
    let speech = json!({"model": "tts-1", "input": "A ledger.", "voice": "alloy"});
    let free = json!({"model": "omni-moderation-latest", "input": "a ledger"});
    for (path, call) in [
        ("/v1/images/generations", image),
        ("/v1/embeddings", embedding),
        ("/v1/audio/speech", speech),
        ("/v1/moderations", free),
    ] {
        let answer = post(world.address, path, &second, &call).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    }
    begun(world, &who, 3).await;
    world.a_minute_later();
    world.poll().await;
    world.settled().await;
    (who, second, other)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn costs_are_what_the_calls_were_charged_and_what_the_statement_says() {
    let world = World::new().await;
    let start = world.clock.now().as_second();
    let (who, second, other) = spent(&world).await;
    let calls = world.calls_of(who.grant).await;
    let charged = Usd::sum(calls.iter().map(|call| call.cost)).unwrap();
    assert!(charged.is_positive());
    for group in ["", "&group_by=line_item", "&group_by[]=api_key_id&group_by[]=line_item"] {
        let path = format!("{COSTS}?start_time={start}&limit=180{group}");
        let answer = get(world.address, &path, &second).await;
        assert_eq!(amounts(&answer), charged, "{group}: {}", answer.text());
    }
    let mut parts = Usd::ZERO;
    for (key, of_key) in [(who.made.key.id, true), (who.made.key.id, false)] {
        let wanted = calls.iter().map(|call| call.key).find(|found| (*found == key) == of_key);
        let path = format!("{COSTS}?start_time={start}&api_key_ids[]={}", wanted.unwrap());
        let answer = get(world.address, &path, who.secret()).await;
        parts = parts.checked_add(amounts(&answer)).unwrap();
    }
    assert_eq!(parts, charged);
    let stranger = format!("{COSTS}?start_time={start}&project_ids={}", other.grant);
    assert_eq!(amounts(&get(world.address, &stranger, who.secret()).await), Usd::ZERO);

    // The statement's lines make the same difference.
    let store: &dyn Store = &*world.store;
    let from = jiff::Timestamp::from_second(start - 86_400).unwrap();
    let period = (from, world.clock.now() + jiff::SignedDuration::from_secs(1));
    let of = bursar_ledger::StatementOf::Grant(who.grant);
    let mut run = StatementRun::begin(store, of, period, false).await.unwrap();
    while run.next(store).await.unwrap().is_some() {}
    assert_eq!(usd("100").checked_sub(run.balance()), Some(charged));

    let bucket =
        &told(&world, who.secret(), &format!("{COSTS}?start_time={start}")).await["data"][0];
    assert_eq!(bucket["start_time"].as_i64().unwrap() % 86_400, 0);
    let result = &bucket["results"][0];
    assert_eq!(result["object"], "organization.costs.result");
    assert_eq!(result["amount"]["currency"], "usd");
    assert!(result["amount"]["value"].is_number() && result["line_item"].is_null());
    world.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn usage_comes_to_the_same_in_buckets_of_any_width() {
    let world = World::new().await;
    let start = world.clock.now().as_second();
    let (who, _, other) = spent(&world).await;
    let calls = world.calls_of(who.grant).await;
    let of = |kind: &str| -> Vec<_> {
        calls.iter().filter(|call| call.endpoint.name().contains(kind)).collect()
    };
    let chats = of("chat");
    let input: u64 = chats.iter().map(|call| call.usage.input_total()).sum();
    let output: u64 = chats.iter().map(|call| call.usage.output_total()).sum();
    for width in ["1m&limit=1440", "1h&limit=168", "1h", "1d"] {
        for group in ["", "&group_by=api_key_id&group_by=model&group_by=batch"] {
            let path = format!("{COMPLETIONS}?start_time={start}&bucket_width={width}{group}");
            let found = pages(&world, who.secret(), &path).await;
            let sums = ["input_tokens", "output_tokens", "num_model_requests"];
            let sums = sums.map(|field| sum(&found, field));
            assert_eq!(sums, [input, output, 5], "{width}{group}");
            assert!(2 <= found.len(), "{width}{group}: in several buckets");
        }
    }
    let batch = format!("{COMPLETIONS}?start_time={start}&batch=true&group_by=service_tier");
    let found = pages(&world, who.secret(), &batch).await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].1["service_tier"], "batch");
    for (kind, field, count) in [
        ("embeddings", "input_tokens", of("embeddings")[0].usage.input),
        ("moderations", "num_model_requests", 1),
        ("images", "images", 2),
        ("audio_speeches", "characters", 9),
        ("audio_transcriptions", "seconds", 0),
    ] {
        let path = format!("/v1/organization/usage/{kind}?start_time={start}");
        let found = pages(&world, who.secret(), &path).await;
        assert_eq!(sum(&found, field), count, "{kind}: {found:?}");
    }
    // What others did never shows, whatever is asked for.
    let other = world.calls_of(other.grant).await[0].key;
    let path = format!("{COMPLETIONS}?start_time={start}&api_key_ids={other}");
    assert_eq!(pages(&world, who.secret(), &path).await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn credit_is_what_was_granted_used_and_is_left_and_is_told_after_expiry() {
    let world = World::new().await;
    let expires_at = world.clock.now() + jiff::SignedDuration::from_hours(24 * 30);
    let start = world.clock.now().as_second();
    let who = world.expiring("2", expires_at).await;
    let answer = post(world.address, "/v1/chat/completions", who.secret(), &chat(20, false)).await;
    let cost = usd(answer.header("x-bursar-cost"));
    world.settled().await;
    let left = usd("2").checked_sub(cost).unwrap();
    let credit = |available: Usd| {
        format!(
            "{{\"object\":\"credit_summary\",\"total_granted\":2.00,\"total_used\":{cost},\
             \"total_available\":{available},\"total_paid_available\":0.00,"
        )
    };
    for path in [CREDIT, "/v1/dashboard/billing/credit_grants"] {
        let answer = get(world.address, path, who.secret()).await;
        assert!(answer.text().starts_with(&credit(left)), "{}", answer.text());
        let grant = &answer.json()["grants"]["data"][0];
        assert_eq!(grant["expires_at"], expires_at.as_second());
    }
    // Of a key with a cap no more than the cap.
    let capped = world.capped("5", "0.25").await;
    let answer = get(world.address, CREDIT, capped.secret()).await;
    assert!(answer.text().contains("\"total_available\":0.25"), "{}", answer.text());

    world.clock.turn_to(expires_at);
    let answer = get(world.address, CREDIT, who.secret()).await;
    assert!(answer.text().starts_with(&credit(Usd::ZERO)), "{}", answer.text());
    let path = format!("{COSTS}?start_time={start}&limit=180");
    assert_eq!(amounts(&get(world.address, &path, who.secret()).await), cost);
    bursar_studies::revoke_key(&world.service, &Viewer::Operator, who.made.key.id).await.unwrap();
    for path in [CREDIT, &path, &format!("{COMPLETIONS}?start_time={start}")] {
        assert_eq!(get(world.address, path, who.secret()).await.status, 401, "{path}");
        assert_eq!(get(world.address, path, "sk-nobody").await.status, 401, "{path}");
    }
}

/// The number of a member, as it was written.
fn number(answer: &Answer, member: &str) -> Usd {
    let (_, behind) = answer.text().split_once(&format!("\"{member}\":")).unwrap();
    usd(behind.split([',', '}']).next().unwrap())
}

/// All numbers of that name, added up.
fn numbers(answer: &Answer, member: &str) -> Usd {
    let name = format!("\"{member}\":");
    let parts = answer.text().split(&name).skip(1);
    Usd::sum(parts.map(|part| usd(part.split([',', '}']).next().unwrap()))).unwrap()
}

/// What an old tool makes of the two answers: dollars, less cents.
async fn left_by_an_old_tool(world: &World, key: &str, prefix: &str, days: &str) -> Usd {
    let subscription = get(world.address, &format!("{prefix}{SUBSCRIPTION}"), key).await;
    let billed = get(world.address, &format!("{prefix}{BILLED}{days}"), key).await;
    let cents = number(&billed, "total_usage");
    let limit = number(&subscription, "hard_limit_usd").checked_mul(100).unwrap();
    limit.checked_sub(cents).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_tool_finds_what_was_charged_and_what_is_left_to_the_nano_dollar() {
    let world = World::new().await;
    let day = |second: i64| {
        jiff::Timestamp::from_second(second).unwrap().strftime("%Y-%m-%d").to_string()
    };
    let start = world.clock.now().as_second();
    let (who, second, other) = spent(&world).await;
    let calls = world.calls_of(who.grant).await;
    let charged = Usd::sum(calls.iter().map(|call| call.cost)).unwrap();
    let now = world.clock.now().as_second();
    let days = format!("?start_date={}&end_date={}", day(start), day(now + 86_400));
    for (key, prefix) in [(who.secret(), ""), (&second, "/v1")] {
        for days in ["", &*days] {
            let billed = get(world.address, &format!("{prefix}{BILLED}{days}"), key).await;
            let cents = charged.checked_mul(100).unwrap();
            assert_eq!(number(&billed, "total_usage"), cents, "{days}: {}", billed.text());
            assert_eq!(numbers(&billed, "cost"), cents, "its lines come to the same");
            let left = left_by_an_old_tool(&world, key, prefix, days).await;
            let credit = get(world.address, CREDIT, key).await;
            let available = number(&credit, "total_available");
            assert_eq!(left, available.checked_mul(100).unwrap());
            assert_eq!(Some(available), usd("100").checked_sub(charged));
        }
    }
    // Day by day, as the calls were made.
    let first = format!("?start_date={}&end_date={}", day(start), day(start + 86_400));
    let billed = get(world.address, &format!("{BILLED}{first}"), who.secret()).await;
    let of_day = calls.iter().filter(|call| day(call.ended_at.as_second()) == day(start));
    let of_day = Usd::sum(of_day.map(|call| call.cost)).unwrap();
    assert!(of_day.is_positive() && of_day < charged);
    assert_eq!(number(&billed, "total_usage"), of_day.checked_mul(100).unwrap());
    let daily = &billed.json()["daily_costs"];
    assert_eq!(daily.as_array().unwrap().len(), 1);
    assert_eq!(daily[0]["timestamp"].as_i64().unwrap(), start - start.rem_euclid(86_400));
    assert_eq!(daily[0]["line_items"][0]["name"], "gpt-4o-mini");
    let theirs = world.calls_of(other.grant).await;
    let theirs = Usd::sum(theirs.iter().map(|call| call.cost)).unwrap();
    let billed = get(world.address, BILLED, other.secret()).await;
    assert_eq!(number(&billed, "total_usage"), theirs.checked_mul(100).unwrap(), "their own alone");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscription_ends_with_its_grant_and_its_limit_is_the_keys_own() {
    let world = World::new().await;
    let expires_at = world.clock.now() + jiff::SignedDuration::from_hours(24 * 30);
    let who = world.expiring("2", expires_at).await;
    let answer = post(world.address, "/v1/chat/completions", who.secret(), &chat(20, false)).await;
    let cost = usd(answer.header("x-bursar-cost"));
    world.settled().await;
    let shown = told(&world, who.secret(), SUBSCRIPTION).await;
    assert_eq!(shown["object"], "billing_subscription");
    assert_eq!(shown["access_until"], expires_at.as_second());
    assert_eq!((&shown["has_payment_method"], &shown["canceled"]), (&json!(false), &json!(false)));
    assert_eq!(shown["plan"]["id"], "openai-researcher-access");
    let answer = get(world.address, SUBSCRIPTION, who.secret()).await;
    assert_eq!(number(&answer, "hard_limit_usd"), usd("2"));
    // A key's limit is its own, beside its grant's.
    let capped = world.capped("5", "0.25").await;
    let answer = get(world.address, SUBSCRIPTION, capped.secret()).await;
    let limits = ["soft_limit_usd", "hard_limit_usd", "system_hard_limit_usd"];
    assert_eq!(limits.map(|name| number(&answer, name)), ["0.25", "0.25", "5"].map(usd));
    // After the end nothing is left, and what was spent is still told.
    world.clock.turn_to(expires_at);
    let answer = get(world.address, SUBSCRIPTION, who.secret()).await;
    assert_eq!(number(&answer, "hard_limit_usd"), cost);
    assert_eq!(left_by_an_old_tool(&world, who.secret(), "", "").await, Usd::ZERO);
    let all = TakeBack {
        grant: capped.grant,
        taking: Taking::All,
        reason: "A test of it".to_owned(),
        id: None,
    };
    world.service.take_back(&Viewer::Operator, all).await.unwrap();
    let shown = told(&world, capped.secret(), SUBSCRIPTION).await;
    assert_eq!(shown["canceled"], true);
    assert_eq!(shown["canceled_at"], world.clock.now().as_second());
    bursar_studies::revoke_key(&world.service, &Viewer::Operator, who.made.key.id).await.unwrap();
    for path in [SUBSCRIPTION, BILLED] {
        assert_eq!(get(world.address, path, who.secret()).await.status, 401, "{path}");
        assert_eq!(get(world.address, path, "sk-nobody").await.status, 401, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_asked_is_refused_in_the_provider_shape() {
    let world = World::new().await;
    let who = world.funded("1").await;
    for (path, param, code) in [
        (COSTS, "start_time", "missing_required_parameter"),
        ("/v1/organization/costs?start_time=1&bucket_width=1h", "bucket_width", "invalid_value"),
        ("/v1/organization/costs?start_time=1&limit=181", "limit", "invalid_value"),
        ("/v1/organization/costs?start_time=1&models=x", "models", "unknown_parameter"),
        ("/v1/organization/costs?start_time=1&group_by=user_id", "group_by", "invalid_value"),
        ("/v1/organization/usage/images?start_time=1&sizes=256x256", "sizes", "unknown_parameter"),
        ("/v1/organization/usage/images?start_time=1&sources=x", "sources", "invalid_value"),
        ("/dashboard/billing/credit_grants?x=1", "x", "unknown_parameter"),
        ("/dashboard/billing/subscription?x=1", "x", "unknown_parameter"),
        ("/dashboard/billing/usage?start_date=yesterday", "start_date", "invalid_value"),
        ("/v1/dashboard/billing/usage?from=2026-11-01", "from", "unknown_parameter"),
    ] {
        let answer = get(world.address, path, who.secret()).await;
        let error = &answer.json()["error"];
        assert_eq!(answer.status, 400, "{path}");
        assert_eq!(error["type"], "invalid_request_error");
        assert_eq!((&error["param"], &error["code"]), (&json!(param), &json!(code)), "{path}");
    }
    let answer = post(world.address, COSTS, who.secret(), &json!({})).await;
    assert_eq!(answer.status, 405);
    let answer = get(world.address, "/v1/organization/usage/vector_stores", who.secret()).await;
    assert_eq!(answer.status, 404);
}
