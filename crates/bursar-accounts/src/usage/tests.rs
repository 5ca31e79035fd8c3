//! Queries as they are taken or refused, and sums that come to the same however they are told.

use bursar_kernel::StudyId;
use bursar_kernel::{KeyId, ModelId, Usage};
use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;
use crate::page::Span;

const NOW: i64 = 1_800_000_000;

fn asked(kind: Kind, query: &str) -> Result<Asked, BadQuery> {
    let uri: Uri = format!("/v1/organization/usage/x?{query}").parse().unwrap();
    read(&uri, kind.takes())
}

fn check(kind: Kind, query: &str, expected: Expect) {
    let said = match asked(kind, query) {
        Ok(asked) => {
            let Span { from, to, end } = span(&asked, NOW);
            let width = asked.width.millis() / 1_000;
            format!("{} of {} buckets from {from}", (to - from) / width, (end - from) / width)
        }
        Err(BadQuery { param, code, message }) => format!("{param}: {code}: {message}"),
    };
    expected.assert_eq(&said);
}

#[test]
fn a_page_has_as_many_buckets_as_the_provider_says() {
    let check = |query: &str, expected| check(Kind::Completions, query, expected);
    check("start_time=1790000000", expect!["7 of 117 buckets from 1789948800"]);
    check("start_time=1790000000&limit=31", expect!["31 of 117 buckets from 1789948800"]);
    check(
        "start_time=1790000000&end_time=1790000001&bucket_width=1m",
        expect!["1 of 1 buckets from 1789999980"],
    );
    check(
        "start_time=1790000000&end_time=1790003600&bucket_width=1h",
        expect!["2 of 2 buckets from 1789999200"],
    );
    check("start_time=1799999940&bucket_width=1m", expect!["2 of 2 buckets from 1799999940"]);
    check("start_time=1800000000&end_time=1900000000", expect!["1 of 1 buckets from 1799971200"]);
    check("start_time=1900000000", expect!["0 of 0 buckets from 1899936000"]);
    check("start_time=0&page=page_006ab07380", expect!["7 of 117 buckets from 1789948800"]);
}

#[test]
fn what_is_not_known_is_refused_by_name() {
    let check = |query: &str, expected| check(Kind::Embeddings, query, expected);
    check(
        "",
        expect![
            "start_time: missing_required_parameter: `start_time` is missing. Give the second (Unix time) from which on to tell."
        ],
    );
    check(
        "start_time=yesterday",
        expect![
            "start_time: invalid_value: `yesterday` is no second of Unix time. Give a whole number, like `1730419200`."
        ],
    );
    check(
        "start_time=-1",
        expect![
            "start_time: invalid_value: `-1` is no second of Unix time. Give a whole number, like `1730419200`."
        ],
    );
    check(
        "start_time=1.5",
        expect![
            "start_time: invalid_value: `1.5` is no second of Unix time. Give a whole number, like `1730419200`."
        ],
    );
    check(
        "start_time=9&end_time=9",
        expect![
            "end_time: invalid_value: `end_time` is not after `start_time`. Give a later second, or leave it out to be told up to now."
        ],
    );
    check(
        "start_time=9&start_time=9",
        expect!["start_time: invalid_value: `start_time` is there twice. Give it once."],
    );
    check(
        "start_time=9&bucket_width=1w",
        expect![
            "bucket_width: invalid_value: `1w` is no width of a bucket here. Give `1m`, `1h`, `1d`."
        ],
    );
    check(
        "start_time=9&limit=32",
        expect![
            "limit: invalid_value: `32` is not how many buckets a page of this width can have. Give 1 to 31."
        ],
    );
}

#[test]
fn what_is_asked_for_in_another_way_is_refused() {
    let check = |query: &str, expected| check(Kind::Embeddings, query, expected);
    check(
        "start_time=9&limit=0",
        expect![
            "limit: invalid_value: `0` is not how many buckets a page of this width can have. Give 1 to 31."
        ],
    );
    check(
        "start_time=9&page=2",
        expect![
            "page: invalid_value: The page is none of this query's. Give the `next_page` of an answer to the same query."
        ],
    );
    check(
        "start_time=9&page=page_0000000001",
        expect![
            "page: invalid_value: The page is none of this query's. Give the `next_page` of an answer to the same query."
        ],
    );
    check(
        "start_time=9&group_by=batch",
        expect![
            "group_by: invalid_value: `batch` is nothing that this can be grouped by. Give one or more of `project_id`, `user_id`, `api_key_id`, `model`, each in a `group_by[]` of its own."
        ],
    );
    check(
        "start_time=9&group_by=model,user_id",
        expect![
            "group_by: invalid_value: `model,user_id` is nothing that this can be grouped by. Give one or more of `project_id`, `user_id`, `api_key_id`, `model`, each in a `group_by[]` of its own."
        ],
    );
    check(
        "start_time=9&batch=true",
        expect![
            "batch: unknown_parameter: Unknown parameter: `batch`. This takes `start_time`, `end_time`, `bucket_width`, `limit`, `page`, `project_ids`, `user_ids`, `api_key_ids`, `models`, `group_by`."
        ],
    );
    check(
        "start_time=9&organization=x",
        expect![
            "organization: unknown_parameter: Unknown parameter: `organization`. This takes `start_time`, `end_time`, `bucket_width`, `limit`, `page`, `project_ids`, `user_ids`, `api_key_ids`, `models`, `group_by`."
        ],
    );
}

#[test]
fn a_list_is_written_either_way() {
    let query = "start_time=9&models=a&models[]=b&group_by[]=model&group_by=batch&batch=false";
    let asked = asked(Kind::Completions, query).unwrap();
    assert_eq!(asked.values("models"), ["a", "b"]);
    assert_eq!(Vec::from_iter(&asked.group_by), ["batch", "model"]);
    assert_eq!(asked.batch, Some(false));
}

/// The second of two keys belongs to a study.
fn projects() -> Projects {
    let (key, study) = (KeyId::from_bytes([1; 16]), StudyId::from_bytes([1; 16]));
    Projects::alone("grant_1", [(key, study)].into())
}

fn of(kind: Kind) -> Of {
    Of { kind, projects: projects(), user: "person_1".to_owned() }
}

fn some_usage() -> impl Strategy<Value = (UsageOf, Used)> {
    let endpoints = prop::sample::select(Endpoint::ALL.to_vec());
    let tiers = [ServiceTier::Default, ServiceTier::Flex, ServiceTier::Batch];
    let tiers = prop::sample::select(tiers.to_vec());
    let numbers = prop::array::uniform11(0_u64..1_000_000);
    (0_i64..4, 0_u8..2, "[ab]", endpoints, tiers, 1_u64..9, numbers).prop_map(
        |(bucket, key, model, endpoint, tier, calls, numbers)| {
            let of = UsageOf {
                at: bucket * 60_000,
                key: KeyId::from_bytes([key; 16]),
                model: ModelId::new(model),
                endpoint,
                tier,
            };
            (of, Used { calls, counts: numbers })
        },
    )
}

const KINDS: [Kind; 6] = [
    Kind::Completions,
    Kind::Embeddings,
    Kind::Moderations,
    Kind::Images,
    Kind::AudioSpeeches,
    Kind::AudioTranscriptions,
];

/// All numbers of some results, added up by name.
fn totals(results: &[(i64, Shown)]) -> BTreeMap<String, u64> {
    let mut totals = BTreeMap::new();
    for (_, shown) in results {
        let value = serde_json::to_value(shown).unwrap();
        for (name, value) in value.as_object().unwrap() {
            if let Some(number) = value.as_u64() {
                *totals.entry(name.clone()).or_default() += number;
            }
        }
    }
    totals
}

proptest! {
    #[test]
    fn sums_come_to_the_same_by_whatever_they_are(
        found in prop::collection::vec(some_usage(), 0..40),
        by in prop::sample::subsequence(GROUPS.to_vec(), 0..=4),
    ) {
        let mut calls = 0;
        for kind in KINDS {
            let groups: Vec<_> = by.iter().map(|group| format!("&group_by[]={group}")).collect();
            let groups = groups.concat();
            let plain = asked(kind, "start_time=0").unwrap();
            let grouped = asked(kind, &format!("start_time=0{groups}")).unwrap();
            let plain = totals(&results(&plain, &of(kind), found.clone()));
            prop_assert_eq!(&plain, &totals(&results(&grouped, &of(kind), found.clone())));
            // Each call is of one kind, and of a batch or of none.
            calls += plain.get("num_model_requests").copied().unwrap_or_default();
            if kind == Kind::Completions {
                let mut parts = 0;
                for batch in ["true", "false"] {
                    let asked = asked(kind, &format!("start_time=0&batch={batch}")).unwrap();
                    let part = totals(&results(&asked, &of(kind), found.clone()));
                    parts += part.get("input_tokens").copied().unwrap_or_default();
                }
                prop_assert_eq!(parts, plain.get("input_tokens").copied().unwrap_or_default());
            }
        }
        prop_assert_eq!(calls, found.iter().map(|(_, used)| used.calls).sum::<u64>());
    }
}

#[test]
fn a_result_has_the_provider_fields() {
    let at = UsageOf {
        at: 0,
        key: KeyId::from_bytes([1; 16]),
        model: ModelId::new("gpt-4.1-mini"),
        endpoint: Endpoint::Responses,
        tier: ServiceTier::Batch,
    };
    let usage =
        Usage { input: 5, cached: 40, cache_write: 3, output: 7, images: 2, ..Usage::default() };
    let mut used = Used::one(&usage);
    used.calls = 2;
    let query = "start_time=0&group_by=model&group_by=batch&group_by=service_tier";
    let asked_by = asked(Kind::Completions, query).unwrap();
    let shown = results(&asked_by, &of(Kind::Completions), vec![(at.clone(), used)]);
    let text = serde_json::to_string_pretty(&shown[0].1).unwrap();
    expect![[r#"
        {
          "object": "organization.usage.completions.result",
          "input_tokens": 48,
          "input_cached_tokens": 40,
          "input_cache_write_tokens": 3,
          "input_uncached_tokens": 5,
          "output_tokens": 7,
          "input_text_tokens": 5,
          "output_text_tokens": 7,
          "input_audio_tokens": 0,
          "output_audio_tokens": 0,
          "input_image_tokens": 0,
          "output_image_tokens": 0,
          "num_model_requests": 2,
          "project_id": null,
          "user_id": null,
          "api_key_id": null,
          "model": "gpt-4.1-mini",
          "batch": true,
          "service_tier": "batch"
        }"#]]
    .assert_eq(&text);
    let image = UsageOf { endpoint: Endpoint::ImageEdits, ..at };
    let by_source = asked(Kind::Images, "start_time=0&group_by=source").unwrap();
    let shown = results(&by_source, &of(Kind::Images), vec![(image, used)]);
    let text = serde_json::to_string_pretty(&shown[0].1).unwrap();
    expect![[r#"
        {
          "object": "organization.usage.images.result",
          "images": 2,
          "num_model_requests": 2,
          "project_id": null,
          "user_id": null,
          "api_key_id": null,
          "model": null,
          "source": "image.edit",
          "size": null
        }"#]]
    .assert_eq(&text);
}
