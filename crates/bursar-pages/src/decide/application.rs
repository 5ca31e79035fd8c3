//! One application as an officer reads it, and the decision.

use bursar_kernel::{ApplicationId, Timestamp, Usd};
use maud::{Markup, html};

use crate::routes;
use crate::ui::field::Control;
use crate::ui::{
    Answer, Choice, Field, Frame, Input, Page, Status, Tone, available, back, button,
    check_answers, empty, error_summary, field_html, form, instant, key_values, name, notice,
    prose, tag,
};

/// One application, with everything an officer decides on.
#[derive(Clone, Debug)]
pub struct ApplicationDecision {
    /// The application.
    pub id: ApplicationId,
    /// Its title.
    pub title: String,
    /// The program's name.
    pub program: String,
    /// The round's name.
    pub round: String,
    /// Its state.
    pub status: Status,
    /// Who applies.
    pub applicant: Applicant,
    /// How much is asked for.
    pub requested: Option<Usd>,
    /// The typical maximum of the program.
    pub typical_max: Usd,
    /// What is left in the program's pool.
    pub pool_left: Usd,
    /// What was answered.
    pub answers: Vec<Answer>,
    /// What reviewers say.
    pub reviews: Vec<ReviewShown>,
    /// The decision, or the form for it.
    pub panel: DecisionPanel,
}

/// Who applies.
#[derive(Clone, Debug)]
pub struct Applicant {
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// The institution.
    pub affiliation: String,
}

/// A review as an officer reads it.
#[derive(Clone, Debug)]
pub struct ReviewShown {
    /// Who wrote it.
    pub reviewer: String,
    /// What it recommends.
    pub recommendation: Status,
    /// Why.
    pub comment: String,
    /// When it was submitted.
    pub at: Timestamp,
}

/// The decision, or the form for it.
#[derive(Clone, Debug)]
pub enum DecisionPanel {
    /// Not decided: the form. Posts `decision`, `amount`, `reasons`, `justification`.
    Open {
        /// What was typed, and what is wrong.
        input: Input,
    },
    /// Decided; in a round that is not released only officers see it.
    Decided {
        /// What was decided, by whom and when.
        summary: String,
        /// The reasons as the applicant reads them.
        reasons: String,
        /// What the form to decide anew starts with, while nobody outside knows.
        input: Option<Input>,
    },
    /// There is nothing to decide, and why.
    Closed {
        /// Why.
        reason: String,
    },
}

impl Page for ApplicationDecision {
    fn title(&self) -> String {
        self.title.clone()
    }

    fn has_errors(&self) -> bool {
        matches!(&self.panel, DecisionPanel::Open { input } if input.has_errors())
    }

    fn body(&self, frame: &Frame) -> Markup {
        let facts = [
            ("Applicant".to_owned(), name(&self.applicant.name)),
            ("E-mail".to_owned(), name(&self.applicant.email)),
            ("Affiliation".to_owned(), name(&self.applicant.affiliation)),
            ("Program".to_owned(), name(&self.program)),
            ("Round".to_owned(), html! { (self.round) }),
            (
                "Asked for".to_owned(),
                html! { @match self.requested {
                    Some(amount) => (available(amount)),
                    None => "No amount",
                } },
            ),
            ("Left in the pool".to_owned(), html! { (available(self.pool_left)) }),
        ];
        html! {
            (back(routes::DECIDE, "Applications"))
            @if let DecisionPanel::Open { input } = &self.panel {
                (error_summary(&self.fields(input)))
            }
            div.heading-row { h1 { (name(&self.title)) } (tag(&self.status)) }
            (key_values(&facts))
            h2 { "Answers" }
            (check_answers(&self.answers))
            h2 { "Reviews" }
            @if self.reviews.is_empty() {
                (empty("No review yet", &html! { p { "You can decide without one; reviewers see "
                    "the application once its round is open." } }))
            }
            @for review in &self.reviews { (review_shown(review, frame)) }
            h2 { "Decision" }
            (self.decision(frame))
        }
    }
}

impl ApplicationDecision {
    fn fields(&self, input: &Input) -> Vec<Field> {
        let choices = vec![Choice::new("award", "Award"), Choice::new("decline", "Decline")];
        let typical = available(self.typical_max);
        let mut amount = Field::new("amount", "Amount of the award", Control::Amount)
            .hint(format!("Up to {typical} is typical. Leave it empty to decline."));
        if let Some(requested) = self.requested {
            amount.value = requested.to_string();
        }
        [
            Field::new("decision", "What do you decide?", Control::Radios(choices)),
            amount,
            Field::new("reasons", "Reasons", Control::Area { rows: 6, words_max: None })
                .hint("The applicant reads them in the letter. Say what would change the answer."),
            Field::new("justification", "Why more than is typical", text_area())
                .hint(format!("For an award above {typical} only."))
                .optional(),
        ]
        .into_iter()
        .map(|field| input.fill(field))
        .collect()
    }

    fn decision_form(&self, input: &Input, frame: &Frame) -> Markup {
        let inside = html! {
            p { "Nobody outside the program sees the decision before the round is released." }
            @for field in &self.fields(input) { (field_html(field)) }
            div.actions { (button("Record the decision")) }
        };
        form(frame, &routes::decide(self.id), &inside)
    }

    fn decision(&self, frame: &Frame) -> Markup {
        match &self.panel {
            DecisionPanel::Open { input } => self.decision_form(input, frame),
            DecisionPanel::Decided { summary, reasons, input } => html! {
                (notice(self.status.tone, &html! { p { strong { (summary) } } }))
                h3 { "Reasons in the letter" }
                (prose(reasons))
                @if let Some(input) = input {
                    details {
                        summary { "Decide anew" }
                        (self.decision_form(input, frame))
                    }
                }
            },
            DecisionPanel::Closed { reason } => notice(Tone::Neutral, &html! { p { (reason) } }),
        }
    }
}

fn text_area() -> Control {
    Control::Area { rows: 4, words_max: None }
}

fn review_shown(review: &ReviewShown, frame: &Frame) -> Markup {
    html! {
        div.inset {
            p { strong { (name(&review.reviewer)) } " " (tag(&review.recommendation)) }
            (prose(&review.comment))
            p.muted.small { (instant(review.at, &frame.zone)) }
        }
    }
}
