//! A round decided as its line says: what it would come to, and the reasons that go with it.

use bursar_kernel::{ApplicationId, ProgramId, RoundId, Usd};
use bursar_ui::field::Control;
use bursar_ui::table::{number, text};
use bursar_ui::{
    Field, Figure, Frame, Input, Page, Status, Table, Tone, available, back, button, empty,
    error_summary, field_html, figures, form, link, name, notice, routes, tag,
};
use maud::{Markup, html};

/// What deciding a round as its line says would come to.
#[derive(Clone, Debug)]
pub struct ProposalPage {
    /// The program.
    pub program: ProgramId,
    /// The round.
    pub round: RoundId,
    /// Its name: `December 2026`.
    pub label: String,
    /// Each application that nobody has decided, in the order of the line.
    pub rows: Vec<ProposedRow>,
    /// Awards and what they come to, places on the waiting list, declines, and what is left.
    pub counts: (usize, Usd, usize, usize, usize),
    /// Whether the program keeps a waiting list.
    pub keeps_list: bool,
    /// Names just this proposal.
    pub stamp: String,
    /// Whether applications changed since the page was shown.
    pub has_changed: bool,
    /// What was asked (`pool`, `seed`, `band`, `waiting`) and typed (`reasons-award`,
    /// `reasons-waitlist`, `reasons-decline`), and what is wrong with it.
    pub input: Input,
}

/// An application and what becomes of it.
#[derive(Clone, Debug)]
pub struct ProposedRow {
    /// The application.
    pub id: ApplicationId,
    /// What it is called.
    pub title: String,
    /// Its place.
    pub place: usize,
    /// What is decided, with the award or what would be offered; or why it is left to a person.
    pub outcome: Result<(Status, Option<Usd>), String>,
}

impl ProposalPage {
    fn how(&self) -> Vec<Field> {
        let mut fields = vec![
            Field::new("pool", "How much is there to award?", Control::Amount)
                .hint("Leave it empty for what the program has left.")
                .optional(),
            Field::new("seed", "What the draw is made with", Control::Line { autocomplete: "off" })
                .hint(
                    "It orders those whom the evidence cannot tell apart. Without a draw they are \
                     left to a person.",
                )
                .optional(),
            Field::new("band", "Decide those too, by their place alone", Control::Checkbox)
                .optional(),
        ];
        if self.keeps_list {
            fields.push(
                Field::new("waiting", "How many go on the waiting list?", Control::Number)
                    .hint("The first of those behind the line. The others are declined.")
                    .optional(),
            );
        }
        fields.into_iter().map(|field| self.input.fill(field)).collect()
    }

    fn reasons(&self) -> Vec<Field> {
        let (awards, _, waiting, declines, _) = self.counts;
        let parts = [
            (awards, "award", "Reasons for those with an award"),
            (waiting, "waitlist", "Reasons for those on the waiting list"),
            (declines, "decline", "Reasons for those without an award"),
        ];
        let parts = parts.into_iter().filter(|(count, ..)| 0 < *count);
        let field = |(_, id, label): (usize, &str, &str)| {
            let field = Field::new(format!("reasons-{id}"), label, Control::Area { rows: 4 });
            self.input.fill(field.hint(
                "Each of them reads this in the letter. Their own words can be changed on each \
                 application's page until the release.",
            ))
        };
        parts.map(field).collect()
    }

    fn table(&self) -> Markup {
        let columns = vec![text("Application"), text("Would be"), number("Amount")];
        let rows = self.rows.iter().map(|row| {
            let (state, amount) = match &row.outcome {
                Ok((status, amount)) => (html! { (tag(status)) }, *amount),
                Err(why) => {
                    let left = Status::new(Tone::Warning, "Left to you");
                    (html! { div { (tag(&left)) " " span.muted.small { (why) } } }, None)
                }
            };
            vec![
                html! { (row.place) ". " a href=(routes::decide(row.id)) { (name(&row.title)) } },
                state,
                html! { @if let Some(amount) = amount { (available(amount)) } },
            ]
        });
        Table::new("Decisions", columns, rows.collect()).under_heading().html()
    }

    fn write(&self, frame: &Frame) -> Markup {
        let (awards, _, waiting, declines, _) = self.counts;
        let count = awards + waiting + declines;
        let value = |name: &str| self.input.values.get(name).map_or("", String::as_str);
        let action = routes::round_proposal(&self.program, &self.round);
        let noun = if count == 1 { "decision" } else { "decisions" };
        html! {
            h2 { "Record them" }
            p { "Nobody outside the program hears of it before the release, and each can be "
                "changed until then." }
            (form(frame, &action, &html! {
                @for hidden in ["pool", "seed", "band", "waiting"] {
                    input type="hidden" name=(hidden) value=(value(hidden));
                }
                input type="hidden" name="stamp" value=(self.stamp);
                @for field in &self.reasons() { (field_html(field)) }
                div.actions { (button(&format!("Record {count} {noun}"))) }
            }))
        }
    }
}

impl Page for ProposalPage {
    fn title(&self) -> String {
        format!("Decide the {} round by its line", self.label)
    }

    fn has_errors(&self) -> bool {
        self.input.has_errors()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let (awards, sum, waiting, declines, left) = self.counts;
        let fields: Vec<Field> = self.how().into_iter().chain(self.reasons()).collect();
        let ranking = routes::round_ranking(&self.program, &self.round);
        html! {
            (back(&ranking, "Scores of the round"))
            (error_summary(&fields))
            h1 { (self.title()) }
            @if self.has_changed {
                (notice(Tone::Warning, &html! {
                    p { strong { "Nothing is recorded. " } "Something of the round has changed "
                        "since this page was shown: look at it as it is now." }
                }))
            }
            form.form method="get" action=(frame.path) {
                @for field in &self.how() { (field_html(field)) }
                div.actions {
                    button.button.secondary type="submit" { "Show what it would come to" }
                }
            }
            @if self.rows.is_empty() {
                (empty("Nothing is left to decide", &html! {
                    p { (link(&routes::round(&self.program, &self.round), "See the round")) }
                }))
            } @else {
                (figures(&[
                    Figure::new("Awards", awards.to_string()).note(html! { (available(sum)) }),
                    Figure::new("Waiting list", waiting.to_string()),
                    Figure::new("Declined", declines.to_string()),
                    Figure::new("Left to you", left.to_string()),
                ]))
                h2 { "Decisions" }
                (self.table())
                @if 0 < awards + waiting + declines { (self.write(frame)) }
            }
        }
    }
}

/// What of a round waits for a second officer.
#[derive(Clone, Debug)]
pub struct ApprovalPage {
    /// The program.
    pub program: ProgramId,
    /// The round.
    pub round: RoundId,
    /// Its name: `December 2026`.
    pub label: String,
    /// What may be approved by whoever looks: the application, its title, what it gives or would,
    /// and who decided.
    pub rows: Vec<ToApproveRow>,
    /// How many more wait that whoever looks has decided.
    pub own: usize,
    /// Names just these decisions.
    pub stamp: String,
    /// Whether something changed since the page was shown.
    pub has_changed: bool,
}

/// A decision that waits for a second officer.
#[derive(Clone, Debug)]
pub struct ToApproveRow {
    /// The application.
    pub id: ApplicationId,
    /// What it is called.
    pub title: String,
    /// What was decided.
    pub outcome: Status,
    /// What it gives, or would.
    pub amount: Option<Usd>,
    /// Who decided.
    pub by: String,
}

impl ApprovalPage {
    fn table(&self) -> Markup {
        let columns = vec![text("Application"), text("Decided"), number("Amount"), text("By")];
        let rows = self.rows.iter().map(|row| {
            vec![
                link(&routes::decide(row.id), &row.title),
                tag(&row.outcome),
                html! { @if let Some(amount) = row.amount { (available(amount)) } },
                name(&row.by),
            ]
        });
        Table::new("Waits for a second officer", columns, rows.collect()).html()
    }
}

impl Page for ApprovalPage {
    fn title(&self) -> String {
        format!("Approve decisions of the {} round", self.label)
    }

    fn body(&self, frame: &Frame) -> Markup {
        let action = routes::round_approve(&self.program, &self.round);
        let count = self.rows.len();
        let noun = if count == 1 { "decision" } else { "decisions" };
        html! {
            (back(&routes::round(&self.program, &self.round), &format!("{} round", self.label)))
            h1 { (self.title()) }
            @if self.has_changed {
                (notice(Tone::Warning, &html! {
                    p { strong { "Nothing is approved. " } "A decision has changed since this "
                        "page was shown: look at them as they are now." }
                }))
            }
            @if 0 < self.own {
                (notice(Tone::Info, &html! {
                    p { (self.own) " more "
                        @if self.own == 1 { "waits" } @else { "wait" }
                        " that you decided yourself, for another officer to approve." }
                }))
            }
            @if self.rows.is_empty() {
                (empty("Nothing waits for your approval", &html! {
                    p { "An award that takes two officers appears here once somebody else has "
                        "decided it." }
                }))
            } @else {
                p { "With your approval each of them counts, and the round can be released. Read "
                    "what you approve: the reasons are on each application's page." }
                (self.table())
                (form(frame, &action, &html! {
                    input type="hidden" name="stamp" value=(self.stamp);
                    div.actions { (button(&format!("Approve {count} {noun}"))) }
                }))
            }
        }
    }
}
