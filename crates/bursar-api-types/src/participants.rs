//! Who spends a grant.

use bursar_kernel::{GrantId, GrantRole, ParticipantId, PersonId, StudyId, Timestamp, Usd};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::people::PersonBrief;

/// Who spends a grant: its holder, and those who were invited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Participants {
    /// Who holds it: its owner.
    pub holder: PersonBrief,
    /// Those who take part, were invited, declined or are out, in order.
    pub participants: Vec<ParticipantLine>,
}

/// Somebody who was invited to spend a grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ParticipantLine {
    /// Their name in the store.
    #[schema(value_type = String, example = "participant_01kag3v5f0e7s9m4q2x8w6t1zc")]
    pub id: ParticipantId,
    /// The grant.
    #[schema(value_type = String)]
    pub grant: GrantId,
    /// The address that the invitation went to.
    pub email: String,
    /// Who it is; absent until they answer.
    pub person: Option<PersonBrief>,
    /// `manager`, `member` or `read_only`.
    #[schema(value_type = String, example = "member")]
    pub role: GrantRole,
    /// The studies that a member belongs to; none for the whole grant.
    #[schema(value_type = Vec<String>)]
    pub studies: Vec<StudyId>,
    /// `invited`, `accepted`, `declined` or `removed`.
    #[schema(example = "accepted")]
    pub state: String,
    /// How many of their keys work.
    pub keys: usize,
    /// What their keys have spent.
    #[schema(value_type = Option<String>, example = "18.441")]
    pub spent: Option<Usd>,
    /// When they were invited, last.
    #[schema(value_type = String, format = DateTime)]
    pub invited_at: Timestamp,
    /// From when on the invitation cannot be answered any more.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
    /// When they answered.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub answered_at: Option<Timestamp>,
    /// When they left or were taken out.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub removed_at: Option<Timestamp>,
    /// Grows by one with each change, and with each key that they get.
    pub version: u64,
}

/// Somebody to be invited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InviteParticipant {
    /// Where the letter goes; only whoever is signed in with it can accept.
    #[schema(example = "grace@example.edu")]
    pub email: String,
    /// `manager`, `member` or `read_only`.
    #[schema(value_type = String, example = "member")]
    pub role: GrantRole,
    /// The studies that a member belongs to; none for the whole grant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    pub studies: Vec<StudyId>,
}

/// What somebody may do from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeParticipant {
    /// `manager`, `member` or `read_only`.
    #[schema(value_type = String, example = "manager")]
    pub role: GrantRole,
    /// The studies that a member belongs to; none for the whole grant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    pub studies: Vec<StudyId>,
    /// The version that was read; without it, whatever is there is changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// Who has the keys then that this leaves no room for; without it they are revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub keys_to: Option<PersonId>,
}

/// How somebody's part ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RemoveParticipant {
    /// The version that was read; without it, whatever is there ends.
    pub version: Option<u64>,
    /// Who has their keys then; without it they are revoked.
    #[param(value_type = Option<String>)]
    pub keys_to: Option<PersonId>,
}

impl From<bursar_studies::GrantPeople> for Participants {
    fn from(found: bursar_studies::GrantPeople) -> Self {
        let participants = found.people.into_iter().map(ParticipantLine::from).collect();
        Self { holder: found.holder.into(), participants }
    }
}

impl From<bursar_studies::PersonLine> for ParticipantLine {
    fn from(line: bursar_studies::PersonLine) -> Self {
        let row = line.participant;
        Self {
            id: row.id,
            grant: row.grant,
            email: row.email,
            person: line.person.map(PersonBrief::from),
            role: row.part.role,
            studies: row.part.studies.into_iter().flatten().collect(),
            state: row.state.name().to_owned(),
            keys: line.keys,
            spent: line.spent,
            invited_at: row.invited_at,
            expires_at: row.expires_at,
            answered_at: row.answered_at,
            removed_at: row.removed_at,
            version: row.version,
        }
    }
}
