//! Applications, as an officer's list shows them.

use bursar_award::{Application, Outcome};
use bursar_kernel::{ApplicationId, GrantId, ProgramId, RoundId, Timestamp, Usd};
use bursar_store::rows::Person;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::people::PersonBrief;

/// Which applications; every part that is given must match.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ApplicationsQuery {
    /// In this state: `submitted`, `in_review`, `decided`, `award_offered`, `declined`,
    /// `accepted`, `granted`, `withdrawn`, `award_declined`, `waitlisted` or `award_lapsed`. Drafts
    /// are their writers' own.
    pub state: Option<String>,
    /// Of this program.
    #[param(value_type = Option<String>)]
    pub program: Option<ProgramId>,
    /// In this round.
    #[param(value_type = Option<String>)]
    pub round: Option<RoundId>,
    /// With all of these words in the title, the applicant's name or address, the institution or
    /// the identifier.
    pub words: Option<String>,
    /// In this order: `latest` first, which is the default, `oldest` first, by `title`, by
    /// `applicant`, or the largest request first (`asked`).
    pub order: Option<String>,
    /// This page of 50, from 1; all without it.
    pub page: Option<usize>,
}

/// Applications, latest first unless another order is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Applications {
    /// How many match, on all pages.
    pub matching: usize,
    /// The applications.
    pub applications: Vec<ApplicationLine>,
}

/// An application in an officer's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApplicationLine {
    /// Its name.
    #[schema(value_type = String, example = "application_01kag3v5f0e7s9m4q2x8w6t1zc")]
    pub id: ApplicationId,
    /// The program it applies to.
    #[schema(value_type = String)]
    pub program: ProgramId,
    /// The round it is reviewed in.
    #[schema(value_type = Option<String>, example = "2026-12")]
    pub round: Option<RoundId>,
    /// Where it stands.
    #[schema(example = "in_review")]
    pub state: String,
    /// Who applies.
    pub applicant: PersonBrief,
    /// How much credit the applicant asks for, where the form asks.
    #[schema(value_type = Option<String>, example = "1000.00")]
    pub requested: Option<Usd>,
    /// When it was handed in.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub submitted_at: Option<Timestamp>,
    /// `award`, `waitlist` or `decline`, once decided. The applicant knows only after the release.
    #[schema(example = "award")]
    pub decision: Option<String>,
    /// How much was awarded, if an award was decided.
    #[schema(value_type = Option<String>, example = "1000.00")]
    pub awarded: Option<Usd>,
    /// When the decision was made known.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub released_at: Option<Timestamp>,
    /// The grant that the award became.
    #[schema(value_type = Option<String>)]
    pub grant: Option<GrantId>,
}

impl ApplicationLine {
    /// An application with whoever applies.
    pub fn new(application: Application, applicant: Person) -> Self {
        let outcome = application.decision.as_ref().map(|decision| decision.outcome);
        Self {
            id: application.id,
            program: application.program,
            round: application.round,
            state: application.state.name().to_owned(),
            applicant: applicant.into(),
            requested: application.requested,
            submitted_at: application.submitted_at,
            decision: outcome.map(|outcome| outcome.name().to_owned()),
            awarded: outcome.and_then(Outcome::amount),
            released_at: application.released_at,
            grant: application.grant,
        }
    }
}
