//! Where an upstream's calls go and under which name it knows a model: read once, looked up by
//! each call.

use std::collections::{BTreeMap, BTreeSet};

use bursar_kernel::{Catalog, Endpoint, ModelId};
use http::Uri;

use crate::config::{Azure, ConfigError, Kind, Upstream};

/// Where Azure has an endpoint for each deployment (its REST reference, 2024-10-21).
const AZURE: [Endpoint; 6] = [
    Endpoint::ChatCompletions,
    Endpoint::Embeddings,
    Endpoint::ImageGenerations,
    Endpoint::AudioSpeech,
    Endpoint::AudioTranscriptions,
    Endpoint::AudioTranslations,
];
/// What Azure serves below `/openai/v1`, by the deployment's name in the body.
const AZURE_V1: [Endpoint; 4] = [
    Endpoint::ChatCompletions,
    Endpoint::Responses,
    Endpoint::Embeddings,
    // The deployment's name is in its query (its guide to WebSocket sessions, 2026).
    Endpoint::Realtime,
];
/// The version of Azure's API whose addresses name no deployment.
const V1: &str = "v1";
/// The first version of Azure's API that reports the usage of streams when asked to.
const AZURE_FROM: &str = "2024-09-01";

/// Where an upstream's calls go.
pub(crate) enum Addresses {
    /// One address for each endpoint, for all models or for those that are listed.
    Plain { calls: Box<Calls>, models: Option<BTreeSet<ModelId>> },
    /// A deployment for each model.
    Deployments(BTreeMap<ModelId, Deployment>),
}

/// A deployment of a model.
pub(crate) struct Deployment {
    calls: Calls,
    /// What bodies call the model, where its address does not tell.
    named: Option<String>,
}

/// An address for each endpoint that there is, in the order of [`Endpoint::ALL`].
type Calls = [Option<Uri>; Endpoint::ALL.len()];

/// Where one call goes.
#[derive(Clone, Copy)]
pub struct Address<'a> {
    /// The address.
    pub uri: &'a Uri,
    /// What the body has to call the model, if not as the client does.
    pub model: Option<&'a str>,
}

impl Addresses {
    /// The addresses below a base URL that was read before.
    pub(crate) fn read(
        upstream: &Upstream,
        base: &str,
        catalog: &Catalog,
    ) -> Result<Self, ConfigError> {
        let bad_url = || ConfigError::BaseUrl {
            name: upstream.name.clone(),
            base_url: upstream.base_url.clone(),
        };
        let is_bare = base.split_once("://").is_some_and(|(_, rest)| !rest.contains('/'));
        match &upstream.kind {
            Kind::OpenAi { .. } if is_bare => Err(bad_url()),
            Kind::OpenAi { models } => {
                let models = models.as_ref().map(|models| known(upstream, catalog, models));
                let address = |endpoint: Endpoint| Some(format!("{base}{}", endpoint.path()));
                let calls = Box::new(calls(address).ok_or_else(bad_url)?);
                Ok(Self::Plain { calls, models: models.transpose()? })
            }
            Kind::Azure(_) if !is_bare => {
                Err(ConfigError::AzureUrl { name: upstream.name.clone() })
            }
            Kind::Azure(azure) => {
                known(upstream, catalog, azure.deployments.keys())?;
                let read = |(model, name): (&String, &String)| {
                    let id = catalog.model(model)?.id.clone();
                    Some((id, Deployment::read(base, azure, name)?))
                };
                azure.check(&upstream.name)?;
                let read: Option<_> = azure.deployments.iter().map(read).collect();
                Ok(Self::Deployments(read.ok_or_else(bad_url)?))
            }
        }
    }

    /// Where a call goes; `None` where the upstream does not serve it.
    pub(crate) fn call(&self, endpoint: Endpoint, model: &ModelId) -> Option<Address<'_>> {
        let (calls, named) = match self {
            Self::Plain { calls, models } => {
                let is_served = models.as_ref().is_none_or(|models| models.contains(model));
                (is_served.then_some(&**calls)?, None)
            }
            Self::Deployments(deployments) => {
                let deployment = deployments.get(model)?;
                (&deployment.calls, deployment.named.as_deref())
            }
        };
        let place = Endpoint::ALL.into_iter().position(|known| known == endpoint)?;
        Some(Address { uri: calls.get(place)?.as_ref()?, model: named })
    }

    /// Whether responses of that model can be kept there, and asked for.
    pub(crate) fn keeps(&self, model: &ModelId) -> bool {
        self.call(Endpoint::Responses, model).is_some() && self.takes_files(Some(model))
    }

    /// Whether files and batches can lie there, and of that model where it is known.
    pub(crate) fn takes_files(&self, model: Option<&ModelId>) -> bool {
        match self {
            Self::Plain { models, .. } => {
                models.as_ref().zip(model).is_none_or(|(models, model)| models.contains(model))
            }
            Self::Deployments(_) => false,
        }
    }
}

impl Deployment {
    fn read(base: &str, azure: &Azure, name: &str) -> Option<Self> {
        if azure.api_version == V1 {
            let address = |endpoint: Endpoint| {
                let is_served = AZURE_V1.contains(&endpoint);
                is_served.then(|| format!("{base}/openai/v1{}", endpoint.path()))
            };
            return Some(Self { calls: calls(address)?, named: Some(name.to_owned()) });
        }
        let address = |endpoint: Endpoint| {
            AZURE.contains(&endpoint).then(|| {
                let (path, version) = (endpoint.path(), &azure.api_version);
                format!("{base}/openai/deployments/{name}{path}?api-version={version}")
            })
        };
        Some(Self { calls: calls(address)?, named: None })
    }
}

impl Azure {
    fn check(&self, upstream: &str) -> Result<(), ConfigError> {
        let is_dated = self.api_version.split('-').take(3).map(str::len).eq([4, 2, 2])
            && self.api_version.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && self.api_version.as_bytes().first().is_some_and(u8::is_ascii_digit)
            && AZURE_FROM <= self.api_version.as_str();
        if self.api_version != V1 && !is_dated {
            return Err(ConfigError::AzureVersion {
                name: upstream.to_owned(),
                api_version: self.api_version.clone(),
            });
        }
        let is_plain = |name: &String| {
            (1..=64).contains(&name.len())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        };
        match self.deployments.values().find(|name| !is_plain(name)) {
            Some(deployment) => Err(ConfigError::AzureDeployment {
                name: upstream.to_owned(),
                deployment: deployment.clone(),
            }),
            None => Ok(()),
        }
    }
}

/// Models of the catalog, by their names or aliases.
fn known<'a>(
    upstream: &Upstream,
    catalog: &Catalog,
    names: impl IntoIterator<Item = &'a String>,
) -> Result<BTreeSet<ModelId>, ConfigError> {
    let find = |model: &String| {
        let found = catalog.model(model).map(|found| found.id.clone());
        found.ok_or_else(|| ConfigError::UnknownModel {
            name: upstream.name.clone(),
            model: model.clone(),
        })
    };
    let models = names.into_iter().map(find).collect::<Result<BTreeSet<_>, _>>()?;
    if models.is_empty() {
        return Err(ConfigError::NoModels { name: upstream.name.clone() });
    }
    Ok(models)
}

/// `None` where one cannot be read.
fn calls(address: impl Fn(Endpoint) -> Option<String>) -> Option<Calls> {
    let mut calls = Calls::default();
    for (call, endpoint) in calls.iter_mut().zip(Endpoint::ALL) {
        *call = match address(endpoint) {
            Some(address) => Some(address.parse().ok()?),
            None => None,
        };
    }
    Some(calls)
}
