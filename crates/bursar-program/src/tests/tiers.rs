//! Broken tiers in a program's file: what is said of each.

use expect_test::{Expect, expect};

use super::broken::check;

/// The tiers that ship, with some of their text replaced.
fn said(from: &str, to: &str, expected: Expect) {
    check(&[(from, to)], expected);
}

#[test]
fn a_limit_of_an_unknown_class_is_found_with_what_was_meant() {
    said(
        "small = { requests_per_minute = 3,",
        "smal = { requests_per_minute = 3,",
        expect![[r#"
            p.toml:970:8: there is no class `smal`
            hint: did you mean `small`?"#]],
    );
}

#[test]
fn a_class_of_unknown_models_is_found_with_what_was_meant() {
    check(
        &[
            ("\"gpt-4o-mini\", \"gpt-4.1-mini\"", "\"gpt-4o-min\", \"gpt-4.1-mini\""),
            ("families = [\"embedding\"]", "families = [\"embeding\"]"),
        ],
        expect![[r#"
            p.toml:933:10: the catalog has no model `gpt-4o-min`
            hint: did you mean `gpt-4o-mini`?
            p.toml:948:12: the catalog has no family `embeding`
            hint: did you mean `embedding`?
            p.toml:961:6: `other` is a second class for all other models
            hint: name its `families` or its `models`"#]],
    );
}

#[test]
fn a_tier_says_its_limits_and_what_it_takes() {
    said(
        "[tier.limits]\n",
        "[tier.limit]\n",
        expect![[r#"
            p.toml:964:1: missing key `limits`
            hint: add `limits = ...` to this table
            p.toml:969:7: unknown key `limit`
            hint: did you mean `limits`?"#]],
    );
    said(
        "needs = \"card\"\n",
        "",
        expect![[r#"
            p.toml:975:1: missing key `needs`
            hint: add `needs = ...` to this table"#]],
    );
    said(
        "needs = \"card\"",
        "needs = \"cards\"",
        expect![[r#"
            p.toml:978:9: `needs` cannot be "cards"
            hint: did you mean "card"?"#]],
    );
}

#[test]
fn a_limit_that_cannot_be_kept_is_refused() {
    check(
        &[
            ("audio = { requests_per_minute = 3, ", "audio = { "),
            ("requests_per_day = 2_000", "requests_per_day = 0"),
            ("tokens_per_minute = 150_000_000", "tokens_per_minute = 150_000_000_000"),
            ("audio = { requests_per_minute = 500 }", "audio = { request_per_minute = 500 }"),
        ],
        expect![[r#"
            p.toml:971:61: `requests_per_day` is 0
            hint: use a number from 1 to 1000000
            p.toml:972:9: a limit without `requests_per_minute`
            hint: say how many requests a minute has
            p.toml:985:11: unknown key `request_per_minute`
            hint: did you mean `requests_per_minute`?
            p.toml:996:61: `tokens_per_minute` is 150_000_000_000
            hint: use a number from 1 to 2000000000"#]],
    );
}

#[test]
fn a_tier_or_a_class_stands_once() {
    check(
        &[
            ("id = \"tier-5\"", "id = \"tier-1\""),
            ("id = \"large\"", "id = \"small\""),
            ("families = [\"moderation\"]\n", ""),
        ],
        expect![[r#"
            p.toml:936:6: class `small` stands twice
            hint: rename one of the two
            p.toml:960:6: `other` is a second class for all other models
            hint: name its `families` or its `models`
            p.toml:981:9: there is no class `large`
            hint: name the id of a [[rates.class]]
            p.toml:990:6: tier `tier-1` stands twice
            hint: rename one
            p.toml:996:9: there is no class `large`
            hint: name the id of a [[rates.class]]"#]],
    );
}

#[test]
fn the_first_tier_is_the_one_that_everybody_has() {
    said(
        "needs = \"nothing\"",
        "needs = \"card\"",
        expect![[r#"
            p.toml:967:9: the first tier needs something
            hint: begin with the tier that everybody has: needs = "nothing""#]],
    );
}

#[test]
fn tiers_and_classes_come_together() {
    let (from, to) = ("[rates]\n", "[rate]\n");
    said(
        from,
        to,
        expect![[r#"
            p.toml:927:2: unknown key `rate`
            hint: did you mean `rates`?
            p.toml:930:3: missing key `source`
            hint: add `source = ...` to this table"#]],
    );
    said(
        "source = \"third parties' tables",
        "sauce = \"third parties' tables",
        expect![[r#"
            p.toml:927:1: missing key `source`
            hint: add `source = ...` to this table
            p.toml:928:1: unknown key `sauce`
            hint: did you mean `source`?"#]],
    );
}
