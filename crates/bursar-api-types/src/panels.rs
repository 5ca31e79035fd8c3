//! Who reviews what in a round.

use bursar_kernel::{ApplicationId, AssignmentId, PersonId, Timestamp};
use bursar_reviewing::{Candidate, ConflictLine, Invited, Line, PanelPage, Planned, Reviewers};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A round's panel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PanelDetail {
    /// When its reviews are due.
    #[schema(value_type = String, format = DateTime)]
    pub due_at: Timestamp,
    /// Reviews that each application gets.
    pub reviews: u32,
    /// Its applications, with those who are to review each.
    pub applications: Vec<PanelLine>,
    /// Its reviewers, with what they have to do.
    pub reviewers: Vec<ReviewerLoad>,
}

/// An application and those who are to review it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PanelLine {
    /// The application.
    #[schema(value_type = String)]
    pub application: ApplicationId,
    /// What it is called.
    pub title: String,
    /// What it is about, in the labels of the program's topics.
    pub topics: Vec<String>,
    /// Those who are to review it, or do.
    pub reviewers: Vec<AssignmentLine>,
    /// How many reviewers it lacks.
    pub missing: u32,
}

/// Who is to review an application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AssignmentLine {
    /// Its name.
    #[schema(value_type = String)]
    pub id: AssignmentId,
    /// The reviewer.
    #[schema(value_type = String)]
    pub reviewer: PersonId,
    /// What they are called.
    pub name: String,
    /// `proposed`, `invited`, `accepted`, `declined`, `recused` or `released`.
    #[schema(example = "accepted")]
    pub state: String,
    /// Why they.
    pub because: String,
    /// When their review is due.
    #[schema(value_type = String, format = DateTime)]
    pub due_at: Timestamp,
    /// Another date that they ask for.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub asks_for: Option<Timestamp>,
    /// Whether their review is in.
    pub is_reviewed: bool,
    /// A conflict of interest that was found since, in words that fit after the name.
    pub conflict: Option<String>,
}

/// A reviewer and what they have to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReviewerLoad {
    /// Who.
    #[schema(value_type = String)]
    pub reviewer: PersonId,
    /// What they are called.
    pub name: String,
    /// What they know, in the labels of the program's topics.
    pub topics: Vec<String>,
    /// Applications that they have.
    pub has: u32,
    /// Applications that they take at the most.
    pub takes: u32,
    /// Reviews of theirs that are in.
    pub reviewed: u32,
    /// Whether they are away until the reviews are due.
    pub is_away: bool,
}

/// What decides between plans of one cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanPanel {
    /// Any number; the same one and the same facts make the same plan.
    #[serde(default)]
    #[schema(example = 1)]
    pub seed: u64,
}

/// What a plan came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlannedPanel {
    /// Lines that are new.
    pub added: usize,
    /// Proposed lines that are gone.
    pub dropped: usize,
    /// Applications that lack reviewers.
    pub short: Vec<ShortLine>,
    /// Groups of applications that no common reviewer connects; one is best, since scores of
    /// different groups cannot be compared.
    pub groups: usize,
}

/// An application that lacks reviewers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ShortLine {
    /// Which one.
    #[schema(value_type = String)]
    pub application: ApplicationId,
    /// How many are missing, and why.
    pub says: String,
}

/// What was sent out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InvitedPanel {
    /// Reviewers who were asked.
    pub reviewers: usize,
    /// Reviews that they were asked for.
    pub reviews: usize,
}

/// Who reviews an application, who could, and who must not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReviewersDetail {
    /// Those who are to review it, or do, and those who are out.
    pub reviewers: Vec<AssignmentLine>,
    /// Who could step in, the best first.
    pub candidates: Vec<CandidateLine>,
    /// Whom a conflict of interest keeps away, and what was set aside.
    pub conflicts: Vec<ConflictDetail>,
}

/// Somebody who could review an application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CandidateLine {
    /// Who.
    #[schema(value_type = String)]
    pub reviewer: PersonId,
    /// What they are called.
    pub name: String,
    /// Why they.
    pub because: String,
}

/// A conflict of interest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConflictDetail {
    /// Whose.
    #[schema(value_type = String)]
    pub reviewer: PersonId,
    /// What they are called.
    pub name: String,
    /// Why, in words that fit after the name.
    pub reason: String,
    /// Whether an officer has set it aside.
    pub is_set_aside: bool,
}

/// Who is to review an application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddReviewer {
    /// Their mail address.
    #[schema(example = "lena@lab.example")]
    pub reviewer: String,
}

/// Why an assignment is taken back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseReviewer {
    /// Why; a reviewer who was asked is told so.
    #[serde(default)]
    pub why: String,
}

impl From<Line> for AssignmentLine {
    fn from(line: Line) -> Self {
        let one = line.assignment;
        Self {
            id: one.id,
            reviewer: one.reviewer,
            name: line.reviewer,
            state: one.state.name().to_owned(),
            because: one.because,
            due_at: one.due_at,
            asks_for: one.asked.map(|asked| asked.until),
            is_reviewed: line.is_reviewed,
            conflict: line.conflict,
        }
    }
}

impl From<PanelPage> for PanelDetail {
    fn from(page: PanelPage) -> Self {
        let applications = page.rows.into_iter().map(|row| PanelLine {
            application: row.application,
            title: row.title,
            topics: row.topics,
            reviewers: row.lines.into_iter().map(Into::into).collect(),
            missing: row.missing,
        });
        let reviewers = page.reviewers.into_iter().map(|row| ReviewerLoad {
            reviewer: row.person,
            name: row.name,
            topics: row.topics,
            has: row.load,
            takes: row.max,
            reviewed: row.reviewed,
            is_away: row.away,
        });
        Self {
            due_at: page.due,
            reviews: page.panel.reviews,
            applications: applications.collect(),
            reviewers: reviewers.collect(),
        }
    }
}

impl From<Planned> for PlannedPanel {
    fn from(planned: Planned) -> Self {
        let short = planned.short.into_iter();
        let short = short.map(|(application, says)| ShortLine { application, says });
        Self {
            added: planned.added,
            dropped: planned.dropped,
            short: short.collect(),
            groups: planned.groups,
        }
    }
}

impl From<Invited> for InvitedPanel {
    fn from(invited: Invited) -> Self {
        Self { reviewers: invited.reviewers, reviews: invited.reviews }
    }
}

impl From<Reviewers> for ReviewersDetail {
    fn from(found: Reviewers) -> Self {
        let candidate = |one: Candidate| CandidateLine {
            reviewer: one.person,
            name: one.name,
            because: one.because,
        };
        let conflict = |one: ConflictLine| ConflictDetail {
            reviewer: one.person,
            name: one.name,
            reason: one.reason,
            is_set_aside: one.is_set_aside,
        };
        Self {
            reviewers: found.lines.into_iter().map(Into::into).collect(),
            candidates: found.candidates.into_iter().map(candidate).collect(),
            conflicts: found.conflicts.into_iter().map(conflict).collect(),
        }
    }
}
