//! Signing in with a provider, and what an account shows of its ways in.

use axum::Router;
use axum::routing::{get, post};
use bursar_identity::{Attempt, Identity, Provider, SignInFailed};
use bursar_kernel::SessionId;
use bursar_policy::Viewer;
use bursar_service::ServiceError;
use bursar_sign_in::{Arrived, arrive, end_session, identities, unlink};
use bursar_ui::routes;
use serde::Deserialize;

use crate::pages::sign_in::{NotSignedIn, SessionRow, Way};
use crate::sign_in::{is_local, is_signed_in};
use bursar_web::{
    Answer, Asked, At, Cookie, Done, OrPage, Posted, Site, Trouble, Visit, capitalised,
};

/// What the cookie of an attempt begins with: to sign in, or to link a way in.
const TO_SIGN_IN: char = 's';
const TO_LINK: char = 'l';

pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route("/sign-in/with/{provider}", get(start))
        .route("/sign-in/with/{provider}/back", get(back))
        .route(routes::REMOVE_WAY, post(remove))
        .route("/account/sessions/{session}/end", post(end))
}

#[derive(Default, Deserialize)]
struct Start {
    next: Option<String>,
    /// The token of the account's page: nobody else can have a way in linked.
    link: Option<String>,
}

/// Leads to the provider. Nothing is written: what the browser keeps ties the answer to it.
async fn start(mut visit: Visit, At(name): At<String>, Asked(asked): Asked<Start>) -> Answer {
    let purpose = match (&asked.link, visit.person.is_some()) {
        (Some(token), true) if visit.is_token(token) => TO_LINK,
        (None, false) => TO_SIGN_IN,
        (Some(_), _) | (None, true) => return visit.go(routes::ACCOUNT),
    };
    let attempt = Attempt::draw();
    let Some(provider) = find(&visit, &name) else { return Err(visit.not_found()) };
    let url = provider.ask(&attempt, &back_to(&visit, &name)).await;
    match url {
        Ok(url) => {
            visit.keep(Cookie::Attempt, &format!("{purpose}{}", attempt.cookie()));
            if let Some(next) = asked.next.filter(|next| is_local(next)) {
                visit.keep(Cookie::Next, &next);
            }
            visit.go(&url)
        }
        Err(why) => not_signed_in(&visit, provider, &why),
    }
}

#[derive(Default, Deserialize)]
struct Back {
    code: Option<String>,
    state: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

/// Somebody comes back. What the address carries works once, in the browser that asked.
async fn back(mut visit: Visit, At(name): At<String>, Asked(told): Asked<Back>) -> Answer {
    let kept = visit.attempt().map(str::to_owned);
    visit.keep(Cookie::Attempt, "");
    let Some(provider) = find(&visit, &name) else { return Err(visit.not_found()) };
    let now = visit.service().now();
    let (purpose, identity) = match came_back(&visit, provider, kept, told, now).await {
        Ok(found) => found,
        Err(why) => return not_signed_in(&visit, provider, &why),
    };
    let viewer = match (purpose, &visit.viewer) {
        (TO_LINK, viewer @ Viewer::Person { .. }) => viewer.clone(),
        // They were signed out meanwhile.
        (TO_LINK, _) => return Err(visit.trouble(ServiceError::SignInFirst)),
        _ => Viewer::Nobody,
    };
    match arrive(visit.service(), provider, identity, &viewer).await.or_page(&visit)? {
        Arrived::SignedIn(signed_in) => {
            let next = visit.next();
            is_signed_in(visit, &signed_in, next)
        }
        Arrived::Linked => visit.done(routes::ACCOUNT, Done::WayLinked),
        Arrived::Unknown => {
            let label = provider.label().to_owned();
            let why = format!("Nobody has an account here that {label} is a way into.");
            let again = routes::sign_in_with(provider.name());
            visit.page(&NotSignedIn { label, why, is_unknown: true, again })
        }
    }
}

/// Who came back, and what for.
async fn came_back(
    visit: &Visit,
    provider: &Provider,
    kept: Option<String>,
    told: Back,
    now: bursar_kernel::Timestamp,
) -> Result<(char, Identity), SignInFailed> {
    let kept = kept.unwrap_or_default();
    let purpose = kept.chars().next().filter(|it| matches!(*it, TO_SIGN_IN | TO_LINK));
    let attempt = kept.get(1..).and_then(Attempt::from_cookie);
    let (Some(purpose), Some(attempt)) = (purpose, attempt) else {
        return Err(SignInFailed::NotAsked);
    };
    let state = told.state.unwrap_or_default();
    if !attempt.is_state(provider.name(), &state) || !provider.is_issuer(told.iss.as_deref()) {
        return Err(SignInFailed::NotAsked);
    }
    let code = told.code.filter(|_| told.error.is_none()).ok_or(SignInFailed::Declined)?;
    let back = back_to(visit, provider.name());
    Ok((purpose, provider.finish(&attempt, &code, &back, now).await?))
}

fn not_signed_in(visit: &Visit, provider: &Provider, why: &SignInFailed) -> Answer {
    let text = why.to_string();
    let sentences: Vec<String> =
        text.lines().map(|line| line.trim_start_matches("hint: ")).map(capitalised).collect();
    let why = format!("{}.", sentences.join(". "));
    let again = match visit.person {
        Some(_) => routes::ACCOUNT.to_owned(),
        None => routes::sign_in_with(provider.name()),
    };
    let label = provider.label().to_owned();
    visit.page(&NotSignedIn { label, why, is_unknown: false, again })
}

fn find<'v>(visit: &'v Visit, name: &str) -> Option<&'v Provider> {
    visit.site().providers.iter().find(|provider| provider.name() == name)
}

/// Where a provider leads back to, to the letter as it knows it.
fn back_to(visit: &Visit, name: &str) -> String {
    format!("{}{}", visit.service().base_url(), routes::sign_in_back(name))
}

/// The providers, by name and label.
pub(crate) fn providers(visit: &Visit) -> Vec<(String, String)> {
    let both = |it: &Provider| (it.name().to_owned(), it.label().to_owned());
    visit.site().providers.iter().map(both).collect()
}

type Ways = (Vec<Way>, Vec<(String, String)>);

/// The ways into an account beside the mailed link, and those that could be added.
pub(crate) async fn ways(visit: &Visit) -> Result<Ways, Trouble> {
    let linked = identities(visit.service(), &visit.viewer).await.or_page(visit)?;
    let known = providers(visit);
    let label = |name: &String| {
        let label = known.iter().find(|(other, _)| other == name);
        label.map_or_else(|| name.clone(), |(_, label)| label.clone())
    };
    let ways = linked.iter().map(|it| Way {
        label: label(&it.provider),
        who: it.orcid.clone().or_else(|| it.email.clone()).unwrap_or_else(|| it.subject.clone()),
        key: (it.issuer.clone(), it.subject.clone()),
        at: it.at,
    });
    let token = &visit.frame().csrf;
    let more = known.iter().filter(|(name, _)| linked.iter().all(|it| it.provider != *name));
    let more = more.map(|(name, label)| {
        (label.clone(), format!("{}?link={token}", routes::sign_in_with(name)))
    });
    Ok((ways.collect(), more.collect()))
}

/// The browsers that somebody is signed in with.
pub(crate) async fn sessions(visit: &Visit) -> Result<Vec<SessionRow>, Trouble> {
    let sessions = bursar_sign_in::sessions(visit.service(), &visit.viewer).await.or_page(visit)?;
    let this = visit.session().map(bursar_service::hash_of);
    let row = |it: bursar_store::rows::Session| SessionRow {
        id: it.id,
        since: it.created_at,
        until: it.expires_at,
        is_this: this == Some(it.secret_hash),
    };
    Ok(sessions.into_iter().map(row).collect())
}

async fn remove(form: Posted) -> Answer {
    let (issuer, subject) = (form.field("issuer"), form.field("subject"));
    let removed = unlink(form.visit.service(), &form.visit.viewer, issuer, subject).await;
    removed.or_page(&form.visit)?;
    form.visit.done(routes::ACCOUNT, Done::WayRemoved)
}

async fn end(At(id): At<SessionId>, form: Posted) -> Answer {
    end_session(form.visit.service(), &form.visit.viewer, id).await.or_page(&form.visit)?;
    form.visit.done(routes::ACCOUNT, Done::SessionEnded)
}
