//! Secrets that have to be read again: sealed under a master key that lies in a file of its own.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use secrecy::{ExposeSecret as _, SecretBox, SecretString};

use crate::entropy;

/// What a line of the file begins with, so that no other file is taken for one.
const PREFIX: &str = "bursar-master-key-1 ";
const KEY_BYTES: usize = 32;
/// Lines of the file at the most: each seals nothing more once a newer one is there.
const KEYS_MAX: usize = 32;
const IDS: &str = "bursar 2026-11 names of master keys";
const FINGERPRINTS: &str = "bursar 2026-11 fingerprints of sealed secrets";

/// A file of master keys, the newest first: it seals under the newest, and opens under any.
///
/// It is read anew each time: a key that is added to it is used at once.
#[derive(Debug)]
pub struct MasterKeys {
    path: PathBuf,
    is_named: bool,
}

/// A secret that only the master key opens, and only as what it was sealed for.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Which master key: a name that says nothing of it.
    pub key: String,
    /// The nonce, what is sealed, and its tag.
    pub bytes: Vec<u8>,
}

/// Why nothing can be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The file is not there.
    #[error(
        "there is no master key file `{0}`\n\
         hint: `bursar master-key add --file {0}` makes it; keep a copy of it apart from the \
         database, and give the same file to every server"
    )]
    Missing(String),
    /// The file cannot be read.
    #[error("failed to read the master key file `{path}`")]
    Unreadable {
        /// Where it is.
        path: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The file cannot be written.
    #[error("failed to write the master key file `{path}`")]
    Unwritable {
        /// Where it is.
        path: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// There are too many keys in the file.
    #[error(
        "the master key file `{0}` has as many keys as it can\n\
         hint: `bursar upstream key reseal`, then take the old lines out of it"
    )]
    Full(String),
    /// Others may read the file.
    #[error(
        "others may read the master key file `{0}`\nhint: `chmod 600 {0}`, and add a new key to it \
         if somebody may have read it"
    )]
    Open(String),
    /// The file is no file of keys.
    #[error(
        "`{path}` is no master key file: line {line} is not `{PREFIX}` and 64 hexadecimal digits"
    )]
    Malformed {
        /// Where it is.
        path: String,
        /// Which line, from 1.
        line: usize,
    },
    /// The key that it was sealed under is not there.
    #[error(
        "it was sealed under the master key `{key}`, which is not in `{path}`\n\
         hint: give this server the file that the others have"
    )]
    OtherKey {
        /// The name of the key.
        key: String,
        /// Where it was looked for.
        path: String,
    },
    /// What was sealed was changed, or is somebody else's.
    #[error("it does not open: what was sealed was changed, or belongs to something else")]
    Broken,
}

struct Key {
    id: String,
    bytes: SecretBox<[u8; KEY_BYTES]>,
}

impl MasterKeys {
    /// The keys of a file that somebody has named: it is theirs to make.
    pub const fn named(path: PathBuf) -> Self {
        Self { path, is_named: true }
    }

    /// The keys of a file of this server's own, which is made when it is first needed.
    pub const fn own(path: PathBuf) -> Self {
        Self { path, is_named: false }
    }

    /// Whether somebody has named the file, so that other servers can have it too.
    pub const fn is_named(&self) -> bool {
        self.is_named
    }

    /// Makes the file with a key, if it is not there; tells whether it was not.
    pub fn make(&self) -> Result<bool, SealError> {
        use std::io::Write as _;
        use std::os::unix::fs::OpenOptionsExt as _;

        let failed = |source| SealError::Unwritable { path: self.shown(), source };
        let made =
            std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&self.path);
        let mut file = match made {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => return Ok(false),
            Err(error) => return Err(failed(error)),
        };
        file.write_all(Self::new_line().expose_secret().as_bytes()).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        Ok(true)
    }

    /// Adds a newer key to the file, whole or not at all, and makes it where it is not there. Gives
    /// the names of the keys, the newest first.
    pub fn add(&self) -> Result<Vec<String>, SealError> {
        use std::io::Write as _;
        use std::os::unix::fs::OpenOptionsExt as _;

        if self.make()? {
            return self.names();
        }
        if KEYS_MAX <= self.read()?.len() {
            return Err(SealError::Full(self.shown()));
        }
        let failed = |source| SealError::Unwritable { path: self.shown(), source };
        let before = SecretString::from(std::fs::read_to_string(&self.path).map_err(failed)?);
        let beside = self.path.with_extension("new");
        let _ = std::fs::remove_file(&beside);
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&beside)
            .map_err(failed)?;
        file.write_all(Self::new_line().expose_secret().as_bytes()).map_err(failed)?;
        file.write_all(before.expose_secret().as_bytes()).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        std::fs::rename(&beside, &self.path).map_err(failed)?;
        self.names()
    }

    /// Where they are.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A new line for the file.
    fn new_line() -> SecretString {
        let bytes: [u8; KEY_BYTES] = entropy::bytes();
        SecretString::from(format!("{PREFIX}{}\n", hex(&bytes)))
    }

    /// The names of the keys, the newest first.
    pub fn names(&self) -> Result<Vec<String>, SealError> {
        Ok(self.read()?.into_iter().map(|key| key.id).collect())
    }

    /// Seals a secret for one purpose: it opens for no other.
    pub fn seal(&self, purpose: &str, secret: &SecretString) -> Result<Sealed, SealError> {
        let keys = self.read()?;
        let newest = keys.first().ok_or_else(|| SealError::Missing(self.shown()))?;
        let nonce: [u8; NONCE_LEN] = entropy::bytes();
        let mut bytes = secret.expose_secret().as_bytes().to_vec();
        let sealed = newest.cipher().seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(purpose.as_bytes()),
            &mut bytes,
        );
        sealed.map_err(|_| SealError::Broken)?;
        Ok(Sealed { key: newest.id.clone(), bytes: [nonce.as_slice(), &bytes].concat() })
    }

    /// Opens what was sealed for a purpose.
    pub fn open(&self, purpose: &str, sealed: &Sealed) -> Result<SecretString, SealError> {
        let keys = self.read()?;
        let key = keys
            .iter()
            .find(|key| key.id == sealed.key)
            .ok_or_else(|| SealError::OtherKey { key: sealed.key.clone(), path: self.shown() })?;
        let (nonce, rest) = sealed.bytes.split_at_checked(NONCE_LEN).ok_or(SealError::Broken)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError::Broken)?;
        let mut bytes = rest.to_vec();
        let aad = Aad::from(purpose.as_bytes());
        let length = key.cipher().open_in_place(nonce, aad, &mut bytes);
        let length = length.map_err(|_| SealError::Broken)?.len();
        bytes.truncate(length);
        String::from_utf8(bytes).map(SecretString::from).map_err(|_| SealError::Broken)
    }

    fn read(&self) -> Result<Vec<Key>, SealError> {
        use std::os::unix::fs::PermissionsExt as _;

        let failed = |source: std::io::Error| {
            if source.kind() == std::io::ErrorKind::NotFound {
                return SealError::Missing(self.shown());
            }
            SealError::Unreadable { path: self.shown(), source }
        };
        let mode = std::fs::metadata(&self.path).map_err(failed)?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(SealError::Open(self.shown()));
        }
        let text = SecretString::from(std::fs::read_to_string(&self.path).map_err(failed)?);
        let lines = text.expose_secret().lines().enumerate().take(KEYS_MAX);
        lines
            .filter(|(_, line)| !line.trim().is_empty())
            .map(|(index, line)| {
                let digits = line.strip_prefix(PREFIX).map(str::trim);
                digits.and_then(Key::of).ok_or_else(|| SealError::Malformed {
                    path: self.shown(),
                    line: index.saturating_add(1),
                })
            })
            .collect()
    }

    fn shown(&self) -> String {
        self.path.display().to_string()
    }
}

impl Key {
    fn of(digits: &str) -> Option<Self> {
        let bytes: [u8; KEY_BYTES] = from_hex(digits)?.try_into().ok()?;
        let id = hex(&blake3::derive_key(IDS, &bytes)[..4]);
        Some(Self { id, bytes: SecretBox::new(Box::new(bytes)) })
    }

    fn cipher(&self) -> LessSafeKey {
        let key = UnboundKey::new(&CHACHA20_POLY1305, self.bytes.expose_secret());
        LessSafeKey::new(key.expect("the cipher's keys have 32 bytes"))
    }
}

impl Sealed {
    /// What is sealed, as text.
    pub fn to_hex(&self) -> String {
        hex(&self.bytes)
    }

    /// What was sealed under a key, from text; `None` where it is none.
    pub fn from_hex(key: &str, text: &str) -> Option<Self> {
        Some(Self { key: key.to_owned(), bytes: from_hex(text)? })
    }
}

/// What tells whether two secrets are the same, and nothing else about them: ten hexadecimal
/// digits. Secrets that providers issue are random, so nobody finds one that makes a fingerprint.
pub fn fingerprint(secret: &SecretString) -> String {
    hex(&blake3::derive_key(FINGERPRINTS, secret.expose_secret().as_bytes())[..5])
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed(under {})", self.key)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).fold(String::new(), |text, pair| text + &pair)
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    let byte = |pair: &[u8]| {
        let digits = std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2)?;
        u8::from_str_radix(digits, 16).ok()
    };
    pairs.map(byte).collect()
}

/// A secret that can be exchanged while it is in use. Clones are of the same slot.
#[derive(Debug, Default)]
pub struct SecretSlot(RwLock<Held>);

#[derive(Debug, Default)]
struct Held {
    now: Option<SecretString>,
    /// Those before it, which answers may still repeat: the latest last.
    before: Vec<SecretString>,
}

/// How many former secrets of a slot are remembered, so that they stay unshown.
const BEFORE_MAX: usize = 8;

impl SecretSlot {
    /// What is in it now.
    pub fn get(&self) -> Option<SecretString> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).now.clone()
    }

    /// Puts another one in, or none; tells whether that is another than before.
    pub fn put(&self, secret: Option<SecretString>) -> bool {
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let same = match (&held.now, &secret) {
            (Some(one), Some(other)) => one.expose_secret() == other.expose_secret(),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        if same {
            return false;
        }
        let former = std::mem::replace(&mut held.now, secret);
        held.before.extend(former);
        let excess = held.before.len().saturating_sub(BEFORE_MAX);
        held.before.drain(..excess);
        true
    }

    /// Calls with each secret that is or was in it.
    pub fn each(&self, mut look: impl FnMut(&str)) {
        let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
        held.now.iter().chain(&held.before).for_each(|secret| look(secret.expose_secret()));
    }
}

#[cfg(test)]
mod tests;
