//! Programs, their money and their rounds.

use bursar_kernel::program::{Term, WalletPeople};
use bursar_kernel::{Program, ProgramId, RoundId, Timestamp, TransferPolicy, Usd};
use bursar_service::{ProgramMoney, RoundPage};
use bursar_store::rows::Stop;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::stops::StopState;

/// The programs that run here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Programs {
    /// In the order of the configuration.
    pub programs: Vec<ProgramLine>,
}

/// A program, with where its money is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProgramLine {
    /// Its short name.
    #[schema(value_type = String, example = "openai-researcher-access")]
    pub id: ProgramId,
    /// Which edition of its rules runs here.
    pub version: u32,
    /// Its name on a page.
    pub name: String,
    /// Who gives the credit.
    pub provider: String,
    /// What it is for.
    pub summary: String,
    /// The provider's own page about it.
    pub official_page: String,
    /// The largest award without a justification.
    #[schema(value_type = String, example = "1000.00")]
    pub award_typical_max: Usd,
    /// The largest award with one; absent where there is none above the typical.
    #[schema(value_type = Option<String>, example = "5000.00")]
    pub award_max: Option<Usd>,
    /// How long its credit lives: an ISO 8601 duration, or its last day.
    #[schema(example = "P12M")]
    pub term: String,
    /// When its reviews begin, in words.
    #[schema(example = "each March, June, September and December")]
    pub review: String,
    /// The zone in which its months and days begin.
    #[schema(example = "America/Los_Angeles")]
    pub zone: String,
    /// Whether and to whom its credit may be passed on.
    #[schema(value_type = String, example = "pool")]
    pub transfer_policy: TransferPolicy,
    /// Whom the holder of a grant may invite to spend it with them.
    #[schema(value_type = String, example = "same_institution")]
    pub people: WalletPeople,
    /// Why the calls of its grants are stopped; absent while they are not.
    pub stopped: Option<StopState>,
    /// Where its money is.
    pub money: Money,
}

/// Where a program's money is. What it was given and what upstreams billed above their holds is
/// what all the others come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Money {
    /// All that it was given.
    #[schema(value_type = String, example = "50000.00")]
    pub funded: Usd,
    /// What it may still award.
    #[schema(value_type = String, example = "38000.00")]
    pub pool: Usd,
    /// What it has promised and not delivered.
    #[schema(value_type = String, example = "2000.00")]
    pub committed: Usd,
    /// What lies on grants, to be spent.
    #[schema(value_type = String, example = "7400.00")]
    pub on_grants: Usd,
    /// What calls have spent.
    #[schema(value_type = String, example = "2100.00021")]
    pub used: Usd,
    /// What expired unspent.
    #[schema(value_type = String, example = "500.00")]
    pub expired: Usd,
    /// What may have been spent, until somebody knows.
    #[schema(value_type = String, example = "0.00")]
    pub suspense: Usd,
    /// What upstreams billed above their holds.
    #[schema(value_type = String, example = "0.00")]
    pub overrun: Usd,
}

/// Money for a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Fund {
    /// How much, above zero.
    #[schema(value_type = String, example = "50000.00")]
    pub amount: Usd,
}

/// A later file of a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewProgram {
    /// The file, whole.
    pub document: String,
}

/// What a later file of a program would change, and for whom: what has begun goes on as it began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProgramPreview {
    /// What it says differently, in words.
    pub differences: Vec<String>,
    /// What goes on under which version, the latest first.
    pub under: Vec<UnderEdition>,
}

/// What goes on under a version of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UnderEdition {
    /// The version.
    pub version: u32,
    /// Drafts.
    pub drafts: usize,
    /// Applications that are handed in and not released.
    pub under_way: usize,
    /// Awards that are offered, or accepted and not delivered.
    pub awarded: usize,
    /// Grants whose credit is there.
    pub grants: usize,
}

impl From<bursar_operator::ProgramPreview> for ProgramPreview {
    fn from(found: bursar_operator::ProgramPreview) -> Self {
        let line = |under: bursar_operator::UnderEdition| {
            let bursar_operator::UnderEdition { version, drafts, under_way, awarded, grants } =
                under;
            UnderEdition { version, drafts, under_way, awarded, grants }
        };
        Self { differences: found.differences, under: found.under.into_iter().map(line).collect() }
    }
}

/// A round of a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RoundLine {
    /// Its name: the month in which its review begins, or the day of a rolling one or a call.
    #[schema(value_type = String, example = "2026-12")]
    pub id: RoundId,
    /// Applications submitted from this instant on belong to it.
    #[schema(value_type = String, format = DateTime)]
    pub collects_from: Timestamp,
    /// When it closes and its review begins.
    #[schema(value_type = String, format = DateTime)]
    pub review_begins: Timestamp,
    /// From when on its decisions can be released.
    #[schema(value_type = String, format = DateTime)]
    pub decided_from: Timestamp,
    /// When its review is over.
    #[schema(value_type = String, format = DateTime)]
    pub review_ends: Timestamp,
    /// How many applications it has.
    pub applications: usize,
    /// How many of them nobody has decided.
    pub undecided: usize,
    /// How many are decided and not released.
    pub decided: usize,
    /// What the unreleased awards come to.
    #[schema(value_type = String, example = "4000.00")]
    pub to_award: Usd,
}

/// What a release made known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Released {
    /// How many decisions.
    pub released: usize,
}

impl ProgramLine {
    /// A program with its money, and whether it is stopped.
    pub fn new(program: &Program, money: ProgramMoney, stop: Option<Stop>) -> Self {
        Self {
            id: program.id.clone(),
            version: program.version,
            name: program.name.clone(),
            provider: program.provider.clone(),
            summary: program.summary.clone(),
            official_page: program.official_page.clone(),
            award_typical_max: program.award.typical_max,
            award_max: program.award.above_typical.as_ref().map(|above| above.max),
            term: program.term.map_or_else(String::new, Term::iso),
            review: program.review.in_words(),
            zone: program.review.zone.iana_name().unwrap_or("UTC").to_owned(),
            transfer_policy: program.transfer_policy,
            people: program.people,
            stopped: stop.map(StopState::of),
            money: money.into(),
        }
    }
}

impl From<ProgramMoney> for Money {
    fn from(money: ProgramMoney) -> Self {
        Self {
            funded: money.funded,
            pool: money.pool,
            committed: money.committed,
            on_grants: money.on_grants,
            used: money.used,
            expired: money.expired,
            suspense: money.suspense,
            overrun: money.overrun,
        }
    }
}

impl From<RoundPage> for RoundLine {
    fn from(page: RoundPage) -> Self {
        Self {
            id: page.round.id,
            collects_from: page.round.collects_from,
            review_begins: page.round.review_begins,
            decided_from: page.round.decided_from,
            review_ends: page.round.review_ends,
            applications: page.applications.len(),
            undecided: page.undecided,
            decided: page.decided,
            to_award: page.to_award,
        }
    }
}
