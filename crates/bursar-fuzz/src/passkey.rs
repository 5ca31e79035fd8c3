//! What authenticators say: whatever it is, nobody is signed in by it, and what is taken for a
//! passkey has a key that can be read again.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bursar_kernel::{PersonId, Timestamp};
use bursar_passkey::{
    Answer, CREDENTIAL_BYTES_MAX, Challenge, Credential, Party, PublicKey, Purpose, register,
    sign_in,
};
use serde_json::json;

const ORIGIN: &str = "https://credits.example.edu";
const SECRET: &str = "what a browser keeps";
/// A name of sixteen zeros, as the seed has it.
const ID: &str = "AAAAAAAAAAAAAAAAAAAAAA";

fn client_data(kind: &str, purpose: Purpose, now: Timestamp) -> String {
    let challenge = Challenge::new(SECRET, purpose, now, [0; 8]).text();
    let data = json!({ "type": kind, "challenge": challenge, "origin": ORIGIN });
    URL_SAFE_NO_PAD.encode(data.to_string())
}

/// The bytes as an attestation, and then as an authenticator's data, a key and a signature.
pub(crate) fn passkeys(bytes: &[u8]) {
    let now = Timestamp::from_second(1_793_000_000).expect("it is an instant");
    let party = Party::of(ORIGIN).expect("it is a site");
    let answer = Answer {
        id: ID.to_owned(),
        client_data: client_data("webauthn.create", Purpose::Register, now),
        authenticator: URL_SAFE_NO_PAD.encode(bytes),
        ..Answer::default()
    };
    if let Ok(made) = register(&party, SECRET, &answer, now) {
        assert!(PublicKey::read(&made.public_key).is_ok(), "its key cannot be read again");
        assert!((1..=CREDENTIAL_BYTES_MAX).contains(&made.id.len()), "{}", made.id.len());
    }
    let (data, rest) = bytes.split_at(bytes.len().min(37));
    let (key, signature) = rest.split_at(rest.len().min(77));
    let person = PersonId::from_bytes([7; 16]);
    let answer = Answer {
        client_data: client_data("webauthn.get", Purpose::SignIn, now),
        authenticator: URL_SAFE_NO_PAD.encode(data),
        signature: URL_SAFE_NO_PAD.encode(signature),
        user: URL_SAFE_NO_PAD.encode(person.to_bytes()),
        ..answer
    };
    let known = Credential { public_key: key, count: 0, person };
    assert!(sign_in(&party, SECRET, &answer, &known, now).is_err(), "nobody signed this");
}
