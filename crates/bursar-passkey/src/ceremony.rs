//! Making a passkey and signing in with one, after the specification's two lists of steps.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bursar_kernel::limits::PASSKEY_ANSWER_TIME;
use bursar_kernel::{PersonId, Timestamp};
use ring::digest::{SHA256, digest};
use serde_json::json;

use crate::cbor::{Reader, Value};
use crate::data::{ClientData, Data};
use crate::key::ALGORITHMS;
use crate::{Challenge, Party, PublicKey, Purpose, Refused};

/// Bytes of a passkey's name at most, by the specification.
pub const CREDENTIAL_BYTES_MAX: usize = 1_023;
/// Bytes of an authenticator's part of an answer at most: certificates are in some, and not read.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// The parts of a browser's answer, each in base64url as the page sends them.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The passkey's name.
    pub id: String,
    /// What the browser signed in for.
    pub client_data: String,
    /// What the authenticator says; when a passkey is made, with an attestation around it.
    pub authenticator: String,
    /// Its signature; nothing when a passkey is made.
    pub signature: String,
    /// Whose it says that it is; nothing when a passkey is made.
    pub user: String,
}

/// A passkey that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolled {
    /// Its name.
    pub id: Vec<u8>,
    /// Its public key, as the authenticator wrote it.
    pub public_key: Vec<u8>,
    /// How often it has signed, if it counts.
    pub count: u32,
    /// Whether its keeper copies it to other devices of its user.
    pub can_be_copied: bool,
    /// What it answered.
    pub challenge: Challenge,
}

/// A passkey as it is kept.
#[derive(Clone, Copy, Debug)]
pub struct Credential<'c> {
    /// Its public key, as the authenticator wrote it.
    pub public_key: &'c [u8],
    /// How often it had signed.
    pub count: u32,
    /// Whose it is.
    pub person: PersonId,
}

/// Somebody has shown that they have a passkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// How often it has signed.
    pub count: u32,
    /// What it answered.
    pub challenge: Challenge,
}

/// What a browser needs to know to make a passkey, as JSON of the specification.
pub fn registration_options(
    party: &Party,
    challenge: &Challenge,
    person: PersonId,
    email: &str,
    name: &str,
    known: &[Vec<u8>],
) -> serde_json::Value {
    let algorithms = ALGORITHMS.map(|number| json!({ "type": "public-key", "alg": number }));
    let known = known
        .iter()
        .map(|id| json!({ "type": "public-key", "id": URL_SAFE_NO_PAD.encode(id) }))
        .collect::<Vec<_>>();
    let shown = if name.is_empty() { email } else { name };
    json!({
        "rp": { "id": party.id(), "name": party.id() },
        "user": {
            "id": URL_SAFE_NO_PAD.encode(person.to_bytes()),
            "name": email,
            "displayName": shown,
        },
        "challenge": challenge.text(),
        "pubKeyCredParams": algorithms,
        "timeout": PASSKEY_ANSWER_TIME.as_secs().saturating_mul(1_000),
        "excludeCredentials": known,
        "authenticatorSelection": {
            "residentKey": "required",
            "requireResidentKey": true,
            "userVerification": "required",
        },
        "attestation": "none",
    })
}

/// What a browser needs to know to sign somebody in, whoever they are.
pub fn sign_in_options(party: &Party, challenge: &Challenge) -> serde_json::Value {
    json!({
        "rpId": party.id(),
        "challenge": challenge.text(),
        "timeout": PASSKEY_ANSWER_TIME.as_secs().saturating_mul(1_000),
        "userVerification": "required",
        "allowCredentials": [],
    })
}

/// The passkey that was made, if it was asked of this browser.
pub fn register(
    party: &Party,
    secret: &str,
    answer: &Answer,
    now: Timestamp,
) -> Result<Enrolled, Refused> {
    let challenge = question(party, secret, answer, Purpose::Register, now)?;
    let attested = bytes(&answer.authenticator)?;
    let mut reader = Reader::new(&attested);
    let object = reader.value()?;
    // What the attestation states is not read: nobody here would know whom to believe.
    let Some(Value::Bytes(data)) = object.get(&Value::Text("authData")) else {
        return Err(Refused::Unreadable("no authenticator data"));
    };
    if !reader.rest().is_empty() {
        return Err(Refused::Unreadable("there is more than an attestation"));
    }
    let data = Data::read(data, party)?;
    let made = data.made.ok_or(Refused::Unreadable("no passkey was made"))?;
    if bytes(&answer.id)? != made.id {
        return Err(Refused::Unreadable("two names of one passkey"));
    }
    // It was read as one; its bytes are what is kept.
    let _: PublicKey = made.key;
    Ok(Enrolled {
        id: made.id.to_vec(),
        public_key: made.key_bytes.to_vec(),
        count: data.count,
        can_be_copied: data.can_be_copied,
        challenge,
    })
}

/// The question that an answer is to, if it was asked of this browser and not too long ago.
pub fn question(
    party: &Party,
    secret: &str,
    answer: &Answer,
    purpose: Purpose,
    now: Timestamp,
) -> Result<Challenge, Refused> {
    let kind = match purpose {
        Purpose::Register => "webauthn.create",
        Purpose::SignIn => "webauthn.get",
    };
    let client = ClientData::read(&bytes(&answer.client_data)?, kind, party)?;
    Challenge::answered(&client.challenge, secret, purpose, now)
}

impl Answer {
    /// The name of the passkey that answered.
    pub fn credential(&self) -> Result<Vec<u8>, Refused> {
        let id = bytes(&self.id)?;
        let fits = !id.is_empty() && id.len() <= CREDENTIAL_BYTES_MAX;
        if fits { Ok(id) } else { Err(Refused::Unreadable("the passkey's name is too long")) }
    }
}

/// Whether whoever answers has the passkey, and was asked in this browser.
///
/// A count that goes back is refused after everything else is right: that is what tells a copied
/// passkey from a stranger.
pub fn sign_in(
    party: &Party,
    secret: &str,
    answer: &Answer,
    known: &Credential<'_>,
    now: Timestamp,
) -> Result<Shown, Refused> {
    let challenge = question(party, secret, answer, Purpose::SignIn, now)?;
    if bytes(&answer.user)? != known.person.to_bytes() {
        return Err(Refused::OtherAccount);
    }
    let authenticator = bytes(&answer.authenticator)?;
    let data = Data::read(&authenticator, party)?;
    let hashed = digest(&SHA256, &bytes(&answer.client_data)?);
    let message = [&authenticator, hashed.as_ref()].concat();
    PublicKey::read(known.public_key)?.verify(&message, &bytes(&answer.signature)?)?;
    let counts = data.count != 0 || known.count != 0;
    if counts && data.count <= known.count {
        return Err(Refused::CountWentBack);
    }
    Ok(Shown { count: data.count, challenge })
}

fn bytes(text: &str) -> Result<Vec<u8>, Refused> {
    if ANSWER_BYTES_MAX < text.len() {
        return Err(Refused::Unreadable("it is too long"));
    }
    URL_SAFE_NO_PAD.decode(text).map_err(|_| Refused::Unreadable("no base64url"))
}
