//! `/v1/responses/{id}`: what was stored, shown to the keys of its own grant alone. Nothing here is
//! charged, and nobody else's exists.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use bursar_kernel::limits::INPUT_ITEMS_LISTED_MAX;
use bursar_meter::StreamMeter;
use bursar_store::rows::{Belonging, BelongingKind};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method, Uri};
use serde::Deserialize;
use serde_json::json;

use crate::asking::{NotDone, ask, ask_text, is_plain_name};
use crate::gateway::Gateway;
use crate::identify::find_owned;
use crate::patience::Patience;
use crate::receipt;
use crate::relay::Relay;
use crate::stream::Chunks;
use bursar_failures::Failure;

/// What else an answer may be asked to show: the provider has a dozen names.
const INCLUDED_MAX: usize = 32;
const INCLUDED_CHARACTERS_MAX: usize = 64;

/// How a stored response is asked for.
const SHOWN_BY: [&str; 5] =
    ["include", "include[]", "stream", "starting_after", "include_obfuscation"];
/// How what it was made from is asked for.
const LISTED_BY: [&str; 5] = ["include", "include[]", "limit", "order", "after"];

/// What matters of an upstream's response.
#[derive(Deserialize)]
struct Named {
    id: String,
}

pub(crate) async fn show(
    State(gateway): State<Arc<Gateway>>,
    Path(name): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let response = find(&gateway, &headers, &name).await?;
    let asked = query(&uri, &SHOWN_BY)?;
    let path = format!("/responses/{name}{}", asked.text);
    if asked.streams {
        return resume(&gateway, response, path).await;
    }
    let text = fetch(&gateway, &response, (Method::GET, path)).await?;
    is_it(&text, &name)?;
    Ok(json_text(text))
}

/// Cancels a response in the background: what it has used by then is due.
pub(crate) async fn cancel(
    State(gateway): State<Arc<Gateway>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let response = find(&gateway, &headers, &name).await?;
    if response.owed().is_none() {
        return Err(Failure::not_in_the_background());
    }
    let path = format!("/responses/{name}/cancel");
    let text = fetch(&gateway, &response, (Method::POST, path)).await?;
    is_it(&text, &name)?;
    Ok(json_text(text))
}

pub(crate) async fn remove(
    State(gateway): State<Arc<Gateway>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let mut response = find(&gateway, &headers, &name).await?;
    // What it is charged by has to stay until it is. See
    // `what_is_not_charged_yet_cannot_be_deleted`.
    if response.is_open() {
        return Err(Failure::response_in_use());
    }
    let provider = gateway.provider_named(&response.upstream)?;
    let asking = gateway.asking(Method::DELETE, format!("/responses/{name}"));
    match ask(&provider, asking).await {
        Err(refused) if !refused.is_gone() => return Err(refused.failure()),
        Ok(_) | Err(_) => {}
    }
    response.deleted_at = Some(gateway.calls.now());
    let kept = gateway.calls.keep_changed(response).await;
    kept.map_err(|error| Failure::no_store(&error))?;
    Ok(receipt::json(&json!({"id": name, "object": "response", "deleted": true})))
}

/// What a response was made from, page by page.
pub(crate) async fn input_items(
    State(gateway): State<Arc<Gateway>>,
    Path(name): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let response = find(&gateway, &headers, &name).await?;
    let asked = query(&uri, &LISTED_BY)?;
    let path = format!("/responses/{name}/input_items{}", asked.text);
    fetch(&gateway, &response, (Method::GET, path)).await.map(json_text)
}

/// A stored response of a caller's own grant.
async fn find(gateway: &Gateway, headers: &HeaderMap, name: &str) -> Result<Belonging, Failure> {
    let what = (BelongingKind::Response, name);
    find_owned(gateway, headers, what, || Failure::no_response(name))
        .await
        .map(|(_, response)| response)
}

/// What its upstream answers, without anything secret.
async fn fetch(
    gateway: &Gateway,
    response: &Belonging,
    (method, path): (Method, String),
) -> Result<String, Failure> {
    let provider = gateway.provider_named(&response.upstream)?;
    ask_text(&provider, gateway.asking(method, path)).await.map_err(NotDone::failure)
}

/// An upstream that answers with another response than was asked for shows nobody's.
fn is_it(text: &str, name: &str) -> Result<(), Failure> {
    let named = serde_json::from_str::<Named>(text).is_ok_and(|named| named.id == name);
    if named { Ok(()) } else { Err(Failure::strange_answer()) }
}

/// Goes on streaming a response that is under way, from where its reader was.
async fn resume(
    gateway: &Arc<Gateway>,
    response: Belonging,
    path: String,
) -> Result<Response, Failure> {
    let provider = gateway.provider_named(&response.upstream)?;
    let answer = ask(&provider, gateway.asking(Method::GET, path)).await;
    let body = answer.map_err(NotDone::failure)?.into_body();
    let (patience, presence) = Patience::begin();
    let (mut relay, chunks) = Relay::new(StreamMeter::resumed(), patience);
    gateway.in_flight.run(async move { relay.run(&provider, body, &mut None).await })?;
    let mut response = Response::new(Body::new(Chunks::new(chunks, presence)));
    let kind = HeaderValue::from_static("text/event-stream; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    Ok(response)
}

fn json_text(text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

/// A query that was read.
struct Asked {
    /// To be sent on, with its question mark; empty where nothing was asked.
    text: String,
    streams: bool,
}

/// Reads a query whose every part is on a list, and of a kind that an address can carry as it is.
fn query(uri: &Uri, known: &[&str]) -> Result<Asked, Failure> {
    let read = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(uri);
    let pairs = read.map_err(|error| Failure::invalid("query", error.body_text()))?.0;
    let (mut parts, mut streams) = (Vec::<(&str, String)>::new(), false);
    for (name, value) in pairs {
        let Some(name) = known.iter().find(|known| **known == name).copied() else {
            let name: String = name.chars().take(64).collect();
            let message = format!("`{name}` is not taken here. It takes {}.", known.join(", "));
            return Err(Failure::invalid(&name, message));
        };
        let is_list = name.starts_with("include") && name != "include_obfuscation";
        let fits = match name {
            "include" | "include[]" => is_member(&value) && parts.len() < INCLUDED_MAX,
            "stream" | "include_obfuscation" => matches!(&*value, "true" | "false"),
            "starting_after" => value.parse::<u64>().is_ok(),
            "limit" => value.parse().is_ok_and(|it| (1..=INPUT_ITEMS_LISTED_MAX).contains(&it)),
            "order" => matches!(&*value, "asc" | "desc"),
            _ => is_plain_name(&value),
        };
        if !fits || (!is_list && parts.iter().any(|(there, _)| *there == name)) {
            let message = format!("`{name}` cannot be that, or is there too often.");
            return Err(Failure::invalid(name, message));
        }
        streams |= name == "stream" && value == "true";
        parts.push((if is_list { "include%5B%5D" } else { name }, value));
    }
    if !streams && parts.iter().any(|(name, _)| *name == "starting_after") {
        return Err(Failure::invalid("starting_after", "`starting_after` needs `stream=true`."));
    }
    let text: Vec<String> = parts.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let text = if text.is_empty() { String::new() } else { format!("?{}", text.join("&")) };
    Ok(Asked { text, streams })
}

/// The name of a member of a response, as the provider writes it: `message.output_text.logprobs`.
fn is_member(name: &str) -> bool {
    (1..=INCLUDED_CHARACTERS_MAX).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || b"._".contains(&byte))
}

#[cfg(test)]
mod tests {
    //! Queries: what is sent on, and what is not.

    use super::*;

    fn check(asked: &str, known: &[&str], expected: Result<&str, &str>) {
        let uri: Uri = format!("/v1/responses/resp_1?{asked}").parse().unwrap();
        let read = query(&uri, known).map(|asked| asked.text);
        let read = read.map_err(|failure| failure.envelope.error.param.unwrap_or_default());
        assert_eq!(read.as_deref().map_err(|param| &**param), expected, "{asked}");
    }

    #[test]
    fn a_query_is_sent_on_where_each_part_is_known() {
        check("", &SHOWN_BY, Ok(""));
        let include = "include%5B%5D=message.output_text.logprobs";
        check(include, &SHOWN_BY, Ok("?include%5B%5D=message.output_text.logprobs"));
        check("include[]=a&include=b", &SHOWN_BY, Ok("?include%5B%5D=a&include%5B%5D=b"));
        check("stream=true&starting_after=3", &SHOWN_BY, Ok("?stream=true&starting_after=3"));
        check(
            "limit=100&order=asc&after=msg_1",
            &LISTED_BY,
            Ok("?limit=100&order=asc&after=msg_1"),
        );
    }

    #[test]
    fn whatever_else_is_asked_for_is_refused_by_its_name() {
        for (asked, known, param) in [
            ("limit=1", &SHOWN_BY, "limit"),
            ("starting_after=3", &SHOWN_BY, "starting_after"),
            ("stream=true&starting_after=-3", &SHOWN_BY, "starting_after"),
            ("stream=1", &SHOWN_BY, "stream"),
            ("include[]=A%26b", &SHOWN_BY, "include[]"),
            ("stream=true", &LISTED_BY, "stream"),
            ("limit=0", &LISTED_BY, "limit"),
            ("limit=101", &LISTED_BY, "limit"),
            ("limit=5&limit=6", &LISTED_BY, "limit"),
            ("order=up", &LISTED_BY, "order"),
            ("after=a%2Fb", &LISTED_BY, "after"),
            ("before=msg_1", &LISTED_BY, "before"),
        ] {
            check(asked, known, Err(param));
        }
    }
}
