//! Lists of files and batches, from our own rows and never from an upstream's: page by page as the
//! SDKs read them.

use bursar_calls::Caller;
use bursar_kernel::limits::LISTED_MAX;
use bursar_store::BelongingFilter;
use bursar_store::rows::{Belonging, BelongingKind};
use http::Uri;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::gateway::Gateway;
use bursar_failures::Failure;

/// How a list is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    after: Option<String>,
    limit: Option<usize>,
    order: Option<Order>,
    purpose: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Order {
    Asc,
    Desc,
}

/// A page of a list, as the provider shows it.
#[derive(Debug, Serialize)]
pub(crate) struct Page {
    object: &'static str,
    data: Vec<Value>,
    first_id: Option<String>,
    last_id: Option<String>,
    has_more: bool,
}

/// Reads the query of a list.
pub(crate) fn asked(uri: &Uri) -> Result<Asked, Failure> {
    let read = axum::extract::Query::<Asked>::try_from_uri(uri);
    read.map(|query| query.0).map_err(|error| {
        let message = format!(
            "The list cannot be asked for so: {}. It takes `after`, `limit`, `order` (`asc` or \
             `desc`) and, of files, `purpose`.",
            error.body_text()
        );
        Failure::invalid("limit", message)
    })
}

/// How many of a kind a caller's grant has under way: so many at the most are counted.
pub(crate) async fn open_of(
    gateway: &Gateway,
    caller: &Caller,
    kind: BelongingKind,
    most: usize,
) -> Result<usize, Failure> {
    let which = BelongingFilter::OpenOf { grant: caller.grant(), kind, limit: most };
    let open = gateway.calls.belongings(which).await;
    open.map(|open| open.len()).map_err(|error| Failure::no_store(&error))
}

/// A page of what a caller's grant has.
pub(crate) async fn page(
    gateway: &Gateway,
    caller: &Caller,
    kind: BelongingKind,
    (asked, usual): (Asked, usize),
    show: impl Fn(&Belonging) -> Option<Value>,
) -> Result<Page, Failure> {
    let no_store = |error| Failure::no_store(&error);
    let after = match asked.after {
        None => None,
        Some(name) => {
            let found = gateway.calls.belonging(caller, kind, &name).await.map_err(no_store)?;
            let found = found.ok_or_else(|| match kind {
                BelongingKind::File => Failure::no_file(&name, "after"),
                BelongingKind::Batch => Failure::no_batch(&name),
                BelongingKind::Response => Failure::no_response(&name),
                BelongingKind::Upload => Failure::no_upload(&name),
            })?;
            Some(found.id)
        }
    };
    let limit = asked.limit.unwrap_or(usual).clamp(1, LISTED_MAX);
    let which = BelongingFilter::Page {
        grant: caller.grant(),
        kind,
        purpose: asked.purpose,
        after,
        latest_first: asked.order.unwrap_or(Order::Desc) == Order::Desc,
        limit: limit.saturating_add(1),
    };
    let mut rows = gateway.calls.belongings(which).await.map_err(no_store)?;
    let has_more = limit < rows.len();
    rows.truncate(limit);
    // What an upstream has not named yet is not there yet.
    let shown: Vec<(String, Value)> =
        rows.iter().filter_map(|row| Some((row.upstream_id.clone()?, show(row)?))).collect();
    let name = |one: Option<&(String, Value)>| one.map(|(name, _)| name.clone());
    let (first_id, last_id) = (name(shown.first()), name(shown.last()));
    let data = shown.into_iter().map(|(_, value)| value).collect();
    Ok(Page { object: "list", data, first_id, last_id, has_more })
}
