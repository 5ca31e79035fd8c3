//! The demonstration's front page: the story in steps, a way in for each role, and the clock.

use bursar_kernel::{ModelId, Role, Timestamp};
use maud::{Markup, html};

use crate::routes;
use crate::ui::controls::button_form;
use crate::ui::table::text;
use crate::ui::{
    Figure, Frame, Page, Table, button_link, code_block, figures, instant, key_values, link,
};
use crate::wallet::snippets;

/// The demonstration's front page.
#[derive(Clone, Debug)]
pub struct Demonstration {
    /// The story, in order.
    pub story: Vec<StoryStep>,
    /// A way in for each role.
    pub roles: Vec<RoleEntry>,
    /// What time will do next, the soonest first.
    pub events: Vec<NextEvent>,
    /// A key that works.
    pub api_key: String,
    /// A model for the example.
    pub model: ModelId,
}

/// A step of the story.
#[derive(Clone, Debug)]
pub struct StoryStep {
    /// What to do.
    pub title: String,
    /// What to notice.
    pub text: String,
    /// Where.
    pub href: String,
    /// What the link says.
    pub link: String,
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
            h2 { "The story" }
            ol.steps {
                @for step in &self.story {
                    li { h3 { (step.title) } p { (step.text) }
                        p { (link(&step.href, &step.link)) } }
                }
            }
            h2 { "Look through somebody's eyes" }
            (key_values(&self.roles.iter().map(RoleEntry::row).collect::<Vec<_>>()))
            h2 #clock { "The clock" }
            (self.clock(frame))
            h2 { "Call a model" }
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
    fn clock(&self, frame: &Frame) -> Markup {
        let events = self
            .events
            .iter()
            .map(|event| vec![html! { (event.what) }, instant(event.at, &frame.zone)]);
        let turns = [
            ("next", "Next deadline"),
            ("1-day", "+1 day"),
            ("1-week", "+1 week"),
            ("4-weeks", "+4 weeks"),
        ];
        html! {
            p { "It is " strong { (instant(frame.now, &frame.zone)) }
                ". Turned forward, everything that "
                "falls due in between happens, in order: rounds close, credit arrives, credit "
                "expires." }
            div.actions {
                @for (index, (value, label)) in turns.iter().enumerate() {
                    @let class = if index == 0 { "button" } else { "button secondary" };
                    (button_form(frame, routes::CLOCK, &[("turn", value)], &html! {
                        button class=(class) type="submit" { (label) }
                    }))
                }
            }
            @if self.events.is_empty() {
                (figures(&[Figure::new("Next", "Nothing is due")]))
            } @else {
                (Table::new("What happens next", vec![text("What"), text("When")], events.collect())
                    .html())
            }
        }
    }
}

impl RoleEntry {
    fn row(&self) -> (String, Markup) {
        let label = match self.role {
            Role::Researcher => "Researcher",
            Role::Reviewer => "Reviewer",
            Role::Officer => "Program officer",
            Role::Operator => "Operator",
        };
        (label.to_owned(), link(&self.href, &format!("Sign in as {}", self.name)))
    }
}
