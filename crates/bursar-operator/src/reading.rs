//! What an operator reads: the audit trail.

use std::collections::HashMap;

use bursar_kernel::{Actor, PersonId};
use bursar_policy::{Action, Viewer};
use bursar_service::{Service, ServiceError, allow};
use bursar_store::rows::{AuditLine, Person};

/// The latest lines of the audit trail, newest first, `limit` at the most, each with the person
/// who did it if a person did.
pub async fn audit_trail(
    service: &Service,
    viewer: &Viewer,
    limit: usize,
) -> Result<Vec<(AuditLine, Option<Person>)>, ServiceError> {
    allow(viewer, Action::Operate)?;
    let lines = service.store().audit_trail(limit).await?;
    let people = service.store().people().await?;
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
