//! `bursar grant forecast`: where a grant's balance is heading.

use std::fmt::Write as _;

use bursar_api_types::{ForecastLine, PaceLine};
use bursar_kernel::Usd;

use super::{dollars, facts, moment};

pub(crate) fn show(found: &ForecastLine) -> String {
    let pace = found.pace.as_ref();
    let lost = |pace: &PaceLine| dollars(pace.lost);
    let mut text = facts([
        ("grant", Some(found.grant.to_string())),
        ("state", Some(found.state.replace('_', " "))),
        ("available", Some(dollars(found.available))),
        ("expires", found.expires_at.map(moment)),
        ("pace", pace.map(|pace| per_day(pace.per_day, found.days))),
        ("runs out", pace.and_then(|pace| pace.runs_out_at).map(moment)),
        ("expires unspent", pace.map(lost)),
        ("at the fastest week", found.fastest_week.as_ref().map(lost)),
        ("at the slowest week", found.slowest_week.as_ref().map(lost)),
        ("to use it all", found.pace_to_use_all.map(|amount| format!("{} a day", dollars(amount)))),
        ("could bring", could_bring(found)),
        ("waiting costs", found.waiting_per_day.map(|cost| format!("{} a day", dollars(cost)))),
    ]);
    if found.pace_to_use_all.is_some() && pace.is_none() {
        let days = found.days;
        let _ = writeln!(
            text,
            "\nnothing was spent in {days} whole days: there is no pace to go by, and unless \
             something is spent, all of it is lost at the expiry"
        );
    }
    text.push('\n');
    if let Some(road) = &found.apply {
        let plan = &road.plan;
        let unsaid = || "nobody says when".to_owned();
        let _ = writeln!(
            text,
            "apply again  {}: submit before {}, decision after {}, credit from {} to {}",
            road.program,
            moment(plan.submit_before),
            plan.decision_from.map_or_else(unsaid, moment),
            plan.credit_from.map_or_else(unsaid, moment),
            plan.credit_to.map_or_else(unsaid, moment),
        );
    }
    if let Some(road) = &found.buy {
        let sooner = road.days_sooner.map_or(String::new(), |days| format!(", {days} days sooner"));
        let _ = writeln!(
            text,
            "buy          {}: up to {} at {} % of face value, usable at once{sooner} and until {}",
            road.listing,
            dollars(road.offered),
            road.price_percent,
            moment(road.expires_at),
        );
    }
    text
}

fn per_day(amount: Usd, days: usize) -> String {
    let of = if days == 1 { "day".to_owned() } else { format!("{days} days") };
    format!("{} a day, of the last {of}", dollars(amount))
}

fn could_bring(found: &ForecastLine) -> Option<String> {
    let amount = dollars(found.brings?);
    match found.way.as_str() {
        "market" => Some(format!("{amount} on the market")),
        "pool" => Some(format!("{amount} to somebody else, by way of the pool")),
        _ => None,
    }
}
