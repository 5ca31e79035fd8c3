//! Passkeys: asked for and answered by the pages' script, shown and removed without it.

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse as _;
use axum::routing::{get, post};
use bursar_passkey::Answer as Told;
use bursar_service::ServiceError;
use bursar_sign_in::{
    add_passkey, party, passkey_options, remove_passkey, sign_in_with_passkey,
    sign_in_with_passkey_options,
};
use bursar_ui::{Input, routes};

use crate::pages::sign_in::{PasskeyRow, Passkeys};
use crate::sign_in::{ask_again, is_local, is_signed_in, show_account};
use bursar_web::{Answer, Done, OrPage, Posted, Site, Trouble, Visit};

pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route(routes::SIGN_IN_PASSKEY, post(sign_in))
        .route(routes::SIGN_IN_PASSKEY_OPTIONS, get(to_sign_in))
        .route(routes::PASSKEYS, post(add))
        .route(routes::PASSKEY_OPTIONS, get(to_add))
        .route(routes::REMOVE_PASSKEY, post(remove))
}

/// What the script asks an authenticator with. Nothing is written: the question is made of what
/// this browser keeps, and is good for nobody else.
async fn to_sign_in(visit: Visit) -> Answer {
    let options = sign_in_with_passkey_options(visit.service(), visit.secret()).or_page(&visit)?;
    Ok(said(&visit, &options))
}

async fn to_add(visit: Visit) -> Answer {
    let options = passkey_options(visit.service(), &visit.viewer, visit.secret()).await;
    let options = options.or_page(&visit)?;
    Ok(said(&visit, &options))
}

fn said(visit: &Visit, options: &serde_json::Value) -> axum::response::Response {
    let kind = [(header::CONTENT_TYPE, "application/json")];
    visit.with_cookies((kind, options.to_string()).into_response())
}

fn told(form: &Posted) -> Told {
    let field = |name| form.field(name).to_owned();
    Told {
        id: field("id"),
        client_data: field("client_data"),
        authenticator: field("authenticator"),
        signature: field("signature"),
        user: field("user"),
    }
}

async fn sign_in(mut form: Posted) -> Answer {
    let next = Some(form.field("next").to_owned()).filter(|next| is_local(next));
    let visit = &form.visit;
    let signed_in = sign_in_with_passkey(visit.service(), visit.secret(), &told(&form)).await;
    match signed_in {
        Ok(signed_in) => is_signed_in(form.visit, &signed_in, next),
        Err(error) => {
            let errors = form.visit.again(once(error))?;
            ask_again(&form.visit, Input { errors, ..Input::default() }, next)
        }
    }
}

async fn add(mut form: Posted) -> Answer {
    let (visit, name) = (&form.visit, form.field("passkey"));
    let (service, viewer, secret) = (visit.service(), &visit.viewer, visit.secret());
    match add_passkey(service, viewer, secret, name, &told(&form)).await {
        Ok(()) => form.visit.done(routes::ACCOUNT, Done::PasskeyAdded),
        Err(error) => {
            let errors = form.visit.again(once(error))?;
            show_account(&form.visit, Some(form.input(errors))).await
        }
    }
}

/// What was answered before is not looked at again: somebody pressed twice, or repeats it.
fn once(error: ServiceError) -> ServiceError {
    if matches!(error, ServiceError::Conflict(_)) {
        let text = "use this answer of your passkey twice\nhint: try once more";
        return ServiceError::Refused(text.to_owned());
    }
    error
}

async fn remove(form: Posted) -> Answer {
    let removed = remove_passkey(form.visit.service(), &form.visit.viewer, form.field("id")).await;
    removed.or_page(&form.visit)?;
    form.visit.done(routes::ACCOUNT, Done::PasskeyRemoved)
}

/// Whether this site can have passkeys at all.
pub(crate) fn are_possible(visit: &Visit) -> bool {
    party(visit.service()).is_ok()
}

/// The passkeys of an account.
pub(crate) async fn passkeys(visit: &Visit) -> Result<Passkeys, Trouble> {
    let found = bursar_sign_in::passkeys(visit.service(), &visit.viewer).await.or_page(visit)?;
    let row = |it: bursar_store::rows::Passkey| PasskeyRow {
        id: it.id,
        name: it.name,
        since: it.created_at,
        last_used: it.last_used_at,
        can_be_copied: it.can_be_copied,
    };
    let rows = found.into_iter().map(row).collect();
    Ok(Passkeys { rows, are_possible: are_possible(visit) })
}
