//! What an authenticator signs: made of a secret that one browser has and of the instant, so that
//! nothing is stored before somebody answers.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bursar_kernel::Timestamp;
use bursar_kernel::limits::PASSKEY_ANSWER_TIME;

use crate::Refused;

/// Bytes that make a question unlike every other of the same browser and instant.
pub type Nonce = [u8; 8];

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To make a passkey.
    Register,
    /// To sign in with one.
    SignIn,
}

/// A question to one browser, good for minutes and for one answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Challenge {
    instant: i64,
    nonce: Nonce,
    proof: [u8; 32],
}

impl Challenge {
    /// The question to the browser that has this secret, asked now.
    pub fn new(secret: &str, purpose: Purpose, now: Timestamp, nonce: Nonce) -> Self {
        Self::at(secret, purpose, now.as_millisecond(), nonce)
    }

    fn at(secret: &str, purpose: Purpose, instant: i64, nonce: Nonce) -> Self {
        let context = match purpose {
            Purpose::Register => "bursar passkey registration challenge v1",
            Purpose::SignIn => "bursar passkey sign-in challenge v1",
        };
        let mut hasher = blake3::Hasher::new_derive_key(context);
        hasher.update(&instant.to_be_bytes()).update(&nonce).update(secret.as_bytes());
        Self { instant, nonce, proof: *hasher.finalize().as_bytes() }
    }

    /// The question that was answered, if it was asked of this browser and not too long ago.
    pub(crate) fn answered(
        text: &str,
        secret: &str,
        purpose: Purpose,
        now: Timestamp,
    ) -> Result<Self, Refused> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| Refused::NotAsked)?;
        let parts = bytes.split_first_chunk().and_then(|(instant, rest)| {
            let (nonce, proof) = rest.split_first_chunk()?;
            Some((i64::from_be_bytes(*instant), *nonce, proof))
        });
        let (instant, nonce, proof) = parts.ok_or(Refused::NotAsked)?;
        let asked = Self::at(secret, purpose, instant, nonce);
        // `Hash` compares in constant time.
        if blake3::hash(&asked.proof) != blake3::hash(proof) {
            return Err(Refused::NotAsked);
        }
        if asked.expires_at() <= now { Err(Refused::TooLate) } else { Ok(asked) }
    }

    fn bytes(&self) -> Vec<u8> {
        [&self.instant.to_be_bytes()[..], &self.nonce, &self.proof].concat()
    }

    /// As it stands in options and in answers.
    pub fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes())
    }

    /// What it is known by once it was answered.
    pub fn hash(&self) -> [u8; 32] {
        *blake3::hash(&self.bytes()).as_bytes()
    }

    /// From then on no answer is taken.
    pub fn expires_at(&self) -> Timestamp {
        let asked = Timestamp::from_millisecond(self.instant).unwrap_or(Timestamp::UNIX_EPOCH);
        asked.checked_add(PASSKEY_ANSWER_TIME).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}
