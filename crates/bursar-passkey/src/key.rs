//! Public keys as authenticators write them (COSE, RFC 9053), and signatures by them.

use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey,
};

use crate::Refused;
use crate::cbor::{Reader, Value};

/// Algorithms by their COSE numbers, the best first.
pub(crate) const ALGORITHMS: [i64; 3] = [EDDSA, ES256, RS256];
const EDDSA: i64 = -8;
const ES256: i64 = -7;
const RS256: i64 = -257;

/// Bytes of a modulus: 2,048 to 4,096 bits.
const MODULUS_BYTES: std::ops::RangeInclusive<usize> = 256..=512;
/// Bytes of an exponent: 65,537 has three.
const EXPONENT_BYTES_MAX: usize = 4;

/// A public key of a kind that is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// Ed25519.
    Edwards(Vec<u8>),
    /// A point of P-256, uncompressed.
    P256(Vec<u8>),
    /// Modulus and exponent.
    Rsa(Vec<u8>, Vec<u8>),
}

impl PublicKey {
    /// The key of bytes that are one and nothing else.
    pub fn read(bytes: &[u8]) -> Result<Self, Refused> {
        let mut reader = Reader::new(bytes);
        let key = reader.value()?;
        if reader.rest().is_empty() {
            Self::of(&key)
        } else {
            Err(Refused::Unreadable("there is more than a key"))
        }
    }

    pub(crate) fn of(key: &Value<'_>) -> Result<Self, Refused> {
        let whole = |label| match key.get(&Value::Whole(label)) {
            Some(Value::Whole(number)) => Some(*number),
            _ => None,
        };
        let bytes = |label| match key.get(&Value::Whole(label)) {
            Some(Value::Bytes(bytes)) => bytes.to_vec(),
            _ => Vec::new(),
        };
        let kind = match (whole(1), whole(3), whole(-1)) {
            (Some(1), Some(EDDSA), Some(6)) => Kind::Edwards(bytes(-2)),
            (Some(2), Some(ES256), Some(1)) => {
                let (x, y) = (bytes(-2), bytes(-3));
                if x.len() != 32 {
                    return Err(Refused::UnknownAlgorithm);
                }
                Kind::P256([&[4][..], &x, &y].concat())
            }
            (Some(3), Some(RS256), _) => Kind::Rsa(bytes(-1), bytes(-2)),
            _ => return Err(Refused::UnknownAlgorithm),
        };
        let fits = match &kind {
            Kind::Edwards(point) => point.len() == 32,
            Kind::P256(point) => point.len() == 65,
            Kind::Rsa(n, e) => {
                MODULUS_BYTES.contains(&n.len()) && (1..=EXPONENT_BYTES_MAX).contains(&e.len())
            }
        };
        if fits { Ok(Self(kind)) } else { Err(Refused::UnknownAlgorithm) }
    }

    /// Whether this key signed a message.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Refused> {
        let told = match &self.0 {
            Kind::Edwards(point) => {
                UnparsedPublicKey::new(&ED25519, point).verify(message, signature)
            }
            Kind::P256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(message, signature)
            }
            Kind::Rsa(n, e) => RsaPublicKeyComponents { n, e }.verify(
                &RSA_PKCS1_2048_8192_SHA256,
                message,
                signature,
            ),
        };
        told.map_err(|_| Refused::BadSignature)
    }
}
