//! The decision on an application: the form for it, what was decided, and a second officer's word.

use maud::{Markup, html};

use super::application::ApplicationDecision;
use crate::routes;
use crate::ui::controls::button_form;
use crate::ui::field::Control;
use crate::ui::{
    Choice, Field, Frame, Input, Tone, available, button, field_html, form, name, notice, prose,
};

/// The decision, or the form for it.
#[derive(Clone, Debug)]
pub enum DecisionPanel {
    /// Not decided: the form. Posts `decision`, `amount`, `reasons`, `justification`.
    Open {
        /// What was typed, and what is wrong.
        input: Input,
    },
    /// The review has not begun: it can be declined, and nothing else. Posts `decision` and
    /// `reasons`.
    Desk {
        /// When the review begins, as a day.
        begins: String,
        /// What was typed, and what is wrong.
        input: Input,
    },
    /// Decided; in a round that is not released only officers see it.
    Decided {
        /// What was decided, by whom and when.
        summary: String,
        /// The reasons as the applicant reads them.
        reasons: String,
        /// Why it is above the typical maximum, where it is.
        above: Option<String>,
        /// Whether a second officer has approved it, where that is asked for.
        approval: Option<Approval>,
        /// What the form to decide anew starts with, while nobody outside knows.
        input: Option<Input>,
        /// What can be done with the decision beside that.
        step: Option<Step>,
    },
    /// There is nothing to decide, and why.
    Closed {
        /// Why.
        reason: String,
    },
}

/// What can be done with a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It can be taken back: nobody outside knows of it.
    TakeBack,
    /// It is a place on the waiting list: the award can be offered now.
    Offer,
}

/// A second officer's word on an award.
#[derive(Clone, Debug)]
pub enum Approval {
    /// It waits, and whoever looks at it may give it.
    Waits,
    /// It waits for somebody else: whoever looks at it proposed the award.
    WaitsForAnother,
    /// It was given.
    Given {
        /// By whom.
        by: String,
    },
}

impl DecisionPanel {
    /// What was typed into the form, where there is one.
    pub(super) const fn open(&self) -> Option<&Input> {
        match self {
            Self::Open { input } | Self::Desk { input, .. } => Some(input),
            Self::Decided { .. } | Self::Closed { .. } => None,
        }
    }

    pub(super) fn has_errors(&self) -> bool {
        self.open().is_some_and(Input::has_errors)
    }
}

impl ApplicationDecision {
    pub(super) fn fields(&self, input: &Input) -> Vec<Field> {
        if let DecisionPanel::Desk { .. } = &self.panel {
            return vec![input.fill(reasons())];
        }
        let mut choices = vec![Choice::new("award", "Award"), Choice::new("decline", "Decline")];
        if self.keeps_list {
            let hint = "Last on the round's list. An award that comes back goes to whoever waits.";
            choices.insert(1, Choice::hinted("waitlist", "Waiting list", hint));
        }
        let typical = available(self.typical_max);
        let mut amount = Field::new("amount", "Amount of the award", Control::Amount)
            .hint(format!("Up to {typical} is typical. Leave it empty to decline."));
        if let Some(requested) = self.requested {
            amount.value = requested.to_string();
        }
        [
            Field::new("decision", "What do you decide?", Control::Radios(choices)),
            amount,
            reasons(),
            Field::new("justification", "Why more than is typical", text_area())
                .hint(format!("For an award above {typical} only."))
                .optional(),
        ]
        .into_iter()
        .map(|field| input.fill(field))
        .collect()
    }

    fn approval(&self, approval: &Approval, frame: &Frame) -> Markup {
        match approval {
            Approval::Given { by } => {
                notice(Tone::Good, &html! { p { "Approved by a second officer, " (name(by)) "." } })
            }
            Approval::WaitsForAnother => notice(
                Tone::Warning,
                &html! { p { strong { "Waits for a second officer. " }
                "You proposed the award, so somebody else approves it; until then the round is not "
                "released." } },
            ),
            Approval::Waits => html! {
                (notice(Tone::Warning, &html! { p { strong { "Waits for a second officer. " }
                    "Until one approves it, the round is not released. If you think otherwise, "
                    "decide anew." } }))
                div.actions {
                    (button_form(
                        frame,
                        &routes::decide_approve(self.id),
                        &[],
                        &button("Approve the award"),
                    ))
                }
            },
        }
    }

    fn step(&self, step: Step, frame: &Frame) -> Markup {
        let (action, text, hint) = match step {
            Step::TakeBack => (
                routes::decide_take_back(self.id),
                "Take the decision back",
                "It stands where it stood before, and nobody outside hears of it.",
            ),
            Step::Offer => (
                routes::decide_offer(self.id),
                "Offer the award now",
                "It is offered by itself when an award of the round comes back. Now the pool pays, \
                 and whoever is before it waits on.",
            ),
        };
        let button = html! { button.button.secondary type="submit" { (text) } };
        html! {
            div.actions { (button_form(frame, &action, &[], &button)) }
            p.muted.small { (hint) }
        }
    }

    fn decision_form(&self, input: &Input, frame: &Frame) -> Markup {
        let inside = html! {
            p { "Nobody outside the program sees the decision before the round is released." }
            @for field in &self.fields(input) { (field_html(field)) }
            div.actions { (button("Record the decision")) }
        };
        form(frame, &routes::decide(self.id), &inside)
    }

    pub(super) fn decision(&self, frame: &Frame) -> Markup {
        match &self.panel {
            DecisionPanel::Open { input } => self.decision_form(input, frame),
            DecisionPanel::Desk { begins, input } => html! {
                p { "The review begins on " (begins) "; a decision can be made from then on. What "
                    "is not for this program can be declined before." }
                details open[input.has_errors()] {
                    summary { "Decline before the review" }
                    (form(frame, &routes::decide(self.id), &html! {
                        input type="hidden" name="decision" value="decline";
                        @for field in &self.fields(input) { (field_html(field)) }
                        div.actions { (button("Decline it")) }
                    }))
                }
            },
            DecisionPanel::Decided { summary, reasons, above, approval, input, step } => html! {
                (notice(self.status.tone, &html! { p { strong { (summary) } } }))
                @if let Some(justification) = above {
                    h3 { "Why more than is typical" }
                    (prose(justification))
                }
                @if let Some(approval) = approval { (self.approval(approval, frame)) }
                h3 { "Reasons in the letter" }
                (prose(reasons))
                @if let Some(input) = input {
                    details {
                        summary { "Decide anew" }
                        (self.decision_form(input, frame))
                    }
                }
                @if let Some(step) = step { (self.step(*step, frame)) }
            },
            DecisionPanel::Closed { reason } => notice(Tone::Neutral, &html! { p { (reason) } }),
        }
    }
}

fn reasons() -> Field {
    Field::new("reasons", "Reasons", Control::Area { rows: 6 })
        .hint("The applicant reads them in the letter. Say what would change the answer.")
}

fn text_area() -> Control {
    Control::Area { rows: 4 }
}
