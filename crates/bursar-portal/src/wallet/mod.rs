//! The grant: its balance and expiry, its keys, its calls.

mod arithmetic;
mod calls;
mod card;
mod grant;
mod keys;
mod models;
mod next;
mod statement;
mod taking_back;

use axum::Router;
use axum::routing::{get, post};
use bursar_service::GrantPage;
use bursar_ui::routes;

use crate::pages::wallet::GrantRow;
use crate::shown;
use crate::stops;
use bursar_web::Site;

pub(crate) use grant::shared_rows;

pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route(routes::GRANTS, get(grant::list))
        .route("/grants/{grant}", get(grant::show))
        .route(routes::NEXT, get(next::lead))
        .route("/grants/{grant}/next", get(next::show))
        .route("/grants/{grant}/use", get(grant::how_to_use))
        .route("/grants/{grant}/keys", post(keys::make).get(keys::back_to_grant))
        .route("/grants/{grant}/keys/{key}/cap", get(keys::ask_cap).post(keys::cap))
        .route("/grants/{grant}/keys/{key}/revoke", get(keys::ask_revoke).post(keys::revoke))
        .route("/grants/{grant}/take-back", get(taking_back::ask).post(taking_back::take))
        .route(
            "/grants/{grant}/take-back/check",
            post(taking_back::check).get(taking_back::back_to_form),
        )
        .route("/grants/{grant}/stop", get(stops::ask_grant).post(stops::turn_grant))
        .route("/grants/{grant}/statement.csv", get(statement::csv))
        .route("/grants/{grant}/models", get(models::list))
        .route("/grants/{grant}/models/{model}", get(models::show).post(models::ask))
        .route("/grants/{grant}/models/{model}/withdraw", post(models::withdraw))
        .route("/grants/{grant}/card", post(card::start).get(keys::back_to_grant))
        .route("/grants/{grant}/card/{check}", get(card::show))
        .route("/grants/{grant}/card/{check}/return", get(card::come_back))
        .route("/grants/{grant}/calls", get(calls::list))
        .route("/grants/{grant}/calls/{call}", get(calls::show))
}

/// Grants as rows of a list, with their holders where the list is not one's own.
pub(crate) fn grant_rows(grants: &[GrantPage], with_holder: bool) -> Vec<GrantRow> {
    let row = |page: &GrantPage| GrantRow {
        id: page.grant.id,
        title: page.grant.title.clone(),
        holder: with_holder.then(|| bursar_web::name_of(&page.holder)),
        status: shown::grant_state(page),
        face: page.grant.amount,
        left: page.available,
        expires_at: page.grant.expires_at,
    };
    grants.iter().map(row).collect()
}
