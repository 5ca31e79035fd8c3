//! What has to be shown before something is done: handing in, and awarding.

use bursar_award::{Application, Outcome};
use bursar_kernel::ApplicationId;
use bursar_policy::Viewer;
use bursar_program::evidence::in_words;
use bursar_service::{ApplicantPage, Service, ServiceError, Verdict};

use crate::standing::{Standing, of, of_own};

/// Hands an application in, once what the program wants to see before is shown.
pub async fn submit(
    service: &Service,
    viewer: &Viewer,
    id: ApplicationId,
    accepted: &[String],
) -> Result<ApplicantPage, ServiceError> {
    let standing = of_own(service, viewer, id).await?;
    let terms = standing.program.eligibility.evidence.as_ref();
    let needed = terms.and_then(|terms| terms.to_submit);
    is_shown(&standing, needed, "hand it in")?;
    service.submit(viewer, id, accepted).await
}

/// Decides an application; an award is made once what the program wants to see before is shown.
pub async fn decide(
    service: &Service,
    viewer: &Viewer,
    officer: Option<&str>,
    id: ApplicationId,
    verdict: Verdict,
) -> Result<(), ServiceError> {
    if matches!(verdict.outcome, Outcome::Award { .. }) {
        // Who may not decide hears that, and not what is shown.
        service.application_for_officer(viewer, id).await?;
        may_be_awarded(service, service.load_application(id).await?).await?;
    }
    service.decide(viewer, officer, id, verdict).await
}

/// Refuses an award before what the program wants to see is shown.
pub async fn may_be_awarded(
    service: &Service,
    application: Application,
) -> Result<(), ServiceError> {
    let standing = of(service, application).await?;
    let terms = standing.program.eligibility.evidence.as_ref();
    is_shown(&standing, terms.and_then(|terms| terms.to_award), "award anything")
}

fn is_shown(standing: &Standing, needed: Option<usize>, what: &str) -> Result<(), ServiceError> {
    let Some((level, ways)) = standing.missing(needed) else { return Ok(()) };
    let Some(terms) = &standing.program.eligibility.evidence else { return Ok(()) };
    Err(ServiceError::Refused(format!(
        "{what} before {} is shown (\"{}\")\nhint: it is shown by {}",
        terms.shows,
        terms.label(level),
        in_words(&ways),
    )))
}
