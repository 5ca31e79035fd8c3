//! Why a session ends, as its client hears of it.

use bursar_failures::Failure;
use bursar_meter::ErrorBody;
use bursar_socket::{Close, Closed};

/// Codes of RFC 6455, section 7.4.1, and of its registry.
const NORMAL: u16 = 1000;
const GOING_AWAY: u16 = 1001;
const PROTOCOL: u16 = 1002;
const UNSUPPORTED: u16 = 1003;
const POLICY: u16 = 1008;
const TOO_LONG: u16 = 1009;
const FAILED: u16 = 1011;
const AGAIN_LATER: u16 = 1013;

/// Why a session ends.
#[derive(Debug)]
pub(crate) struct Ending {
    /// What the client's socket is closed with; nothing, where it has left.
    pub(crate) close: Option<Close>,
    /// What the client hears before.
    pub(crate) error: Option<Box<ErrorBody>>,
    /// Whether nothing more is to be heard of the upstream: what calls cost, for one.
    pub(crate) upstream_is_lost: bool,
}

impl Ending {
    fn told(code: u16, reason: &str, failure: Failure) -> Self {
        let close = Some(Close { code, reason: reason.to_owned() });
        Self { close, error: Some(Box::new(failure.envelope.error)), upstream_is_lost: false }
    }

    /// The client has left.
    pub(crate) const fn left() -> Self {
        Self { close: None, error: None, upstream_is_lost: false }
    }

    /// The client said goodbye, and hears the same.
    pub(crate) fn goodbye() -> Self {
        let close = Close { code: NORMAL, reason: String::new() };
        Self { close: Some(close), error: None, upstream_is_lost: false }
    }

    /// What came from the client is no message.
    pub(crate) fn of_client(closed: Closed) -> Self {
        let code = match closed {
            Closed::Ended => return Self::left(),
            Closed::TooLong => TOO_LONG,
            Closed::Garbage => PROTOCOL,
        };
        let close = Some(Close { code, reason: closed.to_string() });
        Self { close, error: None, upstream_is_lost: false }
    }

    /// The client sent bytes.
    pub(crate) fn binary() -> Self {
        let reason = "events are texts of JSON, with audio in base64".to_owned();
        let close = Some(Close { code: UNSUPPORTED, reason });
        Self { close, error: None, upstream_is_lost: false }
    }

    /// The caller may not go on.
    pub(crate) fn denied(failure: Failure) -> Self {
        let code = failure.envelope.error.code.clone().unwrap_or_default();
        Self::told(POLICY, &format!("the session was ended: {code}"), failure)
    }

    /// Somebody has stopped the upstream.
    pub(crate) fn stopped() -> Self {
        let reason = "the session was ended: upstream_stopped";
        Self::told(AGAIN_LATER, reason, Failure::upstreams_stopped())
    }

    /// The server stops.
    pub(crate) fn going_away() -> Self {
        Self::told(GOING_AWAY, "the gateway is stopping", Failure::session_cut("is stopping"))
    }

    /// The provider broke off, or does what it must not.
    pub(crate) fn upstream() -> Self {
        let told = Self::told(FAILED, "the provider broke off", Failure::broke_off());
        Self { upstream_is_lost: true, ..told }
    }

    /// A response did not end.
    pub(crate) fn overdue() -> Self {
        let why = "the provider did not finish in time";
        Self { upstream_is_lost: true, ..Self::told(FAILED, why, Failure::timed_out()) }
    }

    /// What a call cost could not be written.
    pub(crate) fn unsettled(failure: Failure) -> Self {
        Self::told(FAILED, "a charge could not be written", failure)
    }

    /// It has lasted as long as sessions may.
    pub(crate) fn expired(minutes: i64) -> Self {
        let failure = Failure::session_expired(minutes);
        Self::told(GOING_AWAY, "the session reached its maximum duration", failure)
    }

    /// Nothing came from the client for so long.
    pub(crate) fn idle(minutes: i64) -> Self {
        Self::told(GOING_AWAY, "the session was idle for too long", Failure::session_idle(minutes))
    }
}
