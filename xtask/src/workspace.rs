//! What cargo knows of this workspace: its members, and which crates each of them reaches.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::process::{command, read};

/// The workspace.
#[derive(Debug, Deserialize)]
pub(crate) struct Workspace {
    /// Its members.
    pub(crate) packages: Vec<Package>,
    /// Where cargo builds.
    pub(crate) target_directory: PathBuf,
}

/// One member.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Package {
    /// Its name.
    pub(crate) name: String,
    /// Its `Cargo.toml`.
    pub(crate) manifest_path: PathBuf,
    /// What its manifest names.
    pub(crate) dependencies: Vec<Dependency>,
    /// Every crate that its code can reach, on this platform, tests and build scripts apart.
    #[serde(skip)]
    pub(crate) reach: BTreeSet<String>,
}

/// One line of a manifest's dependencies.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Dependency {
    /// The crate it names.
    pub(crate) name: String,
    /// `None` for the code itself; else `dev` or `build`.
    pub(crate) kind: Option<String>,
}

impl Package {
    /// The crates that its manifest names for its code, tests and build scripts apart.
    pub(crate) fn normal(&self) -> impl Iterator<Item = &str> {
        let normal = self.dependencies.iter().filter(|dependency| dependency.kind.is_none());
        normal.map(|dependency| dependency.name.as_str())
    }

    /// The crates that its manifest names for whatever purpose.
    pub(crate) fn named(&self) -> impl Iterator<Item = &str> {
        self.dependencies.iter().map(|dependency| dependency.name.as_str())
    }
}

/// Asks cargo for the members.
pub(crate) fn load(root: &Path) -> Result<Workspace> {
    let arguments = ["metadata", "--no-deps", "--format-version", "1"];
    let json = read(&mut command("cargo", &arguments, root))?;
    serde_json::from_str(&json).context("read what `cargo metadata` wrote")
}

/// Asks cargo what a member's code reaches. `cargo tree` resolves features for that member alone,
/// so a feature that only a door switches on does not count against a rule.
pub(crate) fn reach(root: &Path, package: &str) -> Result<BTreeSet<String>> {
    let arguments = ["tree", "-p", package, "-e", "normal", "--prefix", "none", "-f", "{p}"];
    let tree = read(&mut command("cargo", &arguments, root))?;
    let names = tree.lines().filter_map(|line| line.split_whitespace().next());
    Ok(names.filter(|name| *name != package).map(str::to_owned).collect())
}
