//! What an applicant may see of an application of their own.

use bursar_kernel::{ApplicationId, GrantId, ProgramId, RoundId, Timestamp, Usd};
use serde::Serialize;

use crate::application::{AcceptedPolicy, Application, Feedback};
use crate::state::Stage;

/// An application's status as its applicant sees it. Neutral until the release: it has no field
/// that a review or an unreleased decision could show through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ApplicantStatus {
    /// The application.
    pub id: ApplicationId,
    /// The program.
    pub program: ProgramId,
    /// The edition of its rules that the application is pinned to.
    pub program_version: u32,
    /// Where it stands.
    pub stage: Stage,
    /// The round it is reviewed in; the calendar says when that is, to everybody.
    pub round: Option<RoundId>,
    /// How much was asked for.
    pub requested: Option<Usd>,
    /// What was accepted when it was handed in.
    pub accepted_policies: Vec<AcceptedPolicy>,
    /// The earlier application that it follows.
    pub resubmission_of: Option<ApplicationId>,
    /// When the draft was begun.
    pub created_at: Timestamp,
    /// When it was handed in.
    pub submitted_at: Option<Timestamp>,
    /// When the decision was released.
    pub released_at: Option<Timestamp>,
    /// How much was awarded, once released.
    pub award: Option<Usd>,
    /// Why it was decided so, once released.
    pub reasons: Option<String>,
    /// What each criterion came to, once released and where the program tells.
    pub feedback: Vec<Feedback>,
    /// When the award was offered, if one was.
    pub offered_at: Option<Timestamp>,
    /// Until when the award can be answered, or the place on the waiting list holds, once
    /// released.
    pub open_until: Option<Timestamp>,
    /// When the award was accepted.
    pub accepted_at: Option<Timestamp>,
    /// From when on the award may be delivered.
    pub deliver_from: Option<Timestamp>,
    /// The grant it became.
    pub grant: Option<GrantId>,
}

/// What the applicant may see.
pub fn applicant_view(application: &Application) -> ApplicantStatus {
    let released = application.released_decision();
    ApplicantStatus {
        id: application.id,
        program: application.program.clone(),
        program_version: application.program_version,
        stage: application.state.stage(),
        round: application.round.clone(),
        requested: application.requested,
        accepted_policies: application.accepted_policies.clone(),
        resubmission_of: application.resubmission_of,
        created_at: application.created_at,
        submitted_at: application.submitted_at,
        released_at: application.released_at,
        award: application.released_award(),
        reasons: released.map(|decision| decision.reasons.clone()),
        feedback: application.feedback.clone(),
        offered_at: application.award_offered_at(),
        open_until: application.open_until,
        accepted_at: application.accepted_at,
        deliver_from: application.deliver_from,
        grant: application.grant,
    }
}
