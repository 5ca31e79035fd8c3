//! The hosted page: a plain form that says loudly what it is. A card's number goes in and never
//! comes out again.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Path, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Form, Router};
use http::{HeaderValue, StatusCode, header};
use maud::{DOCTYPE, Markup, html};
use serde::Deserialize;

use crate::card::{CardForm, NotPaid};
use crate::double::{Double, on_to};
use crate::session::{Session, Status};

/// Bytes that the form sends at the most.
const FORM_BYTES_MAX: usize = 8 * 1024;
/// The page's style sheet.
const STYLE: &str = include_str!("page.css");

pub(crate) fn router(double: Arc<Double>) -> Router {
    Router::new()
        .route("/style.css", get(style))
        .route("/{session}", get(show).post(pay))
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .with_state(double)
}

async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)
}

/// What the form sends. It has no `Debug`: a number belongs in no log.
#[derive(Default, Deserialize)]
struct Sent {
    #[serde(default)]
    number: String,
    #[serde(default)]
    expiry: String,
    #[serde(default)]
    cvc: String,
}

async fn show(State(double): State<Arc<Double>>, Path(id): Path<String>) -> Response {
    page(&double, &id, StatusCode::OK, "", &[])
}

async fn pay(
    State(double): State<Arc<Double>>,
    Path(id): Path<String>,
    Form(sent): Form<Sent>,
) -> Response {
    let form = CardForm { number: &sent.number, expiry: &sent.expiry, cvc: &sent.cvc };
    match double.pay(&id, &form) {
        Ok(url) => Redirect::to(&url).into_response(),
        Err(NotPaid::Form(wrong)) => {
            page(&double, &id, StatusCode::UNPROCESSABLE_ENTITY, &sent.expiry, &wrong)
        }
        Err(NotPaid::Declined(decline)) => {
            let wrong = [("number", decline.message)];
            page(&double, &id, StatusCode::PAYMENT_REQUIRED, &sent.expiry, &wrong)
        }
        Err(NotPaid::Closed) => page(&double, &id, StatusCode::GONE, "", &[]),
    }
}

/// The page of a session, whichever way it stands.
fn page(
    double: &Double,
    id: &str,
    status: StatusCode,
    expiry: &str,
    wrong: &[(&str, &str)],
) -> Response {
    let Some(session) = double.session(id) else {
        let body = html! {
            h1 { "There is no such checkout" }
            p { "The double forgets its checkouts when it is started anew. Go back to where you "
                "came from and begin again." }
        };
        return framed(StatusCode::NOT_FOUND, "Not found", &body, "'none'");
    };
    let form_action = allowed(&session);
    match session.status(double.now()) {
        Status::Open => {
            let title = if wrong.is_empty() { "Checkout" } else { "Error: Checkout" };
            framed(status, title, &open(&session, expiry, wrong), &form_action)
        }
        Status::Complete => {
            let body = html! {
                h1 { "You are all done here" }
                p { "This card was taken." }
                p { a href=(on_to(&session)) { "Go on" } }
            };
            framed(StatusCode::OK, "Done", &body, "'none'")
        }
        Status::Expired => {
            let body = html! {
                h1 { "This page has expired" }
                p { "Nobody gave a card in time. Nothing was held and nothing was charged." }
                @if let Some(url) = &session.opened.cancel_url { p { a href=(url) { "Back" } } }
            };
            framed(StatusCode::GONE, "Expired", &body, "'none'")
        }
    }
}

fn open(session: &Session, expiry: &str, wrong: &[(&str, &str)]) -> Markup {
    let opened = &session.opened;
    let amount = format!("${}.{:02}", opened.cents / 100, opened.cents % 100);
    html! {
        h1 { (opened.title) }
        p.amount { (amount) }
        @if let Some(email) = &opened.email { p.muted { bdi { (email) } } }
        @if !wrong.is_empty() {
            div.summary role="alert" {
                h2 { "The card was not taken" }
                ul { @for (field, text) in wrong { li { a href={ "#" (field) } { (text) } } } }
            }
        }
        form method="post" novalidate {
            (field("number", "Card number", "", "cc-number", wrong))
            div.pair {
                (field("expiry", "Expiry (MM/YY)", expiry, "cc-exp", wrong))
                (field("cvc", "Security code (CVC)", "", "cc-csc", wrong))
            }
            button type="submit" {
                @if opened.captured_by_hand { "Hold " (amount) " on this card" }
                @else { "Pay " (amount) }
            }
        }
        @if let Some(url) = &opened.cancel_url { p { a href=(url) { "Back without a card" } } }
        h2 { "Test cards" }
        table {
            tbody {
                tr { th scope="row" { code { "4242 4242 4242 4242" } } td { "works" } }
                tr { th scope="row" { code { "5555 5555 5555 4444" } } td { "works" } }
                tr { th scope="row" { code { "4000 0000 0000 0002" } } td { "is declined" } }
                tr { th scope="row" { code { "4000 0000 0000 9995" } } td { "has no funds" } }
            }
        }
        p.muted { "Any expiry to come and any security code of three digits will do." }
    }
}

fn field(name: &str, label: &str, value: &str, fill: &str, wrong: &[(&str, &str)]) -> Markup {
    let error = wrong.iter().find(|(field, _)| *field == name).map(|(_, text)| *text);
    html! {
        div.field {
            label for=(name) { (label) }
            @if let Some(error) = error { p.error id={ (name) "-error" } { (error) } }
            input type="text" id=(name) name=(name) value=(value) inputmode="numeric"
                autocomplete=(fill) spellcheck="false" aria-invalid=[error.map(|_| "true")]
                aria-describedby=[error.map(|_| format!("{name}-error"))];
        }
    }
}

/// Where the form leads, for browsers that hold a form's redirects to it as well.
fn allowed(session: &Session) -> String {
    let url = &session.opened.success_url;
    let host = url.split_once("://").map_or("", |(_, rest)| rest);
    let host = host.split(['/', '?', '#']).next().unwrap_or_default();
    let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme);
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    if host.bytes().all(is_plain) { format!("'self' {scheme}://{host}") } else { "'self'".into() }
}

fn framed(status: StatusCode, title: &str, body: &Markup, form_action: &str) -> Response {
    let document = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                title { (title) " – a double of Stripe" }
                link rel="stylesheet" href="style.css";
            }
            body {
                div.double role="note" {
                    p { strong { "This is not Stripe." }
                        " It is a double that stands in for it in a demonstration. It charges "
                        "nobody and takes test cards only: do not enter a card of your own." }
                }
                main { (body) }
            }
        }
    };
    let policy = format!(
        "default-src 'none'; style-src 'self'; form-action {form_action}; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    let mut response = (status, Html(document.into_string())).into_response();
    let mut set = |name, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    };
    set(header::CONTENT_SECURITY_POLICY, &policy);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "no-referrer");
    set(header::CACHE_CONTROL, "no-store");
    response
}
