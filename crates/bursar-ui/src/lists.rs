//! Lists that say what something is, what was answered, and what is still to do.

use maud::{Markup, html};

use super::parts::{Status, tag};

/// One fact: its name and its value.
pub type Row = (String, Markup);

/// Facts, one a line.
pub fn key_values(rows: &[Row]) -> Markup {
    html! {
        dl.facts {
            @for (name, value) in rows {
                div { dt { (name) } dd { (value) } }
            }
        }
    }
}

/// One answer to check, with the way to change it.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The question.
    pub question: String,
    /// What was answered; empty where nothing was.
    pub answer: String,
    /// Where to change it.
    pub change: Option<String>,
    /// Files that it lists, each with its address and what it says.
    pub files: Vec<(String, String)>,
}

/// Answers to check before they are sent.
pub fn check_answers(answers: &[Answer]) -> Markup {
    html! {
        dl.facts.answers {
            @for answer in answers {
                div {
                    dt { (answer.question) }
                    dd {
                        @if !answer.files.is_empty() {
                            ul.files { @for (href, text) in &answer.files {
                                li { a href=(href) download { (super::parts::name(text)) } }
                            } }
                        } @else if answer.answer.is_empty() {
                            span.muted { "Not answered" }
                        } @else {
                            (super::parts::prose(&answer.answer))
                        }
                    }
                    @if let Some(href) = &answer.change {
                        dd.change {
                            a href=(href) {
                                "Change" span.visually-hidden { " " (answer.question) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// One thing to do, or done.
#[derive(Clone, Debug)]
pub struct Task {
    /// What it is.
    pub title: String,
    /// A line about it.
    pub hint: Option<String>,
    /// Where it is done; `None` where it cannot start yet.
    pub href: Option<String>,
    /// How far it is.
    pub status: Status,
}

/// What is to do, in order.
pub fn tasks(tasks: &[Task]) -> Markup {
    html! {
        ul.tasks {
            @for task in tasks {
                li {
                    div.task-title {
                        @match &task.href {
                            Some(href) => a href=(href) { (super::parts::name(&task.title)) },
                            None => span { (super::parts::name(&task.title)) },
                        }
                        @if let Some(hint) = &task.hint { p.hint { (hint) } }
                    }
                    div.task-status { (tag(&task.status)) }
                }
            }
        }
    }
}
