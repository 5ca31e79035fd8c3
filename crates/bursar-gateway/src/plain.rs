//! Steps 7 to 9 for an answer that is not streamed: read whole, charged, then handed over.

use std::pin::pin;
use std::sync::Arc;

use bursar_kernel::limits::ANSWER_BYTES_MAX;
use bursar_meter::Evidence;
use bursar_store::rows::CallOutcome;
use bursar_upstream::{Answer, Trouble, Verdict};
use bytes::{Bytes, BytesMut};
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use http_body_util::BodyExt;

use crate::call::{Answered, Call, Client, Payload};
use crate::forward::Reply;
use crate::hold::Held;
use crate::keeping;
use crate::patience::Patience;
use crate::receipt;
use crate::settle::{Ending, settle};
use crate::weigh::weighing;
use bursar_failures::Failure;

/// Reads an answer to its end, charges it and hands it over, byte for byte.
pub(crate) async fn pump(
    call: Call,
    held: Held,
    mut patience: Patience,
    Reply { trial, response }: Reply,
    client: Client,
) {
    let provider = Arc::clone(&trial.provider);
    let (head, body) = response.into_parts();
    let read = match patience.within(pin!(read(body))).await {
        Ok(Ok(body)) => {
            trial.tell(Verdict::Well, &"");
            Ok(body)
        }
        Ok(Err(failure)) => {
            trial.tell(Verdict::Ill(Trouble::BrokeOff), &"an answer broke off");
            Err(failure)
        }
        Err(_) => Err(Failure::timed_out()),
    };
    let body = match read {
        Ok(body) => body,
        Err(failure) => {
            Box::pin(call.fail(held, patience, Evidence::Silence, failure, client)).await;
            return;
        }
    };
    let evidence = evidence(&call, body.clone()).await;
    let row = match &evidence {
        Evidence::Answer(answer) if call.request.is_stored() => {
            keeping::stored(&call, &provider, &held.bound, answer)
        }
        Evidence::Answer(_) | Evidence::Silence | Evidence::Refused => None,
    };
    let ending = if patience.is_abandoned() {
        Ending::abandoned(evidence)
    } else {
        let outcome = CallOutcome::Answered;
        Ending { evidence, outcome, status: head.status, provider: None }
    };
    let ending = ending.of(&provider);
    let settled = match row {
        None => settle(&call, held, ending).await,
        // Whose it is, is durable before anybody can learn its name.
        Some(row) => {
            let keeping = Box::pin(keeping::keep(&call.gateway, row));
            tokio::join!(settle(&call, held, ending), keeping).0
        }
    };
    let answered = match settled {
        Ok(receipt) => {
            let mut headers = receipt::passed_on(&head.headers, provider.is_sandbox);
            let json = HeaderValue::from_static("application/json");
            let kind = head.headers.get(CONTENT_TYPE).cloned().unwrap_or(json);
            headers.insert(CONTENT_TYPE, kind);
            receipt.write(&mut headers);
            Answered { status: head.status, headers, payload: Payload::Whole(body) }
        }
        Err(unsettled) => unsettled.into(),
    };
    let _ = client.send(answered);
}

/// What an answer says of its cost. One that cannot be read hides something.
async fn evidence(call: &Call, body: Bytes) -> Evidence {
    let request = Arc::clone(&call.request);
    let read = weighing(body.len(), move || request.read_answer(&body)).await;
    read.map_or(Evidence::Silence, Evidence::Answer)
}

/// An upstream's body, whole.
pub(crate) async fn read(mut body: Answer) -> Result<Bytes, Failure> {
    let mut read = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Failure::broke_off())?.into_data() else { continue };
        if ANSWER_BYTES_MAX < read.len().saturating_add(data.len()) {
            return Err(Failure::broke_off());
        }
        read.extend_from_slice(&data);
    }
    Ok(read.freeze())
}
