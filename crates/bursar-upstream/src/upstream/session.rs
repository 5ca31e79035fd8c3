//! A WebSocket session with an upstream, over the connections that its calls go over.

use bursar_kernel::limits::REALTIME_MESSAGE_BYTES_MAX;
use bursar_kernel::{Endpoint, ModelId, RequestId};
use bursar_socket::{Asked, NotTaken, Socket};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;

use super::Provider;
use crate::connections::SendError;

/// What an upstream answered to whoever wants a session.
pub enum Opened {
    /// It is open.
    Session(Box<Socket>),
    /// It is refused.
    Refused(Box<Response<Incoming>>),
}

/// Why there is no session. Nothing was made of it, so nothing is due.
#[derive(Debug, thiserror::Error)]
pub enum NotOpened {
    /// The upstream has no sessions of that model.
    #[error("the upstream does not serve this")]
    NotServed,
    /// The system has no random numbers for a handshake.
    #[error("the system has no random numbers")]
    NoChance,
    /// It cannot be reached.
    #[error("the upstream cannot be reached")]
    NotReached(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It broke off.
    #[error("the upstream broke off")]
    BrokeOff(#[source] hyper::Error),
    /// Its handshake is none.
    #[error("the handshake failed")]
    Handshake(#[from] NotTaken),
}

impl Provider {
    /// Opens a session with a model, which its client names so. A connection that cannot be made
    /// is tried once more where nobody else could be asked.
    pub async fn open_session(
        &self,
        model: &ModelId,
        asked_as: &str,
        request: RequestId,
        is_last: bool,
    ) -> Result<Opened, NotOpened> {
        let address = self.address(Endpoint::Realtime, model).ok_or(NotOpened::NotServed)?;
        let uri = format!("{}?model={}", address.uri, address.model.unwrap_or(asked_as));
        let asked = Asked::new().ok_or(NotOpened::NoChance)?;
        let tries = if is_last { super::CONNECT_TRIES } else { 1 };
        let knock = || {
            let knock = self.signed(Request::get(uri.as_str()), request);
            let mut knock = knock
                .body(Full::new(Bytes::new()))
                .expect("the address was read before, and names of models are plain text");
            asked.write(knock.headers_mut());
            knock
        };
        let mut tried = 1;
        let answer = loop {
            match self.connections.upgrade(knock()).await {
                Ok(answer) => break answer,
                Err(SendError::NotSent(_)) if tried < tries => tried += 1,
                Err(SendError::NotSent(error)) => return Err(NotOpened::NotReached(error)),
                Err(SendError::Lost(error)) => return Err(NotOpened::BrokeOff(error)),
            }
        };
        if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
            return Ok(Opened::Refused(Box::new(answer)));
        }
        let socket = asked.answered(answer, REALTIME_MESSAGE_BYTES_MAX).await?;
        Ok(Opened::Session(Box::new(socket)))
    }
}
