//! The steps, in their order.

use std::path::PathBuf;

use anyhow::{Result, bail};

use super::{node, python, tools};
use crate::process::{command, show};
use crate::tidy;

/// One step.
pub(super) struct Step {
    /// What `--only` calls it.
    pub(super) name: &'static str,
    /// What it is for.
    pub(super) about: &'static str,
    /// What it does.
    pub(super) run: fn(&Context) -> Result<Outcome>,
}

/// Where the steps work.
pub(super) struct Context {
    /// The repository.
    pub(super) root: PathBuf,
    /// Where cargo builds, and where the Python environment lives.
    pub(super) target: PathBuf,
}

/// What a step that did not fail came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It found nothing wrong.
    Passed,
    /// It had nothing to look at.
    Nothing,
}

/// Cheap steps first, so that a slip shows in seconds.
pub(super) const STEPS: [Step; 17] = [
    Step { name: "tools", about: "browser, Python, Node, PostgreSQL are here", run: tools::step },
    Step { name: "fmt", about: "the code is formatted", run: fmt },
    Step { name: "tidy", about: "the laws of the tree hold", run: tidy },
    Step { name: "clippy", about: "no lint has anything to say", run: clippy },
    Step { name: "unit", about: "unit, property and story tests in Rust", run: unit },
    Step { name: "simulate", about: "nodes that borrow, on fresh seeds", run: simulate },
    Step { name: "release", about: "the binary as it ships", run: release },
    Step { name: "python", about: "the Python environment of the tests below", run: python::step },
    Step { name: "node", about: "the packages of the tests in JavaScript", run: node::step },
    Step { name: "sandbox", about: "the sandbox's wire format", run: python::sandbox },
    Step { name: "review", about: "scores, worked out another way", run: python::review },
    Step { name: "sdk", about: "the official SDKs against the gateway", run: python::sdk },
    Step { name: "clients", about: "Node, agents, evaluations as clients", run: python::clients },
    Step { name: "story", about: "whole stories against the binary", run: python::story },
    Step { name: "mail", about: "mail over a real SMTP server", run: python::mail },
    Step { name: "identity", about: "real OpenID providers", run: python::identity },
    Step { name: "browser", about: "the pages in a real browser", run: python::browser },
];

/// What `cargo xtask story` runs besides: a walk of minutes, with a picture of every fact.
pub(super) const FACTS: Step =
    Step { name: "facts", about: "every fact of the story, seen", run: python::facts };

fn fmt(context: &Context) -> Result<Outcome> {
    cargo(context, &["fmt", "--all", "--check"])
}

fn tidy(context: &Context) -> Result<Outcome> {
    if tidy::report(&context.root)? { Ok(Outcome::Passed) } else { bail!("the tree is not tidy") }
}

fn clippy(context: &Context) -> Result<Outcome> {
    cargo(context, &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])
}

fn unit(context: &Context) -> Result<Outcome> {
    cargo(context, &["test", "--workspace"])
}

/// Lives enough for half a minute on two cores.
fn simulate(context: &Context) -> Result<Outcome> {
    crate::simulate::run(&context.root, &["seeds", "2000"])?;
    Ok(Outcome::Passed)
}

fn release(context: &Context) -> Result<Outcome> {
    cargo(context, &["build", "--release", "--package", "bursar"])
}

fn cargo(context: &Context, arguments: &[&str]) -> Result<Outcome> {
    show(&mut command("cargo", arguments, &context.root))?;
    Ok(Outcome::Passed)
}
