//! The pages of whoever runs the installation: what is stopped, what calls cost, mails, suspense
//! and the audit trail. Never asks for anything: not the time, not the store, not who may see what.

mod lists;
mod outbox;
mod prices;
pub mod stops;
mod suspense;

pub use lists::{Audit, AuditRow, UpstreamRow, Upstreams};
pub use outbox::{LetterPage, Letters, MailPage, MailRow, Outbox};
pub use prices::{PriceChange, PriceTablePage, PriceTableRow, PriceTables};
pub use suspense::{LostCall, SuspenseList, SuspensePage, SuspenseRow};

use bursar_ui as ui;
use bursar_ui::routes;
