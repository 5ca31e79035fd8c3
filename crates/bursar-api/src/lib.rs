//! The JSON door at `/api`, and its `OpenAPI` document.
//! Never decides, and never knows who may: it reads a request, asks the service, writes an answer.
//! All that it keeps itself is who is at a request under an `Idempotency-Key`, and its answer.
//!
//! Everything here takes the administrator's token. What needs a person's own name (applying,
//! reviewing, deciding, accepting an award) is for the pages: a token is nobody.

mod auth;
mod extract;
mod moments;
mod once;
mod openapi;
mod problem;
mod routes;

use std::sync::Arc;

use axum::Router;
use bursar_service::Service;
use bursar_service::clock::TurnableClock;

/// What travels, re-exported for whoever reads the door.
pub use bursar_api_types as types;
pub use openapi::openapi;

/// What the door is made of.
pub struct Config {
    /// The use cases.
    pub service: Arc<Service>,
    /// The blake3 hash of the administrator's token.
    pub operator_token_hash: [u8; 32],
    /// The clock that can be turned: on the demonstration only.
    pub clock: Option<Arc<TurnableClock>>,
}

/// The door: its routes begin with `/api`.
///
/// Whatever is asked below `/api` is answered in JSON, so that it can be merged with pages that
/// answer everything else. A service has one.
pub fn router(config: Config) -> Router {
    routes::router(Arc::new(config))
}
