//! Co-applicants: invited by mail, who accept or decline on a page, edit or read, and can be taken
//! out again.

use bursar_award::State;
use bursar_award::invitation::InvitationState;
use bursar_award::members::{INVITATION_LIFE, Member, may_invite};
use bursar_kernel::{ApplicationId, MemberId, MemberRole};
use bursar_policy::Viewer;
use bursar_post::Post as _;
use bursar_service::{Need, Secret, Service, ServiceError, audit_line, batch_of, entropy};
use bursar_store::rows::Person;
use bursar_store::{Expect, Row, Write};

use bursar_letters as letters;

/// Characters of a mail address at the most.
const EMAIL_CHARACTERS_MAX: usize = bursar_kernel::limits::EMAIL_CHARACTERS_MAX;

/// An invitation as the one who holds its link sees it.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// The row.
    pub member: Member,
    /// Who invites.
    pub by: Person,
    /// The program's name.
    pub program: String,
    /// Whether it can be answered now.
    pub is_open: bool,
}

/// Those who take part, were invited, declined or were taken out, in order; for all who take part.
pub async fn members(
    service: &Service,
    viewer: &Viewer,
    id: ApplicationId,
) -> Result<Vec<(Member, Option<Person>)>, ServiceError> {
    service.application_as(viewer, id, Need::Read).await?;
    with_people(service, id).await
}

/// Those who take part and who were invited, for officers.
pub async fn members_for_officer(
    service: &Service,
    viewer: &Viewer,
    id: ApplicationId,
) -> Result<Vec<(Member, Option<Person>)>, ServiceError> {
    service.application_for_officer(viewer, id).await?;
    with_people(service, id).await
}

async fn with_people(
    service: &Service,
    id: ApplicationId,
) -> Result<Vec<(Member, Option<Person>)>, ServiceError> {
    let mut members = Vec::new();
    for member in service.store().members(id).await? {
        let person = match member.person {
            Some(person) => service.store().person(person).await?,
            None => None,
        };
        members.push((member, person));
    }
    Ok(members)
}

/// Invites somebody to a draft. Only the one who applies does; the letter's link leads to a page.
pub async fn invite(
    service: &Service,
    viewer: &Viewer,
    id: ApplicationId,
    email: &str,
    role: MemberRole,
) -> Result<MemberId, ServiceError> {
    let application = service.own_application(viewer, id).await?;
    if application.state != State::Draft {
        let text = "invite somebody to an application that is handed in\n\
                    hint: people are invited while it is a draft";
        return Err(ServiceError::Refused(text.to_owned()));
    }
    let email = email.trim().to_lowercase();
    if !is_address(&email) {
        let message = "Enter a mail address, like name@university.example";
        return Err(ServiceError::field("email", message));
    }
    let applicant = service.person_of(application.applicant).await?;
    let now = service.now();
    let members = service.store().members(id).await?;
    may_invite(&members, &applicant.email, &email, now)
        .map_err(|refusal| ServiceError::Refused(refusal.to_string()))?;
    let secret = Secret::draw("");
    let member = Member {
        id: MemberId::new(now, entropy::draw()),
        application: id,
        email: email.clone(),
        role,
        state: InvitationState::Invited,
        person: None,
        secret_hash: secret.hash(),
        invited_by: application.applicant,
        invited_at: now,
        expires_at: now + INVITATION_LIFE,
        answered_at: None,
        removed_at: None,
        version: 1,
    };
    let name = member.id;
    let program = &service.program_of(&application)?.name;
    let url = format!("{}/invitations/{}", service.base_url(), secret.reveal());
    let who = if applicant.name.is_empty() { &applicant.email } else { &applicant.name };
    let letter = letters::invited(who, &applicant.email, program, role, &url);
    let batch = batch_of(viewer, now)?;
    let line = audit_line(&batch, "member.invited", id, name.to_string());
    let row = Write::Row(Row::Member(Box::new(member)), Expect::New);
    service.commit(batch.with(row).with(line).with(letter.to(&email, now))).await?;
    Ok(name)
}

fn is_address(email: &str) -> bool {
    let stray =
        |letter: char| letter.is_whitespace() || letter.is_control() || "<>,;\"".contains(letter);
    let parts = email.rsplit_once('@');
    let sound = parts.is_some_and(|(local, domain)| {
        !local.is_empty() && domain.contains('.') && !domain.starts_with('.')
    });
    sound && !email.contains(stray) && email.chars().count() <= EMAIL_CHARACTERS_MAX
}

/// An invitation by its link's secret, for whoever is signed in.
pub async fn invitation(
    service: &Service,
    viewer: &Viewer,
    secret: &str,
) -> Result<Invitation, ServiceError> {
    viewer.person().ok_or(ServiceError::SignInFirst)?;
    let hash = *blake3::hash(secret.as_bytes()).as_bytes();
    let found = service.store().member_by_secret(hash).await?;
    let missing = || ServiceError::NotFound("this invitation".to_owned());
    let member =
        found.filter(|member| member.state != InvitationState::Removed).ok_or_else(missing)?;
    let application = service.load_application(member.application).await?;
    Ok(Invitation {
        by: service.person_of(member.invited_by).await?,
        program: service.program_of(&application)?.name.clone(),
        is_open: member.state == InvitationState::Invited && service.now() < member.expires_at,
        member,
    })
}

/// Accepts an invitation, or declines it. Whoever holds the link answers, once, in their own name.
pub async fn answer_invitation(
    service: &Service,
    viewer: &Viewer,
    secret: &str,
    accepts: bool,
) -> Result<ApplicationId, ServiceError> {
    let Invitation { member, .. } = invitation(service, viewer, secret).await?;
    let person = viewer.person().ok_or(ServiceError::SignInFirst)?;
    let application = service.load_application(member.application).await?;
    let now = service.now();
    let answered = member
        .answered(person, application.applicant, accepts, now)
        .map_err(|refusal| ServiceError::Refused(refusal.to_string()))?;
    let batch = batch_of(viewer, now)?;
    let action = if accepts { "member.joined" } else { "member.declined" };
    let line = audit_line(&batch, action, member.application, member.id.to_string());
    let row = Write::Row(Row::Member(Box::new(answered)), Expect::Version(member.version));
    service.commit(batch.with(row).with(line)).await?;
    Ok(member.application)
}

/// Takes somebody out, or an invitation back: the one who applies does, and all for themselves.
pub async fn remove_member(
    service: &Service,
    viewer: &Viewer,
    id: ApplicationId,
    member: MemberId,
) -> Result<(), ServiceError> {
    let (application, _) = service.application_as(viewer, id, Need::Read).await?;
    let missing = || ServiceError::NotFound(format!("member `{member}`"));
    let row = service.store().member(member).await?.filter(|row| row.application == id);
    let row = row.ok_or_else(missing)?;
    let is_own = row.person.is_some() && row.person == viewer.person();
    if viewer.person() != Some(application.applicant) && !is_own {
        let text = "take somebody else out\nhint: ask the one who applies to";
        return Err(ServiceError::Refused(text.to_owned()));
    }
    let now = service.now();
    let Some(removed) = row.removed(now) else { return Ok(()) };
    let batch = batch_of(viewer, now)?;
    let line = audit_line(&batch, "member.removed", id, member.to_string());
    let write = Write::Row(Row::Member(Box::new(removed)), Expect::Version(row.version));
    service.commit(batch.with(write).with(line)).await?;
    Ok(())
}
