//! Keys.

use bursar_kernel::{GrantId, KeyId, ModelId, PersonId, StudyId, Timestamp, Usd};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A key to be made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    /// What to call it; `api` if nobody says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "evaluation run")]
    pub name: Option<String>,
    /// What it may spend in all, if less than the grant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "25.00")]
    pub cap: Option<Usd>,
    /// Whom it is for: the grant's holder, if nobody is named, or somebody who takes part in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub person: Option<PersonId>,
    /// When it stops working by itself: a date, which means its first instant in the program's
    /// zone, or an instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "2027-03-01")]
    pub expires: Option<String>,
    /// The study whose budget it spends, for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub study: Option<StudyId>,
    /// The models that it is for; none for all that its study, or the grant, is for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    pub models: Vec<ModelId>,
}

/// What a key may spend from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyCap {
    /// What it may spend in all, what it has spent so far included; `null` lets it spend the whole
    /// grant.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(value_type = Option<String>, required = true, example = "25.00")]
    pub cap: Option<Usd>,
}

/// A key that was just made. Its secret is in no other answer.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MadeKey {
    /// Its name in the store.
    #[schema(value_type = String, example = "key_01kag3v5f0e7s9m4q2x8w6t1zc")]
    pub id: KeyId,
    /// The API key itself: shown now and never again.
    #[schema(example = "sk-bursar-…")]
    pub secret: String,
    /// The grant whose credit it spends.
    #[schema(value_type = String)]
    pub grant: GrantId,
    /// What it is called.
    pub name: String,
    /// Whom it is for.
    #[schema(value_type = String, example = "person_01kag3v5f0e7s9m4q2x8w6t1zc")]
    pub person: PersonId,
    /// The study whose budget it spends.
    #[schema(value_type = Option<String>)]
    pub study: Option<StudyId>,
    /// The models that it is for; none for all that its study, or the grant, is for.
    #[schema(value_type = Vec<String>)]
    pub models: Vec<ModelId>,
    /// What it may spend in all, if less than the grant.
    #[schema(value_type = Option<String>, example = "25.00")]
    pub cap: Option<Usd>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it stops working by itself.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
}

impl std::fmt::Debug for MadeKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MadeKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A key with what it has spent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct KeyLine {
    /// Its name in the store.
    #[schema(value_type = String, example = "key_01kag3v5f0e7s9m4q2x8w6t1zc")]
    pub id: KeyId,
    /// What it is called.
    pub name: String,
    /// Whom it is for.
    #[schema(value_type = String, example = "person_01kag3v5f0e7s9m4q2x8w6t1zc")]
    pub person: PersonId,
    /// The last characters of its secret.
    #[schema(example = "7f2k")]
    pub ends_with: String,
    /// The study whose budget it spends.
    #[schema(value_type = Option<String>)]
    pub study: Option<StudyId>,
    /// The models that it is for; none for all that its study, or the grant, is for.
    #[schema(value_type = Vec<String>)]
    pub models: Vec<ModelId>,
    /// What it may spend in all, if less than the grant.
    #[schema(value_type = Option<String>, example = "25.00")]
    pub cap: Option<Usd>,
    /// What it has spent.
    #[schema(value_type = String, example = "0.00021")]
    pub spent: Usd,
    /// In how many calls.
    pub calls: u64,
    /// When last.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_call_at: Option<Timestamp>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it stops working by itself.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// When somebody stopped it.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub revoked_at: Option<Timestamp>,
}

impl From<bursar_studies::MadeKey> for MadeKey {
    fn from(made: bursar_studies::MadeKey) -> Self {
        Self {
            id: made.key.id,
            secret: made.secret.reveal().to_owned(),
            grant: made.key.grant,
            name: made.key.name,
            person: made.key.person,
            study: made.key.study,
            models: made.key.scope.models.into_iter().flatten().collect(),
            cap: made.key.cap,
            created_at: made.key.created_at,
            expires_at: made.key.expires_at,
        }
    }
}

impl From<bursar_service::KeyLine> for KeyLine {
    fn from(line: bursar_service::KeyLine) -> Self {
        Self {
            id: line.key.id,
            name: line.key.name,
            person: line.key.person,
            ends_with: line.key.hint,
            study: line.key.study,
            models: line.key.scope.models.into_iter().flatten().collect(),
            cap: line.key.cap,
            spent: line.spend.cost,
            calls: line.spend.calls,
            last_call_at: line.spend.last_at,
            created_at: line.key.created_at,
            expires_at: line.key.expires_at,
            revoked_at: line.key.revoked_at,
        }
    }
}
