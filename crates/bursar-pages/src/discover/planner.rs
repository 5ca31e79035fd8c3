//! From a day to a round and its credit, and back.

use bursar_kernel::{ProgramId, RoundId, Timestamp};
use maud::{Markup, html};

use crate::routes;
use crate::ui::field::Control;
use crate::ui::{Field, Frame, Input, Tone, date, error_summary, field_html, instant, notice};

/// A round's dates, as an applicant needs them.
#[derive(Clone, Debug)]
pub struct RoundDates {
    /// The round.
    pub round: RoundId,
    /// Its name: `December 2026`.
    pub label: String,
    /// The last whole day on which to submit for it.
    pub last_day: Timestamp,
    /// A week before it closes.
    pub advised_by: Timestamp,
    /// Submitted before this instant, an application is part of the round; reviews begin then.
    pub closes: Timestamp,
    /// Reviews end.
    pub review_ends: Timestamp,
    /// Credit arrives at the earliest.
    pub delivery_from: Timestamp,
    /// Credit arrives at the latest.
    pub delivery_to: Timestamp,
}

/// When to submit and what follows, in a line.
pub fn plan_line(round: &RoundDates, frame: &Frame) -> Markup {
    let zone = &frame.zone;
    html! {
        p.plan {
            "Submit by " strong { (date(round.last_day, zone)) }
            " (before " (instant(round.closes, zone)) ") for the " (round.label) " round; decision "
            "after " strong { (date(round.review_ends, zone)) } "; credit between "
            strong { (date(round.delivery_from, zone)) } " and "
            strong { (date(round.delivery_to, zone)) } "."
        }
    }
}

/// The planner of a guide.
#[derive(Clone, Debug, Default)]
pub struct Planner {
    /// The days that were asked about: `submit_on`, `need_by`; and what is wrong with them.
    pub input: Input,
    /// What an application submitted on that day can expect.
    pub submitted: Option<RoundDates>,
    /// When to submit for credit by that day.
    pub needed: Option<Needed>,
}

/// When to submit for credit by a day.
#[derive(Clone, Debug)]
pub enum Needed {
    /// In time for this round.
    By(RoundDates),
    /// Too soon for any; this is the first there is.
    TooSoon(RoundDates),
}

impl Planner {
    /// Whether a day could not be read.
    pub fn has_errors(&self) -> bool {
        self.input.has_errors()
    }

    /// Every mistake in one place.
    pub fn errors(&self) -> Markup {
        error_summary(&self.fields())
    }

    fn fields(&self) -> Vec<Field> {
        let fields = [
            Field::new("submit_on", "If I submit on this day", Control::Day).optional(),
            Field::new("need_by", "If I need credit by this day", Control::Day).optional(),
        ];
        fields.into_iter().map(|field| self.input.fill(field)).collect()
    }

    /// The form and its answers.
    pub fn html(&self, program: &ProgramId, frame: &Frame) -> Markup {
        let action = format!("{}#planner", routes::program(program));
        html! {
            form.filters method="get" action=(action) aria-label="Planner" {
                @for field in &self.fields() { (field_html(field)) }
                button.button.secondary type="submit" { "Plan" }
            }
            @if let Some(round) = &self.submitted {
                h3 { "If you submit on that day" }
                (notice(Tone::Info, &plan_line(round, frame)))
            }
            @match &self.needed {
                Some(Needed::By(round)) => {
                    h3 { "For credit by that day" }
                    (notice(Tone::Good, &html! {
                        (plan_line(round, frame))
                        p { "Better by " (date(round.advised_by, &frame.zone))
                            ", a week before the round closes, than a quarter late." }
                    }))
                }
                Some(Needed::TooSoon(round)) => {
                    h3 { "For credit by that day" }
                    (notice(Tone::Warning, &html! {
                        p { strong { "No round is decided and paid by then." }
                            " This is the first that there is:" }
                        (plan_line(round, frame))
                    }))
                }
                None => {}
            }
        }
    }
}
