//! Tests that come from outside: the official SDKs, the wire format, stories, a browser.
//!
//! Each suite is a folder below `tests/`. A suite that is there and has no test fails: an empty
//! suite proves nothing.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::steps::{Context, Outcome};
use super::tools::tools;
use crate::process::{command, show};

/// What the suites need, pinned.
const REQUIREMENTS: &str = "tests/requirements.txt";
/// The suites, each with a step of its own.
const SUITES: [&str; 9] =
    ["sandbox", "review", "sdk", "clients", "story", "mail", "identity", "browser", "facts"];

/// Makes the environment, unless one of the same requirements is there.
pub(super) fn step(context: &Context) -> Result<Outcome> {
    let folders = SUITES.iter().map(|suite| context.root.join("tests").join(suite));
    if !folders.into_iter().any(|folder| folder.is_dir()) {
        bail!("no suite below `tests/`; there should be {}", SUITES.join(", "));
    }
    let tools = tools(&context.root)?;
    let path = context.root.join(REQUIREMENTS);
    let wanted = fs::read_to_string(&path).with_context(|| format!("read `{REQUIREMENTS}`"))?;
    let wanted = format!("{}\n{wanted}", tools.python.display());
    let environment = environment(&context.target);
    let marker = environment.join("made-from");
    if fs::read_to_string(&marker).is_ok_and(|made| made == fingerprint(&wanted)) {
        return Ok(Outcome::Passed);
    }
    if environment.exists() {
        fs::remove_dir_all(&environment).context("take the earlier environment away")?;
    }
    let folder = environment.to_string_lossy();
    show(&mut command(&tools.python, &["-m", "venv", &folder], &context.root))?;
    let install = ["-m", "pip", "install", "-q", "--disable-pip-version-check", "-r"];
    let arguments = [&install[..], &[REQUIREMENTS]].concat();
    show(&mut command(environment.join("bin/python"), &arguments, &context.root))?;
    // Last, so that an environment that was left half made is made anew.
    fs::write(&marker, fingerprint(&wanted)).context("mark the environment as made")?;
    Ok(Outcome::Passed)
}

/// The sandbox's wire format.
pub(super) fn sandbox(context: &Context) -> Result<Outcome> {
    suite(context, "sandbox")
}

/// What the rules make of scores, worked out another way.
pub(super) fn review(context: &Context) -> Result<Outcome> {
    suite(context, "review")
}

/// The official SDKs.
pub(super) fn sdk(context: &Context) -> Result<Outcome> {
    suite(context, "sdk")
}

/// Clients that people bring: the Node SDK, agents, an evaluation.
pub(super) fn clients(context: &Context) -> Result<Outcome> {
    suite(context, "clients")
}

/// Whole stories.
pub(super) fn story(context: &Context) -> Result<Outcome> {
    suite(context, "story")
}

/// Mail over a real SMTP server.
pub(super) fn mail(context: &Context) -> Result<Outcome> {
    suite(context, "mail")
}

/// Signing in with real `OpenID` providers.
pub(super) fn identity(context: &Context) -> Result<Outcome> {
    suite(context, "identity")
}

/// The pages in a browser: two at a time, each with a demonstration of its own.
pub(super) fn browser(context: &Context) -> Result<Outcome> {
    suite_with(context, "browser", &["-n", "2"])
}

/// Every fact of the story. What was seen is a table, with pictures, below `target/story`.
pub(super) fn facts(context: &Context) -> Result<Outcome> {
    let outcome = suite(context, "facts");
    let table = context.target.join("story").join("table.md");
    if let Ok(text) = fs::read_to_string(&table) {
        println!("{text}\n{}", table.display());
    }
    outcome
}

/// Runs one suite on the binary as it ships.
fn suite(context: &Context, name: &str) -> Result<Outcome> {
    suite_with(context, name, &[])
}

/// The same, with more said to pytest, which fails where it finds no test.
fn suite_with(context: &Context, name: &str, more: &[&str]) -> Result<Outcome> {
    let folder = format!("tests/{name}");
    if !context.root.join(&folder).is_dir() {
        println!("there is no `{folder}`");
        return Ok(Outcome::Nothing);
    }
    let binary = context.target.join("release").join("bursar");
    if !binary.is_file() {
        bail!("no `{}`\nhint: `cargo xtask test --only release` makes it", binary.display());
    }
    let python = environment(&context.target).join("bin/python");
    if !python.is_file() {
        bail!("no Python environment\nhint: `cargo xtask test --only python` makes it");
    }
    let tools = tools(&context.root)?;
    let arguments = ["-m", "pytest", "-q", "-p", "no:cacheprovider", &folder];
    show(
        command(python, &[&arguments[..], more].concat(), &context.root)
            .env("BURSAR_BIN", binary)
            .env("BURSAR_CHROMIUM", tools.chromium)
            .env("BURSAR_CHROMEDRIVER", tools.chromedriver)
            .env("BURSAR_NODE", tools.node)
            .env("BURSAR_STORY", context.target.join("story"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env_remove("BURSAR_SANDBOX_URL"),
    )?;
    Ok(Outcome::Passed)
}

fn environment(target: &Path) -> PathBuf {
    target.join("venv")
}

/// The same for the same text; another one costs no more than a new environment.
pub(super) fn fingerprint(text: &str) -> String {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
