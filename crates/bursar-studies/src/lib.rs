//! The use cases of whoever spends a grant: its studies, each with a budget, and its keys.
//! Never moves money: what a study or a key may spend are rights, which the book keeps beside it.

mod keys;
mod rights;
mod spending;
mod studies;

pub use keys::{MadeKey, NewKey, change_cap, make_key, revoke_key};
pub use spending::{By, Part, Spending, spending};
pub use studies::{
    BudgetMove, NewStudy, StudyLine, StudyTerms, change_study, close_study, make_study,
    move_budget, studies, study,
};
