//! One application as an officer reads it, and the decision.

use std::collections::BTreeMap;

use bursar_kernel::program::Criterion;
use bursar_kernel::{ApplicationId, Timestamp, Usd};
use maud::{Markup, html};

use super::decision::DecisionPanel;
use super::screening::{ScreeningWord, word_fields};
use crate::apply::QuestionShown;
use crate::estimate::EstimateShown;
use crate::routes;
use crate::screening::{Changed, Screening, changes};
use crate::ui::field::Control;
use crate::ui::lists::Row;
use crate::ui::table::{number, text};
use crate::ui::{
    Answer, Field, Frame, Input, Page, Status, Table, Tone, available, back, both_dates, button,
    check_answers, date, empty, error_summary, field_html, form, instant, key_values, link, name,
    notice, prose, tag, tag_text,
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
    /// What the program's rules say of the answers.
    pub screening: Screening,
    /// What an officer said of that.
    pub word: ScreeningWord,
    /// Whether its reviewers are chosen.
    pub has_panel: bool,
    /// Whether the program keeps a waiting list.
    pub keeps_list: bool,
    /// What counts in the applicant's favour, each with its points; and how many there could be.
    pub priority: (Vec<(String, u32)>, u32),
    /// The policies that were accepted, each with its edition and day.
    pub accepted: Vec<String>,
    /// What was answered.
    pub answers: Vec<Answer>,
    /// What differs from the application that it follows, if it follows one, and that one.
    pub earlier: Option<(ApplicationId, Vec<Changed>)>,
    /// What the grant that it follows had come to.
    pub progress: Option<String>,
    /// What the study costs, where the applicant counted it.
    pub estimate: Option<EstimateShown>,
    /// What reviewers score.
    pub criteria: Vec<Criterion>,
    /// What reviewers say.
    pub reviews: Vec<ReviewShown>,
    /// What their scores come to on the average.
    pub mean: Option<String>,
    /// The accepted award on its way.
    pub delivery: Option<DeliveryPanel>,
    /// The decision, or the form for it.
    pub panel: DecisionPanel,
    /// What was asked of those who apply.
    pub questions: Vec<QuestionShown>,
    /// The form that asks, where something can be asked.
    pub ask: Option<Input>,
    /// Who takes part beside the one who applies.
    pub members: Vec<(String, Status)>,
}

/// Who applies.
#[derive(Clone, Debug)]
pub struct Applicant {
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// The ORCID iDs that ORCID itself has said are theirs.
    pub orcids: Vec<String>,
    /// What was said when mail to it came back.
    pub bounced: Option<String>,
    /// The institution.
    pub affiliation: String,
}

impl Applicant {
    fn address(&self) -> Markup {
        html! {
            (name(&self.email))
            @for orcid in &self.orcids {
                br; "ORCID, as ORCID says itself: "
                (link(&format!("https://orcid.org/{orcid}"), orcid))
            }
            @if let Some(why) = &self.bounced {
                " " (tag_text(Tone::Warning, "Mail comes back")) br; (name(why))
            }
        }
    }
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
    /// Its scores, by criterion.
    pub scores: BTreeMap<String, u32>,
    /// What they come to.
    pub score: Option<String>,
    /// What only officers read; empty where nothing was said.
    pub for_officer: String,
    /// When it was submitted.
    pub at: Timestamp,
    /// What changed each time that it was submitted anew, the latest first.
    pub changes: Vec<ReviewChange>,
}

/// What was changed in a review.
#[derive(Clone, Debug)]
pub struct ReviewChange {
    /// When it was submitted anew.
    pub at: Timestamp,
    /// What says something else now: what it is, what it said, and what it says from then on.
    pub parts: Vec<(String, String, String)>,
}

/// An accepted award on its way.
#[derive(Clone, Debug)]
pub struct DeliveryPanel {
    /// The announced range, as days.
    pub announced: (Timestamp, Timestamp),
    /// The day, once it is set.
    pub set: Option<Timestamp>,
    /// When it arrived.
    pub arrived: Option<(Timestamp, Timestamp)>,
    /// The form (`day`), and what is wrong with it.
    pub input: Input,
}

impl Page for ApplicationDecision {
    fn title(&self) -> String {
        self.title.clone()
    }

    fn has_errors(&self) -> bool {
        let wrong = |delivery: &DeliveryPanel| delivery.input.has_errors();
        self.delivery.as_ref().is_some_and(wrong)
            || self.ask.as_ref().is_some_and(Input::has_errors)
            || self.word.input.as_ref().is_some_and(Input::has_errors)
            || self.panel.has_errors()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let facts = self.facts();
        html! {
            (back(routes::DECIDE, "Applications"))
            @if let Some(input) = self.panel.open() { (error_summary(&self.fields(input))) }
            @if let Some(input) = &self.word.input { (error_summary(&word_fields(input))) }
            @if let Some(delivery) = &self.delivery {
                (error_summary(&[delivery.field()]))
            }
            @if let Some(input) = &self.ask { (error_summary(&ask_fields(input))) }
            div.heading-row { h1 { (name(&self.title)) } (tag(&self.status)) }
            (key_values(&facts))
            h2 { "Screening" }
            (self.screening.html())
            p { (link(&routes::decide_evidence(self.id), "What the applicant has shown"))
                @if self.has_panel {
                    ", " (link(&routes::decide_reviewers(self.id), "who reviews it"))
                }
                ", and " (link(&routes::decide_similar(self.id), "which others it is like")) }
            (self.word.html(self.id, frame))
            h2 { "Answers" }
            (check_answers(&self.answers))
            @if let Some(estimate) = &self.estimate {
                h3 { "What the study costs" }
                (estimate.html(frame))
            }
            @if let Some(progress) = &self.progress {
                h3 { "The earlier grant, by the books" }
                p { (progress) }
            }
            @if let Some((id, changed)) = &self.earlier {
                h3 { "What differs from the earlier application" }
                p { (link(&routes::decide(*id), "See the earlier application")) }
                (changes(changed))
            }
            (self.asked(frame))
            h2 { "Reviews" }
            @if self.reviews.is_empty() {
                (empty("No review yet", &html! { p { "You can decide without one; reviewers see "
                    "the application once its round is open." } }))
            }
            @if self.reviews.iter().any(|review| review.score.is_some()) { (self.scores()) }
            @for review in &self.reviews { (review_shown(review, frame)) }
            h2 { "Decision" }
            (self.decision(frame))
            @if let Some(delivery) = &self.delivery {
                h2 { "Delivery" }
                (self.delivery_html(delivery, frame))
            }
        }
    }
}

impl ApplicationDecision {
    /// Who applies, where to, for how much, and what counts for them.
    fn facts(&self) -> [Row; 10] {
        let (reasons, of) = &self.priority;
        let points = reasons.iter().map(|(_, points)| *points).fold(0, u32::saturating_add);
        [
            ("Applicant".to_owned(), name(&self.applicant.name)),
            ("E-mail".to_owned(), self.applicant.address()),
            ("Affiliation".to_owned(), name(&self.applicant.affiliation)),
            (
                "Takes part".to_owned(),
                html! {
                    @if self.members.is_empty() { "Nobody else" }
                    @for (member, status) in &self.members {
                        span { (name(member)) " " (tag(status)) } br;
                    }
                },
            ),
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
            (
                "Priority".to_owned(),
                html! { (points) " of " (of) " points"
                @for (reason, points) in reasons { br; span.muted { (points) ": " (reason) } } },
            ),
            (
                "Accepted".to_owned(),
                html! { @for policy in &self.accepted { span { (policy) } br; } },
            ),
        ]
    }

    /// What was asked, and the form that asks; the round goes on.
    fn asked(&self, frame: &Frame) -> Markup {
        html! {
            @if self.ask.is_some() || !self.questions.is_empty() {
                h2 #questions { "Questions to those who apply" }
                @for question in &self.questions { (question.html(frame)) }
            }
            @if let Some(input) = &self.ask {
                details open[input.has_errors()] {
                    summary { "Ask for information" }
                    (form(frame, &routes::decide_ask(self.id), &html! {
                        @for field in ask_fields(input) { (field_html(&field)) }
                        div.actions { (button("Send the question")) }
                    }))
                }
            }
        }
    }

    /// Every score by criterion, a reviewer a row, and the mean.
    fn scores(&self) -> Markup {
        let columns = vec![text("Reviewer"), number("Weighted"), text("By criterion")];
        let scored = self.reviews.iter().filter(|review| review.score.is_some());
        let mut rows: Vec<Vec<Markup>> = scored
            .map(|review| {
                let scores = self.criteria.iter().filter_map(|criterion| {
                    let score = review.scores.get(&criterion.id)?;
                    Some(format!("{} {score}/{}", criterion.label, criterion.scale))
                });
                let scores: Vec<String> = scores.collect();
                let score = review.score.as_deref().unwrap_or_default();
                vec![name(&review.reviewer), html! { (score) }, html! { (scores.join(", ")) }]
            })
            .collect();
        if let Some(mean) = &self.mean {
            rows.push(vec![
                html! { strong { "Mean" } },
                html! { strong { (mean) } },
                html! { span.muted { "of 100, by the rubric's weights" } },
            ]);
        }
        Table::new("Scores", columns, rows).html()
    }

    fn delivery_html(&self, delivery: &DeliveryPanel, frame: &Frame) -> Markup {
        let (from, to) = delivery.announced;
        let zone = &frame.zone;
        if let Some((at, expires_at)) = delivery.arrived {
            return notice(
                Tone::Good,
                &html! { p { "Arrived on " (instant(at, zone)) "; expires on "
                (instant(expires_at, zone)) ". Nothing moves that." } },
            );
        }
        html! {
            p { "The applicant was told " (both_dates(from, to, zone)) ". "
                @match delivery.set {
                    Some(day) => { "The day is set: " strong { (date(day, zone)) } "." }
                    None => "No day is set: the job delivers at the beginning of the range.",
                } }
            (form(frame, &routes::decide_delivery(self.id), &html! {
                (field_html(&delivery.field()))
                div.actions { (button("Set the day")) }
            }))
        }
    }
}

impl DeliveryPanel {
    fn field(&self) -> Field {
        let field = Field::new("day", "Day on which the credit arrives", Control::Day)
            .hint("A day of the range. The term begins when the credit arrives.");
        self.input.fill(field)
    }
}

fn review_shown(review: &ReviewShown, frame: &Frame) -> Markup {
    html! {
        div.inset {
            p { strong { (name(&review.reviewer)) } " " (tag(&review.recommendation))
                @if let Some(score) = &review.score { " " span.muted { (score) " of 100" } }
                @else { " " span.muted { "without scores" } } }
            (prose(&review.comment))
            @if !review.for_officer.is_empty() {
                p { strong { "For the officer only" } }
                (prose(&review.for_officer))
            }
            p.muted.small { (instant(review.at, &frame.zone))
                @if !review.changes.is_empty() { ", changed since it was first submitted" } }
            @if !review.changes.is_empty() {
                details {
                    summary { "What was changed" }
                    @for change in &review.changes { (change_shown(change, frame)) }
                }
            }
        }
    }
}

fn change_shown(change: &ReviewChange, frame: &Frame) -> Markup {
    let part = |text: &str| html! { @if text.is_empty() { "nothing" } @else { (text) } };
    html! {
        p { "On " (instant(change.at, &frame.zone)) ":" }
        dl.facts.difference {
            @for (what, before, after) in &change.parts {
                div { dt { (what) }
                    dd dir="auto" {
                        del { (part(before)) } " " ins { (part(after)) }
                    } }
            }
        }
    }
}

fn ask_fields(input: &Input) -> [Field; 2] {
    let question = Field::new("question", "What do you want to know?", Control::Area { rows: 4 })
        .hint("They get it by letter, and answer on a page. The round goes on meanwhile.");
    let due = Field::new("due", "By the end of which day?", Control::Day);
    [input.fill(question), input.fill(due)]
}
