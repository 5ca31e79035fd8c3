//! Models, what they cost and how long they live.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::call::{Endpoint, ServiceTier};
use crate::ids::{FamilyId, ModelId, PriceVersion};
use crate::money::Rate;

/// Everything that one catalog file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalog {
    /// Which price table this is; every charge names it.
    pub version: PriceVersion,
    /// Where the figures come from, with a date.
    pub source: String,
    /// The families of the guide's coverage table, in its order.
    pub families: Vec<Family>,
    /// Each model by its name, shared by every call to it.
    pub models: BTreeMap<ModelId, Arc<Model>>,
    /// Other names that the provider accepts for a model (dated snapshots), and what they name.
    pub aliases: BTreeMap<ModelId, ModelId>,
}

impl Catalog {
    /// The model that a name or an alias stands for.
    pub fn model(&self, name: &str) -> Option<&Arc<Model>> {
        let name = self.aliases.get(name).map_or(name, ModelId::as_str);
        self.models.get(name)
    }
}

/// A family of models: one row of the coverage table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Family {
    /// Its short name: `gpt-4.1`.
    pub id: FamilyId,
    /// Its name on a page: `GPT-4.1 family`.
    pub label: String,
    /// What it is good for, in a few words: `text, up to 1M context`.
    pub about: String,
}

/// One model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// Its name in a request body.
    pub id: ModelId,
    /// The price table that it stands in: what every charge for a call to it names.
    pub listed_in: PriceVersion,
    /// Its family.
    pub family: FamilyId,
    /// What kind of call it answers.
    pub mode: Mode,
    /// Tokens of input that it takes at the most, where the provider says so.
    pub input_tokens_max: Option<u64>,
    /// Tokens of output that it makes at the most, where the provider says so.
    pub output_tokens_max: Option<u64>,
    /// Its tokenizer, where that is public. `None`: inputs are bounded by their bytes alone.
    pub encoding: Option<Encoding>,
    /// Whether it reasons before it answers, out of the caller's sight.
    pub reasoning: bool,
    /// The most input tokens that one image can cost, if it takes images.
    pub image_tokens_max: Option<u64>,
    /// The sizes of the images that it makes, with the most output tokens that one can cost.
    pub image_sizes: Vec<ImageSize>,
    /// When the provider released it, if known.
    pub released: Option<jiff::civil::Date>,
    /// The day from which the provider refuses it.
    pub shutdown: Option<jiff::civil::Date>,
    /// What the provider names in its place.
    pub successor: Option<ModelId>,
    /// What it costs. `None`: unpriced, so every call to it is refused.
    pub prices: Option<Prices>,
}

impl Model {
    /// A model of which nothing more is known, and which is unpriced.
    pub fn named(id: ModelId, family: FamilyId, mode: Mode) -> Self {
        Self {
            id,
            listed_in: PriceVersion::new(""),
            family,
            mode,
            input_tokens_max: None,
            output_tokens_max: None,
            encoding: None,
            reasoning: false,
            image_tokens_max: None,
            image_sizes: Vec::new(),
            released: None,
            shutdown: None,
            successor: None,
            prices: None,
        }
    }
}

/// A size of image that a model makes, and the most output tokens that one can cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageSize {
    /// Its name in a request: `1024x1536`.
    pub size: String,
    /// At low quality.
    pub low: u64,
    /// At medium quality.
    pub medium: u64,
    /// At high quality, the dearest.
    pub high: u64,
}

/// What kind of call a model answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Chat completions and responses.
    Chat,
    /// Responses only.
    Responses,
    /// Legacy completions.
    Completion,
    /// Embeddings.
    Embedding,
    /// Moderation, which is free.
    Moderation,
    /// Images.
    Image,
    /// Speech from text.
    Speech,
    /// Text from speech.
    Transcription,
    /// Chat completions that hear or speak.
    Voice,
    /// Realtime sessions.
    Realtime,
}

impl Mode {
    /// Whether a model of this kind answers at an endpoint.
    pub const fn answers(self, endpoint: Endpoint) -> bool {
        matches!(
            (self, endpoint),
            (Self::Chat, Endpoint::ChatCompletions)
                | (Self::Chat | Self::Responses, Endpoint::Responses)
                | (Self::Completion, Endpoint::Completions)
                | (Self::Embedding, Endpoint::Embeddings)
                | (Self::Moderation, Endpoint::Moderations)
                | (Self::Image, Endpoint::ImageGenerations | Endpoint::ImageEdits)
                | (Self::Speech, Endpoint::AudioSpeech)
                | (
                    Self::Transcription,
                    Endpoint::AudioTranscriptions | Endpoint::AudioTranslations
                )
                | (Self::Realtime, Endpoint::Realtime)
        )
    }
}

/// A public tokenizer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// GPT-4o, GPT-4.1, GPT-5 and the o series.
    O200kBase,
    /// GPT-4, GPT-3.5 and the text embeddings.
    Cl100kBase,
}

/// A model's list prices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prices {
    /// At the default service tier.
    pub standard: RateCard,
    /// In a batch, where offered.
    pub batch: Option<RateCard>,
    /// At the flex tier, where offered.
    pub flex: Option<RateCard>,
    /// At the priority tier, where offered.
    pub priority: Option<RateCard>,
    /// Prices that take over for the whole call when its input is long (default tier only).
    pub long_context: Option<LongContext>,
}

impl Prices {
    /// The rate card of a service tier, where the model is offered at it.
    pub fn card(&self, tier: ServiceTier) -> Option<&RateCard> {
        match tier {
            ServiceTier::Default => Some(&self.standard),
            ServiceTier::Flex => self.flex.as_ref(),
            ServiceTier::Priority => self.priority.as_ref(),
            ServiceTier::Batch => self.batch.as_ref(),
        }
    }
}

/// A step in the price for long inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LongContext {
    /// The step is reached when the input has more tokens than this.
    pub above_input_tokens: u64,
    /// The prices of the whole call beyond it.
    pub card: RateCard,
}

/// One price for each kind of usage; a kind without a price cannot be billed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct RateCard {
    /// Input tokens of text.
    pub input: Option<Rate>,
    /// Input tokens read from the cache; the `input` price where absent.
    pub cached: Option<Rate>,
    /// Input tokens written to the cache; the `input` price where absent.
    pub cache_write: Option<Rate>,
    /// Input tokens of audio.
    pub audio_in: Option<Rate>,
    /// Input tokens of audio read from the cache; the `audio_in` price where absent.
    pub audio_cached: Option<Rate>,
    /// Input tokens of images; the `input` price where absent on a text model.
    pub image_in: Option<Rate>,
    /// Output tokens of text.
    pub output: Option<Rate>,
    /// Output tokens of audio.
    pub audio_out: Option<Rate>,
    /// Output tokens of images.
    pub image_out: Option<Rate>,
    /// Characters of input to speech.
    pub character: Option<Rate>,
    /// Seconds of audio.
    pub second: Option<Rate>,
}
