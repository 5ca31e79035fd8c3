//! The pages, a folder for each journey: each is a struct of what it shows, and renders it.
//! Never asks for anything: not the time, not the store, not who may see what.

pub mod decide;
pub mod operate;
pub mod review;
pub mod sign_in;
pub mod wallet;

pub use bursar_apply_pages as apply;
pub use bursar_discover_pages as discover;
pub use bursar_discover_pages::screening;
pub use bursar_evidence_pages as evidence;
pub use bursar_market_pages as market;
pub use bursar_operator_pages::stops;
pub use bursar_review_pages as reviewing;
pub use bursar_study_pages::estimate;
use bursar_study_pages::tiers;
pub use bursar_study_pages::{people, spending, studies};
pub use bursar_ui as ui;
pub use bursar_ui::{Frame, Page, assets, routes};
