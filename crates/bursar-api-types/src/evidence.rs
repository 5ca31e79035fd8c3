//! What shows an affiliation, and verdicts that officers are asked to look at.

use std::collections::BTreeMap;

use bursar_award::appeals::{Appeal, AppealState};
use bursar_award::claims::{Claim, ClaimState, Proof};
use bursar_evidence::{AddressSaid, Known, Standing};
use bursar_kernel::{AppealId, ApplicationId, ClaimId, ProgramId, Timestamp};
use bursar_program::evidence::Weighed;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an applicant has shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EvidenceDetail {
    /// The application.
    #[schema(value_type = String)]
    pub application: ApplicationId,
    /// What has to be shown; absent where the program goes by answers alone.
    #[schema(example = "an affiliation with a university")]
    pub shows: Option<String>,
    /// The level that is reached, by its label.
    #[schema(example = "Likely")]
    pub level: Option<String>,
    /// The level that is needed to hand in.
    pub to_submit: Option<String>,
    /// The level that is needed to award anything.
    pub to_award: Option<String>,
    /// What was shown, the best first.
    pub shown: Vec<ShownLine>,
    /// What was claimed, the latest first.
    pub claims: Vec<ClaimLine>,
    /// What the applicant's address says.
    pub address: AddressLine,
    /// Until when an officer lets them apply whatever the rules say.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub exception_until: Option<Timestamp>,
}

/// Something that was shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ShownLine {
    /// By what: `mail_domain`, `orcid`, `institution_sign_in`, `sponsor`, `document`, `officer`.
    #[schema(example = "mail_domain")]
    pub kind: String,
    /// What it says.
    #[schema(example = "University of Oxford (ox.ac.uk)")]
    pub says: String,
    /// How well it shows it, by label; absent where the program does not accept it.
    pub level: Option<String>,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// Until when it is believed.
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
    /// Whether it is believed now.
    pub holds: bool,
}

/// Something that was claimed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClaimLine {
    /// Its name.
    #[schema(value_type = String)]
    pub id: ClaimId,
    /// `sponsor`, `document` or `officer`.
    #[schema(example = "sponsor")]
    pub kind: String,
    /// `waiting`, `accepted`, `refused` or `withdrawn`.
    #[schema(example = "waiting")]
    pub state: String,
    /// A sponsor's name and institution, or what a document shows.
    pub says: String,
    /// Why it is believed or not.
    pub reason: Option<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub made_at: Timestamp,
}

/// What an address says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AddressLine {
    /// Its domain; absent where it has none.
    #[schema(example = "cs.ox.ac.uk")]
    pub domain: Option<String>,
    /// `academic`, `free_mail`, `refused` or `unknown`.
    #[schema(example = "academic")]
    pub known: String,
    /// The domain of a list that fits, where one does.
    #[schema(example = "ox.ac.uk")]
    pub listed: Option<String>,
    /// The institution, where it is known by name.
    #[schema(example = "University of Oxford")]
    pub institution: Option<String>,
}

impl From<AddressSaid> for AddressLine {
    fn from(said: AddressSaid) -> Self {
        let (known, listed, institution) = match said.known {
            Known::Academic { domain, institution } => ("academic", Some(domain), institution),
            Known::FreeMail => ("free_mail", None, None),
            Known::Refused(domain) => ("refused", Some(domain), None),
            Known::Nothing => ("unknown", None, None),
        };
        Self { domain: said.domain, known: known.to_owned(), listed, institution }
    }
}

impl From<Claim> for ClaimLine {
    fn from(claim: Claim) -> Self {
        let kind = claim.kind().name().to_owned();
        let says = match claim.what {
            Proof::Sponsor { name, email, institution, .. } => {
                format!("{name} ({email}), {institution}")
            }
            Proof::Document { says, .. } => says,
            Proof::Officer => String::new(),
        };
        let state = claim.state.name().to_owned();
        let reason = match claim.state {
            ClaimState::Accepted { reason, .. } | ClaimState::Refused { reason, .. } => {
                Some(reason)
            }
            ClaimState::Waiting | ClaimState::Withdrawn { .. } => None,
        };
        Self { id: claim.id, kind, state, says, reason, made_at: claim.made_at }
    }
}

impl From<Standing> for EvidenceDetail {
    fn from(standing: Standing) -> Self {
        let terms = standing.program.eligibility.evidence.as_ref();
        let label = |level: Option<usize>| Some(terms?.label(level?).to_owned());
        let line = |weighed: Weighed| ShownLine {
            kind: weighed.shown.kind.name().to_owned(),
            level: label(weighed.level),
            says: weighed.shown.says,
            since: weighed.shown.since,
            until: weighed.until,
            holds: weighed.holds,
        };
        Self {
            application: standing.application.id,
            shows: terms.map(|terms| terms.shows.clone()),
            level: label(standing.evidence.level),
            to_submit: label(terms.and_then(|terms| terms.to_submit)),
            to_award: label(terms.and_then(|terms| terms.to_award)),
            shown: standing.evidence.shown.clone().into_iter().map(line).collect(),
            claims: standing.claims.iter().cloned().map(Into::into).collect(),
            address: standing.address.clone().into(),
            exception_until: standing.exception,
        }
    }
}

/// An officer's verdict on what was claimed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerClaim {
    /// Whether it is believed.
    pub accept: bool,
    /// Why; the applicant reads it.
    pub reason: String,
}

/// An officer's own word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Vouch {
    /// What they know, and from where.
    pub reason: String,
}

/// An address to be looked up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LookUpAddress {
    /// The address, or its domain.
    pub email: String,
}

/// Verdicts that officers are asked to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Appeals {
    /// Those that wait for an officer first.
    pub appeals: Vec<AppealLine>,
    /// How many wait for an officer.
    pub waiting: usize,
}

/// A verdict that officers are asked to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AppealLine {
    /// Its name.
    #[schema(value_type = String)]
    pub id: AppealId,
    /// The program.
    #[schema(value_type = String)]
    pub program: ProgramId,
    /// The edition of it that gave the verdict.
    pub program_version: u32,
    /// Who asks.
    pub email: String,
    /// What the rules had said.
    #[schema(example = "ineligible")]
    pub verdict: String,
    /// What was answered.
    pub answers: BTreeMap<String, String>,
    /// `open`, `asked`, `overruled` or `upheld`.
    #[schema(example = "open")]
    pub state: String,
    /// Until when they may apply whatever the rules say.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
    /// What was written, in order.
    pub said: Vec<SaidLine>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub made_at: Timestamp,
}

/// Something that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SaidLine {
    /// Whether an officer wrote it.
    pub by_officer: bool,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// What.
    pub text: String,
}

impl From<Appeal> for AppealLine {
    fn from(appeal: Appeal) -> Self {
        let until = match appeal.state {
            AppealState::Overruled { until } => Some(until),
            AppealState::Unproven
            | AppealState::Open
            | AppealState::Asked
            | AppealState::Upheld => None,
        };
        let said = appeal.said.into_iter().map(|said| SaidLine {
            by_officer: said.officer.is_some(),
            at: said.at,
            text: said.text,
        });
        Self {
            id: appeal.id,
            program: appeal.program,
            program_version: appeal.program_version,
            email: appeal.email,
            verdict: appeal.verdict,
            answers: appeal.answers,
            state: appeal.state.name().to_owned(),
            until,
            said: said.collect(),
            made_at: appeal.made_at,
        }
    }
}

/// An officer's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerAppeal {
    /// `overrule`, `uphold` or `ask`.
    #[schema(example = "overrule")]
    pub answer: String,
    /// Until when they may apply; with `overrule` alone.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
    /// What is written to whoever asks.
    pub text: String,
}
