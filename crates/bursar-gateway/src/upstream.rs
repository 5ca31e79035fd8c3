//! A provider's endpoint: its connections, its credential, and what must never be shown of it.

use std::collections::BTreeSet;
use std::time::Duration;

use bursar_kernel::{Endpoint, RequestId, UpstreamGroup};
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{HeaderValue, Method, Request, Response, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use secrecy::{ExposeSecret, SecretString};

use crate::config::{ConfigError, Upstream};

/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection is kept without use: less than any server keeps it, since a call that is
/// sent into a connection as it closes may or may not have been billed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(4);
/// Connections without use that are kept.
const IDLE_CONNECTIONS_MAX: usize = 256;
/// How often a connection is tried. Nothing has been sent when it fails.
const CONNECT_TRIES: usize = 2;
/// What stands in place of what must not be shown.
const REDACTED: &str = "[redacted]";

const NAME: &str = concat!("bursar/", env!("CARGO_PKG_VERSION"));

/// A provider's endpoint, ready to be called.
pub(crate) struct Provider {
    pub(crate) name: String,
    pub(crate) group: UpstreamGroup,
    pub(crate) pins_service_tier: bool,
    pub(crate) is_sandbox: bool,
    base_url: String,
    authority: String,
    api_key: Option<SecretString>,
    authorization: Option<HeaderValue>,
    client: Connections,
}

/// A call to be sent.
pub(crate) struct Sending {
    pub(crate) endpoint: Endpoint,
    pub(crate) content_type: String,
    pub(crate) body: Bytes,
    pub(crate) stream: bool,
    pub(crate) request: RequestId,
}

/// Something to be asked that is no call.
pub(crate) struct Asking {
    pub(crate) method: Method,
    /// Below the base URL.
    pub(crate) path: String,
    pub(crate) content_type: String,
    pub(crate) body: Bytes,
    pub(crate) request: RequestId,
}

/// Why there is no answer.
pub(crate) enum SendError {
    /// No connection was made.
    NotSent(Error),
    /// It was sent, in part or whole.
    Lost(Error),
}

/// Connections, in clear or not: certificates are loaded only where they are needed.
enum Connections {
    Plain(Client<HttpConnector, Full<Bytes>>),
    Secure(Client<HttpsConnector<HttpConnector>, Full<Bytes>>),
}

impl Provider {
    /// The providers of a configuration.
    pub(crate) fn all(upstreams: Vec<Upstream>) -> Result<Vec<Self>, ConfigError> {
        let mut names = BTreeSet::new();
        for Upstream { name, .. } in &upstreams {
            if !names.insert(name.clone()) {
                return Err(ConfigError::SameName { name: name.clone() });
            }
        }
        upstreams.into_iter().map(Self::new).collect()
    }

    fn new(upstream: Upstream) -> Result<Self, ConfigError> {
        let Upstream { name, group, base_url, api_key, pins_service_tier, is_sandbox } = upstream;
        let bad_url = || ConfigError::BaseUrl { name: name.clone(), base_url: base_url.clone() };
        let base = base_url.trim_end_matches('/').to_owned();
        let uri: Uri = base.parse().map_err(|_| bad_url())?;
        let authority = uri.authority().ok_or_else(bad_url)?.to_string();
        if !uri.path().ends_with("/v1") || uri.query().is_some() {
            return Err(bad_url());
        }
        let client = match uri.scheme_str() {
            Some("http") => Connections::plain(),
            Some("https") => Connections::secure()
                .map_err(|source| ConfigError::Certificates { name: name.clone(), source })?,
            Some(_) | None => return Err(bad_url()),
        };
        let authorization = api_key.as_ref().map(|key| bearer(&name, key)).transpose()?;
        Ok(Self {
            name,
            group,
            pins_service_tier,
            is_sandbox,
            base_url: base,
            authority,
            api_key,
            authorization,
            client,
        })
    }

    /// Sends a call. A connection that cannot be made is tried once more; nothing else is tried
    /// twice, since what was sent may have been billed.
    pub(crate) async fn send(&self, sending: Sending) -> Result<Response<Incoming>, SendError> {
        let mut tries = 1;
        loop {
            match self.client.request(self.request(&sending)).await {
                Ok(response) => return Ok(response),
                Err(error) if error.is_connect() && tries < CONNECT_TRIES => tries += 1,
                Err(error) if error.is_connect() => return Err(SendError::NotSent(error)),
                Err(error) => return Err(SendError::Lost(error)),
            }
        }
    }

    fn request(&self, sending: &Sending) -> Request<Full<Bytes>> {
        let accept = match (sending.stream, sending.endpoint) {
            (true, _) => "text/event-stream",
            // Speech is bytes; what was heard may be plain text.
            (
                false,
                Endpoint::AudioSpeech | Endpoint::AudioTranscriptions | Endpoint::AudioTranslations,
            ) => "*/*",
            (false, _) => "application/json",
        };
        let mut request = Request::post(format!("{}{}", self.base_url, sending.endpoint.path()))
            .header(CONTENT_TYPE, &sending.content_type)
            .header(ACCEPT, accept)
            .header(USER_AGENT, NAME)
            .header("x-request-id", sending.request.to_string());
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        request
            .body(Full::new(sending.body.clone()))
            .expect("the address was read before, and the headers are plain text")
    }

    /// Asks for something that is no call: a file, a batch.
    pub(crate) async fn ask(&self, asking: &Asking) -> Result<Response<Incoming>, SendError> {
        let mut tries = 1;
        loop {
            let request = Request::builder()
                .method(asking.method.clone())
                .uri(format!("{}{}", self.base_url, asking.path))
                .header(CONTENT_TYPE, &asking.content_type)
                .header(USER_AGENT, NAME)
                .header("x-request-id", asking.request.to_string());
            let request = match &self.authorization {
                Some(authorization) => request.header(AUTHORIZATION, authorization),
                None => request,
            };
            let request = request
                .body(Full::new(asking.body.clone()))
                .expect("the address was read before, and names of belongings are plain text");
            match self.client.request(request).await {
                Ok(response) => return Ok(response),
                Err(error) if error.is_connect() && tries < CONNECT_TRIES => tries += 1,
                Err(error) if error.is_connect() => return Err(SendError::NotSent(error)),
                Err(error) => return Err(SendError::Lost(error)),
            }
        }
    }

    /// A text of the upstream's without its credential and its address.
    pub(crate) fn redact(&self, text: &str) -> String {
        let key = self.api_key.as_ref().map(ExposeSecret::expose_secret);
        let secrets =
            [key.filter(|key| !key.is_empty()), Some(&self.base_url), Some(&self.authority)];
        secrets.into_iter().flatten().fold(text.to_owned(), |text, secret| {
            if text.contains(secret) { text.replace(secret, REDACTED) } else { text }
        })
    }
}

impl Connections {
    fn plain() -> Self {
        Self::Plain(pool().build(connector()))
    }

    fn secure() -> Result<Self, std::io::Error> {
        let mut http = connector();
        http.enforce_http(false);
        let https = HttpsConnectorBuilder::new()
            .with_native_roots()?
            .https_only()
            .enable_http1()
            .wrap_connector(http);
        Ok(Self::Secure(pool().build(https)))
    }

    async fn request(&self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, Error> {
        match self {
            Self::Plain(client) => client.request(request).await,
            Self::Secure(client) => client.request(request).await,
        }
    }
}

fn pool() -> hyper_util::client::legacy::Builder {
    let mut builder = Client::builder(TokioExecutor::new());
    builder
        .pool_timer(TokioTimer::new())
        .timer(TokioTimer::new())
        .pool_idle_timeout(IDLE_TIMEOUT)
        .pool_max_idle_per_host(IDLE_CONNECTIONS_MAX);
    builder
}

fn connector() -> HttpConnector {
    let mut connector = HttpConnector::new();
    connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
    connector.set_nodelay(true);
    connector
}

fn bearer(name: &str, key: &SecretString) -> Result<HeaderValue, ConfigError> {
    let text = format!("Bearer {}", key.expose_secret());
    let value = HeaderValue::from_str(&text);
    let mut value = value.map_err(|_| ConfigError::ApiKey { name: name.to_owned() })?;
    value.set_sensitive(true);
    Ok(value)
}
