//! Requests to a provider: each within its time, and its answer within its size.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Request, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::time::timeout;

/// How long a request may take: somebody waits before a page.
const ANSWERED_WITHIN: Duration = Duration::from_secs(10);
/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Bytes of an answer: keys and settings are some kilobytes.
const ANSWER_BYTES_MAX: usize = 256 * 1024;

/// Connections to one provider; certificates are loaded only where they are needed.
pub(crate) enum Transport {
    Plain(Client<HttpConnector, Full<Bytes>>),
    Secure(Client<HttpsConnector<HttpConnector>, Full<Bytes>>),
}

impl Transport {
    /// For addresses that begin as the issuer's does.
    pub(crate) fn to(issuer: &str) -> Result<Self, std::io::Error> {
        let mut http = HttpConnector::new();
        http.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let mut builder = Client::builder(TokioExecutor::new());
        builder.pool_timer(TokioTimer::new()).pool_idle_timeout(Duration::from_secs(4));
        if issuer.starts_with("http://") {
            return Ok(Self::Plain(builder.build(http)));
        }
        http.enforce_http(false);
        let https = HttpsConnectorBuilder::new().with_native_roots()?.https_only().enable_http1();
        Ok(Self::Secure(builder.build(https.wrap_connector(http))))
    }

    pub(crate) async fn get(&self, url: &str) -> Result<Bytes, String> {
        let request = Request::get(url).header(ACCEPT, "application/json");
        let request = request.body(Full::default()).map_err(|error| error.to_string())?;
        match self.send(request).await? {
            (StatusCode::OK, body) => Ok(body),
            (status, _) => Err(format!("`{url}` answers {status}")),
        }
    }

    /// Posts a form. The answer of one that is refused is not told: it may quote what was sent.
    pub(crate) async fn post(
        &self,
        url: &str,
        form: String,
        authorization: Option<HeaderValue>,
    ) -> Result<Bytes, String> {
        let mut request = Request::post(url)
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(authorization) = authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        let request = request.body(Full::from(form)).map_err(|error| error.to_string())?;
        match self.send(request).await? {
            (StatusCode::OK, body) => Ok(body),
            (status, _) => Err(format!("`{url}` answers {status}")),
        }
    }

    async fn send(&self, request: Request<Full<Bytes>>) -> Result<(StatusCode, Bytes), String> {
        let answered = async {
            let answer = match self {
                Self::Plain(client) => client.request(request).await,
                Self::Secure(client) => client.request(request).await,
            };
            let answer = answer.map_err(|error| format!("it cannot be reached: {error}"))?;
            let (head, body) = answer.into_parts();
            let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await;
            let body = body.map_err(|error| format!("its answer broke off: {error}"))?;
            Ok((head.status, body.to_bytes()))
        };
        let late = |_| "it did not answer in time".to_owned();
        timeout(ANSWERED_WITHIN, answered).await.map_err(late)?
    }
}
