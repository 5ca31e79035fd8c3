//! A draft that several people and several tabs save, question by question.

use std::collections::BTreeMap;

use bursar_award::draft::{merge, read_shown_with};
use bursar_award::{AcceptedPolicy, Command};
use bursar_kernel::ApplicationId;
use bursar_kernel::program::FieldKind;
use bursar_policy::Viewer;
use bursar_program::answers::questions;
use bursar_service::{Need, Service, ServiceError, batch_of, occasion};

/// How often a save is decided anew when somebody else saved at that very moment.
const TRIES_MAX: usize = 5;

/// What became of a save.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// Questions that were answered differently elsewhere meanwhile; the draft has those answers.
    pub conflicts: Vec<String>,
}

/// Saves what a form sends, with anything missing and whatever is wrong with it. `was` is what the
/// form was shown with: what was changed elsewhere meanwhile stays, and is told where both changed.
pub async fn save(
    service: &Service,
    viewer: &Viewer,
    id: ApplicationId,
    sent: &BTreeMap<String, String>,
    was: &str,
) -> Result<Saved, ServiceError> {
    let mut tries = 0;
    loop {
        let (application, _) = service.application_as(viewer, id, Need::Edit).await?;
        let program = service.program_of(&application)?;
        let typed: Vec<&str> = questions(program, occasion(&application))
            .filter(|field| !matches!(field.kind, FieldKind::Attachment { .. }))
            .map(|field| field.id.as_str())
            .collect();
        let is_typed = |field: &String| typed.contains(&field.as_str());
        let lines = |text: &str| text.replace("\r\n", "\n").replace('\r', "\n");
        let sent: BTreeMap<String, String> = sent
            .iter()
            .filter(|(field, _)| is_typed(field))
            .map(|(field, text)| (field.clone(), lines(text)))
            .collect();
        let mut was = read_shown_with(was);
        was.retain(|field, _| is_typed(field));
        let merged = merge(&application.answers, &was, &sent);
        let saved = Saved { conflicts: merged.conflicts };
        if merged.changes.is_empty() {
            // Whoever saves once it is handed in has to hear of it.
            let is_draft = application.state == bursar_award::State::Draft;
            return if is_draft { Ok(saved) } else { edit(service, viewer, application).await };
        }
        tries += 1;
        match service.edit_draft(viewer, application, merged.changes).await {
            Ok(_) => return Ok(saved),
            Err(ServiceError::Conflict(_)) if tries < TRIES_MAX => {}
            Err(error) => return Err(error),
        }
    }
}

/// The refusal to change what is no draft.
async fn edit(
    service: &Service,
    viewer: &Viewer,
    application: bursar_award::Application,
) -> Result<Saved, ServiceError> {
    service.edit_draft(viewer, application, BTreeMap::new()).await?;
    Ok(Saved { conflicts: Vec::new() })
}

/// Accepts the program's policies for a draft of the viewer's own: those that are named; the others
/// are not accepted any more.
pub async fn accept_policies(
    service: &Service,
    viewer: &Viewer,
    id: ApplicationId,
    accepted: &[String],
) -> Result<(), ServiceError> {
    let application = service.own_application(viewer, id).await?;
    let program = service.program_of(&application)?;
    let now = service.now();
    let named = program.policies.iter().filter(|policy| accepted.contains(&policy.id));
    let policies = named.map(|policy| AcceptedPolicy {
        id: policy.id.clone(),
        version: policy.version.clone(),
        at: now,
    });
    let command = Command::AcceptPolicies { policies: policies.collect() };
    let batch = batch_of(viewer, now)?;
    service.step(batch, application, command, |batch, _| batch).await?;
    Ok(())
}
