//! One's own applications, and the way out of one.

use bursar_award::{Command, State};
use bursar_kernel::ApplicationId;
use bursar_policy::Viewer;
use bursar_service::{ApplicantPage, Service, ServiceError, audit_line, batch_of};
use bursar_store::{ApplicationFilter, ApplyingWrite};

/// Takes an application back.
pub async fn withdraw(
    service: &Service,
    viewer: &Viewer,
    id: ApplicationId,
) -> Result<(), ServiceError> {
    let application = service.own_application(viewer, id).await?;
    let batch = batch_of(viewer, service.now())?;
    let line = audit_line(&batch, "application.withdrawn", id, "");
    // What nobody was ever sent goes with its draft.
    let was_draft = application.state == State::Draft;
    let forget = ApplyingWrite::ForgetFiles { application: id, hash: None };
    service
        .step(batch, application, Command::Withdraw, |batch, _| {
            let batch = batch.with(line);
            if was_draft { batch.with(forget) } else { batch }
        })
        .await?;
    Ok(())
}

/// The viewer's own applications, latest first.
pub async fn my_applications(
    service: &Service,
    viewer: &Viewer,
) -> Result<Vec<ApplicantPage>, ServiceError> {
    let applicant = viewer.person().ok_or(ServiceError::SignInFirst)?;
    let filter = ApplicationFilter { applicant: Some(applicant), ..ApplicationFilter::default() };
    let mine = service.store().applications(filter).await?;
    let mut pages = Vec::with_capacity(mine.len());
    for application in mine {
        pages.push(service.page_of(application, None).await?);
    }
    for member in service.store().memberships(applicant).await? {
        if let Some(application) = service.store().application(member.application).await? {
            pages.push(service.page_of(application, Some(member.role)).await?);
        }
    }
    Ok(pages)
}
