//! The reviewer's work: a queue, and one application at a time.

use std::collections::BTreeMap;

use bursar_kernel::program::Criterion;
use bursar_kernel::{ApplicationId, Timestamp};
use maud::{Markup, html};

use crate::apply::{Conflict, conflicts, unsaved};
use crate::estimate::EstimateShown;
use crate::routes;
use crate::screening::{Changed, changes};
use crate::ui::field::{Control, Unit};
use crate::ui::{
    Answer, Choice, Field, Frame, Input, Page, Status, Task, Tone, back, check_answers, empty,
    error_summary, field_html, instant, link, name, notice, tag, tasks,
};

/// What there is to review.
#[derive(Clone, Debug)]
pub struct Queue {
    /// The open round's name, if one is open.
    pub round: Option<String>,
    /// Until when reviews count.
    pub due: Option<Timestamp>,
    /// What they were asked and have not answered.
    pub invitations: Vec<QueueRow>,
    /// The applications, those without a review first.
    pub rows: Vec<QueueRow>,
    /// Whether some program chooses reviewers by what they say of themselves.
    pub asks_who_you_are: bool,
}

/// An application in the queue.
#[derive(Clone, Debug)]
pub struct QueueRow {
    /// The application.
    pub id: ApplicationId,
    /// Its title.
    pub title: String,
    /// A line about it: the area of research and the length.
    pub detail: String,
    /// How far the review is: `Not yet started`, `Completed`.
    pub status: Status,
}

impl Page for Queue {
    fn title(&self) -> String {
        "Reviews".to_owned()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let as_tasks = |rows: &[QueueRow], href: fn(ApplicationId) -> String| -> Vec<Task> {
            let task = |row: &QueueRow| Task {
                title: row.title.clone(),
                hint: Some(row.detail.clone()),
                href: Some(href(row.id)),
                status: row.status.clone(),
            };
            rows.iter().map(task).collect()
        };
        let rows = as_tasks(&self.rows, routes::review);
        let invitations = as_tasks(&self.invitations, routes::review_answer);
        html! {
            h1 { "Reviews" }
            @if let (Some(round), Some(due)) = (&self.round, self.due) {
                p.lead { (round) " round, due before " (instant(due, &frame.zone)) }
            }
            @if self.asks_who_you_are {
                p { (link(routes::REVIEWER, "Say what you know and what you may not judge")) }
            }
            @if !rows.is_empty() {
                p { (link(routes::REVIEW_OFFLINE, "Review offline, in a file")) }
            }
            p { (link(routes::REVIEW_PAST, "Your earlier reviews, and a letter of service")) }
            @if !invitations.is_empty() {
                h2 { "You are asked" }
                (tasks(&invitations))
                h2 { "You have agreed" }
            }
            @if rows.is_empty() {
                (empty("Nothing to review", &html! { p { "Applications appear here when the "
                    "review of a round begins, and you have agreed to review them." } }))
            } @else { (tasks(&rows)) }
        }
    }
}

/// One application, and the reviewer's own review.
#[derive(Clone, Debug)]
pub struct ReviewPage {
    /// The application.
    pub id: ApplicationId,
    /// Its title.
    pub title: String,
    /// Its state for the reviewer.
    pub status: Status,
    /// What was answered, as far as reviewers may see it.
    pub answers: Vec<Answer>,
    /// What is scored; posted as `score-` and the criterion's id.
    pub rubric: Vec<Criterion>,
    /// The weighted score of the review as it was sent in.
    pub score: Option<String>,
    /// What differs from the application that it follows, if it follows one.
    pub changes: Option<Vec<Changed>>,
    /// What the grant that it follows had come to.
    pub progress: Option<String>,
    /// What the study costs, where the applicant counted it.
    pub estimate: Option<EstimateShown>,
    /// The review so far (`recommendation`, `comment`, `for_officer`, scores), and what is wrong.
    pub input: Input,
    /// What the form is shown with, so that two windows lose nothing.
    pub was: String,
    /// What was filled in elsewhere meanwhile.
    pub conflicts: Vec<Conflict>,
    /// Whether what is shown was typed when the session had ended, and is not saved.
    pub is_unsaved: bool,
    /// When it was submitted; it can be changed while the round is open.
    pub submitted_at: Option<Timestamp>,
    /// When what was typed since was saved, if something was.
    pub saved_at: Option<Timestamp>,
    /// When the review is due and whether another date was asked for, where it was assigned.
    pub assigned: Option<(Timestamp, bool)>,
}

impl Page for ReviewPage {
    fn title(&self) -> String {
        format!("Review: {}", self.title)
    }

    fn has_errors(&self) -> bool {
        self.input.has_errors()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let fields = self.fields();
        html! {
            (back(routes::REVIEWS, "Reviews"))
            (error_summary(&fields))
            div.heading-row { h1 { (name(&self.title)) } (tag(&self.status)) }
            @if let Some((due, asked)) = self.assigned {
                p { "Due " strong { (instant(due, &frame.zone)) } ". "
                    @if asked { "You have asked for another date. " }
                    @else { (link(&routes::review_date(self.id), "Ask for another date")) " or " }
                    (link(&routes::review_step_back(self.id), "step back")) "." }
            }
            p { (link("#your-review", "Go to your review")) ", or "
                a href=(routes::review_file(self.id)) download { "download it as a file" }
                " to fill in elsewhere and " (link(routes::REVIEW_OFFLINE, "hand in")) "." }
            div.reading {
                section aria-labelledby="application" { (self.application(frame)) }
                section.reading-form aria-labelledby="your-review" {
                    h2 #your-review { "Your review" }
                    (self.state(frame))
                    @if self.is_unsaved { (unsaved()) }
                    @if !self.conflicts.is_empty() { (conflicts(&self.conflicts)) }
                    (self.form(frame, &fields))
                }
            }
        }
    }
}

impl ReviewPage {
    /// What a field is called and what is saved of it: of those that were changed elsewhere.
    pub fn conflicts_of(
        &self,
        names: &[String],
        saved: &BTreeMap<String, String>,
    ) -> Vec<Conflict> {
        let input = Input { values: saved.clone(), errors: BTreeMap::new() };
        let fields = self.asked().into_iter().map(|field| input.fill(field));
        let clashing = fields.filter(|field| names.contains(&field.name));
        clashing.map(|field| Conflict { saved: in_words(&field), question: field.label }).collect()
    }

    fn application(&self, frame: &Frame) -> Markup {
        html! {
            h2 #application { "The application" }
            (check_answers(&self.answers))
            @if let Some(estimate) = &self.estimate {
                h3 { "What the study costs" }
                (estimate.html(frame))
            }
            @if let Some(progress) = &self.progress {
                p { strong { "The earlier grant, by the books: " } (progress) }
            }
            @if let Some(changed) = &self.changes {
                details { summary { "What differs from the earlier application" }
                    (changes(changed)) }
            }
        }
    }

    /// What was sent in and what was not.
    fn state(&self, frame: &Frame) -> Markup {
        html! {
            @if let Some(at) = self.submitted_at {
                (notice(Tone::Good, &html! {
                    p { "Submitted on " (instant(at, &frame.zone)) "."
                        @if let Some(score) = &self.score {
                            " It comes to " strong { (score) } " of 100."
                        } }
                }))
            }
            @if let Some(at) = self.saved_at {
                (notice(Tone::Warning, &html! {
                    p { "Below is your draft, saved on " (instant(at, &frame.zone)) ". Nobody else "
                        "sees it"
                        @if self.submitted_at.is_some() {
                            "; what you submitted counts until you submit again"
                        }
                        "." }
                }))
            }
        }
    }

    fn form(&self, frame: &Frame, fields: &[Field]) -> Markup {
        let unsaved = if self.is_unsaved || !self.conflicts.is_empty() { "now" } else { "" };
        html! {
            form.form method="post" action=(routes::review(self.id)) novalidate
                data-warn-unsaved=(unsaved) data-autosave="autosave" {
                input type="hidden" name="csrf" value=(frame.csrf);
                input type="hidden" name="was" value=(self.was);
                p { "Officers of the program read it. The applicant does not." }
                @for field in fields { (field_html(field)) }
                p #autosave.autosave role="status" {}
                div.actions {
                    button.button type="submit" name="action" value="send" { "Submit review" }
                    button.button.secondary type="submit" name="action" value="save" {
                        "Save and come back later"
                    }
                }
            }
        }
    }

    fn fields(&self) -> Vec<Field> {
        self.asked().into_iter().map(|field| self.input.fill(field)).collect()
    }

    fn asked(&self) -> Vec<Field> {
        let choices = vec![
            Choice::hinted("award", "Award", "A clear question, a method, and a need for the API"),
            Choice::hinted("unsure", "Unsure", "Say what would settle it"),
            Choice::hinted("decline", "Decline", "Say what would change your mind"),
        ];
        let radios = Control::Radios(choices);
        let comment = Control::Area { rows: 8 };
        let rest = [
            Field::new("recommendation", "What do you recommend?", radios),
            Field::new("comment", "Why?", comment)
                .counted(Unit::Words, 500)
                .hint("Name the strongest point and the weakest, with where they stand."),
            Field::new("for_officer", "For the officer only", Control::Area { rows: 3 })
                .hint("What an officer should know. No applicant and no other reviewer reads it.")
                .optional(),
        ];
        self.rubric.iter().map(score_field).chain(rest).collect()
    }
}

/// What is chosen or written in a field, as it is read.
fn in_words(field: &Field) -> String {
    let (Control::Radios(choices) | Control::Select(choices)) = &field.control else {
        return field.value.clone();
    };
    let chosen = choices.iter().find(|choice| choice.value == field.value);
    let chosen = chosen.filter(|choice| !choice.value.is_empty());
    chosen.map_or_else(|| field.value.clone(), |choice| choice.label.clone())
}

/// A criterion's score. What it counts is said, so that nobody has to guess.
fn score_field(criterion: &Criterion) -> Field {
    let score = |score: u32| {
        let end = match score {
            1 => ", the least",
            score if score == criterion.scale => ", the best",
            _ => "",
        };
        Choice::new(score.to_string(), format!("{score} of {}{end}", criterion.scale))
    };
    let none = Choice::new("", "Select a score");
    let choices = std::iter::once(none).chain((1..=criterion.scale).map(score)).collect();
    let name = format!("score-{}", criterion.id);
    Field::new(name, &criterion.label, Control::Select(choices))
        .hint(format!("{} Weight {}.", criterion.asks, criterion.weight))
}
