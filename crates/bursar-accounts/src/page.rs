//! Pages of buckets: which part of a period is told at a time. Buckets begin at whole minutes,
//! hours and days (UTC), and are never cut.

use serde::Serialize;

use crate::query::{Asked, next_page, seconds};

/// The seconds that a page tells of, half-open; and where the period ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) from: i64,
    pub(crate) to: i64,
    pub(crate) end: i64,
}

/// The buckets of a page: from where it begins, as many as it has, and none that is still to come.
pub(crate) fn span(asked: &Asked, now: i64) -> Span {
    let width = seconds(asked.width);
    let floor = |second: i64| second.saturating_sub(second.rem_euclid(width));
    let first = floor(asked.start);
    let present = floor(now).saturating_add(width);
    let last = |end: i64| floor(end.saturating_sub(1)).saturating_add(width);
    let end = asked.end.map_or(present, |end| last(end).min(present)).max(first);
    let from = asked.page.unwrap_or(first).clamp(first, end);
    let most = i64::try_from(asked.limit).unwrap_or(i64::MAX).saturating_mul(width);
    Span { from, to: from.saturating_add(most).min(end), end }
}

/// A page, as the provider shows it.
#[derive(Debug, Serialize)]
pub(crate) struct Page<T> {
    object: &'static str,
    data: Vec<Bucket<T>>,
    has_more: bool,
    #[serde(rename = "next_page")]
    next: Option<String>,
}

#[derive(Debug, Serialize)]
struct Bucket<T> {
    object: &'static str,
    start_time: i64,
    end_time: i64,
    results: Vec<T>,
}

/// A page with the results of each bucket, which are given in order with the second that their
/// bucket begins at.
pub(crate) fn page<T>(
    asked: &Asked,
    span: Span,
    results: impl IntoIterator<Item = (i64, T)>,
) -> Page<T> {
    let width = seconds(asked.width);
    let mut results = results.into_iter().peekable();
    let (mut data, mut start_time) = (Vec::new(), span.from);
    while start_time < span.to {
        let end_time = start_time.saturating_add(width);
        let mut bucket = Bucket { object: "bucket", start_time, end_time, results: Vec::new() };
        while let Some((_, result)) = results.next_if(|(second, _)| *second < end_time) {
            bucket.results.push(result);
        }
        data.push(bucket);
        start_time = end_time;
    }
    let has_more = span.to < span.end;
    Page { object: "page", data, has_more, next: has_more.then(|| next_page(span.to)) }
}
