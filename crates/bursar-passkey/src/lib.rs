//! What an authenticator says, checked: `WebAuthn` for passkeys that verify their user.
//! Never trusts an attestation, never remembers anything, and never signs anybody in.

mod cbor;
mod ceremony;
mod challenge;
mod data;
mod key;
mod party;

pub use ceremony::{
    Answer, CREDENTIAL_BYTES_MAX, Credential, Enrolled, Shown, question, register,
    registration_options, sign_in, sign_in_options,
};
pub use challenge::{Challenge, Nonce, Purpose};
pub use key::PublicKey;
pub use party::Party;

/// Why what an authenticator said counts for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It cannot be read.
    #[error("the browser's answer cannot be read: {0}")]
    Unreadable(&'static str),
    /// It answers a question that was not asked of this browser.
    #[error("this page had not asked for it\nhint: load the page again, and try once more")]
    NotAsked,
    /// It was asked too long ago.
    #[error("it took too long\nhint: load the page again, and try once more")]
    TooLate,
    /// It was given to another site.
    #[error("it was given to another site than this one")]
    OtherSite,
    /// Nobody showed that it is theirs.
    #[error("the device did not check that it is you\nhint: use one with a screen lock or a PIN")]
    NotVerified,
    /// Its key is of a kind that is not taken.
    #[error("this kind of passkey is not supported\nhint: try another device")]
    UnknownAlgorithm,
    /// It is not signed by the passkey.
    #[error("the passkey's signature does not fit")]
    BadSignature,
    /// It is not the passkey of whom it says.
    #[error("the passkey is of another account")]
    OtherAccount,
    /// Its counter went back: there are two of it.
    #[error(
        "this passkey has been used elsewhere since, so it may have been copied\n\
         hint: sign in by a mailed link, and remove it on the page of your account"
    )]
    CountWentBack,
}
