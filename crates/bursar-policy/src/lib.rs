//! May this caller make this call now, and may this person see or do this.
//! Pure: never looks anything up; everything a rule weighs is handed to it.

mod access;
mod admit;
mod limited;
mod rate;
mod study;

pub use access::{Action, Viewer, may, readable};
pub use admit::{Admission, Denial, Permit, Standing, StudyStanding, admit, may_call};
pub use limited::{
    AccessCommand, AccessRefusal, AccessRequest, AccessState, Approval, Ask, REASON_CHARACTERS_MAX,
    answer, ask,
};
pub use rate::{
    Borrower, Hindrance, Left, Lent, Line, Measure, Pace, RateAsk, RateOf, Room, Share, Size, Slot,
    TooFast, lend, tier_of, time_for,
};
pub use study::study_pace;

#[cfg(test)]
mod tests;
