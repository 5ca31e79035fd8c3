//! What lies in suspense, and the form that settles a line of it.

use bursar_kernel::{Endpoint, GrantId, ModelId, RequestId, Timestamp, Usd};
use maud::{Markup, html};

use crate::routes;
use crate::ui::field::Control;
use crate::ui::table::{number, text};
use crate::ui::{
    Choice, Field, Figure, Frame, Input, Page, Table, back, button, empty, error_summary, exact,
    field_html, figures, form, instant, key_values, link, name, paging,
};

/// Everything in suspense.
#[derive(Clone, Debug)]
pub struct SuspenseList {
    /// The lines, the longest first.
    pub rows: Vec<SuspenseRow>,
    /// Where lines are that lie there for longer.
    pub newer: Option<String>,
    /// Where the others are.
    pub older: Option<String>,
    /// What is shown: `1 to 50`.
    pub position: String,
}

/// Something in suspense.
#[derive(Clone, Debug)]
pub struct SuspenseRow {
    /// Its name.
    pub id: String,
    /// How much.
    pub amount: Usd,
    /// Since when.
    pub since: Timestamp,
    /// Why, in a few words without a full stop.
    pub why: String,
    /// Which grant's, with what it is called, and of which program.
    pub grant: Option<(GrantId, String, String)>,
    /// Who holds the grant.
    pub holder: String,
    /// The key or the study whose limit it is, where it is not credit.
    pub limit_of: Option<String>,
    /// The call, where it is known.
    pub call: Option<LostCall>,
}

/// What is known of a call whose process ended.
#[derive(Clone, Debug)]
pub struct LostCall {
    /// Its request id.
    pub request: RequestId,
    /// The model that was asked for.
    pub model: ModelId,
    /// Where it went.
    pub endpoint: Endpoint,
    /// When it began.
    pub started_at: Timestamp,
}

impl SuspenseRow {
    fn what(&self) -> String {
        match (&self.limit_of, &self.call) {
            (Some(whose), _) => format!("Limit of {whose}"),
            (None, Some(call)) => format!("Call to {}", call.model),
            (None, None) => "Calls not written down".to_owned(),
        }
    }
}

impl Page for SuspenseList {
    fn title(&self) -> String {
        "Suspense".to_owned()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let columns = vec![
            text("What"),
            text("Since"),
            text("Holder"),
            text("Grant"),
            text("Why"),
            number("Amount"),
        ];
        let rows = self.rows.iter().map(|row| {
            vec![
                html! { a href=(routes::suspense(&row.id)) { (name(&row.what()))
                span.visually-hidden { " of " (name(&row.holder)) } } },
                instant(row.since, &frame.zone),
                name(&row.holder),
                html! { @match &row.grant {
                    Some((id, title, _)) => (link(&routes::grant(*id), title)),
                    None => "Not known",
                } },
                html! { (row.why) },
                html! { (exact(row.amount)) },
            ]
        });
        html! {
            h1 { "Suspense" }
            p { "Credit of which nobody knows whether calls have spent it. It counts as spent "
                "until you settle it, from the provider's own usage report of that time." }
            @if self.rows.is_empty() {
                (empty("Nothing is in suspense", &html! {
                    p { "Should the gateway stop before it can write what a call cost, it shows "
                        "here." }
                }))
            } @else {
                (Table::new("In suspense", columns, rows.collect()).under_heading().html())
                (paging("Pages of the suspense", self.newer.as_deref(), self.older.as_deref(),
                    &self.position))
            }
        }
    }
}

/// One line, with the form that settles it.
#[derive(Clone, Debug)]
pub struct SuspensePage {
    /// The line.
    pub row: SuspenseRow,
    /// The form (`end`, `cost`, `reason`).
    pub input: Input,
}

impl Page for SuspensePage {
    fn title(&self) -> String {
        format!("{} in suspense", self.row.what())
    }

    fn has_errors(&self) -> bool {
        self.input.has_errors()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let fields = self.fields();
        html! {
            (back(routes::SUSPENSE, "Suspense"))
            (error_summary(&fields))
            h1 { (name(&self.row.what())) }
            (figures(&[Figure::new("In suspense", exact(self.row.amount))]))
            (self.facts(frame))
            h2 { "Settle it" }
            p { @match (&self.row.limit_of, &self.row.call) {
                (Some(_), _) => {
                    "This is what a key or a study may spend, not credit: what was not used, it "
                    "may spend again."
                }
                (None, Some(_)) => {
                    "Look for this call in the provider's usage report. What was not used goes "
                    "back to the grant, or is lost if the grant has expired."
                }
                (None, None) => {
                    "The process ended before it wrote down which calls these were. Compare the "
                    "provider's usage report of that minute with the grant's calls. What was not "
                    "used goes back to the grant, or is lost if the grant has expired. Be sure "
                    "that the server has ended: one that only stalled reports these calls itself."
                }
            } }
            (form(frame, &routes::suspense(&self.row.id), &html! {
                @for field in &fields { (field_html(field)) }
                div.actions { (button("Settle it")) }
            }))
        }
    }
}

impl SuspensePage {
    fn facts(&self, frame: &Frame) -> Markup {
        let zone = &frame.zone;
        let row = &self.row;
        let mut facts = vec![
            ("Since".to_owned(), instant(row.since, zone)),
            ("Why".to_owned(), html! { (row.why) }),
            ("Holder".to_owned(), name(&row.holder)),
        ];
        if let Some((id, title, program)) = &row.grant {
            facts.push(("Grant".to_owned(), link(&routes::grant(*id), title)));
            facts.push(("Program".to_owned(), name(program)));
        }
        if let Some(call) = &row.call {
            facts.push(("Call began".to_owned(), instant(call.started_at, zone)));
            facts.push(("Model".to_owned(), html! { (call.model) }));
            facts.push(("Endpoint".to_owned(), html! { code { (call.endpoint.path()) } }));
            facts.push(("Request".to_owned(), html! { code { (call.request) } }));
        }
        facts.push(("Reference".to_owned(), html! { code { (row.id) } }));
        key_values(&facts)
    }

    fn fields(&self) -> Vec<Field> {
        let amount = exact(self.row.amount);
        let ends = Control::Radios(vec![
            Choice::hinted("used", "It was used", format!("All of it: {amount}.")),
            Choice::hinted("not_used", "It was not used", "The provider billed nothing of it."),
            Choice::hinted("cost", "It cost exactly", "Enter the amount below."),
        ]);
        let reason = Control::Area { rows: 3 };
        let fields = [
            Field::new("end", "What became of it", ends),
            Field::new("cost", "Exact cost", Control::Amount)
                .hint(format!("At most {amount}; nine decimal places at the most."))
                .optional(),
            Field::new("reason", "How you know", reason)
                .hint("Kept in the audit trail: which report, of which hour."),
        ];
        fields.into_iter().map(|field| self.input.fill(field)).collect()
    }
}
