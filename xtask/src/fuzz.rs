//! `cargo xtask fuzz`: libFuzzer on every parser that meets outside bytes, one after the other.
//!
//! The compiler's own passes count edges and comparisons; no nightly and no other tool is needed.
//! There is no address sanitizer: our code has no `unsafe`, so what is found is a panic, a property
//! that does not hold, a hang, or memory without end.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::process::{command, find, read, show};

/// What makes the compiler count: as cargo-fuzz sets it, without a sanitizer.
const FLAGS: &str = "--cfg fuzzing \
    -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";
/// How long a target is fed, unless said.
const SECONDS: u64 = 60;
/// Megabytes that a process may have: the tokenizers' tables and the catalog need some 200.
const MEGABYTES_MAX: u64 = 1_024;
/// Bytes of an input: a few calls' worth, so that many are tried.
const BYTES_MAX: u64 = 16 * 1_024;
/// Seconds that one input may take: far beyond what any needs, and short of what a call may take.
const SECONDS_OF_ONE: u64 = 10;

/// What a target came to.
struct Outcome {
    executions: String,
    coverage: String,
    findings: Vec<PathBuf>,
}

/// Builds the fuzzer and feeds one target or all of them; whether nothing was found.
pub(crate) fn run(root: &Path, arguments: &[&str]) -> Result<bool> {
    let (only, seconds) = read_arguments(arguments)?;
    let known = targets(root)?;
    let chosen: Vec<&str> = match only {
        Some(only) if known.iter().any(|name| name == only) => vec![only],
        Some(only) => bail!("no target `{only}`; there are: {}", known.join(", ")),
        None => known.iter().map(String::as_str).collect(),
    };
    let fuzzer = build(root)?;
    let mut found = Vec::new();
    for name in chosen {
        let outcome = feed(root, &fuzzer, name, seconds)?;
        println!(
            "{name}: {} executions, {} edges covered, {} findings",
            outcome.executions,
            outcome.coverage,
            outcome.findings.len()
        );
        found.extend(outcome.findings);
    }
    for finding in &found {
        println!("found: {}", finding.display());
    }
    if !found.is_empty() {
        println!("hint: `cargo test -p bursar-fuzz` replays them; commit each with what mends it");
    }
    Ok(found.is_empty())
}

/// `[TARGET] [--seconds N]`
fn read_arguments<'a>(arguments: &[&'a str]) -> Result<(Option<&'a str>, u64)> {
    let (only, rest) = match arguments {
        [name, rest @ ..] if !name.starts_with('-') => (Some(*name), rest),
        rest => (None, rest),
    };
    let seconds = match rest {
        [] => SECONDS,
        ["--seconds", seconds] => match seconds.parse() {
            // Zero would be without end.
            Ok(seconds @ 1..) => seconds,
            _ => bail!("`--seconds {seconds}`: give a whole number from one"),
        },
        _ => bail!("give a target or none, and `--seconds N` behind it"),
    };
    Ok((only, seconds))
}

/// The targets: each has a folder of seeds, which a test of theirs holds.
fn targets(root: &Path) -> Result<Vec<String>> {
    let folder = root.join("fuzz/corpus");
    let entries = fs::read_dir(&folder).with_context(|| format!("list {}", folder.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// Builds the fuzzer for this machine, named so that build scripts and macros are not counted.
fn build(root: &Path) -> Result<PathBuf> {
    if find(&["c++", "g++", "clang++"]).is_none() {
        bail!("libFuzzer needs a C++ compiler to be built, and there is none on the search path");
    }
    let about = read(&mut command("rustc", &["-vV"], root))?;
    let host = about.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.context("find the host that rustc builds for")?;
    let target = ["build", "--release", "--manifest-path", "fuzz/Cargo.toml", "--target", host];
    let mut cargo = command("cargo", &target, root);
    cargo.args(["--target-dir", "target/fuzz"]).env("RUSTFLAGS", FLAGS);
    show(&mut cargo)?;
    Ok(root.join("target/fuzz").join(host).join("release/fuzz"))
}

/// Feeds one target. What it makes up on the way is kept below `target`, for the next time.
fn feed(root: &Path, fuzzer: &Path, name: &str, seconds: u64) -> Result<Outcome> {
    let grown = root.join("target/fuzz/corpus").join(name);
    let findings = root.join("fuzz/findings").join(name);
    let seeds = root.join("fuzz/corpus").join(name);
    for folder in [&grown, &findings] {
        fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
    }
    let before = files(&findings)?;
    let log = grown.with_extension("log");
    let mut fuzzer = Command::new(fuzzer);
    fuzzer
        .env("FUZZ_TARGET", name)
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-rss_limit_mb={MEGABYTES_MAX}"))
        .arg(format!("-max_len={BYTES_MAX}"))
        .arg(format!("-timeout={SECONDS_OF_ONE}"))
        .arg(format!("-artifact_prefix={}/", findings.display()))
        .args([&grown, &seeds])
        .current_dir(root)
        .stdout(Stdio::null())
        .stderr(fs::File::create(&log).context("make the log")?);
    println!("$ fuzz {name} for {:?}, told in {}", Duration::from_secs(seconds), log.display());
    let status = fuzzer.status().context("start the fuzzer")?;
    let told = String::from_utf8_lossy(&fs::read(&log).context("read the log")?).into_owned();
    let mut after = files(&findings)?;
    after.retain(|file| !before.contains(file));
    if !status.success() {
        let from = told.find("panicked at").or_else(|| told.find("ERROR:")).unwrap_or_default();
        let end: Vec<&str> = told[from..].lines().take(12).collect();
        println!("{}", end.join("\n"));
        if after.is_empty() && !told.contains("Test unit written to") {
            bail!("the fuzzer ended with {status} and wrote no finding: see {}", log.display());
        }
    }
    if before.is_empty() && after.is_empty() {
        // A folder for nothing.
        fs::remove_dir(&findings).ok();
    }
    Ok(Outcome { executions: executions(&told), coverage: coverage(&told), findings: after })
}

/// How often the target ran, as the last line with a number says: `#1234`, a tab, `DONE`.
fn executions(told: &str) -> String {
    let last = told.lines().rev().find_map(|line| {
        let number = line.strip_prefix('#')?.split('\t').next()?;
        number.parse::<u64>().is_ok().then_some(number)
    });
    last.unwrap_or("no").to_owned()
}

/// How many edges were reached.
fn coverage(told: &str) -> String {
    let last = told.lines().rev().find_map(|line| line.split_once(" cov: ")?.1.split(' ').next());
    last.unwrap_or("no").to_owned()
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("list {}", folder.display()))? {
        files.push(entry?.path());
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    //! Arguments, and what is read off libFuzzer's lines.

    use super::*;

    #[test]
    fn arguments_are_a_target_and_seconds() {
        assert_eq!(read_arguments(&[]).unwrap(), (None, SECONDS));
        assert_eq!(read_arguments(&["forms", "--seconds", "9"]).unwrap(), (Some("forms"), 9));
        for wrong in [&["--seconds"][..], &["--seconds", "0"], &["a", "b"], &["-x"]] {
            assert!(read_arguments(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn figures_are_those_of_the_last_line() {
        let told = "#2\tINITED cov: 8 ft: 8 corp: 1/1b\n#99\tDONE   cov: 12 ft: 20 corp: 3/9b\n\
                    ##### End of recommended dictionary. #####\nDone 99 runs in 11 second(s)\n";
        assert_eq!((executions(told).as_str(), coverage(told).as_str()), ("99", "12"));
        assert_eq!((executions("").as_str(), coverage("").as_str()), ("no", "no"));
    }
}
