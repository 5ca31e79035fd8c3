//! An application's life: draft, submitted, in review, decided, released, accepted, granted.
//! Never reads a clock or a store, never checks who may act: the service does that before it asks.
//!
//! [`start`] and [`resubmit`] make the first event of an application, [`decide`] every later one;
//! [`Application::apply`] is the only thing that changes one. What an applicant may know is
//! [`applicant_view`], and it is neutral until the release: submitted, in review and decided look
//! alike, in the view and in every refusal.

pub mod appeals;
mod application;
pub mod asking;
pub mod assignment;
mod budget;
pub mod claims;
mod command;
mod decide;
pub mod draft;
mod event;
pub mod invitation;
pub mod members;
pub mod panel;
pub mod participants;
mod progress;
mod refusal;
mod review;
pub mod review_draft;
pub mod review_file;
mod rubric;
mod state;
mod view;

pub use application::{AcceptedPolicy, Application, Decision, Feedback, Outcome, Screening};
pub use budget::{Budget, budget};
pub use command::{Command, Decide, Screen, Start, Submit};
pub use decide::{ANSWER_REMINDED_BEFORE, decide, resubmit, start};
pub use event::{Event, Started};
pub use progress::Progress;
pub use refusal::{Action, Refusal, TextField};
pub use review::{
    Earlier, NewReview, REVIEW_CHANGES_MAX, Recommendation, Review, SubmitReview, review,
};
pub use rubric::{Score, feedback, mean, score};
pub use state::{Stage, State};
pub use view::{ApplicantStatus, applicant_view};
