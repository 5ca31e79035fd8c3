//! The decision letter, and the answer to an award.

use bursar_kernel::{ApplicationId, Timestamp, Usd};
use maud::{Markup, html};

use crate::routes;
use crate::ui::controls::button_form;
use crate::ui::dates::plural;
use crate::ui::field::Control;
use crate::ui::{
    Field, Figure, Frame, Input, Page, available, back, both_dates, button, button_link,
    error_summary, field_html, figures, form, inset, instant, key_values, link, name, prose,
};

/// The decision as it was sent.
#[derive(Clone, Debug)]
pub struct Letter {
    /// The application.
    pub id: ApplicationId,
    /// Its title.
    pub title: String,
    /// The program's name.
    pub program: String,
    /// When it was released.
    pub released_at: Timestamp,
    /// What was decided.
    pub outcome: Outcome,
    /// The letter's text.
    pub text: String,
    /// What counted in the applicant's favour, each with its points of priority.
    pub counted: Vec<(String, u32)>,
    /// What reviewers' scores came to, a line for each criterion.
    pub feedback: Vec<String>,
    /// Posted to apply again.
    pub apply_again: String,
}

/// What was decided.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// An award that waits for an answer.
    Awarded {
        /// How much.
        amount: Usd,
        /// The last day on which it can be answered; `None` is without end.
        answer_by: Option<String>,
    },
    /// No award so far: what comes back goes to whoever waits.
    Waitlisted {
        /// The last day for which the place holds.
        until: Option<String>,
    },
    /// An award that was answered: accepted or declined, as a sentence.
    Answered {
        /// How much.
        amount: Usd,
        /// What the answer was: `You accepted it on 2 January 2027.`
        answer: String,
    },
    /// No award this time.
    Declined,
}

impl Page for Letter {
    fn title(&self) -> String {
        format!("Decision: {}", self.title)
    }

    fn body(&self, frame: &Frame) -> Markup {
        html! {
            (back(&routes::application(self.id), "Back to the application"))
            h1 { "Decision on “" (name(&self.title)) "”" }
            p.muted { (name(&self.program)) ", released on "
                (instant(self.released_at, &frame.zone)) }
            @match &self.outcome {
                Outcome::Awarded { amount, .. } | Outcome::Answered { amount, .. } =>
                    (figures(&[Figure::new("Award", available(*amount))])),
                Outcome::Declined | Outcome::Waitlisted { .. } => {},
            }
            h2 { "Why it was decided so" }
            (prose(&self.text))
            @if !self.counted.is_empty() {
                h3 { "What counted in your favour" }
                ul { @for (reason, points) in &self.counted {
                    li { (reason) " " span.muted { "(priority: "
                        (plural(i64::from(*points), "point", "points")) ")" } }
                } }
            }
            @if !self.feedback.is_empty() {
                h3 { "What reviewers scored on the average" }
                ul { @for line in &self.feedback { li { (name(line)) } } }
            }
            @match &self.outcome {
                Outcome::Awarded { answer_by, .. } => {
                    (inset(&html! { p { "The award waits for your answer. No credit arrives "
                        "before you accept it." }
                        @if let Some(day) = answer_by {
                            p { "It can be answered until the end of " strong { (day) }
                                "; after that day it goes to somebody else." }
                        } }))
                    div.actions {
                        (button_link(&routes::award_accept(self.id), "Accept the award"))
                        (link(&routes::award_decline(self.id), "Decline it"))
                    }
                }
                Outcome::Waitlisted { until } => {
                    (inset(&html! { p { "You are on the waiting list: an award of this round that "
                        "comes back goes to whoever waits, in the order of the review."
                        @if let Some(day) = until {
                            " Your place holds until the end of " strong { (day) } "."
                        } } }))
                    p { (link(&routes::application_withdraw(self.id), "Leave the waiting list")) }
                }
                Outcome::Answered { answer, .. } => (inset(&html! { p { (answer) } })),
                Outcome::Declined => {
                    h2 { "Coming back" }
                    p { "You can apply again on any day, without limit. The form begins with your "
                        "answers, and answering the reasons above in detail helps most." }
                    div.actions {
                        (button_form(frame, &self.apply_again, &[], &button("Apply again")))
                    }
                }
            }
        }
    }
}

/// The terms of an award, to accept.
#[derive(Clone, Debug)]
pub struct AcceptAward {
    /// The application.
    pub id: ApplicationId,
    /// The program's name.
    pub program: String,
    /// How much.
    pub amount: Usd,
    /// The last day on which it can be answered; `None` is without end.
    pub answer_by: Option<String>,
    /// Credit arrives at the earliest.
    pub delivery_from: Timestamp,
    /// Credit arrives at the latest.
    pub delivery_to: Timestamp,
    /// It would expire then, if it arrived at the earliest.
    pub expiry_from: Timestamp,
    /// It would expire then, if it arrived at the latest.
    pub expiry_to: Timestamp,
    /// The terms.
    pub terms: Vec<String>,
    /// Whether `accept` is ticked, and what is wrong if not.
    pub input: Input,
}

impl Page for AcceptAward {
    fn title(&self) -> String {
        "Accept the award".to_owned()
    }

    fn has_errors(&self) -> bool {
        self.input.has_errors()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let zone = &frame.zone;
        let accept =
            self.input.fill(Field::new("accept", "I accept these terms", Control::Checkbox));
        let arrives = both_dates(self.delivery_from, self.delivery_to, zone);
        let expires = html! {
            (both_dates(self.expiry_from, self.expiry_to, zone))
            br; span.muted { "Fixed to the minute once it has arrived. No extension, no pause." }
        };
        let mut facts = vec![
            ("Program".to_owned(), name(&self.program)),
            ("Credit arrives".to_owned(), arrives),
            ("Credit expires".to_owned(), expires),
        ];
        if let Some(day) = &self.answer_by {
            facts.insert(1, ("Answer by".to_owned(), html! { "The end of " (day) }));
        }
        let inside = html! {
            (field_html(&accept))
            div.actions {
                (button("Accept the award"))
                (link(&routes::application_letter(self.id), "Not now"))
            }
        };
        html! {
            (back(&routes::application_letter(self.id), "Back to the decision"))
            (error_summary(std::slice::from_ref(&accept)))
            h1 { "Accept the award" }
            (figures(&[Figure::new("Award", available(self.amount))]))
            (key_values(&facts))
            h2 { "Terms" }
            ul { @for term in &self.terms { li { (term) } } }
            (form(frame, &routes::award_accept(self.id), &inside))
        }
    }
}

/// Asks before an award is declined.
#[derive(Clone, Debug)]
pub struct DeclineAward {
    /// The application.
    pub id: ApplicationId,
    /// How much.
    pub amount: Usd,
    /// The last day on which it can be answered; `None` is without end.
    pub answer_by: Option<String>,
}

impl Page for DeclineAward {
    fn title(&self) -> String {
        "Decline this award?".to_owned()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let action = routes::award_decline(self.id);
        let button = html! { button.button.danger type="submit" { "Decline the award" } };
        html! {
            (back(&routes::application_letter(self.id), "Back to the decision"))
            h1 { "Decline this award?" }
            p { (available(self.amount)) " goes back to the program for another applicant. This "
                "cannot be undone." }
            @match &self.answer_by {
                None => p { "There is no hurry: the award waits for your answer." },
                Some(day) => p { "The award waits for your answer until the end of " (day) "." },
            }
            div.actions {
                (button_form(frame, &action, &[], &button))
                (link(&routes::application_letter(self.id), "Keep it"))
            }
        }
    }
}
