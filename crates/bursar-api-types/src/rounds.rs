//! What a round came to, as a report, as rows without names, and tried once more.

use std::collections::BTreeMap;

use bursar_kernel::{ApplicationId, PersonId, ProgramId, RoundId, Usd};
use bursar_reviewing::{ByGroup, Once, OnceMore, RoundExport, RoundReport, Without};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::statements::StatementFormat;

/// What a round came to. Acceptance by group and times leave out what is small, so that they can be
/// told; of tables by several attributes of the same people, one is to be published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RoundReportDetail {
    /// The round.
    #[schema(value_type = String, example = "2026-12")]
    pub round: RoundId,
    /// How many applications it has, without those that were withdrawn.
    pub applications: usize,
    /// How many were accepted, released or not.
    pub accepted: u32,
    /// How many were declined, released or not.
    pub declined: u32,
    /// How many were withdrawn.
    pub withdrawn: usize,
    /// What the applications ask for in all.
    #[schema(value_type = String, example = "42000.00")]
    pub asked: Usd,
    /// What was awarded in all.
    #[schema(value_type = String, example = "9000.00")]
    pub awarded: Usd,
    /// What the program has left to award.
    #[schema(value_type = String, example = "1000.00")]
    pub pool: Usd,
    /// Figures from one to one below this are left out of what follows.
    pub small_below: u32,
    /// Acceptance by one attribute each.
    pub groups: Vec<AcceptanceTable>,
    /// From handing in to the decision; none where too few were decided.
    pub to_decision: Option<SpansLine>,
    /// From handing in to the release; none where too few were released.
    pub to_release: Option<SpansLine>,
    /// What reviewers were asked for and did.
    pub reviewers: Vec<ReviewerWork>,
}

/// Acceptance by one attribute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AcceptanceTable {
    /// The form's field, or `resubmission`.
    #[schema(example = "career_stage")]
    pub attribute: String,
    /// Its name.
    pub label: String,
    /// The groups, by name.
    pub groups: Vec<AcceptanceLine>,
    /// Why groups are without figures, where some are.
    pub note: Option<String>,
}

/// A group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AcceptanceLine {
    /// The group.
    pub name: String,
    /// How many were accepted; none where that is left out.
    pub accepted: Option<u32>,
    /// How many were declined.
    pub declined: Option<u32>,
    /// The share that was accepted, in tenths of a percent.
    pub accepted_per_mille: Option<u32>,
}

/// How long several things took, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SpansLine {
    /// How many things.
    pub count: usize,
    /// A quarter took so long or less.
    pub quarter_seconds: i64,
    /// Half did.
    pub median_seconds: i64,
    /// Nine tenths did.
    pub nine_tenths_seconds: i64,
}

/// What a reviewer was asked for and did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReviewerWork {
    /// Who.
    #[schema(value_type = String)]
    pub reviewer: PersonId,
    /// What they are called.
    pub name: String,
    /// How many reviews they were asked for.
    pub asked: u32,
    /// How many they handed in.
    pub done: u32,
    /// How many they declined.
    pub declined: u32,
    /// How many are open.
    pub open: u32,
    /// How many were late, or are.
    pub late: u32,
    /// Half of those that were handed in took so long or less.
    pub median_seconds: Option<i64>,
}

/// How an export is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExportQuery {
    /// `json`, which it is if left out, or `csv`.
    #[serde(default)]
    #[param(inline)]
    pub format: StatementFormat,
}

/// A round without its people: each export has pseudonyms of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RoundExportDetail {
    /// The program.
    #[schema(value_type = String)]
    pub program: ProgramId,
    /// The round.
    #[schema(value_type = String)]
    pub round: RoundId,
    /// The criteria, in the rubric's order.
    pub criteria: Vec<String>,
    /// The questions whose answers are told.
    pub questions: Vec<String>,
    /// An answer that fewer applications share is left out.
    pub shared_by: u32,
    /// A row for each application.
    pub rows: Vec<ExportRow>,
}

/// An application without its people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExportRow {
    /// What stands for the application.
    #[schema(example = "9c490577fbfb7b4e")]
    pub application: String,
    /// What it asks for.
    #[schema(value_type = Option<String>)]
    pub asked: Option<Usd>,
    /// `award`, `decline` or `waitlist`, once that is released.
    pub outcome: Option<String>,
    /// What it was awarded.
    #[schema(value_type = Option<String>)]
    pub awarded: Option<Usd>,
    /// Its answers by the question; none where too few answered so.
    pub answers: BTreeMap<String, Option<String>>,
    /// Its reviews.
    pub reviews: Vec<ExportReview>,
}

/// A review without its reviewer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExportReview {
    /// What stands for the reviewer, in all rows.
    pub reviewer: String,
    /// Scores by criterion.
    pub scores: BTreeMap<String, u32>,
    /// `award`, `decline` or `unsure`.
    pub recommendation: String,
}

/// What is tried of a round.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SimulateRound {
    /// Another pool than what the round had.
    #[schema(value_type = Option<String>, example = "20000.00")]
    pub pool: Option<Usd>,
    /// Other weights, by criterion, from 0 to 100; the rest stay.
    pub weights: BTreeMap<String, u32>,
    /// So many reviews of each application, drawn by the seed; all if left out.
    pub reviews: Option<usize>,
    /// Mail addresses of reviewers whose reviews are left out.
    pub without: Vec<String>,
    /// Whether to draw the line without each reviewer in turn.
    pub each_reviewer: bool,
    /// How often reviews are drawn anew; 100 times if left out.
    pub draws: Option<u32>,
    /// What chance comes out of; the same number draws the same.
    pub seed: u64,
}

/// A round tried once more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SimulatedRound {
    /// The round.
    #[schema(value_type = String)]
    pub round: RoundId,
    /// What there was to award in it.
    #[schema(value_type = String)]
    pub pool: Usd,
    /// What the awards come to.
    #[schema(value_type = String)]
    pub awarded: Usd,
    /// What is left.
    #[schema(value_type = String)]
    pub left: Usd,
    /// How many applications end on the other side than in fact.
    pub changes: usize,
    /// How often reviews were drawn anew.
    pub draws: u32,
    /// How many of a thousand pairs of a draw and a funded application agree.
    pub agreement_per_mille: Option<u32>,
    /// The applications, in the order of the line.
    pub applications: Vec<SimulatedLine>,
    /// The line without each reviewer, where that was asked for.
    pub reviewers: Vec<WithoutLine>,
}

/// An application of a round that is tried once more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SimulatedLine {
    /// Which one.
    #[schema(value_type = String)]
    pub application: ApplicationId,
    /// What it is called.
    pub title: String,
    /// Its place, from 1.
    pub place: usize,
    /// Its score with severity taken out, of 100.
    #[schema(example = "81.2")]
    pub points: Option<String>,
    /// Whether it is funded.
    pub is_funded: bool,
    /// Whether it is in fact: as was decided, or as the round's line says where nothing is.
    pub is_funded_in_fact: bool,
    /// What it gets, or would.
    #[schema(value_type = String)]
    pub amount: Usd,
    /// Why.
    pub why: String,
    /// In how many of the draws it is funded.
    pub drawn: u32,
}

/// The line without a reviewer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WithoutLine {
    /// Who.
    #[schema(value_type = String)]
    pub reviewer: PersonId,
    /// What they are called.
    pub name: String,
    /// What is funded without them alone.
    #[schema(value_type = Vec<String>)]
    pub gain: Vec<ApplicationId>,
    /// What is funded with them alone.
    #[schema(value_type = Vec<String>)]
    pub lose: Vec<ApplicationId>,
}

impl From<RoundReport> for RoundReportDetail {
    fn from(found: RoundReport) -> Self {
        let spans = |spans: bursar_reviewing::Spans| SpansLine {
            count: spans.count,
            quarter_seconds: spans.quarter.as_secs(),
            median_seconds: spans.median.as_secs(),
            nine_tenths_seconds: spans.nine_tenths.as_secs(),
        };
        Self {
            round: found.round.id,
            applications: found.applications,
            accepted: found.decided.accepted,
            declined: found.decided.declined,
            withdrawn: found.withdrawn,
            asked: found.asked,
            awarded: found.awarded,
            pool: found.pool,
            small_below: found.small_below,
            groups: found.groups.into_iter().map(Into::into).collect(),
            to_decision: found.to_decision.map(spans),
            to_release: found.to_release.map(spans),
            reviewers: found
                .reviewers
                .into_iter()
                .map(|(name, load)| ReviewerWork {
                    reviewer: load.reviewer,
                    name,
                    asked: load.asked,
                    done: load.done,
                    declined: load.declined,
                    open: load.open,
                    late: load.late,
                    median_seconds: load.took.map(|took| took.median.as_secs()),
                })
                .collect(),
        }
    }
}

impl From<ByGroup> for AcceptanceTable {
    fn from(table: ByGroup) -> Self {
        let line = |group: bursar_reviewing::Group| AcceptanceLine {
            name: group.name,
            accepted: group.count.map(|count| count.accepted),
            declined: group.count.map(|count| count.declined),
            accepted_per_mille: group.count.and_then(|count| count.per_mille()),
        };
        Self {
            attribute: table.attribute,
            label: table.label,
            groups: table.acceptance.groups.into_iter().map(line).collect(),
            note: table.note,
        }
    }
}

impl From<RoundExport> for RoundExportDetail {
    fn from(found: RoundExport) -> Self {
        let row = |row: bursar_reviewing::ExportedRow| ExportRow {
            application: row.application.to_string(),
            asked: row.asked,
            outcome: row.outcome.map(str::to_owned),
            awarded: row.awarded,
            answers: row.answers,
            reviews: row
                .reviews
                .into_iter()
                .map(|review| ExportReview {
                    reviewer: review.reviewer.to_string(),
                    scores: review.scores,
                    recommendation: review.recommendation.to_owned(),
                })
                .collect(),
        };
        Self {
            program: found.program,
            round: found.round,
            criteria: found.criteria,
            questions: found.questions,
            shared_by: found.shared_by,
            rows: found.rows.into_iter().map(row).collect(),
        }
    }
}

impl From<SimulateRound> for OnceMore {
    fn from(wanted: SimulateRound) -> Self {
        Self {
            pool: wanted.pool,
            weights: wanted.weights,
            reviews: wanted.reviews,
            without: wanted.without,
            each_reviewer: wanted.each_reviewer,
            draws: wanted.draws,
            seed: wanted.seed,
        }
    }
}

impl From<Once> for SimulatedRound {
    fn from(found: Once) -> Self {
        let changes = found.changes();
        let line =
            |(title, actual, row): (String, bool, bursar_reviewing::Simulated)| SimulatedLine {
                application: row.application,
                title,
                place: row.place,
                points: row.points.map(|points| format!("{points:.1}")),
                is_funded: row.funded,
                is_funded_in_fact: actual,
                amount: row.amount,
                why: row.words,
                drawn: row.drawn,
            };
        let without = |one: Without| WithoutLine {
            reviewer: one.reviewer,
            name: one.name,
            gain: one.gain,
            lose: one.lose,
        };
        Self {
            round: found.round.id,
            pool: found.pool,
            awarded: found.awarded.0,
            left: found.awarded.1,
            changes,
            draws: found.draws,
            agreement_per_mille: found.agreement_per_mille,
            applications: found.rows.into_iter().map(line).collect(),
            reviewers: found.reviewers.into_iter().map(without).collect(),
        }
    }
}
