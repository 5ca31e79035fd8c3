//! What a study costs before it starts: the page that counts it, and what an application shows.

use bursar_kernel::{ApplicationId, ProgramId, StudyPace, StudySize, Timestamp, Usd};
use maud::{Markup, html};

use crate::routes;
use crate::tiers::how_long;
use crate::ui::controls::button_form;
use crate::ui::field::Control;
use crate::ui::money::{count, taken};
use crate::ui::table::{number, text};
use crate::ui::{
    Choice, Field, Figure, Frame, Input, Page, Table, Tone, available, back, button, date,
    error_summary, field_html, figures, form, link, name, notice,
};

/// The page that counts a study, for whoever asks.
#[derive(Clone, Debug)]
pub struct EstimatePage {
    /// The program whose limits and award it is held against.
    pub program: ProgramId,
    /// Its name.
    pub name: String,
    /// Its typical maximum.
    pub typical_max: Usd,
    /// Kinds of studies to begin from, each with the address that fills it in.
    pub kinds: Vec<KindShown>,
    /// The models that can be called, as options.
    pub models: Vec<Choice>,
    /// How calls can be served, as options.
    pub servings: Vec<Choice>,
    /// How many lines the form has.
    pub lines: usize,
    /// Whether one more can be added.
    pub may_add: bool,
    /// What was filled in, and what is wrong with it.
    pub input: Input,
    /// What the tokens were counted from, where they were.
    pub sampled: Option<Sampled>,
    /// What it comes to; nothing before it is asked.
    pub result: Option<StudyResult>,
    /// Posted to use it in an application, and what the button says.
    pub use_it: Option<(String, &'static str)>,
}

/// A kind of study to begin from.
#[derive(Clone, Debug)]
pub struct KindShown {
    /// Its name.
    pub title: String,
    /// What it is.
    pub about: String,
    /// The address that fills it in.
    pub href: String,
}

/// What tokens were counted from.
#[derive(Clone, Copy, Debug)]
pub struct Sampled {
    /// Example prompts.
    pub prompts: u64,
    /// Example answers.
    pub answers: u64,
    /// Items of the largest line.
    pub items: u64,
}

/// What a study comes to.
#[derive(Clone, Debug)]
pub struct StudyResult {
    /// Its lines.
    pub lines: Vec<LineShown>,
    /// What they come to.
    pub total: Usd,
    /// What they would come to in batches.
    pub by_batch: Option<Usd>,
    /// How long it takes at each tier, by the tier's name and what that takes.
    pub paces: Vec<(String, StudyPace)>,
    /// What to heed before this study is planned.
    pub warnings: Vec<String>,
    /// What to know of its models.
    pub remarks: Vec<String>,
    /// The price table, and where it comes from.
    pub prices: String,
}

/// A line of a study.
#[derive(Clone, Debug)]
pub struct LineShown {
    /// The model.
    pub model: String,
    /// How its calls come about and how long each is, in words.
    pub detail: String,
    /// How large it is.
    pub size: StudySize,
    /// What it costs.
    pub cost: Usd,
    /// What it costs on cheaper models.
    pub cheaper: Vec<(String, Usd)>,
    /// What it costs in a batch.
    pub by_batch: Option<Usd>,
}

impl Page for EstimatePage {
    fn title(&self) -> String {
        "What a study costs".to_owned()
    }

    fn has_errors(&self) -> bool {
        self.input.has_errors()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let fields: Vec<Field> = (1..=self.lines).flat_map(|line| self.line_fields(line)).collect();
        html! {
            (back(&routes::program(&self.program), "Back to the guide"))
            (error_summary(&fields))
            h1 { "What a study costs" }
            p { "Counted at the provider's list prices, without an account, and against "
                (name(&self.name)) ". Nothing is kept: the address of this page holds the study, "
                "so you can pass it on." }
            @if let Some(result) = &self.result {
                section aria-label="Estimate" { (self.result_html(result, frame)) }
                h2 { "The study" }
            }
            @if !self.kinds.is_empty() {
                details open[self.result.is_none() && !self.has_errors()] {
                    summary { "Begin from a kind of study" }
                    ul { @for kind in &self.kinds {
                        li { (link(&kind.href, &kind.title)) ". " (kind.about) }
                    } }
                }
            }
            (form(frame, routes::ESTIMATE, &self.form_html()))
        }
    }
}

impl EstimatePage {
    fn line_fields(&self, line: usize) -> Vec<Field> {
        let field = |part: &str, label: &str, control: Control| {
            self.input.fill(Field::new(format!("{part}-{line}"), label, control))
        };
        let figure = |part: &str, label: &str| field(part, label, figures_line());
        vec![
            field("model", "Model", Control::Select(self.models.clone())),
            field("serving", "Served", Control::Select(self.servings.clone())),
            figure("items", "Items"),
            figure("variants", "Prompts"),
            figure("repeats", "Repeats"),
            figure("input_tokens", "Input tokens"),
            figure("output_tokens", "Output tokens"),
        ]
    }

    fn form_html(&self) -> Markup {
        html! {
            input type="hidden" name="program" value=(self.program);
            p.hint { "Calls are items of the data set × prompts that each is sent with × repeats. "
                "Tokens are those of one call, and output counts what a model reasons out of "
                "sight. A line without a model is dropped." }
            @for line in 1..=self.lines {
                fieldset.study-line {
                    legend { "Line " (line) }
                    @for field in self.line_fields(line) { (field_html(&field)) }
                }
            }
            (self.sample_html())
            div.actions {
                (button("Count the study"))
                @if self.may_add {
                    button.button.secondary type="submit" name="action" value="add" {
                        "Add a line"
                    }
                }
            }
        }
    }

    /// Examples to count tokens from. They are posted, counted and forgotten.
    fn sample_html(&self) -> Markup {
        let area = |id: &str, label: &str, hint: &str| {
            Field::new(id, label, Control::Area { rows: 5 }).hint(hint).optional()
        };
        let lines =
            (1..=self.lines).map(|line| Choice::new(line.to_string(), format!("Line {line} only")));
        let every = std::iter::once(Choice::new("", "Every line")).chain(lines).collect();
        html! {
            details open[self.sampled.is_some()] {
                summary { "Count the tokens from examples of your own" }
                p.hint { "Whole prompts as you would send them, instructions included, and answers "
                    "of the usual length. Put a line of --- between two. They are counted with the "
                    "model's tokenizer and forgotten: not stored, not logged." }
                (field_html(&area("prompts", "Example prompts", "Each as one whole call.")))
                (field_html(&area("answers", "Example answers",
                    "Add what a model reasons by hand: nobody sees it.")))
                (field_html(&Field::new("for", "Use the counts for", Control::Select(every))))
            }
        }
    }

    fn result_html(&self, result: &StudyResult, frame: &Frame) -> Markup {
        let calls = result.lines.iter().map(|line| line.size.calls).fold(0, u64::saturating_add);
        let tokens = result.lines.iter().map(|line| line.size.tokens).fold(0, u64::saturating_add);
        let max = available(self.typical_max);
        let large = [
            Figure::new("The study costs", taken(result.total)),
            Figure::new(format!("Of the usual {max}"), share(result.total, self.typical_max)),
            Figure::new("Calls", count(calls)),
            Figure::new("Tokens", count(tokens)),
        ];
        html! {
            h2 { "Estimate" }
            (figures(&large))
            p { (worth(result.total, self.typical_max)) }
            @if let Some(sampled) = &self.sampled { (sampled_html(sampled)) }
            (lines_table(&result.lines, result.total))
            @if !result.warnings.is_empty() {
                (notice(Tone::Warning, &html! {
                    ul { @for warning in &result.warnings { li { (warning) } } }
                }))
            }
            @for remark in &result.remarks { p.muted { (remark) } }
            @if let Some((action, text)) = &self.use_it {
                div.actions { (button_form(frame, action, &[], &button(text)))
                    span.muted { "It goes to the officer with your answers, and you can change it "
                        "until you submit." } }
            }
            @if !result.paces.is_empty() { (paces_html(&result.paces)) }
            (cheaper_html(result))
            p.muted.small { "Prices: " (result.prices) ". Calls are charged by what the "
                "provider reports of each." }
        }
    }
}

fn figures_line() -> Control {
    Control::Line { autocomplete: "off" }
}

fn sampled_html(sampled: &Sampled) -> Markup {
    let hundredths = u128::from(sampled.prompts).saturating_mul(10_000);
    let hundredths = hundredths.checked_div(u128::from(sampled.items)).unwrap_or(0);
    let part = match (sampled.prompts, hundredths) {
        (0, _) => String::new(),
        (_, 10_000..) => ", which is every item".to_owned(),
        (_, 0) => format!(", of {} items", count(sampled.items)),
        (_, share) => {
            let items = count(sampled.items);
            format!(": {}.{:02} % of {items} items", share / 100, share % 100)
        }
    };
    let said = [(sampled.prompts, "prompt", "prompts"), (sampled.answers, "answer", "answers")];
    let said = said.into_iter().filter(|(number, _, _)| 0 < *number);
    let said: Vec<String> = said
        .map(|(number, one, many)| {
            format!("{} {}", count(number), if number == 1 { one } else { many })
        })
        .collect();
    notice(
        Tone::Info,
        &html! { p { "Tokens a call are the mean of " (said.join(" and ")) " of yours" (part)
        ". The texts are forgotten." } },
    )
}

/// The lines of a study with what each comes to, and the sum.
fn lines_table(lines: &[LineShown], total: Usd) -> Markup {
    let columns = vec![
        text("Model"),
        text("Calls come from"),
        number("Calls"),
        number("Tokens"),
        number("Cost"),
    ];
    let mut rows: Vec<Vec<Markup>> = lines
        .iter()
        .map(|line| {
            vec![
                html! { (line.model) },
                html! { (line.detail) },
                html! { (count(line.size.calls)) },
                html! { (count(line.size.tokens)) },
                html! { (taken(line.cost)) },
            ]
        })
        .collect();
    if 1 < lines.len() {
        let total = html! { strong { (taken(total)) } };
        rows.push(vec![html! { strong { "Total" } }, html! {}, html! {}, html! {}, total]);
    }
    Table::new("What each line comes to", columns, rows).html()
}

fn paces_html(paces: &[(String, StudyPace)]) -> Markup {
    let rows = paces.iter().map(|(tier, pace)| vec![html! { (tier) }, html! { (how_long(*pace)) }]);
    let columns = vec![text("Tier"), text("The study takes")];
    html! {
        h3 { "How long it takes" }
        (Table::new("How long it takes at each tier", columns, rows.collect())
            .under_heading().html())
    }
}

/// What costs less: other models, and batches.
fn cheaper_html(result: &StudyResult) -> Markup {
    let saves = |cost: Usd, now: Usd| taken(now.checked_sub(cost).unwrap_or(Usd::ZERO));
    let mut rows = Vec::new();
    for (number, line) in (1..).zip(&result.lines) {
        let place = || html! { "Line " (number) ", " (line.model) };
        let others = line.cheaper.iter().map(|(model, cost)| (format!("On {model}"), *cost));
        let batch = line.by_batch.map(|cost| ("In a batch".to_owned(), cost));
        for (how, cost) in others.chain(batch) {
            rows.push(vec![
                place(),
                html! { (how) },
                html! { (taken(cost)) },
                html! { (saves(cost, line.cost)) },
            ]);
        }
    }
    if rows.is_empty() {
        return html! { p.muted { "No sibling of these models costs less, and no batch does." } };
    }
    let columns = vec![text("Line"), text("Instead"), number("Costs"), number("Saves")];
    html! {
        h3 { "What would cost less" }
        (Table::new("What would cost less", columns, rows).under_heading().html())
        @if let Some(batch) = result.by_batch {
            p { "All of it in batches, where the provider has them: " strong { (taken(batch)) }
                ". A batch may take a day: send it through this gateway with your client's files "
                "and batches." }
        }
    }
}

/// A study's share of an amount: `37.8 %`, rounded up.
fn share(total: Usd, of: Usd) -> String {
    let per_mille = i128::from(total.nanos()).saturating_mul(1_000);
    let of = i128::from(of.nanos()).max(1);
    let per_mille = (per_mille + of - 1) / of;
    format!("{}.{} %", per_mille / 10, per_mille % 10)
}

/// What an amount pays for, in a sentence.
fn worth(total: Usd, max: Usd) -> String {
    let shown = available(max);
    if total.is_zero() {
        return "It is free of charge.".to_owned();
    }
    match max.nanos() / total.nanos() {
        0 => {
            let percent = i128::from(max.nanos()).saturating_mul(100) / i128::from(total.nanos());
            format!("{shown}, the usual maximum, pays for {percent} % of it.")
        }
        1 => format!("{shown}, the usual maximum, pays for it once."),
        runs => {
            let runs = count(u64::try_from(runs).unwrap_or(0));
            format!("{shown}, the usual maximum, pays for {runs} such runs.")
        }
    }
}

/// The estimate of an application, for whoever may read the application.
#[derive(Clone, Debug)]
pub struct EstimateShown {
    /// Its lines.
    pub lines: Vec<LineShown>,
    /// What they come to.
    pub total: Usd,
    /// The price table that it was counted at.
    pub prices: String,
    /// When it was counted.
    pub at: Timestamp,
    /// What to say of the amount that is asked for, where it is far from the estimate.
    pub flag: Option<String>,
    /// The address where the study can be counted anew.
    pub address: String,
}

impl EstimateShown {
    /// The estimate as its readers see it.
    pub fn html(&self, frame: &Frame) -> Markup {
        html! {
            @if let Some(flag) = &self.flag {
                (notice(Tone::Warning, &html! { p { (flag) } }))
            }
            (lines_table(&self.lines, self.total))
            p.muted { "Counted by the applicant at the prices of " (self.prices) ", on "
                (date(self.at, &frame.zone)) ". "
                (link(&self.address, "Count it anew at today's prices")) "." }
        }
    }
}

/// The estimate on a draft's own page, with what can be done about it.
pub fn draft_html(
    estimate: Option<&EstimateShown>,
    (draft, begin): (ApplicationId, &str),
    frame: &Frame,
) -> Markup {
    html! {
        h2 #estimate { "What the study costs" }
        @match estimate {
            None => p { "Count it from your own data and the list prices: the estimate then goes "
                "with the application. " (link(begin, "Estimate the cost")) "." },
            Some(estimate) => {
                @if let Some(flag) = &estimate.flag {
                    (notice(Tone::Warning, &html! { p { (flag) } }))
                }
                (lines_table(&estimate.lines, estimate.total))
                div.actions {
                    (link(&estimate.address, "Change the estimate"))
                    (button_form(
                        frame,
                        &routes::application_estimate_remove(draft),
                        &[],
                        &html! { button.link-button type="submit" { "Remove it" } },
                    ))
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    //! Shares and what an amount pays for, in words.

    use super::*;

    #[test]
    fn a_share_is_never_less_than_it_is() {
        let usd = |text: &str| text.parse::<Usd>().unwrap();
        let said = |total: &str| {
            format!("{}; {}", share(usd(total), usd("1000")), worth(usd(total), usd("1000")))
        };
        assert_eq!(said("0"), "0.0 %; It is free of charge.");
        assert_eq!(
            said("0.000000001"),
            "0.1 %; $1,000.00, the usual maximum, pays for 1,000,000,000,000 such runs."
        );
        assert_eq!(said("378.01"), "37.9 %; $1,000.00, the usual maximum, pays for 2 such runs.");
        assert_eq!(said("501"), "50.1 %; $1,000.00, the usual maximum, pays for it once.");
        assert_eq!(said("4000"), "400.0 %; $1,000.00, the usual maximum, pays for 25 % of it.");
    }
}
