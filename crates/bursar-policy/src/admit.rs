//! A call's permit.

use bursar_kernel::{
    Cap, Caps, Endpoint, GrantId, KeyId, Model, ModelId, PersonId, PriceVersion, Scope, StudyId,
    Timestamp,
};

use crate::limited::Approval;

/// A caller's standing, as the store knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The key it called with.
    pub key: KeyId,
    /// The grant whose credit the key spends.
    pub grant: GrantId,
    /// Who holds the grant.
    pub holder: PersonId,
    /// The caps that its calls go on: of the key, of its study.
    pub caps: Caps,
    /// When the key stops working by itself.
    pub key_expires_at: Option<Timestamp>,
    /// When somebody stopped the key.
    pub key_revoked_at: Option<Timestamp>,
    /// What the key is for.
    pub scope: Scope,
    /// The study that the key belongs to, if it belongs to one.
    pub study: Option<StudyStanding>,
    /// Since when the grant's credit is there; `None` while it waits for delivery.
    pub delivered_at: Option<Timestamp>,
    /// When the grant's credit expires.
    pub expires_at: Option<Timestamp>,
    /// When an officer took all that was left of the grant back.
    pub voided_at: Option<Timestamp>,
    /// Since when an officer has stopped the grant's calls.
    pub grant_stopped_at: Option<Timestamp>,
    /// Since when an officer has stopped the calls of all grants of its program.
    pub program_stopped_at: Option<Timestamp>,
    /// From when on the credit was announced, while it waits.
    pub deliver_from: Timestamp,
}

/// A study, as calls see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StudyStanding {
    /// Which.
    pub id: StudyId,
    /// From when on it may spend.
    pub starts_at: Option<Timestamp>,
    /// From when on it may not any more.
    pub ends_at: Option<Timestamp>,
    /// When somebody closed it.
    pub closed_at: Option<Timestamp>,
    /// What it is about.
    pub scope: Scope,
}

/// What a call asks to be admitted to.
#[derive(Clone, Copy, Debug)]
pub struct Admission<'a> {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// The model.
    pub model: &'a Model,
    /// Models that need a further approval, by the program's rules.
    pub limited: &'a [ModelId],
    /// Those that this caller has been approved for.
    pub approved: &'a [Approval],
    /// The present instant.
    pub now: Timestamp,
}

/// Leave to ask for a hold. Made by [`admit`] alone, and used up by the hold.
#[derive(Debug, PartialEq, Eq)]
pub struct Permit {
    key: KeyId,
    grant: GrantId,
    holder: PersonId,
    caps: Caps,
    endpoint: Endpoint,
    model: ModelId,
    priced_by: PriceVersion,
}

impl Permit {
    /// The key that pays.
    pub const fn key(&self) -> KeyId {
        self.key
    }

    /// The grant that pays.
    pub const fn grant(&self) -> GrantId {
        self.grant
    }

    /// Who holds the grant.
    pub const fn holder(&self) -> PersonId {
        self.holder
    }

    /// The caps that must allow it.
    pub const fn caps(&self) -> Caps {
        self.caps
    }

    /// Where the call goes.
    pub const fn endpoint(&self) -> Endpoint {
        self.endpoint
    }

    /// The model it calls.
    pub const fn model(&self) -> &ModelId {
        &self.model
    }

    /// The price table that its model was looked up in.
    pub const fn priced_by(&self) -> &PriceVersion {
        &self.priced_by
    }
}

/// Why a call is not admitted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denial {
    /// Somebody stopped the key.
    #[error("the key was revoked at {0}")]
    KeyRevoked(Timestamp),
    /// The key's own time is over.
    #[error("the key expired at {0}")]
    KeyExpired(Timestamp),
    /// The key's study has not begun.
    #[error("the study begins at {from}")]
    StudyNotBegun {
        /// When it does.
        from: Timestamp,
    },
    /// The key's study has ended, as its dates said or because somebody closed it.
    #[error("the study ended at {0}")]
    StudyEnded(Timestamp),
    /// The key, or its study, is not for this model at this endpoint.
    #[error("`{of}` is not for model `{model}` at `/v1{}`", endpoint.path())]
    OutOfScope {
        /// Whose scope it is.
        of: Cap,
        /// Which model.
        model: ModelId,
        /// Where it was asked for.
        endpoint: Endpoint,
    },
    /// The grant's credit has not been delivered.
    #[error("the grant's credit is delivered from {from} on")]
    NotDelivered {
        /// From when on it was announced.
        from: Timestamp,
    },
    /// An officer took the grant's credit back.
    #[error("the grant was voided at {0}")]
    GrantVoided(Timestamp),
    /// The grant's credit has expired.
    #[error("the grant expired at {0}")]
    GrantExpired(Timestamp),
    /// An officer has stopped the grant's calls.
    #[error("the grant was stopped at {0}")]
    GrantStopped(Timestamp),
    /// An officer has stopped the calls of all grants of the program.
    #[error("the program was stopped at {0}")]
    ProgramStopped(Timestamp),
    /// The model needs a further approval.
    #[error("model `{0}` needs a further approval")]
    ModelLimited(ModelId),
    /// The model has no price, so nobody could say what it costs.
    #[error("model `{0}` has no price")]
    Unpriced(ModelId),
    /// The model does not answer at this endpoint.
    #[error("model `{model}` does not answer at `/v1{}`", endpoint.path())]
    WrongEndpoint {
        /// Which model.
        model: ModelId,
        /// Where it was asked for.
        endpoint: Endpoint,
    },
}

/// Whether a key may be used and its grant may still pay, whatever it calls.
pub fn may_call(standing: &Standing, now: Timestamp) -> Result<(), Denial> {
    is_in_force(standing, now)?;
    is_not_stopped(standing)
}

/// What nobody can undo comes before what an officer can.
fn is_not_stopped(standing: &Standing) -> Result<(), Denial> {
    match (standing.grant_stopped_at, standing.program_stopped_at) {
        (Some(at), _) => Err(Denial::GrantStopped(at)),
        (None, Some(at)) => Err(Denial::ProgramStopped(at)),
        (None, None) => Ok(()),
    }
}

fn is_in_force(standing: &Standing, now: Timestamp) -> Result<(), Denial> {
    if let Some(at) = standing.key_revoked_at {
        return Err(Denial::KeyRevoked(at));
    }
    if let Some(at) = standing.key_expires_at.filter(|at| *at <= now) {
        return Err(Denial::KeyExpired(at));
    }
    if let Some(study) = &standing.study {
        let ended = study.closed_at.into_iter().chain(study.ends_at.filter(|at| *at <= now)).min();
        if let Some(at) = ended {
            return Err(Denial::StudyEnded(at));
        }
        if let Some(from) = study.starts_at.filter(|at| now < *at) {
            return Err(Denial::StudyNotBegun { from });
        }
    }
    if let Some(at) = standing.voided_at {
        return Err(Denial::GrantVoided(at));
    }
    if standing.delivered_at.is_none_or(|at| now < at) {
        let from = standing.delivered_at.unwrap_or(standing.deliver_from);
        return Err(Denial::NotDelivered { from });
    }
    if let Some(at) = standing.expires_at.filter(|at| *at <= now) {
        return Err(Denial::GrantExpired(at));
    }
    Ok(())
}

/// Admits a call, or says why not. That it is stopped is said last: whoever only asks what is open
/// hears of everything else. Whether there is enough money is the book's to say.
pub fn admit(standing: &Standing, admission: &Admission<'_>) -> Result<Permit, Denial> {
    let Admission { endpoint, model, limited, approved, now } = *admission;
    is_in_force(standing, now)?;
    if !model.mode.answers(endpoint) {
        return Err(Denial::WrongEndpoint { model: model.id.clone(), endpoint });
    }
    if model.prices.is_none() {
        return Err(Denial::Unpriced(model.id.clone()));
    }
    let scopes = std::iter::once((Cap::Key(standing.key), &standing.scope));
    let study = standing.study.as_ref().map(|study| (Cap::Study(study.id), &study.scope));
    if let Some((of, _)) = scopes.chain(study).find(|(_, scope)| !scope.covers(&model.id, endpoint))
    {
        return Err(Denial::OutOfScope { of, model: model.id.clone(), endpoint });
    }
    let opens = |approval: &Approval| approval.opens(&model.id, now);
    if limited.contains(&model.id) && !approved.iter().any(opens) {
        return Err(Denial::ModelLimited(model.id.clone()));
    }
    is_not_stopped(standing)?;
    Ok(Permit {
        key: standing.key,
        grant: standing.grant,
        holder: standing.holder,
        caps: standing.caps,
        endpoint,
        model: model.id.clone(),
        priced_by: model.listed_in.clone(),
    })
}
