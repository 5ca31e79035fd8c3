//! Who reviews what: an officer's plan, its invitations, what reviewers answer to them, and a round
//! decided by what its scores say. Never decides what the line alone cannot say, and never shows a
//! reviewer what they have not agreed to read.

mod answers;
mod conflicts;
mod deciding;
mod drafts;
mod export;
mod facts;
mod files;
mod invitations;
mod lines;
mod past;
mod planning;
mod profile;
mod ranking;
mod reminders;
mod report;
mod round;
mod screening;
mod simulate;

pub use answers::{Answer, Asked, Desk, answer, ask_for_date, desk, invitation, step_back};
pub use conflicts::{lift, pin};
pub use deciding::{
    ByLine, Proposal, Proposed, Reasons, ToApprove, Written, approve_round, decide_by_line,
    proposal, to_approve,
};
pub use drafts::{Fields, Kept, Writing, save_review, send_review, writing};
pub use export::{RoundExport, export};
pub use files::{Clash, FileTaken, Taken, review_file, take_review_file};
pub use invitations::{Invited, invite};
pub use lines::{add, release, set_due};
pub use past::{PastReview, Tally, past_reviews, tally};
pub use planning::{Planned, plan};
pub use profile::{NewProfile, ProfilePage, Topics, profile, save_profile};
pub use ranking::{CONFIDENCE_PERCENT, Ranked, Ranking, WhatIf, ranking};
pub use reminders::remind_due;
pub use report::{ByGroup, RoundReport, report};
pub use round::{
    Candidate, ConflictLine, Line, PanelPage, PanelRow, ReviewerRow, Reviewers, panel, reviewers,
};
pub use screening::{Similar, screen, similar};
pub use simulate::{DRAWS, Once, OnceMore, WORK_MAX, Without, once_more};

/// The rules' answers, re-exported for the doors that show them.
pub use bursar_review::anonymous::Row as ExportedRow;
pub use bursar_review::report::{Count, Group, ReviewerLoad, Spans};
pub use bursar_review::simulate::Simulated;
