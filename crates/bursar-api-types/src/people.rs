//! People.

use std::collections::BTreeSet;

use bursar_kernel::{PersonId, Role, Timestamp};
use bursar_store::rows::Person;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Somebody to be given an account with these roles, in place of those they had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Appoint {
    /// Their mail address, which is how they sign in.
    #[schema(example = "grace@example.edu")]
    pub email: String,
    /// How they want to be called.
    pub name: String,
    /// What they may be: `researcher`, `reviewer`, `officer`, `operator`.
    #[schema(value_type = Vec<String>, example = json!(["reviewer"]))]
    pub roles: BTreeSet<Role>,
}

/// Somebody with an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PersonLine {
    /// Their name in the store.
    #[schema(value_type = String, example = "person_01kag3v5f0e7s9m4q2x8w6t1zc")]
    pub id: PersonId,
    /// Their mail address.
    pub email: String,
    /// How they want to be called.
    pub name: String,
    /// What they may be, beyond an applicant.
    #[schema(value_type = Vec<String>, example = json!(["reviewer"]))]
    pub roles: BTreeSet<Role>,
    /// When they first came.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

/// Somebody, as other things name them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PersonBrief {
    /// Their name in the store.
    #[schema(value_type = String, example = "person_01kag3v5f0e7s9m4q2x8w6t1zc")]
    pub id: PersonId,
    /// Their mail address.
    pub email: String,
    /// How they want to be called; empty until they say.
    pub name: String,
}

impl From<Person> for PersonBrief {
    fn from(person: Person) -> Self {
        Self { id: person.id, email: person.email, name: person.name }
    }
}

impl From<Person> for PersonLine {
    fn from(person: Person) -> Self {
        Self {
            id: person.id,
            email: person.email,
            name: person.name,
            roles: person.roles,
            created_at: person.created_at,
        }
    }
}
