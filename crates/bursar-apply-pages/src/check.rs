//! The policies, the check before it is sent, and what happens after.

use bursar_kernel::ApplicationId;
use bursar_kernel::program::Policy;
use maud::{Markup, html};

use crate::estimate::{EstimateShown, draft_html};
use bursar_discover_pages::{RoundDates, plan_line, planned};

use crate::routes;
use crate::screening::{Changed, PointShown, Screening, advice, changes};
use crate::ui::field::Control;
use crate::ui::{
    Answer, Field, Frame, Input, Page, back, both_dates, button, button_link, check_answers,
    confirmation, date, error_summary, field_html, form, inset, link,
};

/// The policies of a program, to accept.
#[derive(Clone, Debug)]
pub struct Policies {
    /// The application.
    pub id: ApplicationId,
    /// The program's name.
    pub program: String,
    /// What to accept; posted as `policy-` and the policy's id.
    pub policies: Vec<Policy>,
    /// What is accepted, and what is missing.
    pub input: Input,
}

impl Page for Policies {
    fn title(&self) -> String {
        "Policies to accept".to_owned()
    }

    fn has_errors(&self) -> bool {
        self.input.has_errors()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let field = |policy: &Policy| {
            let name = format!("policy-{}", policy.id);
            self.input.fill(Field::new(name, &policy.statement, Control::Checkbox))
        };
        let fields: Vec<Field> = self.policies.iter().map(field).collect();
        let inside = html! {
            @for (policy, field) in self.policies.iter().zip(&fields) {
                h2 { (policy.title) }
                p {
                    a href=(policy.url) rel="external" {
                        "Read the policy" span.visually-hidden { ": " (policy.title) }
                    }
                    span.muted { " (edition " (policy.version) ")" }
                }
                (field_html(field))
            }
            div.actions { (button("Save and continue")) }
        };
        html! {
            (back(&routes::application_form(self.id), "Back to the tasks"))
            (error_summary(&fields))
            h1 { "Policies to accept" }
            p { "They bind whoever is given credit of " bdi { (self.program) } ". What you accept "
                "is recorded with its edition and the day." }
            (form(frame, &routes::application_policies(self.id), &inside))
        }
    }
}

/// Everything that would be sent.
#[derive(Clone, Debug)]
pub struct CheckAnswers {
    /// The application.
    pub id: ApplicationId,
    /// The program's name.
    pub program: String,
    /// The answers by section, with where to change them.
    pub sections: Vec<(String, Vec<Answer>)>,
    /// What is accepted.
    pub accepted: Vec<String>,
    /// The round it would be part of, where one is to come.
    pub round: Option<RoundDates>,
    /// What the program's rules say of the answers.
    pub screening: Screening,
    /// Whether the rules let it be handed in.
    pub may_submit: bool,
    /// Who hands it in, where that is not the viewer.
    pub submits: Option<String>,
    /// Advice on the proposal.
    pub points: Vec<PointShown>,
    /// What differs from the application that it follows, if it follows one.
    pub changes: Option<Vec<Changed>>,
    /// What the grant that it follows has come to, by the books.
    pub progress: Option<String>,
    /// What the study costs, where it is counted.
    pub estimate: Option<EstimateShown>,
    /// Where that is counted.
    pub estimate_at: String,
    /// Whether the viewer edits the draft.
    pub edits: bool,
}

impl Page for CheckAnswers {
    fn title(&self) -> String {
        "Check your answers".to_owned()
    }

    fn body(&self, frame: &Frame) -> Markup {
        html! {
            (back(&routes::application_form(self.id), "Back to the tasks"))
            h1 { "Check your answers" }
            p { "For " bdi { (self.program) } ". " }
            (planned(self.round.as_ref()))
            @if !self.screening.findings.is_empty() {
                h2 { "Whether you qualify" }
                (self.screening.html())
            }
            @if !self.points.is_empty() {
                h2 { "How the proposal reads" }
                (advice(&self.points))
            }
            @for (title, answers) in &self.sections {
                h2 { (title) }
                (check_answers(answers))
            }
            @if self.edits {
                (draft_html(self.estimate.as_ref(), (self.id, &self.estimate_at), frame))
            } @else if let Some(estimate) = &self.estimate {
                h2 { "What the study costs" }
                (estimate.html(frame))
            }
            @if let Some(progress) = &self.progress {
                p { strong { "By the books: " } (progress)
                    " This line goes with the application." }
            }
            @if let Some(changed) = &self.changes {
                h2 { "What differs from your earlier application" }
                (changes(changed))
            }
            @if !self.accepted.is_empty() {
                h2 { "Policies that you accept" }
                ul { @for line in &self.accepted { li { (line) } } }
            }
            (self.end(frame))
        }
    }
}

impl CheckAnswers {
    fn end(&self, frame: &Frame) -> Markup {
        if !self.may_submit {
            return html! {
                h2 { "This cannot be submitted" }
                p { "The program's rules exclude it, for the reason above. If an answer is wrong, "
                    (link(&routes::application_form(self.id), "change it")) "; the draft is kept." }
            };
        }
        if let Some(name) = &self.submits {
            return inset(&html! { p { "Only " bdi { (name) } ", who applies, hands this in." } });
        }
        let inside = html! {
            p { "After you submit you cannot change the answers. You can withdraw until the "
                "decision is released, and apply again." }
            div.actions { (button("Submit application")) }
        };
        html! {
            h2 { "Submit" }
            (form(frame, &routes::application_check(self.id), &inside))
        }
    }
}

/// It is sent.
#[derive(Clone, Debug)]
pub struct Submitted {
    /// The application.
    pub id: ApplicationId,
    /// The program's name.
    pub program: String,
    /// The round it is part of.
    pub round: RoundDates,
    /// Where mail about it goes.
    pub email: String,
}

impl Page for Submitted {
    fn title(&self) -> String {
        "Application submitted".to_owned()
    }

    fn body(&self, _frame: &Frame) -> Markup {
        let zone = &self.round.zone;
        html! {
            (confirmation("Application submitted", Some(("Your reference", &self.id.to_string()))))
            p { "We have mailed a receipt to " strong { bdi { (self.email) } } "." }
            (plan_line(&self.round))
            h2 { "What happens next" }
            ol.timeline {
                li.done { strong { "Submitted" } p.hint { "to " bdi { (self.program) } } }
                li { strong { "Review in the " (self.round.label) " round" }
                    p.hint { "from " (date(self.round.closes, zone)) } }
                @if let Some((from, to)) = self.round.decision {
                    li { strong { "A mail with the decision" }
                        p.hint { @if from == to { "after " (date(from, zone)) }
                            @else { (both_dates(from, to, zone)) } } }
                }
                @if let Some((from, to)) = self.round.credit {
                    li { strong { "If awarded, credit arrives" }
                        p.hint { (both_dates(from, to, zone)) } }
                }
            }
            p { "Until then the status says that it is submitted, and nothing else. "
                "You can " (link(&routes::application_withdraw(self.id), "withdraw it")) "." }
            div.actions { (button_link(&routes::application(self.id), "See the application")) }
        }
    }
}
