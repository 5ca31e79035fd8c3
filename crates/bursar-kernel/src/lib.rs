//! The vocabulary: the nouns that every other room speaks in.
//! Never decides anything, and never reads a clock, a file, a socket or a source of chance.

pub mod actor;
pub mod call;
pub mod cap;
pub mod catalog;
mod csv;
pub mod diagnostic;
pub mod domain;
pub mod ids;
pub mod institution;
pub mod limits;
pub mod lot;
pub mod money;
pub mod program;
pub mod share;
pub mod study;
pub mod tier;
pub mod time;

pub use actor::{Actor, GrantRole, MemberRole, Role};
pub use call::{Bound, Certainty, Context, Endpoint, ServiceTier, Usage};
pub use cap::{Cap, Caps};
pub use catalog::{Catalog, Mode, Model, Prices, RateCard};
pub use csv::csv_cell;
pub use diagnostic::{Diagnostic, Diagnostics};
pub use domain::{DomainList, Institutions, MailDomain};
pub use ids::*;
pub use institution::{institution_answer, institution_of, ror_id};
pub use lot::{Category, Lot, Origin, Scope, TransferPolicy};
pub use money::{AmountError, ExactCost, Rate, Usd};
pub use program::Program;
pub use share::BasisPoints;
pub use study::{Estimate, LineCost, Serving, StudyKind, StudyLine};
pub use tier::{RateClass, RateLimit, StudyPace, StudySize, Tier, TierNeeds, Tiers};
pub use time::{Clock, Timestamp};
