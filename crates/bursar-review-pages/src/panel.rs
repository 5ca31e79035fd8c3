//! A round's panel, for officers: the plan, its invitations, and what is missing.

use bursar_kernel::{ApplicationId, ProgramId, RoundId, Timestamp};
use bursar_ui::controls::button_form;
use bursar_ui::table::{number, text};
use bursar_ui::{
    Figure, Frame, Page, Status, Table, Tone, back, both_dates, empty, figures, instant, name,
    notice, routes, tag,
};
use maud::{Markup, html};

/// A round's panel.
#[derive(Clone, Debug)]
pub struct PanelPage {
    /// The program.
    pub program: ProgramId,
    /// The program's name.
    pub program_name: String,
    /// The round.
    pub round: RoundId,
    /// Its name: `December 2026`.
    pub label: String,
    /// The review begins and ends.
    pub review: (Timestamp, Timestamp),
    /// Reviews are due.
    pub due: Timestamp,
    /// Reviews that each application gets.
    pub reviews: u32,
    /// The applications.
    pub rows: Vec<ApplicationRow>,
    /// The reviewers.
    pub reviewers: Vec<ReviewerRow>,
    /// What decides between plans of one cost, for the next plan.
    pub seed: u64,
}

/// An application and those who are to review it.
#[derive(Clone, Debug)]
pub struct ApplicationRow {
    /// The application.
    pub id: ApplicationId,
    /// What it is called.
    pub title: String,
    /// What it is about.
    pub topics: Vec<String>,
    /// Its reviewers, each with where that stands.
    pub reviewers: Vec<(String, Status)>,
    /// Reviewers that it lacks.
    pub missing: u32,
}

/// A reviewer and what they have to do.
#[derive(Clone, Debug)]
pub struct ReviewerRow {
    /// What they are called.
    pub name: String,
    /// What they know.
    pub topics: Vec<String>,
    /// Applications that they have, and take at the most.
    pub load: (u32, u32),
    /// Reviews of theirs that are in.
    pub reviewed: u32,
    /// Whether they are away.
    pub away: bool,
}

impl PanelPage {
    fn count(&self, tone: Tone) -> usize {
        let lines = self.rows.iter().flat_map(|row| &row.reviewers);
        lines.filter(|(_, status)| status.tone == tone).count()
    }

    /// Lines that are planned and not asked yet.
    fn proposed(&self) -> usize {
        self.count(PROPOSED)
    }

    fn actions(&self, frame: &Frame) -> Markup {
        let proposed = self.proposed();
        let missing: u32 = self.rows.iter().map(|row| row.missing).sum();
        let plan = routes::round_panel_plan(&self.program, &self.round);
        let invite = routes::round_panel_invite(&self.program, &self.round);
        let seed = self.seed.to_string();
        let is_new = proposed == 0;
        let plan_label = if is_new { "Plan who reviews what" } else { "Plan anew" };
        let noun = if proposed == 1 { "review" } else { "reviews" };
        html! {
            @if 0 < proposed {
                (notice(Tone::Info, &html! {
                    p { strong { "A plan lies ready. " } "Nobody outside knows of it until the "
                        "invitations go out. Change what you like before." }
                }))
            }
            @if 0 < missing && !is_new {
                (notice(Tone::Warning, &html! {
                    p { "The plan lacks " (missing) " "
                        @if missing == 1 { "reviewer" } @else { "reviewers" }
                        ": see below where, and why nobody is left on the application's page." }
                }))
            }
            div.actions {
                @if 0 < proposed {
                    (button_form(frame, &invite, &[], &html! {
                        button.button type="submit" { "Invite for " (proposed) " " (noun) }
                    }))
                }
                @if is_new && missing == 0 && !self.rows.is_empty() {
                    p.muted { "Every application has its reviewers." }
                } @else {
                    (button_form(frame, &plan, &[("seed", &seed)], &html! {
                        button.button.secondary[!is_new] type="submit" { (plan_label) }
                    }))
                }
            }
            p.muted.small { "A plan matches what reviewers know, spreads the load, and leaves out "
                "every conflict of interest that is known. Whoever was asked stays. Seed " (seed)
                ": the same seed makes the same plan." }
        }
    }

    fn applications(&self) -> Markup {
        let columns = vec![text("Application"), text("About"), text("Reviewers")];
        let rows = self.rows.iter().map(|row| {
            vec![
                html! { a href=(routes::decide_reviewers(row.id)) { (name(&row.title)) } },
                html! { (row.topics.join(", ")) },
                html! {
                    @for (who, status) in &row.reviewers {
                        div { (name(who)) " " (tag(status)) }
                    }
                    @if 0 < row.missing {
                        div { (tag(&Status::new(Tone::Warning, format!("Lacks {}", row.missing)))) }
                    }
                },
            ]
        });
        Table::new("Applications", columns, rows.collect()).under_heading().html()
    }

    fn people(&self) -> Markup {
        let columns = vec![
            text("Reviewer"),
            text("Knows"),
            number("Has"),
            number("Takes"),
            number("Sent in"),
        ];
        let rows = self.reviewers.iter().map(|row| {
            vec![
                html! { (name(&row.name))
                @if row.away { " " (tag(&Status::new(Tone::Neutral, "Away"))) } },
                html! { @if row.topics.is_empty() { span.muted { "Has not said" } }
                @else { (row.topics.join(", ")) } },
                html! { (row.load.0) },
                html! { (row.load.1) },
                html! { (row.reviewed) },
            ]
        });
        Table::new("Reviewers", columns, rows.collect()).under_heading().html()
    }
}

/// The tone of a line that nobody outside knows of.
pub const PROPOSED: Tone = Tone::Neutral;
/// The tone of a line whose reviewer was asked and has not answered.
pub const INVITED: Tone = Tone::Info;
/// The tone of a line whose reviewer reads.
pub const READING: Tone = Tone::Warning;
/// The tone of a line whose review is in.
pub const REVIEWED: Tone = Tone::Good;

impl Page for PanelPage {
    fn title(&self) -> String {
        format!("Reviewers of the {} round", self.label)
    }

    fn body(&self, frame: &Frame) -> Markup {
        let lines = self.rows.iter().map(|row| row.reviewers.len()).sum::<usize>();
        html! {
            (back(&routes::round(&self.program, &self.round), &format!("{} round", self.label)))
            h1 { (self.title()) }
            p { (name(&self.program_name)) ". Review "
                (both_dates(self.review.0, self.review.1, &frame.zone)) "; reviews due "
                (instant(self.due, &frame.zone)) "." }
            @if self.rows.is_empty() {
                (empty("Nothing to review yet", &html! {
                    p { "Applications appear here when the review of the round begins." }
                }))
            } @else {
                (figures(&[
                    Figure::new("Applications", self.rows.len().to_string())
                        .note(html! { (self.reviews) " reviews each" }),
                    Figure::new("Planned", self.proposed().to_string()),
                    Figure::new("Asked", self.count(INVITED).to_string()),
                    Figure::new("Agreed", (self.count(READING) + self.count(REVIEWED)).to_string()),
                    Figure::new("Sent in", self.count(REVIEWED).to_string())
                        .note(html! { "of " (lines) }),
                ]))
                (self.actions(frame))
                h2 { "Applications" }
                (self.applications())
            }
            h2 { "Reviewers" }
            @if self.reviewers.is_empty() {
                (empty("Nobody reviews here", &html! {
                    p { "Whoever runs the installation names reviewers." }
                }))
            } @else { (self.people()) }
        }
    }
}
