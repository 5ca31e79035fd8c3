//! Find out what there is, whether one qualifies, and when money could arrive.

mod home;
mod program;
mod refusals;

pub use home::{Home, ProgramCard};
pub use program::{Coverage, ProgramPage, RoundDates};
pub use refusals::{Failure, NotAllowed, NotFound, Stopped};
