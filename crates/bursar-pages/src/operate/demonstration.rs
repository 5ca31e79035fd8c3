//! The demonstration's front page: the story in steps with the clock beside it, and a way in for
//! each role.

use bursar_kernel::{ModelId, Role, Timestamp};
use maud::{Markup, html};

use crate::routes;
use crate::ui::controls::button_form;
use crate::ui::{Frame, Page, button_link, code_block, instant, key_values, link};
use crate::wallet::snippets;

/// The demonstration's front page.
#[derive(Clone, Debug)]
pub struct Demonstration {
    /// The story, in order.
    pub chapters: Vec<Chapter>,
    /// A way in for each role.
    pub roles: Vec<RoleEntry>,
    /// What time will do next, the soonest first.
    pub events: Vec<NextEvent>,
    /// A key that works.
    pub api_key: String,
    /// A model for the example.
    pub model: ModelId,
}

/// A chapter of the story.
#[derive(Clone, Debug)]
pub struct Chapter {
    /// What it is about: `Apply`.
    pub title: String,
    /// Its steps, in order.
    pub steps: Vec<StoryStep>,
}

/// A step of the story.
#[derive(Clone, Debug)]
pub struct StoryStep {
    /// What to do.
    pub title: String,
    /// What to notice.
    pub text: String,
    /// Where, as what a link says and where it leads.
    pub links: Vec<(String, String)>,
}

/// A way in.
#[derive(Clone, Debug)]
pub struct RoleEntry {
    /// The role.
    pub role: Role,
    /// Who it is: `Dr. Amara Okafor, Makerere University`.
    pub name: String,
    /// A link that signs that person in at once.
    pub href: String,
}

/// What time will do.
#[derive(Clone, Debug)]
pub struct NextEvent {
    /// When.
    pub at: Timestamp,
    /// What: `The December 2026 round begins`.
    pub what: String,
}

impl Page for Demonstration {
    fn title(&self) -> String {
        "Demonstration".to_owned()
    }

    fn body(&self, frame: &Frame) -> Markup {
        html! {
            h1 { "Try a whole program year" }
            p.lead { "Everything here is real but the people and the provider: the same server, "
                "the same books, and a clock that you can turn." }
            div.columns {
                div {
                    h2 { "The story" }
                    (self.story())
                }
                aside.beside aria-label="Clock and ways in" {
                    h2 #clock { "The clock" }
                    (self.clock(frame))
                    h2 { "Look through somebody's eyes" }
                    ul.doors {
                        @for role in &self.roles { (role.html()) }
                    }
                }
            }
            h2 #call { "Call a model" }
            p { "This key spends a grant of the researcher's. Each call shows on the grant's page "
                "at once, with its exact cost." }
            (key_values(&[("Base URL".to_owned(), html! { code { (frame.openai_base_url()) } })]))
            (code_block("secret", "API key", &self.api_key))
            (snippets(frame, &self.api_key, &self.model))
            div.actions { (button_link(routes::GRANTS, "See the grants")) }
        }
    }
}

impl Demonstration {
    /// The steps are counted through, chapter after chapter.
    fn story(&self) -> Markup {
        html! {
            div.story {
                @for chapter in &self.chapters {
                    h3 { (chapter.title) }
                    ol.steps { @for step in &chapter.steps { (step.html()) } }
                }
            }
        }
    }

    fn clock(&self, frame: &Frame) -> Markup {
        let turns = [
            ("next", "Next deadline"),
            ("1-day", "+1 day"),
            ("1-week", "+1 week"),
            ("4-weeks", "+4 weeks"),
            ("1-year", "+1 year"),
        ];
        html! {
            p { "It is " strong { (instant(frame.now, &frame.zone)) } "." }
            p.hint { "Turned forward, everything that falls due in between happens, in order." }
            div.turns {
                @for (index, (value, label)) in turns.iter().enumerate() {
                    @let class = if index == 0 { "button" } else { "button secondary" };
                    (button_form(frame, routes::CLOCK, &[("turn", value)], &html! {
                        button class=(class) type="submit" { (label) }
                    }))
                }
            }
            h3 { "What happens next" }
            @if self.events.is_empty() {
                p { "Nothing is due." }
            } @else {
                ol.timeline {
                    @for event in &self.events {
                        li { strong { (instant(event.at, &frame.zone)) } p.hint { (event.what) } }
                    }
                }
            }
        }
    }
}

impl StoryStep {
    fn html(&self) -> Markup {
        html! {
            li {
                h4 { (self.title) }
                p { (self.text) }
                @if !self.links.is_empty() {
                    p.links {
                        @for (label, href) in &self.links { (link(href, label)) }
                    }
                }
            }
        }
    }
}

impl RoleEntry {
    fn html(&self) -> Markup {
        let label = match self.role {
            Role::Researcher => "Researcher",
            Role::Reviewer => "Reviewer",
            Role::Officer => "Program officer",
            Role::Operator => "Operator",
        };
        html! {
            li {
                strong { (label) }
                p { (link(&self.href, &format!("Sign in as {}", self.name))) }
            }
        }
    }
}
