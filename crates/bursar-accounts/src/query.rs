//! The query of a page of usage or costs, read whole: what is not known is refused.

use std::collections::BTreeSet;

use axum::extract::Query;
use bursar_kernel::Timestamp;
use bursar_store::Width;
use http::Uri;

/// Seconds that an instant can have: the end of the year 9999.
const SECONDS_MAX: i64 = 253_402_207_200;
/// Characters of a value that are said again.
const VALUE_CHARACTERS_MAX: usize = 64;
/// Values that one list can have. No grant has as many keys or models that anybody would name.
const VALUES_MAX: usize = 100;

/// A mistake in a query.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BadQuery {
    pub(crate) param: String,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

/// What can be asked of a page, and how much.
#[derive(Debug)]
pub(crate) struct Takes {
    /// How wide the buckets may be, with how many of each a page has unless asked, and at the most.
    pub(crate) widths: &'static [(&'static str, Width, usize, usize)],
    /// Lists of what to tell alone.
    pub(crate) lists: &'static [&'static str],
    /// Whether calls of batches can be asked for alone.
    pub(crate) batch: bool,
    /// What the sums can be by.
    pub(crate) groups: &'static [&'static str],
}

/// What was asked.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) start: i64,
    pub(crate) end: Option<i64>,
    pub(crate) width: Width,
    pub(crate) limit: usize,
    /// The second that the page begins with, where it is not the first.
    pub(crate) page: Option<i64>,
    pub(crate) batch: Option<bool>,
    pub(crate) group_by: BTreeSet<String>,
    lists: Vec<(&'static str, Vec<String>)>,
}

impl Asked {
    /// Whether a list lets a value through: one that was not given lets everything through.
    pub(crate) fn admits(&self, list: &str, value: &str) -> bool {
        let found = self.lists.iter().find(|(name, _)| *name == list);
        found.is_none_or(|(_, values)| values.iter().any(|wanted| wanted == value))
    }

    /// Whether a list or a group was asked for.
    pub(crate) fn is_about(&self, list: &str, group: &str) -> bool {
        self.lists.iter().any(|(name, _)| *name == list) || self.group_by.contains(group)
    }

    /// The values of a list.
    pub(crate) fn values(&self, list: &str) -> &[String] {
        let found = self.lists.iter().find(|(name, _)| *name == list);
        found.map_or(&[], |(_, values)| values)
    }

    /// A value where the sums are by it, else nothing.
    pub(crate) fn by(&self, group: &str, value: &str) -> Option<String> {
        self.group_by.contains(group).then(|| value.to_owned())
    }
}

/// Reads the query of an address.
pub(crate) fn read(uri: &Uri, takes: &Takes) -> Result<Asked, BadQuery> {
    let pairs = Query::<Vec<(String, String)>>::try_from_uri(uri);
    let Query(pairs) = pairs.map_err(|error| invalid("query", error.body_text()))?;
    let mut given = Given::default();
    for (name, value) in pairs {
        given.take(takes, &name, value)?;
    }
    given.finish(takes)
}

#[derive(Default)]
struct Given {
    /// What can be given once.
    single: Vec<(&'static str, String)>,
    lists: Vec<(&'static str, Vec<String>)>,
    group_by: BTreeSet<String>,
}

const SINGLE: [&str; 5] = ["start_time", "end_time", "bucket_width", "limit", "page"];
const BATCH: &str = "batch";
const GROUP_BY: &str = "group_by";

impl Given {
    fn take(&mut self, takes: &Takes, name: &str, value: String) -> Result<(), BadQuery> {
        // The official SDKs write a list as `name[]`.
        let list = name.strip_suffix("[]").unwrap_or(name);
        if list == GROUP_BY {
            return self.group(takes, value);
        }
        if let Some(list) = takes.lists.iter().find(|known| **known == list) {
            return self.list(list, value);
        }
        let batch = takes.batch.then_some(BATCH);
        let single = SINGLE.into_iter().chain(batch).find(|known| *known == name);
        let single = single.ok_or_else(|| unknown(takes, name))?;
        if self.single.iter().any(|(given, _)| *given == single) {
            return Err(invalid(single, format!("`{single}` is there twice. Give it once.")));
        }
        self.single.push((single, value));
        Ok(())
    }

    fn group(&mut self, takes: &Takes, value: String) -> Result<(), BadQuery> {
        if !takes.groups.contains(&value.as_str()) {
            let message = format!(
                "`{}` is nothing that this can be grouped by. Give one or more of {}, each in a \
                 `group_by[]` of its own.",
                shortened(&value),
                quoted(takes.groups)
            );
            return Err(invalid(GROUP_BY, message));
        }
        self.group_by.insert(value);
        Ok(())
    }

    fn list(&mut self, list: &'static str, value: String) -> Result<(), BadQuery> {
        let place = self.lists.iter().position(|(known, _)| *known == list);
        let place = place.unwrap_or_else(|| {
            self.lists.push((list, Vec::new()));
            self.lists.len().saturating_sub(1)
        });
        let Some((_, values)) = self.lists.get_mut(place) else { return Ok(()) };
        if VALUES_MAX <= values.len() {
            let message = format!("`{list}` has more than {VALUES_MAX} values. Ask in parts.");
            return Err(invalid(list, message));
        }
        values.push(value);
        Ok(())
    }

    fn finish(self, takes: &Takes) -> Result<Asked, BadQuery> {
        let text = |name: &str| {
            let found = self.single.iter().find(|(given, _)| *given == name);
            found.map(|(_, value)| value.as_str())
        };
        let start = text("start_time").ok_or_else(|| BadQuery {
            param: "start_time".to_owned(),
            code: "missing_required_parameter",
            message: "`start_time` is missing. Give the second (Unix time) from which on to tell."
                .to_owned(),
        })?;
        let start = second("start_time", start)?;
        let end = text("end_time").map(|end| second("end_time", end)).transpose()?;
        if end.is_some_and(|end| end <= start) {
            let message = "`end_time` is not after `start_time`. Give a later second, or leave it \
                           out to be told up to now.";
            return Err(invalid("end_time", message));
        }
        let (width, limit, most) = width(takes, text("bucket_width"))?;
        Ok(Asked {
            start,
            end,
            width,
            limit: text("limit").map_or(Ok(limit), |limit| count(limit, most))?,
            page: text("page").map(|page| cursor(page, width)).transpose()?,
            batch: text(BATCH).map(flag).transpose()?,
            group_by: self.group_by,
            lists: self.lists,
        })
    }
}

fn second(param: &str, text: &str) -> Result<i64, BadQuery> {
    let read = text.parse().ok().filter(|second| (0..=SECONDS_MAX).contains(second));
    read.ok_or_else(|| {
        let message = format!(
            "`{}` is no second of Unix time. Give a whole number, like `1730419200`.",
            shortened(text)
        );
        invalid(param, message)
    })
}

fn width(takes: &Takes, text: Option<&str>) -> Result<(Width, usize, usize), BadQuery> {
    let name = text.unwrap_or("1d");
    let found = takes.widths.iter().find(|(known, ..)| *known == name);
    found.map(|(_, width, limit, most)| (*width, *limit, *most)).ok_or_else(|| {
        let known: Vec<&str> = takes.widths.iter().map(|(known, ..)| *known).collect();
        let message =
            format!("`{}` is no width of a bucket here. Give {}.", shortened(name), quoted(&known));
        invalid("bucket_width", message)
    })
}

fn count(text: &str, most: usize) -> Result<usize, BadQuery> {
    let read = text.parse().ok().filter(|limit| (1..=most).contains(limit));
    read.ok_or_else(|| {
        let message = format!(
            "`{}` is not how many buckets a page of this width can have. Give 1 to {most}.",
            shortened(text)
        );
        invalid("limit", message)
    })
}

fn flag(text: &str) -> Result<bool, BadQuery> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        other => {
            let message = format!("`{}` is neither `true` nor `false`.", shortened(other));
            Err(invalid(BATCH, message))
        }
    }
}

/// What a page ends with: where the next one begins.
pub(crate) fn next_page(second: i64) -> String {
    format!("page_{second:010x}")
}

fn cursor(text: &str, width: Width) -> Result<i64, BadQuery> {
    let read = text.strip_prefix("page_").and_then(|hex| i64::from_str_radix(hex, 16).ok());
    let begins =
        |second: &i64| (0..=SECONDS_MAX).contains(second) && second.rem_euclid(seconds(width)) == 0;
    read.filter(begins).ok_or_else(|| {
        let message = "The page is none of this query's. Give the `next_page` of an answer to the \
                       same query.";
        invalid("page", message)
    })
}

/// The seconds of a bucket.
pub(crate) const fn seconds(width: Width) -> i64 {
    width.millis() / 1_000
}

/// The instant of a second that was read.
pub(crate) fn instant(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or(Timestamp::MAX)
}

fn unknown(takes: &Takes, name: &str) -> BadQuery {
    let batch = takes.batch.then_some(BATCH);
    let known: Vec<&str> = SINGLE
        .into_iter()
        .chain(takes.lists.iter().copied())
        .chain(batch)
        .chain([GROUP_BY])
        .collect();
    let name = shortened(name);
    let message = format!("Unknown parameter: `{name}`. This takes {}.", quoted(&known));
    BadQuery { param: name, code: "unknown_parameter", message }
}

fn invalid(param: &str, message: impl Into<String>) -> BadQuery {
    BadQuery { param: param.to_owned(), code: "invalid_value", message: message.into() }
}

/// As much of a value as is said again.
pub(crate) fn shortened(text: &str) -> String {
    text.chars().take(VALUE_CHARACTERS_MAX).collect()
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
