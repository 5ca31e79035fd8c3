//! Upstreams' keys that are kept sealed: put in place of the configuration's, exchanged while calls
//! go on, taken out again, and sealed anew under a newer master key.

use bursar_policy::{Action, Viewer};
use bursar_service::{Service, ServiceError, allow, audit_line, batch_of};
use bursar_sources::SealError;
use bursar_store::rows::{SealedBytes, SealedSecret};
use bursar_store::{Expect, Row, Write};
use secrecy::{ExposeSecret as _, SecretString};
use tracing::warn;

/// Characters of a key at the most: providers' have some two hundred.
const KEY_CHARACTERS_MAX: usize = 1_024;

/// A sealed key of an upstream, with nothing of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamKey {
    /// The upstream.
    pub upstream: String,
    /// What tells whether two keys are the same.
    pub fingerprint: String,
    /// The name of the master key that it is sealed under.
    pub master_key: String,
    /// Whether this server opens it.
    pub opens: bool,
    /// When it was put there.
    pub at: jiff::Timestamp,
}

/// The sealed keys, by upstream.
pub async fn upstream_keys(
    service: &Service,
    viewer: &Viewer,
) -> Result<Vec<UpstreamKey>, ServiceError> {
    allow(viewer, Action::Operate)?;
    let rows = service.store().sealed_secrets().await?;
    Ok(rows.into_iter().filter_map(|row| shown(service, &row)).collect())
}

/// Seals a key for an upstream. New calls go out with it at once, on every server, in place of the
/// one before; those under way keep theirs.
pub async fn set_upstream_key(
    service: &Service,
    viewer: &Viewer,
    upstream: &str,
    key: SecretString,
) -> Result<UpstreamKey, ServiceError> {
    allow(viewer, Action::Operate)?;
    known(service, upstream)?;
    let key = SecretString::from(key.expose_secret().trim().to_owned());
    let length = key.expose_secret().chars().count();
    let is_plain = key.expose_secret().bytes().all(|byte| byte.is_ascii_graphic());
    if length == 0 || KEY_CHARACTERS_MAX < length || !is_plain {
        return Err(ServiceError::field(
            "key",
            format!(
                "Give the key alone, of at most {KEY_CHARACTERS_MAX} letters, digits and signs, \
                 without spaces or line breaks"
            ),
        ));
    }
    let purpose = SealedSecret::of_upstream(upstream);
    let sealed = seal(service, &purpose, &key)?;
    let row = put(service, viewer, purpose, Some(sealed), "upstream_key.set").await?;
    shown(service, &row).ok_or_else(|| missing(upstream))
}

/// Takes the sealed key of an upstream out: that of the configuration holds again.
pub async fn remove_upstream_key(
    service: &Service,
    viewer: &Viewer,
    upstream: &str,
) -> Result<(), ServiceError> {
    allow(viewer, Action::Operate)?;
    let purpose = SealedSecret::of_upstream(upstream);
    match service.store().sealed_secret(purpose.clone()).await? {
        Some(row) if row.sealed.is_some() => {
            put(service, viewer, purpose, None, "upstream_key.removed").await.map(|_| ())
        }
        Some(_) | None => Err(missing(upstream)),
    }
}

/// Seals every secret anew that is not under the newest master key; tells how many were not.
pub async fn reseal(service: &Service, viewer: &Viewer) -> Result<usize, ServiceError> {
    allow(viewer, Action::Operate)?;
    let calls = service.calls();
    let newest = calls.master_keys().names().map_err(refused)?.into_iter().next();
    let mut sealed_anew = 0_usize;
    for row in service.store().sealed_secrets().await? {
        let is_old = row.sealed.as_ref().is_some_and(|sealed| Some(&sealed.key) != newest.as_ref());
        if !is_old {
            continue;
        }
        let Some(secret) = calls.opened(&row).map_err(refused)? else { continue };
        let sealed = seal(service, &row.purpose, &secret)?;
        put(service, viewer, row.purpose, Some(sealed), "upstream_key.resealed").await?;
        sealed_anew = sealed_anew.saturating_add(1);
    }
    Ok(sealed_anew)
}

fn seal(
    service: &Service,
    purpose: &str,
    secret: &SecretString,
) -> Result<SealedBytes, ServiceError> {
    let (calls, is_shared) = (service.calls(), service.store().is_shared());
    let keys = calls.master_keys();
    if is_shared && !keys.is_named() {
        return Err(ServiceError::Refused(
            "servers share this database, and each has a master key of its own\n\
             hint: give all of them one file, and name it in their configuration: \
             `master_key_file = \"/etc/bursar/master.key\"`"
                .to_owned(),
        ));
    }
    if !keys.is_named() && keys.make().map_err(refused)? {
        warn!(
            path = %keys.path().display(),
            "made a master key at `{}`: without it, what is sealed cannot be opened again; keep a \
             copy apart from the database",
            keys.path().display()
        );
    }
    calls.seal(purpose, secret).map_err(refused)
}

async fn put(
    service: &Service,
    viewer: &Viewer,
    purpose: String,
    sealed: Option<SealedBytes>,
    action: &str,
) -> Result<SealedSecret, ServiceError> {
    let before = service.store().sealed_secret(purpose.clone()).await?;
    let version = before.map(|row| row.version);
    let batch = batch_of(viewer, service.now())?;
    let detail = sealed.as_ref().map_or_else(String::new, |sealed| {
        format!("fingerprint {}, master key {}", sealed.fingerprint, sealed.key)
    });
    let row = SealedSecret {
        purpose,
        sealed,
        by: batch.by.clone(),
        at: batch.now,
        version: version.unwrap_or(0).saturating_add(1),
    };
    let line = audit_line(&batch, action, row.upstream().unwrap_or(&row.purpose), detail);
    let expect = version.map_or(Expect::New, Expect::Version);
    let write = Write::Row(Row::SealedSecret(Box::new(row.clone())), expect);
    service.store().commit(batch.with(write).with(line)).await?;
    service.calls().learn_upstream_keys().await?;
    Ok(row)
}

fn shown(service: &Service, row: &SealedSecret) -> Option<UpstreamKey> {
    let sealed = row.sealed.as_ref()?;
    Some(UpstreamKey {
        upstream: row.upstream()?.to_owned(),
        fingerprint: sealed.fingerprint.clone(),
        master_key: sealed.key.clone(),
        opens: service.calls().opened(row).is_ok(),
        at: row.at,
    })
}

fn known(service: &Service, upstream: &str) -> Result<(), ServiceError> {
    if service.calls().upstream_names().iter().any(|name| name == upstream) {
        return Ok(());
    }
    let what = format!("upstream `{upstream}`\nhint: `bursar upstream list` names them");
    Err(ServiceError::NotFound(what))
}

fn missing(upstream: &str) -> ServiceError {
    ServiceError::NotFound(format!("sealed key of upstream `{upstream}`"))
}

fn refused(error: SealError) -> ServiceError {
    match error {
        SealError::Unreadable { .. } | SealError::Unwritable { .. } => {
            ServiceError::Unavailable(Box::new(error))
        }
        SealError::Missing(_)
        | SealError::Full(_)
        | SealError::Open(_)
        | SealError::Malformed { .. }
        | SealError::OtherKey { .. }
        | SealError::Broken => ServiceError::Refused(error.to_string()),
    }
}
