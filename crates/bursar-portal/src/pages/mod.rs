//! The pages, a folder for each journey. A page is a struct of what it shows.

pub mod apply;
pub mod decide;
pub mod discover;
pub mod operate;
pub mod review;
pub mod sign_in;
pub mod wallet;
