//! Pages for what is not there, not yours, or broken.

use maud::{Markup, html};

use crate::routes;
use crate::ui::{Frame, Page, link};

/// There is no such page.
#[derive(Clone, Debug)]
pub struct NotFound;

impl Page for NotFound {
    fn title(&self) -> String {
        "Page not found".to_owned()
    }

    fn body(&self, _frame: &Frame) -> Markup {
        html! {
            h1 { "Page not found" }
            p { "If you typed the address, check it. If you pasted it, check that you copied all "
                "of it." }
            p { "You can also start from " (link(routes::PROGRAMS, "the programs")) " or "
                (link(routes::APPLICATIONS, "your applications")) "." }
        }
    }
}

/// The page is there, and somebody else's.
#[derive(Clone, Debug)]
pub struct NotAllowed {
    /// Who can see it: `officers of this program`.
    pub who_may: String,
}

impl Page for NotAllowed {
    fn title(&self) -> String {
        "You cannot see this page".to_owned()
    }

    fn body(&self, frame: &Frame) -> Markup {
        html! {
            h1 { "You cannot see this page" }
            p { "It is for " (self.who_may) "." }
            @match &frame.person {
                Some(person) => p {
                    "You are signed in as " bdi { (person.name) } ". If you have another account, "
                    "sign out and sign in with that one. If you think you should see it, ask an "
                    "officer of the program."
                },
                None => p { (link(routes::SIGN_IN, "Sign in")) " if that is you." },
            }
        }
    }
}

/// Something went wrong here.
#[derive(Clone, Debug)]
pub struct Failure {
    /// What to quote when asking for help.
    pub request_id: String,
}

impl Page for Failure {
    fn title(&self) -> String {
        "There is a problem with the service".to_owned()
    }

    fn body(&self, _frame: &Frame) -> Markup {
        html! {
            h1 { "There is a problem with the service" }
            p { "Nothing was changed by your last step. Go back and try again in a minute: drafts "
                "that were saved are safe." }
            p { "If it happens again, tell the operator this request: " code { (self.request_id) } }
        }
    }
}

/// A step that was not taken, and the way on.
#[derive(Clone, Debug)]
pub struct Stopped {
    heading: &'static str,
    text: String,
    way_on: (String, &'static str),
}

impl Stopped {
    fn new(heading: &'static str, text: impl Into<String>) -> Self {
        Self { heading, text: text.into(), way_on: (routes::HOME.to_owned(), "Start again") }
    }

    /// The page is not asked for in this way.
    pub fn wrong_method() -> Self {
        Self::new(
            "This page cannot be asked for like that",
            "It is a step of a form. Begin with the page that has the form.",
        )
    }

    /// Another site sent the form.
    pub fn other_site() -> Self {
        Self::new(
            "This form came from another site",
            "Only pages of this site can change something here. Nothing was changed.",
        )
    }

    /// The form is older than the browser's session, or not ours.
    pub fn old_form() -> Self {
        Self::new(
            "This form is too old",
            "You signed in or out after the page was loaded, or your browser keeps no cookies. \
             Nothing was changed. Go back, load the page again, and repeat the step.",
        )
    }

    /// The form is larger than what a person writes.
    pub fn too_large() -> Self {
        Self::new(
            "This is too much text",
            "A form may hold a megabyte. Nothing was changed. Go back and shorten the answers.",
        )
    }

    /// What was sent is not a form.
    pub fn no_form() -> Self {
        Self::new("This is no form", "What was sent cannot be read as a form. Nothing was changed.")
    }

    /// A rule says no.
    pub fn refused(sentence: String) -> Self {
        Self::new("There is a problem", sentence)
    }

    /// Somebody changed the same thing meanwhile.
    pub fn changed(what: &str, path: &str) -> Self {
        Self {
            way_on: (path.to_owned(), "Load it again"),
            ..Self::new(
                "Somebody else was faster",
                format!("The {what} was changed meanwhile. Your step was not taken."),
            )
        }
    }
}

impl Page for Stopped {
    fn title(&self) -> String {
        self.heading.to_owned()
    }

    fn body(&self, _frame: &Frame) -> Markup {
        html! {
            h1 { (self.heading) }
            p { (self.text) }
            p { (link(&self.way_on.0, self.way_on.1)) }
        }
    }
}
