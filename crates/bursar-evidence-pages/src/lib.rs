//! The pages of what shows an affiliation, and of asking a person about a verdict.
//! Never asks for anything: not the time, not the store, not who may see what.

mod appeals;
mod ask;
mod evidence;
mod officer;
mod sponsor;

pub use appeals::{AppealDecision, AppealRow, AppealsList};
pub use ask::{AppealPage, AppealStage, Ask, LetterOut, SaidShown};
pub use evidence::{ClaimShown, EvidencePage, MissingShown, ShownRow, WayShown};
pub use officer::OfficerEvidence;
pub use sponsor::SponsorPage;

use bursar_ui as ui;
use bursar_ui::routes;
