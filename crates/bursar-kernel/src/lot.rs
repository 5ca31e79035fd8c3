//! Credit of one origin, one expiry and one scope.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::call::Endpoint;
use crate::ids::{GrantId, LotId, ModelId, PersonId, ProgramId, UpstreamGroup};
use crate::money::Usd;
use crate::time::Timestamp;

/// A lot: the unit of the ledger. Everything here is fixed when it is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lot {
    /// Its name, and the name of its account in the book.
    pub id: LotId,
    /// Who holds it: the wallet it lies in.
    pub holder: PersonId,
    /// The grant it came from, if it came from one.
    pub grant: Option<GrantId>,
    /// The program whose rules it carries.
    pub program: ProgramId,
    /// Where the credit comes from.
    pub origin: Origin,
    /// What it was worth when it was made.
    pub face: Usd,
    /// Spendable from this instant on.
    pub active_from: Timestamp,
    /// Spendable before this instant, and never at it or after.
    pub expires_at: Timestamp,
    /// What it may be spent on.
    pub scope: Scope,
    /// Which upstreams honour it.
    pub upstream_group: UpstreamGroup,
    /// Whether and to whom it may be passed on.
    pub transfer_policy: TransferPolicy,
    /// Lower is spent first; equal unless a person sets it.
    pub priority: i32,
    /// Whether it was given or paid for.
    pub category: Category,
    /// What its holder paid for it.
    pub cost_basis: Usd,
}

/// Where credit comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A research program's grant.
    ResearchGrant,
    /// A startup program's grant.
    StartupGrant,
    /// An enterprise commitment.
    Enterprise,
    /// A prepaid balance.
    Prepaid,
    /// Bought on the market.
    Purchase,
    /// Handed back and issued anew.
    Return,
}

impl Origin {
    /// Every origin.
    pub const ALL: [Self; 6] = [
        Self::ResearchGrant,
        Self::StartupGrant,
        Self::Enterprise,
        Self::Prepaid,
        Self::Purchase,
        Self::Return,
    ];

    /// Its name in files and JSON: `research_grant`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ResearchGrant => "research_grant",
            Self::StartupGrant => "startup_grant",
            Self::Enterprise => "enterprise",
            Self::Prepaid => "prepaid",
            Self::Purchase => "purchase",
            Self::Return => "return",
        }
    }

    /// What a person calls it: `Enterprise commitment`.
    pub const fn label(self) -> &'static str {
        match self {
            Self::ResearchGrant => "Research grant",
            Self::StartupGrant => "Startup credit",
            Self::Enterprise => "Enterprise commitment",
            Self::Prepaid => "Prepaid balance",
            Self::Purchase => "Bought on the market",
            Self::Return => "Returned credit",
        }
    }

    /// Whether it was given or paid for.
    pub const fn category(self) -> Category {
        match self {
            Self::ResearchGrant | Self::StartupGrant | Self::Return => Category::Promotional,
            Self::Enterprise | Self::Prepaid | Self::Purchase => Category::Paid,
        }
    }
}

/// Whether credit was given or paid for; given credit is spent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Given.
    Promotional,
    /// Paid for.
    Paid,
}

/// Whether and to whom credit may be passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransferPolicy {
    /// To nobody.
    None,
    /// Back to the program's pool.
    Pool,
    /// To another grantee of the same program.
    Program,
    /// To anybody, by way of the market.
    Market,
}

impl TransferPolicy {
    /// Every policy, from the strictest to the loosest.
    pub const ALL: [Self; 4] = [Self::None, Self::Pool, Self::Program, Self::Market];

    /// Its name in files and JSON: `market`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Pool => "pool",
            Self::Program => "program",
            Self::Market => "market",
        }
    }

    /// To whom credit may be passed on, as a line of a table says it.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::None => "To nobody",
            Self::Pool => "Back to the program only",
            Self::Program => "To another grantee of the program",
            Self::Market => "To anybody, by way of the market",
        }
    }

    /// Whether what it allows is allowed by another as well: credit that is passed on may carry a
    /// stricter policy and never a looser one.
    pub fn is_within(self, other: Self) -> bool {
        let place = |policy| Self::ALL.iter().position(|each| *each == policy);
        place(self) <= place(other)
    }
}

/// What a lot may be spent on; an absent list allows everything its program allows.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scope {
    /// The models it may be spent on.
    pub models: Option<BTreeSet<ModelId>>,
    /// The endpoints it may be spent at.
    pub endpoints: Option<BTreeSet<Endpoint>>,
}

impl Scope {
    /// Whether the scope covers a call.
    pub fn covers(&self, model: &ModelId, endpoint: Endpoint) -> bool {
        self.models.as_ref().is_none_or(|models| models.contains(model))
            && self.endpoints.as_ref().is_none_or(|endpoints| endpoints.contains(&endpoint))
    }

    /// How much the scope leaves open: narrower scopes count less and are spent first.
    pub fn breadth(&self) -> (usize, usize) {
        (
            self.models.as_ref().map_or(usize::MAX, BTreeSet::len),
            self.endpoints.as_ref().map_or(usize::MAX, BTreeSet::len),
        )
    }
}
