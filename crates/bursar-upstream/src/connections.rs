//! Connections to an upstream. Each is driven by whoever uses it: the task that waits for an answer
//! writes the request and reads the answer itself, so that nobody has to be woken to do it.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::HOST;
use http::uri::{Authority, Scheme};
use http::{HeaderValue, Request, Response, Uri};
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::TrySendError;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::rt::{Read, Write};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use tokio::time::Instant;
use tower::ServiceExt as _;

/// How long connecting may take, to the end of what encryption needs.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection is kept without use: less than any server keeps it, since a call that is
/// sent into a connection as it closes may or may not have been billed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(4);
/// Connections without use that are kept.
const IDLE_CONNECTIONS_MAX: usize = 256;

/// What is sent.
pub(crate) type Sent = Request<Full<Bytes>>;
type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why there is no answer.
pub enum SendError {
    /// No connection was made.
    NotSent(BoxError),
    /// It was sent, in part or whole.
    Lost(hyper::Error),
}

/// Connections to one server.
pub(crate) struct Connections {
    server: Uri,
    host: HeaderValue,
    connector: Connector,
    idle: Arc<Idle>,
}

/// In clear or not: certificates are loaded only where they are needed.
enum Connector {
    Plain(HttpConnector),
    Secure(HttpsConnector<HttpConnector>),
}

impl Connections {
    /// Connections to the server of an absolute address.
    pub(crate) fn new(server: Uri, authority: &Authority) -> Result<Self, std::io::Error> {
        let is_plain = server.scheme() == Some(&Scheme::HTTP);
        let mut http = HttpConnector::new();
        http.set_connect_timeout(Some(CONNECT_TIMEOUT));
        http.set_nodelay(true);
        let connector = if is_plain {
            Connector::Plain(http)
        } else {
            http.enforce_http(false);
            let https = HttpsConnectorBuilder::new()
                .with_native_roots()?
                .https_only()
                .enable_http1()
                .wrap_connector(http);
            Connector::Secure(https)
        };
        let usual = if is_plain { 80 } else { 443 };
        let host = match authority.port_u16() {
            Some(port) if port == usual => authority.host(),
            Some(_) | None => authority.as_str(),
        };
        let host = HeaderValue::from_str(host).expect("an authority is plain text");
        Ok(Self { server, host, connector, idle: Arc::default() })
    }

    /// Sends a request whose address lies on the server. It goes out once: into a connection that
    /// closed before any of it was taken, it was not sent, and goes into another.
    pub(crate) async fn request(&self, request: Sent) -> Result<Response<Answer>, SendError> {
        let mut request = self.addressed(request);
        while let Some(mut lane) = self.idle.take() {
            if !lane.is_ready().await {
                continue;
            }
            match lane.send(request).await {
                Ok(response) => return Ok(self.answer(lane, response)),
                Err(mut failed) => match failed.take_message() {
                    Some(unsent) => request = unsent,
                    None => return Err(SendError::Lost(failed.into_error())),
                },
            }
        }
        // In a box, so that a call makes no room for what it seldom does.
        let opened = Box::pin(tokio::time::timeout(CONNECT_TIMEOUT, self.open())).await;
        let mut lane = match opened {
            Ok(opened) => opened.map_err(SendError::NotSent)?,
            Err(late) => return Err(SendError::NotSent(late.into())),
        };
        match lane.send(request).await {
            Ok(response) => Ok(self.answer(lane, response)),
            Err(failed) if failed.message().is_some() => {
                Err(SendError::NotSent(failed.into_error().into()))
            }
            Err(failed) => Err(SendError::Lost(failed.into_error())),
        }
    }

    /// Sends a request that asks for another protocol, on a connection of its own, which a task
    /// drives for as long as it lasts.
    pub(crate) async fn upgrade(&self, request: Sent) -> Result<Response<Incoming>, SendError> {
        let request = self.addressed(request);
        let opened = tokio::time::timeout(CONNECT_TIMEOUT, self.open_for_good()).await;
        let mut sender = match opened {
            Ok(opened) => opened.map_err(SendError::NotSent)?,
            Err(late) => return Err(SendError::NotSent(late.into())),
        };
        sender.send_request(request).await.map_err(SendError::Lost)
    }

    async fn open_for_good(&self) -> Result<SendRequest<Full<Bytes>>, BoxError> {
        let server = self.server.clone();
        match &self.connector {
            Connector::Plain(connector) => driven(connector.clone().oneshot(server).await?).await,
            Connector::Secure(connector) => driven(connector.clone().oneshot(server).await?).await,
        }
    }

    /// As a server of its own wants it: a path, and whose it is.
    fn addressed(&self, mut request: Sent) -> Sent {
        let path = request.uri().path_and_query().cloned();
        *request.uri_mut() = path.map(Uri::from).unwrap_or_default();
        request.headers_mut().insert(HOST, self.host.clone());
        request
    }

    async fn open(&self) -> Result<Lane, BoxError> {
        let server = self.server.clone();
        match &self.connector {
            Connector::Plain(connector) => Lane::on(connector.clone().oneshot(server).await?).await,
            Connector::Secure(connector) => {
                Lane::on(connector.clone().oneshot(server).await?).await
            }
        }
    }

    fn answer(&self, lane: Lane, response: Response<Incoming>) -> Response<Answer> {
        let idle = Arc::clone(&self.idle);
        response.map(|incoming| Answer { incoming, lane: Some(lane), idle })
    }
}

/// A connection that may turn into one of another protocol, driven by a task of its own.
async fn driven<T>(stream: T) -> Result<SendRequest<Full<Bytes>>, BoxError>
where
    T: Read + Write + Send + Unpin + 'static,
{
    let (sender, connection) = handshake(stream).await?;
    let connection = connection.with_upgrades();
    // What becomes of it is told to whoever reads or writes.
    tokio::spawn(async move { drop(connection.await) });
    Ok(sender)
}

/// A connection with what drives it.
struct Lane {
    sender: SendRequest<Full<Bytes>>,
    /// Reads and writes when it is polled, and ends when the connection does.
    connection: Pin<Box<dyn Future<Output = hyper::Result<()>> + Send>>,
    is_open: bool,
}

impl Lane {
    async fn on<T>(stream: T) -> Result<Self, BoxError>
    where
        T: Read + Write + Send + Unpin + 'static,
    {
        let (sender, connection) = handshake(stream).await?;
        Ok(Self { sender, connection: Box::pin(connection), is_open: true })
    }

    /// Reads and writes what there is. What went wrong is told to whoever waits for the answer.
    fn drive(&mut self, context: &mut Context<'_>) {
        if self.is_open && self.connection.as_mut().poll(context).is_ready() {
            self.is_open = false;
        }
    }

    /// Whether a request can go out now.
    async fn is_ready(&mut self) -> bool {
        poll_fn(|context| {
            self.drive(context);
            let ready =
                self.is_open && matches!(self.sender.poll_ready(context), Poll::Ready(Ok(())));
            Poll::Ready(ready)
        })
        .await
    }

    async fn send(&mut self, request: Sent) -> Result<Response<Incoming>, TrySendError<Sent>> {
        let mut answered = pin!(self.sender.try_send_request(request));
        let (connection, is_open) = (&mut self.connection, &mut self.is_open);
        poll_fn(move |context| {
            if *is_open && connection.as_mut().poll(context).is_ready() {
                *is_open = false;
            }
            answered.as_mut().poll(context)
        })
        .await
    }
}

/// Connections without use, the one that was used last at the end.
#[derive(Default)]
struct Idle(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    lanes: Vec<(Lane, Instant)>,
    /// Whether somebody comes to close those that nobody takes.
    is_swept: bool,
}

impl Idle {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Option<Lane> {
        let (lane, since) = self.lock().lanes.pop()?;
        // Those before it have waited for longer, and the sweeper closes them.
        (since.elapsed() < IDLE_TIMEOUT).then_some(lane)
    }

    fn put(self: &Arc<Self>, lane: Lane) {
        if !lane.is_open {
            return;
        }
        let mut waiting = self.lock();
        if waiting.lanes.len() < IDLE_CONNECTIONS_MAX {
            waiting.lanes.push((lane, Instant::now()));
        }
        if !waiting.is_swept
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            waiting.is_swept = true;
            runtime.spawn(sweep(Arc::downgrade(self)));
        }
    }
}

/// Closes connections that nobody takes, until there are none.
async fn sweep(idle: Weak<Idle>) {
    loop {
        tokio::time::sleep(IDLE_TIMEOUT).await;
        let Some(idle) = idle.upgrade() else { return };
        let mut waiting = idle.lock();
        waiting.lanes.retain(|(_, since)| since.elapsed() < IDLE_TIMEOUT);
        if waiting.lanes.is_empty() {
            waiting.is_swept = false;
            return;
        }
    }
}

/// The body of an upstream's answer. Read to its end, its connection is used again; dropped before,
/// the connection is closed, and the upstream knows that nobody listens.
pub struct Answer {
    incoming: Incoming,
    lane: Option<Lane>,
    idle: Arc<Idle>,
}

impl Answer {
    fn give_back(&mut self) {
        if let Some(lane) = self.lane.take() {
            self.idle.put(lane);
        }
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let mut frame = Pin::new(&mut self.incoming).poll_frame(context);
        if frame.is_pending()
            && let Some(lane) = &mut self.lane
        {
            // It has asked for more, which the connection hears now.
            lane.drive(context);
            frame = Pin::new(&mut self.incoming).poll_frame(context);
        }
        if matches!(frame, Poll::Ready(None)) {
            if let Some(lane) = &mut self.lane {
                lane.drive(context);
            }
            self.give_back();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        if self.incoming.is_end_stream() {
            self.give_back();
        }
    }
}

#[cfg(test)]
mod tests {
    //! Connections that are used again, that closed meanwhile, and that nobody reads to the end.

    use http_body_util::BodyExt as _;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    const SHORT: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    const ENDLESS: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nbegun";

    /// A server of the test's own, and connections to it.
    async fn server() -> (TcpListener, Connections) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let server: Uri = format!("http://{address}/v1").parse().unwrap();
        let authority = server.authority().unwrap().clone();
        (listener, Connections::new(server, &authority).unwrap())
    }

    async fn asked(connections: &Connections) -> Result<Response<Answer>, SendError> {
        let request = Request::post("http://elsewhere/v1/chat").body(Full::from("hello")).unwrap();
        connections.request(request).await
    }

    /// Reads a request and answers it.
    async fn answer(socket: &mut TcpStream, answer: &[u8]) -> String {
        let mut read = Vec::new();
        while !read.ends_with(b"hello") {
            assert_ne!(socket.read_buf(&mut read).await.unwrap(), 0, "the request is whole");
        }
        socket.write_all(answer).await.unwrap();
        String::from_utf8(read).unwrap()
    }

    async fn whole(response: Result<Response<Answer>, SendError>) -> Bytes {
        let Ok(response) = response else { panic!("there is an answer") };
        response.into_body().collect().await.unwrap().to_bytes()
    }

    #[tokio::test]
    async fn one_connection_takes_one_request_after_another() {
        let (listener, connections) = server().await;
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            let heads = [answer(&mut socket, SHORT).await, answer(&mut socket, SHORT).await];
            (heads, listener)
        });
        for _ in 0..2 {
            assert_eq!(whole(asked(&connections).await).await, "ok");
        }
        let (heads, _listener) = serving.await.unwrap();
        for head in heads {
            assert!(head.starts_with("POST /v1/chat HTTP/1.1\r\n"), "{head}");
            assert!(head.contains(&format!("host: {address}\r\n")), "{head}");
        }
    }

    #[tokio::test]
    async fn a_connection_that_closed_meanwhile_costs_no_request() {
        let (listener, connections) = server().await;
        let serving = tokio::spawn(async move {
            for _ in 0..2 {
                let (mut socket, _) = listener.accept().await.unwrap();
                answer(&mut socket, SHORT).await;
            }
        });
        assert_eq!(whole(asked(&connections).await).await, "ok");
        assert_eq!(whole(asked(&connections).await).await, "ok");
        serving.await.unwrap();
    }

    #[tokio::test]
    async fn an_answer_that_nobody_reads_to_its_end_closes_its_connection() {
        let (listener, connections) = server().await;
        let serving = tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            answer(&mut socket, ENDLESS).await;
            socket.read_buf(&mut Vec::new()).await.unwrap()
        });
        let Ok(response) = asked(&connections).await else { panic!("there is an answer") };
        let frame = response.into_body().frame().await.unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), "begun");
        assert_eq!(serving.await.unwrap(), 0, "the server hears that nobody listens");
    }

    #[tokio::test(start_paused = true)]
    async fn connections_that_nobody_takes_are_closed_in_time() {
        let (listener, connections) = server().await;
        let serving = tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            answer(&mut socket, SHORT).await;
            socket.read_buf(&mut Vec::new()).await.unwrap()
        });
        assert_eq!(whole(asked(&connections).await).await, "ok");
        let waited = Instant::now();
        assert_eq!(serving.await.unwrap(), 0);
        assert!(IDLE_TIMEOUT <= waited.elapsed() && waited.elapsed() <= 2 * IDLE_TIMEOUT);
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_was_sent_nothing() {
        let (listener, connections) = server().await;
        drop(listener);
        assert!(matches!(asked(&connections).await, Err(SendError::NotSent(_))));
    }
}
