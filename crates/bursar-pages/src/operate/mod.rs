//! The operator's pages, and the demonstration.

mod demonstration;
mod lists;
mod outbox;

pub use demonstration::{Chapter, Demonstration, NextEvent, RoleEntry, StoryStep};
pub use lists::{Audit, AuditRow, UpstreamRow, Upstreams};
pub use outbox::{MailPage, MailRow, Outbox};
