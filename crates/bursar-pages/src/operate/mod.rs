//! The operator's pages, and the demonstration.

mod demonstration;
mod lists;
mod outbox;
mod suspense;

pub use demonstration::{Chapter, Demonstration, NextEvent, RoleEntry, StoryStep};
pub use lists::{Audit, AuditRow, UpstreamRow, Upstreams};
pub use outbox::{MailPage, MailRow, Outbox};
pub use suspense::{LostCall, SuspenseList, SuspensePage, SuspenseRow};
