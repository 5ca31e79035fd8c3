//! `cargo xtask simulate` and `cargo xtask guards`: the book and its nodes, on seeds.

use std::path::Path;

use anyhow::Result;

use crate::process::{command, show};

/// Runs the simulation, compiled to be fast and with every check on.
pub(crate) fn run(root: &Path, arguments: &[&str]) -> Result<bool> {
    let cargo = ["run", "--quiet", "--profile", "sim", "--package", "bursar-sim", "--"];
    let all: Vec<&str> = cargo.iter().chain(arguments).copied().collect();
    show(&mut command("cargo", &all, root))?;
    Ok(true)
}
