//! The servers that are measured: the release binary, and Debian's nginx as a bare proxy.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::load::Target;
use crate::process;

const PROGRAM: &str = "openai-researcher-access";
const HOLDER: &str = "ada@example.edu";

/// A server of the product with a grant, and a key of it.
pub(crate) struct Bursar {
    process: Child,
    pub(crate) target: Target,
    /// From the start of the process to the line that says that it is ready.
    pub(crate) ready_after: Duration,
    _home: TempDir,
}

/// A bare proxy.
pub(crate) struct Nginx {
    process: Child,
    pub(crate) target: Target,
    _home: TempDir,
}

impl Bursar {
    /// A server that forwards to an upstream.
    pub(crate) fn start(upstream: SocketAddr) -> Self {
        let home = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        configure(home.path(), upstream);
        let (process, address, ready_after) = serve(home.path());
        told(home.path(), &["program", "fund", "--program", PROGRAM, "--amount", "1000000"]);
        let issue = ["grant", "issue", "--program", PROGRAM, "--holder", HOLDER];
        let rest = ["--amount", "900000", "--tier", "tier-5"];
        let grant = told(home.path(), &[&issue[..], &rest].concat());
        let grant = grant["id"].as_str().expect("a grant has a name").to_owned();
        let made = told(home.path(), &["key", "create", "--grant", &grant, "--name", "bench"]);
        let key = made["secret"].as_str().expect("a key is shown once").to_owned();
        Self { process, target: Target { address, key }, ready_after, _home: home }
    }

    pub(crate) fn process(&self) -> u32 {
        self.process.id()
    }

    pub(crate) fn memory(&self) -> u64 {
        process::memory(self.process())
    }
}

impl Drop for Bursar {
    fn drop(&mut self) {
        end(&mut self.process);
    }
}

impl Nginx {
    pub(crate) fn start(upstream: SocketAddr) -> Self {
        let home = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        let free = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = free.local_addr().expect("it listens");
        drop(free);
        fs::write(home.path().join("nginx.conf"), nginx(address, upstream)).expect("a file");
        let mut command = Command::new("nginx");
        command.arg("-p").arg(home.path()).args(["-c", "nginx.conf", "-e", "error.log"]);
        let process = command.stdin(Stdio::null()).spawn();
        let process = process.expect("nginx is there: `apt-get install nginx-light`");
        let began = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(began.elapsed() < Duration::from_secs(10), "nginx does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        let target = Target { address: address.to_string(), key: "none".to_owned() };
        Self { process, target, _home: home }
    }

    pub(crate) fn process(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        end(&mut self.process);
    }
}

/// The proxy does nothing but pass on: connections are kept on both sides, nothing is logged,
/// buffered or stored.
fn nginx(address: SocketAddr, upstream: SocketAddr) -> String {
    format!(
        "worker_processes 2;\ndaemon off;\npid nginx.pid;\n\
         events {{ worker_connections 8192; }}\n\
         http {{\n  access_log off;\n  keepalive_requests 1000000000;\n\
         upstream provider {{ server {upstream}; keepalive 512; keepalive_requests 1000000000; }}\n\
         server {{\n    listen {address};\n    location / {{\n      proxy_pass http://provider;\n\
         proxy_http_version 1.1;\n      proxy_set_header Connection \"\";\n\
         proxy_buffering off;\n      proxy_request_buffering off;\n    }}\n  }}\n}}\n"
    )
}

/// The shipped program, with limits that are counted and never reached.
fn configure(home: &Path, upstream: SocketAddr) {
    let shipped = include_str!("../../../../programs/openai-researcher-access.toml");
    let limits = "small = { requests_per_minute = 30_000, tokens_per_minute = 150_000_000 }";
    assert!(shipped.contains(limits), "the fastest tier of the shipped program reads otherwise");
    let endless = "small = { requests_per_minute = 1_000_000, tokens_per_minute = 2_000_000_000 }";
    let write = |name: &str, text: &str| fs::write(home.join(name), text).expect("a file");
    write("program.toml", &shipped.replace(limits, endless));
    let upstream = format!(
        "[[upstream]]\nname = \"provider\"\ngroup = \"openai\"\n\
         base_url = \"http://{upstream}/v1\"\n"
    );
    write("bursar.toml", &format!("programs = [\"program.toml\"]\n{upstream}"));
}

fn serve(home: &Path) -> (Child, String, Duration) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bursar"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--config"]).arg(home.join("bursar.toml"));
    command.arg("--data").arg(home.join("data")).env_clear().stdin(Stdio::null());
    let began = Instant::now();
    let mut process = command.stderr(Stdio::piped()).spawn().expect("the server starts");
    let log = BufReader::new(process.stderr.take().expect("its log is piped"));
    let mut lines = log.lines().map_while(Result::ok);
    let ready = "bursar is ready at http://";
    let mut before = Vec::new();
    let address = lines.find_map(|line| {
        let address = line.split_once(ready).map(|(_, address)| address.trim().to_owned());
        before.push(line);
        address
    });
    assert!(address.is_some(), "the server does not start: {before:#?}");
    let address = address.unwrap_or_default();
    let ready_after = began.elapsed();
    // Somebody reads the log, as a service manager does.
    std::thread::spawn(move || lines.for_each(drop));
    (process, address, ready_after)
}

/// What a command says.
fn told(home: &Path, arguments: &[&str]) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bursar"));
    command.args(arguments).arg("--json").arg("--data").arg(home.join("data")).env_clear();
    let output = command.stdin(Stdio::null()).output().expect("a command runs");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {complaint}");
    serde_json::from_slice(&output.stdout).expect("a command answers in JSON")
}

fn end(process: &mut Child) {
    let asked = Command::new("kill").arg(process.id().to_string()).status();
    if asked.is_err() {
        let _ = process.kill();
    }
    let _ = process.wait();
}
