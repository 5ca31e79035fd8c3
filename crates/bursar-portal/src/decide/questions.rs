//! What an officer asks those who apply, and who those are.

use bursar_award::invitation::InvitationState;
use bursar_kernel::{ApplicationId, Program, QuestionId};
use bursar_service::{Stage, State};
use bursar_ui::{Status, routes};
use bursar_web::{Answer, At, Done, OrPage as _, Posted, Trouble, Visit};

use super::application::{Typed, show_page};
use crate::apply::{member_status, question};
use crate::pages::apply::QuestionShown;

pub(super) async fn ask(At(id): At<ApplicationId>, mut form: Posted) -> Answer {
    let (service, viewer) = (form.visit.service(), &form.visit.viewer);
    let due = form.field("due").trim().parse().ok();
    match bursar_applying::ask(service, viewer, id, form.field("question"), due).await {
        Ok(_) => form.visit.done(&routes::decide(id), Done::Asked),
        Err(error) => {
            let errors = form.visit.again(error)?;
            let typed = Typed { ask: form.input(errors), ..Typed::default() };
            show_page(&form.visit, id, typed).await
        }
    }
}

pub(super) async fn withdraw(
    At((id, question)): At<(ApplicationId, QuestionId)>,
    mut form: Posted,
) -> Answer {
    let (service, viewer) = (form.visit.service(), &form.visit.viewer);
    match bursar_applying::withdraw_question(service, viewer, id, question).await {
        Ok(()) => form.visit.done(&routes::decide(id), Done::QuestionTakenBack),
        Err(error) => {
            form.visit.again(error)?;
            show_page(&form.visit, id, Typed::default()).await
        }
    }
}

/// Whether something can be asked now.
pub(super) fn may_ask(state: State) -> bool {
    state.stage() == Stage::Submitted
}

/// The questions about an application, each with the way to take it back.
pub(super) async fn list(
    visit: &Visit,
    id: ApplicationId,
    program: &Program,
) -> Result<Vec<QuestionShown>, Trouble> {
    let asked = bursar_applying::questions_for_officer(visit.service(), &visit.viewer, id).await;
    let asked = asked.or_page(visit)?;
    let shown = asked.iter().map(|one| {
        let mut shown = question::in_list(visit, program, one);
        shown.take_back = one.is_open().then(|| routes::decide_ask_withdraw(id, one.id));
        shown
    });
    Ok(shown.collect())
}

/// Who takes part beside the one who applies, with where each stands.
pub(super) async fn members(
    visit: &Visit,
    id: ApplicationId,
) -> Result<Vec<(String, Status)>, Trouble> {
    let members = bursar_applying::members_for_officer(visit.service(), &visit.viewer, id).await;
    let members = members.or_page(visit)?.into_iter();
    let there = members.filter(|(member, _)| member.state != InvitationState::Declined);
    let shown = there.map(|(member, person)| {
        let name = person.as_ref().map(bursar_web::name_of).filter(|name| *name != member.email);
        let name =
            name.map_or_else(|| member.email.clone(), |name| format!("{name} ({})", member.email));
        (name, member_status(&member, visit))
    });
    Ok(shown.collect())
}
