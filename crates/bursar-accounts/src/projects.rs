//! What the provider calls a project: a study, or else the grant itself.

use std::collections::BTreeMap;

use bursar_calls::{Caller, Calls};
use bursar_kernel::{KeyId, StudyId};
use bursar_store::ReadError;

use crate::query::Asked;

/// The projects of a caller's grant.
pub(crate) struct Projects {
    grant: String,
    of_keys: BTreeMap<KeyId, StudyId>,
}

impl Projects {
    /// Those of the caller's grant; studies are read only where something is by project.
    pub(crate) async fn of(
        calls: &Calls,
        caller: &Caller,
        asked: &Asked,
    ) -> Result<Self, ReadError> {
        let of_keys = if asked.is_about("project_ids", "project_id") {
            calls.keys_of_studies(caller).await?
        } else {
            BTreeMap::new()
        };
        Ok(Self { grant: caller.grant().to_string(), of_keys })
    }

    /// The project of a key.
    pub(crate) fn of_key(&self, key: KeyId) -> String {
        self.of_keys.get(&key).map_or_else(|| self.grant.clone(), StudyId::to_string)
    }

    /// Whether what a key did was asked for. The grant has all of it.
    pub(crate) fn admits(&self, asked: &Asked, key: KeyId) -> bool {
        asked.admits("project_ids", &self.grant)
            || self.of_keys.get(&key).is_some_and(|study| {
                let study = study.to_string();
                asked.admits("project_ids", &study)
            })
    }

    #[cfg(test)]
    pub(crate) fn alone(grant: &str, of_keys: BTreeMap<KeyId, StudyId>) -> Self {
        Self { grant: grant.to_owned(), of_keys }
    }
}
