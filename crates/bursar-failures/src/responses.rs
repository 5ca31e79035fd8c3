//! Stored responses that are not found, or not to be had.

use bursar_kernel::Model;
use bursar_kernel::limits::OPEN_RESPONSES_PER_GRANT_MAX;
use http::{Method, StatusCode};

use super::belongings::NAME_CHARACTERS_MAX;
use super::{Failure, INVALID, Retry, SERVER};

impl Failure {
    /// A response that this grant does not have, whoever else may: in the provider's words.
    pub fn no_response(name: &str) -> Self {
        let name: String = name.chars().take(NAME_CHARACTERS_MAX).collect();
        let message = format!("Response with id '{name}' not found.");
        Self::new(StatusCode::NOT_FOUND, INVALID, "", message).without_code()
    }

    /// The same where a call would go on from it.
    pub fn no_previous_response(name: &str) -> Self {
        let name: String = name.chars().take(NAME_CHARACTERS_MAX).collect();
        let message = format!(
            "Previous response with id '{name}' not found. This gateway has responses stored where \
             that is asked for: send `\"store\": true` with the first of a conversation."
        );
        Self::new(StatusCode::BAD_REQUEST, INVALID, "previous_response_not_found", message)
            .about("previous_response_id")
    }

    /// No upstream of the caller's program keeps responses of a model.
    pub fn nobody_stores(model: &Model) -> Self {
        let message = format!(
            "Responses of the model `{}` are not stored by the provider of this grant's program, \
             nor made in the background. Leave `store` and `background` out, and send the earlier \
             items of a conversation in `input`.",
            model.id
        );
        Self::new(StatusCode::NOT_FOUND, INVALID, "responses_not_stored", message)
    }

    /// More responses in the background than a grant can have.
    pub fn many_responses() -> Self {
        let message = format!(
            "The grant has {OPEN_RESPONSES_PER_GRANT_MAX} responses in the background that have \
             not ended, the most that it can have. Wait until one has ended, or cancel one."
        );
        Self::new(StatusCode::TOO_MANY_REQUESTS, "requests", "rate_limit_exceeded", message)
            .retry(Retry::After(10))
    }

    /// A response that was sent, and nobody knows whether it was taken.
    pub fn response_lost() -> Self {
        let message = "The provider broke off before it said whether it took the response. What \
                       was set aside for it stays set aside until an operator settles it.";
        Self::new(StatusCode::BAD_GATEWAY, SERVER, "upstream_failed", message).retry(Retry::Never)
    }

    /// Only what goes on in the background can be cancelled: in the provider's words.
    pub fn not_in_the_background() -> Self {
        let message = "Cannot cancel a synchronous response.";
        Self::new(StatusCode::BAD_REQUEST, INVALID, "", message).without_code()
    }

    /// A response cannot be deleted before it was charged by what it says.
    pub fn response_in_use() -> Self {
        let message = "The response has not ended, or has just ended and is being charged by what \
                       it says. Cancel it, or try again in a minute.";
        Self::new(StatusCode::CONFLICT, INVALID, "response_in_use", message).retry(Retry::After(60))
    }

    /// A stream that was cut off, of a response that goes on.
    pub fn stream_cut() -> Self {
        let message = "The stream broke off; the response goes on in the background. Get it with \
                       `GET /v1/responses/{id}`, or read on with `stream=true` and \
                       `starting_after`, the number of the last event that you have.";
        Self::new(StatusCode::BAD_GATEWAY, SERVER, "upstream_broke_off", message)
            .retry(Retry::Never)
    }

    /// Something of the provider's that is not offered here, and why.
    pub fn not_offered(method: &Method, path: &str, why: &str) -> Self {
        let path: String = path.chars().take(200).collect();
        let message = format!("{method} {path} is not offered through this gateway: {why}");
        Self::new(StatusCode::NOT_FOUND, INVALID, "not_offered", message)
    }
}
