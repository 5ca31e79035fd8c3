//! Checkpoints as text: signed notes (<https://c2sp.org/signed-note>), signed by Ed25519. Their
//! body is laid out as <https://c2sp.org/tlog-checkpoint> does: whose it is, how long it is, its
//! hash.

use std::fmt;
use std::str::FromStr;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bursar_kernel::Timestamp;
use bursar_ledger::chain::Digest;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

/// What a checkpoint is of: its first line.
const ORIGIN: &str = "bursar chain v1";
/// Whose keys these are. Two installations' differ by their identifier.
const NAME: &str = "bursar";
/// The kind of key, in a signed note: Ed25519.
const ALGORITHM: u8 = 1;
const SIGNATURE_MARK: &str = "\u{2014} ";
const PRIVATE_MARK: &str = "PRIVATE+KEY+";

/// What a book had come to at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Checkpoint {
    pub(super) link: u64,
    pub(super) digest: Digest,
    pub(super) at: Timestamp,
}

impl Checkpoint {
    /// What is signed.
    fn body(&self) -> String {
        let hash = STANDARD.encode(self.digest.to_bytes());
        format!("{ORIGIN}\n{}\n{hash}\n{}\n", self.link, self.at)
    }
}

/// The key that signs. It is never shown.
pub(super) struct SigningKey {
    seed: [u8; 32],
    pair: Ed25519KeyPair,
}

impl SigningKey {
    /// A new key.
    pub(super) fn draw() -> Self {
        Self::from_seed(bursar_sources::entropy::bytes()).expect("any 32 bytes are a seed")
    }

    fn from_seed(seed: [u8; 32]) -> Option<Self> {
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).ok()?;
        Some(Self { seed, pair })
    }

    /// Reads what [`Self::text`] wrote.
    pub(super) fn read(text: &str) -> anyhow::Result<Self> {
        let told = "it is not a private key of a signed note";
        let named = text.trim().strip_prefix(PRIVATE_MARK).and_then(named_key).context(told)?;
        Self::from_seed(named.key).context(told)
    }

    /// The key as text, for its file.
    pub(super) fn text(&self) -> String {
        let VerifierKey { id, .. } = self.verifier();
        format!("{PRIVATE_MARK}{NAME}+{}+{}\n", hex(id), key_data(&self.seed))
    }

    /// The key that others verify with.
    pub(super) fn verifier(&self) -> VerifierKey {
        let mut public = [0; 32];
        public.copy_from_slice(self.pair.public_key().as_ref());
        VerifierKey { id: key_id(NAME, &public), name: NAME.to_owned(), public }
    }

    /// A checkpoint with its signature, to be kept.
    pub(super) fn sign(&self, checkpoint: &Checkpoint) -> String {
        let body = checkpoint.body();
        let mut signature = self.verifier().id.to_vec();
        signature.extend_from_slice(self.pair.sign(body.as_bytes()).as_ref());
        format!("{body}\n{SIGNATURE_MARK}{NAME} {}\n", STANDARD.encode(signature))
    }
}

/// The key that signatures are verified with: `bursar+0a1b2c3d+AQ…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct VerifierKey {
    name: String,
    id: [u8; 4],
    public: [u8; 32],
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{}+{}", self.name, hex(self.id), key_data(&self.public))
    }
}

impl FromStr for VerifierKey {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let told = "it is not a key that `bursar checkpoint --key` printed";
        let NamedKey { name, id, key: public } = named_key(text.trim()).context(told)?;
        let fits = key_id(name, &public) == id;
        fits.then(|| Self { name: name.to_owned(), id, public }).context(told)
    }
}

/// The parts of `NAME+ID+DATA`.
struct NamedKey<'a> {
    name: &'a str,
    id: [u8; 4],
    key: [u8; 32],
}

fn named_key(text: &str) -> Option<NamedKey<'_>> {
    let mut parts = text.splitn(3, '+');
    let (name, id, data) = (parts.next()?, parts.next()?, parts.next()?);
    let id = u32::from_str_radix(id, 16).ok().filter(|_| id.len() == 8)?;
    let data = STANDARD.decode(data).ok()?;
    let (kind, key) = data.split_first()?;
    let key = key.try_into().ok().filter(|_| *kind == ALGORITHM && !name.is_empty())?;
    Some(NamedKey { name, id: id.to_be_bytes(), key })
}

fn key_data(key: &[u8; 32]) -> String {
    let mut data = vec![ALGORITHM];
    data.extend_from_slice(key);
    STANDARD.encode(data)
}

/// The identifier of a key: the first bytes of a hash of its name and itself.
fn key_id(name: &str, public: &[u8; 32]) -> [u8; 4] {
    let mut hashed = ring::digest::Context::new(&ring::digest::SHA256);
    hashed.update(name.as_bytes());
    hashed.update(&[b'\n', ALGORITHM]);
    hashed.update(public);
    let hash = hashed.finish();
    let mut id = [0; 4];
    id.copy_from_slice(&hash.as_ref()[..4]);
    id
}

fn hex(id: [u8; 4]) -> String {
    format!("{:08x}", u32::from_be_bytes(id))
}

/// A checkpoint from a file, with its signatures.
#[derive(Clone, Debug)]
pub(super) struct Note {
    /// The line of the file that it begins on.
    pub(super) line: usize,
    pub(super) checkpoint: Checkpoint,
    body: String,
    /// Names and what they signed with: a key's identifier and a signature.
    signatures: Vec<(String, Vec<u8>)>,
}

impl Note {
    /// Whether one of its signatures is a key's.
    pub(super) fn is_signed_by(&self, key: &VerifierKey) -> bool {
        let public = UnparsedPublicKey::new(&ED25519, key.public);
        self.signatures.iter().any(|(name, signature)| {
            let signature = signature.strip_prefix(&key.id);
            *name == key.name
                && signature.is_some_and(|it| public.verify(self.body.as_bytes(), it).is_ok())
        })
    }
}

/// Why a file of checkpoints cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoteError {
    /// On which line.
    pub(super) line: usize,
    /// What is wrong with it.
    pub(super) told: &'static str,
}

/// Reads checkpoints that stand one after the other.
pub(super) fn read(text: &str) -> Result<Vec<Note>, NoteError> {
    let mut lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty()).peekable();
    let mut notes = Vec::new();
    while let Some((origin, line)) = lines.next() {
        let wrong = |told| NoteError { line, told };
        if origin != ORIGIN {
            return Err(wrong("a checkpoint begins with `bursar chain v1`"));
        }
        let mut next = || lines.next().map(|(line, _)| line);
        let (link, hash, at) = (next(), next(), next());
        let link = link.and_then(|link| link.parse().ok());
        let link = link.ok_or(wrong("its second line is the number of a link"))?;
        let hash = hash.and_then(|hash| STANDARD.decode(hash).ok()?.try_into().ok());
        let digest = hash.map(Digest::from_bytes);
        let digest = digest.ok_or(wrong("its third line is a hash in base64"))?;
        let at = at.and_then(|at| at.parse().ok());
        let at = at.ok_or(wrong("its fourth line is when it was made"))?;
        let mut signatures = Vec::new();
        while let Some((signed, line)) = lines.next_if(|(line, _)| line.starts_with(SIGNATURE_MARK))
        {
            let parts = signed.trim_start_matches(SIGNATURE_MARK).split_once(' ');
            let signature = parts.and_then(|(name, signature)| {
                Some((name.to_owned(), STANDARD.decode(signature).ok()?))
            });
            let told = "a signature is a name and base64";
            signatures.push(signature.ok_or(NoteError { line, told })?);
        }
        let checkpoint = Checkpoint { link, digest, at };
        notes.push(Note { line, checkpoint, body: checkpoint.body(), signatures });
    }
    Ok(notes)
}

#[cfg(test)]
mod tests;
