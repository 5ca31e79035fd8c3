//! A copy of the tree to take guards out of, with a target folder of its own.
//!
//! It lies below `target/guards`: the files as they are on the disk, committed or not, each written
//! only where it differs, so that what was built from it stays good. A copy that a broken run
//! left without a guard is whole again after the next [`Scratch::make`].

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::process::{command, read};
use crate::workspace::Workspace;

/// What may share its bytes with the tree's own build: a compiler writes these anew, never in
/// place. All else is copied.
const SHARED: [&str; 3] = ["rlib", "rmeta", "so"];

/// The copy.
pub(super) struct Scratch {
    /// The tree that it is a copy of.
    root: PathBuf,
    /// Its own root.
    pub(super) tree: PathBuf,
    /// Where it is built.
    pub(super) target: PathBuf,
    /// What builds and tests have said.
    pub(super) logs: PathBuf,
}

impl Scratch {
    /// The copy, as the tree is now.
    pub(super) fn make(root: &Path, workspace: &Workspace) -> Result<Self> {
        let place = workspace.target_directory.join("guards");
        let scratch = Self {
            root: root.to_owned(),
            tree: place.join("tree"),
            target: place.join("target"),
            logs: place.join("logs"),
        };
        for folder in [&scratch.tree, &scratch.logs] {
            fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
        }
        scratch.follow()?;
        if !scratch.target.exists() {
            let members = workspace.packages.iter().map(|member| member.name.replace('-', "_"));
            let members: BTreeSet<String> = members.collect();
            let from = workspace.target_directory.join("debug");
            for folder in ["deps", "build", ".fingerprint"] {
                borrow(&from.join(folder), &scratch.target.join("debug").join(folder), &members)?;
            }
        }
        Ok(scratch)
    }

    /// Makes the copy what the tree is.
    fn follow(&self) -> Result<()> {
        let list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
        let list = read(&mut command("git", &list, &self.root))?;
        let mut wanted = BTreeSet::new();
        for path in list.split('\0').filter(|path| !path.is_empty()) {
            // What is deleted and not yet committed so is still on the list.
            if self.root.join(path).is_file() {
                wanted.insert(PathBuf::from(path));
                self.restore(path)?;
            }
        }
        let mut there = Vec::new();
        files_below(&self.tree, &mut there)?;
        for file in there {
            let path = file.strip_prefix(&self.tree).context("find a file of the copy")?;
            if !wanted.contains(path) {
                fs::remove_file(&file).with_context(|| format!("remove {}", file.display()))?;
            }
        }
        Ok(())
    }

    /// The text of a file of the tree.
    pub(super) fn original(&self, path: &str) -> Result<String> {
        fs::read_to_string(self.root.join(path)).with_context(|| format!("read `{path}`"))
    }

    /// Makes one file of the copy what the tree's is.
    pub(super) fn restore(&self, path: &str) -> Result<()> {
        let from = self.root.join(path);
        let bytes = fs::read(&from).with_context(|| format!("read `{path}`"))?;
        self.put(path, &bytes)
    }

    /// Writes one file of the copy.
    pub(super) fn write(&self, path: &str, text: &str) -> Result<()> {
        self.put(path, text.as_bytes())
    }

    /// A file that is written is newer than what was built from it before, as cargo asks; one
    /// that stays the same keeps its time.
    fn put(&self, path: &str, bytes: &[u8]) -> Result<()> {
        let to = self.tree.join(path);
        if fs::read(&to).is_ok_and(|there| there == bytes) {
            return Ok(());
        }
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
        }
        fs::write(&to, bytes).with_context(|| format!("write {}", to.display()))
    }
}

/// Every file below a folder.
fn files_below(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("list {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            files_below(&entry.path(), found)?;
        } else {
            found.push(entry.path());
        }
    }
    Ok(())
}

/// Takes over what the tree's own build has of crates that are not members: those are the same in
/// both, and take the longest. Nothing of it needs to be there.
///
/// Once, and all together: crates of two builds do not always fit each other.
fn borrow(from: &Path, to: &Path, members: &BTreeSet<String>) -> Result<()> {
    if !from.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(to).with_context(|| format!("make {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("list {}", from.display()))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !is_of_a_member(&name, members) {
            take(&entry.path(), &to.join(&name))?;
        }
    }
    Ok(())
}

/// Whether a file or folder of the target folder belongs to a member: `libbursar_ui-1f….rlib`,
/// `bursar-ui-1f…`, or the binary of a member's tests, which has no ending.
fn is_of_a_member(name: &str, members: &BTreeSet<String>) -> bool {
    let stem = name.rsplit_once('-').map_or(name, |(stem, _)| stem).replace('-', "_");
    members.contains(&stem) || stem.strip_prefix("lib").is_some_and(|stem| members.contains(stem))
}

/// One file, or a folder with all in it, with its time: cargo compares times.
fn take(from: &Path, to: &Path) -> Result<()> {
    let said = || format!("copy {}", from.display());
    let about = fs::metadata(from).with_context(said)?;
    if about.is_dir() {
        fs::create_dir_all(to).with_context(said)?;
        for entry in fs::read_dir(from).with_context(said)? {
            let entry = entry?;
            take(&entry.path(), &to.join(entry.file_name()))?;
        }
        return Ok(());
    }
    let ending = from.extension().and_then(|ending| ending.to_str());
    if ending.is_some_and(|ending| SHARED.contains(&ending)) {
        return fs::hard_link(from, to).with_context(said);
    }
    fs::copy(from, to).with_context(said)?;
    let file = fs::OpenOptions::new().append(true).open(to).with_context(said)?;
    file.set_modified(about.modified()?).with_context(said)
}

#[cfg(test)]
mod tests {
    //! What is a member's.

    use super::*;

    #[test]
    fn what_members_build_is_told_from_what_others_do() {
        let members = BTreeSet::from(["bursar".to_owned(), "bursar_ui".to_owned()]);
        for name in ["libbursar_ui-1f.rlib", "bursar-ui-1f", "bursar-1f", "bursar_ui-1f.d"] {
            assert!(is_of_a_member(name, &members), "{name}");
        }
        for name in ["libserde-1f.rlib", "serde-1f", "libbursar_uix-1f.rmeta"] {
            assert!(!is_of_a_member(name, &members), "{name}");
        }
    }
}
