//! What there is to do for an application, in order, and how far each is.

use bursar_discover_pages::{RoundDates, planned};
use bursar_kernel::{ApplicationId, Timestamp};
use maud::{Markup, html};

use crate::estimate::{EstimateShown, draft_html};
use crate::routes;
use crate::ui::{Frame, Page, Task, back, inset, instant, link, tasks};

/// The tasks of a draft.
#[derive(Clone, Debug)]
pub struct TaskList {
    /// The application.
    pub id: ApplicationId,
    /// The program's name.
    pub program: String,
    /// Who applies, where that is not the viewer.
    pub applicant: Option<String>,
    /// Whether the viewer only reads.
    pub reads_only: bool,
    /// What is to be filled in.
    pub to_fill: Vec<Task>,
    /// What else goes with it.
    pub beside: Vec<Task>,
    /// The end.
    pub last: Vec<Task>,
    /// How many are done.
    pub done: usize,
    /// Of how many that have to be.
    pub of: usize,
    /// The round it would be part of, where one is to come.
    pub round: Option<RoundDates>,
    /// How long it takes with everything at hand.
    pub minutes: u32,
    /// When the draft was saved last.
    pub saved_at: Option<Timestamp>,
    /// Whether the answers begin with those of an earlier application.
    pub comes_back: bool,
    /// What the study costs, once it is counted, and where it is.
    pub estimate: Option<(EstimateShown, String)>,
}

impl Page for TaskList {
    fn title(&self) -> String {
        format!("Apply to {}", self.program)
    }

    fn body(&self, frame: &Frame) -> Markup {
        html! {
            (back(routes::APPLICATIONS, "My applications"))
            h1 { "Apply to " bdi { (self.program) } }
            @if let Some(name) = &self.applicant {
                (inset(&html! { p {
                    "This is " strong { bdi { (name) } } "'s application. "
                    @if self.reads_only { "You can read it." }
                    @else { "You can edit it; " bdi { (name) } " hands it in." }
                } }))
            }
            p {
                "About " (self.minutes) " minutes with a plan and your affiliation at hand, in any "
                "order, over as many days as you like. Nothing is sent until you submit."
            }
            (planned(self.round.as_ref()))
            @if self.comes_back {
                (inset(&html! { p { "Your answers of last time are filled in. Change what the "
                    "reasons asked for: more detail helps. Before you submit you see what differs."
                        } }))
            }
            p role="status" {
                strong { (self.done) " of " (self.of) " tasks completed" }
                @if let Some(saved) = self.saved_at {
                    span.muted { ", saved on " (instant(saved, &frame.zone)) }
                }
            }
            h2 { "Your proposal" }
            (tasks(&self.to_fill))
            h2 { "What goes with it" }
            (tasks(&self.beside))
            h2 { "Submit" }
            (tasks(&self.last))
            @if let Some((estimate, at)) = &self.estimate {
                @if self.reads_only {
                    h2 { "What the study costs" }
                    (estimate.html(frame))
                } @else {
                    (draft_html(Some(estimate), (self.id, at), frame))
                }
            }
            @if self.applicant.is_none() {
                p { (link(&routes::application_withdraw(self.id), "Withdraw this draft")) }
            }
        }
    }
}
