//! From a day to a round and its credit, and back.

use bursar_kernel::{ProgramId, RoundId, Timestamp};
use jiff::tz::TimeZone;
use maud::{Markup, html};

use crate::routes;
use crate::ui::field::Control;
use crate::ui::{Field, Input, Tone, date, error_summary, field_html, instant, link, notice};

/// A round's dates, as an applicant needs them. What nobody says is `None`.
#[derive(Clone, Debug)]
pub struct RoundDates {
    /// The round.
    pub round: RoundId,
    /// Its name: `December 2026`; empty where each application is decided by itself.
    pub label: String,
    /// From when on applications are taken, where that is to come.
    pub opens: Option<Timestamp>,
    /// The last whole day on which to submit for it.
    pub last_day: Timestamp,
    /// A week before it closes.
    pub advised_by: Timestamp,
    /// Submitted before this instant, an application is part of the round; reviews begin then.
    pub closes: Timestamp,
    /// Decisions are there at the earliest and at the latest.
    pub decision: Option<(Timestamp, Timestamp)>,
    /// Credit arrives at the earliest and at the latest.
    pub credit: Option<(Timestamp, Timestamp)>,
    /// Credit expires: what arrives at the earliest, and what arrives at the latest.
    pub expires: Option<(Timestamp, Timestamp)>,
    /// The zone in which its days begin.
    pub zone: TimeZone,
}

/// When to submit and what follows, in a line.
pub fn plan_line(round: &RoundDates) -> Markup {
    let zone = &round.zone;
    html! {
        p.plan {
            @if let Some(opens) = round.opens {
                "Applications are taken from " strong { (date(opens, zone)) } " on. "
            }
            "Submit by " strong { (date(round.last_day, zone)) }
            " (before " (instant(round.closes, zone)) ")"
            @if !round.label.is_empty() { " for the " (round.label) " round" }
            @match round.decision {
                Some((from, to)) if from == to => {
                    "; decision after " strong { (date(from, zone)) }
                }
                Some((from, to)) => {
                    "; decision between " strong { (date(from, zone)) } " and "
                    strong { (date(to, zone)) }
                }
                None => "; when it is decided, nobody says"
            }
            @if let Some((from, to)) = round.credit {
                "; credit between " strong { (date(from, zone)) } " and "
                strong { (date(to, zone)) }
            }
            "."
        }
    }
}

/// The same where there may be no round to come.
pub fn planned(round: Option<&RoundDates>) -> Markup {
    html! {
        @match round {
            Some(round) => (plan_line(round)),
            None => p.plan { "No further round is announced. What you write is kept." },
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
    /// The day that was planned for, for a calendar: `2026-12-03`.
    pub day: Option<String>,
}

/// When to submit for credit by a day.
#[derive(Clone, Debug)]
pub enum Needed {
    /// In time for this round.
    By(RoundDates),
    /// Too soon for any; this is the first there is, if there is one.
    TooSoon(Option<RoundDates>),
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
    pub fn html(&self, program: &ProgramId) -> Markup {
        let action = format!("{}#planner", routes::program(program));
        html! {
            form.filters method="get" action=(action) aria-label="Planner" {
                @for field in &self.fields() { (field_html(field)) }
                button.button.secondary type="submit" { "Plan" }
            }
            @if let Some(round) = &self.submitted {
                h3 { "If you submit on that day" }
                (notice(Tone::Info, &html! {
                    (plan_line(round))
                    @if let Some((from, to)) = round.expires {
                        p { "Credit expires between " (date(from, &round.zone)) " and "
                            (date(to, &round.zone)) ", with the day on which it arrives." }
                    }
                    @if let Some(day) = &self.day {
                        p { (link(&routes::plan_calendar(program, day),
                            "Put these dates into your calendar")) " (ICS)" }
                    }
                }))
            }
            @match &self.needed {
                Some(Needed::By(round)) => {
                    h3 { "For credit by that day" }
                    (notice(Tone::Good, &html! {
                        (plan_line(round))
                        p { "Better by " (date(round.advised_by, &round.zone))
                            ", a week before the round closes, than a round late." }
                    }))
                }
                Some(Needed::TooSoon(round)) => {
                    h3 { "For credit by that day" }
                    (notice(Tone::Warning, &html! {
                        p { strong { "No round is decided and paid by then, as far as is said." }
                            @if round.is_some() { " This is the first that there is:" } }
                        @if let Some(round) = round { (plan_line(round)) }
                    }))
                }
                None => {}
            }
        }
    }
}
