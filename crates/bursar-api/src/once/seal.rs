//! What is kept of a request under a key: hashes that nobody can guess the request from, and the
//! answer, sealed with ChaCha20-Poly1305 under a key that is used for one answer.
//!
//! All of it comes from what the request itself brings, so that every server of a database opens
//! what any of them has sealed, and none has a secret of its own to lose.

use bursar_service::entropy;
use bursar_store::rows::SecretHash;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};

/// What each secret is for, so that no other use of the token makes the same.
const SEALS: &str = "bursar 2026-11 answers kept under an idempotency key";
const NAMES: &str = "bursar 2026-11 names of idempotency keys";
const ASKED: &str = "bursar 2026-11 what is asked under an idempotency key";
/// Random bytes before each sealed answer, that make its key its own.
const SALT_BYTES: usize = 16;

/// What a caller's key makes: the name that it is kept under, and the seal of its answer.
pub(super) struct CallersKey(Vec<u8>);

impl CallersKey {
    /// Made of the caller's token, which nobody guesses, and of the key that the caller chose.
    pub(super) fn new(token: &[u8], key: &[u8]) -> Self {
        Self([&length(token), token, key].concat())
    }

    /// What it is kept under. Another caller's is another, though the keys be the same.
    pub(super) fn name(&self) -> SecretHash {
        blake3::derive_key(NAMES, &self.0)
    }

    /// What a request asks of a target.
    pub(super) fn asked(&self, target: &str, body: &[u8]) -> SecretHash {
        let mut hasher = blake3::Hasher::new_derive_key(ASKED);
        for part in [self.0.as_slice(), target.as_bytes(), body] {
            hasher.update(&length(part)).update(part);
        }
        *hasher.finalize().as_bytes()
    }

    /// An answer that only the same token and key open, with its status bound to it.
    pub(super) fn seal(&self, status: u16, body: &[u8]) -> Vec<u8> {
        let salt: [u8; SALT_BYTES] = entropy::bytes();
        let mut sealed = body.to_vec();
        let (nonce, aad) = (one_nonce(), Aad::from(status.to_le_bytes()));
        let tag = self.key(&salt).seal_in_place_separate_tag(nonce, aad, &mut sealed);
        let tag = tag.expect("an answer is shorter than the cipher's limit");
        [&salt, sealed.as_slice(), tag.as_ref()].concat()
    }

    /// The answer, if these are its token, its key and its status.
    pub(super) fn open(&self, status: u16, sealed: &[u8]) -> Option<Vec<u8>> {
        let (salt, sealed) = sealed.split_at_checked(SALT_BYTES)?;
        let mut opened = sealed.to_vec();
        let (nonce, aad) = (one_nonce(), Aad::from(status.to_le_bytes()));
        let length = self.key(salt).open_in_place(nonce, aad, &mut opened).ok()?.len();
        opened.truncate(length);
        Some(opened)
    }

    fn key(&self, salt: &[u8]) -> LessSafeKey {
        let material = [salt, self.0.as_slice()].concat();
        let key = blake3::derive_key(SEALS, &material);
        let key = UnboundKey::new(&CHACHA20_POLY1305, &key);
        LessSafeKey::new(key.expect("the cipher's keys have 32 bytes"))
    }
}

fn length(part: &[u8]) -> [u8; 8] {
    u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes()
}

/// Each key seals once, so that its nonce need not differ.
fn one_nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; 12])
}

#[cfg(test)]
mod tests {
    //! What is sealed opens for the same token, key and status, and for nothing else; and what
    //! is another caller's, or asks something else, has another hash.

    use super::*;

    #[test]
    fn what_is_asked_is_target_and_body() {
        let asked =
            |target, body: &str| CallersKey::new(b"token", b"key").asked(target, body.as_bytes());
        assert_eq!(asked("/api/grants", "{}"), asked("/api/grants", "{}"));
        for (target, body) in [("/api/grants", "{ }"), ("/api/grant", "s{}"), ("/api/keys", "{}")] {
            assert_ne!(asked(target, body), asked("/api/grants", "{}"), "{target} {body}");
        }
    }

    #[test]
    fn an_answer_opens_for_its_own_request_alone() {
        let key = CallersKey::new(b"token", b"key");
        let sealed = key.seal(200, b"sk-bursar-secret");
        assert!(!sealed.windows(6).any(|part| part == b"secret"));
        assert_eq!(key.open(200, &sealed).as_deref(), Some(b"sk-bursar-secret".as_slice()));
        assert_ne!(key.seal(200, b"sk-bursar-secret"), sealed, "each has a salt of its own");
        assert_eq!(key.open(201, &sealed), None);
        for (token, name) in [("token", "kez"), ("tokem", "key"), ("toke", "nkey")] {
            let other = CallersKey::new(token.as_bytes(), name.as_bytes());
            assert_eq!(other.open(200, &sealed), None, "{token} {name}");
            assert_ne!(other.name(), key.name(), "{token} {name}");
            assert_ne!(other.asked("/api", b"body"), key.asked("/api", b"body"));
        }
        for at in 0..sealed.len() {
            let mut broken = sealed.clone();
            broken[at] ^= 1;
            assert_eq!(key.open(200, &broken), None);
            assert_eq!(key.open(200, &sealed[..at]), None);
        }
    }
}
