//! Realtime sessions that do not begin, or end before their client wants that.

use http::StatusCode;

use super::{BUSY_RETRY_SECONDS, Failure, INVALID, Retry, SERVER};

impl Failure {
    /// A request at a session's address that asks for no socket.
    pub fn not_a_socket(why: &str) -> Self {
        let message = format!(
            "A realtime session is a WebSocket connection, and {why}. Connect with a WebSocket \
             client, to `wss://` and this address, as the SDKs do with `realtime.connect`."
        );
        Self::new(StatusCode::UPGRADE_REQUIRED, INVALID, "websocket_required", message)
    }

    /// As many sessions are open as may be.
    pub fn too_many_sessions(most: usize, of_whom: &str) -> Self {
        let message = format!(
            "{most} realtime sessions {of_whom} are open, and that is as many as there may be at \
             a time. Close one that is not needed, or try again later."
        );
        Self::new(StatusCode::TOO_MANY_REQUESTS, "requests", "rate_limit_exceeded", message)
            .retry(Retry::After(BUSY_RETRY_SECONDS))
    }

    /// The upstream's sessions are none that can be paid for.
    pub fn no_session() -> Self {
        let message = "The provider did not begin a session in which every answer can be paid for \
                       before it is made. Nothing is wrong with your key, your grant or your \
                       request, and nothing was charged. Whoever runs the gateway has been told.";
        Self::new(StatusCode::BAD_GATEWAY, SERVER, "upstream_failed", message).retry(Retry::Never)
    }

    /// The server ends a session.
    pub fn session_cut(why: &str) -> Self {
        let message = format!(
            "The gateway {why}, so this session ends. What was being made is charged for what it \
             used. Connect again, and send what matters of the conversation."
        );
        Self::new(StatusCode::SERVICE_UNAVAILABLE, SERVER, "session_ended", message)
    }

    /// A session that has lasted as long as one may.
    pub fn session_expired(minutes: i64) -> Self {
        let message = format!(
            "Your session hit the maximum duration of {minutes} minutes. Connect again, and send \
             what matters of the conversation."
        );
        Self::new(StatusCode::REQUEST_TIMEOUT, INVALID, "session_expired", message)
    }

    /// A session in which nobody said anything.
    pub fn session_idle(minutes: i64) -> Self {
        let message = format!(
            "Nothing came from this session's client for {minutes} minutes, so it ends. Connect \
             again when there is something to say."
        );
        Self::new(StatusCode::REQUEST_TIMEOUT, INVALID, "session_idle", message)
    }
}
