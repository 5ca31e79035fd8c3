//! A letter in parts. Both its renderings are made of them, so they say the same.

use std::fmt::Write as _;

use bursar_kernel::Timestamp;
use maud::{DOCTYPE, Markup, html};

/// A letter before it has an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Which one, as the register has it.
    pub name: &'static str,
    /// Its subject.
    pub subject: String,
    /// What it says, in order.
    pub parts: Vec<Part>,
    /// From then on nobody has any use for it.
    pub useless_after: Option<Timestamp>,
}

/// A part of a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A paragraph.
    Say(String),
    /// Somebody's own words, as they wrote them, below a line that says what they are.
    Said(String, String),
    /// Lines below another; nothing where there are none.
    List(String, Vec<Item>),
    /// A page's address below a line that says what it is.
    Link(String, String),
}

/// A line of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What it says.
    pub text: String,
    /// A page's address.
    pub link: Option<String>,
}

impl Item {
    /// A line without a link.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), link: None }
    }

    /// A line with one.
    pub fn link(text: impl Into<String>, url: impl Into<String>) -> Self {
        Self { text: text.into(), link: Some(url.into()) }
    }
}

impl Letter {
    /// An empty one. A subject is one line, whatever was put into it.
    pub fn new(name: &'static str, subject: impl Into<String>) -> Self {
        let subject: String = subject.into();
        let words: Vec<&str> = subject.split_whitespace().collect();
        Self { name, subject: words.join(" "), parts: Vec::new(), useless_after: None }
    }

    /// With one more paragraph.
    #[must_use]
    pub fn say(self, text: impl Into<String>) -> Self {
        self.with(Part::Say(text.into()))
    }

    /// With somebody's words.
    #[must_use]
    pub fn said(self, before: &str, words: &str) -> Self {
        self.with(Part::Said(before.to_owned(), words.trim().to_owned()))
    }

    /// With a list.
    #[must_use]
    pub fn list(self, before: &str, items: Vec<Item>) -> Self {
        self.with(Part::List(before.to_owned(), items))
    }

    /// With the address of a page.
    #[must_use]
    pub fn link(self, before: &str, url: &str) -> Self {
        self.with(Part::Link(before.to_owned(), url.to_owned()))
    }

    /// Of no use from then on.
    #[must_use]
    pub fn useless_after(self, at: Timestamp) -> Self {
        Self { useless_after: Some(at), ..self }
    }

    fn with(mut self, part: Part) -> Self {
        self.parts.push(part);
        self
    }

    /// The addresses of pages in it.
    pub fn links(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().flat_map(|part| match part {
            Part::Say(_) | Part::Said(..) => Vec::new(),
            Part::List(_, items) => items.iter().filter_map(|it| it.link.as_deref()).collect(),
            Part::Link(_, url) => vec![url.as_str()],
        })
    }

    /// As plain text.
    pub fn text(&self) -> String {
        let parts: Vec<String> = self.parts.iter().map(Part::text).collect();
        format!("{}\n", parts.join("\n\n"))
    }

    /// As what stands in the body of an HTML page.
    pub fn html(&self) -> String {
        let parts = self.parts.iter().map(Part::html);
        html! { @for part in parts { (part) "\n" } }.into_string()
    }
}

impl Part {
    fn text(&self) -> String {
        match self {
            Self::Say(text) => text.clone(),
            Self::Said(before, words) => format!("{before}\n{words}"),
            Self::List(before, items) => {
                let mut text = before.clone();
                for Item { text: line, link } in items {
                    let _ = write!(text, "\n- {line}");
                    if let Some(url) = link {
                        let _ = write!(text, ": {url}");
                    }
                }
                text
            }
            Self::Link(before, url) => format!("{before}\n{url}"),
        }
    }

    fn html(&self) -> Markup {
        match self {
            Self::Say(text) => html! { p { (text) } },
            Self::Said(before, words) => html! {
                p { (before) }
                blockquote dir="auto" {
                    @for line in words.lines().filter(|line| !line.trim().is_empty()) {
                        p { (line) }
                    }
                }
            },
            Self::List(before, items) => html! {
                p { (before) }
                ul {
                    @for Item { text, link } in items {
                        li { (text) @if let Some(url) = link { ": " a href=(url) { (url) } } }
                    }
                }
            },
            Self::Link(before, url) => html! { p { (before) br; a href=(url) { (url) } } },
        }
    }
}

/// A page of its own around what [`Letter::html`] made, for a program that reads mail. No image, no
/// script and nothing from elsewhere: what it shows is what was sent.
pub fn page(subject: &str, body: &str) -> String {
    let style = "body{font:16px/1.5 system-ui,sans-serif;max-width:40em;margin:1.5em auto;\
                 padding:0 1em}a{overflow-wrap:anywhere}blockquote{margin-inline:0;\
                 padding-inline-start:1em;border-inline-start:3px solid #767676}";
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (subject) }
                style { (maud::PreEscaped(style)) }
            }
            body { (maud::PreEscaped(body)) }
        }
    }
    .into_string()
}
