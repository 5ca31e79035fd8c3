//! Who spends a grant.

use std::collections::BTreeSet;

use axum::extract::State;
use bursar_award::participants::Part;
use bursar_kernel::{GrantId, GrantRole, ParticipantId, PersonId, StudyId};
use bursar_policy::Viewer;
use bursar_studies::{ChangePart, KeysGo, NewParticipant, Removal};

use super::{Answer, Door};
use crate::Config;
use crate::auth::Operator;
use crate::extract::{Json, Named, NamedTwo, Params};
use crate::problem::Refusal;
use crate::types::{
    ChangeParticipant, InviteParticipant, ParticipantLine, Participants, ProblemBody,
    RemoveParticipant,
};

/// Who spends a grant: its holder, and everybody who was ever invited.
#[utoipa::path(get, path = "/api/grants/{grant}/people", tag = "people in a grant",
    operation_id = "list_participants",
    params(("grant" = String, Path, description = "The grant")),
    responses((status = 200, body = Participants), (status = 404, body = ProblemBody)))]
pub(super) async fn list(
    State(door): Door,
    Operator(viewer): Operator,
    Named(grant): Named<GrantId>,
) -> Answer<Participants> {
    Ok(Json(bursar_studies::people(&door.service, &viewer, grant).await?.into()))
}

/// Invites somebody to spend a grant. They get a letter with a link, which they accept or decline
/// on a page, signed in with that address, within two weeks.
#[utoipa::path(post, path = "/api/grants/{grant}/people", tag = "people in a grant",
    operation_id = "invite_participant", request_body = InviteParticipant,
    params(("grant" = String, Path, description = "The grant")),
    responses((status = 200, body = ParticipantLine), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn invite(
    State(door): Door,
    Operator(viewer): Operator,
    Named(grant): Named<GrantId>,
    Json(wanted): Json<InviteParticipant>,
) -> Answer<ParticipantLine> {
    let part = part(wanted.role, wanted.studies);
    let new = NewParticipant { grant, email: wanted.email, part };
    let row = bursar_studies::invite(&door.service, &viewer, new).await?;
    line(&door, &viewer, (grant, row.id)).await
}

/// Sends an invitation again, with a new link: the link of the first letter is dead.
#[utoipa::path(post, path = "/api/grants/{grant}/people/{participant}/again",
    tag = "people in a grant", operation_id = "send_invitation_again",
    params(("grant" = String, Path, description = "The grant"),
        ("participant" = String, Path, description = "Whose invitation")),
    responses((status = 200, body = ParticipantLine), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody)))]
pub(super) async fn send_again(
    State(door): Door,
    Operator(viewer): Operator,
    NamedTwo(grant, participant): NamedTwo<GrantId, ParticipantId>,
) -> Answer<ParticipantLine> {
    let which = (grant, participant);
    bursar_studies::send_again(&door.service, &viewer, which).await?;
    line(&door, &viewer, which).await
}

/// Changes what somebody may do. Keys that this leaves no room for are revoked, or handed over,
/// with the change itself.
#[utoipa::path(put, path = "/api/grants/{grant}/people/{participant}", tag = "people in a grant",
    operation_id = "change_participant", request_body = ChangeParticipant,
    params(("grant" = String, Path, description = "The grant"),
        ("participant" = String, Path, description = "Whose part")),
    responses((status = 200, body = ParticipantLine), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn change(
    State(door): Door,
    Operator(viewer): Operator,
    NamedTwo(grant, participant): NamedTwo<GrantId, ParticipantId>,
    Json(wanted): Json<ChangeParticipant>,
) -> Answer<ParticipantLine> {
    let ChangeParticipant { role, studies, version, keys_to } = wanted;
    let (part, keys) = (part(role, studies), keys_go(keys_to));
    let wanted = ChangePart { grant, participant, part, version, keys };
    bursar_studies::change_part(&door.service, &viewer, wanted).await?;
    line(&door, &viewer, (grant, participant)).await
}

/// Takes somebody out, or takes an invitation back. Their keys are revoked, or handed over, with
/// it.
#[utoipa::path(delete, path = "/api/grants/{grant}/people/{participant}",
    tag = "people in a grant", operation_id = "remove_participant",
    params(("grant" = String, Path, description = "The grant"),
        ("participant" = String, Path, description = "Whose part"), RemoveParticipant),
    responses((status = 200, body = ParticipantLine), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn remove(
    State(door): Door,
    Operator(viewer): Operator,
    NamedTwo(grant, participant): NamedTwo<GrantId, ParticipantId>,
    Params(wanted): Params<RemoveParticipant>,
) -> Answer<ParticipantLine> {
    let RemoveParticipant { version, keys_to } = wanted;
    let wanted = Removal { grant, participant, version, keys: keys_go(keys_to) };
    bursar_studies::remove(&door.service, &viewer, wanted).await?;
    line(&door, &viewer, (grant, participant)).await
}

fn part(role: GrantRole, studies: Vec<StudyId>) -> Part {
    let studies: BTreeSet<StudyId> = studies.into_iter().collect();
    Part { role, studies: (!studies.is_empty()).then_some(studies) }
}

fn keys_go(to: Option<PersonId>) -> KeysGo {
    to.map_or(KeysGo::Revoke, KeysGo::HandTo)
}

async fn line(
    door: &Config,
    viewer: &Viewer,
    (grant, id): (GrantId, ParticipantId),
) -> Answer<ParticipantLine> {
    let found = bursar_studies::people(&door.service, viewer, grant).await?;
    let line = found.people.into_iter().find(|line| line.participant.id == id);
    let missing = || Refusal::not_found(&format!("there is no participant `{id}`"));
    Ok(Json(line.ok_or_else(missing)?.into()))
}
