//! Find out what there is, whether one qualifies, and when money could arrive.

mod check;
mod home;
mod planner;
mod program;
mod refusals;

pub use check::{EligibilityCheck, ProposalCheck};
pub use home::{Home, ProgramCard};
pub use planner::{Needed, Planner, RoundDates, plan_line};
pub use program::{Coverage, ProgramPage};
pub use refusals::{Failure, NotAllowed, NotFound, Stopped};
