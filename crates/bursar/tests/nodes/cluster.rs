//! Servers, the database that they share, and the one provider that they all call.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bursar_kernel::{ExactCost, GrantId, Model, RequestId, Usd};
use bursar_ledger::audit::Auditor;
use bursar_postgres_fixture::Server;
use bursar_sandbox::{Profile, Sandbox, SandboxConfig};
use bursar_service::clock::SystemClock;
use bursar_store::{BookReads as _, CallFilter, LotFilter, Reads as _};
use bursar_store_postgres::PostgresStore;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What the provider asks of its callers.
pub(crate) const PROVIDERS_KEY: &str = "sk-provider";
const PROGRAM: &str = "openai-researcher-access";
const MODEL: &str = "gpt-4o-mini";
const CHAT: &str = "/v1/chat/completions";
/// Longer than any answer takes, waiting for money included.
const ANSWER_WITHIN: Duration = Duration::from_mins(1);

/// Servers on one database.
pub(crate) struct Cluster {
    pub(crate) nodes: Vec<Node>,
    pub(crate) provider: Sandbox,
    database: String,
    config: TempDir,
    model: Arc<Model>,
}

/// One server, and where it keeps its token.
pub(crate) struct Node {
    process: Child,
    pub(crate) address: String,
    data: TempDir,
}

/// A grant and a key of it.
pub(crate) struct Funded {
    pub(crate) grant: GrantId,
    pub(crate) key: String,
    key_id: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Cluster {
    /// Servers, each told an address of the one database; what is asked of the book itself goes to
    /// the first of them.
    pub(crate) async fn start(databases: &[String]) -> Self {
        let catalog = Arc::new(bursar_catalog::shipped());
        let model = Arc::clone(catalog.model(MODEL).unwrap());
        let provider = Sandbox::new(SandboxConfig {
            catalog,
            api_key: Some(PROVIDERS_KEY.to_owned()),
            clock: Arc::new(SystemClock),
            profile: Profile::default(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let upstream = listener.local_addr().unwrap();
        let router = provider.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        let config = tempfile::tempdir().unwrap();
        let file = format!(
            "master_key_file = \"master.key\"\n[[upstream]]\nname = \"provider\"\ngroup = \"openai\"\n\
             base_url = \"http://{upstream}/v1\"\napi_key_file = \"provider.key\"\n"
        );
        std::fs::write(config.path().join("bursar.toml"), file).unwrap();
        std::fs::write(config.path().join("provider.key"), PROVIDERS_KEY).unwrap();
        let nodes = databases.iter().map(|database| Node::start(config.path(), database));
        let nodes = nodes.collect();
        let database = databases.first().unwrap().clone();
        let cluster = Self { nodes, provider, database, config, model };
        cluster.profile(r#"{"answer_tokens": 500}"#);
        cluster.told(&["program", "fund", "--program", PROGRAM, "--amount", "1000"]);
        cluster
    }

    /// Starts another server in the place of one.
    pub(crate) fn replace(&mut self, number: usize) {
        let node = Node::start(self.config.path(), &self.database);
        self.nodes[number] = node;
    }

    pub(crate) fn profile(&self, json: &str) {
        self.provider.set_profile(serde_json::from_str(json).unwrap()).unwrap();
    }

    /// What a command says, asked at the first server.
    pub(crate) fn told(&self, arguments: &[&str]) -> Value {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bursar"));
        command.args(arguments).arg("--json").env_clear().stdin(Stdio::null());
        let data = self.nodes.first().unwrap().data.path();
        command.arg("--data").arg(data).env("BURSAR_DATABASE", &self.database);
        let output = command.output().unwrap();
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {complaint}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Where the servers' configuration lies.
    pub(crate) fn config(&self) -> &Path {
        self.config.path()
    }

    /// What a command says that reads something, asked at the first server.
    pub(crate) fn told_with(&self, arguments: &[&str], input: &str) -> Result<Value, String> {
        use std::io::Write as _;
        let mut command = Command::new(env!("CARGO_BIN_EXE_bursar"));
        let data = self.nodes.first().unwrap().data.path();
        command.args(arguments).arg("--json").env_clear().arg("--data").arg(data);
        command.env("BURSAR_DATABASE", &self.database).stdin(Stdio::piped());
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        process.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = process.wait_with_output().unwrap();
        if output.status.success() {
            return Ok(serde_json::from_slice(&output.stdout).unwrap());
        }
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// A grant of so much, at the fastest tier, and a key.
    pub(crate) fn funded(&self, amount: Usd) -> Funded {
        self.grant(amount, None, Some("tier-5"), "ada@example.edu")
    }

    /// A grant and a key of somebody who has the lowest tier.
    pub(crate) fn slow(&self, holder: &str) -> Funded {
        self.grant("5".parse().unwrap(), None, None, holder)
    }

    /// The same, and a key that may spend less.
    pub(crate) fn capped(&self, amount: Usd, cap: Usd) -> Funded {
        self.grant(amount, Some(cap.to_string()), Some("tier-5"), "ada@example.edu")
    }

    fn grant(&self, amount: Usd, cap: Option<String>, tier: Option<&str>, holder: &str) -> Funded {
        let amount = amount.to_string();
        let mut issue = vec!["grant", "issue", "--program", PROGRAM, "--holder", holder];
        issue.extend(["--amount", &amount]);
        issue.extend(tier.iter().flat_map(|tier| ["--tier", tier]));
        let issued = self.told(&issue);
        let grant = issued["id"].as_str().unwrap();
        let mut create = vec!["key", "create", "--grant", grant, "--name", "test"];
        create.extend(cap.iter().flat_map(|cap| ["--cap", cap.as_str()]));
        let made = self.told(&create);
        Funded {
            grant: grant.parse().unwrap(),
            key: made["secret"].as_str().unwrap().to_owned(),
            key_id: made["id"].as_str().unwrap().to_owned(),
        }
    }

    /// Two keys of one study, whose budget they share; the grant has plenty.
    pub(crate) fn studied(&self, amount: Usd, budget: Usd) -> [Funded; 2] {
        let issued = self.grant(amount, None, Some("tier-5"), "ada@example.edu");
        let (grant, budget) = (issued.grant.to_string(), budget.to_string());
        let study = ["study", "create", "--grant", &grant, "--name", "Pilot", "--budget", &budget];
        let study = self.told(&study);
        let study = study["id"].as_str().unwrap();
        [(); 2].map(|()| {
            let key = ["key", "create", "--grant", &grant, "--name", "both", "--study", study];
            let made = self.told(&key);
            Funded {
                grant: issued.grant,
                key: made["secret"].as_str().unwrap().to_owned(),
                key_id: made["id"].as_str().unwrap().to_owned(),
            }
        })
    }

    pub(crate) fn cap(&self, funded: &Funded, cap: Usd) {
        self.told(&["key", "cap", &funded.key_id, "--cap", &cap.to_string()]);
    }

    pub(crate) fn uncap(&self, funded: &Funded) {
        self.told(&["key", "cap", &funded.key_id, "--no-cap"]);
    }

    pub(crate) fn revoke(&self, funded: &Funded) {
        self.told(&["key", "revoke", &funded.key_id]);
    }

    /// A call to one server; `None` if nobody answers there.
    pub(crate) async fn call(&self, node: usize, funded: &Funded) -> Option<Answer> {
        post(&self.nodes[node].address, &funded.key).await
    }

    /// A call for so many answers of up to so many tokens each.
    pub(crate) async fn call_for(
        &self,
        node: usize,
        funded: &Funded,
        (answers, tokens): (u32, u32),
    ) -> Option<Answer> {
        let body = body(answers, tokens);
        post_body(&self.nodes[node].address, CHAT, &funded.key, &body).await
    }

    /// A call for an embedding.
    pub(crate) async fn embed(&self, node: usize, funded: &Funded) -> Option<Answer> {
        let body = r#"{"model": "text-embedding-3-small", "input": "A ledger."}"#;
        post_body(&self.nodes[node].address, "/v1/embeddings", &funded.key, body).await
    }

    /// How often servers have written to the database.
    pub(crate) fn commits(&self) -> u64 {
        let sum = Server::shared().sql(&self.database, "SELECT SUM(last_commit) FROM writer");
        sum.parse().unwrap()
    }

    /// What a call costs.
    pub(crate) async fn cost(&self) -> Usd {
        let rich = self.funded("1".parse().unwrap());
        let answer = self.call(0, &rich).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.header("x-bursar-cost").parse().unwrap()
    }

    /// What the provider bills for all that it ever answered.
    pub(crate) fn billed(&self) -> Usd {
        let prices = &self.model.prices.as_ref().unwrap().standard;
        let of_call = |call: &bursar_sandbox::LoggedCall| {
            let exact = ExactCost::ZERO.plus(prices.input.unwrap(), call.input_tokens).unwrap();
            exact.plus(prices.output.unwrap(), call.output_tokens).unwrap().round_up().unwrap()
        };
        Usd::sum(self.provider.log().iter().map(of_call)).unwrap()
    }

    pub(crate) async fn store(&self) -> PostgresStore {
        PostgresStore::open_to_read(&self.database).await.unwrap()
    }

    /// What a grant can still spend.
    pub(crate) async fn available(&self, grant: GrantId) -> Usd {
        let lots = self.store().await.lots(LotFilter::Grant(grant)).await.unwrap();
        lots.first().unwrap().available()
    }

    /// The settled calls of a grant.
    pub(crate) async fn calls(&self, grant: GrantId) -> Vec<RequestId> {
        let (store, mut found) = (self.store().await, Vec::new());
        loop {
            let before = found.last().copied();
            let page = store
                .calls(CallFilter { grant, person: None, before, limit: 1_000 })
                .await
                .unwrap();
            if page.is_empty() {
                return found;
            }
            found.extend(page.iter().map(|call| call.request));
        }
    }

    /// Every rule of the book holds.
    pub(crate) async fn verify(&self) {
        let (_, findings) = self.store().await.audit().await.map(Auditor::finish).unwrap();
        assert_eq!(findings, []);
    }
}

impl Node {
    fn start(config: &Path, database: &str) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_bursar"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--config"]);
        command.arg(config.join("bursar.toml")).arg("--data").arg(data.path());
        command.env_clear().env("BURSAR_DATABASE", database).stdin(Stdio::null());
        let mut process = command.stderr(Stdio::piped()).spawn().unwrap();
        let log = BufReader::new(process.stderr.take().unwrap());
        let mut lines = log.lines().map(Result::unwrap);
        let ready = "bursar is ready at http://";
        let address = lines.find_map(|line| Some(line.split_once(ready)?.1.trim().to_owned()));
        // What else it says is read by whoever looks why a test failed.
        std::thread::spawn(move || lines.for_each(|line| println!("{line}")));
        Self { process, address: address.expect("the server starts"), data }
    }

    /// Ends the process without a word of warning.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    pub(crate) fn stall(&self) {
        self.signal("-STOP");
    }

    pub(crate) fn go_on(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.process.id().to_string()]).status();
        assert!(sent.unwrap().success());
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        let named = |line: &'_ str| line.split_once(": ").is_some_and(|(found, _)| found == name);
        let line = self.head.lines().find(|line| named(line)).unwrap_or_default();
        line.split_once(": ").unwrap_or_default().1
    }

    pub(crate) fn code(&self) -> String {
        let body: Value = serde_json::from_str(&self.body).unwrap_or_default();
        body["error"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

fn body(answers: u32, tokens: u32) -> String {
    let body = json!({
        "model": MODEL,
        "messages": [{"role": "user", "content": "Count the ways a budget can fail."}],
        "max_completion_tokens": tokens,
        "n": answers,
    });
    body.to_string()
}

/// A chat call that runs to its output limit.
pub(crate) async fn post(address: &str, key: &str) -> Option<Answer> {
    post_body(address, CHAT, key, &body(1, 24)).await
}

async fn post_body(address: &str, path: &str, key: &str, body: &str) -> Option<Answer> {
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: bursar\r\nauthorization: Bearer {key}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let answered = tokio::time::timeout(ANSWER_WITHIN, async {
        let mut socket = TcpStream::connect(address).await.ok()?;
        socket.write_all(request.as_bytes()).await.ok()?;
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some(Answer { status, head: head.to_owned(), body: body.to_owned() })
    });
    answered.await.expect("an answer comes in time, or the connection ends")
}

/// Waits until something holds.
pub(crate) async fn until(what: &str, within: Duration, mut holds: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !holds().await {
        assert!(began.elapsed() < within, "{what}: not within {within:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
