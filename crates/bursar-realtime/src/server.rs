//! The provider's events: what is read of them. All else passes as it came.

use bursar_kernel::RateCard;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::usage::{Reported, read_usage};

/// An event of the provider's. Which members it has, its `type` says.
#[derive(Debug, Deserialize)]
pub(crate) struct ServerEvent<'a> {
    #[serde(rename = "type", borrow)]
    pub(crate) kind: std::borrow::Cow<'a, str>,
    #[serde(borrow, default)]
    pub(crate) session: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(crate) response: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(crate) error: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(crate) usage: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(crate) response_id: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(crate) item_id: Option<std::borrow::Cow<'a, str>>,
    #[serde(default)]
    pub(crate) audio_end_ms: Option<u64>,
}

/// A response as its events show it.
#[derive(Debug, Default, Deserialize)]
struct Response<'a> {
    #[serde(borrow, default)]
    id: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow, default)]
    status: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow, default)]
    usage: Option<&'a RawValue>,
    #[serde(borrow, default)]
    output: Option<Vec<&'a RawValue>>,
}

/// What is known of a response that has ended.
#[derive(Debug)]
pub(crate) struct Done {
    /// What it used; `None` where nobody says so that it can be believed.
    pub(crate) reported: Option<Reported>,
    /// Whether it was refused or stopped before anything was made, in so many words.
    pub(crate) made_nothing: bool,
    /// Items of its output.
    pub(crate) items: u64,
}

/// The name of a response.
pub(crate) fn response_id(response: Option<&RawValue>) -> Option<String> {
    let read: Response<'_> = serde_json::from_str(response?.get()).ok()?;
    read.id.map(std::borrow::Cow::into_owned)
}

/// Reads a response that has ended.
pub(crate) fn done(response: Option<&RawValue>, card: &RateCard, is_text: bool) -> Done {
    let read = response.and_then(|json| serde_json::from_str::<Response<'_>>(json.get()).ok());
    let read = read.unwrap_or_default();
    let items = read.output.map_or(0, |items| u64::try_from(items.len()).unwrap_or(u64::MAX));
    let ended_early = matches!(read.status.as_deref(), Some("failed" | "cancelled"));
    let json = read.usage.map(RawValue::get);
    let reported = json.and_then(|json| read_usage(json, card, is_text));
    let is_nothing = reported.is_none_or(|it| it.is_nothing);
    // A report of nothing tells something only where nothing was to be had.
    let made_nothing =
        ended_early && items == 0 && json.is_some() && reported.is_some() && is_nothing;
    Done { reported: reported.filter(|it| !it.is_nothing), made_nothing, items }
}

/// The name that an error event gives the event that it is about.
pub(crate) fn error_is_about(error: Option<&RawValue>) -> Option<String> {
    #[derive(Deserialize)]
    struct About {
        event_id: Option<String>,
    }
    serde_json::from_str::<About>(error?.get()).ok()?.event_id
}
