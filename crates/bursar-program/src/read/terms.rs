//! Money, time and what the credit opens.

use bursar_kernel::program::{
    AboveTypical, ApplicantKind, AwardTerms, Cadence, Call, CardCheck, DecisionDays, Entitlements,
    Every, Intake, LeadTime, Offer, OfferState, Reapplication, ReviewCalendar, Term, TermLength,
    TermStart, TransferClause, WalletPeople,
};
use bursar_kernel::{Catalog, ModelId, TransferPolicy, UpstreamGroup, Usd};
use bursar_toml::{Field, Table, nearest};
use jiff::civil::{Date, Weekday};
use jiff::tz::{TimeZone, db};

use super::form::Form;
use super::people::{self, Lists};
use super::{text, texts};

/// Months that credit can live: ten years, which keeps every date inside the calendar.
const TERM_MONTHS_MAX: u32 = 120;
/// The same in days.
const TERM_DAYS_MAX: u32 = 3_653;
/// Grants of one person, or awards of one round: more than any that we know of.
const GRANTS_MAX: u32 = 1_000;
const AWARDS_MAX: u32 = 1_000_000;
/// Longer than any offer stands.
const ANSWER_DAYS_MAX: u32 = 1_000;
/// Days between a decision and its credit, or a deadline and its decision.
const LEAD_DAYS_MAX: u32 = 366;
/// Days that a review takes which begins once a month: it is over before the next one begins.
const REVIEW_DAYS_MAX: i8 = 27;
/// Output tokens that a call gets when its client sets no limit: no model makes more at once.
const OUTPUT_TOKENS_MAX: u64 = 1_000_000;
/// The same where a program is listed only: nothing is called with its credit.
const OUTPUT_TOKENS_DEFAULT: u64 = 4_096;

const TRANSFER_POLICIES: [(&str, TransferPolicy); 4] = [
    ("none", TransferPolicy::None),
    ("pool", TransferPolicy::Pool),
    ("program", TransferPolicy::Program),
    ("market", TransferPolicy::Market),
];

const WALLET_PEOPLE: [(&str, WalletPeople); 3] = [
    ("none", WalletPeople::None),
    ("same_institution", WalletPeople::SameInstitution),
    ("anyone", WalletPeople::Anyone),
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

const OFFERS: [(&str, OfferState); 4] = [
    ("open", OfferState::Open),
    ("forecast", OfferState::Forecast),
    ("paused", OfferState::Paused),
    ("discontinued", OfferState::Discontinued),
];

const TERM_STARTS: [(&str, TermStart); 2] =
    [("delivery", TermStart::Delivery), ("decision", TermStart::Decision)];

/// What tells how often a program reviews; nothing is that nobody says.
const CALENDARS: [&str; 4] = ["months", "weekday", "rolling", "call"];

const EVERY: [(&str, Every); 2] = [("day", Every::Day), ("week", Every::Week)];

const INTAKES: [(&str, Intake); 2] = [("open", Intake::Open), ("officers", Intake::Officers)];

/// Whether it takes applications; a file that does not say so does.
pub(super) fn intake(root: Table<'_>) -> Intake {
    root.get("intake").word(&INTAKES).unwrap_or(Intake::Open)
}

/// Whether it is on offer; a file that does not say so is.
pub(super) fn offer(root: Table<'_>) -> Offer {
    let state = root.get("status").word(&OFFERS).unwrap_or_default();
    let note = root.get("status_note").text().map(str::to_owned);
    let successor = root.get("successor").text().map(str::to_owned);
    if successor.is_some() && state != OfferState::Discontinued {
        root.get("successor").error(
            "a program that goes on has no successor",
            "add `status = \"discontinued\"`, or remove `successor`",
        );
    }
    Offer { state, note, successor }
}

/// The award, and the question that justifies one above the typical maximum.
pub(super) fn award(
    root: Table<'_>,
    form: &Form,
    lists: Lists<'_>,
) -> Option<(AwardTerms, Option<String>)> {
    let table = root.need("award").table()?;
    let in_kind = table.get("in_kind").text().map(str::to_owned);
    let typical = if table.has("in_kind") && !table.has("typical_max") {
        Some((Usd::ZERO, None))
    } else {
        most(table)
    };
    let justification = table.get("above_typical").table();
    let justification =
        justification.and_then(|above| form.text_question(&above.get("justification")));
    let kinds = table.get("kind").tables().into_iter().filter_map(|kind| {
        let label = text(kind, "label");
        let answered = people::answered(kind, form, lists);
        let per_person_max = kind.get("per_person_max").integer(1..=GRANTS_MAX);
        let (typical_max, above_typical) = most(kind)?;
        let (field, answers) = answered?;
        Some(ApplicantKind {
            label: label?,
            field,
            answers,
            typical_max,
            above_typical,
            per_person_max,
        })
    });
    let kinds = kinds.collect();
    let per_round_max = table.get("per_round_max").integer(1..=AWARDS_MAX);
    let per_person_max = table.get("per_person_max").integer(1..=GRANTS_MAX);
    let second_approver = table.get("second_approver").boolean().unwrap_or_default();
    let answer_days = table.get("answer_days").integer(1..=ANSWER_DAYS_MAX);
    let waiting_days = table.get("waiting_days").integer(1..=ANSWER_DAYS_MAX);
    let (typical_max, above_typical) = typical?;
    let terms = AwardTerms {
        typical_max,
        above_typical,
        in_kind,
        kinds,
        per_round_max,
        per_person_max,
        second_approver,
        answer_days,
        waiting_days,
    };
    Some((terms, justification))
}

/// The typical maximum, and what is above it.
fn most(table: Table<'_>) -> Option<(Usd, Option<AboveTypical>)> {
    let field = table.need("typical_max");
    let typical_max = field.usd();
    if typical_max.is_some_and(|amount| !amount.is_positive()) {
        field.error("`typical_max` is not above zero", "write what an award is at the most");
    }
    let Some(above) = table.get("above_typical").table() else {
        return Some((typical_max?, None));
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
    let above = AboveTypical { max: amount?, second_approver: second_approver? };
    Some((typical_max?, Some(above)))
}

/// `None` is also what a file has that does not say how long credit lives.
pub(super) fn term(root: Table<'_>) -> Option<Term> {
    let table = root.get("term").table()?;
    let from = table.get("from").word(&TERM_STARTS).unwrap_or_default();
    let written = ["months", "days", "until"].into_iter().filter(|key| table.has(key));
    let written: Vec<&str> = written.collect();
    if let [_, second, ..] = written[..] {
        table.get(second).error(
            "a term has one length",
            "keep one of `months`, `days` and `until`, and remove the others",
        );
    }
    let length = if table.has("days") {
        table.get("days").integer(1..=TERM_DAYS_MAX).map(TermLength::Days)
    } else if table.has("until") {
        table.get("until").date().map(TermLength::Until)
    } else {
        table.need("months").integer(1..=TERM_MONTHS_MAX).map(TermLength::Months)
    };
    Some(Term { length: length?, from })
}

pub(super) fn review(root: Table<'_>) -> Option<ReviewCalendar> {
    let table = root.need("review").table()?;
    let written: Vec<&str> = CALENDARS.into_iter().filter(|key| table.has(key)).collect();
    if let [_, second, ..] = written[..] {
        table.get(second).error(
            "reviews follow one calendar",
            "keep one of `months`, `weekday`, `rolling` and [[review.call]], and remove the others",
        );
    }
    let cadence = match written.first().copied() {
        Some("weekday") => {
            let weekday = table.need("weekday").word(&WEEKDAYS);
            let week = table.need("week").integer(1..=4_i8);
            let days = table.need("days").integer(1..=REVIEW_DAYS_MAX);
            weekday.zip(week).zip(days).map(|((weekday, week), days)| Cadence::MonthlyOn {
                week,
                weekday,
                days,
            })
        }
        Some("rolling") => {
            let every = table.need("rolling").word(&EVERY);
            let decided = decision_days(table);
            every.map(|every| Cadence::Rolling { every, decided })
        }
        Some("call") => Some(Cadence::Calls(calls(table))),
        Some(_) => months(&table.get("months")).map(Cadence::Months),
        None => Some(Cadence::Unsaid),
    };
    let collects_days = table.get("collects_days").integer(1..=LEAD_DAYS_MAX);
    if table.has("collects_days") && !matches!(written[..], ["months" | "weekday"]) {
        table.get("collects_days").error(
            "only reviews in months, or on a weekday of each month, collect for some days before",
            "remove `collects_days`",
        );
    }
    let zone = zone(&table.need("zone"));
    Some(ReviewCalendar { cadence: cadence?, collects_days, zone: zone? })
}

/// `None` is also what a rolling review has where nobody says how long it takes.
fn decision_days(table: Table<'_>) -> Option<DecisionDays> {
    if !table.has("decided_days_min") && !table.has("decided_days_max") {
        return None;
    }
    let (min, max) = days(table, "decided_days_min", "decided_days_max")?;
    if max == 0 {
        let field = table.get("decided_days_max");
        field.error("`decided_days_max` is zero", "write a day at least");
    }
    Some(DecisionDays { min, max })
}

/// Calls, each after the one before it.
fn calls(table: Table<'_>) -> Vec<Call> {
    let mut before: Option<Date> = None;
    let calls = table.get("call").tables().into_iter().filter_map(|table| {
        let opens = table.get("opens").date();
        let closes = table.need("closes");
        let last = closes.date();
        let decided = table.get("decided_by");
        let decided_by = decided.date();
        let last = last?;
        if opens.is_some_and(|opens| last < opens) {
            closes.error(
                format!("the call closes on {last}, before it opens: nobody can apply"),
                "exchange the two days",
            );
        }
        if decided_by.is_some_and(|day| day <= last) {
            decided.error(
                format!("the call is decided before it has closed, on {last}"),
                "write a later day",
            );
        }
        if before.is_some_and(|before| opens.unwrap_or(last) <= before) {
            closes.error(
                "the call begins before the one above it has closed",
                "write calls in their order, apart from each other",
            );
        }
        before = Some(last);
        Some(Call { opens, closes: last, decided_by })
    });
    calls.collect()
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

/// `None` is also what a file has that does not say how soon credit arrives.
pub(super) fn delivery(root: Table<'_>) -> Option<LeadTime> {
    let table = root.get("delivery").table()?;
    let (days_min, days_max) = days(table, "days_min", "days_max")?;
    Some(LeadTime { days_min, days_max })
}

/// Two numbers of days, the smaller first.
fn days(table: Table<'_>, min: &'static str, max: &'static str) -> Option<(u32, u32)> {
    let days_min = table.need(min).integer(0..=LEAD_DAYS_MAX);
    let days_max = table.need(max).integer(0..=LEAD_DAYS_MAX);
    if let Some((least, most)) = days_min.zip(days_max)
        && most < least
    {
        table
            .get(max)
            .error(format!("`{max}` is {most}, less than `{min}` at {least}"), "exchange the two");
    }
    days_min.zip(days_max)
}

pub(super) fn entitlements(root: Table<'_>, catalog: &Catalog) -> Option<Entitlements> {
    if !root.has("entitlements") {
        return Some(Entitlements {
            upstream_group: UpstreamGroup::new(""),
            limited_models: Vec::new(),
            output_tokens_default: OUTPUT_TOKENS_DEFAULT,
        });
    }
    let table = root.get("entitlements").table()?;
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

/// Whom a holder may invite to spend a grant; a file that does not say so goes by the institution.
pub(super) fn wallet_people(root: Table<'_>) -> WalletPeople {
    let table = root.get("wallet").table();
    table.and_then(|table| table.get("people").word(&WALLET_PEOPLE)).unwrap_or_default()
}

/// What a further grant takes, and the question that asks for the progress of the earlier one.
pub(super) fn reapplication(
    root: Table<'_>,
    form: &Form,
) -> Option<(Reapplication, Option<String>)> {
    if !root.has("reapplication") {
        return Some((Reapplication { resubmissions_max: None, progress_needed: false }, None));
    }
    let table = root.get("reapplication").table()?;
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
