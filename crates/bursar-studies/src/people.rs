//! Who spends a grant beside its holder: invited by mail, who accept or decline on a page.

use std::collections::BTreeSet;
use std::sync::Arc;

use bursar_award::invitation::InvitationState;
use bursar_award::participants::{INVITATION_LIFE, Part, Participant, may_invite};
use bursar_kernel::{GrantId, GrantRole, MemberRole, ParticipantId, Program, StudyId, Usd};
use bursar_letters::people as letters;
use bursar_policy::Viewer;
use bursar_post::Post as _;
use bursar_service::{
    Secret, Service, ServiceError, Within, audit_line, batch_of, check_not_voided, entropy,
    read_email,
};
use bursar_store::rows::{Key, Mail, Person, Study};
use bursar_store::{Batch, Expect, Row, Write};

use crate::institution;
use crate::keys::touched;

/// Somebody who takes part, or was invited.
#[derive(Clone, Debug)]
pub struct PersonLine {
    /// The row.
    pub participant: Participant,
    /// Who it is, once they have answered.
    pub person: Option<Person>,
    /// How many of their keys work.
    pub keys: usize,
    /// What all of their keys have spent; `None` where that is not the viewer's to know.
    pub spent: Option<Usd>,
    /// Whether the viewer may change what they may do, and take them out.
    pub may_manage: bool,
    /// Whether it is the viewer.
    pub is_self: bool,
}

/// Who spends a grant, as far as the viewer may know.
#[derive(Clone, Debug)]
pub struct GrantPeople {
    /// The grant, and what the viewer may do in it.
    pub within: Within,
    /// Who holds it.
    pub holder: Person,
    /// Those who take part, were invited, declined or are out, in order.
    pub people: Vec<PersonLine>,
    /// The open studies that a member can belong to.
    pub studies: Vec<Study>,
    /// The program, which says whom it lets in.
    pub program: Arc<Program>,
    /// Roles that the viewer may give; none where they may invite nobody.
    pub may_give: Vec<GrantRole>,
    /// Those who applied with the holder, and are not invited yet: an address and a role each.
    pub co_applicants: Vec<(String, GrantRole)>,
}

/// Somebody to be invited.
#[derive(Clone, Debug)]
pub struct NewParticipant {
    /// The grant.
    pub grant: GrantId,
    /// Where the letter goes.
    pub email: String,
    /// What they may do, and where.
    pub part: Part,
}

/// An invitation as the one who holds its link sees it.
#[derive(Clone, Debug)]
pub struct GrantInvitation {
    /// The row.
    pub participant: Participant,
    /// Who invites: the holder, where the installation's own token did.
    pub by: Person,
    /// What the grant is for.
    pub title: String,
    /// The program's name.
    pub program: String,
    /// What the studies are called that it is about; none for the whole grant.
    pub studies: Vec<String>,
    /// Whether it can be answered now.
    pub is_open: bool,
    /// Whether it went to the address of whoever looks.
    pub is_theirs: bool,
}

/// Who spends a grant. Whoever does not see every figure sees those who take part, and nobody's
/// spending but their own.
pub async fn people(
    service: &Service,
    viewer: &Viewer,
    grant: GrantId,
) -> Result<GrantPeople, ServiceError> {
    let within = service.within(viewer, grant).await?;
    let store = service.store();
    let (keys, spends) = (store.keys(grant).await?, store.spend_by_key(grant).await?);
    let (rows, now) = (store.participants(grant).await?, service.now());
    let sees_all = within.sees_figures();
    let shown = |row: &&Participant| sees_all || row.state == InvitationState::Accepted;
    let mut people = Vec::new();
    for participant in rows.iter().filter(shown) {
        let person = match participant.person {
            Some(person) => store.person(person).await?,
            None => None,
        };
        let is_self = participant.person.is_some() && participant.person == viewer.person();
        let theirs: Vec<&Key> =
            keys.iter().filter(|key| Some(key.person) == participant.person).collect();
        let works =
            |key: &&&Key| key.revoked_at.is_none() && key.expires_at.is_none_or(|at| now < at);
        let cost = spends.iter().filter(|(id, _)| theirs.iter().any(|key| key.id == *id));
        let cost = Usd::sum(cost.map(|(_, spend)| spend.cost)).unwrap_or(Usd::MAX);
        people.push(PersonLine {
            keys: if sees_all || is_self { theirs.iter().filter(works).count() } else { 0 },
            spent: (sees_all || is_self).then_some(cost),
            may_manage: within.may_manage_person(participant.part.role),
            participant: participant.clone(),
            person,
            is_self,
        });
    }
    let mut studies = store.studies(grant).await?;
    studies.retain(|study| study.closed_at.is_none() && within.sees_study(study.id));
    let program = Arc::clone(service.program(&within.grant.program)?);
    let gives = |role: &GrantRole| within.may_manage_person(*role);
    let may_give: Vec<GrantRole> = GrantRole::ALL.into_iter().filter(gives).collect();
    let co_applicants =
        if within.is_owner() { co_applicants(service, &within, &rows).await? } else { Vec::new() };
    let holder = service.person_of(within.grant.holder).await?;
    Ok(GrantPeople { within, holder, people, studies, program, may_give, co_applicants })
}

/// Those who take part in the application that a grant came from, and were never invited to it.
/// Whoever edited it may make keys; whoever read it reads.
async fn co_applicants(
    service: &Service,
    within: &Within,
    rows: &[Participant],
) -> Result<Vec<(String, GrantRole)>, ServiceError> {
    let Some(application) = within.grant.application else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for member in service.store().members(application).await? {
        let Some(person) = member.person.and_then(|person| member.role_of(person).map(|_| person))
        else {
            continue;
        };
        let email = service.person_of(person).await?.email;
        if rows.iter().any(|row| row.email == email) {
            continue;
        }
        found.push(match member.role {
            MemberRole::Edit => (email, GrantRole::Member),
            MemberRole::View => (email, GrantRole::ReadOnly),
        });
    }
    Ok(found)
}

/// Invites somebody. The letter's link leads to a page.
pub async fn invite(
    service: &Service,
    viewer: &Viewer,
    wanted: NewParticipant,
) -> Result<Participant, ServiceError> {
    let within = service.within(viewer, wanted.grant).await?;
    within.allow(within.may_manage_person(wanted.part.role))?;
    let part = check_part(service, &within, wanted.part).await?;
    let email = read_email(&wanted.email)?;
    let batch = batch_of(viewer, service.now())?;
    let rows = service.store().participants(wanted.grant).await?;
    let (batch, row) = invited(service, &within, &rows, batch, (email, part)).await?;
    let own_part = within.participant.iter().map(touched);
    service.commit(own_part.fold(batch, Batch::with)).await?;
    Ok(row)
}

/// Invites all who applied with the holder, in one go: all of them, or none.
pub async fn invite_co_applicants(
    service: &Service,
    viewer: &Viewer,
    grant: GrantId,
) -> Result<usize, ServiceError> {
    let found = people(service, viewer, grant).await?;
    found.within.allow(found.within.is_owner())?;
    let mut rows = service.store().participants(grant).await?;
    let mut batch = batch_of(viewer, service.now())?;
    let count = found.co_applicants.len();
    for (email, role) in found.co_applicants {
        let wanted = (email, Part::whole(role));
        let (more, row) = invited(service, &found.within, &rows, batch, wanted).await?;
        batch = more;
        rows.push(row);
    }
    if 0 < count {
        service.commit(batch).await?;
    }
    Ok(count)
}

/// Adds an invitation, its letter and its line to a batch. One that nobody answered in time gives
/// its row: an address is in a grant once.
async fn invited(
    service: &Service,
    within: &Within,
    rows: &[Participant],
    batch: Batch,
    (email, part): (String, Part),
) -> Result<(Batch, Participant), ServiceError> {
    let grant = &within.grant;
    check_not_voided(grant)?;
    let holder = service.person_of(grant.holder).await?;
    let program = service.program(&grant.program)?;
    let now = batch.now;
    may_invite(rows, &holder.email, &email, now)
        .map_err(|refusal| ServiceError::Refused(refusal.to_string()))?;
    institution::check(service, program, &holder, &email).await?;
    let secret = Secret::draw("");
    let late = rows.iter().find(|row| row.email == email && row.state == InvitationState::Invited);
    let row = Participant {
        id: late.map_or_else(|| ParticipantId::new(now, entropy::draw()), |row| row.id),
        grant: grant.id,
        email: email.clone(),
        part,
        state: InvitationState::Invited,
        person: None,
        secret_hash: secret.hash(),
        invited_by: within.viewer.person(),
        invited_at: now,
        expires_at: now + INVITATION_LIFE,
        answered_at: None,
        removed_at: None,
        version: late.map_or(1, |row| row.version.saturating_add(1)),
    };
    let expect = late.map_or(Expect::New, |row| Expect::Version(row.version));
    let letter = letter(service, within, &row, &secret).await?;
    let said = format!("{} as {}", row.id, row.part.role.name());
    let line = audit_line(&batch, "participant.invited", grant.id, said);
    let write = Write::Row(Row::Participant(Box::new(row.clone())), expect);
    Ok((batch.with(write).with(line).with(letter), row))
}

/// The letter of an invitation, from whoever sends it.
async fn letter(
    service: &Service,
    within: &Within,
    row: &Participant,
    secret: &Secret,
) -> Result<Mail, ServiceError> {
    let by = service.person_of(within.viewer.person().unwrap_or(within.grant.holder)).await?;
    let who = if by.name.is_empty() { &by.email } else { &by.name };
    let url = format!("{}/grants/invitations/{}", service.base_url(), secret.reveal());
    let program = &service.program(&within.grant.program)?.name;
    let (title, role) = (&within.grant.title, row.part.role);
    let letter =
        letters::grant_invited((who, &by.email), program, title, role, &url, row.expires_at);
    Ok(letter.to(&row.email, row.invited_at))
}

/// Sends an invitation again, with a new link, for another two weeks.
pub async fn send_again(
    service: &Service,
    viewer: &Viewer,
    (grant, id): (GrantId, ParticipantId),
) -> Result<Participant, ServiceError> {
    let (within, row) = managed(service, viewer, (grant, id)).await?;
    let batch = batch_of(viewer, service.now())?;
    let secret = Secret::draw("");
    let again = row
        .renewed(secret.hash(), batch.now)
        .map_err(|refusal| ServiceError::Refused(refusal.to_string()))?;
    let program = service.program(&within.grant.program)?;
    let holder = service.person_of(within.grant.holder).await?;
    institution::check(service, program, &holder, &row.email).await?;
    let letter = letter(service, &within, &again, &secret).await?;
    let line = audit_line(&batch, "participant.sent_again", grant, id.to_string());
    let write = Write::Row(Row::Participant(Box::new(again.clone())), Expect::Version(row.version));
    service.commit(batch.with(write).with(line).with(letter)).await?;
    Ok(again)
}

/// A row of a grant that the viewer may change.
pub(crate) async fn managed(
    service: &Service,
    viewer: &Viewer,
    (grant, id): (GrantId, ParticipantId),
) -> Result<(Within, Participant), ServiceError> {
    let (within, row) = found(service, viewer, (grant, id)).await?;
    within.allow(within.may_manage_person(row.part.role))?;
    Ok((within, row))
}

/// A row of a grant that exists for the viewer.
pub(crate) async fn found(
    service: &Service,
    viewer: &Viewer,
    (grant, id): (GrantId, ParticipantId),
) -> Result<(Within, Participant), ServiceError> {
    let within = service.within(viewer, grant).await?;
    let missing = || ServiceError::NotFound(format!("participant `{id}`"));
    let row = service.store().participant(id).await?.filter(|row| row.grant == grant);
    let row = row.ok_or_else(missing)?;
    let shown = within.sees_figures() || row.state == InvitationState::Accepted;
    if shown { Ok((within, row)) } else { Err(missing()) }
}

/// A part as it can be: only a member belongs to studies, and to those of this grant.
pub(crate) async fn check_part(
    service: &Service,
    within: &Within,
    part: Part,
) -> Result<Part, ServiceError> {
    let Part { role, studies } = part;
    let Some(studies) = studies.filter(|_| role == GrantRole::Member) else {
        return Ok(Part::whole(role));
    };
    let known: BTreeSet<StudyId> =
        service.store().studies(within.grant.id).await?.into_iter().map(|it| it.id).collect();
    if studies.is_empty() {
        return Err(ServiceError::field("studies", "Choose a study, or the whole grant"));
    }
    if !studies.is_subset(&known) {
        return Err(ServiceError::field("studies", "Choose studies of this grant"));
    }
    Ok(Part { role, studies: Some(studies) })
}

/// An invitation by its link's secret, for whoever is signed in. Looking at it changes nothing.
pub async fn invitation(
    service: &Service,
    viewer: &Viewer,
    secret: &str,
) -> Result<GrantInvitation, ServiceError> {
    let person = viewer.person().ok_or(ServiceError::SignInFirst)?;
    let hash = *blake3::hash(secret.as_bytes()).as_bytes();
    let found = service.store().participant_by_secret(hash).await?;
    let missing = || ServiceError::NotFound("this invitation".to_owned());
    let row = found.filter(|row| row.state != InvitationState::Removed).ok_or_else(missing)?;
    let grant = service.store().grant(row.grant).await?.ok_or_else(missing)?;
    let mut studies = service.store().studies(row.grant).await?;
    studies.retain(|study| row.part.studies.as_ref().is_some_and(|of| of.contains(&study.id)));
    Ok(GrantInvitation {
        by: service.person_of(row.invited_by.unwrap_or(grant.holder)).await?,
        program: service.program(&grant.program)?.name.clone(),
        title: grant.title,
        studies: studies.into_iter().map(|study| study.terms.name).collect(),
        is_open: row.state == InvitationState::Invited && row.is_open(service.now()),
        is_theirs: service.person_of(person).await?.email == row.email,
        participant: row,
    })
}

/// Accepts an invitation, or declines it: whoever is signed in with the address that it went to,
/// once. Whether the program lets them in is asked anew.
pub async fn answer_invitation(
    service: &Service,
    viewer: &Viewer,
    secret: &str,
    accepts: bool,
) -> Result<GrantId, ServiceError> {
    let row = invitation(service, viewer, secret).await?.participant;
    let person = viewer.person().ok_or(ServiceError::SignInFirst)?;
    let person = service.person_of(person).await?;
    let missing = || ServiceError::NotFound("this invitation".to_owned());
    let grant = service.store().grant(row.grant).await?.ok_or_else(missing)?;
    let batch = batch_of(viewer, service.now())?;
    let answered = row
        .answered((person.id, &person.email), grant.holder, accepts, batch.now)
        .map_err(|refusal| ServiceError::Refused(refusal.to_string()))?;
    let holder = service.person_of(grant.holder).await?;
    let program = service.program(&grant.program)?;
    if accepts {
        let rows = service.store().participants(grant.id).await?;
        if rows.iter().any(|other| other.part_of(person.id).is_some()) {
            let text = "take part in a grant twice\nhint: ask for what you may do to be changed";
            return Err(ServiceError::Refused(text.to_owned()));
        }
        check_not_voided(&grant)?;
        institution::check(service, program, &holder, &row.email).await?;
    }
    let who = if person.name.is_empty() { &person.email } else { &person.name };
    let url = format!("{}/grants/{}/people", service.base_url(), grant.id);
    let letter = letters::grant_answered(who, &program.name, accepts, &url);
    let letter = letter.to(&holder.email, batch.now);
    let action = if accepts { "participant.joined" } else { "participant.declined" };
    let line = audit_line(&batch, action, grant.id, row.id.to_string());
    let write = Write::Row(Row::Participant(Box::new(answered)), Expect::Version(row.version));
    service.commit(batch.with(write).with(line).with(letter)).await?;
    Ok(grant.id)
}
