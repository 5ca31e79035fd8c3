//! The application form, the check before it is sent, and what happens after.

use bursar_kernel::program::{FormField, Policy};
use bursar_kernel::{ApplicationId, Timestamp};
use maud::{Markup, html};

use crate::discover::{RoundDates, plan_line, planned};
use crate::estimate::{EstimateShown, draft_html};
use crate::routes;
use crate::screening::{Changed, PointShown, Screening, advice, changes};
use crate::ui::field::Control;
use crate::ui::{
    Answer, Field, Frame, Input, Page, back, both_dates, button, button_link, check_answers,
    confirmation, date, error_summary, field_html, form, inset, instant, link,
};

/// The form of a draft.
#[derive(Clone, Debug)]
pub struct ApplicationForm {
    /// The application.
    pub id: ApplicationId,
    /// The program's name.
    pub program: String,
    /// The questions, in groups.
    pub sections: Vec<FormSection>,
    /// What is saved or was typed, and what is wrong.
    pub input: Input,
    /// When the draft was saved last.
    pub saved_at: Option<Timestamp>,
    /// The round it would be part of, where one is to come.
    pub round: Option<RoundDates>,
    /// How long it takes with everything at hand.
    pub minutes: u32,
    /// Whether the answers begin with those of an earlier application.
    pub comes_back: bool,
    /// What the study costs, once it is counted.
    pub estimate: Option<EstimateShown>,
    /// Where that is counted.
    pub estimate_at: String,
}

/// A group of questions.
#[derive(Clone, Debug)]
pub struct FormSection {
    /// Its heading; empty for a form of one group.
    pub title: String,
    /// Its questions.
    pub questions: Vec<FormField>,
}

impl Page for ApplicationForm {
    fn title(&self) -> String {
        format!("Apply to {}", self.program)
    }

    fn has_errors(&self) -> bool {
        self.input.has_errors()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let fill = |question: &FormField| self.input.fill(Field::from_question(question));
        let fields: Vec<Field> =
            self.sections.iter().flat_map(|section| section.questions.iter().map(fill)).collect();
        let inside = html! {
            @for section in &self.sections {
                @if !section.title.is_empty() { h2 { (section.title) } }
                @for question in &section.questions { (field_html(&fill(question))) }
            }
            div.actions {
                button.button type="submit" name="action" value="continue" { "Save and continue" }
                button.button.secondary type="submit" name="action" value="save" { "Save draft" }
            }
        };
        html! {
            (back(routes::APPLICATIONS, "My applications"))
            (error_summary(&fields))
            h1 { "Apply to " bdi { (self.program) } }
            p {
                "About " (self.minutes) " minutes with a plan and your affiliation at hand. "
                "Nothing is sent until you have checked your answers."
            }
            (planned(self.round.as_ref()))
            @if self.comes_back {
                (inset(&html! { p { "Your answers of last time are filled in. Change what the "
                    "reasons asked for: more detail helps. Before you submit you see what differs."
                        } }))
            }
            @if let Some(saved) = self.saved_at {
                p.muted { "Draft saved on " (instant(saved, &frame.zone)) "." }
            }
            (form(frame, &routes::application_form(self.id), &inside))
            (draft_html(self.estimate.as_ref(), (self.id, &self.estimate_at), frame))
        }
    }
}

/// Everything that would be sent, and the policies to accept.
#[derive(Clone, Debug)]
pub struct CheckAnswers {
    /// The application.
    pub id: ApplicationId,
    /// The program's name.
    pub program: String,
    /// The answers, with where to change them.
    pub answers: Vec<Answer>,
    /// What to accept; posted as `policy-` and the policy's id.
    pub policies: Vec<Policy>,
    /// What is accepted, and what is missing.
    pub input: Input,
    /// The round it would be part of, where one is to come.
    pub round: Option<RoundDates>,
    /// What the program's rules say of the answers.
    pub screening: Screening,
    /// Whether it can be handed in.
    pub may_submit: bool,
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
}

impl Page for CheckAnswers {
    fn title(&self) -> String {
        "Check your answers".to_owned()
    }

    fn has_errors(&self) -> bool {
        self.input.has_errors()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let fields: Vec<Field> = self
            .policies
            .iter()
            .map(|policy| {
                let name = format!("policy-{}", policy.id);
                self.input.fill(Field::new(name, &policy.statement, Control::Checkbox))
            })
            .collect();
        let inside = html! {
            @for (policy, field) in self.policies.iter().zip(&fields) {
                h3 { (policy.title) }
                p {
                    a href=(policy.url) rel="external" {
                        "Read the policy" span.visually-hidden { ": " (policy.title) }
                    }
                    span.muted { " (edition " (policy.version) ")" }
                }
                (field_html(field))
            }
            p { "After you submit you cannot change the answers. You can withdraw until the "
                "decision is released, and apply again." }
            div.actions { (button("Submit application")) }
        };
        html! {
            (back(&routes::application_form(self.id), "Back to the form"))
            (error_summary(&fields))
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
            h2 { "Your answers" }
            (check_answers(&self.answers))
            (draft_html(self.estimate.as_ref(), (self.id, &self.estimate_at), frame))
            @if let Some(progress) = &self.progress {
                p { strong { "By the books: " } (progress)
                    " This line goes with the application." }
            }
            @if let Some(changed) = &self.changes {
                h2 { "What differs from your earlier application" }
                (changes(changed))
            }
            @if self.may_submit {
                h2 { "Policies to accept" }
                (form(frame, &routes::application_check(self.id), &inside))
            } @else {
                h2 { "This cannot be submitted" }
                p { "The program's rules exclude it, for the reason above. If an answer is wrong, "
                    (link(&routes::application_form(self.id), "change it")) "; the draft is kept." }
            }
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
