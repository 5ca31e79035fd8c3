//! Grants and their lots.

use bursar_kernel::{ApplicationId, GrantId, LotId, Origin, ProgramId, TierId, Timestamp, Usd};
use bursar_service::GrantPage;
use bursar_store::LotState;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::keys::KeyLine;
use super::people::PersonBrief;
use super::stops::StopState;

/// Credit to be issued without an application, from the program's pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IssueGrant {
    /// Of which program.
    #[schema(value_type = String, example = "openai-researcher-access")]
    pub program: ProgramId,
    /// The mail address of whom it is for; an account is made if there is none.
    #[schema(example = "ada@example.edu")]
    pub holder: String,
    /// How much, above zero.
    #[schema(value_type = String, example = "250.00")]
    pub amount: Usd,
    /// When it expires, if sooner than the program's term: a date, which means its first instant
    /// in the program's zone, or an instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "2027-03-01")]
    pub expires: Option<String>,
    /// What it is for, in a line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Where the credit comes from; a research grant if nobody says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Source>,
    /// The tier of its calls, where that is higher than its holder's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "tier-1")]
    pub tier: Option<TierId>,
}

/// Where issued credit comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A research program's grant.
    Research,
    /// A startup program's credit.
    Startup,
    /// An enterprise commitment.
    Enterprise,
    /// A prepaid balance.
    Prepaid,
}

impl From<Source> for Origin {
    fn from(source: Source) -> Self {
        match source {
            Source::Research => Self::ResearchGrant,
            Source::Startup => Self::StartupGrant,
            Source::Enterprise => Self::Enterprise,
            Source::Prepaid => Self::Prepaid,
        }
    }
}

/// Which grants.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GrantsQuery {
    /// Of this program only.
    #[param(value_type = Option<String>)]
    pub program: Option<ProgramId>,
}

/// Grants, latest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Grants {
    /// The grants.
    pub grants: Vec<GrantLine>,
}

/// A grant with its money, its lots and its keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GrantLine {
    /// Its name.
    #[schema(value_type = String, example = "grant_01kag3v5f0e7s9m4q2x8w6t1zc")]
    pub id: GrantId,
    /// The program it is of.
    #[schema(value_type = String, example = "openai-researcher-access")]
    pub program: ProgramId,
    /// Who holds it.
    pub holder: PersonBrief,
    /// What it is for, in a line; empty if nobody said.
    pub title: String,
    /// `waiting`, `active`, `spent`, `expired` or `voided`.
    #[schema(example = "active")]
    pub state: String,
    /// How much was awarded: its face.
    #[schema(value_type = String, example = "250.00")]
    pub amount: Usd,
    /// What can be spent now.
    #[schema(value_type = String, example = "249.99979")]
    pub available: Usd,
    /// What calls in flight have set aside.
    #[schema(value_type = String, example = "0.00")]
    pub held: Usd,
    /// What its calls have cost, with what was found to be spent by calls that nobody knows.
    #[schema(value_type = String, example = "0.00021")]
    pub spent: Usd,
    /// What lies in suspense: nobody knows whether calls have spent it.
    #[schema(value_type = String, example = "0.00")]
    pub in_question: Usd,
    /// What its holder sold of it.
    #[schema(value_type = String, example = "0.00")]
    pub sold: Usd,
    /// What its holder handed back.
    #[schema(value_type = String, example = "0.00")]
    pub returned: Usd,
    /// What officers took back.
    #[schema(value_type = String, example = "0.00")]
    pub taken_back: Usd,
    /// When the award was accepted, or the grant issued.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When its credit was delivered; absent while it waits.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub delivered_at: Option<Timestamp>,
    /// When delivery is due, while it waits.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub deliver_from: Option<Timestamp>,
    /// Spendable before this instant, and never at it or after; absent while it waits.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// When an officer took all that was left of it back; absent if nobody did.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub voided_at: Option<Timestamp>,
    /// Why an officer stopped its calls; absent while they are not stopped.
    pub stopped: Option<StopState>,
    /// Why the calls of all grants of its program are stopped; absent while they are not.
    pub program_stopped: Option<StopState>,
    /// The tier that an officer named for it, if one did.
    #[schema(value_type = Option<String>)]
    pub tier: Option<TierId>,
    /// The application it came from, if it came from one.
    #[schema(value_type = Option<String>)]
    pub application: Option<ApplicationId>,
    /// Its lots.
    pub lots: Vec<LotLine>,
    /// Its keys, in the order they were made, without their secrets.
    pub keys: Vec<KeyLine>,
}

/// A lot: credit of one origin, one expiry and one scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LotLine {
    /// Its name.
    #[schema(value_type = String)]
    pub id: LotId,
    /// Where the credit comes from: `research_grant`, `startup_grant`, `enterprise`, `prepaid`,
    /// `purchase` or `return`.
    #[schema(example = "research_grant")]
    pub origin: String,
    /// What it was worth when it was made.
    #[schema(value_type = String, example = "250.00")]
    pub face: Usd,
    /// What is on it and not set aside. After its expiry nothing of it can be spent.
    #[schema(value_type = String, example = "249.99979")]
    pub available: Usd,
    /// What calls in flight have set aside.
    #[schema(value_type = String, example = "0.00")]
    pub held: Usd,
    /// Spendable from this instant on.
    #[schema(value_type = String, format = DateTime)]
    pub active_from: Timestamp,
    /// Spendable before this instant, and never at it or after.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}

impl From<GrantPage> for GrantLine {
    fn from(page: GrantPage) -> Self {
        let grant = page.grant;
        Self {
            id: grant.id,
            program: grant.program,
            holder: page.holder.into(),
            title: grant.title,
            state: page.state.name().to_owned(),
            amount: grant.amount,
            available: page.available,
            held: page.held,
            spent: page.spent,
            in_question: page.in_question,
            sold: page.sold,
            returned: page.returned,
            taken_back: page.taken_back,
            created_at: grant.created_at,
            delivered_at: grant.delivered_at,
            deliver_from: grant.delivered_at.is_none().then_some(grant.deliver_from),
            expires_at: grant.expires_at,
            voided_at: grant.voided_at,
            stopped: page.stopped.map(StopState::of),
            program_stopped: page.program_stopped.map(StopState::of),
            tier: grant.tier,
            application: grant.application,
            lots: page.lots.into_iter().map(LotLine::from).collect(),
            keys: page.keys.into_iter().map(KeyLine::from).collect(),
        }
    }
}

impl From<LotState> for LotLine {
    fn from(state: LotState) -> Self {
        let (available, held) = (state.available(), state.held());
        Self {
            id: state.lot.id,
            origin: state.lot.origin.name().to_owned(),
            face: state.lot.face,
            available,
            held,
            active_from: state.lot.active_from,
            expires_at: state.lot.expires_at,
        }
    }
}
