//! A round decided as its line says, and who waits for what comes back.

use bursar_award::Application;
use bursar_kernel::{ApplicationId, Timestamp, Usd};
use bursar_reviewing::{Proposal, Proposed, ToApprove, Written};
use bursar_service::Waitlisted;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// How a round is to be decided.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ByLineQuery {
    /// Another pool than what the program has left.
    #[param(value_type = Option<String>)]
    pub pool: Option<Usd>,
    /// What a draw among those whom the evidence cannot tell apart is made with.
    pub seed: Option<String>,
    /// Whether those are decided by their place where nothing is drawn.
    #[serde(default)]
    pub band: bool,
    /// How many of those behind the line go on the waiting list.
    #[serde(default)]
    pub waiting: u32,
}

/// What deciding a round as its line says would come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProposalDetail {
    /// Names just this proposal; it is sent back to record it.
    pub stamp: String,
    /// What there is to award.
    #[schema(value_type = String)]
    pub pool: Usd,
    /// Each application that nobody has decided, in the order of the line.
    pub lines: Vec<ProposedLine>,
}

/// What would become of an application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProposedLine {
    /// The application.
    #[schema(value_type = String)]
    pub application: ApplicationId,
    /// What it is called.
    pub title: String,
    /// Its place, from 1.
    pub place: usize,
    /// `award`, `waitlist` or `decline`; absent where it is left to a person.
    #[schema(example = "award")]
    pub decision: Option<String>,
    /// What it is awarded, or would be offered.
    #[schema(value_type = Option<String>)]
    pub amount: Option<Usd>,
    /// Why it is left to a person.
    pub left_because: Option<String>,
}

/// A round is decided as it was shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideByLine {
    /// The mail address of the officer who decides.
    #[schema(example = "grace@example.edu")]
    pub officer: String,
    /// The stamp of the proposal that was shown.
    pub stamp: String,
    /// As in the proposal that was shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub pool: Option<Usd>,
    /// As in the proposal that was shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<String>,
    /// As in the proposal that was shown.
    #[serde(default)]
    pub band: bool,
    /// As in the proposal that was shown.
    #[serde(default)]
    pub waiting: u32,
    /// What those with an award read.
    #[serde(default)]
    pub award_reasons: String,
    /// What those on the waiting list read.
    #[serde(default)]
    pub waitlist_reasons: String,
    /// What those without either read.
    #[serde(default)]
    pub decline_reasons: String,
}

/// How many decisions were recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DecidedByLine {
    /// Awards.
    pub awards: usize,
    /// Places on the waiting list.
    pub waiting: usize,
    /// Declines.
    pub declines: usize,
}

/// Whose approval it would be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ApproverQuery {
    /// The mail address of the second officer.
    pub officer: String,
}

/// What of a round waits for a second officer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ToApproveDetail {
    /// Names just these decisions; it is sent back to approve them.
    pub stamp: String,
    /// The applications.
    #[schema(value_type = Vec<String>)]
    pub applications: Vec<ApplicationId>,
    /// How many more wait that this officer has decided.
    pub own: usize,
}

/// A second officer approves what was shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApproveRound {
    /// The mail address of the second officer.
    #[schema(example = "alan@example.edu")]
    pub officer: String,
    /// The stamp of what was shown.
    pub stamp: String,
}

/// How many decisions were approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApprovedRound {
    /// How many.
    pub approved: usize,
}

/// Who waits for an award of a round to come back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WaitingList {
    /// What came back and is not offered yet.
    #[schema(value_type = String)]
    pub came_back: Usd,
    /// Those who wait, in their turn.
    pub waiting: Vec<WaitingLine>,
}

/// Somebody who waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WaitingLine {
    /// The application.
    #[schema(value_type = String)]
    pub application: ApplicationId,
    /// Its place, from 1.
    pub place: u32,
    /// What it would be offered.
    #[schema(value_type = String)]
    pub amount: Usd,
    /// Until when the place holds.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
}

impl From<Proposal> for ProposalDetail {
    fn from(found: Proposal) -> Self {
        Self {
            stamp: found.stamp,
            pool: found.ranking.pool,
            lines: found.lines.into_iter().map(ProposedLine::from).collect(),
        }
    }
}

impl From<Proposed> for ProposedLine {
    fn from(line: Proposed) -> Self {
        let outcome = line.outcome.as_ref().ok().copied();
        Self {
            application: line.application,
            title: line.title,
            place: line.place,
            decision: outcome.map(|outcome| outcome.name().to_owned()),
            amount: outcome.and_then(bursar_award::Outcome::at_most),
            left_because: line.outcome.err(),
        }
    }
}

impl From<Written> for DecidedByLine {
    fn from(written: Written) -> Self {
        let Written { awards, waiting, declines } = written;
        Self { awards, waiting, declines }
    }
}

impl From<ToApprove> for ToApproveDetail {
    fn from(found: ToApprove) -> Self {
        let ids = |applications: Vec<Application>| applications.into_iter().map(|one| one.id);
        let applications = ids(found.applications).collect();
        Self { stamp: found.stamp, applications, own: found.own }
    }
}

impl From<(Vec<Waitlisted>, Usd)> for WaitingList {
    fn from((waiting, came_back): (Vec<Waitlisted>, Usd)) -> Self {
        let line = |one: Waitlisted| WaitingLine {
            application: one.application.id,
            place: one.place,
            amount: one.amount,
            until: one.application.open_until,
        };
        Self { came_back, waiting: waiting.into_iter().map(line).collect() }
    }
}
