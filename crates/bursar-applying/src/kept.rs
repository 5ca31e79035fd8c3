//! What somebody had typed when their session had ended.
//!
//! It is kept on the server and not in the page that asks to sign in: the link that signs in comes
//! by mail and opens a page of its own, and the page that asked is gone. It is sealed under the
//! session's own secret, which only that browser has: nobody else reads it, whoever has the
//! database.

use std::collections::BTreeMap;

use bursar_kernel::Actor;
use bursar_service::{Service, ServiceError, entropy};
use bursar_store::rows::KeptForm;
use bursar_store::{ApplyingWrite, Batch};
use jiff::SignedDuration;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};

/// How long it is kept: until the mail with the link is found, and a night more.
const KEPT: SignedDuration = SignedDuration::from_hours(24);
/// Bytes of a form that is kept: a draft's most, with room for its escapes.
const BYTES_MAX: usize = 1024 * 1024;
const SEALS: &str = "bursar 2026-11 forms of sessions that had ended";
const NAMES: &str = "bursar 2026-11 names of forms of sessions that had ended";
const SALT_BYTES: usize = 16;

/// Keeps a form for a page, one for each session. `secret` is the session's cookie: one that never
/// was a session's keeps nothing, so that nobody fills the store from outside. Whether it was kept.
pub async fn keep(
    service: &Service,
    secret: &str,
    page: &str,
    fields: &BTreeMap<String, String>,
) -> Result<bool, ServiceError> {
    let hash = *blake3::hash(secret.as_bytes()).as_bytes();
    if service.store().session(hash).await?.is_none() {
        return Ok(false);
    }
    let Ok(plain) = serde_json::to_vec(&(page, fields)) else { return Ok(false) };
    if BYTES_MAX < plain.len() {
        return Ok(false);
    }
    let now = service.now();
    let form =
        KeptForm { secret_hash: name(secret), sealed: seal(secret, plain), expires_at: now + KEPT };
    let batch = Batch::new(Actor::Job("kept_form".to_owned()), now);
    service.commit(batch.with(ApplyingWrite::KeepForm(form))).await?;
    Ok(true)
}

/// The form that was kept for a page, if one was.
pub async fn kept(
    service: &Service,
    secret: &str,
    page: &str,
) -> Result<Option<BTreeMap<String, String>>, ServiceError> {
    let found = service.store().kept_form(name(secret)).await?;
    let found = found.filter(|form| service.now() < form.expires_at);
    let plain = found.and_then(|form| open(secret, &form.sealed));
    let form = plain.and_then(|plain| {
        serde_json::from_slice::<(String, BTreeMap<String, String>)>(&plain).ok()
    });
    Ok(form.filter(|(of, _)| of == page).map(|(_, fields)| fields))
}

/// Forgets the form that was kept: it was saved.
pub async fn take(service: &Service, secret: &str) -> Result<(), ServiceError> {
    let batch = Batch::new(Actor::Job("kept_form".to_owned()), service.now());
    service.commit(batch.with(ApplyingWrite::ForgetForm(name(secret)))).await?;
    Ok(())
}

/// Not the session's own hash: who reads the table learns of no session.
fn name(secret: &str) -> [u8; 32] {
    blake3::derive_key(NAMES, secret.as_bytes())
}

fn seal(secret: &str, mut plain: Vec<u8>) -> Vec<u8> {
    let salt: [u8; SALT_BYTES] = entropy::bytes();
    let tag = key(secret, &salt).seal_in_place_separate_tag(one_nonce(), Aad::empty(), &mut plain);
    let tag = tag.expect("a form is shorter than the cipher's limit");
    [&salt, plain.as_slice(), tag.as_ref()].concat()
}

fn open(secret: &str, sealed: &[u8]) -> Option<Vec<u8>> {
    let (salt, sealed) = sealed.split_at_checked(SALT_BYTES)?;
    let mut opened = sealed.to_vec();
    let length =
        key(secret, salt).open_in_place(one_nonce(), Aad::empty(), &mut opened).ok()?.len();
    opened.truncate(length);
    Some(opened)
}

fn key(secret: &str, salt: &[u8]) -> LessSafeKey {
    let key = blake3::derive_key(SEALS, &[salt, secret.as_bytes()].concat());
    let key = UnboundKey::new(&CHACHA20_POLY1305, &key);
    LessSafeKey::new(key.expect("the cipher's keys have 32 bytes"))
}

/// Each key seals once, so that its nonce need not differ.
fn one_nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; 12])
}

#[cfg(test)]
mod tests {
    //! What is sealed opens for the same secret and for no other.

    use super::*;

    #[test]
    fn only_the_same_secret_opens() {
        let sealed = seal("one", b"typed".to_vec());
        assert_eq!(open("one", &sealed).as_deref(), Some(&b"typed"[..]));
        assert_eq!(open("two", &sealed), None);
        let mut changed = sealed.clone();
        changed[20] ^= 1;
        assert_eq!(open("one", &changed), None);
        assert_eq!(open("one", &sealed[..3]), None);
        assert_ne!(seal("one", b"typed".to_vec()), sealed);
    }
}
