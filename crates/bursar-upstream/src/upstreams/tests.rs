//! What a configuration may say, and where calls go then.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use expect_test::{Expect, expect};

use super::*;
use crate::config::{Azure, Kind};

fn upstream(name: &str, base_url: &str) -> Upstream {
    Upstream {
        name: name.to_owned(),
        group: UpstreamGroup::new("g"),
        base_url: base_url.to_owned(),
        api_key: None,
        weight: 1,
        kind: Kind::OpenAi { models: None },
        pins_service_tier: true,
        is_sandbox: false,
    }
}

fn azure(base_url: &str, api_version: &str, deployment: &str) -> Upstream {
    let deployments = BTreeMap::from([("gpt-4o-mini".to_owned(), deployment.to_owned())]);
    let azure = Azure { api_version: api_version.to_owned(), deployments };
    Upstream { kind: Kind::Azure(azure), ..upstream("azure", base_url) }
}

fn serving(models: &[&str]) -> Upstream {
    let models = models.iter().map(|model| (*model).to_owned()).collect();
    let kind = Kind::OpenAi { models: Some(models) };
    Upstream { kind, ..upstream("some", "http://a/v1") }
}

fn running(_: &str) -> Switches {
    Switches::default()
}

/// Where a chat and a speech of two models go, or what is wrong.
fn check(upstreams: Vec<Upstream>, expected: Expect) {
    let told = match Upstreams::new(upstreams, &bursar_catalog::shipped(), running) {
        Err(error) => error.to_string(),
        Ok(upstreams) => {
            let mut told = String::new();
            for provider in upstreams.all() {
                for (endpoint, model) in [
                    (Endpoint::ChatCompletions, "gpt-4o-mini"),
                    (Endpoint::Responses, "gpt-4o-mini"),
                    (Endpoint::ChatCompletions, "gpt-4.1"),
                ] {
                    let address = provider.address(endpoint, &ModelId::new(model));
                    let address = address.map(|it| (it.uri.to_string(), it.model));
                    writeln!(told, "{model} at {}: {address:?}", endpoint.name()).unwrap();
                }
            }
            told
        }
    };
    expected.assert_eq(&told);
}

#[test]
fn any_path_will_do_and_nothing_else_beside_it() {
    check(
        vec![upstream("a", "http://localhost:8000/api/openai/v1beta/")],
        expect![[r#"
        gpt-4o-mini at chat_completions: Some(("http://localhost:8000/api/openai/v1beta/chat/completions", None))
        gpt-4o-mini at responses: Some(("http://localhost:8000/api/openai/v1beta/responses", None))
        gpt-4.1 at chat_completions: Some(("http://localhost:8000/api/openai/v1beta/chat/completions", None))
    "#]],
    );
    for (wrong, _) in [
        ("http://localhost:8000", "no path"),
        ("http://localhost/v1?version=1", "a query"),
        ("http://localhost/v1#here", "a fragment"),
        ("ftp://localhost/v1", "another scheme"),
        ("localhost/v1", "no scheme"),
    ] {
        let made = Upstreams::new(vec![upstream("a", wrong)], &bursar_catalog::shipped(), running);
        assert!(matches!(made, Err(ConfigError::BaseUrl { .. })), "{wrong}");
    }
    check(
        vec![upstream("a", "http://who:secret@localhost/v1")],
        expect![[r#"
        the address of upstream `a` has a name or a password in it
        hint: name a variable with `api_key_env`, or a file with `api_key_file`"#]],
    );
    check(
        vec![upstream("a", "http://localhost")],
        expect![[r#"
            upstream `a` has the address `http://localhost`, which cannot be called
            hint: give an `http://` or `https://` address up to what stands before `/chat/completions`, such as `https://api.openai.com/v1`, without a query"#]],
    );
}

#[test]
fn models_are_named_as_the_catalog_does() {
    check(
        vec![serving(&["gpt-4o-mini-2024-07-18"])],
        expect![[r#"
        gpt-4o-mini at chat_completions: Some(("http://a/v1/chat/completions", None))
        gpt-4o-mini at responses: Some(("http://a/v1/responses", None))
        gpt-4.1 at chat_completions: None
    "#]],
    );
    check(
        vec![serving(&["gpt-4o-mini", "my-model"])],
        expect![[r#"
        upstream `some` serves `my-model`, which the catalog does not have
        hint: name models as the catalog does, or add it there with its prices"#]],
    );
    check(
        vec![serving(&[])],
        expect![[r#"
        upstream `some` serves no model
        hint: name at least one, or leave the list out"#]],
    );
}

#[test]
fn azure_has_an_address_for_each_deployment() {
    let host = "https://one.openai.azure.com";
    check(
        vec![azure(host, "2024-10-21", "my-mini")],
        expect![[r#"
        gpt-4o-mini at chat_completions: Some(("https://one.openai.azure.com/openai/deployments/my-mini/chat/completions?api-version=2024-10-21", None))
        gpt-4o-mini at responses: None
        gpt-4.1 at chat_completions: None
    "#]],
    );
    check(
        vec![azure(host, "v1", "my-mini")],
        expect![[r#"
        gpt-4o-mini at chat_completions: Some(("https://one.openai.azure.com/openai/v1/chat/completions", Some("my-mini")))
        gpt-4o-mini at responses: Some(("https://one.openai.azure.com/openai/v1/responses", Some("my-mini")))
        gpt-4.1 at chat_completions: None
    "#]],
    );
    check(
        vec![azure(&format!("{host}/openai/v1"), "v1", "my-mini")],
        expect![[r#"
        the address of upstream `azure` has a path
        hint: name the resource alone, as in `https://NAME.openai.azure.com`"#]],
    );
    check(
        vec![azure(host, "2023-05-15", "my-mini")],
        expect![[r#"
        upstream `azure` has the API version `2023-05-15`
        hint: use `v1`, or a version from 2024-09-01-preview on, such as `2024-10-21`"#]],
    );
    check(
        vec![azure(host, "latest", "my-mini")],
        expect![[r#"
        upstream `azure` has the API version `latest`
        hint: use `v1`, or a version from 2024-09-01-preview on, such as `2024-10-21`"#]],
    );
    check(
        vec![azure(host, "2024-10-21", "my/mini")],
        expect![[r#"
        upstream `azure` has the deployment `my/mini`
        hint: a deployment's name has at most 64 letters, digits, `-`, `_` and `.`"#]],
    );
}

#[test]
fn a_group_is_of_one_sort() {
    let pretends = Upstream { is_sandbox: true, ..upstream("b", "http://b/v1") };
    check(
        vec![upstream("a", "http://a/v1"), pretends],
        expect![[r#"
            group `g` has both a sandbox and a real provider
            hint: take `sandbox = true` out, or give the real provider another group"#]],
    );
    check(
        vec![upstream("a", "http://a/v1"), upstream("a", "http://b/v1")],
        expect![[r#"
        two upstreams are named `a`
        hint: rename one, so that logs can tell them apart"#]],
    );
    let heavy = Upstream { weight: 1_001, ..upstream("a", "http://a/v1") };
    check(
        vec![heavy],
        expect![[r#"
        upstream `a` weighs 1001
        hint: use a weight from 0 to 1000"#]],
    );
}
