//! Programs that the tests need and cargo does not bring: a browser, its driver, Python, a database
//! server.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::steps::{Context, Outcome};
use crate::process::{command, find, read, show, succeeds};

/// What Debian calls what is needed.
const DEBIAN_PACKAGES: [&str; 5] =
    ["chromium", "chromium-driver", "python3", "python3-venv", "postgresql"];
/// Where Debian puts PostgreSQL's programs, one folder for each major version. Tests make servers
/// of their own from them; a server that the package has started is left alone.
const POSTGRESQL: &str = "/usr/lib/postgresql";

/// The tools of the tests.
pub(super) struct Tools {
    /// A Chromium.
    pub(super) chromium: PathBuf,
    /// Its driver.
    pub(super) chromedriver: PathBuf,
    /// A Python that can make an environment.
    pub(super) python: PathBuf,
}

/// Finds the tools; on a Debian machine that is ours to change, installs what is missing.
pub(super) fn step(context: &Context) -> Result<Outcome> {
    if missing(&context.root).is_empty() {
        return Ok(Outcome::Passed);
    }
    if Path::new("/etc/debian_version").exists() && is_root(&context.root) {
        show(&mut command("apt-get", &["update", "-q"], &context.root))?;
        let install = ["install", "-q", "-y", "--no-install-recommends"];
        let arguments = [&install[..], &DEBIAN_PACKAGES[..]].concat();
        show(
            command("apt-get", &arguments, &context.root).env("DEBIAN_FRONTEND", "noninteractive"),
        )?;
    }
    tools(&context.root).map(|_| Outcome::Passed)
}

/// The tools, or one line that says what to install.
pub(super) fn tools(root: &Path) -> Result<Tools> {
    let missing = missing(root);
    if !missing.is_empty() {
        bail!("{}", advice(&missing));
    }
    Ok(Tools {
        chromium: chromium().context("find chromium")?,
        chromedriver: chromedriver().context("find chromedriver")?,
        python: python(root).context("find python3")?,
    })
}

/// The one line that says what to install.
pub(super) fn advice(missing: &[&str]) -> String {
    let packages = DEBIAN_PACKAGES.join(" ");
    format!("no {}; install them (Debian: `apt-get install {packages}`)", missing.join(", no "))
}

fn missing(root: &Path) -> Vec<&'static str> {
    let tools = [
        ("chromium", chromium().is_some()),
        ("chromedriver", chromedriver().is_some()),
        ("python3 with `venv`", python(root).is_some()),
        ("PostgreSQL", postgresql().is_some()),
    ];
    tools.into_iter().filter(|(_, is_here)| !is_here).map(|(name, _)| name).collect()
}

fn chromium() -> Option<PathBuf> {
    find(&["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"])
}

fn chromedriver() -> Option<PathBuf> {
    find(&["chromedriver"])
}

/// The first Python that can make an environment: a private one often comes before the system's.
fn python(root: &Path) -> Option<PathBuf> {
    let first = find(&["python3"]).into_iter();
    let candidates = first.chain([PathBuf::from("/usr/bin/python3")]);
    let can_make =
        |python: &PathBuf| succeeds(&mut command(python, &["-c", "import ensurepip, venv"], root));
    candidates.into_iter().find(can_make)
}

fn postgresql() -> Option<PathBuf> {
    let versions = std::fs::read_dir(POSTGRESQL).into_iter().flatten().flatten();
    versions.map(|version| version.path().join("bin/postgres")).find(|program| program.is_file())
}

fn is_root(root: &Path) -> bool {
    read(&mut command("id", &["-u"], root)).is_ok_and(|id| id.trim() == "0")
}
