//! Secrets: shown once, kept as hashes.

use std::fmt;

use crate::entropy;

/// Letters that a person can copy without doubt and a shell does not mind.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Characters of 260 random bits at five bits a character.
const CHARACTERS: usize = 52;

/// A secret in clear: to be shown once, never kept, never printed by `Debug`.
pub struct Secret(String);

impl Secret {
    /// A new secret of 260 random bits after a prefix.
    pub fn draw(prefix: &str) -> Self {
        let bytes: [u8; CHARACTERS] = entropy::bytes();
        let letters = bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)]));
        Self(prefix.chars().chain(letters).collect())
    }

    /// The secret, to be shown to whom it belongs.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is kept in its place.
    pub fn hash(&self) -> [u8; 32] {
        hash(&self.0)
    }

    /// Its last four characters, so that a person can tell secrets apart.
    pub fn hint(&self) -> String {
        self.0[self.0.len().saturating_sub(4)..].to_owned()
    }
}

/// A secret that was made before and read back.
impl From<String> for Secret {
    fn from(secret: String) -> Self {
        Self(secret)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// The hash of a secret that somebody presents. Secrets are random, so a plain hash suffices, and
/// a look-up by it leaks nothing about the secret.
pub fn hash(secret: &str) -> [u8; 32] {
    *blake3::hash(secret.as_bytes()).as_bytes()
}
