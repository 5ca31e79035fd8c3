//! Who qualifies, when credit could arrive, and what an officer decides on.

use std::collections::BTreeMap;

use bursar_award::{Decision, Earlier, mean, score};
use bursar_kernel::{ApplicationId, GrantId, Program, RoundId, Timestamp, Usd};
use bursar_program::calendar::Plan;
use bursar_program::eligibility::{self, Outcome};
use bursar_program::proposal::Point;
use bursar_service::OfficerPage;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::applications::ApplicationLine;
use super::estimates::CarriedEstimate;
use super::people::PersonBrief;

/// Answers to questions of a program's form, by the names of the questions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GivenAnswers {
    /// The answers; what the rules do not need is not looked at.
    #[schema(example = json!({"role": "phd_student", "country": "KE"}))]
    pub answers: BTreeMap<String, String>,
}

/// Where somebody stands by a program's rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EligibilityLine {
    /// `eligible`, `flagged`, `unsaid` (the rules do not say) or `ineligible`.
    #[schema(example = "flagged")]
    pub standing: String,
    /// What each answer means, in the order of the form.
    pub findings: Vec<FindingLine>,
    /// Whom to ask where there is a doubt.
    pub ask: Option<String>,
}

/// What one answer means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FindingLine {
    /// The question's name.
    #[schema(example = "role")]
    pub field: String,
    /// The answer as a person reads it.
    pub answer: Option<String>,
    /// What it means, in the words of the whole.
    pub standing: String,
    /// Why.
    pub reason: String,
    /// What would change it.
    pub advice: Option<String>,
}

impl EligibilityLine {
    /// Where somebody stands with a program.
    pub fn new(program: &Program, outcome: Outcome) -> Self {
        let findings = outcome.findings.into_iter().map(|finding| FindingLine {
            field: finding.field,
            answer: finding.answer,
            standing: finding.standing.name().to_owned(),
            reason: finding.reason,
            advice: finding.advice,
        });
        Self {
            standing: outcome.standing.name().to_owned(),
            findings: findings.collect(),
            ask: program.eligibility.ask.clone(),
        }
    }
}

/// Advice on a proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProposalAdvice {
    /// What makes a proposal read as research, point by point.
    pub points: Vec<PointLine>,
}

/// One thing that makes a proposal read as research.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PointLine {
    /// Its short name: `question`, `method`, `need`, `funding`, `amount`.
    pub id: String,
    /// The question of the form that it is about.
    pub field: String,
    /// What is looked for.
    pub about: String,
    /// Whether it was found.
    pub found: bool,
    /// What was found, or what would help.
    pub says: String,
}

impl From<Point> for PointLine {
    fn from(point: Point) -> Self {
        Self {
            id: point.id.to_owned(),
            field: point.field,
            about: point.about.to_owned(),
            found: point.found,
            says: point.says,
        }
    }
}

/// Which day is planned from: the day of submission, today if nobody says, or the day by which
/// credit is needed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PlanQuery {
    /// If somebody submits on this day: `2026-11-25`.
    pub submit_on: Option<String>,
    /// If somebody needs credit by this day: `2027-03-01`.
    pub need_by: Option<String>,
}

/// When to submit, and what follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlanLine {
    /// The round.
    #[schema(value_type = String, example = "2026-12")]
    pub round: RoundId,
    /// A week before the round closes.
    #[schema(value_type = String, format = DateTime)]
    pub advised_by: Timestamp,
    /// Applications are taken from this instant on.
    #[schema(value_type = String, format = DateTime)]
    pub submit_from: Timestamp,
    /// Submitted before this instant, an application is part of the round.
    #[schema(value_type = String, format = DateTime)]
    pub submit_before: Timestamp,
    /// Decisions are made known from this instant on; absent where nobody says.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub decision_from: Option<Timestamp>,
    /// Decisions are there at the latest.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub decision_by: Option<Timestamp>,
    /// Credit arrives at the earliest.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub credit_from: Option<Timestamp>,
    /// Credit arrives at the latest.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub credit_to: Option<Timestamp>,
    /// Credit that arrives at the earliest expires then.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_from: Option<Timestamp>,
    /// Credit that arrives at the latest expires then.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_to: Option<Timestamp>,
}

impl From<Plan> for PlanLine {
    fn from(plan: Plan) -> Self {
        Self {
            advised_by: plan.advised_by,
            submit_from: plan.round.collects_from,
            submit_before: plan.round.review_begins,
            decision_from: plan.decision.map(|(from, _)| from),
            decision_by: plan.decision.map(|(_, to)| to),
            credit_from: plan.credit.map(|(from, _)| from),
            credit_to: plan.credit.map(|(_, to)| to),
            expires_from: plan.expires.map(|(from, _)| from),
            expires_to: plan.expires.map(|(_, to)| to),
            round: plan.round.id,
        }
    }
}

/// An application with everything that an officer decides on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApplicationDetail {
    /// The application, as lists have it.
    pub application: ApplicationLine,
    /// What was answered, by the names of the questions.
    pub answers: BTreeMap<String, String>,
    /// What the program's rules say of it.
    pub screening: EligibilityLine,
    /// Points in the applicant's favour.
    pub priority_points: u32,
    /// How many there could be.
    pub priority_points_of: u32,
    /// What reviewers advise.
    pub reviews: Vec<ReviewLine>,
    /// What their scores come to on the average, of 100.
    #[schema(example = "74.3")]
    pub mean_score: Option<String>,
    /// Why it was decided so, for the applicant.
    pub reasons: Option<String>,
    /// Why the award is above the typical maximum; for officers only.
    pub justification: Option<String>,
    /// Whether it waits for a second officer.
    pub waits_for_approval: bool,
    /// The application that it follows.
    #[schema(value_type = Option<String>)]
    pub resubmission_of: Option<ApplicationId>,
    /// The grant that it follows.
    #[schema(value_type = Option<String>)]
    pub after_grant: Option<GrantId>,
    /// What that grant had come to, by the books.
    pub progress: Option<String>,
    /// What the study costs, where the applicant counted it.
    pub estimate: Option<CarriedEstimate>,
}

/// What a reviewer advises.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReviewLine {
    /// Who.
    pub reviewer: PersonBrief,
    /// `award`, `decline` or `unsure`.
    pub recommendation: String,
    /// Why.
    pub comment: String,
    /// Scores by the names of the rubric's criteria.
    pub scores: BTreeMap<String, u32>,
    /// What they come to, of 100; absent for a review without scores.
    #[schema(example = "74.3")]
    pub score: Option<String>,
    /// What only officers read; absent where nothing was said.
    pub for_officer: Option<String>,
    /// When it was sent in, or sent in anew.
    #[schema(value_type = String)]
    pub submitted_at: Timestamp,
    /// What it said before it was sent in anew, the first at the top.
    pub earlier: Vec<ReviewVersion>,
}

/// What a review said until it was sent in anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReviewVersion {
    /// `award`, `decline` or `unsure`.
    pub recommendation: String,
    /// Why.
    pub comment: String,
    /// Scores by the names of the rubric's criteria.
    pub scores: BTreeMap<String, u32>,
    /// What only officers read; absent where nothing was said.
    pub for_officer: Option<String>,
    /// When it was sent in.
    #[schema(value_type = String)]
    pub submitted_at: Timestamp,
}

impl From<Earlier> for ReviewVersion {
    fn from(version: Earlier) -> Self {
        Self {
            recommendation: version.recommendation.name().to_owned(),
            comment: version.comment,
            scores: version.scores,
            for_officer: some(version.for_officer),
            submitted_at: version.submitted_at,
        }
    }
}

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

impl ApplicationDetail {
    /// An application as an officer reads it.
    pub fn new(program: &Program, page: OfficerPage) -> Self {
        let application = page.application;
        let outcome = eligibility::check(program, &application.answers);
        let points = eligibility::priority(program, &application.answers);
        let scored = page.reviews.iter().map(|(review, _)| &review.scores);
        let mean_score = mean(&program.rubric, scored).map(|mean| mean.to_string());
        let reviews = page.reviews.into_iter().map(|(review, reviewer)| ReviewLine {
            reviewer: reviewer.into(),
            recommendation: review.recommendation.name().to_owned(),
            score: score(&program.rubric, &review.scores).map(|score| score.to_string()),
            comment: review.comment,
            scores: review.scores,
            for_officer: some(review.for_officer),
            submitted_at: review.submitted_at,
            earlier: review.earlier.into_iter().map(ReviewVersion::from).collect(),
        });
        let decision = application.decision.as_ref();
        Self {
            answers: application.answers.clone(),
            screening: EligibilityLine::new(program, outcome),
            priority_points: points.total,
            priority_points_of: points.of,
            reviews: reviews.collect(),
            mean_score,
            reasons: decision.map(|decision| decision.reasons.clone()),
            justification: decision.and_then(|decision| decision.justification.clone()),
            waits_for_approval: decision.is_some_and(Decision::waits_for_approval),
            resubmission_of: application.resubmission_of,
            after_grant: application.after_grant,
            progress: page.progress.map(|progress| progress.to_string()),
            estimate: application.estimate.clone().map(CarriedEstimate::from),
            application: ApplicationLine::new(application, page.applicant),
        }
    }
}

/// A decision in an officer's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideOn {
    /// The mail address of the officer whose decision it is.
    #[schema(example = "grace@example.edu")]
    pub officer: String,
    /// How much is awarded; left out to decline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "850.00")]
    pub award: Option<Usd>,
    /// How much would be offered from the waiting list, in the place of an award: last in turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "850.00")]
    pub waitlist: Option<Usd>,
    /// Why, for the applicant.
    pub reasons: String,
    /// Why the award is above the typical maximum, where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub justification: Option<String>,
}

/// A second officer's approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApproveAward {
    /// The mail address of the second officer.
    #[schema(example = "alan@example.edu")]
    pub officer: String,
}

/// An officer's word on whether an application is eligible.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScreenApplication {
    /// The mail address of the officer whose word it is.
    #[schema(example = "grace@example.edu")]
    pub officer: String,
    /// Whether it is.
    pub eligible: bool,
    /// Why; needed where the program's rules say otherwise.
    #[serde(default)]
    pub reason: String,
}

/// A decision is taken back before anybody outside has heard of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeBackDecision {
    /// The mail address of the officer who takes it back.
    #[schema(example = "grace@example.edu")]
    pub officer: String,
}

/// The day on which an accepted award arrives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeliveryDay {
    /// A day of the announced range, in the program's zone.
    #[schema(example = "2027-02-03")]
    pub day: String,
}
