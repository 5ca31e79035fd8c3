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
            p { "You can also start from " (link(routes::HOME, "the programs")) " or "
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
