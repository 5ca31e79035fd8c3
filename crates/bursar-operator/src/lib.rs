//! What whoever runs the installation does: the prices of its models, the keys of its upstreams,
//! and what they read of what went on. Never spends, and never decides on an application.

mod corrections;
mod editions;
mod keys;
mod mails;
mod prices;
mod reading;
mod suspense;

pub use corrections::{CorrectCall, correct_call, corrections_of};
pub use editions::{ProgramFile, ProgramPreview, UnderEdition, install_programs, preview_program};
pub use keys::{UpstreamKey, remove_upstream_key, reseal, set_upstream_key, upstream_keys};
pub use mails::{
    CameBack, Posted, Sample, address_of, bounced_addresses, choose_reminders, letters, outbox,
    posted, report_bounce, retry_mail, send_trial,
};
pub use prices::{
    Approval, PriceDecision, PriceTableChanges, decide_on_prices, install_prices, price_table,
    price_tables, propose_prices, table_in_force,
};
pub use reading::audit_trail;
pub use suspense::{SuspenseLine, settle_suspense, suspense, suspense_line};
