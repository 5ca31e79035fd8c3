//! `GET /v1/organization/costs`: what a grant's calls cost, day by day, with the last word on each.

use std::collections::BTreeMap;

use bursar_calls::{Caller, Calls};
use bursar_kernel::Usd;
use bursar_kernel::limits::{COST_DAYS_MAX, COST_DAYS_USUAL};
use bursar_store::{CostSum, ReadError, Width};
use http::Uri;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::page::{page, span};
use crate::projects::Projects;
use crate::query::{Asked, BadQuery, Takes, instant, read};
use crate::{Refused, json};

const TAKES: Takes = Takes {
    widths: &[("1d", Width::Day, COST_DAYS_USUAL, COST_DAYS_MAX)],
    lists: &["project_ids", "api_key_ids"],
    batch: false,
    groups: &["project_id", "line_item", "api_key_id"],
};

/// One result, as the provider shows it. A line item is a model: what a call cost is not kept apart
/// by kind of token, and so there is no quantity.
#[derive(Debug, Serialize)]
struct Shown {
    object: &'static str,
    amount: Amount,
    line_item: Option<String>,
    project_id: Option<String>,
    api_key_id: Option<String>,
    quantity: (),
    quantity_unit: (),
}

#[derive(Debug, Serialize)]
struct Amount {
    value: Box<RawValue>,
    currency: &'static str,
}

type Group = (Option<String>, Option<String>, Option<String>);

/// What an address asks for.
pub(crate) fn asked(uri: &Uri) -> Result<Asked, BadQuery> {
    read(uri, &TAKES)
}

/// A page of what the caller's grant was charged.
pub(crate) async fn list(
    calls: &Calls,
    caller: &Caller,
    asked: &Asked,
) -> Result<Box<RawValue>, Refused> {
    let span = span(asked, calls.now().as_second());
    let found = calls.costs(caller, (instant(span.from), instant(span.to))).await?;
    let projects = Projects::of(calls, caller, asked).await?;
    let sums = sums(asked, &projects, found)?;
    let shown = sums.into_iter().map(|((second, group), cost)| (second, shown(group, cost)));
    Ok(json(&page(asked, span, shown)))
}

/// Sums by what was asked for, day by day.
fn sums(
    asked: &Asked,
    projects: &Projects,
    found: Vec<CostSum>,
) -> Result<BTreeMap<(i64, Group), Usd>, ReadError> {
    let mut sums = BTreeMap::<(i64, Group), Usd>::new();
    for CostSum { day, key, model, cost } in found {
        let (project, is_wanted) = (projects.of_key(key), projects.admits(asked, key));
        let key = key.to_string();
        if !is_wanted || !asked.admits("api_key_ids", &key) {
            continue;
        }
        let group = (
            asked.by("project_id", &project),
            asked.by("line_item", model.as_str()),
            asked.by("api_key_id", &key),
        );
        let sum = sums.entry((day.as_second(), group)).or_default();
        let more = sum.checked_add(cost);
        *sum = more.ok_or_else(|| ReadError("a day's costs are too large to add".to_owned()))?;
    }
    Ok(sums)
}

fn shown((project_id, line_item, api_key_id): Group, cost: Usd) -> Shown {
    Shown {
        object: "organization.costs.result",
        amount: Amount { value: number(cost), currency: "usd" },
        line_item,
        project_id,
        api_key_id,
        quantity: (),
        quantity_unit: (),
    }
}

/// An amount as a number, written from its decimal text: the provider has numbers, and nothing
/// here ever passes through a float.
pub(crate) fn number(amount: Usd) -> Box<RawValue> {
    RawValue::from_string(amount.to_string()).expect("a decimal is a number of JSON")
}
