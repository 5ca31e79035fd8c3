//! What every page is shown in: who looks at it, when, and where.

use bursar_kernel::{Role, Timestamp};
use jiff::tz::TimeZone;
use maud::Markup;

use super::parts::Tone;
use super::shell;

/// Everything about the visit that is not about the page.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Who is signed in.
    pub person: Option<SignedIn>,
    /// The token that every form carries.
    pub csrf: String,
    /// The path that was asked for, without its query.
    pub path: String,
    /// The present, by the clock of this installation.
    pub now: Timestamp,
    /// The zone that dates are shown in.
    pub zone: TimeZone,
    /// Whether this is the demonstration, whose clock can be turned.
    pub demonstration: bool,
    /// Whether calls are answered by the offline sandbox.
    pub sandbox: bool,
    /// What the last action did, once.
    pub flash: Option<Flash>,
    /// Why the last step was refused, where no single field is to blame.
    pub problem: Option<String>,
    /// Where this installation is reached: `https://bursar.example.org`, without a slash.
    pub base_url: String,
}

impl Frame {
    /// Whether somebody with this role is signed in.
    pub fn is(&self, role: Role) -> bool {
        self.person.as_ref().is_some_and(|person| person.roles.contains(&role))
    }

    /// What an OpenAI SDK is given as its base URL.
    pub fn openai_base_url(&self) -> String {
        format!("{}/v1", self.base_url)
    }
}

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// The person's name, or the e-mail address where there is none yet.
    pub name: String,
    /// What the person may be.
    pub roles: Vec<Role>,
}

/// What the last action did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flash {
    /// How it went.
    pub tone: Tone,
    /// A sentence about it.
    pub text: String,
}

/// A page: what it shows, and how.
pub trait Page {
    /// What the browser's tab says, before the product's name.
    fn title(&self) -> String;

    /// Everything inside `main`, with exactly one first-level heading.
    fn body(&self, frame: &Frame) -> Markup;

    /// Whether the page shows mistakes in a form.
    fn has_errors(&self) -> bool {
        false
    }

    /// The whole document.
    fn render(&self, frame: &Frame) -> String {
        shell::document(&self.title(), self.has_errors(), frame, &self.body(frame))
    }
}
