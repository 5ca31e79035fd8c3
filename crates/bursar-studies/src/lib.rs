//! The use cases of whoever spends a grant: its studies with their budgets, its keys, its people.
//! Never moves money: what a study or a key may spend are rights, which the book keeps beside it.

mod institution;
mod keys;
mod leaving;
mod people;
mod rights;
mod spending;
mod studies;

pub use keys::{MadeKey, NewKey, change_cap, make_key, revoke_key};
pub use leaving::{ChangePart, KeysGo, Removal, change_part, keys_at_stake, remove};
pub use people::{
    GrantInvitation, GrantPeople, NewParticipant, PersonLine, answer_invitation, invitation,
    invite, invite_co_applicants, people, send_again,
};
pub use spending::{By, Part, Spending, spending};
pub use studies::{
    BudgetMove, NewStudy, StudyLine, StudyTerms, change_study, close_study, make_study,
    move_budget, studies, study,
};
