//! What is somebody's own: given to them, and erased for them.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse as _;
use axum::routing::{get, post};
use bursar_personal::{
    Confirming, GRACE, LeftBehind, Obstacle, ask_to_be_forgotten, cancel_erasure, confirm_erasure,
    export, forgetting, look_at_erasure,
};
use bursar_service::ServiceError;
use bursar_store::rows::ErasureState;
use bursar_ui::{Input, routes};
use futures_util::stream;
use tracing::error;

use crate::pages::sign_in::{
    ConfirmErasure, CreditLeft, EraseAccount, ErasureLinkExpired, ErasureSet, Standing,
};
use bursar_web::{Answer, At, Done, OrPage, Posted, Site, Visit, invalid};

pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route(routes::EXPORT, get(download))
        .route(routes::ERASE, get(look).post(ask))
        .route(routes::ERASE_CANCEL, post(keep))
        .route("/erasure/{token}", get(arrive))
        .route(routes::ERASURE, post(confirm))
}

/// Written while it is read: as much of it is in memory as one page of calls takes.
async fn download(visit: Visit) -> Answer {
    let Some(person) = &visit.person else {
        return Err(visit.trouble(ServiceError::SignInFirst));
    };
    let service = Arc::clone(&visit.site().service);
    let everything = export(&service, &visit.viewer, person.id).await.or_page(&visit)?;
    let pieces = stream::try_unfold(everything, |mut everything| async move {
        let piece = everything.next().await;
        let piece = piece.inspect_err(|error| error!(error = %error, "an export broke off"))?;
        Ok::<_, ServiceError>(piece.map(|piece| (piece, everything)))
    });
    let name = format!("attachment; filename=\"bursar-{}.zip\"", person.id);
    let headers = [(CONTENT_TYPE, "application/zip".to_owned()), (CONTENT_DISPOSITION, name)];
    Ok((headers, Body::from_stream(pieces)).into_response())
}

async fn look(visit: Visit) -> Answer {
    show(&visit, Input::default()).await
}

async fn show(visit: &Visit, mut input: Input) -> Answer {
    let found = forgetting(visit.service(), &visit.viewer).await.or_page(visit)?;
    let Some(person) = &visit.person else {
        return Err(visit.trouble(ServiceError::SignInFirst));
    };
    input.values.entry("credit".to_owned()).or_insert_with(|| "return".to_owned());
    let standing = found.standing.and_then(|standing| match standing.state {
        ErasureState::Asked if visit.service().now() < standing.due_at => {
            Some(Standing::Asked(standing.due_at))
        }
        ErasureState::Confirmed => Some(Standing::Confirmed(standing.due_at)),
        ErasureState::Asked
        | ErasureState::Cancelled
        | ErasureState::Parting
        | ErasureState::Done => None,
    });
    visit.page(&EraseAccount {
        input,
        email: person.email.clone(),
        obstacles: found.obstacles.into_iter().map(in_words).collect(),
        credit: found.credit.into_iter().map(credit).collect(),
        standing,
        days: GRACE.as_hours() / 24,
    })
}

fn credit(left: LeftBehind) -> CreditLeft {
    CreditLeft {
        href: routes::grant(left.grant),
        title: left.title,
        amount: left.amount,
        may_return: left.may_return,
    }
}

/// What is open, and where it is ended.
fn in_words(obstacle: Obstacle) -> (String, Option<(String, String)>) {
    let place = |href: &str, label: &str| Some((href.to_owned(), label.to_owned()));
    let some = |count: usize, one: &str, several: &str| {
        if count == 1 { one.to_owned() } else { format!("{count} {several}") }
    };
    match obstacle {
        Obstacle::Roles => {
            let text = "You review, decide or run this installation. Hand that over, and have \
                        whoever runs it take the role from you.";
            (text.to_owned(), None)
        }
        Obstacle::Applications(count) => {
            let text = some(
                count,
                "An application is with its program, or waits for your answer to an award.",
                "applications are with their programs, or wait for your answer to an award.",
            );
            (text, place(routes::APPLICATIONS, "Withdraw it, or answer"))
        }
        Obstacle::Awaited(count) => {
            let one = "An award that you accepted has not arrived yet.";
            let text = some(count, one, "awards that you accepted have not arrived yet.");
            (text, place(routes::GRANTS, "See when it does"))
        }
        Obstacle::Listings(count) => {
            let one = "Credit of yours is on the market.";
            let text = some(count, one, "listings of yours are on the market.");
            (text, place(routes::MY_MARKET, "Withdraw it"))
        }
        Obstacle::Earned(amount) => {
            let text = format!("You have earned ${amount} on the market, and were not paid yet.");
            (text, place(routes::MY_MARKET, "Your market"))
        }
        Obstacle::PaidIn(amount) => {
            let text = format!(
                "You have paid in ${amount} that is not spent: spend it, or ask \
                                an officer to pay it back."
            );
            (text, place(routes::MY_MARKET, "Your market"))
        }
        Obstacle::CardCheck => ("A check of your card is going on.".to_owned(), None),
    }
}

async fn ask(mut form: Posted) -> Answer {
    let choice = form.field("credit").to_owned();
    let visit = &form.visit;
    let asked = match choice.as_str() {
        "return" | "leave" | "" => {
            ask_to_be_forgotten(visit.service(), &visit.viewer, choice != "leave").await
        }
        _ => Err(invalid("credit", "Select what becomes of your credit")),
    };
    match asked {
        Ok(()) => form.visit.done(routes::ERASE, Done::ErasureAsked),
        Err(error) => {
            let errors = form.visit.again(error)?;
            show(&form.visit, form.input(errors)).await
        }
    }
}

async fn keep(form: Posted) -> Answer {
    cancel_erasure(form.visit.service(), &form.visit.viewer).await.or_page(&form.visit)?;
    form.visit.done(routes::ERASE, Done::ErasureCancelled)
}

/// Opening a link erases nothing, since mail scanners open links too.
async fn arrive(visit: Visit, At(token): At<String>) -> Answer {
    match look_at_erasure(visit.service(), &token).await.or_page(&visit)? {
        Confirming::Ready { email, day } => visit.page(&ConfirmErasure { email, day, token }),
        Confirming::Dead => visit.page(&ErasureLinkExpired),
    }
}

async fn confirm(form: Posted) -> Answer {
    let token = form.field("token");
    if let Confirming::Dead =
        look_at_erasure(form.visit.service(), token).await.or_page(&form.visit)?
    {
        return form.visit.page(&ErasureLinkExpired);
    }
    let day = confirm_erasure(form.visit.service(), token).await.or_page(&form.visit)?;
    form.visit.page(&ErasureSet { day })
}
