//! Everything about a person, as an archive that is written while it is read.

mod documents;
mod lines;

use std::collections::VecDeque;
use std::sync::Arc;

use bursar_kernel::{ApplicationId, GrantId, PersonId, RequestId};
use bursar_policy::{Action, Viewer};
use bursar_service::{Service, ServiceError, allow};
use bursar_store::rows::SecretHash;

use crate::archive::Archive;
use lines::Running;

/// What the archive says of itself.
const README: &str = include_str!("export/README.txt");

/// Everything about a person, a piece at a time: of calls, mails and movements a page is in memory.
pub struct Export {
    service: Arc<Service>,
    viewer: Viewer,
    person: PersonId,
    archive: Archive,
    steps: VecDeque<Step>,
    running: Option<Running>,
    is_finished: bool,
}

/// A file of the archive.
#[derive(Debug)]
enum Step {
    /// One that is there already.
    Text(&'static str, Vec<u8>),
    /// One that the person had added to an application.
    Upload { name: String, application: ApplicationId, hash: SecretHash },
    /// What moved on a grant.
    Statement(GrantId),
    /// Calls of a grant, some of them where there are many.
    Calls { grant: GrantId, whose: Option<PersonId>, part: u32, before: Option<RequestId> },
    /// What a grant made in an upstream's account.
    Belongings(GrantId),
    /// Cash that they earned, or paid in.
    Cash { earned: bool },
    /// Mails to them.
    Mails(String),
    /// What they did, and what was done to them.
    Audit,
}

/// Begins the archive of everything about somebody: for themselves, and for whoever runs the
/// installation when they ask.
pub async fn export(
    service: &Arc<Service>,
    viewer: &Viewer,
    person: PersonId,
) -> Result<Export, ServiceError> {
    if viewer.person() != Some(person) {
        allow(viewer, Action::Operate)?;
    }
    let who = service.store().person(person).await?;
    let who = who.ok_or_else(|| ServiceError::NotFound("such person".to_owned()))?;
    let mut steps = VecDeque::from([Step::Text("README.txt", README.as_bytes().to_vec())]);
    steps.extend(documents::steps(service, &who).await?);
    Ok(Export {
        service: Arc::clone(service),
        viewer: viewer.clone(),
        person,
        archive: Archive::default(),
        steps,
        running: None,
        is_finished: false,
    })
}

impl Export {
    /// The next piece; `None` behind the last.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, ServiceError> {
        if let Some(mut running) = self.running.take() {
            let bytes = running.next(&self.service, self.archive.length()).await?;
            return Ok(Some(if let Some(bytes) = bytes {
                self.running = Some(running);
                self.archive.content(bytes)
            } else {
                self.steps.extend(running.rest());
                self.archive.end()
            }));
        }
        if let Some(step) = self.steps.pop_front() {
            let head = self.archive.begin(&step.name());
            self.running = Some(self.begin(step).await?);
            return Ok(Some(head));
        }
        if self.is_finished {
            return Ok(None);
        }
        self.is_finished = true;
        Ok(Some(self.archive.finish()))
    }

    async fn begin(&self, step: Step) -> Result<Running, ServiceError> {
        Running::begin(&self.service, &self.viewer, self.person, step).await
    }
}

impl Step {
    fn name(&self) -> String {
        match self {
            Self::Text(name, _) => (*name).to_owned(),
            Self::Upload { name, .. } => name.clone(),
            Self::Statement(grant) => format!("statements/{grant}.csv"),
            Self::Calls { grant, part, .. } => format!("calls/{grant}-{part:04}.jsonl"),
            Self::Belongings(grant) => format!("made/{grant}.jsonl"),
            Self::Cash { earned: true } => "market/cash-earned.jsonl".to_owned(),
            Self::Cash { earned: false } => "market/cash-paid-in.jsonl".to_owned(),
            Self::Mails(_) => "mails.jsonl".to_owned(),
            Self::Audit => "audit.jsonl".to_owned(),
        }
    }
}
