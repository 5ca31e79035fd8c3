//! What an operator reads: the mails and the audit trail.

use std::collections::HashMap;

use bursar_kernel::{Actor, MailId, PersonId};
use bursar_policy::{Action, Viewer};
use bursar_store::rows::{AuditLine, Mail, Person};

use crate::{Service, ServiceError};

impl Service {
    /// The latest mails, newest first, `limit` at the most.
    pub async fn mails(&self, viewer: &Viewer, limit: usize) -> Result<Vec<Mail>, ServiceError> {
        crate::allow(viewer, Action::Operate)?;
        Ok(self.store.mails(limit).await?)
    }

    /// One mail.
    pub async fn mail(&self, viewer: &Viewer, id: MailId) -> Result<Mail, ServiceError> {
        crate::allow(viewer, Action::Operate)?;
        let found = self.store.mail(id).await?;
        found.ok_or_else(|| ServiceError::NotFound(format!("mail `{id}`")))
    }

    /// The latest lines of the audit trail, newest first, `limit` at the most, each with the
    /// person who did it if a person did.
    pub async fn audit_trail(
        &self,
        viewer: &Viewer,
        limit: usize,
    ) -> Result<Vec<(AuditLine, Option<Person>)>, ServiceError> {
        crate::allow(viewer, Action::Operate)?;
        let lines = self.store.audit_trail(limit).await?;
        let people = self.store.people().await?;
        let people: HashMap<PersonId, Person> =
            people.into_iter().map(|person| (person.id, person)).collect();
        let with_person = |line: AuditLine| {
            let person = match &line.actor {
                Actor::Person(id) => people.get(id).cloned(),
                Actor::Key(_) | Actor::Operator | Actor::Job(_) => None,
            };
            (line, person)
        };
        Ok(lines.into_iter().map(with_person).collect())
    }
}
