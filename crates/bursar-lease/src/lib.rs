//! A node's slices: what it has borrowed, what it sets aside for calls, and what it reports.
//! Sans-IO: never reads a clock, never waits, never writes; time is an argument, outputs are
//! polled.
//!
//! A call is authorised in memory, against leases that the book has lent ([`Node::authorise`]);
//! what that comes to is written in group commits ([`Node::next_group`]). Nothing is authorised
//! past the watermark that the last durable group wrote, so whatever becomes of the node, the book
//! knows the most that it can have spent.

mod group;
mod guards;
mod lender;
mod line;
mod moment;
mod node;
mod question;
mod settings;
mod slice;

pub use group::Group;
pub use guards::{Guard, Guards};
pub use lender::{Decision, LeaseView, LotView, View, lend, slice_size};
pub use line::{Answer, Ask, Loan, Output, Short, Ticket, Want};
pub use moment::Moment;
pub use node::{Answered, Node};
pub use question::{Hold, Question, Reason, Refusal};
pub use settings::Settings;

#[cfg(test)]
mod tests;
