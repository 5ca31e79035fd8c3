//! The handlers of what shows an affiliation: institutions, evidence, and asking a person.
//! Never decides who may see what: the service does.

mod appeals;
mod ask;
mod evidence;
mod institutions;
mod officer;
mod said;
mod sponsor;

use axum::Router;
use axum::routing::{get, post};
use bursar_ui::routes;
use bursar_web::Site;

pub use appeals::waiting;
pub use ask::{CheckedAddress, ask_at, check_address};
pub use evidence::{of_applicant, task};
pub use institutions::{find, pick};
pub use officer::finding;

/// The pages of evidence.
pub fn routes() -> Router<Site> {
    Router::new()
        .route(routes::INSTITUTIONS, get(institutions::complete))
        .route("/applications/{id}/evidence", get(evidence::show))
        .route("/applications/{id}/evidence/sponsor", post(evidence::sponsor).get(evidence::back))
        .route("/applications/{id}/evidence/document", post(evidence::document).get(evidence::back))
        .route("/applications/{id}/evidence/{claim}/take-back", post(evidence::take_back))
        .route("/applications/{id}/evidence/{claim}/document", get(evidence::download))
        .route("/sponsor/{secret}", get(sponsor::show).post(sponsor::answer))
        .route("/decide/applications/{id}/evidence", get(officer::show).post(officer::vouch))
        .route("/decide/applications/{id}/evidence/{claim}/answer", post(officer::answer))
        .route("/programs/{program}/ask", get(ask::show).post(ask::ask))
        .route("/asked/{secret}", get(ask::asked).post(ask::act))
        .route(routes::APPEALS, get(appeals::list))
        .route("/decide/asked/{id}", get(appeals::show).post(appeals::answer))
}
