//! Apply: draft, check, submit, follow, answer an award.

mod answer;
mod dashboard;
mod form;
mod status;

pub use answer::{AcceptAward, DeclineAward, Letter, Outcome};
pub use dashboard::{ApplicationRow, Dashboard, GrantRow, grants_table};
pub use form::{ApplicationForm, CheckAnswers, FormSection, Submitted};
pub use status::{ApplicationStatus, Step, Withdraw};
