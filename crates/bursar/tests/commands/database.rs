//! A server on PostgreSQL, and an installation that moves there.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use bursar_postgres_fixture::Server;
use serde_json::Value;

use crate::shell::{bursar, told};

/// Starts a server and waits until its log says that it is ready.
pub(crate) fn serve(data: &Path, database: &str) -> Child {
    let mut serve = bursar(&["serve", "--listen", "127.0.0.1:0", "--data"]);
    serve.arg(data).env("BURSAR_DATABASE", database).stderr(Stdio::piped());
    let mut server = serve.spawn().unwrap();
    let log = BufReader::new(server.stderr.take().unwrap());
    let mut lines = log.lines().map(Result::unwrap);
    assert!(lines.any(|line| line.contains("bursar is ready")));
    // The rest of the log goes nowhere, and must not fill the pipe.
    std::thread::spawn(move || lines.for_each(drop));
    server
}

pub(crate) fn stop(mut server: Child) {
    server.kill().unwrap();
    server.wait().unwrap();
}

pub(crate) fn json(arguments: &[&str], data: &Path, database: &str) -> Value {
    let mut command = bursar(arguments);
    command.arg("--json").arg("--data").arg(data).env("BURSAR_DATABASE", database);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", told(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

pub(crate) const PROGRAM: &str = "openai-researcher-access";

#[test]
fn a_server_keeps_its_books_in_a_database() {
    let (postgres, directory) = (Server::shared(), tempfile::tempdir().unwrap());
    let (data, database) = (directory.path(), postgres.database());
    let server = serve(data, &database);
    json(&["program", "fund", "--program", PROGRAM, "--amount", "500"], data, &database);
    let issue = ["grant", "issue", "--program", PROGRAM, "--holder", "ada@example.edu"];
    json(&[&issue[..], &["--amount", "25"]].concat(), data, &database);
    // A second server on the same database knows the same grants.
    let second = tempfile::tempdir().unwrap();
    let beside = serve(second.path(), &database);
    let listed = json(&["grant", "list"], second.path(), &database);
    assert_eq!(listed["grants"][0]["amount"], "25.00", "{listed}");
    stop(beside);
    // Killed, and started again: the books are in the database alone.
    stop(server);
    assert!(!data.join("bursar.db").exists());
    let server = serve(data, &database);
    let proof = json(&["verify"], data, &database);
    assert_eq!((&proof["balanced"], &proof["transfers"]), (&true.into(), &2.into()), "{proof}");
    let listed = json(&["program", "list"], data, &database);
    assert_eq!(listed["programs"][0]["id"], PROGRAM);
    stop(server);
}

#[test]
fn a_server_that_cannot_read_its_books_serves_nothing() {
    let (postgres, directory) = (Server::shared(), tempfile::tempdir().unwrap());
    let (data, database) = (directory.path(), postgres.database());
    let server = serve(data, &database);
    json(&["program", "fund", "--program", PROGRAM, "--amount", "500"], data, &database);
    stop(server);
    for table in ["lease", "node", "account"] {
        postgres.sql(&database, &format!("ALTER TABLE {table} RENAME TO mislaid"));
        let mut serve = bursar(&["serve", "--listen", "127.0.0.1:0", "--data"]);
        serve.arg(data).env("BURSAR_DATABASE", &database).stderr(Stdio::piped());
        let mut server = serve.spawn().unwrap();
        let mut log = BufReader::new(server.stderr.take().unwrap()).lines().map(Result::unwrap);
        let is_ready = log.any(|line| line.contains("bursar is ready"));
        if is_ready {
            stop(server);
            panic!("without `{table}` nobody knows what is spent");
        }
        assert_eq!(server.wait().unwrap().code(), Some(1), "without `{table}`");
        postgres.sql(&database, &format!("ALTER TABLE mislaid RENAME TO {table}"));
    }
    // With its books back it goes on where it was.
    let server = serve(data, &database);
    let proof = json(&["verify"], data, &database);
    assert_eq!((&proof["balanced"], &proof["transfers"]), (&true.into(), &1.into()), "{proof}");
    stop(server);
}

#[test]
fn an_installation_moves_whole_into_an_empty_database_and_no_other() {
    let (postgres, directory) = (Server::shared(), tempfile::tempdir().unwrap());
    let (data, database) = (directory.path(), postgres.database());
    let mut demo = bursar(&["demo", "--json", "--listen", "127.0.0.1:0", "--data"]);
    let mut demo = demo.arg(data).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut ready = String::new();
    BufReader::new(demo.stdout.take().unwrap()).read_line(&mut ready).unwrap();
    let from = format!("sqlite:{}", data.display());
    let moving = || bursar(&["migrate", "--from", &from, "--to", &database]).output().unwrap();
    assert!(told(&moving()).contains("is in use by another bursar"), "while it runs");
    stop(demo);
    let before = bursar(&["verify", "--json", "--data"]).arg(data).output().unwrap();
    let before: Value = serde_json::from_slice(&before.stdout).unwrap();
    let moved = moving();
    assert_eq!(moved.status.code(), Some(0), "{}", told(&moved));
    assert!(told(&moved).contains("the books balance on both sides"), "{}", told(&moved));
    assert_eq!(json(&["verify"], data, &database), before);
    let again = moving();
    assert_eq!(again.status.code(), Some(1));
    assert!(told(&again).contains("holds an installation already"), "{}", told(&again));
    let server = serve(data, &database);
    let listed = json(&["program", "list"], data, &database);
    assert_eq!(listed["programs"][0]["id"], PROGRAM);
    stop(server);
}
