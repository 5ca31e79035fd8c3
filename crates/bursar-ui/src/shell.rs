//! The document around a page: head, header, navigation, demonstration's clock, footer.

use bursar_kernel::Role;
use maud::{DOCTYPE, Markup, html};

use super::parts::{Tone, notice, tag_text};
use super::{Frame, dates};
use crate::{assets, routes};

/// A whole document around the inside of `main`.
pub(super) fn document(title: &str, has_errors: bool, frame: &Frame, body: &Markup) -> String {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title {
                    @if has_errors || frame.problem.is_some() { "Error: " }
                    (title) " – Bursar"
                }
                link rel="stylesheet" href=(assets::style_path());
                script src=(assets::script_path()) defer {}
            }
            body {
                a.skip-link href="#main" { "Skip to main content" }
                (header(frame))
                @if frame.demonstration { (clock_banner(frame)) }
                main #main tabindex="-1" {
                    @if let Some(flash) = &frame.flash {
                        div role="status" { (notice(flash.tone, &html! { p { (flash.text) } })) }
                    }
                    @if let Some(problem) = &frame.problem { (problem_summary(problem)) }
                    (body)
                }
                (footer())
            }
        }
    }
    .into_string()
}

/// Why the last step was refused, where the error summary of a form would stand.
fn problem_summary(problem: &str) -> Markup {
    html! {
        div.error-summary role="alert" tabindex="-1" data-focus {
            h2 { "There is a problem" }
            p { (problem) }
        }
    }
}

fn header(frame: &Frame) -> Markup {
    html! {
        header.site-header {
            div.bar {
                a.brand href=(routes::HOME) { "Bursar" }
                @if frame.sandbox {
                    span.sandbox-tag
                        title="Answers come from the offline sandbox, not from a provider" {
                        (tag_text(Tone::Warning, "Sandbox"))
                    }
                }
                div.account {
                    @if let Some(person) = &frame.person {
                        a.account-name href=(routes::ACCOUNT) { bdi { (person.name) } }
                        form method="post" action=(routes::SIGN_OUT) {
                            input type="hidden" name="csrf" value=(frame.csrf);
                            button.link-button type="submit" { "Sign out" }
                        }
                    } @else if !frame.path.starts_with(routes::SIGN_IN) {
                        a href=(routes::SIGN_IN) { "Sign in" }
                    }
                }
            }
            nav.site-nav aria-label="Main" {
                ul {
                    @for (label, href) in destinations(frame) {
                        li { a href=(href) aria-current=[current(frame, href)] { (label) } }
                    }
                }
            }
        }
    }
}

/// Where this person can go; everybody can see the programs.
fn destinations(frame: &Frame) -> Vec<(&'static str, &'static str)> {
    let officer = frame.is(Role::Officer) || frame.is(Role::Operator);
    let groups: [(bool, &[(&str, &str)]); 5] = [
        (true, &[("Programs", routes::PROGRAMS), ("Market", routes::MARKET)]),
        (
            frame.is(Role::Researcher),
            &[("My applications", routes::APPLICATIONS), ("My grants", routes::GRANTS)],
        ),
        (frame.is(Role::Reviewer), &[("Reviews", routes::REVIEWS)]),
        (
            officer,
            &[
                ("Applications", routes::DECIDE),
                ("Rounds", routes::ROUNDS),
                ("Money", routes::MONEY),
                ("Access", routes::ACCESS),
                ("Grants", routes::ALL_GRANTS),
                ("Trades", routes::MARKET_DESK),
            ],
        ),
        (
            frame.is(Role::Operator),
            &[
                ("Outbox", routes::OUTBOX),
                ("Upstreams", routes::UPSTREAMS),
                ("Prices", routes::PRICES),
                ("Suspense", routes::SUSPENSE),
                ("Audit", routes::AUDIT),
            ],
        ),
    ];
    groups.iter().filter(|(shown, _)| *shown).flat_map(|(_, links)| links.iter().copied()).collect()
}

fn current(frame: &Frame, href: &str) -> Option<&'static str> {
    let is_home = frame.path == routes::HOME && !frame.demonstration;
    let inside = frame.path.starts_with(href) || (href == routes::PROGRAMS && is_home);
    inside.then_some("page")
}

fn clock_banner(frame: &Frame) -> Markup {
    html! {
        aside.clock-banner aria-label="Demonstration clock" {
            p {
                strong { "Demonstration" }
                span { "It is " (dates::instant(frame.now, &frame.zone)) " here." }
                a href=(routes::DEMONSTRATION) { "Turn the clock" }
            }
        }
    }
}

fn footer() -> Markup {
    html! {
        footer.site-footer {
            p {
                "Bursar runs research API-credit programs, from the call for proposals to the "
                "last token. Amounts are United States dollars."
            }
        }
    }
}
