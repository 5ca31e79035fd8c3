//! Step 2: who calls.

use std::sync::Arc;

use bursar_calls::{Caller, Calls};
use bursar_store::rows::{Belonging, BelongingKind};
use http::HeaderMap;
use http::header::AUTHORIZATION;

use bursar_failures::Failure;

use crate::gateway::Gateway;

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

/// A caller and something that its own grant has, by its name; `missing` where it has none such.
pub(crate) async fn find_owned(
    gateway: &Gateway,
    headers: &HeaderMap,
    (kind, name): (BelongingKind, &str),
    missing: impl FnOnce() -> Failure,
) -> Result<(Arc<Caller>, Belonging), Failure> {
    let caller = identify(&gateway.calls, headers).await?;
    let found = gateway.calls.belonging(&caller, kind, name).await;
    let found = found.map_err(|error| Failure::no_store(&error))?;
    Ok((caller, found.ok_or_else(missing)?))
}
