//! The handlers of accounts: signing in, ways to sign in, and what is somebody's own.
//! Never decides who may see what: the service does.

mod identities;
mod passkeys;
mod personal;
mod sign_in;

use axum::Router;

use bursar_pages as pages;
use bursar_web::Site;

pub use sign_in::{is_local, start_page};

/// The pages of accounts.
pub fn routes() -> Router<Site> {
    Router::new()
        .merge(sign_in::routes())
        .merge(identities::routes())
        .merge(passkeys::routes())
        .merge(personal::routes())
}
