//! Who reviews one application, for officers: each line, who could step in, and who must not.

use bursar_kernel::{ApplicationId, AssignmentId, ConflictId, ProgramId, RoundId, Timestamp};
use bursar_ui::controls::button_form;
use bursar_ui::field::Control;
use bursar_ui::table::text;
use bursar_ui::{
    Choice, Field, Frame, Input, Page, Status, Table, Tone, back, button, empty, error_summary,
    field_html, form, instant, link, name, notice, prose, routes, tag,
};
use maud::{Markup, html};

/// Who reviews an application.
#[derive(Clone, Debug)]
pub struct ReviewersPage {
    /// The application.
    pub id: ApplicationId,
    /// What it is called.
    pub title: String,
    /// Its round: program, round, and the round's name.
    pub round: (ProgramId, RoundId, String),
    /// What it is about.
    pub topics: Vec<String>,
    /// Those who are to review it, or do, and those who are out.
    pub lines: Vec<LineShown>,
    /// Who could step in, the best first: the person's id, the name, and why.
    pub candidates: Vec<Choice>,
    /// Whether it is in review, so that somebody can be chosen.
    pub is_open: bool,
    /// Whom a conflict of interest keeps away.
    pub conflicts: Vec<ConflictShown>,
    /// Everybody who may have one.
    pub people: Vec<Choice>,
    /// What was typed (`reviewer`; `person`, `because`), and what is wrong with it.
    pub input: Input,
}

/// A reviewer of the application.
#[derive(Clone, Debug)]
pub struct LineShown {
    /// The assignment.
    pub id: AssignmentId,
    /// What they are called.
    pub name: String,
    /// Where it stands.
    pub status: Status,
    /// Why they.
    pub because: String,
    /// When their review is due.
    pub due: Timestamp,
    /// What they said, or were told, when they left.
    pub note: Option<String>,
    /// Another date that they ask for, and why.
    pub asked: Option<(Timestamp, String)>,
    /// A conflict of interest that was found, in words that fit after the name.
    pub conflict: Option<String>,
    /// Whether it can be taken back.
    pub is_open: bool,
    /// Whether they know of it, and are owed a reason.
    pub is_known: bool,
}

/// A conflict of interest.
#[derive(Clone, Debug)]
pub struct ConflictShown {
    /// What they are called.
    pub name: String,
    /// Why, in words that fit after the name.
    pub reason: String,
    /// What an officer wrote of it and can take back.
    pub written: Option<ConflictId>,
    /// Whether it is set aside.
    pub is_set_aside: bool,
}

impl ReviewersPage {
    fn line(&self, frame: &Frame, line: &LineShown) -> Markup {
        html! {
            section.asked {
                div.heading-row { h3 { (name(&line.name)) } (tag(&line.status)) }
                p.muted { (line.because) @if line.is_open { ". Due "
                    (instant(line.due, &frame.zone)) "." } }
                @if let Some(conflict) = &line.conflict {
                    (notice(Tone::Warning, &html! {
                        p { strong { "A conflict of interest was found: " } (line.name) " "
                            (conflict) ". Take it back." }
                    }))
                }
                @if let Some(note) = &line.note { (prose(note)) }
                @if let Some((until, because)) = &line.asked {
                    (notice(Tone::Info, &html! {
                        p { "Asks for " strong { (instant(*until, &frame.zone)) } ": " (because) }
                    }))
                    div.actions {
                        @let action = routes::assignment_due(line.id);
                        (button_form(frame, &action, &[("answer", "yes")], &html! {
                            button.button type="submit" { "Give that date" } }))
                        (button_form(frame, &action, &[("answer", "no")], &html! {
                            button.button.secondary type="submit" { "Keep the date" } }))
                    }
                }
                @if line.is_open { (self.take_back(frame, line)) }
            }
        }
    }

    fn take_back(&self, frame: &Frame, line: &LineShown) -> Markup {
        let action = routes::assignment_release(line.id);
        if !line.is_known {
            return html! { div.actions { (button_form(frame, &action, &[], &html! {
            button.button.secondary type="submit" { "Take off the plan" } })) } };
        }
        let why = Field::new(format!("why-{}", line.id), "Why", Control::Area { rows: 2 })
            .hint(format!("{} is told so by mail.", line.name));
        html! {
            details {
                summary { "Release " (name(&line.name)) }
                (form(frame, &action, &html! {
                    (field_html(&self.input.fill(why)))
                    div.actions { (button("Release them")) }
                }))
            }
        }
    }

    fn add(&self, frame: &Frame) -> Markup {
        let field = self.input.fill(
            Field::new("reviewer", "Who", Control::Radios(self.candidates.clone()))
                .hint("Those without a conflict of interest and with room, the best first."),
        );
        html! {
            h2 { "Add a reviewer" }
            @if !self.is_open {
                p { "Reviewers are chosen while the application is in review." }
            } @else if self.candidates.is_empty() {
                p { "Nobody is left without a conflict of interest, with room, and who has not "
                    "been asked. Whoever runs the installation names reviewers." }
            } @else {
                (form(frame, &routes::decide_reviewers(self.id), &html! {
                    (field_html(&field))
                    div.actions { (button("Add to the plan")) }
                }))
            }
        }
    }

    fn conflicts(&self, frame: &Frame) -> Markup {
        let columns = vec![text("Who"), text("Why"), text("What can be done")];
        let rows = self.conflicts.iter().map(|one| {
            let state = if one.is_set_aside {
                Status::new(Tone::Neutral, "Set aside")
            } else {
                Status::new(Tone::Warning, "Kept away")
            };
            vec![
                html! { (name(&one.name)) " " (tag(&state)) },
                html! { (one.reason) },
                html! { @if let Some(id) = one.written {
                    (button_form(frame, &routes::conflict_lift(id), &[], &html! {
                        button.button.secondary type="submit" { "Take this back" } }))
                } @else { span.muted { "Found or declared" } } },
            ]
        });
        let fields = [
            Field::new("person", "Who", Control::Select(self.people.clone())),
            Field::new(
                "kind",
                "What",
                Control::Radios(vec![
                    Choice::hinted(
                        "pinned",
                        "There is a conflict of interest",
                        "They see nothing of the application from now on.",
                    ),
                    Choice::hinted(
                        "cleared",
                        "What was found is none",
                        "Only what was found can be set aside, not what they declared.",
                    ),
                ]),
            ),
            Field::new("because", "Why", Control::Area { rows: 3 })
                .hint("Officers read it. It stays with the application."),
        ];
        let fields = fields.map(|field| self.input.fill(field));
        html! {
            h2 { "Conflicts of interest" }
            @if self.conflicts.is_empty() { p.muted { "None is known." } }
            @else { (Table::new("Conflicts of interest", columns, rows.collect())
                .under_heading().html()) }
            details open[self.input.errors.contains_key("person")
                || self.input.errors.contains_key("because")] {
                summary { "Say what you know" }
                (form(frame, &routes::decide_conflicts(self.id), &html! {
                    @for field in &fields { (field_html(field)) }
                    div.actions { (button("Write it down")) }
                }))
            }
        }
    }
}

impl Page for ReviewersPage {
    fn title(&self) -> String {
        format!("Reviewers: {}", self.title)
    }

    fn has_errors(&self) -> bool {
        self.input.has_errors()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let (program, round, label) = &self.round;
        let wrong = ["reviewer", "person", "because"].map(|field| {
            self.input.fill(Field::new(field, "", Control::Line { autocomplete: "off" }))
        });
        html! {
            (back(&routes::round_panel(program, round), &format!("Reviewers of the {label} round")))
            (error_summary(&wrong))
            h1 { (name(&self.title)) }
            p { @if self.topics.is_empty() { "About nothing that the program names" }
                @else { "About " (self.topics.join(", ")) } ". "
                (link(&routes::decide(self.id), "See the application")) }
            h2 { "Reviewers" }
            @if self.lines.is_empty() {
                (empty("Nobody yet", &html! { p { "Plan the round, or add somebody below." } }))
            }
            @for line in &self.lines { (self.line(frame, line)) }
            (self.add(frame))
            (self.conflicts(frame))
        }
    }
}
