//! What comes from outside: the time, chance, and the secrets that are made of it.
//! Never decides anything: rules get instants and random parts as arguments.

pub mod clock;
pub mod entropy;
mod seal;
mod secret;

pub use seal::{MasterKeys, SealError, Sealed, SecretSlot, fingerprint};
pub use secret::{Secret, hash};
