//! What travels through the JSON door: requests and answers, as the door and its client know them.
//! Never speaks HTTP, and never asks the service.
//!
//! Money is a decimal string of dollars, an instant is RFC 3339 in UTC, an identifier is text with
//! a prefix that says what it names.
//!
//! Requests refuse fields that they do not know; answers may grow fields.

mod access;
mod applications;
mod calls;
mod cards;
mod clock;
mod estimates;
mod evidence;
mod forecast;
mod grants;
mod institutions;
mod judging;
mod keys;
mod mails;
mod market;
mod panels;
mod participants;
mod people;
mod prices;
mod problem;
mod programs;
mod proposals;
mod rounds;
mod statements;
mod stops;
mod studies;
mod suspense;
mod taking_back;
mod tiers;

pub use access::{
    AccessDecision, AccessRequestLine, AccessRequests, AnswerAccess, AskForModel, ModelStanding,
    ModelStandings,
};
pub use applications::{ApplicationLine, Applications, ApplicationsQuery};
pub use calls::{CallLine, Calls, CallsQuery, CorrectCall, CorrectionLine, UsageLine};
pub use cards::{CardCheckLine, CardFaceLine, CardLine, CardState};
pub use clock::{Advance, Advanced, ClockNow, Coming, Jobs};
pub use estimates::{
    CarriedEstimate, CheaperLine, EstimateLine, EstimateStudy, Example, NoteLine, PartLine,
    StudyPart, TierPace,
};
pub use evidence::{
    AddressLine, AnswerAppeal, AnswerClaim, AppealLine, Appeals, ClaimLine, EvidenceDetail,
    LookUpAddress, SaidLine, ShownLine, Vouch,
};
pub use forecast::{ApplyLine, BuyLine, ForecastLine, PaceLine};
pub use grants::{GrantLine, Grants, GrantsQuery, IssueGrant, LotLine, Source};
pub use institutions::{
    FoundInstitution, InstitutionLine, Institutions, InstitutionsQuery, TakeInstitutions,
    TakenInstitutions,
};
pub use judging::{
    ApplicationDetail, ApproveAward, DecideOn, DeliveryDay, EligibilityLine, FindingLine,
    GivenAnswers, PlanLine, PlanQuery, PointLine, ProposalAdvice, ReviewLine, ReviewVersion,
    ScreenApplication, TakeBackDecision,
};
pub use keys::{KeyCap, KeyLine, MadeKey, NewKey};
pub use mails::{BounceLine, MailLine, Mails, MailsQuery, ReportBounce, TrialMail};
pub use market::{
    Buy, CashLine, CashMove, ListingLine, Market, MoveCash, NewListing, Return, TradeLine, Trades,
};
pub use panels::{
    AddReviewer, AssignmentLine, CandidateLine, ConflictDetail, InvitedPanel, PanelDetail,
    PanelLine, PlanPanel, PlannedPanel, ReleaseReviewer, ReviewerLoad, ReviewersDetail, ShortLine,
};
pub use participants::{
    ChangeParticipant, InviteParticipant, ParticipantLine, Participants, RemoveParticipant,
};
pub use people::{Appoint, PersonBrief, PersonLine};
pub use prices::{
    DecideOnPrices, PriceTableDetail, PriceTableLine, PriceTables, PricesInForce, ProposePrices,
};
pub use problem::{BadField, Problem, ProblemBody};
pub use programs::{
    Fund, Money, PreviewProgram, ProgramLine, ProgramPreview, Programs, Released, RoundLine,
    UnderEdition,
};
pub use proposals::{
    ApproveRound, ApprovedRound, ApproverQuery, ByLineQuery, DecideByLine, DecidedByLine,
    ProposalDetail, ProposedLine, ToApproveDetail, WaitingLine, WaitingList,
};
pub use rounds::{
    AcceptanceLine, AcceptanceTable, ExportQuery, ExportReview, ExportRow, ReviewerWork,
    RoundExportDetail, RoundReportDetail, SimulateRound, SimulatedLine, SimulatedRound, SpansLine,
    WithoutLine,
};
pub use statements::{StatementFormat, StatementLine, StatementLines, StatementQuery};
pub use stops::{
    Resealed, SetUpstreamKey, StopState, TurnStop, UpstreamKeyLine, UpstreamKeys, Upstreams,
};
pub use studies::{MoveBudget, Studies, StudyLine, StudyTerms};
pub use suspense::{
    LostCall, SettleSuspense, SettledSuspense, Suspense, SuspenseEnd, SuspenseLine, SuspenseQuery,
};
pub use taking_back::{ClawBack, TakenBack, Void};
pub use tiers::{NameTier, RateLimitLine, TierLine};

/// The header of a request that may be sent twice and is carried out once.
pub const IDEMPOTENCY_KEY: http::HeaderName = http::HeaderName::from_static("idempotency-key");
/// The code of a refusal because the first such request is still being carried out.
pub const STILL_RUNNING: &str = "idempotency_key_in_use";
