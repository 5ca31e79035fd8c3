//! The officer's work: read, decide, release, and see the money.

mod access;
mod application;
mod decision;
mod list;
mod money;
mod round;
mod screening;

pub use access::{AccessList, AccessPage, AccessRow};
pub use application::{Applicant, ApplicationDecision, DeliveryPanel, ReviewChange, ReviewShown};
pub use decision::{Approval, DecisionPanel, Step};
pub use list::{AllGrants, ApplicationsList, DecideRow};
pub use money::{Money, Pool};
pub use round::{LetterPreview, RoundPage, RoundRow, Rounds, WaitingRow};
pub use screening::ScreeningWord;
