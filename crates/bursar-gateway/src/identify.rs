//! Step 2: who calls.

use std::sync::Arc;

use bursar_calls::{Caller, Calls};
use http::HeaderMap;
use http::header::AUTHORIZATION;

use bursar_failures::Failure;

/// Who calls, by the key in the `Authorization` header. A stopped key is nobody's.
pub(crate) async fn identify(calls: &Calls, headers: &HeaderMap) -> Result<Arc<Caller>, Failure> {
    let secret = bearer(headers)?;
    let caller = calls.identify(secret).await.map_err(|error| Failure::no_store(&error))?;
    let caller = caller.ok_or_else(Failure::wrong_key)?;
    if caller.is_stopped(calls.now()) {
        return Err(Failure::stopped_key());
    }
    Ok(caller)
}

fn bearer(headers: &HeaderMap) -> Result<&str, Failure> {
    let header = headers.get(AUTHORIZATION).ok_or_else(Failure::no_key)?;
    let text = header.to_str().map_err(|_| Failure::wrong_key())?;
    let (scheme, secret) = text.trim().split_once(' ').ok_or_else(Failure::no_key)?;
    match secret.trim() {
        "" => Err(Failure::no_key()),
        secret if scheme.eq_ignore_ascii_case("bearer") => Ok(secret),
        _ => Err(Failure::no_key()),
    }
}
