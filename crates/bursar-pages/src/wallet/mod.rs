//! The grant: its balance and expiry, its keys, its calls.

mod calls;
mod card;
mod grant;
mod heading;
mod keys;
mod models;
mod next;
mod passing_on;
mod snippets;

pub use crate::apply::GrantRow;
pub use crate::tiers::{Pace, StudyBasis, StudyTime};
pub use bursar_market_pages::{TakeBackCheck, TakeBackForm};
pub use calls::{CallPage, CallRow, Calls, CostLine};
pub use card::{CardCheckPage, CardShown, CardStage, PaymentMethod};
pub use grant::{Expiry, GrantPage, GrantsList, MakesKeys, May, Money};
pub use heading::{Heading, Stage};
pub use keys::{ChangeCap, KeyMade, KeyRow, RevokeKey};
pub use models::{GrantModels, ModelPage, ModelRow, RequestShown};
pub use next::{Apply, Buy, NextPage, Way};
pub use passing_on::PassingOn;
pub use snippets::{HowToUse, snippets};
