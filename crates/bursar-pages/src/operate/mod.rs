//! The operator's pages, and the demonstration.

mod demonstration;

pub use bursar_operator_pages::{
    Audit, AuditRow, LetterPage, Letters, LostCall, MailPage, MailRow, Outbox, PriceChange,
    PriceTablePage, PriceTableRow, PriceTables, SuspenseList, SuspensePage, SuspenseRow,
    UpstreamRow, Upstreams,
};
pub use demonstration::{Chapter, Demonstration, NextEvent, RoleEntry, StoryStep};
