//! What somebody neither judges nor learns of, whatever their role: what they take part in, and
//! what they have a conflict of interest with.

use std::collections::BTreeSet;

use bursar_award::Application;
use bursar_award::panel::Conflict;
use bursar_kernel::ApplicationId;
use bursar_policy::{Action, Viewer, may};

use crate::{Service, ServiceError};

impl Service {
    /// The applications that somebody is kept away from, beside those that they began.
    pub async fn kept_from(
        &self,
        viewer: &Viewer,
    ) -> Result<BTreeSet<ApplicationId>, ServiceError> {
        let Some(person) = viewer.person() else { return Ok(BTreeSet::new()) };
        let joined = self.store.memberships(person).await?.into_iter();
        let joined = joined.filter(|member| member.role_of(person).is_some());
        let conflicts = self.store.conflicts_of(person).await?.into_iter();
        let conflicts = conflicts.filter(Conflict::holds);
        let joined = joined.map(|member| member.application);
        Ok(joined.chain(conflicts.map(|conflict| conflict.application)).collect())
    }

    /// Whether somebody is kept away from an application that they did not begin.
    pub async fn is_conflicted(
        &self,
        viewer: &Viewer,
        id: ApplicationId,
    ) -> Result<bool, ServiceError> {
        Ok(self.kept_from(viewer).await?.contains(&id))
    }

    /// Leaves of a list what an officer may decide on.
    pub async fn free_to_decide(
        &self,
        viewer: &Viewer,
        mut applications: Vec<Application>,
    ) -> Result<Vec<Application>, ServiceError> {
        let kept = self.kept_from(viewer).await?;
        applications.retain(|application| {
            let (applicant, conflicted) = (application.applicant, kept.contains(&application.id));
            may(viewer, Action::Decide { applicant, conflicted })
        });
        Ok(applications)
    }
}
