//! Where a grant's money went: by model, study, key or person.

use std::collections::BTreeMap;

use bursar_kernel::{GrantId, StudyId, Timestamp, Usd};
use bursar_studies::{By, Part};
use bursar_study_pages::spending::{PartRow, SpendingPage};
use bursar_ui::{SpendChart, routes};
use bursar_web::{Answer, Asked, At, OrPage as _, Trouble, Visit};
use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Days that a chart shows at the most.
const CHART_DAYS_MAX: usize = 60;
/// Parts of a column that a chart tells apart; what comes after them is one more.
const SERIES_MAX: usize = 4;

type Fields = BTreeMap<String, String>;

pub(crate) async fn show(visit: Visit, At(id): At<GrantId>, Asked(asked): Asked<Fields>) -> Answer {
    let by = asked.get("by").and_then(|name| By::from_name(name)).unwrap_or_default();
    let study = study_of(&visit, id, &asked).await?;
    let only = study.as_ref().map(|(study, _)| *study);
    let (service, viewer) = (visit.service(), &visit.viewer);
    let found = bursar_studies::spending(service, viewer, id, (by, only)).await.or_page(&visit)?;
    let (total, calls) = found.total();
    // A study is told apart by anything but studies.
    let is_other = |other: &By| *other != by && (only.is_none() || *other != By::Study);
    let others = By::ALL.into_iter().filter(is_other).map(|other| {
        let of_study = only.map(|study| format!("&study={study}")).unwrap_or_default();
        let href = format!("{}?by={}{of_study}", routes::grant_spending(id), other.name());
        (label(other, "By "), href)
    });
    visit.page(&SpendingPage {
        grant: id,
        title: found.grant.title.clone(),
        study,
        what: label(by, ""),
        others: others.collect(),
        parts: found.parts.iter().map(|part| row(part, total)).collect(),
        chart: chart(&series(&found.parts), visit.frame().now),
        total: (total, calls),
    })
}

/// The study that an address asks about, if it asks about one of this grant.
async fn study_of(
    visit: &Visit,
    grant: GrantId,
    asked: &Fields,
) -> Result<Option<(StudyId, String)>, Trouble> {
    let Some(text) = asked.get("study") else { return Ok(None) };
    let id: StudyId = text.parse().map_err(|_| visit.not_found())?;
    let line = bursar_studies::study(visit.service(), &visit.viewer, id).await.or_page(visit)?;
    if line.study.grant != grant {
        return Err(visit.not_found());
    }
    Ok(Some((id, line.study.terms.name)))
}

const fn label(by: By, before: &str) -> &'static str {
    match (by, before.is_empty()) {
        (By::Model, true) => "Model",
        (By::Study, true) => "Study",
        (By::Key, true) => "Key",
        (By::Person, true) => "Person",
        (By::Model, false) => "By model",
        (By::Study, false) => "By study",
        (By::Key, false) => "By key",
        (By::Person, false) => "By person",
    }
}

fn row(part: &Part, total: Usd) -> PartRow {
    let share = i128::from(part.cost.nanos()).saturating_mul(1_000);
    let share = share.checked_div(i128::from(total.nanos())).unwrap_or(0);
    let calls = i64::try_from(part.calls).unwrap_or(i64::MAX);
    let up = part.cost.nanos().saturating_add(calls.saturating_sub(1));
    PartRow {
        name: part.name.clone(),
        study: part.study,
        cost: part.cost,
        calls: part.calls,
        each: up.checked_div(calls).map(Usd::from_nanos),
        share: u32::try_from(share).unwrap_or(0),
    }
}

/// The dearest parts, and what all others come to.
pub(crate) fn series(parts: &[Part]) -> Vec<(String, BTreeMap<Date, Usd>)> {
    let series = |part: &Part| (part.name.clone(), part.days.clone());
    let mut shown: Vec<_> = parts.iter().take(SERIES_MAX).map(series).collect();
    let mut others = BTreeMap::<Date, Usd>::new();
    for (day, cost) in parts.iter().skip(SERIES_MAX).flat_map(|part| &part.days) {
        let sum = others.entry(*day).or_default();
        *sum = sum.checked_add(*cost).unwrap_or(Usd::MAX);
    }
    if !others.is_empty() {
        shown.push(("All others".to_owned(), others));
    }
    shown
}

/// The last days with a call and those between them, none left out, by part; `None` where nothing
/// was spent.
pub fn chart(series: &[(String, BTreeMap<Date, Usd>)], now: Timestamp) -> Option<SpendChart> {
    let days = || series.iter().flat_map(|(_, days)| days.keys().copied());
    let (first, last) = (days().min()?, days().max()?);
    let today = now.to_zoned(TimeZone::UTC).date();
    let last = if days_after(last, CHART_DAYS_MAX) < today { last } else { last.max(today) };
    let costs = |day: Date| {
        series.iter().map(|(_, days)| days.get(&day).copied().unwrap_or_default()).collect()
    };
    let all = first.series(1.day()).take_while(|day| *day <= last);
    let mut days: Vec<(Date, Vec<Usd>)> = all.map(|day| (day, costs(day))).collect();
    let beyond = days.len().saturating_sub(CHART_DAYS_MAX);
    days.drain(..beyond);
    Some(SpendChart { series: series.iter().map(|(name, _)| name.clone()).collect(), days })
}

fn days_after(day: Date, days: usize) -> Date {
    let days = i64::try_from(days).unwrap_or(i64::MAX);
    day.saturating_add(days.days())
}
