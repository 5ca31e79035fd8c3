//! What a browser and an authenticator say of an answer: the client's and the authenticator's data.

use serde::Deserialize;

use crate::cbor::{Reader, Value};
use crate::{CREDENTIAL_BYTES_MAX, Party, PublicKey, Refused};

/// Bytes of a client's data at most: a challenge, an origin, and room for what browsers add.
const CLIENT_DATA_BYTES_MAX: usize = 4 * 1024;

#[derive(Deserialize)]
pub(crate) struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    pub(crate) challenge: String,
    origin: String,
    #[serde(rename = "crossOrigin", default)]
    cross_origin: bool,
}

impl ClientData {
    pub(crate) fn read(bytes: &[u8], kind: &str, party: &Party) -> Result<Self, Refused> {
        if CLIENT_DATA_BYTES_MAX < bytes.len() {
            return Err(Refused::Unreadable("the client's data are too long"));
        }
        let read: Self = serde_json::from_slice(bytes)
            .map_err(|_| Refused::Unreadable("the client's data are no JSON"))?;
        if read.kind != kind {
            return Err(Refused::NotAsked);
        }
        if read.origin != party.origin() || read.cross_origin {
            return Err(Refused::OtherSite);
        }
        Ok(read)
    }
}

/// What an authenticator says.
pub(crate) struct Data<'b> {
    pub(crate) count: u32,
    pub(crate) can_be_copied: bool,
    pub(crate) made: Option<Made<'b>>,
}

/// A passkey that it has made.
pub(crate) struct Made<'b> {
    pub(crate) id: &'b [u8],
    pub(crate) key: PublicKey,
    pub(crate) key_bytes: &'b [u8],
}

const PRESENT: u8 = 1;
const VERIFIED: u8 = 1 << 2;
const ELIGIBLE: u8 = 1 << 3;
const BACKED_UP: u8 = 1 << 4;
const HAS_KEY: u8 = 1 << 6;
const HAS_EXTENSIONS: u8 = 1 << 7;

impl<'b> Data<'b> {
    /// Reads all of it; what it is about has to be this site, and its user checked.
    pub(crate) fn read(bytes: &'b [u8], party: &Party) -> Result<Self, Refused> {
        let mut reader = Reader::new(bytes);
        if reader.take(32)? != party.hash() {
            return Err(Refused::OtherSite);
        }
        let [flags] = reader.take(1)? else { return Err(Refused::Unreadable("no flags")) };
        let has = |flag| flags & flag != 0;
        if !has(PRESENT) || !has(VERIFIED) {
            return Err(Refused::NotVerified);
        }
        if has(BACKED_UP) && !has(ELIGIBLE) {
            return Err(Refused::Unreadable("kept elsewhere and not to be"));
        }
        let count = reader.take(4)?.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte));
        let made = if has(HAS_KEY) { Some(Self::made(&mut reader)?) } else { None };
        if has(HAS_EXTENSIONS) {
            reader.value()?;
        }
        if !reader.rest().is_empty() {
            return Err(Refused::Unreadable("there is more than its data"));
        }
        Ok(Self { count, can_be_copied: has(ELIGIBLE), made })
    }

    fn made(reader: &mut Reader<'b>) -> Result<Made<'b>, Refused> {
        // The model of the authenticator, which nobody vouches for.
        reader.take(16)?;
        let length = reader.take(2)?.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        let id = reader.take(length)?;
        if id.is_empty() || CREDENTIAL_BYTES_MAX < id.len() {
            return Err(Refused::Unreadable("the passkey's name is too long"));
        }
        let before = reader.rest();
        let key: Value<'_> = reader.value()?;
        let length = before.len() - reader.rest().len();
        Ok(Made { id, key: PublicKey::of(&key)?, key_bytes: &before[..length] })
    }
}
