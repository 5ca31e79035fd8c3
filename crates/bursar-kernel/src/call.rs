//! One call through the gateway, as nouns: what it asks for, what it may cost, what it used.

use serde::{Deserialize, Serialize};

use crate::money::Usd;

/// A route of the gateway that has a meter, a hold and a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    /// `POST /v1/chat/completions`
    ChatCompletions,
    /// `POST /v1/responses`
    Responses,
    /// `POST /v1/completions`, the older way to ask for text.
    Completions,
    /// `POST /v1/embeddings`
    Embeddings,
    /// `POST /v1/moderations`
    Moderations,
    /// `POST /v1/images/generations`
    ImageGenerations,
    /// `POST /v1/images/edits`
    ImageEdits,
    /// `POST /v1/audio/speech`
    AudioSpeech,
    /// `POST /v1/audio/transcriptions`
    AudioTranscriptions,
    /// `POST /v1/audio/translations`
    AudioTranslations,
    /// `GET /v1/realtime`: a session, in which each response is a call of its own.
    Realtime,
}

impl Endpoint {
    /// All of them, the most general first: where a model answers is asked in this order.
    pub const ALL: [Self; 11] = [
        Self::ChatCompletions,
        Self::Responses,
        Self::Completions,
        Self::Embeddings,
        Self::Moderations,
        Self::ImageGenerations,
        Self::ImageEdits,
        Self::AudioSpeech,
        Self::AudioTranscriptions,
        Self::AudioTranslations,
        Self::Realtime,
    ];

    /// The path below the base URL, the same here and upstream: `/chat/completions`.
    pub const fn path(self) -> &'static str {
        match self {
            Self::ChatCompletions => "/chat/completions",
            Self::Responses => "/responses",
            Self::Completions => "/completions",
            Self::Embeddings => "/embeddings",
            Self::Moderations => "/moderations",
            Self::ImageGenerations => "/images/generations",
            Self::ImageEdits => "/images/edits",
            Self::AudioSpeech => "/audio/speech",
            Self::AudioTranscriptions => "/audio/transcriptions",
            Self::AudioTranslations => "/audio/translations",
            Self::Realtime => "/realtime",
        }
    }

    /// The name that columns and figures use: `chat_completions`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ChatCompletions => "chat_completions",
            Self::Responses => "responses",
            Self::Completions => "completions",
            Self::Embeddings => "embeddings",
            Self::Moderations => "moderations",
            Self::ImageGenerations => "image_generations",
            Self::ImageEdits => "image_edits",
            Self::AudioSpeech => "audio_speech",
            Self::AudioTranscriptions => "audio_transcriptions",
            Self::AudioTranslations => "audio_translations",
            Self::Realtime => "realtime",
        }
    }

    /// Those that one request asks and one answer answers: all but sessions.
    pub fn posted() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|endpoint| *endpoint != Self::Realtime)
    }

    /// Whether a request is a form with files, and not JSON.
    pub const fn takes_a_form(self) -> bool {
        matches!(self, Self::ImageEdits | Self::AudioTranscriptions | Self::AudioTranslations)
    }
}

/// How fast and how dear a call is served, in the provider's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceTier {
    /// The list price.
    Default,
    /// Cheaper and slower.
    Flex,
    /// Dearer and faster.
    Priority,
    /// Within a day, among the lines of a batch: no call can ask for it.
    Batch,
}

impl ServiceTier {
    /// The provider's word for it: `default`, `flex`, `priority`, `batch`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Flex => "flex",
            Self::Priority => "priority",
            Self::Batch => "batch",
        }
    }
}

/// What a call used, in the provider's own units. Each field counts units that no other counts,
/// except `reasoning`, which is the part of `output` that nobody saw, and `images`, which tells how
/// many the tokens of images made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Usage {
    /// Input tokens of text that were neither read from nor written to the provider's cache.
    pub input: u64,
    /// Input tokens read from the provider's cache.
    pub cached: u64,
    /// Input tokens written to the provider's cache.
    pub cache_write: u64,
    /// Input tokens of audio.
    pub audio_in: u64,
    /// Input tokens of audio that were read from the provider's cache. A call that had none does
    /// not tell it, and one of an earlier release does not know it.
    #[serde(skip_serializing_if = "is_zero")]
    pub audio_cached: u64,
    /// Input tokens of images.
    pub image_in: u64,
    /// Output tokens of text, the reasoning included.
    pub output: u64,
    /// Output tokens of audio.
    pub audio_out: u64,
    /// Output tokens of images.
    pub image_out: u64,
    /// Characters of text turned into speech, where those are what is billed. No tokens.
    pub characters: u64,
    /// Seconds of speech that were heard, where those are what is billed. No tokens.
    pub seconds: u64,
    /// The part of `output` that was reasoning: informative, never priced twice.
    pub reasoning: u64,
    /// Images that were made: informative, since their tokens are what is billed. A call that made
    /// none does not tell it, and one of an earlier release does not know it.
    #[serde(skip_serializing_if = "is_zero")]
    pub images: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference over")]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl Usage {
    /// What two calls used together; `None` where 64 bits do not hold it.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        Some(Self {
            input: self.input.checked_add(other.input)?,
            cached: self.cached.checked_add(other.cached)?,
            cache_write: self.cache_write.checked_add(other.cache_write)?,
            audio_in: self.audio_in.checked_add(other.audio_in)?,
            audio_cached: self.audio_cached.checked_add(other.audio_cached)?,
            image_in: self.image_in.checked_add(other.image_in)?,
            output: self.output.checked_add(other.output)?,
            audio_out: self.audio_out.checked_add(other.audio_out)?,
            image_out: self.image_out.checked_add(other.image_out)?,
            characters: self.characters.checked_add(other.characters)?,
            seconds: self.seconds.checked_add(other.seconds)?,
            reasoning: self.reasoning.checked_add(other.reasoning)?,
            images: self.images.checked_add(other.images)?,
        })
    }

    /// All input tokens, as the provider's `prompt_tokens` counts them.
    pub fn input_total(&self) -> u64 {
        let read = [self.input, self.cached, self.cache_write, self.image_in];
        let heard = [self.audio_in, self.audio_cached];
        read.into_iter().chain(heard).fold(0, u64::saturating_add)
    }

    /// All output tokens, as the provider's `completion_tokens` counts them.
    pub fn output_total(&self) -> u64 {
        self.output.saturating_add(self.audio_out).saturating_add(self.image_out)
    }
}

/// The most that one call can cost, and what that rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// Input tokens at the most.
    pub input_tokens: u64,
    /// Output tokens at the most, over all choices.
    pub output_tokens: u64,
    /// What those cost at the dearest price the request can be served at.
    pub cost: Usd,
    /// How the input was bounded.
    pub certainty: Certainty,
}

/// How an input was bounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// A token is at least one byte: safe for every tokenizer, and free to compute.
    Bytes,
    /// Counted: with the model's own tokenizer, or character by character.
    Counted,
}

/// What a stored answer, with all that came before it, counts where a later call goes on from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Context {
    /// Input tokens at the most, for a model with the same tokenizer.
    pub tokens: u64,
    /// The part of them that was reported and is no reasoning, which a provider may leave out.
    /// Zero where nobody reported.
    pub visible: u64,
    /// Images among it, which another model may count otherwise.
    pub images: u64,
}
