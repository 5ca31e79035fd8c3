//! The laws of the tree that neither the compiler, nor rustfmt, nor clippy keeps.
//!
//! Each law is a plain function over file texts and manifests, so that each can be seen to fail.

mod architecture;
pub(crate) mod failures;
mod law;
mod links;
mod text;

use std::fmt;
use std::path::Path;

use anyhow::{Context, Result};

use crate::process::{command, read};
use crate::workspace::{self, Package};

/// One breach of a law.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Violation {
    /// The file, from the root.
    file: String,
    /// The line, from 1.
    line: usize,
    /// What is wrong: a fragment.
    message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

impl Violation {
    fn new(file: &str, line: usize, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line, message: message.into() }
    }
}

/// A file of the tree.
#[derive(Clone, Debug)]
pub(crate) struct File {
    /// Its path from the root, with `/`.
    path: String,
    /// How large it is.
    bytes: usize,
    /// Its text; `None` for pictures and the like.
    text: Option<String>,
}

/// Prints every breach, and says whether there was none.
pub(crate) fn report(root: &Path) -> Result<bool> {
    let files = files(root)?;
    let mut packages = workspace::load(root)?.packages;
    for package in &mut packages {
        if law::concerns_reach(&package.name) {
            package.reach = workspace::reach(root, &package.name)?;
        }
    }
    let found = violations(root, &files, &packages);
    for violation in &found {
        println!("{violation}");
    }
    match found.len() {
        0 => println!("tidy: {} files keep the laws", files.len()),
        1 => println!("tidy: 1 violation"),
        count => println!("tidy: {count} violations"),
    }
    Ok(found.is_empty())
}

/// Every breach, in the order of the files.
fn violations(root: &Path, files: &[File], packages: &[Package]) -> Vec<Violation> {
    let mut found: Vec<Violation> = files.iter().flat_map(text::check).collect();
    found.extend(text::check_crate_sizes(files));
    found.extend(links::check(files));
    found.extend(failures::check(files));
    found.extend(law::check(root, packages));
    found.extend(architecture::check(root, files, packages));
    found.sort();
    found.dedup();
    found
}

/// Every file that is in the repository or about to be, as it is on the disk.
fn files(root: &Path) -> Result<Vec<File>> {
    let arguments = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let list = read(&mut command("git", &arguments, root))?;
    let mut files = Vec::new();
    for path in list.split('\0').filter(|path| !path.is_empty()) {
        let on_disk = root.join(path);
        // A file that is deleted and not yet committed so is still on the list.
        if !on_disk.is_file() {
            continue;
        }
        let bytes = std::fs::read(&on_disk).with_context(|| format!("read `{path}`"))?;
        let size = bytes.len();
        let text = String::from_utf8(bytes).ok();
        files.push(File { path: path.to_owned(), bytes: size, text });
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files.dedup_by(|a, b| a.path == b.path);
    Ok(files)
}

/// The path of something below the root, as violations write it.
fn from_root(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests;
