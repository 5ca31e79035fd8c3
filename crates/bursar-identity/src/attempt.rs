//! What ties an answer of a provider to the browser that asked: all of it is made of one secret
//! that the browser keeps, so nothing of it is stored, and it is of use to nobody else.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bursar_sources::Secret;
use ring::digest::{SHA256, digest};

/// One try to sign in.
#[derive(Debug)]
pub struct Attempt {
    secret: Secret,
}

impl Attempt {
    /// A new one.
    pub fn draw() -> Self {
        Self { secret: Secret::draw("") }
    }

    /// One that a browser has kept, if its cookie looks like one.
    pub fn from_cookie(cookie: &str) -> Option<Self> {
        let fits = cookie.len() == 52 && cookie.bytes().all(|byte| byte.is_ascii_alphanumeric());
        fits.then(|| Self { secret: Secret::from(cookie.to_owned()) })
    }

    /// What the browser keeps.
    pub fn cookie(&self) -> &str {
        self.secret.reveal()
    }

    /// What comes back with the answer.
    pub fn state(&self, provider: &str) -> String {
        self.derived("bursar sign-in state v1", provider)
    }

    /// Whether an answer belongs to it.
    pub fn is_state(&self, provider: &str, state: &str) -> bool {
        // `Hash` compares in constant time.
        blake3::hash(self.state(provider).as_bytes()) == blake3::hash(state.as_bytes())
    }

    /// What comes back inside the token.
    pub fn nonce(&self, provider: &str) -> String {
        self.derived("bursar sign-in nonce v1", provider)
    }

    /// What proves that whoever brings the code asked for it: RFC 7636.
    pub fn verifier(&self, provider: &str) -> String {
        self.derived("bursar sign-in verifier v1", provider)
    }

    /// What the provider learns of that beforehand.
    pub fn challenge(&self, provider: &str) -> String {
        URL_SAFE_NO_PAD.encode(digest(&SHA256, self.verifier(provider).as_bytes()))
    }

    fn derived(&self, purpose: &str, provider: &str) -> String {
        let material = format!("{}\0{provider}", self.secret.reveal());
        URL_SAFE_NO_PAD.encode(blake3::derive_key(purpose, material.as_bytes()))
    }
}
