//! Money, time and what the credit opens.

use bursar_kernel::program::{
    AboveTypical, AwardTerms, Cadence, CardCheck, Entitlements, Intake, LeadTime, Reapplication,
    ReviewCalendar, Term, TransferClause,
};
use bursar_kernel::{Catalog, ModelId, TransferPolicy, UpstreamGroup};
use bursar_toml::{Field, Table, nearest};
use jiff::civil::Weekday;
use jiff::tz::{TimeZone, db};

use super::form::Form;
use super::{text, texts};

/// Months that credit can live: ten years, which keeps every date inside the calendar.
const TERM_MONTHS_MAX: u32 = 120;
/// Days between a decision and its credit.
const LEAD_DAYS_MAX: u32 = 366;
/// Days that a review takes which begins once a month: it is over before the next one begins.
const REVIEW_DAYS_MAX: i8 = 27;
/// Output tokens that a call gets when its client sets no limit: no model makes more at once.
const OUTPUT_TOKENS_MAX: u64 = 1_000_000;

const TRANSFER_POLICIES: [(&str, TransferPolicy); 4] = [
    ("none", TransferPolicy::None),
    ("pool", TransferPolicy::Pool),
    ("program", TransferPolicy::Program),
    ("market", TransferPolicy::Market),
];

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

const INTAKES: [(&str, Intake); 2] = [("open", Intake::Open), ("officers", Intake::Officers)];

/// Whether it takes applications; a file that does not say so does.
pub(super) fn intake(root: Table<'_>) -> Intake {
    root.get("intake").word(&INTAKES).unwrap_or(Intake::Open)
}

/// The award, and the question that justifies one above the typical maximum.
pub(super) fn award(root: Table<'_>, form: &Form) -> Option<(AwardTerms, Option<String>)> {
    let table = root.need("award").table()?;
    let field = table.need("typical_max");
    let typical_max = field.usd();
    if typical_max.is_some_and(|amount| !amount.is_positive()) {
        field.error("`typical_max` is not above zero", "write what an award is at the most");
    }
    let Some(above) = table.get("above_typical").table() else {
        return Some((AwardTerms { typical_max: typical_max?, above_typical: None }, None));
    };
    let max = above.need("max");
    let amount = max.usd();
    if let Some((amount, typical)) = amount.zip(typical_max)
        && amount < typical
    {
        max.error(
            format!("`max` is {amount}, below the typical maximum of {typical}"),
            "raise it, or remove [award.above_typical]",
        );
    }
    let second_approver = above.need("second_approver").boolean();
    let justification = form.text_question(&above.get("justification"));
    let above_typical = AboveTypical { max: amount?, second_approver: second_approver? };
    let terms = AwardTerms { typical_max: typical_max?, above_typical: Some(above_typical) };
    Some((terms, justification))
}

pub(super) fn term(root: Table<'_>) -> Option<Term> {
    let months = root.need("term").table()?.need("months").integer(1..=TERM_MONTHS_MAX)?;
    Some(Term { months })
}

pub(super) fn review(root: Table<'_>) -> Option<ReviewCalendar> {
    let table = root.need("review").table()?;
    let cadence = if table.has("weekday") {
        if table.has("months") {
            table.get("months").error(
                "reviews are in months or begin on a weekday, and not both",
                "remove `months`, or `weekday` with `week` and `days`",
            );
        }
        let weekday = table.need("weekday").word(&WEEKDAYS);
        let week = table.need("week").integer(1..=4_i8);
        let days = table.need("days").integer(1..=REVIEW_DAYS_MAX);
        weekday.zip(week).zip(days).map(|((weekday, week), days)| Cadence::MonthlyOn {
            week,
            weekday,
            days,
        })
    } else {
        months(&table.need("months")).map(Cadence::Months)
    };
    let zone = zone(&table.need("zone"));
    Some(ReviewCalendar { cadence: cadence?, zone: zone? })
}

fn months(field: &Field<'_>) -> Option<Vec<i8>> {
    let months = field.integers(1..=12_i8)?;
    if months.is_empty() {
        field.error("`months` names no month", "write one at least, such as [6]");
    } else if !months.is_sorted_by(|earlier, later| earlier < later) {
        let mut sorted = months.clone();
        sorted.sort_unstable();
        sorted.dedup();
        field.error("`months` should ascend, each once", format!("write {sorted:?}"));
    }
    Some(months)
}

fn zone(field: &Field<'_>) -> Option<TimeZone> {
    let name = field.text()?;
    let zone = TimeZone::get(name).ok();
    if zone.is_none() {
        let known: Vec<String> = db().available().map(|zone| zone.to_string()).collect();
        let hint = match nearest(name, known.iter().map(String::as_str)) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "use a name of the IANA database, such as `Europe/Berlin`".to_owned(),
        };
        field.error(format!("there is no time zone `{name}`"), hint);
    }
    zone
}

pub(super) fn delivery(root: Table<'_>) -> Option<LeadTime> {
    let table = root.need("delivery").table()?;
    let days_min = table.need("days_min").integer(0..=LEAD_DAYS_MAX);
    let days_max = table.need("days_max").integer(0..=LEAD_DAYS_MAX);
    if let Some((min, max)) = days_min.zip(days_max)
        && max < min
    {
        table.get("days_max").error(
            format!("`days_max` is {max}, less than `days_min` at {min}"),
            "exchange the two",
        );
    }
    Some(LeadTime { days_min: days_min?, days_max: days_max? })
}

pub(super) fn entitlements(root: Table<'_>, catalog: &Catalog) -> Option<Entitlements> {
    let table = root.need("entitlements").table()?;
    let upstream_group = text(table, "upstream_group").map(UpstreamGroup::new);
    let output_tokens_default = table.need("output_tokens_default").integer(1..=OUTPUT_TOKENS_MAX);
    let mut limited_models: Vec<ModelId> = Vec::new();
    for name in table.get("limited_models").texts() {
        let Some(model) = catalog.model(name.text).filter(|model| model.id.as_str() == name.text)
        else {
            let known = catalog.models.keys().map(ModelId::as_str);
            let meant = match catalog.model(name.text) {
                Some(model) => Some(model.id.as_str()),
                None => nearest(name.text, known),
            };
            let hint = match meant {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "use a name from the catalog file, or add the model to it".to_owned(),
            };
            table.error_at(name.place, format!("the catalog has no model `{}`", name.text), hint);
            continue;
        };
        if limited_models.contains(&model.id) {
            table.error_at(name.place, format!("`{}` stands twice", model.id), "remove one");
        }
        limited_models.push(model.id.clone());
    }
    Some(Entitlements {
        upstream_group: upstream_group?,
        limited_models,
        output_tokens_default: output_tokens_default?,
    })
}

pub(super) fn transfer(root: Table<'_>) -> Option<(TransferPolicy, TransferClause)> {
    let table = root.need("transfer").table()?;
    let policy = table.need("policy").word(&TRANSFER_POLICIES);
    let says = text(table, "clause");
    let source = text(table, "source");
    let ways_on = texts(table, "ways_on");
    Some((policy?, TransferClause { says: says?, source: source?, ways_on }))
}

/// What a further grant takes, and the question that asks for the progress of the earlier one.
pub(super) fn reapplication(
    root: Table<'_>,
    form: &Form,
) -> Option<(Reapplication, Option<String>)> {
    let table = root.need("reapplication").table()?;
    let resubmissions_max = table.get("resubmissions_max").integer(0..=1_000_u32);
    let progress_needed = table.need("progress_needed").boolean();
    let progress = form.text_question(&table.get("progress"));
    let progress_needed = progress_needed?;
    if progress_needed && !table.has("progress") {
        table.get("progress_needed").error(
            "progress is needed, and no question asks for it",
            "add `progress = \"…\"` with the name of a question that asks for it",
        );
    }
    let progress = progress.filter(|_| progress_needed);
    Some((Reapplication { resubmissions_max, progress_needed }, progress))
}

/// `None` is also what a program without a card check has.
pub(super) fn card(root: Table<'_>) -> Option<CardCheck> {
    let table = root.get("card").table()?;
    let field = table.need("hold");
    let hold = field.usd();
    if hold.is_some_and(|hold| !hold.is_positive()) {
        field.error("`hold` is not above zero", "remove [card] if no card is checked");
    }
    let purpose = text(table, "purpose");
    Some(CardCheck { hold: hold?, purpose: purpose? })
}
