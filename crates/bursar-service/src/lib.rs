//! The use cases: load, decide, commit; who may; and the jobs that time drives.
//! Never speaks HTTP, never renders, never names a database: doors call in, the store is a trait.

mod access;
mod accounts;
mod applications;
mod cards;
mod decisions;
mod delivery;
mod error;
mod estimates;
mod forecast;
mod grants;
mod intake;
mod interests;
mod jobs;
mod letters;
mod market;
mod notices;
mod offers;
mod programs;
mod returning;
mod reviews;
mod rounds;
mod sheet;
mod statements;
mod stops;
mod taking_back;
mod tiers;
mod within;

use std::collections::BTreeMap;
use std::sync::Arc;

use bursar_award::Application;
use bursar_kernel::{
    AuditId, Catalog, Clock, Institutions, Program, ProgramId, RoundId, Timestamp,
};
use bursar_payments::Payments;
use bursar_policy::{Action, Viewer, may};
use bursar_program::calendar::{self, Round};
use bursar_store::rows::AuditLine;
use bursar_store::{Batch, Receipt, Store};

pub use access::{
    AccessAnswer, AccessDesk, AccessLine, GrantModel, GrantModels, ModelAccess, ModelLine,
    read_text,
};
pub use accounts::{Arrival, SignedIn, read_email};
pub use applications::{ApplicantPage, Need, occasion};
/// The path of a call, re-exported for the doors.
pub use bursar_calls::{Begun, CallHold, Caller, Calls, HoldRefused, Settled};
pub use bursar_letters::Letter;
/// The time and chance, re-exported for the doors.
pub use bursar_sources::{MasterKeys, Secret, clock, entropy, hash as hash_of};
pub use cards::PaymentMethod;
pub use decisions::{LAST, OfficerPage, Verdict};
pub use error::ServiceError;
pub use estimates::{StudyEstimate, field_errors};
pub use forecast::{ApplyRoad, BuyRoad, GrantForecast, NextSteps};
pub use grants::{GrantPage, GrantState, IssueGrant, KeyLine};
pub use jobs::{Due, JobReport, Recovered};
pub use market::{BestOffer, Offer, changed_listing};
pub use offers::Waitlisted;
pub use programs::ProgramMoney;
pub use returning::may_return;
pub use rounds::RoundPage;
pub use sheet::{Sheet, SheetOrder, SheetQuery};
pub use statements::{LineAndCall, Statement, StatementPeriod};
pub use stops::Turn;
pub use taking_back::{TakeBack, TakenBack, Taking, check_not_voided};
pub use tiers::{StudyBasis, StudyTime, TierStanding};
pub use within::Within;

/// The rules' answers, re-exported for the doors that show them.
pub use bursar_award::{
    ApplicantStatus, NewReview, Progress, Recommendation, Score, Stage, State, applicant_view,
};
pub use bursar_award::{Budget, budget};
pub use bursar_ledger::{Band, Course, CreditState, Entry, Forecast, Movement, Waiting, Way};
pub use bursar_market::{
    Listing, ListingState, Quote, STATEMENT, Settings as MarketSettings, Trade,
    Warning as ListingWarning,
};
pub use bursar_meter::study::STUDY_LINES_MAX;
pub use bursar_meter::{Note, PricedLine, Sample, SampleCount, StudyCost, StudyWrong};
pub use bursar_program::answers::{FieldError, Occasion};
pub use bursar_program::eligibility::{Points, Standing};
pub use bursar_store::suspense::{CallNote, SuspenseId, SuspenseReason, SuspenseVerdict};

/// What a service is made of.
pub struct Parts {
    /// What it remembers with.
    pub store: Arc<dyn Store>,
    /// What tells it the time.
    pub clock: Arc<dyn Clock>,
    /// Models and prices.
    pub catalog: Arc<Catalog>,
    /// The programs that run here.
    pub programs: Vec<Program>,
    /// Earlier editions of them: what began under one goes on under it.
    pub earlier: Vec<Program>,
    /// Programs of others, listed beside them: they are described here, and applied to elsewhere.
    pub listed: Vec<Program>,
    /// The address that people reach the portal at, without a trailing slash; links in mail
    /// begin with it.
    pub base_url: String,
    /// The market's settings.
    pub market: bursar_market::Settings,
    /// What seals the secrets that have to be read again.
    pub master_keys: MasterKeys,
    /// What the operator knows of institutions beside the list that ships.
    pub institutions: Institutions,
    /// What takes cards; without it this installation takes none, and says so.
    pub payments: Option<Arc<dyn Payments>>,
}

/// The use cases of one installation.
pub struct Service {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    base_url: String,
    earlier: BTreeMap<(ProgramId, u32), Arc<Program>>,
    listed: Vec<Arc<Program>>,
    market: bursar_market::Settings,
    payments: Option<Arc<dyn Payments>>,
    calls: Arc<Calls>,
    institutions: Institutions,
}

impl Service {
    /// A service over its parts.
    pub fn new(parts: Parts) -> Arc<Self> {
        Self::of(parts, false)
    }

    /// A service whose clock can be turned: calls in flight end before it turns.
    pub fn with_a_turnable_clock(parts: Parts) -> Arc<Self> {
        Self::of(parts, true)
    }

    fn of(parts: Parts, clock_turns: bool) -> Arc<Self> {
        let calls = Calls::new(
            Arc::clone(&parts.store),
            Arc::clone(&parts.clock),
            parts.catalog,
            parts.master_keys,
            parts.programs.into_iter().map(Arc::new).collect(),
            clock_turns,
        );
        Arc::new(Self {
            calls: Arc::new(calls),
            institutions: parts.institutions,
            store: parts.store,
            clock: parts.clock,
            base_url: parts.base_url,
            earlier: parts
                .earlier
                .into_iter()
                .map(|program| ((program.id.clone(), program.version), Arc::new(program)))
                .collect(),
            listed: parts.listed.into_iter().map(Arc::new).collect(),
            market: parts.market,
            payments: parts.payments,
        })
    }

    /// The calls of the gateway: who makes them, and what they spend.
    pub const fn calls(&self) -> &Arc<Calls> {
        &self.calls
    }

    /// The present instant, in whole milliseconds, as the store keeps it.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Models and prices, as they are now.
    pub fn catalog(&self) -> Arc<Catalog> {
        self.calls.catalog()
    }

    /// The programs that run here.
    pub fn programs(&self) -> &[Arc<Program>] {
        self.calls.programs()
    }

    /// Programs of others, which are described here and applied to elsewhere.
    pub fn listed(&self) -> &[Arc<Program>] {
        &self.listed
    }

    /// A program that runs here, or is listed beside those.
    pub fn described(&self, id: &ProgramId) -> Result<&Arc<Program>, ServiceError> {
        self.program(id)
            .or_else(|error| self.listed.iter().find(|program| program.id == *id).ok_or(error))
    }

    /// Whether a program runs here.
    pub fn runs(&self, id: &ProgramId) -> bool {
        self.calls.program(id).is_some()
    }

    /// A program that runs here.
    pub fn program(&self, id: &ProgramId) -> Result<&Arc<Program>, ServiceError> {
        let found = self.calls.program(id);
        found.ok_or_else(|| ServiceError::NotFound(format!("program `{id}`")))
    }

    /// What remembers.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// What the operator knows of institutions beside the list that ships.
    pub const fn institutions(&self) -> &Institutions {
        &self.institutions
    }

    /// The address that people reach the portal at, without a trailing slash.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The market's settings.
    pub const fn market(&self) -> &bursar_market::Settings {
        &self.market
    }

    /// What takes cards, where this installation takes any.
    pub fn payments(&self) -> Option<&Arc<dyn Payments>> {
        self.payments.as_ref()
    }

    /// Writes what a use case has decided.
    pub async fn commit(&self, batch: Batch) -> Result<Receipt, ServiceError> {
        Ok(self.store.commit(batch).await?)
    }

    /// The edition of a program that something is under; the present one where that edition is
    /// not known.
    pub fn edition(
        &self,
        program: &ProgramId,
        version: u32,
    ) -> Result<&Arc<Program>, ServiceError> {
        let present = self.program(program)?;
        if present.version == version {
            return Ok(present);
        }
        Ok(self.earlier.get(&(program.clone(), version)).unwrap_or(present))
    }

    /// The edition of its program that an application began under.
    pub fn program_of(&self, application: &Application) -> Result<&Arc<Program>, ServiceError> {
        self.edition(&application.program, application.program_version)
    }

    /// The round of a program by that name, in the latest edition that has one.
    pub(crate) fn round_named(&self, program: &ProgramId, id: &RoundId) -> Option<Round> {
        let present = self.program(program).ok()?;
        let of_program = (program.clone(), 0)..=(program.clone(), u32::MAX);
        let earlier = self.earlier.range(of_program).rev().map(|(_, edition)| edition);
        std::iter::once(present)
            .chain(earlier)
            .find_map(|edition| calendar::parse_round(edition, id))
    }
}

/// Refuses what the policy does not allow a viewer.
pub fn allow(viewer: &Viewer, action: Action) -> Result<(), ServiceError> {
    match (may(viewer, action), viewer) {
        (true, _) => Ok(()),
        (false, Viewer::Nobody) => Err(ServiceError::SignInFirst),
        (false, Viewer::Person { .. } | Viewer::Operator) => Err(ServiceError::NotAllowed),
    }
}

/// A batch in a viewer's name.
pub fn batch_of(viewer: &Viewer, now: Timestamp) -> Result<Batch, ServiceError> {
    Ok(Batch::new(viewer.actor().ok_or(ServiceError::SignInFirst)?, now))
}

/// A line of the audit trail for a batch.
pub fn audit_line(
    batch: &Batch,
    action: &str,
    subject: impl ToString,
    detail: impl Into<String>,
) -> AuditLine {
    AuditLine {
        id: AuditId::new(batch.now, entropy::draw()),
        at: batch.now,
        actor: batch.by.clone(),
        action: action.to_owned(),
        subject: subject.to_string(),
        detail: detail.into(),
    }
}
