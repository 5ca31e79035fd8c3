//! A sandbox on a port of its own, and the one way in which tests call it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use bursar_kernel::catalog::Encoding;
use bursar_kernel::{
    Catalog, Clock, FamilyId, Mode, Model, ModelId, PriceVersion, Prices, RateCard, Timestamp,
};
use bursar_sandbox::{LoggedCall, Outcome, Profile, Sandbox, SandboxConfig};
use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tiktoken_rs::o200k_base_singleton;

struct FixedClock;

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(1_795_000_000).unwrap()
    }
}

/// A sandbox that is being served, and a client of it.
pub(crate) struct Served {
    /// The sandbox as its owner holds it.
    pub(crate) sandbox: Sandbox,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    client: Client<HttpConnector, Full<Bytes>>,
}

/// An answer, read to its end or to where it broke off.
#[derive(Debug)]
pub(crate) struct Reply {
    /// Its status.
    pub(crate) status: StatusCode,
    /// Its headers.
    pub(crate) headers: HeaderMap,
    /// Its body.
    pub(crate) text: String,
    /// Whether the connection dropped before the end.
    pub(crate) broken: bool,
}

impl Reply {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// The events of a stream that arrived whole, without the closing line.
    pub(crate) fn events(&self) -> Vec<Value> {
        let whole = self.text.split_inclusive("\n\n").filter(|event| event.ends_with("\n\n"));
        let data = whole.map(|event| event.trim_end().strip_prefix("data: ").unwrap());
        data.filter(|data| *data != "[DONE]")
            .map(|data| serde_json::from_str(data).unwrap())
            .collect()
    }

    /// The text of a stream's first choice.
    pub(crate) fn streamed_text(&self) -> String {
        let events = self.events();
        let pieces = events.iter().filter_map(|event| {
            let choice = event["choices"].get(0).filter(|choice| choice["index"] == 0)?;
            choice["delta"]["content"].as_str().map(str::to_owned)
        });
        pieces.collect()
    }
}

/// Serves a sandbox.
pub(crate) async fn serve(profile: Value, api_key: Option<&str>) -> Served {
    let sandbox = Sandbox::new(SandboxConfig {
        catalog: Arc::new(catalog()),
        api_key: api_key.map(str::to_owned),
        clock: Arc::new(FixedClock),
        profile: serde_json::from_value::<Profile>(profile).unwrap(),
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = sandbox.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let client = Client::builder(TokioExecutor::new()).build_http();
    Served { sandbox, address, client }
}

impl Served {
    /// Sends a request and reads its answer.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        key: Option<&str>,
        body: String,
    ) -> Reply {
        let uri = format!("http://{}{path}", self.address);
        let mut request = Request::builder().method(method).uri(uri);
        if let Some(key) = key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        let request = request.body(Full::new(Bytes::from(body))).unwrap();
        let (head, mut body) = self.client.request(request).await.unwrap().into_parts();
        let (mut bytes, mut broken) = (Vec::new(), false);
        while let Some(frame) = body.frame().await {
            match frame {
                Ok(frame) => bytes.extend_from_slice(frame.data_ref().unwrap()),
                Err(_) => broken = true,
            }
        }
        let text = String::from_utf8(bytes).unwrap();
        Reply { status: head.status, headers: head.headers, text, broken }
    }

    /// Posts JSON.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Reply {
        self.send("POST", path, None, body.to_string()).await
    }

    /// Posts a chat request: the usual one, with some members more or other.
    pub(crate) async fn chat(&self, members: Value) -> Reply {
        self.post("/v1/chat/completions", &chat_body(members)).await
    }

    /// The last call, once it has ended.
    pub(crate) async fn last_call(&self) -> LoggedCall {
        let ended = async {
            loop {
                match self.sandbox.log().pop() {
                    Some(call) if call.outcome != Outcome::Open => return call,
                    _ => tokio::task::yield_now().await,
                }
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(10), ended).await.unwrap()
    }
}

/// A chat request.
pub(crate) fn chat_body(members: Value) -> Value {
    let mut body = json!({
        "model": "gpt-4o-mini",
        "messages": [{"role": "user", "content": "What is a lot?"}],
    });
    for (name, value) in members.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

/// How many tokens a text has.
pub(crate) fn count(text: &str) -> u64 {
    u64::try_from(o200k_base_singleton().count_ordinary(text)).unwrap()
}

fn catalog() -> Catalog {
    let all_tiers = Prices {
        standard: RateCard::default(),
        batch: None,
        flex: None,
        priority: Some(RateCard::default()),
        long_context: None,
    };
    let small = Some(8_191);
    let cl100k = Some(Encoding::Cl100kBase);
    let models = [
        Model {
            shutdown: Some(jiff::civil::date(2020, 1, 14)),
            prices: Some(all_tiers),
            ..model("gpt-4o-mini", Mode::Chat)
        },
        Model { reasoning: true, ..model("gpt-5-mini", Mode::Chat) },
        Model {
            input_tokens_max: Some(20),
            image_tokens_max: None,
            image_sizes: Vec::new(),
            ..model("gpt-small", Mode::Chat)
        },
        Model {
            input_tokens_max: small,
            encoding: cl100k,
            ..model("text-embedding-3-small", Mode::Embedding)
        },
        Model {
            input_tokens_max: small,
            encoding: cl100k,
            ..model("text-embedding-3-large", Mode::Embedding)
        },
        model("omni-moderation-latest", Mode::Moderation),
    ];
    let named = |name: &str| ModelId::new(name);
    Catalog {
        version: PriceVersion::new("test"),
        source: "made by hand".to_owned(),
        families: Vec::new(),
        models: models.into_iter().map(|model| (model.id.clone(), Arc::new(model))).collect(),
        aliases: BTreeMap::from([(named("gpt-4o-mini-2024-07-18"), named("gpt-4o-mini"))]),
    }
}

fn model(name: &str, mode: Mode) -> Model {
    Model {
        id: ModelId::new(name),
        listed_in: PriceVersion::new("here"),
        family: FamilyId::new(name),
        mode,
        input_tokens_max: Some(128_000),
        output_tokens_max: Some(16_384),
        encoding: Some(Encoding::O200kBase),
        reasoning: false,
        image_tokens_max: Some(48_169),
        image_sizes: Vec::new(),
        released: Some(jiff::civil::date(2024, 7, 18)),
        shutdown: None,
        successor: None,
        prices: None,
    }
}
