//! The officer's work: read, decide, release, and see the money.

mod access;
mod application;
mod list;
mod money;
mod round;

pub use access::{AccessList, AccessPage, AccessRow};
pub use application::{
    Applicant, ApplicationDecision, Approval, DecisionPanel, DeliveryPanel, ReviewShown,
};
pub use list::{AllGrants, ApplicationsList, DecideRow};
pub use money::{Money, Pool};
pub use round::{LetterPreview, RoundPage, RoundRow, Rounds};
