//! Who somebody is elsewhere, by `OpenID` Connect, for providers that the configuration names.
//! Never signs anybody in, never makes an account, and never remembers what it was told.

mod attempt;
mod orcid;
mod provider;
mod settings;
mod token;
mod transport;

pub use attempt::Attempt;
pub use orcid::Orcid;
pub use provider::{Identity, Provider, SignInFailed};
pub use settings::{SecretSource, Settings, read};
pub use token::{BadToken, Claims, Expected, Keys};

#[cfg(test)]
mod tests;
