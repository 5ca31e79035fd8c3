//! Laws that one file keeps or breaks by itself.

use std::collections::BTreeMap;

use super::{File, Violation};

/// Columns of a line of Rust, tests apart: what they expect is data, as wide as it is.
const COLUMNS_MAX: usize = 100;
/// Lines of a Rust file, tests apart: what a reader can hold in mind.
const FILE_LINES_MAX: usize = 600;
/// Lines of a crate, tests apart: beyond it the room has two purposes.
const CRATE_LINES_MAX: usize = 6_000;
/// Bytes of a file in the repository, so that a clone stays small.
const FILE_BYTES_MAX: usize = 512 * 1024;

/// Crates that count money, where a float is a bug.
const MONEY_CRATES: [&str; 7] = [
    "crates/bursar-kernel/",
    "crates/bursar-ledger/",
    "crates/bursar-meter/",
    "crates/bursar-realtime/",
    "crates/bursar-store/",
    "crates/bursar-store-sqlite/",
    "crates/bursar-award/",
];

/// Words that say something is unfinished. Written in halves, for this file keeps the law too.
const UNFINISHED: [&str; 3] = [concat!("FIX", "ME"), concat!("XX", "X"), concat!("to", "do!")];

/// Attributes that switch a test or a lint off, with what to do instead.
const SWITCHED_OFF: [(&str, &str); 3] = [
    ("#[ignore", "a test that is not run; mend it or take it out"),
    ("#[allow(", "a lint that is allowed; write `#[expect(..., reason = \"...\")]`"),
    ("#![allow(", "a lint that is allowed; write `#![expect(..., reason = \"...\")]`"),
];

/// Places that exist on one machine only, or that say where packages come from.
const PLACES: [&str; 8] = [
    concat!("/wo", "rk/"),
    concat!("index.cra", "tes.io"),
    concat!("static.cra", "tes.io"),
    concat!("py", "pi.org"),
    concat!("python", "hosted.org"),
    concat!("npm", "js.org"),
    concat!("npm", "js.com"),
    concat!("deb.", "debian.org"),
];

/// Where the laws are tried: its samples break them.
const TRIED_IN: &str = "xtask/src/tidy/tests.rs";

/// Every law of this kind, for one file.
pub(super) fn check(file: &File) -> Vec<Violation> {
    let mut found = Vec::new();
    if FILE_BYTES_MAX < file.bytes {
        let message = format!("{} bytes; the limit is {FILE_BYTES_MAX}", file.bytes);
        found.push(Violation::new(&file.path, 1, message));
    }
    let Some(text) = &file.text else { return found };
    let is_sample = file.path == TRIED_IN;
    if !is_lock_file(&file.path) && !is_sample {
        found.extend(places(&file.path, text));
    }
    if is_code(&file.path) && !is_sample {
        found.extend(unfinished(&file.path, text));
    }
    if is_rust(&file.path) {
        found.extend(rust(&file.path, text));
    }
    found
}

/// Crates that are too large.
pub(super) fn check_crate_sizes(files: &[File]) -> Vec<Violation> {
    let mut lines: BTreeMap<&str, usize> = BTreeMap::new();
    for file in files.iter().filter(|file| is_rust(&file.path) && !is_test(&file.path)) {
        let Some((folder, _)) = file.path.split_once("/src/") else {
            continue;
        };
        let count = file.text.as_deref().map_or(0, |text| text.lines().count());
        let sum = lines.entry(folder).or_default();
        *sum = sum.saturating_add(count);
    }
    let large = lines.into_iter().filter(|(_, lines)| CRATE_LINES_MAX < *lines);
    let violation = |(folder, lines)| {
        let message = format!("a crate of {lines} lines; the limit is {CRATE_LINES_MAX}");
        Violation::new(&format!("{folder}/Cargo.toml"), 1, message)
    };
    large.map(violation).collect()
}

fn rust(path: &str, text: &str) -> Vec<Violation> {
    let mut found = Vec::new();
    if !text.starts_with("//!") {
        found.push(Violation::new(path, 1, "no `//!` line that says what the file is for"));
    }
    let lines = text.lines().count();
    if FILE_LINES_MAX < lines && !is_test(path) {
        let message = format!("a file of {lines} lines; the limit is {FILE_LINES_MAX}");
        found.push(Violation::new(path, 1, message));
    }
    let is_money = MONEY_CRATES.iter().any(|folder| path.starts_with(folder));
    for (line, number) in text.lines().zip(1..) {
        let columns = line.chars().count();
        if COLUMNS_MAX < columns && !is_test(path) {
            let message = format!("a line of {columns} columns; the limit is {COLUMNS_MAX}");
            found.push(Violation::new(path, number, message));
        }
        for (attribute, message) in SWITCHED_OFF {
            if line.trim_start().starts_with(attribute) {
                found.push(Violation::new(path, number, message));
            }
        }
        let code = line.split("//").next().unwrap_or_default();
        if is_money && (has_word(code, "f32") || has_word(code, "f64")) {
            found.push(Violation::new(path, number, "a float in a crate that counts money"));
        }
    }
    found
}

fn unfinished(path: &str, text: &str) -> Vec<Violation> {
    let mut found = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        for word in UNFINISHED.iter().filter(|word| has_word(line, word)) {
            found.push(Violation::new(path, number, format!("unfinished: `{word}`")));
        }
    }
    found
}

fn places(path: &str, text: &str) -> Vec<Violation> {
    let mut found = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        let line = line.to_lowercase();
        for place in PLACES.iter().filter(|place| has_word(&line, place)) {
            let message = format!("`{place}` is not a place that every reader has");
            found.push(Violation::new(path, number, message));
        }
    }
    found
}

/// Whether a text has a word with nothing of a name on either side of it.
pub(super) fn has_word(text: &str, word: &str) -> bool {
    let is_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    let starts_as_name = word.starts_with(is_name);
    let ends_as_name = word.ends_with(is_name);
    text.match_indices(word).any(|(at, _)| {
        let (before, rest) = text.split_at(at);
        let after = rest.get(word.len()..).unwrap_or_default();
        // A folder of the tree may be called as a place on a machine is: what comes before its
        // first `/` tells them apart, so `/` looks back as a name does.
        let free_before = !before.ends_with(is_name);
        let free_after = !ends_as_name || !after.starts_with(is_name);
        free_after && (free_before || !(starts_as_name || word.starts_with('/')))
    })
}

fn is_rust(path: &str) -> bool {
    has_ending(path, &["rs"])
}

fn is_code(path: &str) -> bool {
    has_ending(path, &["rs", "py", "toml", "sh", "js", "css", "sql", "yml"])
}

fn is_lock_file(path: &str) -> bool {
    has_ending(path, &["lock"]) || path.ends_with("package-lock.json")
}

fn has_ending(path: &str, endings: &[&str]) -> bool {
    path.rsplit_once('.').is_some_and(|(_, ending)| endings.contains(&ending))
}

/// Tests are data, and may be as long and as wide as their data.
fn is_test(path: &str) -> bool {
    let mut parts = path.split('/');
    parts.any(|part| part == "tests" || part == "tests.rs" || part.ends_with("_tests.rs"))
}
