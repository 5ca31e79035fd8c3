//! The runner stops at the first failure, and says so.

#![expect(clippy::needless_raw_string_hashes, reason = "expect-test writes its data so")]

use anyhow::bail;
use expect_test::{Expect, expect};

use super::python::fingerprint;
use super::steps::{Outcome, STEPS, Step};
use super::tools::advice;
use super::{list, run, run_steps};

/// Runs the first four steps, each to the outcome that a word names.
fn check(outcomes: [&str; 4], expected: Expect) {
    let steps: Vec<&Step> = STEPS.iter().take(4).collect();
    let (lines, failure) = run_steps(&steps, |step| {
        let index = STEPS.iter().position(|other| other.name == step.name).unwrap();
        match outcomes[index] {
            "pass" => Ok(Outcome::Passed),
            "nothing" => Ok(Outcome::Nothing),
            word => bail!("{word}"),
        }
    });
    let mut told: Vec<String> =
        lines.iter().map(|line| format!("{}: {}", line.name, line.outcome)).collect();
    told.extend(failure.map(|(name, error)| format!("failed at {name}: {error}")));
    expected.assert_eq(&told.join("\n"));
}

#[test]
fn steps_run_in_order_up_to_the_first_failure() {
    check(
        ["pass", "pass", "nothing", "pass"],
        expect![[r#"
        tools: passed
        fmt: passed
        tidy: nothing there
        clippy: passed"#]],
    );
    check(
        ["pass", "broke", "pass", "pass"],
        expect![[r#"
        tools: passed
        fmt: FAILED
        tidy: not run
        clippy: not run
        failed at fmt: broke"#]],
    );
}

#[test]
fn a_step_that_is_not_there_is_an_error_that_lists_the_others() {
    let error = run(std::path::Path::new("."), Some("untit")).unwrap_err().to_string();
    assert!(error.contains("no such step") && error.contains("clippy"), "{error}");
    assert_eq!(list().lines().count(), STEPS.len());
}

#[test]
fn what_is_missing_is_said_in_one_line() {
    expect!["no chromium, no chromedriver; install them (Debian: `apt-get install chromium chromium-driver`)"].assert_eq(&advice(&["chromium", "chromedriver"]));
    expect![
        "no python3 with `venv`; install them (Debian: `apt-get install python3 python3-venv`)"
    ]
    .assert_eq(&advice(&["python3 with `venv`"]));
}

#[test]
fn other_requirements_make_another_environment() {
    assert_eq!(fingerprint("openai==2.0.0"), fingerprint("openai==2.0.0"));
    assert_ne!(fingerprint("openai==2.0.0"), fingerprint("openai==2.0.1"));
}
