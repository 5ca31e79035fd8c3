//! Sign in by a mailed link, sign out, and how somebody is called.

use axum::Router;
use axum::routing::{get, post};
use bursar_kernel::Role;
use bursar_kernel::limits::SIGN_IN_LINK_LIFE;
use bursar_policy::Viewer;
use bursar_service::{Arrival, ServiceError, SignedIn};
use bursar_store::rows::Person;
use bursar_ui::{Input, routes};
use serde::Deserialize;

use crate::pages::sign_in::{Account, CheckMail, ConfirmSignIn, LinkExpired, SignIn};
use crate::{identities, passkeys};
use bursar_web::{Answer, Asked, At, Cookie, Done, OrPage, Posted, Site, Visit};

/// Characters of a path to come back to.
const NEXT_CHARACTERS_MAX: usize = 2_000;

pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route(routes::SIGN_IN, get(ask).post(send))
        .route(routes::SIGN_IN_CONFIRM, post(confirm))
        .route("/sign-in/{token}", get(arrive))
        .route(routes::SIGN_OUT, post(sign_out))
        .route(routes::ACCOUNT, get(account).post(rename))
        .route(routes::REMINDERS, post(choose_reminders))
}

#[derive(Default, Deserialize)]
struct Next {
    next: Option<String>,
}

async fn ask(visit: Visit, Asked(asked): Asked<Next>) -> Answer {
    let next = asked.next.filter(|next| is_local(next));
    ask_again(&visit, Input::default(), next)
}

/// The page that asks who it is, once more after what did not work.
pub(crate) fn ask_again(visit: &Visit, input: Input, next: Option<String>) -> Answer {
    let providers = identities::providers(visit);
    visit.page(&SignIn { input, next, providers, passkeys: passkeys::are_possible(visit) })
}

async fn send(mut form: Posted) -> Answer {
    let email = form.field("email").trim().to_owned();
    let next = Some(form.field("next").to_owned()).filter(|next| is_local(next));
    if let Err(error) = form.visit.service().request_sign_in(&email).await {
        let errors = form.visit.again(error)?;
        return ask_again(&form.visit, form.input(errors), next);
    }
    form.visit.keep(Cookie::Next, next.as_deref().unwrap_or_default());
    form.visit.page(&CheckMail { email, minutes: minutes() })
}

/// Opening a link signs nobody in, since mail scanners open links too.
async fn arrive(visit: Visit, At(token): At<String>) -> Answer {
    match visit.service().look_at_sign_in(&token).await.or_page(&visit)? {
        Arrival::Ready { email } => visit.page(&ConfirmSignIn { email, token }),
        Arrival::Dead => visit.page(&LinkExpired { minutes: minutes() }),
    }
}

async fn confirm(form: Posted) -> Answer {
    let signed_in = match form.visit.service().sign_in(form.field("token")).await {
        Ok(signed_in) => signed_in,
        Err(ServiceError::Refused(_) | ServiceError::Conflict(_)) => {
            return form.visit.page(&LinkExpired { minutes: minutes() });
        }
        Err(error) => return Err(form.visit.trouble(error)),
    };
    let next = form.visit.next();
    is_signed_in(form.visit, &signed_in, next)
}

/// On to where somebody was going, signed in.
pub(crate) fn is_signed_in(mut visit: Visit, signed_in: &SignedIn, next: Option<String>) -> Answer {
    let next = next.filter(|next| is_local(next));
    let path = next.unwrap_or_else(|| start_of(&signed_in.person).to_owned());
    visit.keep(Cookie::Session, signed_in.cookie.reveal());
    visit.keep(Cookie::Next, "");
    visit.go(&path)
}

async fn sign_out(form: Posted) -> Answer {
    let mut visit = form.visit;
    if let Some(cookie) = visit.session() {
        visit.service().sign_out(cookie).await.or_page(&visit)?;
    }
    visit.keep(Cookie::Session, "");
    visit.done(routes::HOME, Done::SignedOut)
}

async fn account(visit: Visit) -> Answer {
    show_account(&visit, None).await
}

async fn rename(mut form: Posted) -> Answer {
    match form.visit.service().rename(&form.visit.viewer, form.field("name")).await {
        Ok(()) => form.visit.done(routes::ACCOUNT, Done::Named),
        Err(error) => {
            let errors = form.visit.again(error)?;
            show_account(&form.visit, Some(form.input(errors))).await
        }
    }
}

async fn choose_reminders(form: Posted) -> Answer {
    let wanted = form.field("reminders") == "yes";
    let (service, viewer) = (form.visit.service(), &form.visit.viewer);
    bursar_operator::choose_reminders(service, viewer, wanted).await.or_page(&form.visit)?;
    let visit = form.visit;
    visit.done(routes::ACCOUNT, Done::RemindersChosen)
}

pub(crate) async fn show_account(visit: &Visit, input: Option<Input>) -> Answer {
    let Some(person) = &visit.person else {
        return Err(visit.trouble(ServiceError::SignInFirst));
    };
    let mut input = input.unwrap_or_default();
    input.values.entry("name".to_owned()).or_insert_with(|| person.name.clone());
    let (card, _) = visit.service().cards_of(&visit.viewer, person.id).await.or_page(visit)?;
    let card = card.map(|card| (bursar_shown::shown::card(&card.face), card.verified_at));
    let service = visit.service();
    let known = bursar_operator::address_of(service, &visit.viewer, &person.email).await;
    let known = known.or_page(visit)?;
    let reminders = known.as_ref().is_none_or(|known| known.reminders);
    let bounced = known.and_then(|known| known.bounced).map(|bounce| (bounce.at, bounce.why));
    let (ways, more_ways) = identities::ways(visit).await?;
    let sessions = identities::sessions(visit).await?;
    let email = person.email.clone();
    let passkeys = passkeys::passkeys(visit).await?;
    let page =
        Account { email, input, reminders, bounced, ways, more_ways, passkeys, sessions, card };
    visit.page(&page)
}

/// The page that somebody begins with.
fn start_of(person: &Person) -> &'static str {
    let viewer = Viewer::Person { id: person.id, roles: person.roles.clone() };
    let roles = [Role::Operator, Role::Officer, Role::Reviewer];
    start_page(roles.into_iter().find(|role| viewer.is(*role)).unwrap_or(Role::Researcher))
}

/// The page that a role begins with.
pub const fn start_page(role: Role) -> &'static str {
    match role {
        Role::Researcher => routes::APPLICATIONS,
        Role::Reviewer => routes::REVIEWS,
        Role::Officer => routes::DECIDE,
        Role::Operator => routes::AUDIT,
    }
}

fn minutes() -> i64 {
    SIGN_IN_LINK_LIFE.as_mins()
}

/// Whether an address is a path of this site, however a browser reads it.
pub fn is_local(next: &str) -> bool {
    let plain = |c: char| c.is_ascii_graphic() && c != '\\' && c != ';';
    next.starts_with('/')
        && !next.starts_with("//")
        && next.len() <= NEXT_CHARACTERS_MAX
        && next.chars().all(plain)
}

#[cfg(test)]
mod tests {
    //! Nobody is led off this site.

    use super::*;

    #[test]
    fn only_paths_of_this_site_are_come_back_to() {
        for next in ["/", "/applications?page=2", "/programs/a#b"] {
            assert!(is_local(next), "{next}");
        }
        for next in ["", "//evil.example", "/\\evil.example", "https://evil.example", "/a\nb"] {
            assert!(!is_local(next), "{next}");
        }
        assert!(!is_local(&format!("/{}", "a".repeat(NEXT_CHARACTERS_MAX))));
    }
}
