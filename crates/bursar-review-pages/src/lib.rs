//! The pages of panels: who reviews what, what reviewers are asked, and what they say of
//! themselves. Never asks for anything: not the time, not the store, not who may see what.

pub mod asked;
pub mod offline;
pub mod panel;
pub mod past;
pub mod profile;
pub mod proposal;
pub mod ranking;
pub mod report;
pub mod reviewers;
pub mod similar;
