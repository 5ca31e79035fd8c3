//! Every law on a small input: each must be able to fail.

#![expect(clippy::needless_raw_string_hashes, reason = "expect-test writes its data so")]

use std::path::Path;

use expect_test::{Expect, expect};

use super::{File, architecture, failures, law, links, text};
use crate::workspace::{Dependency, Package};

fn file(path: &str, text: &str) -> File {
    File { path: path.to_owned(), bytes: text.len(), text: Some(text.to_owned()) }
}

fn told(violations: Vec<super::Violation>) -> String {
    violations.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// What the laws of single files say of one file.
fn check(path: &str, content: &str, expected: Expect) {
    expected.assert_eq(&told(text::check(&file(path, content))));
}

/// A member with dependencies such as `serde`, `dev:tokio`, and the crates that it reaches.
fn package(name: &str, dependencies: &[&str], reach: &[&str]) -> Package {
    let dependency = |text: &&str| match text.split_once(':') {
        Some((kind, name)) => Dependency { name: name.into(), kind: Some(kind.into()) },
        None => Dependency { name: (*text).into(), kind: None },
    };
    Package {
        name: name.into(),
        manifest_path: format!("/tree/crates/{name}/Cargo.toml").into(),
        dependencies: dependencies.iter().map(dependency).collect(),
        reach: reach.iter().map(|name| (*name).to_owned()).collect(),
    }
}

/// What the dependency law says of one member.
fn check_law(package: Package, expected: Expect) {
    expected.assert_eq(&told(law::check(Path::new("/tree"), &[package])));
}

#[test]
fn a_tidy_file_has_nothing_said_of_it() {
    check("crates/bursar-ledger/src/a.rs", "//! What for.\nfn a() {}\n", expect![[""]]);
    check("docs/a.md", "A page of f64 and XXX.\n", expect![[""]]);
}

#[test]
fn a_file_says_what_it_is_for() {
    check(
        "crates/a/src/a.rs",
        "fn a() {}\n",
        expect!["crates/a/src/a.rs:1: no `//!` line that says what the file is for"],
    );
}

#[test]
fn lines_and_files_have_an_end() {
    let fits = format!("//! For.\n// {}\n", "ä".repeat(97));
    check("crates/a/src/a.rs", &fits, expect![[""]]);
    let wide = format!("//! For.\n// {}\n", "ä".repeat(98));
    check(
        "crates/a/src/a.rs",
        &wide,
        expect!["crates/a/src/a.rs:2: a line of 101 columns; the limit is 100"],
    );
    let long = "//! For.\n".repeat(601);
    check(
        "crates/a/src/a.rs",
        &long,
        expect!["crates/a/src/a.rs:1: a file of 601 lines; the limit is 600"],
    );
    check("crates/a/src/a/tests.rs", &long, expect![[""]]);
    check("crates/a/src/a/tests.rs", &wide, expect![[""]]);
    let large = File { path: "tests/data.bin".into(), bytes: 512 * 1024 + 1, text: None };
    expect!["tests/data.bin:1: 524289 bytes; the limit is 524288"]
        .assert_eq(&told(text::check(&large)));
}

#[test]
fn a_crate_has_an_end() {
    let long = "//! For.\n".repeat(600);
    let files = |count: usize| -> Vec<File> {
        (0..count).map(|n| file(&format!("crates/a/src/{n}.rs"), &long)).collect()
    };
    expect![[""]].assert_eq(&told(text::check_crate_sizes(&files(10))));
    expect!["crates/a/Cargo.toml:1: a crate of 6600 lines; the limit is 6000"]
        .assert_eq(&told(text::check_crate_sizes(&files(11))));
}

#[test]
fn nothing_is_left_unfinished_or_switched_off() {
    let unfinished = "// FIXME: later\n// XXX\ntodo!()\nmastodo!()\nXXXL\n";
    check(
        "tests/sdk/a.py",
        unfinished,
        expect![[r#"
        tests/sdk/a.py:1: unfinished: `FIXME`
        tests/sdk/a.py:2: unfinished: `XXX`
        tests/sdk/a.py:3: unfinished: `todo!`"#]],
    );
    let off = "//! For.\n#[ignore]\n    #[allow(x)]\n#![allow(x)]\n// like #[allow(x)]\n";
    check(
        "crates/a/src/a.rs",
        off,
        expect![[r#"
        crates/a/src/a.rs:2: a test that is not run; mend it or take it out
        crates/a/src/a.rs:3: a lint that is allowed; write `#[expect(..., reason = "...")]`
        crates/a/src/a.rs:4: a lint that is allowed; write `#![expect(..., reason = "...")]`"#]],
    );
}

#[test]
fn money_is_never_a_float() {
    let floats = "//! For f64.\nlet a: f64 = b; // as f32\nlet my_f64x = 1_f32;\nf(1 as f32);\n";
    check(
        "crates/bursar-meter/src/a.rs",
        floats,
        expect![[r#"
        crates/bursar-meter/src/a.rs:2: a float in a crate that counts money
        crates/bursar-meter/src/a.rs:4: a float in a crate that counts money"#]],
    );
    check("crates/bursar-portal/src/a.rs", floats, expect![[""]]);
}

#[test]
fn no_place_of_one_machine_is_named() {
    // In parts, so that this file does not name them either.
    let places = concat!("see /wo", "rk/a and docs/wo", "rk/\nget https://PY", "PI.org/x\n");
    let said = told(text::check(&file("docs/a.md", places)));
    let wanted = [
        concat!("docs/a.md:1: `/wo", "rk/` is not a place that every reader has"),
        concat!("docs/a.md:2: `py", "pi.org` is not a place that every reader has"),
    ];
    assert_eq!(said.lines().collect::<Vec<_>>(), wanted);
    check("Cargo.lock", places, expect![[""]]);
}

#[test]
fn links_lead_somewhere() {
    let page = "[a](b.md#x) [b](../README.md) [c](gone.md)\n`[d](code.md)` [e](https://x.org/y)\n\
                ```\n[f](fenced.md)\n```\n[g](#here) [h](..) [i](../..) [j](sub/ \"title\")\n";
    let files = [file("docs/a.md", page), file("docs/b.md", ""), file("README.md", "")];
    expect![[r#"
        docs/a.md:1: a link to `gone.md`, which is not there
        docs/a.md:6: a link to `../..`, which is not there
        docs/a.md:6: a link to `sub/`, which is not there"#]]
    .assert_eq(&told(links::check(&files)));
}

#[test]
fn each_failure_names_tests_that_are_there() {
    let page = "\
| failure | what keeps us | test |
| --- | --- | --- |
| a | b | `bursar-lease::tests::it_holds`, `bursar::nodes::money::shared` |
| a `x` | b | `tests/story/test_money.py::test_kill` and measured |
| a | b | `bursar-lease::tests::helper` |
| a | b | `bursar-lease::tests::it_hold` |
| a | b | `bursar-lease::gone::it_holds` `it_holds` |
| a | b | `tests/story/test_money.py::settled` `tests/story/test_money.py::test_inner` |
| a | `bursar-lease::tests::it_holds` | none yet |
";
    let tests = "#[test]\nfn it_holds() {\n    fn helper() {}\n}\n\nfn helper() {}\n";
    let shared = "#[tokio::test(flavor = \"multi_thread\")]\nasync fn shared() {\n}\n";
    let python = "def settled(server):\n    def test_inner():\n\ndef test_kill(server):\n";
    let files = |page: &str| {
        [
            file("docs/FAILURES.md", page),
            file("crates/bursar-lease/src/tests.rs", tests),
            file("crates/bursar/tests/nodes/money.rs", shared),
            file("tests/story/test_money.py", python),
        ]
    };
    expect![[r#"
        docs/FAILURES.md:5: there is no test `bursar-lease::tests::helper`
        docs/FAILURES.md:6: there is no test `bursar-lease::tests::it_hold`
        docs/FAILURES.md:7: there is no test `bursar-lease::gone::it_holds`
        docs/FAILURES.md:7: there is no test `it_holds`
        docs/FAILURES.md:8: there is no test `tests/story/test_money.py::settled`
        docs/FAILURES.md:8: there is no test `tests/story/test_money.py::test_inner`
        docs/FAILURES.md:9: a failure without a test"#]]
    .assert_eq(&told(failures::check(&files(page))));
    expect!["docs/FAILURES.md:1: no table names a test"]
        .assert_eq(&told(failures::check(&files("No table.\n"))));
    expect!["docs/FAILURES.md:1: the document on failures is not there"]
        .assert_eq(&told(failures::check(&[])));
}

#[test]
fn rules_never_reach_the_world_or_a_sibling() {
    let award = |dependencies, reach| package("bursar-award", dependencies, reach);
    check_law(award(&["bursar-kernel", "bursar-toml", "dev:tokio"], &["serde"]), expect![[""]]);
    check_law(
        award(&["bursar-ledger"], &["tokio", "getrandom"]),
        expect![[r#"
            crates/bursar-award/Cargo.toml:1: `bursar-award` is a rule and reaches `getrandom`; `cargo tree -p bursar-award -e normal -i getrandom` shows how
            crates/bursar-award/Cargo.toml:1: `bursar-award` is a rule and reaches `tokio`; `cargo tree -p bursar-award -e normal -i tokio` shows how
            crates/bursar-award/Cargo.toml:1: `bursar-award` is a rule and depends on `bursar-ledger`; hand it in instead"#]],
    );
    check_law(
        package("bursar-kernel", &["bursar-toml"], &[]),
        expect![
            "crates/bursar-kernel/Cargo.toml:1: `bursar-kernel` is a rule and depends on `bursar-toml`; hand it in instead"
        ],
    );
}

#[test]
fn stores_know_no_door_and_one_crate_each_knows_a_driver() {
    check_law(
        package("bursar-store", &[], &["bursar-kernel", "bursar-service"]),
        expect![
            "crates/bursar-store/Cargo.toml:1: `bursar-store` remembers and reaches the door `bursar-service`"
        ],
    );
    check_law(package("bursar-store-sqlite", &["rusqlite"], &[]), expect![[""]]);
    check_law(
        package("bursar-store-sqlite", &["tokio-postgres"], &[]),
        expect![
            "crates/bursar-store-sqlite/Cargo.toml:1: `bursar-store-sqlite` names `tokio-postgres`; only `bursar-store-postgres` may"
        ],
    );
    check_law(
        package("bursar-store-postgres", &["tokio-postgres", "deadpool-postgres"], &[]),
        expect![[""]],
    );
    check_law(
        package("bursar-service", &["dev:rusqlite"], &[]),
        expect![
            "crates/bursar-service/Cargo.toml:1: `bursar-service` names `rusqlite`; only `bursar-store-sqlite` may"
        ],
    );
    check_law(package("bursar-service", &["dev:bursar-store-sqlite"], &[]), expect![[""]]);
    check_law(
        package("bursar-service", &["bursar-store-sqlite"], &[]),
        expect![
            "crates/bursar-service/Cargo.toml:1: `bursar-service` depends on `bursar-store-sqlite`; only `bursar` chooses an engine"
        ],
    );
    check_law(package("bursar", &["bursar-store-sqlite"], &[]), expect![[""]]);
}

#[test]
fn doors_stand_side_by_side() {
    check_law(
        package("bursar-portal", &["bursar-service", "dev:bursar-api"], &[]),
        expect![
            "crates/bursar-portal/Cargo.toml:1: `bursar-portal` is a door and depends on the door `bursar-api`"
        ],
    );
}

#[test]
fn the_map_shows_the_rooms_and_rooms_say_what_they_are() {
    let map = "| crate | what |\n| **Rules** | |\n| `bursar-award` | x |\n| `bursar-moon` | x |\n\
               | `bursar-award` | x |\n";
    let award = "//! The award, in a sentence\n//! of two lines. Never tired.\n//!\n//! More.\n";
    let files = [
        file("ARCHITECTURE.md", map),
        file("crates/bursar-award/src/lib.rs", award),
        file("crates/bursar-vague/src/lib.rs", "//! Something. It is nice.\n"),
        file("crates/bursar-mute/src/main.rs", "fn main() {}\n"),
    ];
    let names = ["bursar-award", "bursar-vague", "bursar-mute", "bursar-empty"];
    let packages: Vec<Package> = names.iter().map(|name| package(name, &[], &[])).collect();
    expect![[r#"
        ARCHITECTURE.md:4: the table has `bursar-moon`, which is no member of the workspace
        ARCHITECTURE.md:5: the table has `bursar-award` twice
        ARCHITECTURE.md:1: the table has no row for `bursar-vague`
        ARCHITECTURE.md:1: the table has no row for `bursar-mute`
        ARCHITECTURE.md:1: the table has no row for `bursar-empty`
        crates/bursar-vague/src/lib.rs:2: the crate's second sentence does not say what it never does
        crates/bursar-mute/src/main.rs:1: the crate does not say what it is for
        crates/bursar-empty/Cargo.toml:1: a crate without a `src/lib.rs`"#]].assert_eq(&told(architecture::check(
        Path::new("/tree"),
        &files,
        &packages,
    )));
}

#[test]
fn the_binary_grows_no_heavier_unseen() {
    let binary = || package("bursar", &[], &["axum", "serde", "tokio"]);
    let said = |map: &str| told(architecture::weight(map, &[binary()]).into_iter().collect());
    assert_eq!(said("The binary is built from 3 crates."), "");
    expect![[
        "ARCHITECTURE.md:2: the binary is built from 3 crates, above the 2 stated: drop some, or \
         measure the build again and state both figures"
    ]]
    .assert_eq(&said("\nThe binary is built from 2 crates."));
    expect![["ARCHITECTURE.md:1: nothing says `The binary is built from N crates`"]]
        .assert_eq(&said("# Map"));
}
