//! An officer's word on conflicts of interest.

use bursar_award::panel::{Conflict, ConflictSource};
use bursar_kernel::{ApplicationId, ConflictId, PersonId};
use bursar_policy::{Action, Viewer};
use bursar_service::{Service, ServiceError, allow, audit_line, batch_of, entropy};
use bursar_store::{Expect, Row, Write};

use crate::facts;
use crate::lines::{need_reason, released};
use crate::round::of_application;

/// Says that somebody has a conflict of interest with an application, or that what was found is
/// none. Whoever has one is released from it and learns nothing more of it.
pub async fn pin(
    service: &Service,
    viewer: &Viewer,
    application: ApplicationId,
    person: PersonId,
    keeps_away: bool,
    because: &str,
) -> Result<ConflictId, ServiceError> {
    let Some(officer) = viewer.person() else {
        let message = "An officer says so in person: sign in as one";
        return Err(ServiceError::field("because", message));
    };
    let (reviewed, _) = of_application(service, viewer, application).await?;
    if service.store().person(person).await?.is_none() {
        return Err(ServiceError::field("person", "Select a reviewer"));
    }
    let because = need_reason("because", because)?;
    if !keeps_away {
        let found = facts::findings(service, &reviewed).await?;
        let theirs = |one: &&bursar_review::conflict::Conflict| {
            one.application == application && one.reviewer == person
        };
        let mut theirs = found.conflicts.iter().filter(theirs).peekable();
        let can_be =
            theirs.peek().is_some() && theirs.all(bursar_review::conflict::can_be_set_aside);
        if !can_be {
            let message = "Only what was found, or rests on a name alone, can be set aside";
            return Err(ServiceError::field("person", message));
        }
    }
    let mut batch = batch_of(viewer, service.now())?;
    let source = if keeps_away { ConflictSource::Pinned } else { ConflictSource::Cleared };
    let id = ConflictId::new(batch.now, entropy::draw());
    let row = Conflict {
        id,
        application,
        person,
        source,
        because,
        made_by: officer,
        made_at: batch.now,
        lifted_at: None,
        version: 1,
    };
    batch = batch.with(Write::Row(Row::Conflict(Box::new(row)), Expect::New));
    let theirs = |one: &&bursar_award::assignment::Assignment| one.reviewer == person;
    let open = reviewed.of(application).filter(theirs).find(|one| one.state.is_open());
    if let (true, Some(open)) = (keeps_away, open) {
        let why = "An officer found a conflict of interest.".to_owned();
        batch = released(service, &reviewed, open, why, batch).await?;
    }
    let line = audit_line(&batch, "conflict.written", application, source.name());
    service.commit(batch.with(line)).await?;
    Ok(id)
}

/// Takes back what an officer said of a conflict of interest.
pub async fn lift(service: &Service, viewer: &Viewer, id: ConflictId) -> Result<(), ServiceError> {
    let missing = || ServiceError::NotFound(format!("conflict `{id}`"));
    allow(viewer, Action::RunPrograms)?;
    let row = service.store().conflict(id).await?.ok_or_else(missing)?;
    // Nobody lifts what keeps themselves away: for them the application does not exist.
    if of_application(service, viewer, row.application).await.is_err() {
        return Err(missing());
    }
    let batch = batch_of(viewer, service.now())?;
    let Some(lifted) = row.lifted(batch.now) else {
        let text = "take back what a reviewer declared, or what was taken back before\n\
                    hint: nobody overrules somebody who is not free to judge";
        return Err(ServiceError::Refused(text.to_owned()));
    };
    let line = audit_line(&batch, "conflict.lifted", row.application, row.person.to_string());
    let write = Write::Row(Row::Conflict(Box::new(lifted)), Expect::Version(row.version));
    service.commit(batch.with(write).with(line)).await?;
    Ok(())
}
