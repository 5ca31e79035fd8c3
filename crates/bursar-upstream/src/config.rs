//! What an upstream is made of, and why one cannot be.

use std::collections::BTreeMap;

use bursar_kernel::UpstreamGroup;
use secrecy::SecretString;

/// A provider's endpoint with the credential to use it.
pub struct Upstream {
    /// Its name in logs.
    pub name: String,
    /// Whose credit it honours.
    pub group: UpstreamGroup,
    /// Where it is: up to what stands before `/chat/completions`; of Azure, without a path.
    pub base_url: String,
    /// The credential; `None` where it asks for none.
    pub api_key: Option<SecretString>,
    /// Its share of its group's calls, beside the others' shares. What weighs 0 is called only
    /// where nobody else can.
    pub weight: u32,
    /// How it is spoken to, and which models it serves.
    pub kind: Kind,
    /// Whether it understands `service_tier`, so that calls without one are pinned to the default
    /// tier and no setting of its account can make them dearer.
    pub pins_service_tier: bool,
    /// Whether it only pretends: its answers are labelled as a sandbox's.
    pub is_sandbox: bool,
}

/// How an upstream is spoken to, and which models it serves.
#[derive(Clone, Debug)]
pub enum Kind {
    /// As OpenAI is: an endpoint's path below the base URL, the key as a bearer token.
    OpenAi {
        /// The models it serves, by their names in the catalog; all of them where absent.
        models: Option<Vec<String>>,
    },
    /// As Azure is.
    Azure(Azure),
}

/// A resource of Azure's: each model has a deployment of its own there.
#[derive(Clone, Debug)]
pub struct Azure {
    /// The version of its API: a date, or `v1`.
    pub api_version: String,
    /// The name of the deployment of each model, by the model's name in the catalog.
    pub deployments: BTreeMap<String, String>,
}

/// Why upstreams cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// An address that cannot be called.
    #[error(
        "upstream `{name}` has the address `{base_url}`, which cannot be called\n\
         hint: give an `http://` or `https://` address up to what stands before \
         `/chat/completions`, such as `https://api.openai.com/v1`, without a query"
    )]
    BaseUrl {
        /// Which upstream.
        name: String,
        /// Its address.
        base_url: String,
    },
    /// An address with a credential in it. It is not shown.
    #[error(
        "the address of upstream `{name}` has a name or a password in it\n\
         hint: name a variable with `api_key_env`, or a file with `api_key_file`"
    )]
    Password {
        /// Which upstream.
        name: String,
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
    /// A sandbox and a real provider in one group: nobody could tell whose answer is whose.
    #[error(
        "group `{group}` has both a sandbox and a real provider\n\
         hint: take `sandbox = true` out, or give the real provider another group"
    )]
    MixedGroup {
        /// The group.
        group: UpstreamGroup,
    },
    /// More upstreams in a group than are chosen from.
    #[error("group `{group}` has more than {most} upstreams\nhint: use another group")]
    LargeGroup {
        /// The group.
        group: UpstreamGroup,
        /// The most.
        most: usize,
    },
    /// A weight that no share can be made of.
    #[error("upstream `{name}` weighs {weight}\nhint: use a weight from 0 to {most}")]
    Weight {
        /// Which upstream.
        name: String,
        /// Its weight.
        weight: u32,
        /// The most.
        most: u32,
    },
    /// A model that the catalog does not have.
    #[error(
        "upstream `{name}` serves `{model}`, which the catalog does not have\n\
         hint: name models as the catalog does, or add it there with its prices"
    )]
    UnknownModel {
        /// Which upstream.
        name: String,
        /// The model.
        model: String,
    },
    /// A list of models without any.
    #[error("upstream `{name}` serves no model\nhint: name at least one, or leave the list out")]
    NoModels {
        /// Which upstream.
        name: String,
    },
    /// An address of Azure's with more than its host.
    #[error(
        "the address of upstream `{name}` has a path\n\
         hint: name the resource alone, as in `https://NAME.openai.azure.com`"
    )]
    AzureUrl {
        /// Which upstream.
        name: String,
    },
    /// A version of Azure's API that does not report the usage of streams, or is none.
    #[error(
        "upstream `{name}` has the API version `{api_version}`\n\
         hint: use `v1`, or a version from 2024-09-01-preview on, such as `2024-10-21`"
    )]
    AzureVersion {
        /// Which upstream.
        name: String,
        /// The version.
        api_version: String,
    },
    /// A deployment's name that fits no address.
    #[error(
        "upstream `{name}` has the deployment `{deployment}`\n\
         hint: a deployment's name has at most 64 letters, digits, `-`, `_` and `.`"
    )]
    AzureDeployment {
        /// Which upstream.
        name: String,
        /// The deployment.
        deployment: String,
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
