//! A provider's endpoint: its connections, its credential, and what must never be shown of it.

mod address;
mod session;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bursar_kernel::{Catalog, Endpoint, ModelId, RequestId, UpstreamGroup};
use bursar_sources::SecretSlot;
use bytes::{Bytes, BytesMut};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::request::Builder;
use http::response::Parts;
use http::{HeaderName, HeaderValue, Method, Request, Response, Uri};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use secrecy::{ExposeSecret, SecretString};

use crate::choice::WEIGHT_MAX;
use crate::config::{ConfigError, Kind, Upstream};
use crate::connections::{Answer, Connections, SendError};
use crate::watch::Watch;

pub use address::Address;
pub(crate) use address::Addresses;
pub use session::{NotOpened, Opened};

/// Bytes of a refusal that are read, and how long that may take: nobody waits for its end.
const REFUSAL_BYTES_MAX: usize = 64 * 1024;
const REFUSAL_WITHIN: Duration = Duration::from_secs(10);
/// How often a connection is tried where there is no other upstream to go to. Nothing has been
/// sent when it fails.
const CONNECT_TRIES: usize = 2;
/// What stands in place of what must not be shown.
const REDACTED: &str = "[redacted]";
/// The header that Azure's keys go in.
const API_KEY: HeaderName = HeaderName::from_static("api-key");

const NAME: &str = concat!("bursar/", env!("CARGO_PKG_VERSION"));

/// A provider's endpoint, ready to be called.
pub struct Provider {
    /// Its name in logs.
    pub name: String,
    /// Whose credit it honours.
    pub group: UpstreamGroup,
    /// Its share of its group's calls.
    pub weight: u32,
    /// Whether calls without a service tier ask it for the default one by name.
    pub pins_service_tier: bool,
    /// Whether it only pretends.
    pub is_sandbox: bool,
    /// Whether what it refused may be billed all the same.
    pub bills_refusals: bool,
    pub(crate) addresses: Addresses,
    pub(crate) watch: Watch,
    stopped: Arc<AtomicBool>,
    base_url: String,
    authority: String,
    api_key: Option<SecretString>,
    /// The header that carries the credential of the configuration.
    credential: Option<(HeaderName, HeaderValue)>,
    /// The credential that goes before it, where somebody has sealed one.
    sealed: Arc<SecretSlot>,
    /// The header that keys go in.
    key_header: HeaderName,
    connections: Connections,
}

/// What can be changed of an upstream while calls go to it.
#[derive(Clone, Debug, Default)]
pub struct Switches {
    /// Says at any time whether somebody has stopped it.
    pub stopped: Arc<AtomicBool>,
    /// Its credential, where somebody has sealed one.
    pub key: Arc<SecretSlot>,
}

/// A call to be sent.
pub struct Sending<'a> {
    /// Where it goes.
    pub uri: &'a Uri,
    /// What it is for.
    pub endpoint: Endpoint,
    /// What its body is.
    pub content_type: String,
    /// Its body.
    pub body: Bytes,
    /// Whether its answer is streamed.
    pub stream: bool,
    /// The name of its call.
    pub request: RequestId,
    /// Its place in a trace, where it has one.
    pub trace: Option<(HeaderName, HeaderValue)>,
    /// Whether there is nobody else to send it to, so that a connection is worth another try.
    pub is_last: bool,
}

/// Something to be asked that is no call.
#[derive(Clone)]
pub struct Asking {
    /// How it is asked.
    pub method: Method,
    /// Below the base URL.
    pub path: String,
    /// What its body is.
    pub content_type: String,
    /// Its body.
    pub body: Bytes,
    /// A name for it in the provider's log.
    pub request: RequestId,
}

impl Provider {
    /// An upstream of a configuration; its models have to be in the catalog.
    pub fn new(
        upstream: Upstream,
        catalog: &Catalog,
        switches: Switches,
    ) -> Result<Self, ConfigError> {
        let Switches { stopped, key: sealed } = switches;
        let bad_url = || ConfigError::BaseUrl {
            name: upstream.name.clone(),
            base_url: upstream.base_url.clone(),
        };
        let base = upstream.base_url.trim_end_matches('/').to_owned();
        let uri: Uri = base.parse().map_err(|_| bad_url())?;
        let server = uri.authority().ok_or_else(bad_url)?.clone();
        let authority = server.to_string();
        if authority.contains('@') {
            return Err(ConfigError::Password { name: upstream.name });
        }
        if uri.query().is_some() || base.contains('#') {
            return Err(bad_url());
        }
        if WEIGHT_MAX < upstream.weight {
            let Upstream { name, weight, .. } = upstream;
            return Err(ConfigError::Weight { name, weight, most: WEIGHT_MAX });
        }
        let addresses = Addresses::read(&upstream, &base, catalog)?;
        let Upstream { name, group, api_key, weight, kind, pins_service_tier, is_sandbox, .. } =
            upstream;
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err(ConfigError::BaseUrl { name, base_url: upstream.base_url });
        }
        let connections = Connections::new(uri, &server)
            .map_err(|source| ConfigError::Certificates { name: name.clone(), source })?;
        let is_azure = matches!(kind, Kind::Azure(_));
        let bad_key = || ConfigError::ApiKey { name: name.clone() };
        let key_header = if is_azure { API_KEY } else { AUTHORIZATION };
        let header = |key: &SecretString| header_of(key, &key_header).ok_or_else(bad_key);
        let credential = api_key.as_ref().map(header).transpose()?;
        Ok(Self {
            name,
            group,
            weight,
            pins_service_tier,
            is_sandbox,
            bills_refusals: is_azure,
            addresses,
            watch: Watch::default(),
            stopped,
            base_url: base,
            authority,
            api_key,
            credential,
            sealed,
            key_header,
            connections,
        })
    }

    /// Its host, and its port where that is not the usual one: for the operator's eyes.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// Who provides it, by the name that OpenTelemetry's conventions for generative AI have.
    pub fn provided_by(&self) -> &'static str {
        match (self.is_sandbox, self.key_header == API_KEY) {
            (true, _) => "bursar.sandbox",
            (false, true) => "azure.ai.openai",
            (false, false) => "openai",
        }
    }

    /// Whether somebody has stopped it: nothing new goes there.
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    /// Where a call goes; `None` where this upstream does not serve it.
    pub fn address(&self, endpoint: Endpoint, model: &ModelId) -> Option<Address<'_>> {
        self.addresses.call(endpoint, model)
    }

    /// Sends a call. A connection that cannot be made is tried once more where nobody else could
    /// be asked; nothing else is tried twice, since what was sent may have been billed.
    pub async fn send(&self, sending: Sending<'_>) -> Result<Response<Answer>, SendError> {
        let tries = if sending.is_last { CONNECT_TRIES } else { 1 };
        self.connect(tries, || self.request(&sending)).await
    }

    fn request(&self, sending: &Sending<'_>) -> Request<Full<Bytes>> {
        let accept = match (sending.stream, sending.endpoint) {
            (true, _) => "text/event-stream",
            // Speech is bytes; what was heard may be plain text.
            (
                false,
                Endpoint::AudioSpeech | Endpoint::AudioTranscriptions | Endpoint::AudioTranslations,
            ) => "*/*",
            (false, _) => "application/json",
        };
        let request = Request::post(sending.uri.clone())
            .header(CONTENT_TYPE, &sending.content_type)
            .header(ACCEPT, HeaderValue::from_static(accept));
        let request = match &sending.trace {
            Some((name, value)) => request.header(name, value),
            None => request,
        };
        self.signed(request, sending.request)
            .body(Full::new(sending.body.clone()))
            .expect("the address was read before, and the headers are plain text")
    }

    /// Asks for something that is no call: a file, a batch.
    pub async fn ask(&self, asking: &Asking) -> Result<Response<Answer>, SendError> {
        let request = || {
            let request = Request::builder()
                .method(asking.method.clone())
                .uri(format!("{}{}", self.base_url, asking.path))
                .header(CONTENT_TYPE, &asking.content_type);
            self.signed(request, asking.request)
                .body(Full::new(asking.body.clone()))
                .expect("the address was read before, and names of belongings are plain text")
        };
        self.connect(CONNECT_TRIES, request).await
    }

    /// The headers that every request carries.
    fn signed(&self, request: Builder, name: RequestId) -> Builder {
        let request = request
            .header(USER_AGENT, HeaderValue::from_static(NAME))
            .header("x-request-id", name.to_string());
        let sealed = self.sealed.get();
        let sealed = sealed.and_then(|key| header_of(&key, &self.key_header));
        match (sealed, &self.credential) {
            (Some((header, credential)), _) => request.header(header, credential),
            (None, Some((header, credential))) => request.header(header, credential),
            (None, None) => request,
        }
    }

    async fn connect(
        &self,
        tries: usize,
        request: impl Fn() -> Request<Full<Bytes>>,
    ) -> Result<Response<Answer>, SendError> {
        let mut tried = 1;
        loop {
            match self.connections.request(request()).await {
                Err(SendError::NotSent(_)) if tried < tries => tried += 1,
                result => return result,
            }
        }
    }

    /// Reads what it answered instead of an answer, as much as is of use, without anything secret.
    pub async fn read_refusal<B>(&self, response: Response<B>) -> (Parts, String)
    where
        B: Body<Data = Bytes> + Unpin,
    {
        let (head, body) = response.into_parts();
        let body = tokio::time::timeout(REFUSAL_WITHIN, read(body)).await;
        (head, self.redact(&body.unwrap_or_default()))
    }

    /// A text of the upstream's without its credential and its address.
    pub fn redact(&self, text: &str) -> String {
        let key = self.api_key.as_ref().map(ExposeSecret::expose_secret);
        let secrets =
            [key.filter(|key| !key.is_empty()), Some(&self.base_url), Some(&self.authority)];
        let without = |text: String, secret: &str| {
            if text.contains(secret) { text.replace(secret, REDACTED) } else { text }
        };
        let mut text = secrets.into_iter().flatten().fold(text.to_owned(), without);
        self.sealed.each(|secret| {
            if !secret.is_empty() {
                text = without(std::mem::take(&mut text), secret);
            }
        });
        text
    }
}

async fn read(mut body: impl Body<Data = Bytes> + Unpin) -> String {
    let mut read = BytesMut::new();
    while let Some(Ok(frame)) = body.frame().await {
        if let Some(data) = frame.data_ref() {
            let room = REFUSAL_BYTES_MAX.saturating_sub(read.len());
            read.extend_from_slice(&data[..room.min(data.len())]);
        }
        if REFUSAL_BYTES_MAX <= read.len() {
            break;
        }
    }
    String::from_utf8_lossy(&read).into_owned()
}

/// The header that carries a key, whose value no log shows; `None` for a key that fits none.
fn header_of(key: &SecretString, name: &HeaderName) -> Option<(HeaderName, HeaderValue)> {
    let before = if *name == AUTHORIZATION { "Bearer " } else { "" };
    let mut value = HeaderValue::from_str(&format!("{before}{}", key.expose_secret())).ok()?;
    value.set_sensitive(true);
    Some((name.clone(), value))
}
