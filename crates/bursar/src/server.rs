//! The listener: accepts, bounds how slowly a client may speak, and stops without cutting anybody
//! off.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use bursar_gateway::CallDoor;
use hyper::body::Incoming;
use hyper::server::conn::http1::{self, UpgradeableConnection};
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tower::ServiceExt as _;
use tracing::{info, warn};

/// Seconds that a client may take to send a request's head, and to keep an idle connection.
const HEAD_SECONDS_MAX: u64 = 75;
/// How long open connections may take to end at a stop.
const STOP_SECONDS_MAX: u64 = 30;
/// How long to wait after the system refused a connection, for lack of files for instance.
const REFUSED_PAUSE: Duration = Duration::from_millis(100);

/// Takes an address to listen on.
pub(crate) async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!(
            "failed to listen on `{address}`\n\
             hint: another server may run there; `--listen 127.0.0.1:0` picks a free port"
        )
    })
}

/// What answers requests: calls go straight to the gateway.
#[derive(Clone)]
pub(crate) struct Site {
    /// Takes calls.
    pub(crate) calls: Option<CallDoor>,
    /// Takes everything else.
    pub(crate) router: Router,
}

impl Service<Request<Incoming>> for Site {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let calls = self.calls.as_ref();
        let call = calls.and_then(|door| Some((door, door.endpoint(&request)?)));
        match call {
            Some((door, endpoint)) => {
                let answer = door.clone().serve(endpoint, request.map(Body::new));
                Box::pin(async move { Ok(answer.await) })
            }
            None => Box::pin(self.router.clone().oneshot(request.map(Body::new))),
        }
    }
}

/// Serves until `stop` ends, then lets open requests finish.
pub(crate) async fn serve(listener: TcpListener, site: Site, stop: impl Future<Output = ()>) {
    let (stopped, stops) = watch::channel(());
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(Duration::from_secs(HEAD_SECONDS_MAX));
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                warn!(error = %error, "failed to accept a connection");
                tokio::time::sleep(REFUSED_PAUSE).await;
                continue;
            }
        };
        // Streams are many small writes: waiting to fill a packet would hold tokens back.
        let _ = stream.set_nodelay(true);
        let connection = builder.serve_connection(TokioIo::new(stream), site.clone());
        // A session begins as a request does, and goes on without HTTP.
        tokio::spawn(to_its_end(connection.with_upgrades(), stops.clone()));
    }
    drop((listener, stops));
    let _ = stopped.send(());
    let at_most = Duration::from_secs(STOP_SECONDS_MAX);
    if tokio::time::timeout(at_most, stopped.closed()).await.is_err() {
        warn!("some connections did not end in time and were cut off");
    }
}

/// Serves a connection until it ends, or turns into one of another kind. Once the server stops it
/// takes no further request. One that breaks is its client's affair.
async fn to_its_end(
    connection: UpgradeableConnection<TokioIo<TcpStream>, Site>,
    mut stops: watch::Receiver<()>,
) {
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = stops.changed() => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}

/// Ends when the process is asked to stop: from now on, whenever it is first waited for.
pub(crate) fn asked_to_stop() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};

    // Listened for at once: whoever reads that the server is ready may ask it to stop that moment.
    let asked = [SignalKind::terminate(), SignalKind::interrupt()].map(signal);
    async move {
        let [terminated, interrupted] = asked.map(asked_by);
        tokio::select! {
            () = terminated => {}
            () = interrupted => {}
        }
        info!("stopping: open calls may finish");
    }
}

/// Ends when a signal comes; never, where the system does not let it be listened for.
async fn asked_by(signals: std::io::Result<tokio::signal::unix::Signal>) {
    match signals {
        Ok(mut signals) => {
            signals.recv().await;
        }
        Err(_) => std::future::pending().await,
    }
}
