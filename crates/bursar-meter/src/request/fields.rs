//! Which fields a body may have, and what each can do to the cost.
//!
//! The lists follow the provider's API description (2.3.0, 2026-08-21). A field that is not on
//! its endpoint's list is refused: nobody knows what it would cost.

use bursar_kernel::Endpoint;
use serde_json::value::RawValue;

use super::bad_request::{BadRequest, BadRequestKind};
use crate::raw::RawObject;

/// What a field can do to the cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cost {
    /// Nothing: the provider checks it.
    Free,
    /// This module's neighbours read it and bound it.
    Read,
    /// It becomes input: its bytes count.
    Input,
    /// More than can be bounded yet; why. Null is fine.
    NotOffered(&'static str),
}

const NO_AUDIO: &str = "audio answers are not offered through this gateway yet";
const NO_SEARCH: &str = "web search is billed for each search and is not offered here yet";
const NO_SCREENING: &str = "moderation inside a chat call is not offered here yet\n\
    hint: call `/v1/moderations`, which is free";

const NO_CONVERSATIONS: &str = "conversations are not offered through this gateway: they grow \
    behind its back, and how long they are is not known\nhint: send `previous_response_id`, or the \
    earlier items in `input`";
const NO_PROMPTS: &str = "stored prompts are not offered through this gateway: how long they are \
    is not known\nhint: send the text in `instructions` or `input`";
const NO_COMPACTION: &str = "compaction is not offered through this gateway yet\n\
    hint: send a shorter `input`";
const NO_SPEAKERS: &str = "recordings of known speakers are heard as well, and how long they are \
    is not counted here yet";

const CHAT: &[(&str, Cost)] = &[
    ("model", Cost::Read),
    ("messages", Cost::Read),
    ("max_tokens", Cost::Read),
    ("max_completion_tokens", Cost::Read),
    ("n", Cost::Read),
    ("stream", Cost::Read),
    ("stream_options", Cost::Read),
    ("service_tier", Cost::Read),
    ("modalities", Cost::Read),
    ("store", Cost::Read),
    ("prediction", Cost::Read),
    ("tools", Cost::Read),
    ("functions", Cost::Read),
    ("tool_choice", Cost::Input),
    ("function_call", Cost::Input),
    ("response_format", Cost::Input),
    ("frequency_penalty", Cost::Free),
    ("logit_bias", Cost::Free),
    ("logprobs", Cost::Free),
    ("metadata", Cost::Free),
    ("parallel_tool_calls", Cost::Free),
    ("presence_penalty", Cost::Free),
    ("prompt_cache_key", Cost::Free),
    // Writing to the cache has a rate, and every bound uses the dearest input rate.
    ("prompt_cache_options", Cost::Free),
    ("prompt_cache_retention", Cost::Free),
    ("reasoning_effort", Cost::Free),
    ("safety_identifier", Cost::Free),
    ("seed", Cost::Free),
    ("stop", Cost::Free),
    ("temperature", Cost::Free),
    ("top_logprobs", Cost::Free),
    ("top_p", Cost::Free),
    ("user", Cost::Free),
    ("verbosity", Cost::Free),
    ("audio", Cost::NotOffered(NO_AUDIO)),
    ("web_search_options", Cost::NotOffered(NO_SEARCH)),
    ("moderation", Cost::NotOffered(NO_SCREENING)),
];

const RESPONSES: &[(&str, Cost)] = &[
    ("model", Cost::Read),
    ("input", Cost::Read),
    ("tools", Cost::Read),
    ("max_output_tokens", Cost::Read),
    ("stream", Cost::Read),
    ("service_tier", Cost::Read),
    ("store", Cost::Read),
    ("background", Cost::Read),
    ("instructions", Cost::Input),
    ("text", Cost::Input),
    ("tool_choice", Cost::Input),
    // What it adds to the answer was made and billed in any case.
    ("include", Cost::Free),
    // Bounds calls of the tools that the provider runs, none of which are offered.
    ("max_tool_calls", Cost::Free),
    ("metadata", Cost::Free),
    ("parallel_tool_calls", Cost::Free),
    ("prompt_cache_key", Cost::Free),
    ("prompt_cache_options", Cost::Free),
    ("prompt_cache_retention", Cost::Free),
    ("reasoning", Cost::Free),
    ("safety_identifier", Cost::Free),
    ("stream_options", Cost::Free),
    ("temperature", Cost::Free),
    ("top_logprobs", Cost::Free),
    ("top_p", Cost::Free),
    ("truncation", Cost::Free),
    ("user", Cost::Free),
    ("previous_response_id", Cost::Read),
    ("conversation", Cost::NotOffered(NO_CONVERSATIONS)),
    ("prompt", Cost::NotOffered(NO_PROMPTS)),
    ("context_management", Cost::NotOffered(NO_COMPACTION)),
    ("moderation", Cost::NotOffered(NO_SCREENING)),
];

const COMPLETIONS: &[(&str, Cost)] = &[
    ("model", Cost::Read),
    ("prompt", Cost::Read),
    ("max_tokens", Cost::Read),
    ("n", Cost::Read),
    ("best_of", Cost::Read),
    ("echo", Cost::Read),
    ("stream", Cost::Read),
    ("stream_options", Cost::Read),
    ("suffix", Cost::Input),
    ("frequency_penalty", Cost::Free),
    ("logit_bias", Cost::Free),
    ("logprobs", Cost::Free),
    ("presence_penalty", Cost::Free),
    ("seed", Cost::Free),
    ("stop", Cost::Free),
    ("temperature", Cost::Free),
    ("top_p", Cost::Free),
    ("user", Cost::Free),
];

/// What calls for images have in common, however they begin.
macro_rules! images {
    ($($more:expr),*) => {
        &[
            ("model", Cost::Read),
            ("prompt", Cost::Read),
            ("n", Cost::Read),
            ("quality", Cost::Read),
            ("size", Cost::Read),
            ("stream", Cost::Read),
            ("partial_images", Cost::Read),
            ("background", Cost::Free),
            ("moderation", Cost::Free),
            ("output_compression", Cost::Free),
            ("output_format", Cost::Free),
            ("response_format", Cost::Free),
            ("user", Cost::Free),
            $($more),*
        ]
    };
}

const IMAGES: &[(&str, Cost)] = images![("style", Cost::Free)];
// The bound of an image is the one at high fidelity.
const EDITS: &[(&str, Cost)] = images![("input_fidelity", Cost::Free)];

const SPEECH: &[(&str, Cost)] = &[
    ("model", Cost::Read),
    ("input", Cost::Read),
    ("instructions", Cost::Read),
    ("speed", Cost::Read),
    ("stream_format", Cost::Read),
    ("response_format", Cost::Free),
    ("voice", Cost::Free),
];

const TRANSCRIPTIONS: &[(&str, Cost)] = &[
    ("model", Cost::Read),
    ("prompt", Cost::Read),
    ("response_format", Cost::Read),
    ("stream", Cost::Read),
    ("chunking_strategy", Cost::Free),
    ("include[]", Cost::Free),
    ("language", Cost::Free),
    ("temperature", Cost::Free),
    ("timestamp_granularities[]", Cost::Free),
    ("known_speaker_names[]", Cost::NotOffered(NO_SPEAKERS)),
    ("known_speaker_references[]", Cost::NotOffered(NO_SPEAKERS)),
];

const TRANSLATIONS: &[(&str, Cost)] = &[
    ("model", Cost::Read),
    ("prompt", Cost::Read),
    ("response_format", Cost::Read),
    ("temperature", Cost::Free),
];

const EMBEDDINGS: &[(&str, Cost)] = &[
    ("model", Cost::Read),
    ("input", Cost::Read),
    ("encoding_format", Cost::Read),
    ("dimensions", Cost::Read),
    ("user", Cost::Free),
];

const MODERATIONS: &[(&str, Cost)] = &[("model", Cost::Read), ("input", Cost::Read)];

/// The list of an endpoint.
pub(crate) fn list(endpoint: Endpoint) -> &'static [(&'static str, Cost)] {
    match endpoint {
        Endpoint::ChatCompletions => CHAT,
        Endpoint::Responses => RESPONSES,
        Endpoint::Completions => COMPLETIONS,
        Endpoint::ImageGenerations => IMAGES,
        Endpoint::ImageEdits => EDITS,
        Endpoint::AudioTranscriptions => TRANSCRIPTIONS,
        Endpoint::AudioTranslations => TRANSLATIONS,
        Endpoint::AudioSpeech => SPEECH,
        Endpoint::Embeddings => EMBEDDINGS,
        Endpoint::Moderations => MODERATIONS,
        // A session has no body.
        Endpoint::Realtime => &[],
    }
}

/// A field of the body, by its name on the list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known<'a> {
    pub(super) name: &'static str,
    pub(super) cost: Cost,
    pub(super) value: &'a RawValue,
}

/// The fields of a body in their order: each on the list, none twice.
#[derive(Debug)]
pub(super) struct Fields<'a>(pub(super) Vec<Known<'a>>);

impl<'a> Fields<'a> {
    pub(super) fn check(endpoint: Endpoint, object: RawObject<'a>) -> Result<Self, BadRequest> {
        let list = list(endpoint);
        let mut fields: Vec<Known<'a>> = Vec::with_capacity(list.len().min(object.0.len()));
        for (key, value) in object.0 {
            let Some(&(name, cost)) = list.iter().find(|(name, _)| *name == &*key) else {
                return Err(unknown(endpoint, &key));
            };
            if fields.iter().any(|field| field.name == name) {
                let message = format!("the field `{name}` appears twice\nhint: send it once");
                return Err(BadRequest::new(BadRequestKind::DuplicateField, name, message));
            }
            if let Cost::NotOffered(why) = cost
                && !is_null(value)
            {
                return Err(BadRequest::not_offered(name, why));
            }
            fields.push(Known { name, cost, value });
        }
        Ok(Self(fields))
    }

    /// The JSON of a field that is there and not null.
    pub(super) fn get(&self, name: &str) -> Option<&'a str> {
        let field = self.0.iter().find(|field| field.name == name)?;
        (!is_null(field.value)).then(|| field.value.get())
    }

    /// The JSON of a field that must be there.
    pub(super) fn need(&self, name: &str) -> Result<&'a str, BadRequest> {
        self.get(name).ok_or_else(|| BadRequest::missing(name))
    }

    /// A field read as a type that `expected` describes.
    pub(super) fn read<T: serde::Deserialize<'a>>(
        &self,
        name: &str,
        expected: &str,
    ) -> Result<Option<T>, BadRequest> {
        let Some(json) = self.get(name) else {
            return Ok(None);
        };
        match serde_json::from_str(json) {
            Ok(value) => Ok(Some(value)),
            Err(_) => Err(BadRequest::invalid(name, format!("`{name}` must be {expected}"))),
        }
    }
}

fn is_null(value: &RawValue) -> bool {
    value.get() == "null"
}

pub(super) fn unknown(endpoint: Endpoint, key: &str) -> BadRequest {
    let name: String = key.chars().take(64).collect();
    let path = endpoint.path();
    let message = format!(
        "`{name}` is not a field that this gateway forwards to `{path}`: what it costs is not \
         known\nhint: leave it out, or ask the operator to add it"
    );
    BadRequest::new(BadRequestKind::UnknownField, &name, message)
}
