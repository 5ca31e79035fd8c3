//! Calls that are not admitted.

use bursar_kernel::{Cap, Model, Timestamp};
use bursar_policy::Denial;
use http::StatusCode;

use super::{Failure, INVALID, Pages, QUOTA, Retry};

/// What every client looks for when money is gone; Inspect stops only at these words.
const QUOTA_EXCEEDED: &str =
    "You exceeded your current quota, please check your plan and billing details.";

impl Failure {
    /// Money that is gone or not there, in words after the provider's own. Trying again is of no
    /// use, and the header says so: without it the SDKs try three times.
    pub(crate) fn quota(code: &'static str, detail: &str) -> Self {
        let message = format!("{QUOTA_EXCEEDED} {detail}");
        Self::new(StatusCode::TOO_MANY_REQUESTS, QUOTA, code, message).retry(Retry::Never)
    }

    /// A call that is not admitted.
    pub fn denied(denial: &Denial, model: &Model, pages: Pages<'_>) -> Self {
        Self::not_in_force(denial, pages).unwrap_or_else(|| Self::not_for(denial, model, pages))
    }

    /// A key that may not be used, or a grant that cannot pay, whatever is called.
    pub fn not_in_force(denial: &Denial, pages: Pages<'_>) -> Option<Self> {
        Some(match denial {
            Denial::KeyRevoked(_) | Denial::KeyExpired(_) => Self::stopped_key(),
            Denial::NotDelivered { from } => Self::not_delivered(*from, pages),
            Denial::StudyNotBegun { from } => Self::study_not_begun(*from, pages),
            Denial::StudyEnded(at) => Self::study_ended(*at, pages),
            Denial::GrantExpired(at) => Self::grant_expired(*at, pages),
            Denial::GrantVoided(at) => Self::grant_voided(*at, pages),
            Denial::GrantStopped(at) => Self::grant_stopped(*at, pages),
            Denial::ProgramStopped(at) => Self::program_stopped(*at, pages),
            Denial::ModelLimited(_)
            | Denial::Unpriced(_)
            | Denial::WrongEndpoint { .. }
            | Denial::OutOfScope { .. } => {
                return None;
            }
        })
    }

    /// A model that is not for this call.
    fn not_for(denial: &Denial, model: &Model, pages: Pages<'_>) -> Self {
        match denial {
            Denial::KeyRevoked(_)
            | Denial::KeyExpired(_)
            | Denial::StudyNotBegun { .. }
            | Denial::StudyEnded(_)
            | Denial::NotDelivered { .. }
            | Denial::GrantExpired(_)
            | Denial::GrantVoided(_)
            | Denial::GrantStopped(_)
            | Denial::ProgramStopped(_) => Self::bug(),
            Denial::ModelLimited(model) => {
                let message = format!(
                    "The model `{model}` does not exist or you do not have access to it: it is \
                     limited access, and needs a further approval. Ask for it at {}; \
                     `GET /v1/models` lists the models that you can call now.",
                    pages.model(model)
                );
                Self::model_not_found(message)
            }
            Denial::OutOfScope { of, model, endpoint } => {
                let whose = match of {
                    Cap::Key(_) => "This key",
                    Cap::Study(_) => "This key's study",
                };
                Self::model_not_found(format!(
                    "{whose} is not for the model `{model}` at `/v1{}`. `GET /v1/models` lists the \
                     models that it is for; {} makes keys that are for others.",
                    endpoint.path(),
                    pages.grant()
                ))
            }
            Denial::Unpriced(model) => Self::model_not_found(format!(
                "The model `{model}` has no price here, so no call can be paid. Use one that \
                 `GET /v1/models` lists."
            )),
            Denial::WrongEndpoint { model: name, endpoint } => {
                let path = endpoint.path();
                Self::model_not_found(format!(
                    "The model `{name}` does not answer at `/v1{path}`.{}",
                    successor(model)
                ))
            }
        }
    }

    pub(crate) fn not_delivered(from: Timestamp, pages: Pages<'_>) -> Self {
        Self::quota(
            "credit_balance_exhausted",
            &format!(
                "The grant's credit has not been delivered; it is announced from {from} on. {} \
                 shows when it is there.",
                pages.grant()
            ),
        )
    }

    pub(crate) fn grant_expired(at: Timestamp, pages: Pages<'_>) -> Self {
        Self::quota(
            "credit_balance_exhausted",
            &format!(
                "The grant's credit expired at {at}, and expiry is final. Apply for a new grant \
                 at {}.",
                pages.program()
            ),
        )
    }

    fn study_not_begun(from: Timestamp, pages: Pages<'_>) -> Self {
        Self::quota(
            "project_not_active",
            &format!(
                "This key belongs to a study that begins at {from}. {} shows its dates, and \
                 changes them.",
                pages.grant()
            ),
        )
    }

    fn study_ended(at: Timestamp, pages: Pages<'_>) -> Self {
        Self::quota(
            "project_not_active",
            &format!(
                "This key belongs to a study that ended at {at}. {} makes keys for another.",
                pages.grant()
            ),
        )
    }

    fn grant_voided(at: Timestamp, pages: Pages<'_>) -> Self {
        Self::quota(
            "credit_balance_exhausted",
            &format!(
                "The grant was voided at {at}: its program took back what was left of it, and its \
                 holder has a letter that says why. {} shows what was spent.",
                pages.grant()
            ),
        )
    }

    fn grant_stopped(at: Timestamp, pages: Pages<'_>) -> Self {
        Self::quota(
            "grant_stopped",
            &format!(
                "The calls of this grant were stopped at {at} by an officer of its program; its \
                 credit is untouched. {} says why: ask the program's officers to start it again.",
                pages.grant()
            ),
        )
    }

    fn program_stopped(at: Timestamp, pages: Pages<'_>) -> Self {
        Self::quota(
            "program_stopped",
            &format!(
                "The calls of all grants of the program `{}` were stopped at {at} by its officers; \
                 the grant's credit is untouched. {} says why: ask them when it starts again.",
                pages.caller.program().id,
                pages.grant()
            ),
        )
    }

    /// A model that this caller cannot call.
    pub fn model_not_found(message: String) -> Self {
        Self::new(StatusCode::NOT_FOUND, INVALID, "model_not_found", message).about("model")
    }

    /// A call for which no price reaches, so that no hold could cover it.
    pub fn unpriceable() -> Self {
        let message = "No price reaches this call at the service tier that it asks for, so it \
                       cannot be paid. Ask for the default tier, or shorten the input.";
        Self::new(StatusCode::BAD_REQUEST, INVALID, "unsupported_value", message)
    }

    /// A model that the catalog does not have.
    pub fn unknown_model(name: &str) -> Self {
        let name: String = name.chars().take(128).collect();
        Self::model_not_found(format!(
            "The model `{name}` does not exist or you do not have access to it. `GET /v1/models` \
             lists the models that you can call."
        ))
    }
}

/// What to use in a model's place, as a sentence after a space.
pub(crate) fn successor(model: &Model) -> String {
    match &model.successor {
        Some(successor) => format!(" The provider names `{successor}` in its place."),
        None => " `GET /v1/models` lists the models that you can call.".to_owned(),
    }
}
