//! The list of guards: `xtask/guards.toml`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::tidy::failures::{self, Row};

const LIST: &str = "xtask/guards.toml";

/// One guard: where it stands, what stands there without it, and what has to fail then.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Guard {
    /// What `--only` calls it.
    pub(super) name: String,
    /// How the row of `docs/FAILURES.md` begins that it keeps from happening.
    pub(super) row: String,
    /// The file, from the root.
    pub(super) file: String,
    /// The guard's text, which stands once in that file.
    pub(super) find: String,
    /// What stands there when it is taken out.
    pub(super) replace: String,
    /// The test, as the row names it.
    pub(super) test: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    guard: Vec<Guard>,
}

impl Guard {
    /// Its file's text without it.
    pub(super) fn taken_out(&self, text: &str) -> Result<String> {
        let (name, file) = (&self.name, &self.file);
        if self.find == self.replace {
            bail!("guard `{name}`: what replaces it is the guard itself");
        }
        match text.matches(&self.find).count() {
            1 => Ok(text.replacen(&self.find, &self.replace, 1)),
            0 => bail!(
                "guard `{name}`: its text is not in `{file}`\n\
                 hint: the code has changed; write in {LIST} what the guard is now"
            ),
            count => bail!(
                "guard `{name}`: its text stands {count} times in `{file}`\n\
                 hint: add a line before or behind it in {LIST}, so that it stands once"
            ),
        }
    }

    /// What is wrong with its entry, held against the code and against the document.
    fn faults(&self, root: &Path, rows: &[Row<'_>]) -> Vec<String> {
        let mut faults = Vec::new();
        match fs::read_to_string(root.join(&self.file)) {
            Err(error) => faults.push(format!("guard `{}`: `{}`: {error}", self.name, self.file)),
            Ok(text) => faults.extend(self.taken_out(&text).err().map(|error| error.to_string())),
        }
        let mut named = rows.iter().filter(|row| row.failure.starts_with(&self.row));
        match (named.next(), named.next()) {
            (Some(row), None) if row.tests.contains(&self.test.as_str()) => {}
            (Some(_), None) => {
                faults.push(format!("guard `{}`: its row does not name its test", self.name));
            }
            (None, _) => faults.push(format!("guard `{}`: no row begins so", self.name)),
            (Some(_), Some(_)) => {
                faults.push(format!("guard `{}`: two rows begin so", self.name));
            }
        }
        faults
    }
}

/// The guards, in the order of the file.
pub(super) fn read(root: &Path) -> Result<Vec<Guard>> {
    let text = fs::read_to_string(root.join(LIST)).with_context(|| format!("read {LIST}"))?;
    parse(&text).with_context(|| format!("read {LIST}"))
}

fn parse(text: &str) -> Result<Vec<Guard>> {
    let list: List = toml::from_str(text)?;
    let mut names = BTreeSet::new();
    for guard in &list.guard {
        if !names.insert(&guard.name) {
            bail!("two guards are called `{}`", guard.name);
        }
    }
    Ok(list.guard)
}

/// Everything that is wrong with entries of the list.
pub(super) fn faults(root: &Path, guards: &[Guard]) -> Result<Vec<String>> {
    let document = document(root)?;
    let rows = failures::rows(&document);
    Ok(guards.iter().flat_map(|guard| guard.faults(root, &rows)).collect())
}

/// The rows of the document that no guard is listed for: below which heading, and what has failed.
pub(super) fn uncovered(root: &Path, guards: &[Guard]) -> Result<Vec<(String, String)>> {
    let document = document(root)?;
    let mut rows = failures::rows(&document);
    rows.retain(|row| !guards.iter().any(|guard| row.failure.starts_with(&guard.row)));
    Ok(rows.into_iter().map(|row| (row.section.to_owned(), row.failure.to_owned())).collect())
}

fn document(root: &Path) -> Result<String> {
    let path = root.join(failures::DOCUMENT);
    fs::read_to_string(path).with_context(|| format!("read {}", failures::DOCUMENT))
}
