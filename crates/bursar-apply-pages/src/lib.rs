//! The pages of those who apply: tasks, sections, people, policies, check, status, award.
//! Never asks for anything: each is a struct of what it shows.

mod answer;
mod check;
mod dashboard;
mod people;
mod question;
mod section;
mod status;
mod tasks;

pub use answer::{AcceptAward, DeclineAward, Letter, Outcome};
pub use check::{CheckAnswers, Policies, Submitted};
pub use dashboard::{ApplicationRow, Dashboard, GrantRow, grants_table, shared_grants};
pub use people::{InvitationPage, MemberRow, People};
pub use question::{QuestionPage, QuestionShown};
pub use section::{Conflict, SectionPage, conflicts, unsaved};
pub use status::{ApplicationStatus, Step, Withdraw};
pub use tasks::TaskList;

use bursar_discover_pages::screening;
use bursar_study_pages::estimate;
use bursar_ui as ui;
use bursar_ui::routes;
