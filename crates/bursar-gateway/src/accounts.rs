//! What a key may ask about its grant's account, answered for whoever has the key.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use bursar_accounts::{Refused, answer};
use http::{HeaderMap, Uri};

use crate::gateway::Gateway;
use crate::identify::identify;
use crate::receipt;
use bursar_failures::Failure;

pub(crate) async fn show(
    State(gateway): State<Arc<Gateway>>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let caller = identify(&gateway.calls, &headers).await?;
    let answer = answer(&gateway.calls, &caller, &uri).await;
    answer.map(|json| receipt::json(&json)).map_err(|refused| match refused {
        Refused::UnknownCall => Failure::unknown_call(),
        Refused::Query { param, code, message } => Failure::query(&param, code, message),
        Refused::Store(error) => Failure::no_store(&error),
    })
}
