//! A server that tells a collector of its calls, also of those that it was told of as it stopped.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

use crate::shell::{bursar, told};

const PROGRAM: &str = "openai-researcher-access";
/// Longer than anything here takes on a busy machine.
const WITHIN: Duration = Duration::from_mins(1);

/// A collector: where it listens, and the heads and bodies that come.
fn collector() -> (String, Receiver<(String, Value)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (send, come) = channel();
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let mut socket = BufReader::new(socket.unwrap());
            while let Some((head, body)) = read(&mut socket) {
                socket
                    .get_mut()
                    .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
                    .unwrap();
                if send.send((head, body)).is_err() {
                    return;
                }
            }
        }
    });
    (address, come)
}

fn read(socket: &mut BufReader<TcpStream>) -> Option<(String, Value)> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if socket.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let length = head.to_lowercase().lines().find_map(|line| {
        line.strip_prefix("content-length: ").and_then(|length| length.parse().ok())
    });
    let mut body = vec![0; length.unwrap()];
    socket.read_exact(&mut body).ok()?;
    Some((head, serde_json::from_slice(&body).unwrap()))
}

fn ask(address: &str, request: &str) -> Value {
    let mut socket = TcpStream::connect(address).unwrap();
    socket.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

fn counts(address: &str, token: &str) -> Value {
    ask(
        address,
        &format!(
            "GET /healthz/telemetry HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
             authorization: Bearer {token}\r\n\r\n"
        ),
    )
}

fn call(address: &str, key: &str) {
    let body = json!({"model": "gpt-4o-mini", "max_completion_tokens": 9,
        "messages": [{"role": "user", "content": "Hello."}]})
    .to_string();
    let length = body.len();
    ask(
        address,
        &format!(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
             authorization: Bearer {key}\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\n\r\n{body}"
        ),
    );
}

fn command(arguments: &[&str], data: &Path) -> Value {
    let output = bursar(arguments).arg("--json").arg("--data").arg(data).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", told(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn spans(body: &Value) -> usize {
    body["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().unwrap().len()
}

#[test]
fn a_server_tells_its_collector_of_calls_and_of_the_last_before_it_stops() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path();
    let (collector, come) = collector();
    let config = data.join("bursar.toml");
    let text = format!("[telemetry]\nendpoint = \"http://{collector}\"\nheaders_file = \"otlp\"\n");
    std::fs::write(&config, text).unwrap();
    std::fs::write(data.join("otlp"), "Authorization: Bearer collector-canary\n").unwrap();
    let mut serve = bursar(&["serve", "--listen", "127.0.0.1:0", "--data"]);
    serve.arg(data).arg("--config").arg(config).stderr(Stdio::piped());
    let mut server = serve.spawn().unwrap();
    let mut lines = BufReader::new(server.stderr.take().unwrap()).lines().map(Result::unwrap);
    let ready = lines.find(|line| line.contains("bursar is ready")).unwrap();
    let log = std::thread::spawn(move || lines.collect::<Vec<_>>().join("\n"));
    let address = ready.split_once("http://").unwrap().1.trim().to_owned();

    command(&["program", "fund", "--program", PROGRAM, "--amount", "10"], data);
    let holder = ["--holder", "ada@example.edu", "--amount", "1", "--tier", "tier-5"];
    let issue = [&["grant", "issue", "--program", PROGRAM][..], &holder].concat();
    let grant = command(&issue, data)["id"].as_str().unwrap().to_owned();
    let key = command(&["key", "create", "--grant", &grant, "--name", "test"], data);
    let key = key["secret"].as_str().unwrap();
    call(&address, key);
    let (head, body) = come.recv_timeout(WITHIN).unwrap();
    assert!(head.starts_with("POST /v1/traces HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("authorization: Bearer collector-canary\r\n"), "{head}");
    assert_eq!(spans(&body), 1);
    let token = std::fs::read_to_string(data.join("operator.token")).unwrap();
    let began = std::time::Instant::now();
    while counts(&address, token.trim())["spans"]["exported"] != 1 {
        assert!(began.elapsed() < WITHIN, "{}", counts(&address, token.trim()));
        std::thread::sleep(Duration::from_millis(20));
    }
    let wanted = json!({"spans": {"exported": 1, "dropped": 0, "lost": 0, "waiting": 0}});
    assert_eq!(counts(&address, token.trim()), wanted);

    call(&address, key);
    let pid = server.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert!(server.wait().unwrap().success());
    assert_eq!(spans(&come.recv_timeout(WITHIN).unwrap().1), 1);
    let log = log.join().unwrap();
    assert!(!log.contains("collector-canary"), "{log}");
}
