//! Models as they stand to a grant, and the request for one that credit alone does not open.

use bursar_kernel::{GrantId, ModelId, RateCard, Timestamp};
use jiff::civil::Date;
use maud::{Markup, html};

use crate::routes;
use crate::ui::controls::button_form;
use crate::ui::dates::day;
use crate::ui::field::Control;
use crate::ui::money::count;
use crate::ui::table::{number, text};
use crate::ui::{
    Field, Frame, Input, Page, Status, Table, Tone, back, button, error_summary, field_html, form,
    instant, key_values, link, name, notice, prose, tag,
};

/// A model in the list.
#[derive(Clone, Debug)]
pub struct ModelRow {
    /// The model.
    pub model: ModelId,
    /// Open, limited, asked or approved.
    pub status: Status,
    /// Whether the grant has used it lately.
    pub in_use: bool,
    /// Its list prices.
    pub card: Option<RateCard>,
    /// The day from which the provider refuses it.
    pub shutdown: Option<Date>,
    /// What the provider names in its place.
    pub successor: Option<ModelId>,
}

/// All models as they stand to a grant.
#[derive(Clone, Debug)]
pub struct GrantModels {
    /// The grant.
    pub grant: GrantId,
    /// What it is called.
    pub title: String,
    /// The models, by name.
    pub rows: Vec<ModelRow>,
    /// Those in use whose last day comes while the grant lives: the day, and what follows.
    pub ending: Vec<(ModelId, Date, Option<ModelId>)>,
}

impl Page for GrantModels {
    fn title(&self) -> String {
        "Models".to_owned()
    }

    fn body(&self, _frame: &Frame) -> Markup {
        html! {
            (back(&routes::grant(self.grant), "Back to the grant"))
            h1 { "Models" }
            p.muted { (name(&self.title)) }
            (ending_notice(&self.ending))
            p { "Open models work with every key of this grant. A limited model needs a further "
                "approval, even with credit: ask for it on its page." }
            (self.table())
        }
    }
}

/// Models in use whose last day comes while the grant lives: the day, and what follows.
pub(super) fn ending_notice(ending: &[(ModelId, Date, Option<ModelId>)]) -> Markup {
    if ending.is_empty() {
        return html! {};
    }
    notice(
        Tone::Warning,
        &html! {
            p { strong { "Models you use will end before this grant does." }
                " Plan the change while there is credit to test with." }
            ul { @for (model, last, successor) in ending {
                li { code { (model) } " is refused from " (day(*last)) " on"
                    @if let Some(successor) = successor {
                        "; the provider names " code { (successor) } " in its place"
                    } "." }
            } }
        },
    )
}

impl GrantModels {
    fn table(&self) -> Markup {
        let columns = vec![
            text("Model"),
            text("Access"),
            number("Input"),
            number("Output"),
            text("Refused from"),
        ];
        let rows = self.rows.iter().map(|row| {
            let price = |rate: Option<bursar_kernel::Rate>| {
                html! {
                    @match rate { Some(rate) => { "$" (rate) }, None => span.muted { "–" } }
                }
            };
            vec![
                html! { a href=(routes::grant_model(self.grant, &row.model)) { (row.model) }
                @if row.in_use { " " span.muted { "in use" } } },
                tag(&row.status),
                price(row.card.and_then(|card| card.input)),
                price(row.card.and_then(|card| card.output)),
                html! { @match row.shutdown {
                    Some(last) => { (day(last)) @if let Some(next) = &row.successor {
                        br; span.muted { "then " (next) } } },
                    None => span.muted { "–" },
                } },
            ]
        });
        let caption = "Models, with list prices per million tokens";
        Table::new(caption, columns, rows.collect()).html()
    }
}

/// One model as it stands to a grant.
#[derive(Clone, Debug)]
pub struct ModelPage {
    /// The grant.
    pub grant: GrantId,
    /// What the grant is called.
    pub title: String,
    /// The model.
    pub row: ModelRow,
    /// What kind of model it is, and what for.
    pub about: String,
    /// Tokens of input and of output at the most, where the provider says so.
    pub tokens_max: (Option<u64>, Option<u64>),
    /// Its prices in a batch, where offered.
    pub batch: Option<RateCard>,
    /// Whether it is limited access.
    pub limited: bool,
    /// When an approval that is in force lapses, if sooner than the grant.
    pub until: Option<Timestamp>,
    /// What was asked, latest first.
    pub requests: Vec<RequestShown>,
    /// The form for a request (`reason`), where the viewer may ask.
    pub input: Option<Input>,
    /// Whether the viewer may take the waiting request back.
    pub may_withdraw: bool,
}

/// A request, as its holder reads it.
#[derive(Clone, Debug)]
pub struct RequestShown {
    /// When it was asked.
    pub asked_at: Timestamp,
    /// What for.
    pub reason: String,
    /// Where it stands.
    pub status: Status,
    /// When it was answered, and what was said.
    pub answer: Option<(Timestamp, Option<String>)>,
}

impl Page for ModelPage {
    fn title(&self) -> String {
        format!("Model {}", self.row.model)
    }

    fn has_errors(&self) -> bool {
        self.input.as_ref().is_some_and(Input::has_errors)
    }

    fn body(&self, frame: &Frame) -> Markup {
        let field = self.input.as_ref().map(reason_field);
        html! {
            (back(&routes::grant_models(self.grant), "All models"))
            @if let Some(field) = &field { (error_summary(std::slice::from_ref(field))) }
            div.heading-row { h1 { "Model " (self.row.model) } (tag(&self.row.status)) }
            p.muted { (self.about) ", for " (name(&self.title)) }
            (self.standing(frame))
            (self.facts())
            @if let Some(field) = &field {
                h2 { "Ask for approval" }
                (form(frame, &routes::grant_model(self.grant, &self.row.model), &html! {
                    (field_html(field))
                    div.actions { (button("Ask for approval")) }
                }))
            }
            @if !self.requests.is_empty() {
                h2 { "What was asked" }
                @for request in &self.requests { (request.html(frame)) }
            }
            @if self.may_withdraw {
                (button_form(frame, &routes::grant_model_withdraw(self.grant, &self.row.model), &[],
                    &html! { button.button.secondary type="submit" { "Take the request back" } }))
            }
        }
    }
}

impl ModelPage {
    fn standing(&self, frame: &Frame) -> Markup {
        if !self.limited {
            return html! { p { "Every key of this grant can call it. "
            (link(&routes::grant_use(self.grant), "How to use the grant")) "." } };
        }
        notice(
            Tone::Info,
            &html! {
                p { strong { "Limited access. " } "This model needs a further approval, even "
                    "with credit. An officer of the program reads the request and answers by "
                    "mail; an approval opens the model at once to every key of this grant, and "
                    "to its dated names." }
                @if let Some(until) = self.until {
                    p { "The approval lapses on " (instant(until, &frame.zone)) "." }
                }
            },
        )
    }

    fn facts(&self) -> Markup {
        let mut facts = Vec::new();
        if let Some(card) = &self.row.card {
            facts.push(("List price".to_owned(), prices(card)));
        }
        if let Some(card) = &self.batch {
            facts.push(("Price in a batch".to_owned(), prices(card)));
        }
        let (input, output) = self.tokens_max;
        for (label, most) in [("Longest input", input), ("Longest output", output)] {
            if let Some(most) = most {
                facts.push((label.to_owned(), html! { (count(most)) " tokens" }));
            }
        }
        if let Some(last) = self.row.shutdown {
            facts.push((
                "Refused from".to_owned(),
                html! { (day(last)) " on, by the provider"
                @if let Some(next) = &self.row.successor { "; then "
                    a href=(routes::grant_model(self.grant, next)) { (next) } } },
            ));
        }
        key_values(&facts)
    }
}

fn prices(card: &RateCard) -> Markup {
    let parts = [("input", card.input), ("cached input", card.cached), ("output", card.output)];
    let named: Vec<String> =
        parts.into_iter().filter_map(|(label, rate)| Some(format!("${} {label}", rate?))).collect();
    html! { (named.join(", ")) " per million tokens" }
}

impl RequestShown {
    fn html(&self, frame: &Frame) -> Markup {
        let mut facts = vec![
            ("State".to_owned(), tag(&self.status)),
            ("Asked".to_owned(), instant(self.asked_at, &frame.zone)),
            ("What for".to_owned(), prose(&self.reason)),
        ];
        if let Some((at, note)) = &self.answer {
            facts.push(("Answered".to_owned(), instant(*at, &frame.zone)));
            if let Some(note) = note {
                facts.push(("Answer".to_owned(), prose(note)));
            }
        }
        key_values(&facts)
    }
}

fn reason_field(input: &Input) -> Field {
    let field = Field::new("reason", "What do you need it for?", Control::Area { rows: 6 });
    input.fill(field.hint("What the study needs this model for, and why an open one will not do."))
}
