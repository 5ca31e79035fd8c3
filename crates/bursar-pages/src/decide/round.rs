//! Rounds: what is decided, what is not, and the release.

use bursar_kernel::{ApplicationId, ProgramId, RoundId, Timestamp, Usd};
use maud::{Markup, html};

use crate::routes;
use crate::ui::controls::button_form;
use crate::ui::table::{number, text};
use crate::ui::{
    Figure, Frame, Page, Status, Table, Tone, available, back, both_dates, empty, figures, instant,
    link, name, notice, tag,
};

/// All rounds, the latest first.
#[derive(Clone, Debug)]
pub struct Rounds {
    /// The rounds.
    pub rows: Vec<RoundRow>,
}

/// A round in the list.
#[derive(Clone, Debug)]
pub struct RoundRow {
    /// The program.
    pub program: ProgramId,
    /// The program's name.
    pub program_name: String,
    /// The round.
    pub round: RoundId,
    /// Its name: `December 2026`.
    pub label: String,
    /// Its state.
    pub status: Status,
    /// Reviews begin.
    pub begins: Timestamp,
    /// Reviews end.
    pub ends: Timestamp,
    /// Applications in it.
    pub applications: u64,
    /// Of which decided.
    pub decided: u64,
}

impl Page for Rounds {
    fn title(&self) -> String {
        "Rounds".to_owned()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let columns = vec![
            text("Round"),
            text("Program"),
            text("State"),
            text("Review"),
            number("Applications"),
            number("Decided"),
        ];
        let rows = self.rows.iter().map(|row| {
            vec![
                link(&routes::round(&row.program, &row.round), &row.label),
                name(&row.program_name),
                tag(&row.status),
                html! { span { (both_dates(row.begins, row.ends, &frame.zone)) } },
                html! { (row.applications) },
                html! { (row.decided) },
            ]
        });
        html! {
            h1 { "Rounds" }
            p { a href=(routes::LETTERS) { "Read every letter that people get" } }
            @if self.rows.is_empty() {
                (empty("No round yet", &html! {
                    p { "The first application of a program opens its next round." }
                }))
            } @else {
                (Table::new("Rounds", columns, rows.collect()).under_heading().html())
            }
        }
    }
}

/// One round.
#[derive(Clone, Debug)]
pub struct RoundPage {
    /// The program.
    pub program: ProgramId,
    /// The program's name.
    pub program_name: String,
    /// The round.
    pub round: RoundId,
    /// Its name: `December 2026`.
    pub label: String,
    /// Its state.
    pub status: Status,
    /// Reviews begin, and submissions for it end.
    pub begins: Timestamp,
    /// Reviews end.
    pub ends: Timestamp,
    /// Decided awards, and what they come to.
    pub awards: (u64, Usd),
    /// Decided refusals.
    pub declines: u64,
    /// Decisions that wait to be released.
    pub waiting: u64,
    /// Not decided yet.
    pub undecided: u64,
    /// What is left in the pool once every award of the round is released; negative if they are
    /// too many.
    pub pool_after: Usd,
    /// The letters as they would go out.
    pub letters: Vec<LetterPreview>,
    /// When it was released.
    pub released_at: Option<Timestamp>,
    /// Why it cannot be released yet, if it cannot.
    pub blocked: Option<String>,
    /// Whether its reviewers are chosen.
    pub has_panel: bool,
    /// Decisions that wait for a second officer.
    pub unapproved: u64,
    /// Who waits for an award to come back, in their turn: the application, its title, what it
    /// would be offered, and until when its place holds.
    pub waiting_list: Vec<WaitingRow>,
    /// What came back and was not offered yet.
    pub came_back: Usd,
}

/// An application on the waiting list.
#[derive(Clone, Debug)]
pub struct WaitingRow {
    /// The application.
    pub id: ApplicationId,
    /// Its title.
    pub title: String,
    /// What it would be offered.
    pub amount: Usd,
    /// Until when its place holds.
    pub until: Option<Timestamp>,
}

/// A letter as it would go out.
#[derive(Clone, Debug)]
pub struct LetterPreview {
    /// The application.
    pub id: ApplicationId,
    /// To whom.
    pub to: String,
    /// What it says first.
    pub subject: String,
    /// What was decided.
    pub outcome: Status,
    /// The text.
    pub text: String,
}

impl Page for RoundPage {
    fn title(&self) -> String {
        format!("{} round", self.label)
    }

    fn body(&self, frame: &Frame) -> Markup {
        let award_total = html! { (available(self.awards.1)) " in all" };
        html! {
            (back(routes::ROUNDS, "Rounds"))
            div.heading-row { h1 { (self.label) " round" } (tag(&self.status)) }
            p { (name(&self.program_name)) ". Review "
                (both_dates(self.begins, self.ends, &frame.zone)) "." }
            (figures(&[
                Figure::new("Awards", self.awards.0.to_string()).note(award_total),
                Figure::new("Declined", self.declines.to_string()),
                Figure::new("Undecided", self.undecided.to_string()),
                Figure::new("Pool afterwards", available(self.pool_after)),
            ]))
            p {
                @if self.has_panel {
                    (link(&routes::round_panel(&self.program, &self.round), "Who reviews what"))
                    ", "
                }
                (link(&routes::round_ranking(&self.program, &self.round),
                    "what the scores come to")) ", and "
                (link(&routes::round_report(&self.program, &self.round), "what it came to"))
            }
            h2 { "Release" }
            (self.release(frame))
            @if !self.waiting_list.is_empty() {
                h2 { "Waiting list" }
                p { "An award that is declined, or not answered in time, goes to whoever is first "
                    "here and costs no more. " (available(self.came_back))
                    " came back and is not offered yet." }
                (self.waiting(frame))
            }
            h2 { "Decisions" }
            @if self.letters.is_empty() {
                (empty("No decision yet", &html! { p { "Nobody has decided an application of "
                    "this round. "
                    (link(routes::DECIDE, "Decide on applications")) "." } }))
            }
            @for letter in &self.letters {
                details {
                    summary { (name(&letter.to)) ": " (letter.subject) }
                    p { (tag(&letter.outcome)) " "
                        (link(&routes::decide(letter.id), "See the application")) }
                    (crate::ui::prose(&letter.text))
                }
            }
        }
    }
}

impl RoundPage {
    fn waiting(&self, frame: &Frame) -> Markup {
        let columns = vec![text("Application"), number("Would be offered"), text("Holds until")];
        let rows = self.waiting_list.iter().map(|row| {
            vec![
                link(&routes::decide(row.id), &row.title),
                html! { (available(row.amount)) },
                html! { @if let Some(until) = row.until { (instant(until, &frame.zone)) } },
            ]
        });
        Table::new("Waiting list", columns, rows.collect()).under_heading().html()
    }

    fn release(&self, frame: &Frame) -> Markup {
        if let Some(at) = self.released_at {
            return notice(
                Tone::Good,
                &html! {
                    p { "Released on " (instant(at, &frame.zone)) ". Applicants have been mailed." }
                },
            );
        }
        if let Some(reason) = &self.blocked {
            let approve = routes::round_approve(&self.program, &self.round);
            return notice(
                Tone::Warning,
                &html! { p { strong { "Not yet: " } (reason) }
                @if 0 < self.unapproved {
                    p { (link(&approve, "See what waits for a second officer")) }
                } },
            );
        }
        let action = routes::round_release(&self.program, &self.round);
        let count = self.waiting;
        let noun = if count == 1 { "decision" } else { "decisions" };
        let button = html! { button.button type="submit" { "Release " (count) " " (noun) } };
        html! {
            p { "All applicants of the round hear at once, by mail. A released decision cannot be "
                "taken back." }
            @if 0 < self.undecided {
                p { strong { (self.undecided) } " of the applications are not decided yet. They "
                    "are not part of this release; decide them and release again." }
            }
            div.actions { (button_form(frame, &action, &[], &button)) }
        }
    }
}
