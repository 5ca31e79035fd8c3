//! The map and the rooms agree: the crate table, and what each crate says of itself.

use std::collections::BTreeSet;
use std::path::Path;

use super::law::BINARY;
use super::{File, Violation, from_root};
use crate::workspace::Package;

const MAP: &str = "ARCHITECTURE.md";

/// Breaches of the map, and crates that do not say what they are for or what they never do.
pub(super) fn check(root: &Path, files: &[File], packages: &[Package]) -> Vec<Violation> {
    let text = |path: &str| {
        files.iter().find(|file| file.path == path).and_then(|file| file.text.as_deref())
    };
    let mut found = map(text(MAP).unwrap_or_default(), packages);
    found.extend(weight(text(MAP).unwrap_or_default(), packages));
    for package in packages {
        let manifest = from_root(root, &package.manifest_path);
        let folder = manifest.strip_suffix("Cargo.toml").unwrap_or_default();
        let lib = format!("{folder}src/lib.rs");
        let main = format!("{folder}src/main.rs");
        match text(&lib).map(|text| (&lib, text)).or_else(|| text(&main).map(|text| (&main, text)))
        {
            Some((path, text)) => found.extend(first_lines(path, text)),
            None => found.push(Violation::new(&manifest, 1, "a crate without a `src/lib.rs`")),
        }
    }
    found
}

/// The crate table against the members.
fn map(text: &str, packages: &[Package]) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut rows = BTreeSet::new();
    for (line, number) in text.lines().zip(1..) {
        let Some(name) = row(line) else { continue };
        if !packages.iter().any(|package| package.name == name) {
            let message = format!("the table has `{name}`, which is no member of the workspace");
            found.push(Violation::new(MAP, number, message));
        }
        if !rows.insert(name) {
            found.push(Violation::new(MAP, number, format!("the table has `{name}` twice")));
        }
    }
    for package in packages.iter().filter(|package| !rows.contains(package.name.as_str())) {
        let message = format!("the table has no row for `{}`", package.name);
        found.push(Violation::new(MAP, 1, message));
    }
    found
}

/// What the map says before the number of crates that the binary is built from.
const WEIGHT: &str = "The binary is built from ";

/// The binary is built from no more crates than the map says: build time grows unseen otherwise.
pub(super) fn weight(text: &str, packages: &[Package]) -> Option<Violation> {
    let binary = packages.iter().find(|package| package.name == BINARY)?;
    let built_from = binary.reach.len();
    let lines = text.lines().zip(1..);
    let mut stated = lines.filter_map(|(line, number)| {
        let digits = line.split_once(WEIGHT)?.1.split(' ').next()?;
        Some((number, digits.parse::<usize>().ok()?))
    });
    match stated.next() {
        Some((_, crates)) if built_from <= crates => None,
        Some((number, crates)) => {
            let message = format!(
                "the binary is built from {built_from} crates, above the {crates} stated: drop \
                 some, or measure the build again and state both figures"
            );
            Some(Violation::new(MAP, number, message))
        }
        None => Some(Violation::new(MAP, 1, format!("nothing says `{WEIGHT}N crates`"))),
    }
}

/// The crate that a row of the table is about: ``| `bursar-kernel` | ... |``.
fn row(line: &str) -> Option<&str> {
    let cell = line.strip_prefix('|')?.split('|').next()?.trim();
    let name = cell.strip_prefix('`')?.strip_suffix('`')?;
    let is_crate = name == "xtask" || name == "bursar" || name.starts_with("bursar-");
    is_crate.then_some(name)
}

/// The first sentence says what the crate is for, the second what it never does.
fn first_lines(path: &str, text: &str) -> Vec<Violation> {
    let lines = text.lines().map_while(|line| line.strip_prefix("//!"));
    let paragraph: Vec<&str> = lines.map(str::trim).take_while(|line| !line.is_empty()).collect();
    let paragraph = paragraph.join(" ");
    let mut sentences = paragraph.split(". ");
    if sentences.next().unwrap_or_default().is_empty() {
        return vec![Violation::new(path, 1, "the crate does not say what it is for")];
    }
    if sentences.next().is_some_and(|second| second.to_lowercase().contains("never")) {
        return Vec::new();
    }
    vec![Violation::new(path, 2, "the crate's second sentence does not say what it never does")]
}
