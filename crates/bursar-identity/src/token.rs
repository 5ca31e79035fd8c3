//! ID tokens: what must be true of one before a word of it is believed. Pure.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bursar_kernel::Timestamp;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;

/// Seconds that a provider's clock and ours may differ.
const SKEW_SECONDS: i64 = 60;
/// Bytes of a token: claims are a few hundred.
const TOKEN_BYTES_MAX: usize = 16 * 1024;
/// Bytes of a subject, as `OpenID` Connect has it.
const SUBJECT_BYTES_MAX: usize = 255;

/// Why a token is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadToken {
    /// It is no token.
    #[error("it is not a signed token")]
    Malformed,
    /// It is signed in a way that is not taken: only RS256 and ES256 are.
    #[error("it is signed in a way that is not taken")]
    Algorithm,
    /// No key of the provider's has signed it.
    #[error("no key of the provider's is named so")]
    UnknownKey,
    /// Its signature is wrong.
    #[error("its signature is wrong")]
    Signature,
    /// It is somebody else's, or for somebody else.
    #[error("it is of another issuer, or for another client")]
    Party,
    /// It is too old, or of a time to come.
    #[error("it has expired, or is not valid yet")]
    Time,
    /// It answers another question.
    #[error("it answers another question")]
    Nonce,
    /// It names nobody.
    #[error("it names nobody")]
    Nobody,
}

/// What a token must say.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'e> {
    /// The issuer, to the letter.
    pub issuer: &'e str,
    /// Us.
    pub client_id: &'e str,
    /// What we asked with.
    pub nonce: &'e str,
    /// The present.
    pub now: Timestamp,
}

/// What a token says, once it is believed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Claims {
    iss: String,
    /// Who, by the issuer's own name.
    pub sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
    nonce: Option<String>,
    /// Their mail address.
    pub email: Option<String>,
    /// Whether the issuer has seen that it is theirs. Some write it as text.
    #[serde(default)]
    pub email_verified: Verified,
    /// How they are called.
    pub name: Option<String>,
}

/// Yes, no, or the words for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Verified {
    /// As it should be.
    Yes(bool),
    /// As some write it.
    Word(String),
    /// Not said.
    #[default]
    Unsaid,
}

impl Verified {
    /// Whether it is a yes.
    pub fn is_yes(&self) -> bool {
        match self {
            Self::Yes(yes) => *yes,
            Self::Word(word) => word == "true",
            Self::Unsaid => false,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<serde_json::Value>,
}

/// A provider's keys.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Keys {
    keys: Vec<Key>,
}

#[derive(Clone, Debug, Deserialize)]
struct Key {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl Keys {
    /// Believes a token, or says why not.
    pub fn check(&self, token: &str, expected: &Expected<'_>) -> Result<Claims, BadToken> {
        if TOKEN_BYTES_MAX < token.len() {
            return Err(BadToken::Malformed);
        }
        let mut parts = token.split('.');
        let (Some(head), Some(body), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(BadToken::Malformed);
        };
        let header: Header = json(head)?;
        if header.crit.is_some() {
            return Err(BadToken::Algorithm);
        }
        let signature = bytes(signature)?;
        let signed = token.get(..head.len() + 1 + body.len()).ok_or(BadToken::Malformed)?;
        let keys = self.fitting(&header)?;
        if !keys.iter().any(|key| key.has_signed(&header.alg, signed.as_bytes(), &signature)) {
            return Err(BadToken::Signature);
        }
        let claims: Claims = json(body)?;
        claims.check(expected)?;
        Ok(claims)
    }

    /// The keys that may have signed a token: one by name, or where it names none, all of its kind.
    fn fitting(&self, header: &Header) -> Result<Vec<&Key>, BadToken> {
        let kind = match header.alg.as_str() {
            "RS256" => "RSA",
            "ES256" => "EC",
            _ => return Err(BadToken::Algorithm),
        };
        let fits = |key: &&Key| {
            key.kty == kind
                && key.purpose.as_deref().is_none_or(|purpose| purpose == "sig")
                && key.alg.as_ref().is_none_or(|alg| *alg == header.alg)
                && (header.kid.is_none() || key.kid == header.kid)
        };
        let keys: Vec<&Key> = self.keys.iter().filter(fits).collect();
        if keys.is_empty() { Err(BadToken::UnknownKey) } else { Ok(keys) }
    }
}

impl Key {
    fn has_signed(&self, alg: &str, signed: &[u8], signature: &[u8]) -> bool {
        let part = |part: &Option<String>| part.as_deref().and_then(|text| bytes(text).ok());
        match alg {
            "RS256" => {
                let (Some(n), Some(e)) = (part(&self.n), part(&self.e)) else { return false };
                let key = RsaPublicKeyComponents { n, e };
                key.verify(&RSA_PKCS1_2048_8192_SHA256, signed, signature).is_ok()
            }
            "ES256" => {
                let (Some(x), Some(y)) = (part(&self.x), part(&self.y)) else { return false };
                if self.crv.as_deref() != Some("P-256") || x.len() != 32 || y.len() != 32 {
                    return false;
                }
                let point = [&[4][..], &x, &y].concat();
                let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
                key.verify(signed, signature).is_ok()
            }
            _ => false,
        }
    }
}

impl Claims {
    fn check(&self, expected: &Expected<'_>) -> Result<(), BadToken> {
        let us = expected.client_id;
        let is_for_us = match &self.aud {
            Audience::One(one) => one == us,
            // One of several: then it must have been issued to us.
            Audience::Many(many) => {
                many.iter().any(|one| one == us)
                    && (many.len() == 1 || self.azp.as_deref() == Some(us))
            }
        };
        let is_issued_to_us = self.azp.as_deref().is_none_or(|party| party == us);
        if self.iss != expected.issuer || !is_for_us || !is_issued_to_us {
            return Err(BadToken::Party);
        }
        let now = expected.now.as_second();
        let begins = self.nbf.map_or(self.iat, |nbf| nbf.max(self.iat));
        if self.exp.saturating_add(SKEW_SECONDS) <= now || now < begins.saturating_sub(SKEW_SECONDS)
        {
            return Err(BadToken::Time);
        }
        if self.nonce.as_deref() != Some(expected.nonce) {
            return Err(BadToken::Nonce);
        }
        let sub = &self.sub;
        if sub.is_empty() || SUBJECT_BYTES_MAX < sub.len() || sub.chars().any(char::is_control) {
            return Err(BadToken::Nobody);
        }
        Ok(())
    }
}

fn bytes(text: &str) -> Result<Vec<u8>, BadToken> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| BadToken::Malformed)
}

fn json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, BadToken> {
    serde_json::from_slice(&bytes(text)?).map_err(|_| BadToken::Malformed)
}
