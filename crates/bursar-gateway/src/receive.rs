//! Step 1: a request's body, within its limits.

use std::time::Duration;

use axum::body::Body;
use bursar_kernel::Endpoint;
use bursar_kernel::limits::{
    GATEWAY_BODY_BYTES_MAX, GATEWAY_BODY_SECONDS_MAX, GATEWAY_FORM_BYTES_MAX,
};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;

use bursar_failures::Failure;

/// Bytes of a body that is too large that are read and thrown away, so that a client which sends
/// before it listens hears why rather than a reset connection.
const DISCARDED_BYTES_MAX: usize = GATEWAY_BODY_BYTES_MAX;

/// Reads a body, at most so large and in at most so long.
pub(crate) async fn receive(endpoint: Endpoint, body: Body) -> Result<Bytes, Failure> {
    let limit = Duration::from_secs(GATEWAY_BODY_SECONDS_MAX);
    let bytes_max =
        if endpoint.takes_a_form() { GATEWAY_FORM_BYTES_MAX } else { GATEWAY_BODY_BYTES_MAX };
    let read = tokio::time::timeout(limit, read(body, bytes_max)).await;
    read.unwrap_or_else(|_| Err(Failure::slow_body()))
}

/// Reads a body in JSON that is no call.
pub(crate) async fn receive_json(body: Body) -> Result<Bytes, Failure> {
    receive(Endpoint::ChatCompletions, body).await
}

async fn read(mut body: Body, bytes_max: usize) -> Result<Bytes, Failure> {
    let declared = http_body::Body::size_hint(&body).lower();
    let most = u64::try_from(bytes_max).unwrap_or(u64::MAX);
    if most < declared {
        discard(body).await;
        return Err(Failure::large_body(bytes_max));
    }
    let mut read = BytesMut::with_capacity(usize::try_from(declared).unwrap_or(0));
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Failure::broken_body())?;
        let Ok(data) = frame.into_data() else { continue };
        if bytes_max < read.len().saturating_add(data.len()) {
            discard(body).await;
            return Err(Failure::large_body(bytes_max));
        }
        read.extend_from_slice(&data);
    }
    Ok(read.freeze())
}

async fn discard(mut body: Body) {
    let mut discarded = 0_usize;
    while let Some(Ok(frame)) = body.frame().await {
        let bytes = frame.data_ref().map_or(0, Bytes::len);
        discarded = discarded.saturating_add(bytes);
        if DISCARDED_BYTES_MAX < discarded {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    //! A body that dawdles, and one that breaks off.

    use std::io;

    use futures_util::{StreamExt, stream};
    use http::StatusCode;
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_body_that_never_ends_is_given_up() {
        let began = Instant::now();
        let first = stream::iter([Ok::<_, io::Error>(Bytes::from_static(b"{"))]);
        let body = Body::from_stream(first.chain(stream::pending()));
        let failure = receive(Endpoint::ChatCompletions, body).await;
        assert_eq!(failure.unwrap_err().status, StatusCode::REQUEST_TIMEOUT);
        assert_eq!(began.elapsed().as_secs(), GATEWAY_BODY_SECONDS_MAX);
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_refused() {
        let broken = stream::iter([Ok(Bytes::from_static(b"{")), Err(io::Error::other("gone"))]);
        let failure =
            receive(Endpoint::AudioTranscriptions, Body::from_stream(broken)).await.unwrap_err();
        assert_eq!(failure.status, StatusCode::BAD_REQUEST);
    }
}
