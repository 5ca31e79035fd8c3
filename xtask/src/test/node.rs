//! What the tests in JavaScript import: the official Node SDK, as its lock file has it.

use std::fs;

use anyhow::{Context as _, Result};

use super::python::fingerprint;
use super::steps::{Context, Outcome};
use super::tools::tools;
use crate::process::{command, show};

/// Where they are. Node looks for what they import in a folder beside them.
const FOLDER: &str = "tests/clients/node";
/// What they need, pinned.
const LOCK: &str = "package-lock.json";

/// Installs what the lock file names, unless it is there.
pub(super) fn step(context: &Context) -> Result<Outcome> {
    let tools = tools(&context.root)?;
    let folder = context.root.join(FOLDER);
    let lock = folder.join(LOCK);
    let wanted = fs::read_to_string(&lock).with_context(|| format!("read `{FOLDER}/{LOCK}`"))?;
    let marker = folder.join("node_modules").join("made-from");
    if fs::read_to_string(&marker).is_ok_and(|made| made == fingerprint(&wanted)) {
        return Ok(Outcome::Passed);
    }
    // Scripts of packages are not run: what is imported needs none.
    let arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
    show(&mut command(tools.npm, &arguments, &folder))?;
    // Last, so that what was left half installed is installed anew.
    fs::write(&marker, fingerprint(&wanted)).context("mark the packages as installed")?;
    Ok(Outcome::Passed)
}
