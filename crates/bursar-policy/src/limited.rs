//! Limited access: models that credit alone does not open, and the requests for them.

use bursar_kernel::{AccessRequestId, Actor, GrantId, ModelId, PersonId, Timestamp};
use serde::{Deserialize, Serialize};

/// Characters of the reason for a request, or of the answer's: a page.
pub const REASON_CHARACTERS_MAX: usize = 3_000;

/// A grant's request for one model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessRequest {
    /// Its name.
    pub id: AccessRequestId,
    /// The grant whose keys want to call the model.
    pub grant: GrantId,
    /// Who holds the grant.
    pub holder: PersonId,
    /// The model, by its own name and not an alias.
    pub model: ModelId,
    /// What it is needed for.
    pub reason: String,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// Where it stands.
    pub state: AccessState,
    /// Who answered, or took it back.
    pub decided_by: Option<Actor>,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// What the holder is told with the answer.
    pub note: Option<String>,
    /// When an approval lapses by itself; `None`: with the grant.
    pub until: Option<Timestamp>,
    /// Grows by one with each change.
    pub version: u64,
}

/// Where a request stands. That an approval has lapsed is no state: it is read off the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessState {
    /// Waits for an officer.
    Asked,
    /// The grant's keys can call the model.
    Approved,
    /// An officer said no, or ended an approval.
    Declined,
    /// The holder took it back.
    Withdrawn,
}

impl AccessState {
    /// Its name in columns and JSON: `approved`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Approved => "approved",
            Self::Declined => "declined",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// A model that is open to a grant though it is limited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// The model.
    pub model: ModelId,
    /// When it lapses; `None`: with the grant.
    pub until: Option<Timestamp>,
}

impl Approval {
    /// Whether it opens the model at an instant.
    pub fn opens(&self, model: &ModelId, now: Timestamp) -> bool {
        self.model == *model && self.until.is_none_or(|until| now < until)
    }
}

impl AccessRequest {
    /// The approval that it is, if it is one.
    pub fn approval(&self) -> Option<Approval> {
        let approved = self.state == AccessState::Approved;
        approved.then(|| Approval { model: self.model.clone(), until: self.until })
    }

    /// Whether it opens its model at an instant.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.approval().is_some_and(|approval| approval.opens(&self.model, now))
    }
}

/// What is done to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccessCommand {
    /// An officer opens the model.
    Approve {
        /// What the holder is told.
        note: Option<String>,
        /// When it lapses; `None`: with the grant.
        until: Option<Timestamp>,
    },
    /// An officer says no, or ends an approval.
    Decline {
        /// Why, for the holder.
        reason: String,
    },
    /// The holder takes it back.
    Withdraw,
}

/// Why a request is not made, or not answered so. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessRefusal {
    /// The model needs no approval.
    #[error("ask for `{0}`: it needs no further approval\nhint: call it with a key of the grant")]
    NotLimited(ModelId),
    /// There is a request already.
    #[error(
        "ask for `{model}` again: it is {}\nhint: the model's page shows where it stands",
        state.name()
    )]
    AlreadyThere {
        /// Which model.
        model: ModelId,
        /// Where it stands.
        state: AccessState,
    },
    /// The grant is over.
    #[error(
        "ask for a model with a grant that expired at {0}\n\
         hint: apply for a new grant, and ask with that one"
    )]
    GrantExpired(Timestamp),
    /// The request is past that.
    #[error(
        "change a request that is {}\nhint: load it again to see where it stands",
        .0.name()
    )]
    WrongState(AccessState),
    /// The day on which it should lapse has come.
    #[error("let an approval lapse at {0}, which has come\nhint: name a later day, or none")]
    UntilPassed(Timestamp),
    /// The approval would outlive the grant.
    #[error(
        "let an approval run until {until}, past the grant's expiry at {expires_at}\n\
         hint: leave the day out, and it lapses with the grant"
    )]
    PastTheGrant {
        /// What was wanted.
        until: Timestamp,
        /// When the grant expires.
        expires_at: Timestamp,
    },
}

/// What a request is asked with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The request's name.
    pub id: AccessRequestId,
    /// The grant.
    pub grant: GrantId,
    /// Who holds it.
    pub holder: PersonId,
    /// When the grant expires, once that is known.
    pub expires_at: Option<Timestamp>,
    /// The model, by its own name.
    pub model: ModelId,
    /// What it is needed for.
    pub reason: String,
}

/// Asks for a model, with the program's limited models and the grant's earlier requests in view.
pub fn ask(
    asked: Ask,
    limited: &[ModelId],
    earlier: &[AccessRequest],
    now: Timestamp,
) -> Result<AccessRequest, AccessRefusal> {
    let Ask { id, grant, holder, expires_at, model, reason } = asked;
    if !limited.contains(&model) {
        return Err(AccessRefusal::NotLimited(model));
    }
    if let Some(at) = expires_at.filter(|at| *at <= now) {
        return Err(AccessRefusal::GrantExpired(at));
    }
    let stands = |request: &&AccessRequest| {
        request.model == model && (request.state == AccessState::Asked || request.is_open(now))
    };
    if let Some(request) = earlier.iter().find(stands) {
        return Err(AccessRefusal::AlreadyThere { model, state: request.state });
    }
    Ok(AccessRequest {
        id,
        grant,
        holder,
        model,
        reason,
        asked_at: now,
        state: AccessState::Asked,
        decided_by: None,
        decided_at: None,
        note: None,
        until: None,
        version: 1,
    })
}

/// The request after a command; the grant expires at `expires_at`, once that is known.
pub fn answer(
    request: AccessRequest,
    command: AccessCommand,
    by: Actor,
    expires_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<AccessRequest, AccessRefusal> {
    let (state, note, until) = match (request.state, command) {
        (AccessState::Asked, AccessCommand::Approve { note, until }) => {
            if let Some(at) = expires_at.filter(|at| *at <= now) {
                return Err(AccessRefusal::GrantExpired(at));
            }
            check_until(until, expires_at, now)?;
            (AccessState::Approved, note, until)
        }
        (AccessState::Asked | AccessState::Approved, AccessCommand::Decline { reason }) => {
            (AccessState::Declined, Some(reason), None)
        }
        (AccessState::Asked, AccessCommand::Withdraw) => (AccessState::Withdrawn, None, None),
        (
            AccessState::Approved | AccessState::Declined | AccessState::Withdrawn,
            AccessCommand::Approve { .. } | AccessCommand::Withdraw,
        )
        | (AccessState::Declined | AccessState::Withdrawn, AccessCommand::Decline { .. }) => {
            return Err(AccessRefusal::WrongState(request.state));
        }
    };
    let version = request.version.saturating_add(1);
    let (decided_by, decided_at) = (Some(by), Some(now));
    Ok(AccessRequest { state, decided_by, decided_at, note, until, version, ..request })
}

fn check_until(
    until: Option<Timestamp>,
    expires_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), AccessRefusal> {
    let Some(until) = until else { return Ok(()) };
    if until <= now {
        return Err(AccessRefusal::UntilPassed(until));
    }
    match expires_at {
        Some(expires_at) if expires_at < until => {
            Err(AccessRefusal::PastTheGrant { until, expires_at })
        }
        Some(_) | None => Ok(()),
    }
}
