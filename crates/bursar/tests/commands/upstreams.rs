//! A server with several upstreams: who is told how they are, and what stops its start.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};

use expect_test::{Expect, expect};
use serde_json::Value;

use crate::database::stop;
use crate::shell::{bursar, told};

const TWO: &str = r#"
[[upstream]]
name = "one"
base_url = "http://127.0.0.1:9/api/v1"
weight = 3
models = ["gpt-4o-mini"]

[[upstream]]
name = "other"
kind = "azure"
base_url = "http://127.0.0.1:9"
api_version = "2024-10-21"
deployments = { "gpt-4o-mini" = "my-mini" }
weight = 0
"#;

fn configured(data: &Path, text: &str) -> std::process::Command {
    let file = data.join("bursar.toml");
    std::fs::write(&file, text).unwrap();
    let mut serve = bursar(&["serve", "--listen", "127.0.0.1:0", "--data"]);
    serve.arg(data).arg("--config").arg(file);
    serve
}

/// A server that runs, and where.
fn serve(data: &Path, text: &str) -> (Child, String) {
    let mut server = configured(data, text).stderr(Stdio::piped()).spawn().unwrap();
    let log = BufReader::new(server.stderr.take().unwrap());
    let mut lines = log.lines().map(Result::unwrap);
    let ready = lines.find(|line| line.contains("bursar is ready")).unwrap();
    std::thread::spawn(move || lines.for_each(drop));
    let (_, address) = ready.split_once("http://").unwrap();
    (server, address.trim().to_owned())
}

fn get(address: &str, path: &str, token: &str) -> String {
    let mut socket = TcpStream::connect(address).unwrap();
    write!(
        socket,
        "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
         authorization: Bearer {token}\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn whoever_has_the_token_sees_how_the_upstreams_are_and_never_where() {
    let directory = tempfile::tempdir().unwrap();
    let (server, address) = serve(directory.path(), TWO);
    let token = std::fs::read_to_string(directory.path().join("operator.token")).unwrap();
    for wrong in ["", "op-wrong"] {
        let refused = get(&address, "/healthz/upstreams", wrong);
        assert!(refused.starts_with("HTTP/1.1 401"), "{refused}");
        assert!(refused.contains("hint: ") && !refused.contains("other"), "{refused}");
    }
    let answer = get(&address, "/healthz/upstreams", token.trim());
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let body: Value = serde_json::from_str(body).unwrap();
    expect![[r#"
        {"group":"openai","name":"one","state":"in","until":null,"weight":3,"why":null}
        {"group":"openai","name":"other","state":"in","until":null,"weight":0,"why":null}"#]]
    .assert_eq(
        &body["upstreams"]
            .as_array()
            .unwrap()
            .iter()
            .map(Value::to_string)
            .collect::<Vec<_>>()
            .join("\n"),
    );
    assert!(!answer.contains("127.0.0.1:9"), "{answer}");
    assert!(get(&address, "/healthz", "").ends_with("ok\n"));
    stop(server);
}

fn check(text: &str, expected: Expect) {
    let directory = tempfile::tempdir().unwrap();
    let output = configured(directory.path(), text).output().unwrap();
    let told = told(&output);
    let (_, error) = told.split_once("rror: ").unwrap_or(("", &told));
    expected.assert_eq(error);
}

#[test]
fn a_start_is_stopped_by_what_would_be_wrong_at_every_call() {
    check(
        &format!("sandbox = true\n{TWO}"),
        expect![[r#"
            group `openai` has both a sandbox and a real provider
            hint: take `sandbox = true` out, or give the real provider another group
        "#]],
    );
    check(
        &TWO.replace("models = [\"gpt-4o-mini\"]", "models = [\"gpt-4o-maxi\"]"),
        expect![[r#"
        upstream `one` serves `gpt-4o-maxi`, which the catalog does not have
        hint: name models as the catalog does, or add it there with its prices
    "#]],
    );
}
