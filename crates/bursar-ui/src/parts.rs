//! Small parts: links, buttons, tags, notices, code, confirmations.

use maud::{Markup, html};

/// How good the news is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// No news.
    Neutral,
    /// Something to know.
    Info,
    /// It went well.
    Good,
    /// It needs attention.
    Warning,
    /// It went badly, or cannot be undone.
    Bad,
}

impl Tone {
    /// The name that the style sheet uses.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Info => "info",
            Self::Good => "good",
            Self::Warning => "warning",
            Self::Bad => "bad",
        }
    }
}

/// A state in a word or two, with how good the news is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The words: `In review`.
    pub label: String,
    /// How good the news is.
    pub tone: Tone,
}

impl Status {
    /// A state with its tone.
    pub fn new(tone: Tone, label: impl Into<String>) -> Self {
        Self { label: label.into(), tone }
    }
}

/// A state as a tag.
pub fn tag(status: &Status) -> Markup {
    tag_text(status.tone, &status.label)
}

/// Words as a tag.
pub fn tag_text(tone: Tone, label: &str) -> Markup {
    html! { strong class={ "tag tag-" (tone.class()) } { (label) } }
}

/// A link in running text.
pub fn link(href: &str, text: &str) -> Markup {
    html! { a href=(href) { (text) } }
}

/// The way back, above the heading.
pub fn back(href: &str, text: &str) -> Markup {
    html! { a.back href=(href) { (text) } }
}

/// A form's main button.
pub fn button(text: &str) -> Markup {
    html! { button.button type="submit" { (text) } }
}

/// A link that looks like a button, for the one next step of a page.
pub fn button_link(href: &str, text: &str) -> Markup {
    html! { a.button href=(href) { (text) } }
}

/// Somebody's or something's name, whichever way its script runs.
pub fn name(text: &str) -> Markup {
    html! { bdi { (text) } }
}

/// What a person wrote, with its lines kept.
pub fn prose(text: &str) -> Markup {
    html! { div.prose dir="auto" { (text) } }
}

/// A message that stands out from the page.
pub fn notice(tone: Tone, body: &Markup) -> Markup {
    html! { div class={ "notice notice-" (tone.class()) } { (body) } }
}

/// An aside in the flow of the page.
pub fn inset(body: &Markup) -> Markup {
    html! { div.inset { (body) } }
}

/// What to do where there is nothing yet.
pub fn empty(title: &str, body: &Markup) -> Markup {
    html! { div.empty { p.empty-title { (title) } (body) } }
}

/// A page's good ending: what happened, and the reference to quote.
pub fn confirmation(heading: &str, reference: Option<(&str, &str)>) -> Markup {
    html! {
        div.confirmation {
            h1 { (heading) }
            @if let Some((label, value)) = reference {
                p { (label) br; strong { (value) } }
            }
        }
    }
}

/// Text to copy. `id` names it on the page; `label` says what it is.
pub fn code_block(id: &str, label: &str, code: &str) -> Markup {
    html! {
        figure.code {
            figcaption {
                span id={ (id) "-label" } { (label) }
                button.copy type="button" hidden data-copy=(id) aria-describedby={ (id) "-label" } {
                    "Copy"
                }
            }
            pre tabindex="0" role="region" aria-labelledby={ (id) "-label" } {
                code id=(id) { (code) }
            }
        }
    }
}

/// Newer and older pages of a list, and where this one stands.
pub fn paging(label: &str, newer: Option<&str>, older: Option<&str>, position: &str) -> Markup {
    html! {
        nav.paging aria-label=(label) {
            @if let Some(href) = newer { a rel="prev" href=(href) { "Newer" } }
            span { (position) }
            @if let Some(href) = older { a rel="next" href=(href) { "Older" } }
        }
    }
}
