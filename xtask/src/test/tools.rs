//! Programs that the tests need and cargo does not bring: a browser, its driver, Python, Node, a
//! database server.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::steps::{Context, Outcome};
use crate::process::{command, find, read, show, succeeds};

/// What is needed, and what Debian calls it.
const NEEDED: [(&str, &[&str]); 7] = [
    ("chromium", &["chromium"]),
    ("chromedriver", &["chromium-driver"]),
    ("curl", &["curl"]),
    ("node", &["nodejs"]),
    ("npm", &["npm"]),
    ("python3 with `venv`", &["python3", "python3-venv"]),
    ("PostgreSQL", &["postgresql"]),
];
/// Where Debian puts PostgreSQL's programs, one folder for each major version. Tests make servers
/// of their own from them; a server that the package has started is left alone.
const POSTGRESQL: &str = "/usr/lib/postgresql";

/// The tools of the tests.
pub(super) struct Tools {
    /// A Chromium.
    pub(super) chromium: PathBuf,
    /// Its driver.
    pub(super) chromedriver: PathBuf,
    /// A Node.
    pub(super) node: PathBuf,
    /// Its package manager.
    pub(super) npm: PathBuf,
    /// A Python that can make an environment.
    pub(super) python: PathBuf,
}

/// Finds the tools; on a Debian machine that is ours to change, installs what is missing.
pub(super) fn step(context: &Context) -> Result<Outcome> {
    let missing = missing(&context.root);
    if missing.is_empty() {
        return Ok(Outcome::Passed);
    }
    if Path::new("/etc/debian_version").exists() && is_root(&context.root) {
        show(&mut command("apt-get", &["update", "-q"], &context.root))?;
        let install = ["install", "-q", "-y", "--no-install-recommends"];
        // Only what is missing: a Node from elsewhere brings its own `npm` and bears no other.
        let arguments = [&install[..], &debian_packages(&missing)].concat();
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
        node: node().context("find node")?,
        npm: npm().context("find npm")?,
        python: python(root).context("find python3")?,
    })
}

/// The one line that says what to install.
pub(super) fn advice(missing: &[&str]) -> String {
    let packages = debian_packages(missing).join(" ");
    format!("no {}; install them (Debian: `apt-get install {packages}`)", missing.join(", no "))
}

fn debian_packages(missing: &[&str]) -> Vec<&'static str> {
    let of_missing = NEEDED.into_iter().filter(|(name, _)| missing.contains(name));
    of_missing.flat_map(|(_, packages)| packages.iter().copied()).collect()
}

fn missing(root: &Path) -> Vec<&'static str> {
    let is_here = [
        chromium().is_some(),
        chromedriver().is_some(),
        find(&["curl"]).is_some(),
        node().is_some(),
        npm().is_some(),
        python(root).is_some(),
        postgresql().is_some(),
    ];
    let names = NEEDED.into_iter().map(|(name, _)| name);
    names.zip(is_here).filter(|(_, is_here)| !is_here).map(|(name, _)| name).collect()
}

fn chromium() -> Option<PathBuf> {
    find(&["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"])
}

fn chromedriver() -> Option<PathBuf> {
    find(&["chromedriver"])
}

fn node() -> Option<PathBuf> {
    find(&["node", "nodejs"])
}

fn npm() -> Option<PathBuf> {
    find(&["npm"])
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
