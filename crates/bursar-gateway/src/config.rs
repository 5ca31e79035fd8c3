//! What a gateway is made of.

use std::sync::Arc;

use bursar_calls::Calls;
use bursar_kernel::UpstreamGroup;
use secrecy::SecretString;

/// What a gateway is made of.
pub struct Config {
    /// Who calls, and what calls spend.
    pub calls: Arc<Calls>,
    /// The providers it forwards to; of those in a program's group the first one serves.
    pub upstreams: Vec<Upstream>,
    /// The address of the portal, without a trailing slash: where messages send people.
    pub portal_url: String,
}

/// A provider's endpoint with the credential to use it.
pub struct Upstream {
    /// Its name in logs.
    pub name: String,
    /// Whose credit it honours.
    pub group: UpstreamGroup,
    /// Where it is, up to and with `/v1`.
    pub base_url: String,
    /// The credential; `None` where it asks for none.
    pub api_key: Option<SecretString>,
    /// Whether it understands `service_tier`, so that calls without one are pinned to the default
    /// tier and no setting of its account can make them dearer.
    pub pins_service_tier: bool,
    /// Whether it only pretends: its answers are labelled as a sandbox's.
    pub is_sandbox: bool,
}

/// Why a gateway cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// An address that cannot be called.
    #[error(
        "upstream `{name}` has the address `{base_url}`, which cannot be called\n\
         hint: give an `http://` or `https://` address that ends in `/v1`"
    )]
    BaseUrl {
        /// Which upstream.
        name: String,
        /// Its address.
        base_url: String,
    },
    /// A credential that fits no header. It is not shown.
    #[error(
        "the API key of upstream `{name}` has characters that no header can carry\n\
         hint: copy it again, without line breaks"
    )]
    ApiKey {
        /// Which upstream.
        name: String,
    },
    /// Two upstreams of one name.
    #[error("two upstreams are named `{name}`\nhint: rename one, so that logs can tell them apart")]
    SameName {
        /// The name.
        name: String,
    },
    /// The system has no certificates to check an `https://` address with.
    #[error(
        "failed to load the system's certificates for upstream `{name}`\n\
         hint: install the package `ca-certificates`"
    )]
    Certificates {
        /// Which upstream.
        name: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}
