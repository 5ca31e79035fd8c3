//! Step 6: the call goes to the upstream that honours its credit.

use bursar_kernel::RequestId;
use bytes::BytesMut;
use http::Response;
use http::header::RETRY_AFTER;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tracing::{error, warn};

use crate::call::Call;
use crate::errors::{Failure, UpstreamError, chain};
use crate::hold::Held;
use crate::upstream::{Provider, SendError, Sending};

/// Bytes of a refusal that are read.
const REFUSAL_BYTES_MAX: usize = 64 * 1024;

/// What became of a forwarded call.
pub(crate) enum Forwarded {
    /// An answer begins.
    Answering(Response<Incoming>),
    /// It was refused, or never sent: nothing is due.
    Refused(Failure),
    /// It was sent, and nobody knows what became of it.
    Lost(Failure),
}

impl Call {
    /// The upstream that this call goes to: the first of its program's group.
    pub(crate) fn provider(&self) -> Option<&Provider> {
        let group = &self.caller.program().entitlements.upstream_group;
        self.gateway.providers.iter().find(|provider| provider.group == *group)
    }
}

/// Forwards a call: the fields that were understood, under the gateway's own headers.
pub(crate) async fn forward(call: &Call, held: &Held) -> Forwarded {
    let Some(provider) = call.provider() else {
        let group = &call.caller.program().entitlements.upstream_group;
        error!(upstream.group = %group, "no upstream is configured for group `{group}`");
        return Forwarded::Refused(Failure::upstream_unavailable());
    };
    let form = call.request.upstream_form(&call.request_id.to_string());
    let (content_type, body) = form.unwrap_or_else(|| {
        let body = call.request.upstream_body(held.output_limit, provider.pins_service_tier);
        ("application/json".to_owned(), body)
    });
    let sending = Sending {
        endpoint: call.request.endpoint,
        content_type,
        body,
        stream: call.request.stream,
        request: call.request_id,
    };
    match provider.send(sending).await {
        Ok(response) if response.status().is_success() => Forwarded::Answering(response),
        Ok(response) => refusal(call, provider, response).await,
        Err(SendError::NotSent(reason)) => {
            error!(
                upstream.name = provider.name, error = %chain(&reason),
                "upstream `{}` cannot be reached", provider.name
            );
            Forwarded::Refused(Failure::upstream_unavailable())
        }
        Err(SendError::Lost(reason)) => {
            warn!(
                upstream.name = provider.name, request.id = %call.request_id,
                error = %chain(&reason), "upstream `{}` broke off", provider.name
            );
            Forwarded::Lost(Failure::broke_off())
        }
    }
}

async fn refusal(call: &Call, provider: &Provider, response: Response<Incoming>) -> Forwarded {
    let (head, body) = response.into_parts();
    let retry_after = head.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let error = UpstreamError {
        status: head.status,
        retry_after: retry_after.and_then(|seconds| seconds.trim().parse().ok()),
        body: provider.redact(&read(body).await),
    };
    if error.is_ours() {
        alarm(provider, call.request_id, &error);
    }
    if error.may_have_been_billed() {
        return Forwarded::Lost(Failure::timed_out());
    }
    Forwarded::Refused(error.failure(&call.model))
}

/// Tells whoever runs the gateway that its credential is refused.
pub(crate) fn alarm(provider: &Provider, request: RequestId, error: &UpstreamError) {
    let said: String = error.body.chars().take(500).collect();
    error!(
        upstream.name = provider.name, request.id = %request, status = error.status.as_u16(), said,
        "upstream `{}` refuses the gateway itself: check its key, its rights and its credit",
        provider.name
    );
}

/// As much of a refusal as is of use.
pub(crate) async fn read(mut body: Incoming) -> String {
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
