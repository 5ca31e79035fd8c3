//! The states of an application, the ways between them, and what an applicant sees of them.

use serde::{Deserialize, Serialize};

/// Where an application stands, as officers and the store know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The applicant is still writing.
    Draft,
    /// Handed in, waiting for its round.
    Submitted,
    /// Its round's review has begun.
    InReview,
    /// An officer has decided, and nobody outside knows.
    Decided,
    /// Released with an award that waits for an answer.
    AwardOffered,
    /// Released without an award.
    Declined,
    /// The award is accepted and waits for its delivery.
    Accepted,
    /// Delivered: the award is a grant.
    Granted,
    /// Taken back by the applicant.
    Withdrawn,
    /// The applicant turned the award down.
    AwardDeclined,
    /// Released without an award, and first in turn should one come back.
    Waitlisted,
    /// Nobody answered the award in time.
    AwardLapsed,
}

impl State {
    /// Every state, in the order of a life; those that not every program knows last.
    pub const ALL: [Self; 12] = [
        Self::Draft,
        Self::Submitted,
        Self::InReview,
        Self::Decided,
        Self::AwardOffered,
        Self::Declined,
        Self::Accepted,
        Self::Granted,
        Self::Withdrawn,
        Self::AwardDeclined,
        Self::Waitlisted,
        Self::AwardLapsed,
    ];

    /// The name that columns, JSON and lists use: `in_review`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::InReview => "in_review",
            Self::Decided => "decided",
            Self::AwardOffered => "award_offered",
            Self::Declined => "declined",
            Self::Accepted => "accepted",
            Self::Granted => "granted",
            Self::Withdrawn => "withdrawn",
            Self::AwardDeclined => "award_declined",
            Self::Waitlisted => "waitlisted",
            Self::AwardLapsed => "award_lapsed",
        }
    }

    /// The state that has a name, if one has.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// The states that one event can lead to. A draft can be saved again, what is handed in
    /// screened, a decision changed and whoever has not answered reminded, so those lead to
    /// themselves as well; and a decision that is taken back leads to where it was made.
    pub const fn next(self) -> &'static [Self] {
        match self {
            Self::Draft => &[Self::Draft, Self::Submitted, Self::Withdrawn],
            Self::Submitted => &[Self::Submitted, Self::InReview, Self::Decided, Self::Withdrawn],
            Self::InReview => &[Self::InReview, Self::Decided, Self::Withdrawn],
            Self::Decided => &[
                Self::Submitted,
                Self::InReview,
                Self::Decided,
                Self::AwardOffered,
                Self::Declined,
                Self::Waitlisted,
                Self::Withdrawn,
            ],
            Self::Waitlisted => &[Self::AwardOffered, Self::Declined, Self::Withdrawn],
            Self::AwardOffered => {
                &[Self::AwardOffered, Self::Accepted, Self::AwardDeclined, Self::AwardLapsed]
            }
            Self::Accepted => &[Self::Granted],
            Self::Declined
            | Self::Granted
            | Self::Withdrawn
            | Self::AwardDeclined
            | Self::AwardLapsed => &[],
        }
    }

    /// Whether nothing more happens to the application.
    pub const fn is_final(self) -> bool {
        self.next().is_empty()
    }

    /// What its applicant sees of the state.
    pub const fn stage(self) -> Stage {
        match self {
            Self::Draft => Stage::Draft,
            Self::Submitted | Self::InReview | Self::Decided => Stage::Submitted,
            Self::AwardOffered => Stage::AwardOffered,
            Self::Declined => Stage::Declined,
            Self::Accepted => Stage::Accepted,
            Self::Granted => Stage::Granted,
            Self::Withdrawn => Stage::Withdrawn,
            Self::AwardDeclined => Stage::AwardDeclined,
            Self::Waitlisted => Stage::Waitlisted,
            Self::AwardLapsed => Stage::AwardLapsed,
        }
    }
}

/// Where an application stands, as far as its applicant may know: one stage from the submission
/// to the release, so that nothing tells whether a decision has been made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Still being written.
    Draft,
    /// Handed in; the answer comes when its round is released.
    Submitted,
    /// An award waits for an answer.
    AwardOffered,
    /// No award.
    Declined,
    /// The award is accepted and waits for its delivery.
    Accepted,
    /// The award is a grant.
    Granted,
    /// Taken back.
    Withdrawn,
    /// The award was turned down.
    AwardDeclined,
    /// No award so far: an award that comes back goes to whoever waits, in their order.
    Waitlisted,
    /// The award was not answered in time.
    AwardLapsed,
}

impl Stage {
    /// What a sentence says after "the application is": `submitted`, `offered an award`.
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::Draft => "still a draft",
            Self::Submitted => "submitted",
            Self::AwardOffered => "offered an award",
            Self::Declined => "declined",
            Self::Accepted => "accepted and waiting for its delivery",
            Self::Granted => "granted",
            Self::Withdrawn => "withdrawn",
            Self::AwardDeclined | Self::AwardLapsed => "closed",
            Self::Waitlisted => "on the waiting list",
        }
    }
}
