//! Runs the binary as a shell would, with an environment of its own.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use serde_json::Value;
use tempfile::TempDir;

/// A command with nothing of the tester's own environment.
pub(crate) fn bursar(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bursar"));
    command.args(arguments).env_clear().stdin(Stdio::null());
    command
}

/// How a command ended, what it said, and what it complained of.
pub(crate) fn told(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let code = output.status.code().unwrap();
    format!("{code}\n{}{}", text(&output.stdout), text(&output.stderr))
}

/// The demonstration that the tests which run at the same time share.
static SHARED: Mutex<Weak<Demonstration>> = Mutex::new(Weak::new());

/// A demonstration that runs, and ends with the last test that uses it.
pub(crate) struct Demonstration {
    pub(crate) ready: Value,
    directory: TempDir,
    server: Child,
}

impl Demonstration {
    pub(crate) fn shared() -> Arc<Self> {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let started = Arc::new(Self::start());
            *shared = Arc::downgrade(&started);
            started
        })
    }

    fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().to_str().unwrap();
        let listen = ["demo", "--json", "--listen", "127.0.0.1:0", "--data", data];
        let mut server =
            bursar(&listen).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready = serde_json::from_str(&line).unwrap();
        Self { ready, directory, server }
    }

    pub(crate) fn data(&self) -> &Path {
        self.directory.path()
    }

    /// A file in a folder of the test's own.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Runs a command against it, as it is.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        bursar(arguments).arg("--data").arg(self.data()).output().unwrap()
    }

    /// Runs a command that has to succeed, and gives its one document.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", told(&output));
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(text.lines().count(), 1, "one document on one line");
        serde_json::from_str(&text).unwrap()
    }
}

impl Drop for Demonstration {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
