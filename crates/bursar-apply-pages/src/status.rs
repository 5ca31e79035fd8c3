//! Where an application stands, and the way out of it.

use bursar_kernel::{ApplicationId, Timestamp};
use maud::{Markup, html};

use crate::estimate::EstimateShown;
use crate::question::QuestionShown;
use crate::routes;
use crate::ui::controls::button_form;
use crate::ui::{
    Answer, Frame, Page, Status, back, button, button_link, check_answers, instant, key_values,
    link, name, notice, tag,
};

/// Where an application stands. Neutral until its decision is released: give it nothing else.
#[derive(Clone, Debug)]
pub struct ApplicationStatus {
    /// The application.
    pub id: ApplicationId,
    /// Its title.
    pub title: String,
    /// The program's name.
    pub program: String,
    /// The round's name, once it is in one.
    pub round: Option<String>,
    /// Its state.
    pub status: Status,
    /// What happens next and when, in a sentence.
    pub next: String,
    /// What has happened and will.
    pub steps: Vec<Step>,
    /// What was answered.
    pub answers: Vec<Answer>,
    /// Where it goes on, and what the link says.
    pub go_on: Option<(String, String)>,
    /// The policies that were accepted, each with its edition.
    pub accepted: Vec<String>,
    /// What the grant that it follows had come to.
    pub progress: Option<String>,
    /// What the study costs, where it was counted.
    pub estimate: Option<EstimateShown>,
    /// Where a further application is begun, once this one is at its end; posted.
    pub apply_again: Option<String>,
    /// Whether there is a letter to read.
    pub has_letter: bool,
    /// Whether it can still be withdrawn.
    pub can_withdraw: bool,
    /// What officers asked.
    pub questions: Vec<QuestionShown>,
    /// Who applies and who takes part with them, where somebody does.
    pub people: Option<String>,
}

/// Something that has happened or will.
#[derive(Clone, Debug)]
pub struct Step {
    /// What.
    pub what: String,
    /// When it did; `None` for what is still to come.
    pub at: Option<Timestamp>,
    /// A line about it.
    pub note: Option<String>,
}

impl Page for ApplicationStatus {
    fn title(&self) -> String {
        self.title.clone()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let mut facts = vec![
            ("Program".to_owned(), name(&self.program)),
            ("Reference".to_owned(), html! { code { (self.id) } }),
        ];
        if let Some(round) = &self.round {
            facts.push(("Round".to_owned(), html! { (round) }));
        }
        if !self.accepted.is_empty() {
            let accepted = self.accepted.join("; ");
            facts.push(("Accepted".to_owned(), html! { (accepted) }));
        }
        if let Some(progress) = &self.progress {
            facts.push(("The earlier grant".to_owned(), html! { (progress) }));
        }
        if let Some(people) = &self.people {
            facts.push(("Takes part".to_owned(), html! { bdi { (people) } }));
        }
        html! {
            (back(routes::APPLICATIONS, "My applications"))
            div.heading-row { h1 { (name(&self.title)) } (tag(&self.status)) }
            (notice(self.status.tone, &html! { p { strong { "Next: " } (self.next) } }))
            @if let Some((href, text)) = &self.go_on {
                div.actions { (button_link(href, text)) }
            }
            @if self.has_letter {
                div.actions {
                    (button_link(&routes::application_letter(self.id), "Read the decision"))
                }
            }
            @if let Some(action) = &self.apply_again {
                div.actions {
                    (button_form(frame, action, &[], &button("Apply again")))
                    span.muted { "The form begins with these answers." }
                }
            }
            @if !self.questions.is_empty() {
                h2 { "Questions of the program's officers" }
                @for question in &self.questions { (question.html(frame)) }
            }
            div.columns {
                div {
                    (key_values(&facts))
                    h2 { "Your answers" }
                    (check_answers(&self.answers))
                    @if let Some(estimate) = &self.estimate {
                        h2 { "What the study costs" }
                        (estimate.html(frame))
                    }
                    @if self.can_withdraw {
                        p {
                            (link(
                                &routes::application_withdraw(self.id),
                                "Withdraw this application",
                            ))
                        }
                    }
                }
                aside aria-label="History" { h2 { "History" } (steps(&self.steps, frame)) }
            }
        }
    }
}

fn steps(steps: &[Step], frame: &Frame) -> Markup {
    html! {
        ol.timeline {
            @for step in steps {
                li class=[step.at.map(|_| "done")] {
                    strong { (step.what) }
                    @if let Some(at) = step.at { p.hint { (instant(at, &frame.zone)) } }
                    @if let Some(note) = &step.note { p.hint { (note) } }
                }
            }
        }
    }
}

/// Asks before an application is withdrawn.
#[derive(Clone, Debug)]
pub struct Withdraw {
    /// The application.
    pub id: ApplicationId,
    /// Its title.
    pub title: String,
    /// Whether it is on the waiting list.
    pub waits: bool,
}

impl Page for Withdraw {
    fn title(&self) -> String {
        let text =
            if self.waits { "Leave the waiting list?" } else { "Withdraw this application?" };
        text.to_owned()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let action = routes::application_withdraw(self.id);
        let button = html! { button.button.danger type="submit" { "Withdraw application" } };
        html! {
            (back(&routes::application(self.id), "Back to the application"))
            h1 { (self.title()) }
            p { strong { (name(&self.title)) } }
            @if self.waits {
                p { "No award is offered to you any more, and the place cannot be had back. You "
                    "can apply again on any day." }
            } @else {
                p { "Nobody reviews it any more, and it cannot be brought back. You can apply "
                    "again on any day, as often as you like." }
            }
            div.actions {
                (button_form(frame, &action, &[], &button))
                (link(&routes::application(self.id), "Keep it"))
            }
        }
    }
}
