//! The document on failures names tests, and each of them is there.

use super::{File, Violation};

pub(crate) const DOCUMENT: &str = "docs/FAILURES.md";

/// A row of one of the document's tables; heads are no rows.
pub(crate) struct Row<'a> {
    /// Its line, from 1.
    number: usize,
    /// The heading that it stands below.
    pub(crate) section: &'a str,
    /// Its first cell: what has failed elsewhere.
    pub(crate) failure: &'a str,
    /// The tests that its last cell names.
    pub(crate) tests: Vec<&'a str>,
}

/// Rows of the document's tables that name no test, and names of tests that are not there.
pub(super) fn check(files: &[File]) -> Vec<Violation> {
    let text = |path: &str| {
        files.iter().find(|file| file.path == path).and_then(|file| file.text.as_deref())
    };
    let Some(document) = text(DOCUMENT) else {
        return vec![Violation::new(DOCUMENT, 1, "the document on failures is not there")];
    };
    let (mut found, rows) = (Vec::new(), rows(document));
    for row in &rows {
        if row.tests.is_empty() {
            found.push(Violation::new(DOCUMENT, row.number, "a failure without a test"));
        }
        for name in &row.tests {
            if !places(name).iter().any(|(path, test)| text(path).is_some_and(|it| has(it, test))) {
                let message = format!("there is no test `{name}`");
                found.push(Violation::new(DOCUMENT, row.number, message));
            }
        }
    }
    if rows.is_empty() {
        found.push(Violation::new(DOCUMENT, 1, "no table names a test"));
    }
    found
}

/// The rows of the document's tables.
pub(crate) fn rows(document: &str) -> Vec<Row<'_>> {
    let (mut found, mut section) = (Vec::new(), "");
    let mut is_in_body = false;
    for (line, number) in document.lines().zip(1..) {
        section = line.strip_prefix("## ").unwrap_or(section);
        let Some(row) = line.trim().strip_prefix('|') else {
            is_in_body = false;
            continue;
        };
        if row.chars().all(|letter| "|-: ".contains(letter)) {
            is_in_body = true;
        } else if is_in_body {
            let row = row.strip_suffix('|').unwrap_or(row);
            let (failure, rest) = row.split_once('|').unwrap_or((row, ""));
            let tests = in_backticks(rest.rsplit('|').next().unwrap_or_default());
            found.push(Row { number, section, failure: failure.trim(), tests });
        }
    }
    found
}

/// Every second piece between backticks.
fn in_backticks(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// Where a test of a name may be, and what it is called there: `crate::file::test` as cargo has
/// it, the name of its crate in front; or `tests/file.py::test_name` as pytest has it.
fn places(name: &str) -> Vec<(String, &str)> {
    let Some((place, test)) = name.rsplit_once("::") else { return Vec::new() };
    if place.strip_suffix(".py").is_some() {
        return vec![(place.to_owned(), test)];
    }
    let Some((package, modules)) = place.split_once("::") else { return Vec::new() };
    let folder = if package == "xtask" { package.to_owned() } else { format!("crates/{package}") };
    let file = modules.replace("::", "/");
    let places =
        [format!("src/{file}.rs"), format!("src/{file}/mod.rs"), format!("tests/{file}.rs")];
    places.map(|place| (format!("{folder}/{place}"), test)).into()
}

/// Whether a file has a test of a name: a function with a test's attribute, or pytest's prefix.
fn has(text: &str, test: &str) -> bool {
    let mut is_test = false;
    for line in text.lines() {
        let code = line.trim_start();
        if code.starts_with("#[test]") || code.starts_with("#[tokio::test") {
            is_test = true;
        }
        let function = code.strip_prefix("async ").unwrap_or(code);
        if let Some(name) = function.strip_prefix("fn ") {
            if is_test && begins_with_name(name, test) {
                return true;
            }
            is_test = false;
        }
        // At the margin: what stands inside something else is not collected by its bare name.
        if let Some(name) = line.strip_prefix("def ")
            && test.starts_with("test_")
            && begins_with_name(name, test)
        {
            return true;
        }
    }
    false
}

fn begins_with_name(signature: &str, name: &str) -> bool {
    signature.strip_prefix(name).is_some_and(|rest| rest.starts_with('('))
}
