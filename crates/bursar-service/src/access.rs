//! Limited access: which models a grant can call, and requests for those that it cannot yet.

use std::collections::BTreeSet;
use std::sync::Arc;

use bursar_kernel::{AccessRequestId, Endpoint, GrantId, Model, ModelId, Program, Role, Timestamp};
use bursar_policy::{
    AccessCommand, AccessRequest, AccessState, Action, Ask, REASON_CHARACTERS_MAX, Viewer, answer,
    ask, may,
};
use bursar_store::rows::{Grant, Key, Person};
use bursar_store::{AccessFilter, Batch, Expect, Row, Spend, Write};
use jiff::SignedDuration;
use jiff::tz::TimeZone;

use crate::letters::Post as _;
use crate::{Service, ServiceError, Within, entropy, letters};

/// How long ago a model is still in use.
const IN_USE_FOR: SignedDuration = SignedDuration::from_hours(24 * 28);
/// Answered requests that the officers' list shows.
const ANSWERED_MAX: usize = 50;

/// How a model stands to a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelAccess {
    /// Credit opens it.
    Open,
    /// It needs a further approval that nobody has asked for.
    Limited,
    /// The approval is asked for.
    Asked,
    /// It is approved; up to an instant, or as long as the grant.
    Approved(Option<Timestamp>),
}

impl ModelAccess {
    /// Its name in JSON: `limited`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Limited => "limited",
            Self::Asked => "asked",
            Self::Approved(_) => "approved",
        }
    }

    /// Whether a key of the grant can call the model.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::Approved(_))
    }
}

/// A model as it stands to a grant.
#[derive(Clone, Debug)]
pub struct ModelLine {
    /// The model.
    pub model: Arc<Model>,
    /// Whether the grant can call it.
    pub access: ModelAccess,
    /// Whether the grant has used it in the last four weeks.
    pub in_use: bool,
    /// Whether its last day comes while the grant lives.
    pub ends_before_grant: bool,
}

/// All models as they stand to a grant.
#[derive(Clone, Debug)]
pub struct GrantModels {
    /// The grant.
    pub grant: Grant,
    /// Its program.
    pub program: Arc<Program>,
    /// The models that have a price here, by name.
    pub models: Vec<ModelLine>,
    /// Whether the viewer may ask for those that are limited.
    pub may_ask: bool,
}

/// One model as it stands to a grant, with what was asked.
#[derive(Clone, Debug)]
pub struct GrantModel {
    /// The grant.
    pub grant: Grant,
    /// Its program.
    pub program: Arc<Program>,
    /// The model.
    pub line: ModelLine,
    /// What was asked for it with this grant, latest first.
    pub requests: Vec<AccessRequest>,
    /// Whether the viewer may ask now.
    pub may_ask: bool,
    /// Whether the viewer may take back what was asked and waits.
    pub may_withdraw: bool,
}

/// A request as an officer sees it.
#[derive(Clone, Debug)]
pub struct AccessLine {
    /// The request.
    pub request: AccessRequest,
    /// The grant that it is for.
    pub grant: Grant,
    /// Who holds the grant.
    pub holder: Person,
    /// Whether the viewer may answer it.
    pub may_answer: bool,
}

/// The requests, for those who answer them.
#[derive(Clone, Debug)]
pub struct AccessDesk {
    /// Those that wait, the longest first.
    pub waiting: Vec<AccessLine>,
    /// The latest that are answered or taken back, newest first.
    pub answered: Vec<AccessLine>,
}

/// An officer's answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessAnswer {
    /// Whether the model is opened.
    pub approve: bool,
    /// What the holder is told; a decline needs it.
    pub note: String,
    /// When an approval lapses; `None`: with the grant.
    pub until: Option<Timestamp>,
    /// The version of the request that was read; `None` answers whatever is there.
    pub version: Option<u64>,
}

impl Service {
    /// All models as they stand to a grant.
    pub async fn grant_models(
        &self,
        viewer: &Viewer,
        id: GrantId,
    ) -> Result<GrantModels, ServiceError> {
        let within = self.within(viewer, id).await?;
        let (now, used) = (self.now(), self.models_in_use(&within).await?);
        let may_ask = may_ask(&within, now);
        let grant = within.grant;
        let program = Arc::clone(self.program(&grant.program)?);
        let requests = self.store.access_requests(AccessFilter::Grant(id)).await?;
        let catalog = self.catalog();
        let listed = catalog.models.values().filter(|model| is_listed(model));
        let line = |model: &Arc<Model>| line(model, &program, &grant, &requests, &used, now);
        Ok(GrantModels { models: listed.map(line).collect(), may_ask, program, grant })
    }

    /// One model, by its name or an alias, as it stands to a grant.
    pub async fn grant_model(
        &self,
        viewer: &Viewer,
        id: GrantId,
        name: &str,
    ) -> Result<GrantModel, ServiceError> {
        let within = self.within(viewer, id).await?;
        let (now, used) = (self.now(), self.models_in_use(&within).await?);
        let (may_ask, sees) = (may_ask(&within, now), within.sees_figures());
        let may_withdraw = within.may_ask_for_model();
        let grant = within.grant;
        let model = self.catalog_model(name)?;
        let program = Arc::clone(self.program(&grant.program)?);
        let requests = self.store.access_requests(AccessFilter::Grant(id)).await?;
        let line = line(&model, &program, &grant, &requests, &used, now);
        let may_ask = may_ask && line.access == ModelAccess::Limited;
        let may_withdraw = may_withdraw && line.access == ModelAccess::Asked;
        // What was written to officers, and by them, is for those who see the whole of it.
        let of_model = |request: &AccessRequest| sees && request.model == model.id;
        let requests = requests.into_iter().filter(of_model).collect();
        Ok(GrantModel { grant, program, line, requests, may_ask, may_withdraw })
    }

    /// Asks for a limited model.
    pub async fn ask_for_model(
        &self,
        viewer: &Viewer,
        id: GrantId,
        name: &str,
        reason: &str,
    ) -> Result<AccessRequest, ServiceError> {
        let within = self.within(viewer, id).await?;
        within.allow(within.may_ask_for_model())?;
        let grant = within.grant;
        let model = self.catalog_model(name)?.id.clone();
        let program = self.program(&grant.program)?;
        let reason = read_text("reason", reason, "Say what you need the model for")?;
        let earlier = self.store.access_requests(AccessFilter::Grant(id)).await?;
        let batch = crate::batch_of(viewer, self.now())?;
        let asked = Ask {
            id: AccessRequestId::new(batch.now, entropy::draw()),
            grant: id,
            holder: grant.holder,
            expires_at: grant.expires_at,
            model,
            reason,
        };
        let limited = &program.entitlements.limited_models;
        let request = ask(asked, limited, &earlier, batch.now)?;
        let line = crate::audit_line(&batch, "access.asked", request.id, said(&request));
        let row = Write::Row(Row::AccessRequest(Box::new(request.clone())), Expect::New);
        let mut batch = batch.with(row).with(line);
        let url = format!("{}/decide/access", self.base_url);
        // Who asks may be somebody who takes part; the installation's token asks for the holder.
        let asker = self.person_of(viewer.person().unwrap_or(grant.holder)).await?;
        for officer in self.officers_for(&grant).await? {
            let letter = letters::access_asked(&asker.email, &request, &url);
            batch = batch.with(letter.to(&officer.email, self.now()));
        }
        self.commit(batch).await?;
        Ok(request)
    }

    /// Takes a request back.
    pub async fn withdraw_access_request(
        &self,
        viewer: &Viewer,
        id: AccessRequestId,
    ) -> Result<AccessRequest, ServiceError> {
        let (request, within) = self.access_request_of(viewer, id).await?;
        within.allow(within.may_ask_for_model())?;
        let grant = within.grant;
        let batch = crate::batch_of(viewer, self.now())?;
        self.step_access(batch, &request, &grant, AccessCommand::Withdraw, None).await
    }

    /// Answers a request: opens the model at once, says no, or ends an approval.
    pub async fn answer_access_request(
        &self,
        viewer: &Viewer,
        id: AccessRequestId,
        given: AccessAnswer,
    ) -> Result<AccessRequest, ServiceError> {
        crate::allow(viewer, Action::RunPrograms)?;
        let (request, within) = self.access_request_of(viewer, id).await?;
        let (holder, takes_part) = (request.holder, within.takes_part());
        crate::allow(viewer, Action::AnswerForModel { holder, takes_part })?;
        let grant = within.grant;
        if given.version.is_some_and(|version| version != request.version) {
            return Err(ServiceError::Conflict(format!("access request `{id}`")));
        }
        let command = if given.approve {
            let note = given.note.trim();
            check_length("note", note)?;
            let note = (!note.is_empty()).then(|| note.to_owned());
            AccessCommand::Approve { note, until: given.until }
        } else {
            let missing = "Enter the reason that the holder will read";
            AccessCommand::Decline { reason: read_text("note", &given.note, missing)? }
        };
        let holder = self.person_of(request.holder).await?;
        let batch = crate::batch_of(viewer, self.now())?;
        self.step_access(batch, &request, &grant, command, Some(&holder)).await
    }

    /// The requests, for those who answer them.
    pub async fn access_desk(&self, viewer: &Viewer) -> Result<AccessDesk, ServiceError> {
        crate::allow(viewer, Action::RunPrograms)?;
        let waiting = self.store.access_requests(AccessFilter::Waiting).await?;
        let latest = self.store.access_requests(AccessFilter::Latest(ANSWERED_MAX)).await?;
        let answered = |request: &AccessRequest| request.state != AccessState::Asked;
        let answered: Vec<_> = latest.into_iter().filter(answered).collect();
        Ok(AccessDesk {
            waiting: self.access_lines(viewer, waiting).await?,
            answered: self.access_lines(viewer, answered).await?,
        })
    }

    /// One request, for those who answer it.
    pub async fn access_line(
        &self,
        viewer: &Viewer,
        id: AccessRequestId,
    ) -> Result<AccessLine, ServiceError> {
        crate::allow(viewer, Action::RunPrograms)?;
        let (request, _) = self.access_request_of(viewer, id).await?;
        let line = self.access_lines(viewer, vec![request]).await?.pop();
        line.ok_or_else(|| missing(id))
    }

    async fn step_access(
        &self,
        batch: Batch,
        request: &AccessRequest,
        grant: &Grant,
        command: AccessCommand,
        told: Option<&Person>,
    ) -> Result<AccessRequest, ServiceError> {
        let (by, now) = (batch.by.clone(), batch.now);
        let after = answer(request.clone(), command, by, grant.expires_at, now)?;
        let action = format!("access.{}", after.state.name());
        let line = crate::audit_line(&batch, &action, after.id, said(&after));
        let expect = Expect::Version(request.version);
        let row = Write::Row(Row::AccessRequest(Box::new(after.clone())), expect);
        let mut batch = batch.with(row).with(line);
        if let Some(person) = told {
            let url = format!("{}/grants/{}/models/{}", self.base_url, grant.id, after.model);
            let zone = &self.program(&grant.program)?.review.zone;
            let letter = letters::access_answered(&after, zone, &url);
            batch = batch.with(letter.to(&person.email, now));
        }
        self.commit(batch).await?;
        // The next call asks the store again, and finds the model open or closed.
        self.calls.directory().forget_grant(grant.id);
        Ok(after)
    }

    async fn access_request_of(
        &self,
        viewer: &Viewer,
        id: AccessRequestId,
    ) -> Result<(AccessRequest, Within), ServiceError> {
        let request = self.store.access_request(id).await?.ok_or_else(|| missing(id))?;
        match self.within(viewer, request.grant).await {
            Ok(within) if within.sees_figures() => Ok((request, within)),
            Ok(_) | Err(ServiceError::NotFound(_)) => Err(missing(id)),
            Err(error) => Err(error),
        }
    }

    async fn access_lines(
        &self,
        viewer: &Viewer,
        requests: Vec<AccessRequest>,
    ) -> Result<Vec<AccessLine>, ServiceError> {
        let mut lines = Vec::with_capacity(requests.len());
        for request in requests {
            let within = self.within(viewer, request.grant).await?;
            let holder = self.person_of(request.holder).await?;
            let takes_part = within.takes_part();
            let may_answer = may(viewer, Action::AnswerForModel { holder: holder.id, takes_part });
            let grant = within.grant;
            lines.push(AccessLine { request, grant, holder, may_answer });
        }
        Ok(lines)
    }

    fn catalog_model(&self, name: &str) -> Result<Arc<Model>, ServiceError> {
        let shown: String = name.chars().take(128).collect();
        let missing = || ServiceError::NotFound(format!("model `{shown}`"));
        self.catalog().model(name).filter(|it| is_listed(it)).cloned().ok_or_else(missing)
    }

    /// The models that a grant has used in the last four weeks and that the provider ends while
    /// the grant lives, the soonest first.
    pub async fn ending_models(
        &self,
        viewer: &Viewer,
        id: GrantId,
    ) -> Result<Vec<Arc<Model>>, ServiceError> {
        let found = self.grant_models(viewer, id).await?;
        let ends = |line: &ModelLine| line.in_use && line.ends_before_grant;
        let ending = found.models.into_iter().filter(ends);
        let mut ending: Vec<_> = ending.map(|line| line.model).collect();
        ending.sort_by(|a, b| a.shutdown.cmp(&b.shutdown).then_with(|| a.id.cmp(&b.id)));
        Ok(ending)
    }

    /// Of what the viewer may know.
    async fn models_in_use(&self, within: &Within) -> Result<BTreeSet<ModelId>, ServiceError> {
        let (grant, now) = (within.grant.id, self.now());
        if !within.sees_figures() {
            let keys = self.store.keys(grant).await?.into_iter();
            let counts = |key: &Key| within.sees_spending_of(key);
            let counted: BTreeSet<_> = keys.filter(counts).map(|key| key.id).collect();
            let since = (now - IN_USE_FOR).to_zoned(TimeZone::UTC).date();
            let rows = self.store.spend_by_all(grant).await?.into_iter();
            let lately = rows.filter(|row| since <= row.day && counted.contains(&row.key));
            return Ok(lately.map(|row| row.model).collect());
        }
        let spent = self.store.spend_by_model(grant).await?;
        let lately = |spend: &Spend| spend.last_at.is_some_and(|at| now < at + IN_USE_FOR);
        Ok(spent.into_iter().filter(|(_, spend)| lately(spend)).map(|(model, _)| model).collect())
    }

    /// Officers who may answer for a grant: not its holder, nor anybody who takes part in it.
    async fn officers_for(&self, grant: &Grant) -> Result<Vec<Person>, ServiceError> {
        let parts = self.store.participants(grant.id).await?;
        let people = self.store.people().await?.into_iter();
        let is_asked = |person: &Person| {
            let takes_part = || parts.iter().any(|row| row.part_of(person.id).is_some());
            person.roles.contains(&Role::Officer) && person.id != grant.holder && !takes_part()
        };
        Ok(people.filter(is_asked).collect())
    }
}

fn missing(id: AccessRequestId) -> ServiceError {
    ServiceError::NotFound(format!("access request `{id}`"))
}

fn said(request: &AccessRequest) -> String {
    format!("{} for {}", request.model, request.grant)
}

/// Whether a grant can be spent on a model at all: it has a price and answers somewhere here.
fn is_listed(model: &Model) -> bool {
    model.prices.is_some() && Endpoint::ALL.into_iter().any(|endpoint| model.mode.answers(endpoint))
}

fn may_ask(within: &Within, now: Timestamp) -> bool {
    within.may_ask_for_model() && within.grant.expires_at.is_none_or(|at| now < at)
}

fn line(
    model: &Arc<Model>,
    program: &Program,
    grant: &Grant,
    requests: &[AccessRequest],
    used: &BTreeSet<ModelId>,
    now: Timestamp,
) -> ModelLine {
    let of_model = || requests.iter().filter(|request| request.model == model.id);
    let access = if !program.entitlements.limited_models.contains(&model.id) {
        ModelAccess::Open
    } else if let Some(open) = of_model().find(|request| request.is_open(now)) {
        ModelAccess::Approved(open.until)
    } else if of_model().any(|request| request.state == AccessState::Asked) {
        ModelAccess::Asked
    } else {
        ModelAccess::Limited
    };
    let last_day = grant.expires_at.map(|at| at.to_zoned(TimeZone::UTC).date());
    let ends_before = |day| last_day.is_some_and(|last| day <= last);
    ModelLine {
        access,
        in_use: used.contains(&model.id),
        ends_before_grant: model.shutdown.is_some_and(ends_before),
        model: Arc::clone(model),
    }
}

/// A text that must be there, without the space around it.
pub fn read_text(field: &str, text: &str, missing: &str) -> Result<String, ServiceError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(ServiceError::field(field, missing));
    }
    check_length(field, text)?;
    Ok(text.to_owned())
}

fn check_length(field: &str, text: &str) -> Result<(), ServiceError> {
    if REASON_CHARACTERS_MAX < text.chars().count() {
        let message = format!("Use {REASON_CHARACTERS_MAX} characters or fewer");
        return Err(ServiceError::field(field, message));
    }
    Ok(())
}
