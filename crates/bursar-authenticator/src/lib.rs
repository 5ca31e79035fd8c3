//! An authenticator of a test's own, which signs what it is asked and lies where it is told to.
//! Never part of the product: tests only.

#![expect(clippy::unwrap_used, reason = "a helper of tests may fail like tests")]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bursar_passkey::Answer;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::rsa;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
};
use serde_json::{Value, json};

/// A key that was made for tests alone.
const RSA_KEY: &[u8] = include_bytes!("rsa.der");

/// User present, user verified.
pub const CHECKED: u8 = 0b101;

/// What it signs with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// Ed25519.
    Edwards,
    /// ECDSA over P-256.
    P256,
    /// RSA, 2,048 bits.
    Rsa,
}

enum Pair {
    Edwards(Ed25519KeyPair),
    P256(EcdsaKeyPair),
    Rsa(rsa::KeyPair),
}

/// An authenticator with one passkey.
pub struct Authenticator {
    pair: Pair,
    /// The passkey's name.
    pub id: Vec<u8>,
    /// Whose it is; learnt when it is made.
    pub user: String,
    /// Where the browser is.
    pub origin: String,
    /// What it counts; 0 where it does not.
    pub count: u32,
    /// What it says of its user.
    pub flags: u8,
}

impl Authenticator {
    /// One with a new key, in a browser that shows this site.
    pub fn new(algorithm: Algorithm, origin: &str) -> Self {
        let chance = SystemRandom::new();
        let mut id = vec![0; 16];
        ring::rand::SecureRandom::fill(&chance, &mut id).unwrap();
        let pair = match algorithm {
            Algorithm::Edwards => {
                let document = Ed25519KeyPair::generate_pkcs8(&chance).unwrap();
                Pair::Edwards(Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap())
            }
            Algorithm::P256 => {
                let kind = &ECDSA_P256_SHA256_ASN1_SIGNING;
                let document = EcdsaKeyPair::generate_pkcs8(kind, &chance).unwrap();
                Pair::P256(EcdsaKeyPair::from_pkcs8(kind, document.as_ref(), &chance).unwrap())
            }
            Algorithm::Rsa => Pair::Rsa(rsa::KeyPair::from_der(RSA_KEY).unwrap()),
        };
        let origin = origin.to_owned();
        Self { pair, id, user: String::new(), origin, count: 0, flags: CHECKED }
    }

    /// Makes its passkey as the options of a page ask for it.
    pub fn register(&mut self, options: &Value) -> Answer {
        let user = options["user"]["id"].as_str().unwrap();
        user.clone_into(&mut self.user);
        let client_data = self.client_data("webauthn.create", options);
        let site = options["rp"]["id"].as_str().unwrap();
        let mut data = self.data(site, self.flags | 0b0100_0000);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend(&self.id);
        data.extend(self.key());
        let mut object = vec![0xa3];
        object.extend(text("fmt"));
        object.extend(text("none"));
        object.extend(text("attStmt"));
        object.push(0xa0);
        object.extend(text("authData"));
        object.extend(bytes(&data));
        Answer {
            id: encoded(&self.id),
            client_data: encoded(&client_data),
            authenticator: encoded(&object),
            signature: String::new(),
            user: String::new(),
        }
    }

    /// Signs its user in as the options of a page ask for it.
    pub fn sign_in(&mut self, options: &Value) -> Answer {
        if self.count != 0 {
            self.count += 1;
        }
        let client_data = self.client_data("webauthn.get", options);
        let site = options["rpId"].as_str().unwrap();
        let data = self.data(site, self.flags);
        let hashed = digest(&SHA256, &client_data);
        let message = [&data, hashed.as_ref()].concat();
        Answer {
            id: encoded(&self.id),
            client_data: encoded(&client_data),
            authenticator: encoded(&data),
            signature: encoded(&self.sign(&message)),
            user: self.user.clone(),
        }
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let challenge = &options["challenge"];
        let data = json!({
            "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false,
        });
        serde_json::to_vec(&data).unwrap()
    }

    fn data(&self, site: &str, flags: u8) -> Vec<u8> {
        let mut data = digest(&SHA256, site.as_bytes()).as_ref().to_vec();
        data.push(flags);
        data.extend(self.count.to_be_bytes());
        data
    }

    fn key(&self) -> Vec<u8> {
        match &self.pair {
            Pair::Edwards(pair) => {
                let mut key = vec![0xa4, 1, 1, 3, 0x27, 0x20, 6, 0x21];
                key.extend(bytes(pair.public_key().as_ref()));
                key
            }
            Pair::P256(pair) => {
                let point = pair.public_key().as_ref();
                let mut key = vec![0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21];
                key.extend(bytes(&point[1..33]));
                key.push(0x22);
                key.extend(bytes(&point[33..]));
                key
            }
            Pair::Rsa(pair) => {
                let public = rsa::PublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                let mut key = vec![0xa4, 1, 3, 3, 0x39, 1, 0, 0x20];
                key.extend(bytes(&public.n));
                key.push(0x21);
                key.extend(bytes(&public.e));
                key
            }
        }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let chance = SystemRandom::new();
        match &self.pair {
            Pair::Edwards(pair) => pair.sign(message).as_ref().to_vec(),
            Pair::P256(pair) => pair.sign(&chance, message).unwrap().as_ref().to_vec(),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &chance, message, &mut signature).unwrap();
                signature
            }
        }
    }
}

fn text(text: &str) -> Vec<u8> {
    let mut written = vec![0x60 | u8::try_from(text.len()).unwrap()];
    written.extend(text.as_bytes());
    written
}

fn bytes(bytes: &[u8]) -> Vec<u8> {
    let mut written = vec![0x59];
    written.extend(u16::try_from(bytes.len()).unwrap().to_be_bytes());
    written.extend(bytes);
    written
}

/// Bytes as pages send them.
pub fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
