//! ID tokens, attempts and iDs.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bursar_kernel::Timestamp;
use proptest::prelude::*;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};

use super::*;

const ISSUER: &str = "https://id.example.edu";
const NOW: i64 = 1_799_053_200;

/// A provider's key, and what it publishes of it.
struct Signer {
    key: EcdsaKeyPair,
    name: &'static str,
}

impl Signer {
    fn new(name: &'static str) -> Self {
        let random = SystemRandom::new();
        let kind = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(kind, &random).unwrap();
        Self { key: EcdsaKeyPair::from_pkcs8(kind, pkcs8.as_ref(), &random).unwrap(), name }
    }

    fn keys(&self) -> Keys {
        let point = self.key.public_key().as_ref();
        let part = |part: &[u8]| URL_SAFE_NO_PAD.encode(part);
        let (x, y) = (part(&point[1..33]), part(&point[33..]));
        let key = json!({"kty": "EC", "crv": "P-256", "kid": self.name, "use": "sig", "x": x,
            "y": y});
        serde_json::from_value(json!({"keys": [{"kty": "oct", "k": "AAAA"}, key]})).unwrap()
    }

    fn token_with(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let signature = self.key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }

    fn token(&self, claims: &Value) -> String {
        self.token_with(&json!({"alg": "ES256", "kid": self.name}), claims)
    }
}

fn claims() -> Value {
    json!({"iss": ISSUER, "sub": "ada", "aud": "us", "exp": NOW + 300, "iat": NOW,
        "nonce": "n0nce", "email": "Ada@Example.edu", "email_verified": true})
}

fn expected() -> Expected<'static> {
    let now = Timestamp::from_second(NOW).unwrap();
    Expected { issuer: ISSUER, client_id: "us", nonce: "n0nce", now }
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

#[test]
fn a_token_is_believed_where_all_of_it_fits() {
    let signer = Signer::new("one");
    let check = |claims: Value| signer.keys().check(&signer.token(&claims), &expected());
    let believed = check(claims()).unwrap();
    assert_eq!((believed.sub.as_str(), believed.email_verified.is_yes()), ("ada", true));
    assert!(check(with("aud", json!(["us"]))).is_ok());
    assert!(check(with("exp", json!(NOW - 30))).is_ok(), "clocks differ by seconds");
    assert!(check(with("iat", json!(NOW + 30))).is_ok());
    assert!(!check(with("email_verified", json!("false"))).unwrap().email_verified.is_yes());
    let mut several = with("aud", json!(["them", "us"]));
    assert_eq!(check(several.clone()), Err(BadToken::Party), "issued to whom?");
    several["azp"] = json!("us");
    assert!(check(several).is_ok());
    for (name, value, why) in [
        ("iss", json!("https://id.example.edu/"), BadToken::Party),
        ("aud", json!("them"), BadToken::Party),
        ("azp", json!("them"), BadToken::Party),
        ("exp", json!(NOW - 61), BadToken::Time),
        ("iat", json!(NOW + 61), BadToken::Time),
        ("nbf", json!(NOW + 61), BadToken::Time),
        ("nonce", json!("another"), BadToken::Nonce),
        ("nonce", Value::Null, BadToken::Nonce),
        ("sub", json!(""), BadToken::Nobody),
        ("sub", json!("a".repeat(256)), BadToken::Nobody),
        ("sub", json!("a\nb"), BadToken::Nobody),
        ("exp", Value::Null, BadToken::Malformed),
    ] {
        assert_eq!(check(with(name, value.clone())), Err(why), "{name}: {value}");
    }
}

#[test]
fn a_token_is_believed_from_the_providers_own_keys_only() {
    let (signer, other) = (Signer::new("one"), Signer::new("one"));
    let token = other.token(&claims());
    assert_eq!(signer.keys().check(&token, &expected()), Err(BadToken::Signature));
    let renamed = Signer { name: "two", ..Signer::new("two") };
    let token = renamed.token(&claims());
    assert_eq!(signer.keys().check(&token, &expected()), Err(BadToken::UnknownKey));
    for header in [
        json!({"alg": "none"}),
        json!({"alg": "HS256", "kid": "one"}),
        json!({"alg": "ES384", "kid": "one"}),
        json!({"alg": "ES256", "kid": "one", "crit": ["exp"]}),
    ] {
        let token = signer.token_with(&header, &claims());
        assert_eq!(signer.keys().check(&token, &expected()), Err(BadToken::Algorithm), "{header}");
    }
    let rsa = signer.token_with(&json!({"alg": "RS256", "kid": "one"}), &claims());
    assert_eq!(signer.keys().check(&rsa, &expected()), Err(BadToken::UnknownKey));
    let nameless = signer.token_with(&json!({"alg": "ES256"}), &claims());
    assert!(signer.keys().check(&nameless, &expected()).is_ok());
    let token = signer.token(&claims());
    let unsigned = token.rsplit_once('.').unwrap().0;
    for token in [unsigned.to_owned(), format!("{unsigned}."), format!("{token}.x")] {
        assert!(signer.keys().check(&token, &expected()).is_err(), "{token}");
    }
}

#[test]
fn the_example_of_rfc_7515_is_signed_with_rs256() {
    let keys: Keys = serde_json::from_str(include_str!("tests/rfc7515.json")).unwrap();
    let token = include_str!("tests/rfc7515.jws").trim();
    // Signed by its key, and not for us.
    let told = keys.check(token, &expected());
    assert_eq!(told, Err(BadToken::Malformed), "what it says is no ID token");
    let (signed, _) = token.rsplit_once('.').unwrap();
    let changed = format!("{signed}.{}", "A".repeat(342));
    assert_eq!(keys.check(&changed, &expected()), Err(BadToken::Signature));
}

#[test]
fn an_answer_belongs_to_the_browser_that_asked_this_provider() {
    let attempt = Attempt::draw();
    let again = Attempt::from_cookie(attempt.cookie()).unwrap();
    let state = attempt.state("orcid");
    assert!(again.is_state("orcid", &state) && !again.is_state("other", &state));
    assert!(!Attempt::draw().is_state("orcid", &state));
    assert_eq!(again.verifier("orcid"), attempt.verifier("orcid"));
    let all = [&state, &attempt.nonce("orcid"), &attempt.verifier("orcid"), attempt.cookie()];
    for (one, place) in all.iter().zip(0..) {
        assert!(all.iter().skip(place + 1).all(|other| one != other));
        assert!(43 <= one.len());
    }
    for cookie in ["", "short", &"a".repeat(51), &"é".repeat(26)] {
        assert!(Attempt::from_cookie(cookie).is_none(), "{cookie}");
    }
}

#[test]
fn an_orcid_id_checks_itself() {
    for id in
        ["0000-0002-1825-0097", "https://orcid.org/0000-0001-5109-3700", "0000-0002-1694-233X"]
    {
        let read: Orcid = id.parse().unwrap();
        assert!(id.ends_with(&read.to_string()));
    }
    for id in ["", "0000-0002-1825-0098", "0000-0002-1694-233x", "0000000218250097", "a-b-c-d"] {
        assert!(id.parse::<Orcid>().is_err(), "{id}");
    }
}

proptest! {
    #[test]
    fn no_text_breaks_a_check(token in "[a-zA-Z0-9_.-]{0,80}|\\PC{0,40}", id in "\\PC{0,24}") {
        prop_assert!(Keys::default().check(&token, &expected()).is_err());
        let _ = id.parse::<Orcid>();
    }
}
