//! One test, run in the copy of the tree: with every guard in place, or without one.

use std::ffi::OsStr;
use std::fmt;
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::list::Guard;
use super::scratch::Scratch;
use crate::process::command;

/// How long a test may take: several times what the slowest takes on a busy machine. A test that
/// waits for ever for what no longer happens has failed as well.
const TIME_MAX: Duration = Duration::from_mins(4);
/// How often it is looked at: little beside what a build takes.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// What came of taking a guard out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Its test failed: the guard is missed.
    Missed,
    /// Its test passed: nobody would notice.
    Unnoticed,
}

/// A binary of tests.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Target {
    /// The crate.
    package: String,
    /// The file or folder below `tests`; `None` for the tests inside the crate.
    file: Option<String>,
    /// Whether the crate has a library; its own tests are else the binary's.
    is_library: bool,
    /// The crate's folder, from the root.
    folder: String,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.file {
            Some(file) => write!(f, "{}::{file}", self.package),
            None => f.write_str(&self.package),
        }
    }
}

impl Target {
    /// Where a test is that `docs/FAILURES.md` names: `crate::modules::test`, or
    /// `crate::file::modules::test` where that file or folder is below `tests`.
    pub(super) fn of(root: &Path, test: &str) -> Result<Self> {
        let Some((package, rest)) = test.split_once("::") else {
            bail!("`{test}` does not name a test: give `crate::modules::test`");
        };
        let folder =
            if package == "xtask" { package.to_owned() } else { format!("crates/{package}") };
        let place = root.join(&folder);
        if !place.is_dir() {
            bail!("`{test}`: there is no crate `{package}`");
        }
        let (modules, _) = rest.rsplit_once("::").unwrap_or((rest, ""));
        let file = place.join("tests").join(format!("{}.rs", modules.replace("::", "/")));
        let first = modules.split("::").next().unwrap_or_default();
        let is_outside = file.is_file();
        Ok(Self {
            package: package.to_owned(),
            file: is_outside.then(|| first.to_owned()),
            is_library: place.join("src/lib.rs").is_file(),
            folder,
        })
    }

    /// What the binary itself calls a test of its own.
    pub(super) fn filter<'a>(&self, test: &'a str) -> &'a str {
        let rest = test.split_once("::").map_or(test, |(_, rest)| rest);
        match self.file {
            Some(_) => rest.split_once("::").map_or(rest, |(_, rest)| rest),
            None => rest,
        }
    }

    /// How cargo is asked for it.
    fn arguments(&self) -> Vec<&str> {
        match &self.file {
            Some(file) => vec!["--test", file],
            None if self.is_library => vec!["--lib"],
            None => vec!["--bins"],
        }
    }
}

/// Sees the tests of one binary pass.
pub(super) fn in_place(scratch: &Scratch, target: &Target, filters: &[&str]) -> Result<()> {
    let log = scratch.logs.join(format!("{}.log", target.to_string().replace("::", "-")));
    let binary = build(scratch, target, &log)?;
    let (status, said) = run(scratch, target, &binary, filters, &log)?;
    let ran = passed(&said) + failed(&said);
    if ran != filters.len() {
        bail!("{ran} of {} tests were found: see {}", filters.len(), log.display());
    }
    if !status.is_some_and(|status| status.success()) {
        bail!("a test fails with every guard in place: see {}", log.display());
    }
    Ok(())
}

/// Runs the test of a guard that has been taken out of the copy.
pub(super) fn without(scratch: &Scratch, guard: &Guard, target: &Target) -> Result<Outcome> {
    let log = scratch.logs.join(format!("{}.log", guard.name));
    let binary = build(scratch, target, &log)
        .with_context(|| format!("build `{}` without guard `{}`", guard.file, guard.name))?;
    let (status, said) = run(scratch, target, &binary, &[target.filter(&guard.test)], &log)?;
    Ok(match status {
        Some(status) if status.success() && passed(&said) == 1 => Outcome::Unnoticed,
        Some(status) if status.success() => bail!("`{}` was not run", guard.test),
        // It fails, or waits for ever, or takes the whole binary with it.
        _ => Outcome::Missed,
    })
}

/// Builds a binary of tests and says where it is.
fn build(scratch: &Scratch, target: &Target, log: &Path) -> Result<PathBuf> {
    let arguments = ["test", "--no-run", "--message-format=json", "--package", &target.package];
    let mut cargo = command("cargo", &arguments, &scratch.tree);
    // Nobody looks at a line number here, and linking is most of the time.
    cargo
        .args(target.arguments())
        .env("CARGO_TARGET_DIR", &scratch.target)
        .env("CARGO_PROFILE_DEV_DEBUG", "0");
    let output = cargo.output().context("start cargo")?;
    fs::write(log, &output.stderr).with_context(|| format!("write {}", log.display()))?;
    let messages = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        let first = messages.lines().filter_map(rendered).find(|text| text.starts_with("error"));
        bail!("it does not build\n{}", first.unwrap_or_default().trim_end());
    }
    let found = messages.lines().filter_map(|line| executable(line, target)).next_back();
    found.with_context(|| format!("find the binary that cargo built for {target}"))
}

/// What the compiler said, where a line of cargo's is that.
fn rendered(line: &str) -> Option<String> {
    let message: Value = serde_json::from_str(line).ok()?;
    Some(message.get("message")?.get("rendered")?.as_str()?.to_owned())
}

/// The binary of tests, where a line of cargo's tells of the one that was asked for.
fn executable(line: &str, target: &Target) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(line).ok()?;
    let is_test = message.get("profile")?.get("test")?.as_bool()?;
    let manifest = message.get("manifest_path")?.as_str()?;
    let folder = Path::new(&target.folder).join("Cargo.toml");
    let executable = message.get("executable")?.as_str()?;
    (is_test && Path::new(manifest).ends_with(folder)).then(|| PathBuf::from(executable))
}

/// Runs tests of a binary by their whole names. `None` is one that took too long.
fn run(
    scratch: &Scratch,
    target: &Target,
    binary: &Path,
    filters: &[&str],
    log: &Path,
) -> Result<(Option<ExitStatus>, String)> {
    let folder = scratch.tree.join(&target.folder);
    let out = File::options().append(true).open(log).context("open the log")?;
    let mut test = command(binary, &["--exact"], &folder);
    // Programs that it starts are in its group, and end with it if it has to be ended.
    test.args(filters)
        .env("CARGO_MANIFEST_DIR", &folder)
        .stdin(Stdio::null())
        .stdout(out.try_clone().context("open the log twice")?)
        .stderr(out)
        .process_group(0);
    let mut child = test.spawn().with_context(|| format!("start the tests of {target}"))?;
    let status = wait(&mut child)?;
    let said = fs::read(log).with_context(|| format!("read {}", log.display()))?;
    Ok((status, String::from_utf8_lossy(&said).into_owned()))
}

fn wait(child: &mut Child) -> Result<Option<ExitStatus>> {
    let begun = Instant::now();
    while begun.elapsed() < TIME_MAX {
        if let Some(status) = child.try_wait().context("wait for the tests")? {
            return Ok(Some(status));
        }
        thread::sleep(LOOK_EVERY);
    }
    let group = format!("-{}", child.id());
    let kill: [&OsStr; 3] = ["-KILL".as_ref(), "--".as_ref(), group.as_ref()];
    std::process::Command::new("kill").args(kill).status().context("end the tests")?;
    child.wait().context("wait for the tests to end")?;
    Ok(None)
}

fn passed(said: &str) -> usize {
    counted(said, " passed;")
}

fn failed(said: &str) -> usize {
    counted(said, " failed;")
}

/// A number of the line `test result: FAILED. 1 passed; 2 failed; …`.
fn counted(said: &str, what: &str) -> usize {
    let line = said.lines().rfind(|line| line.starts_with("test result:")).unwrap_or_default();
    let before = line.split_once(what).map(|(before, _)| before).unwrap_or_default();
    before.rsplit(' ').next().and_then(|number| number.parse().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    //! Names of tests, and what a binary of tests says.

    use super::*;

    /// A module of the code that is called as a file of tests is.
    const BESIDE: (&str, &str) = ("--bins", "books::verify::reprice::tests::x");

    fn check(test: &str, expected: (&str, &str)) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let target = Target::of(root, test).unwrap();
        assert_eq!((target.arguments().join(" ").as_str(), target.filter(test)), expected);
    }

    #[test]
    fn a_test_is_found_by_its_name() {
        check("bursar-gateway::door::keys::x", ("--test door", "keys::x"));
        check("bursar-store-sqlite::guards::x", ("--test guards", "x"));
        check("bursar-meter::price::tests::x", ("--lib", "price::tests::x"));
        check("bursar::nodes::money::x", ("--test nodes", "money::x"));
        check("bursar::books::verify::reprice::tests::x", BESIDE);
        check("xtask::guards::tests::x", ("--bins", "guards::tests::x"));
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        assert!(Target::of(root, "nobody::x").is_err());
        assert!(Target::of(root, "x").is_err());
    }

    #[test]
    fn what_a_binary_says_is_counted() {
        let said = "running 3 tests\ntest result: FAILED. 1 passed; 2 failed; 0 ignored\n";
        assert_eq!((passed(said), failed(said)), (1, 2));
        assert_eq!((passed("aborted"), failed("")), (0, 0));
    }
}
