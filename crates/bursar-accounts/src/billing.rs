//! `GET /dashboard/billing/subscription` and `/dashboard/billing/usage`: the two questions by which
//! old tools work out what a key has left, as the limit of the one less the total of the other.

use std::collections::BTreeMap;

use axum::extract::Query;
use bursar_calls::{Caller, Calls};
use bursar_kernel::limits::BILLING_DAYS_MAX;
use bursar_kernel::{Timestamp, Usd};
use bursar_store::{CostSum, ReadError};
use http::Uri;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::costs::number;
use crate::credit::{self, Left};
use crate::query::{BadQuery, instant, shortened};
use crate::{Refused, json};

const DAY: i64 = 86_400;
/// The bytes of a date: `2026-11-30`.
const DATE_BYTES: usize = 10;
const DATES: [&str; 2] = ["start_date", "end_date"];

/// What the provider called a subscription. Limits of tokens, which it had beside those of dollars,
/// mean nothing here.
#[derive(Debug, Serialize)]
struct Subscription<'a> {
    object: &'static str,
    has_payment_method: bool,
    canceled: bool,
    canceled_at: Option<i64>,
    /// Nobody owes anything here: what is spent was there before.
    delinquent: (),
    access_until: i64,
    soft_limit_usd: Box<RawValue>,
    hard_limit_usd: Box<RawValue>,
    system_hard_limit_usd: Box<RawValue>,
    plan: Plan<'a>,
}

#[derive(Debug, Serialize)]
struct Plan<'a> {
    title: &'a str,
    id: &'a str,
}

/// What was charged, in cents, as the provider counts here and nowhere else.
#[derive(Debug, Serialize)]
struct Billed {
    object: &'static str,
    daily_costs: Vec<Daily>,
    total_usage: Box<RawValue>,
}

#[derive(Debug, Serialize)]
struct Daily {
    timestamp: i64,
    line_items: Vec<LineItem>,
}

/// A line is a model, as in `/v1/organization/costs`.
#[derive(Debug, Serialize)]
struct LineItem {
    name: String,
    cost: Box<RawValue>,
}

/// Whole days (UTC) that are asked for, each by the second that it begins with. The last is not
/// one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Days {
    start: Option<i64>,
    end: Option<i64>,
}

/// Reads the days of an address.
pub(crate) fn asked(uri: &Uri) -> Result<Days, BadQuery> {
    let pairs = Query::<Vec<(String, String)>>::try_from_uri(uri);
    let Query(pairs) = pairs.map_err(|error| invalid("query", error.body_text()))?;
    let mut days = Days { start: None, end: None };
    for (name, value) in pairs {
        let (known, place) = match name.as_str() {
            "start_date" => (DATES[0], &mut days.start),
            "end_date" => (DATES[1], &mut days.end),
            other => {
                let param = shortened(other);
                let message = format!(
                    "Unknown parameter: `{param}`. This takes `start_date` and `end_date`."
                );
                return Err(BadQuery { param, code: "unknown_parameter", message });
            }
        };
        if place.replace(day(known, &value)?).is_some() {
            return Err(invalid(known, format!("`{known}` is there twice. Give it once.")));
        }
    }
    if let Days { start: Some(start), end: Some(end) } = days
        && end <= start
    {
        let message = "`end_date` is not after `start_date`. The day it names is left out: give \
                       the one behind the last.";
        return Err(invalid(DATES[1], message));
    }
    Ok(days)
}

fn day(param: &str, text: &str) -> Result<i64, BadQuery> {
    let date = text.parse::<Date>().ok().filter(|_| text.len() == DATE_BYTES);
    let midnight = date.and_then(|date| date.to_zoned(TimeZone::UTC).ok());
    let second = midnight.map(|midnight| midnight.timestamp().as_second());
    second.filter(|second| 0 <= *second).ok_or_else(|| {
        let message = format!("`{}` is no date. Give one like `2026-11-30`.", shortened(text));
        invalid(param, message)
    })
}

impl Days {
    /// The half-open period at an instant: up to the present day and with it, where nothing is
    /// said of its end, and from as far back as is told at a time, where nothing is of its start.
    pub(crate) fn period(self, now: Timestamp) -> Result<(Timestamp, Timestamp), BadQuery> {
        let now = now.as_second();
        let tomorrow = now.saturating_sub(now.rem_euclid(DAY)).saturating_add(DAY);
        let end = self.end.map_or(tomorrow, |end| end.min(tomorrow));
        let most = BILLING_DAYS_MAX.saturating_mul(DAY);
        let start = self.start.unwrap_or_else(|| end.saturating_sub(most).max(0)).min(end);
        if most < end.saturating_sub(start) {
            let message = format!("More than {BILLING_DAYS_MAX} days are asked for. Ask in parts.");
            return Err(invalid(DATES[0], message));
        }
        Ok((instant(start), instant(end)))
    }
}

/// Until when and up to what a key may spend. Its limit is what its grant's calls have cost and
/// what the key can spend now, so that the one less the other is what is left.
pub(crate) async fn subscription(calls: &Calls, caller: &Caller) -> Result<Box<RawValue>, Refused> {
    let credit = calls.credit(caller).await?;
    let Left { of_grant, of_key } = credit::left(&credit, calls.now())?;
    let limit = |left: Usd| {
        let limit = left.checked_add(credit.of_calls);
        limit.map(number).ok_or_else(|| ReadError("the credit is too large to add".to_owned()))
    };
    let program = caller.program();
    let second = |at: Option<Timestamp>| at.map(Timestamp::as_second);
    Ok(json(&Subscription {
        object: "billing_subscription",
        has_payment_method: calls.has_card(caller).await?,
        canceled: caller.voided_at().is_some(),
        canceled_at: second(caller.voided_at()),
        delinquent: (),
        access_until: second(caller.ends_at()).unwrap_or(0),
        soft_limit_usd: limit(of_key)?,
        hard_limit_usd: limit(of_key)?,
        system_hard_limit_usd: limit(of_grant)?,
        plan: Plan { title: &program.name, id: program.id.as_str() },
    }))
}

/// What a grant's calls cost, day by day, with the last word on each.
pub(crate) async fn usage(
    calls: &Calls,
    caller: &Caller,
    days: Days,
) -> Result<Box<RawValue>, Refused> {
    let (from, to) = days.period(calls.now())?;
    let mut sums = BTreeMap::<(i64, String), Usd>::new();
    for CostSum { day, key: _, model, cost } in calls.costs(caller, (from, to)).await? {
        let sum = sums.entry((day.as_second(), model.to_string())).or_default();
        *sum = sum.checked_add(cost).ok_or_else(too_large)?;
    }
    let total = Usd::sum(sums.values().copied()).ok_or_else(too_large)?;
    let mut lines = sums.into_iter().peekable();
    let (mut daily_costs, mut timestamp) = (Vec::new(), from.as_second());
    while timestamp < to.as_second() {
        let mut line_items = Vec::new();
        while let Some(((_, name), cost)) = lines.next_if(|((day, _), _)| *day == timestamp) {
            line_items.push(LineItem { name, cost: cents(cost)? });
        }
        daily_costs.push(Daily { timestamp, line_items });
        timestamp = timestamp.saturating_add(DAY);
    }
    Ok(json(&Billed { object: "list", daily_costs, total_usage: cents(total)? }))
}

/// An amount in cents, as a number that is written from its decimal text.
fn cents(amount: Usd) -> Result<Box<RawValue>, ReadError> {
    amount.checked_mul(100).map(number).ok_or_else(too_large)
}

fn too_large() -> ReadError {
    ReadError("costs are too large to add".to_owned())
}

fn invalid(param: &str, message: impl Into<String>) -> BadQuery {
    BadQuery { param: param.to_owned(), code: "invalid_value", message: message.into() }
}

#[cfg(test)]
mod tests;
