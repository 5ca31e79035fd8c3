//! Co-applicants: who takes part, and the invitation.

use bursar_award::invitation::InvitationState;
use bursar_award::members::Member;
use bursar_kernel::{ApplicationId, MemberId, MemberRole};
use bursar_service::{ServiceError, Stage};
use bursar_store::rows::Person;
use bursar_ui::{Input, Status, Tone, routes};
use bursar_web::{Answer, At, Done, OrPage as _, Posted, Visit, invalid};

use super::own;
use crate::pages::apply::{InvitationPage, MemberRow, People};

pub(super) async fn show(visit: Visit, At(id): At<ApplicationId>) -> Answer {
    show_with(&visit, id, Input::default()).await
}

pub(super) async fn invite(At(id): At<ApplicationId>, mut form: Posted) -> Answer {
    let (service, viewer) = (form.visit.service(), &form.visit.viewer);
    let invited = match MemberRole::from_name(form.field("role")) {
        Some(role) => bursar_applying::invite(service, viewer, id, form.field("email"), role).await,
        None => Err(invalid("role", "Select what they may do")),
    };
    match invited {
        Ok(_) => form.visit.done(&routes::application_people(id), Done::Invited),
        Err(error) => {
            let errors = form.visit.again(error)?;
            let input = form.input(errors);
            show_with(&form.visit, id, input).await
        }
    }
}

pub(super) async fn remove(
    At((id, member)): At<(ApplicationId, MemberId)>,
    mut form: Posted,
) -> Answer {
    let (service, viewer) = (form.visit.service(), &form.visit.viewer);
    match bursar_applying::remove_member(service, viewer, id, member).await {
        Ok(()) => {
            // Whoever has left does not see it any more.
            let still = service.application_for_applicant(viewer, id).await.is_ok();
            let people = routes::application_people(id);
            let to = if still { people.as_str() } else { routes::APPLICATIONS };
            form.visit.done(to, Done::Uninvited)
        }
        Err(error) => {
            form.visit.again(error)?;
            show_with(&form.visit, id, Input::default()).await
        }
    }
}

async fn show_with(visit: &Visit, id: ApplicationId, input: Input) -> Answer {
    let (page, _) = own(visit, id).await?;
    let members = bursar_applying::members(visit.service(), &visit.viewer, id).await;
    let members = members.or_page(visit)?;
    let applicant = visit.service().person_of(page.applicant).await.or_page(visit)?;
    let leads = page.role.is_none();
    visit.page(&People {
        id,
        applicant: bursar_web::name_of(&applicant),
        members: members.iter().map(|one| row(visit, one, leads)).collect(),
        invite: (leads && page.status.stage == Stage::Draft).then_some(input),
    })
}

fn row(visit: &Visit, (member, person): &(Member, Option<Person>), leads: bool) -> MemberRow {
    let is_own = member.person.is_some() && member.person == visit.viewer.person();
    let is_there = matches!(member.state, InvitationState::Invited | InvitationState::Accepted);
    let text = match (is_own, member.state) {
        (true, _) => "Leave",
        (false, InvitationState::Invited) => "Take the invitation back",
        (false, _) => "Take out",
    };
    let remove = routes::application_member_remove(member.application, member.id);
    MemberRow {
        name: person.as_ref().map_or_else(|| member.email.clone(), bursar_web::name_of),
        email: member.email.clone(),
        role: role(member.role).to_owned(),
        status: status(member, visit),
        remove: ((leads || is_own) && is_there).then(|| (remove, text.to_owned())),
    }
}

/// What somebody may do, in words.
const fn role(role: MemberRole) -> &'static str {
    match role {
        MemberRole::Edit => "Reads it, and edits the draft",
        MemberRole::View => "Reads it",
    }
}

/// Where an invitation stands.
pub(crate) fn status(member: &Member, visit: &Visit) -> Status {
    match member.state {
        InvitationState::Invited if member.is_open(visit.frame().now) => {
            Status::new(Tone::Info, "Invited")
        }
        InvitationState::Invited => Status::new(Tone::Neutral, "Expired"),
        InvitationState::Accepted => Status::new(Tone::Good, "Takes part"),
        InvitationState::Declined => Status::new(Tone::Neutral, "Declined"),
        InvitationState::Removed => Status::new(Tone::Neutral, "Taken out"),
    }
}

pub(super) async fn invitation(visit: Visit, At(secret): At<String>) -> Answer {
    let found = bursar_applying::invitation(visit.service(), &visit.viewer, &secret).await;
    let found = found.or_page(&visit)?;
    let takes_part = visit.viewer.person().and_then(|person| found.member.role_of(person));
    let may = match found.member.role {
        MemberRole::Edit => "Read it, and edit the draft",
        MemberRole::View => "Read it",
    };
    visit.page(&InvitationPage {
        secret,
        by: (bursar_web::name_of(&found.by), found.by.email.clone()),
        program: found.program,
        role: may.to_owned(),
        expires_at: found.member.expires_at,
        is_open: found.is_open,
        application: takes_part.map(|_| routes::application(found.member.application)),
    })
}

pub(super) async fn answer(At(secret): At<String>, mut form: Posted) -> Answer {
    let accepts = match form.field("answer") {
        "accept" => true,
        "decline" => false,
        _ => return form.visit.go(&routes::invitation(&secret)),
    };
    let (service, viewer) = (form.visit.service(), &form.visit.viewer);
    match bursar_applying::answer_invitation(service, viewer, &secret, accepts).await {
        Ok(id) if accepts => form.visit.done(&routes::application_form(id), Done::Joined),
        Ok(_) => form.visit.done(routes::APPLICATIONS, Done::NotJoined),
        Err(ServiceError::Refused(text)) => {
            form.visit.again(ServiceError::Refused(text))?;
            invitation(form.visit, At(secret)).await
        }
        Err(error) => Err(form.visit.trouble(error)),
    }
}
