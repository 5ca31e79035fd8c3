//! How a connection of HTTP becomes one of messages. The key of a handshake is no secret: it shows
//! that whoever answers has read the request.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{
    CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL,
    SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use hyper::upgrade::OnUpgrade;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use ring::rand::{SecureRandom as _, SystemRandom};
use tokio_tungstenite::tungstenite::protocol::Role;

use crate::socket::Socket;

/// What is hashed behind the key (RFC 6455, section 1.3).
const BEHIND_THE_KEY: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/// Bytes of a key, before they are written in base64.
const KEY_BYTES: usize = 16;
const VERSION: &str = "13";
/// Subprotocols of one offer that are read: a client names a few.
const PROTOCOLS_MAX: usize = 16;

/// Why a request cannot become a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotASocket {
    /// It does not ask for one.
    #[error("the request does not ask for a WebSocket connection")]
    NotAsked,
    /// It asks for another version.
    #[error("the request asks for another version of WebSocket than {VERSION}")]
    Version,
    /// Its key is missing or is none.
    #[error("the request has no `Sec-WebSocket-Key` of 16 bytes in base64")]
    Key,
}

/// A client's request for a socket, which may still be refused as any request is.
pub struct Offer {
    protocols: Vec<String>,
    accept: HeaderValue,
    upgrade: OnUpgrade,
}

impl Offer {
    /// Takes the socket that a request asks for.
    pub fn take<B>(request: &mut Request<B>) -> Result<Self, NotASocket> {
        let headers = request.headers();
        let asks = request.method() == Method::GET
            && says(headers, &CONNECTION, "upgrade")
            && says(headers, &UPGRADE, "websocket");
        if !asks {
            return Err(NotASocket::NotAsked);
        }
        if !says(headers, &SEC_WEBSOCKET_VERSION, VERSION) {
            return Err(NotASocket::Version);
        }
        let key = headers.get(SEC_WEBSOCKET_KEY).and_then(|key| key.to_str().ok());
        let key = key.map(str::trim).filter(|key| is_key(key)).ok_or(NotASocket::Key)?;
        let accept = answer_to(key);
        let protocols = words(headers, &SEC_WEBSOCKET_PROTOCOL);
        let protocols = protocols.take(PROTOCOLS_MAX).map(str::to_owned).collect();
        Ok(Self { protocols, accept, upgrade: hyper::upgrade::on(request) })
    }

    /// The subprotocols that it offers, in its order. One may carry a secret.
    pub fn protocols(&self) -> &[String] {
        &self.protocols
    }

    /// The answer that makes it a socket, and the socket once that was sent; none if the connection
    /// ends before.
    pub fn accept(
        self,
        protocol: Option<&'static str>,
        message_bytes_max: usize,
    ) -> (Response<()>, impl Future<Output = Option<Socket>> + Send + 'static) {
        let mut response = Response::new(());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(SEC_WEBSOCKET_ACCEPT, self.accept);
        if let Some(protocol) = protocol {
            headers.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(protocol));
        }
        let upgrade = self.upgrade;
        (response, async move {
            let connection = upgrade.await.ok()?;
            Some(Socket::over(connection, Role::Server, message_bytes_max).await)
        })
    }
}

/// Why a server's answer makes no socket.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// It does not show that whoever answers has read the request.
    #[error("the answer does not fit the handshake's key")]
    Unread,
    /// It chose a subprotocol or an extension that was not asked for.
    #[error("the answer chose what was not offered")]
    NotOffered,
    /// The connection ended.
    #[error("the connection ended in the handshake")]
    Ended(#[source] hyper::Error),
}

/// Our own request for a socket.
pub struct Asked {
    key: String,
}

impl Asked {
    /// A new one. `None` if the system has no random numbers.
    pub fn new() -> Option<Self> {
        let mut key = [0; KEY_BYTES];
        SystemRandom::new().fill(&mut key).ok()?;
        Some(Self { key: STANDARD.encode(key) })
    }

    /// Adds what a request for a socket says.
    pub fn write(&self, headers: &mut HeaderMap) {
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static(VERSION));
        if let Ok(key) = HeaderValue::from_str(&self.key) {
            headers.insert(SEC_WEBSOCKET_KEY, key);
        }
    }

    /// The socket that an answer of `101 Switching Protocols` makes.
    pub async fn answered<B>(
        self,
        mut response: Response<B>,
        message_bytes_max: usize,
    ) -> Result<Socket, NotTaken> {
        let headers = response.headers();
        if headers.get(SEC_WEBSOCKET_ACCEPT) != Some(&answer_to(&self.key)) {
            return Err(NotTaken::Unread);
        }
        let extensions = HeaderName::from_static("sec-websocket-extensions");
        if headers.contains_key(SEC_WEBSOCKET_PROTOCOL) || headers.contains_key(extensions) {
            return Err(NotTaken::NotOffered);
        }
        let connection = hyper::upgrade::on(&mut response).await.map_err(NotTaken::Ended)?;
        Ok(Socket::over(connection, Role::Client, message_bytes_max).await)
    }
}

/// What proves that a key was read.
fn answer_to(key: &str) -> HeaderValue {
    let proof = digest(&SHA1_FOR_LEGACY_USE_ONLY, format!("{key}{BEHIND_THE_KEY}").as_bytes());
    HeaderValue::from_str(&STANDARD.encode(proof)).expect("base64 is plain text")
}

fn is_key(key: &str) -> bool {
    STANDARD.decode(key).is_ok_and(|bytes| bytes.len() == KEY_BYTES)
}

/// Whether one of a header's words is that one.
fn says(headers: &HeaderMap, name: &HeaderName, wanted: &str) -> bool {
    words(headers, name).any(|word| word.eq_ignore_ascii_case(wanted))
}

fn words<'h>(headers: &'h HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'h str> {
    let lines = headers.get_all(name).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    //! Requests that are no offers.

    use super::*;

    fn request(changes: &[(&'static str, Option<&'static str>)]) -> Request<()> {
        let mut request = Request::new(());
        for (name, value) in [
            ("connection", Some("keep-alive, Upgrade")),
            ("upgrade", Some("WebSocket")),
            ("sec-websocket-version", Some("13")),
            ("sec-websocket-key", Some("dGhlIHNhbXBsZSBub25jZQ==")),
        ]
        .iter()
        .chain(changes)
        {
            match value {
                Some(value) => {
                    request.headers_mut().insert(*name, HeaderValue::from_static(value));
                }
                None => {
                    request.headers_mut().remove(*name);
                }
            }
        }
        request
    }

    #[test]
    fn the_answer_is_that_of_the_standard() {
        // RFC 6455, section 1.3.
        assert_eq!(answer_to("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn what_does_not_ask_for_a_socket_is_none() {
        for (changes, wanted) in [
            (vec![("upgrade", None)], NotASocket::NotAsked),
            (vec![("connection", Some("close"))], NotASocket::NotAsked),
            (vec![("sec-websocket-version", Some("8"))], NotASocket::Version),
            (vec![("sec-websocket-key", Some("c2hvcnQ="))], NotASocket::Key),
            (vec![("sec-websocket-key", None)], NotASocket::Key),
        ] {
            assert_eq!(Offer::take(&mut request(&changes)).err(), Some(wanted), "{changes:?}");
        }
        let mut post = request(&[]);
        *post.method_mut() = Method::POST;
        assert_eq!(Offer::take(&mut post).err(), Some(NotASocket::NotAsked));
    }

    #[test]
    fn subprotocols_are_offered_in_any_number_of_lines_and_none_is_answered_unasked() {
        let mut asked = request(&[("sec-websocket-protocol", Some("realtime, key.abc"))]);
        asked
            .headers_mut()
            .append("sec-websocket-protocol", HeaderValue::from_static("openai-beta.realtime-v1"));
        let offer = Offer::take(&mut asked).unwrap_or_else(|_| unreachable!("it is one"));
        assert_eq!(offer.protocols(), ["realtime", "key.abc", "openai-beta.realtime-v1"]);
        let (answer, _socket) = offer.accept(Some("realtime"), 1_024);
        assert_eq!(answer.status(), StatusCode::SWITCHING_PROTOCOLS);
        assert_eq!(answer.headers()["sec-websocket-protocol"], "realtime");
        let offer = Offer::take(&mut request(&[])).unwrap_or_else(|_| unreachable!("it is one"));
        assert!(!offer.accept(None, 1_024).0.headers().contains_key("sec-websocket-protocol"));
    }
}
