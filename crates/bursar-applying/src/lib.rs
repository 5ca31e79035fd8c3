//! What those who apply do with their application, and what they are asked: drafts that several
//! places save, files, co-applicants, questions, the answer to an award. Never decides on one.

mod awards;
mod draft;
mod files;
mod kept;
mod members;
mod own;
mod questions;

pub use awards::{accept_award, decline_award};
pub use draft::{Saved, accept_policies, save};
pub use files::{FileRead, NewFile, add_file, file, remove_file};
pub use kept::{keep, kept, take};
pub use members::{
    Invitation, answer_invitation, invitation, invite, members, members_for_officer, remove_member,
};
pub use own::{my_applications, withdraw};
pub use questions::{answer, ask, questions, questions_for_officer, withdraw as withdraw_question};
