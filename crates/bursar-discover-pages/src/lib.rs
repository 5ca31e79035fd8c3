//! The pages for finding out what there is, whether one qualifies, and when money could arrive.
//! Never asks for anything: not the time, not the store, not who may see what.

mod check;
mod comparison;
mod directory;
mod planner;
mod program;
mod refusals;
pub mod screening;

pub use check::{AddressCheck, EligibilityCheck, ProposalCheck};
pub use directory::{Home, Next, ProgramCard, Search};
pub use planner::{Needed, Planner, RoundDates, plan_line, planned};
pub use program::{Coverage, ProgramPage};
pub use refusals::{Failure, NotAllowed, NotFound, Stopped};

use bursar_study_pages::tiers;
use bursar_ui as ui;
use bursar_ui::routes;
