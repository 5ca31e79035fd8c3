//! `GET /v1/organization/usage/...`: what a grant's calls used, bucket by bucket.

use std::collections::BTreeMap;

use bursar_calls::{Caller, Calls};
use bursar_kernel::limits::{
    USAGE_DAYS_MAX, USAGE_DAYS_USUAL, USAGE_HOURS_MAX, USAGE_HOURS_USUAL, USAGE_MINUTES_MAX,
    USAGE_MINUTES_USUAL,
};
use bursar_kernel::{Endpoint, ServiceTier};
use bursar_store::{UsageOf, Used, Width};
use http::Uri;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::page::{page, span};
use crate::projects::Projects;
use crate::query::{Asked, BadQuery, Takes, instant, read};
use crate::{Refused, json};

/// What is told of together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Completions,
    Embeddings,
    Moderations,
    Images,
    AudioSpeeches,
    AudioTranscriptions,
}

const WIDTHS: &[(&str, Width, usize, usize)] = &[
    ("1m", Width::Minute, USAGE_MINUTES_USUAL, USAGE_MINUTES_MAX),
    ("1h", Width::Hour, USAGE_HOURS_USUAL, USAGE_HOURS_MAX),
    ("1d", Width::Day, USAGE_DAYS_USUAL, USAGE_DAYS_MAX),
];
const LISTS: &[&str] = &["project_ids", "user_ids", "api_key_ids", "models"];
const GROUPS: &[&str] = &["project_id", "user_id", "api_key_id", "model"];

const OF_COMPLETIONS: Takes = Takes {
    widths: WIDTHS,
    lists: LISTS,
    batch: true,
    groups: &["project_id", "user_id", "api_key_id", "model", "batch", "service_tier"],
};
const OF_IMAGES: Takes = Takes {
    widths: WIDTHS,
    lists: &["project_ids", "user_ids", "api_key_ids", "models", "sources"],
    batch: false,
    groups: &["project_id", "user_id", "api_key_id", "model", "source"],
};
const OF_OTHERS: Takes = Takes { widths: WIDTHS, lists: LISTS, batch: false, groups: GROUPS };

/// What the provider calls the ways that images come about.
const SOURCES: [&str; 3] = ["image.generation", "image.edit", "image.variation"];

impl Kind {
    /// By the last part of its path.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "completions" => Self::Completions,
            "embeddings" => Self::Embeddings,
            "moderations" => Self::Moderations,
            "images" => Self::Images,
            "audio_speeches" => Self::AudioSpeeches,
            "audio_transcriptions" => Self::AudioTranscriptions,
            _ => return None,
        })
    }

    const fn of(endpoint: Endpoint) -> Self {
        match endpoint {
            Endpoint::ChatCompletions
            | Endpoint::Responses
            | Endpoint::Completions
            | Endpoint::Realtime => Self::Completions,
            Endpoint::Embeddings => Self::Embeddings,
            Endpoint::Moderations => Self::Moderations,
            Endpoint::ImageGenerations | Endpoint::ImageEdits => Self::Images,
            Endpoint::AudioSpeech => Self::AudioSpeeches,
            Endpoint::AudioTranscriptions | Endpoint::AudioTranslations => {
                Self::AudioTranscriptions
            }
        }
    }

    const fn takes(self) -> &'static Takes {
        match self {
            Self::Completions => &OF_COMPLETIONS,
            Self::Images => &OF_IMAGES,
            Self::Embeddings
            | Self::Moderations
            | Self::AudioSpeeches
            | Self::AudioTranscriptions => &OF_OTHERS,
        }
    }
}

/// What sums are by: the provider's fields, each `null` unless it was asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Group {
    project_id: Option<String>,
    user_id: Option<String>,
    api_key_id: Option<String>,
    model: Option<String>,
    #[serde(flatten)]
    more: More,
}

/// What only some of them can be by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
enum More {
    Completions { batch: Option<bool>, service_tier: Option<&'static str> },
    Images { source: Option<&'static str>, size: () },
    Others {},
}

/// What was used, in the provider's fields. What a cached token was made of is not kept, and so the
/// parts of `input_cached_tokens` are left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
enum Amounts {
    Completions {
        input_tokens: u64,
        input_cached_tokens: u64,
        input_cache_write_tokens: u64,
        input_uncached_tokens: u64,
        output_tokens: u64,
        input_text_tokens: u64,
        output_text_tokens: u64,
        input_audio_tokens: u64,
        output_audio_tokens: u64,
        input_image_tokens: u64,
        output_image_tokens: u64,
    },
    Input {
        input_tokens: u64,
    },
    Images {
        images: u64,
    },
    Characters {
        characters: u64,
    },
    Seconds {
        seconds: u64,
    },
}

/// One result, as the provider shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Shown {
    object: &'static str,
    #[serde(flatten)]
    amounts: Amounts,
    num_model_requests: u64,
    #[serde(flatten)]
    group: Group,
}

/// What an address asks for of a kind.
pub(crate) fn asked(uri: &Uri, kind: Kind) -> Result<Asked, BadQuery> {
    let asked = read(uri, kind.takes())?;
    known_sources(&asked)?;
    Ok(asked)
}

/// A page of what the caller's grant used.
pub(crate) async fn list(
    calls: &Calls,
    caller: &Caller,
    asked: &Asked,
    kind: Kind,
) -> Result<Box<RawValue>, Refused> {
    let mut span = span(asked, calls.now().as_second());
    let period = (instant(span.from), instant(span.to));
    let (found, until) = calls.usage(caller, period, asked.width).await?;
    // Where one page would have to read too many calls, it ends before.
    span.to = span.to.min(until.as_second());
    let projects = Projects::of(calls, caller, asked).await?;
    let of = Of { kind, projects, user: caller.holder().to_string() };
    Ok(json(&page(asked, span, results(asked, &of, found))))
}

fn known_sources(asked: &Asked) -> Result<(), BadQuery> {
    match asked.values("sources").iter().find(|source| !SOURCES.contains(&source.as_str())) {
        None => Ok(()),
        Some(_) => Err(BadQuery {
            param: "sources".to_owned(),
            code: "invalid_value",
            message: format!(
                "A source is one of {}.",
                SOURCES.map(|source| format!("`{source}`")).join(", ")
            ),
        }),
    }
}

/// Whose usage of what.
struct Of {
    kind: Kind,
    projects: Projects,
    user: String,
}

/// Sums by what was asked for, bucket by bucket.
fn results(asked: &Asked, of: &Of, found: Vec<(UsageOf, Used)>) -> Vec<(i64, Shown)> {
    let mut sums = BTreeMap::<(i64, Group), Used>::new();
    for (usage, used) in found {
        if Kind::of(usage.endpoint) == of.kind && is_asked_for(asked, of, &usage) {
            let place = (usage.at / 1_000, group(asked, of, &usage));
            sums.entry(place).or_default().add(&used);
        }
    }
    let shown = sums.into_iter().map(|((second, group), used)| {
        let (object, amounts) = amounts(of.kind, &used);
        (second, Shown { object, amounts, num_model_requests: used.calls, group })
    });
    shown.collect()
}

fn is_asked_for(asked: &Asked, of: &Of, usage: &UsageOf) -> bool {
    of.projects.admits(asked, usage.key)
        && asked.admits("user_ids", &of.user)
        && asked.admits("api_key_ids", &usage.key.to_string())
        && asked.admits("models", usage.model.as_str())
        && asked.admits("sources", source(usage.endpoint))
        && asked.batch.is_none_or(|batch| batch == (usage.tier == ServiceTier::Batch))
}

fn group(asked: &Asked, of: &Of, usage: &UsageOf) -> Group {
    let by = |name: &str| asked.group_by.contains(name);
    Group {
        project_id: by("project_id").then(|| of.projects.of_key(usage.key)),
        user_id: asked.by("user_id", &of.user),
        api_key_id: by("api_key_id").then(|| usage.key.to_string()),
        model: asked.by("model", usage.model.as_str()),
        more: match of.kind {
            Kind::Completions => More::Completions {
                batch: by("batch").then_some(usage.tier == ServiceTier::Batch),
                service_tier: by("service_tier").then_some(usage.tier.name()),
            },
            Kind::Images => {
                More::Images { source: by("source").then_some(source(usage.endpoint)), size: () }
            }
            Kind::Embeddings
            | Kind::Moderations
            | Kind::AudioSpeeches
            | Kind::AudioTranscriptions => More::Others {},
        },
    }
}

fn source(endpoint: Endpoint) -> &'static str {
    match endpoint {
        Endpoint::ImageEdits => "image.edit",
        Endpoint::ImageGenerations
        | Endpoint::ChatCompletions
        | Endpoint::Responses
        | Endpoint::Completions
        | Endpoint::Embeddings
        | Endpoint::Moderations
        | Endpoint::AudioSpeech
        | Endpoint::AudioTranscriptions
        | Endpoint::AudioTranslations
        | Endpoint::Realtime => "image.generation",
    }
}

fn amounts(kind: Kind, used: &Used) -> (&'static str, Amounts) {
    let usage = &used.usage();
    let input_tokens = usage.input_total();
    match kind {
        Kind::Completions => {
            let amounts = Amounts::Completions {
                input_tokens,
                input_cached_tokens: usage.cached,
                input_cache_write_tokens: usage.cache_write,
                input_uncached_tokens: input_tokens
                    .saturating_sub(usage.cached)
                    .saturating_sub(usage.cache_write),
                output_tokens: usage.output_total(),
                input_text_tokens: usage.input,
                output_text_tokens: usage.output,
                input_audio_tokens: usage.audio_in,
                output_audio_tokens: usage.audio_out,
                input_image_tokens: usage.image_in,
                output_image_tokens: usage.image_out,
            };
            ("organization.usage.completions.result", amounts)
        }
        Kind::Embeddings => {
            ("organization.usage.embeddings.result", Amounts::Input { input_tokens })
        }
        Kind::Moderations => {
            ("organization.usage.moderations.result", Amounts::Input { input_tokens })
        }
        Kind::Images => {
            ("organization.usage.images.result", Amounts::Images { images: usage.images })
        }
        Kind::AudioSpeeches => {
            let characters = usage.characters;
            ("organization.usage.audio_speeches.result", Amounts::Characters { characters })
        }
        Kind::AudioTranscriptions => {
            let seconds = usage.seconds;
            ("organization.usage.audio_transcriptions.result", Amounts::Seconds { seconds })
        }
    }
}

#[cfg(test)]
mod tests;
