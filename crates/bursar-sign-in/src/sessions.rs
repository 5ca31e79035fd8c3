//! The browsers that somebody is signed in with.

use bursar_kernel::SessionId;
use bursar_policy::Viewer;
use bursar_service::{Service, ServiceError, audit_line, batch_of};
use bursar_store::Write;
use bursar_store::rows::Session;

/// Sessions that are listed, the latest first: more than anybody has browsers.
const SESSIONS_MAX: usize = 50;

/// The browsers that somebody is signed in with, the latest first.
pub async fn sessions(service: &Service, viewer: &Viewer) -> Result<Vec<Session>, ServiceError> {
    let person = viewer.person().ok_or(ServiceError::SignInFirst)?;
    let now = service.now();
    let mut found = service.store().sessions(person, now, SESSIONS_MAX).await?;
    found.retain(|session| session.ended_at.is_none() && now < session.expires_at);
    Ok(found)
}

/// Signs one of one's own browsers out.
pub async fn end_session(
    service: &Service,
    viewer: &Viewer,
    id: SessionId,
) -> Result<(), ServiceError> {
    let session = sessions(service, viewer).await?.into_iter().find(|session| session.id == id);
    let session = session.ok_or_else(|| ServiceError::NotFound("such a session".to_owned()))?;
    let batch = batch_of(viewer, service.now())?;
    let line = audit_line(&batch, "session.ended", id, "");
    let end = Write::EndSession(session.secret_hash);
    service.store().commit(batch.with(end).with(line)).await?;
    Ok(())
}
