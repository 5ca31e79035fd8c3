//! Calls through the gateway.

use bursar_kernel::{
    Actor, CorrectionId, GrantId, KeyId, ModelId, PriceVersion, RequestId, Timestamp, Usage, Usd,
};
use bursar_ledger::Correction;
use bursar_store::rows::Call;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which of a grant's calls.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CallsQuery {
    /// Only calls older than this one: the `next` of the page before.
    #[param(value_type = Option<String>)]
    pub before: Option<RequestId>,
    /// At the most so many, 1 to 1000; 50 if nobody says.
    pub limit: Option<usize>,
}

/// A page of a grant's calls, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Calls {
    /// The calls.
    pub calls: Vec<CallLine>,
    /// What to ask for `before` to see older ones; absent on the last page.
    #[schema(value_type = Option<String>)]
    pub next: Option<RequestId>,
}

/// One settled call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CallLine {
    /// Its name, as its caller saw it in `x-request-id`.
    #[schema(value_type = String, example = "req_01kag3v5f0e7s9m4q2x8w6t1zc")]
    pub id: RequestId,
    /// The grant that paid.
    #[schema(value_type = String)]
    pub grant: GrantId,
    /// The key it was made with.
    #[schema(value_type = String)]
    pub key: KeyId,
    /// Where it went.
    #[schema(example = "chat_completions")]
    pub endpoint: String,
    /// The catalog's model that priced it.
    #[schema(value_type = String, example = "gpt-4.1-mini")]
    pub model: ModelId,
    /// The service tier that priced it.
    #[schema(example = "default")]
    pub tier: String,
    /// Whether the answer was streamed.
    pub streamed: bool,
    /// What it used.
    pub usage: UsageLine,
    /// What was set aside for it.
    #[schema(value_type = String, example = "0.0105")]
    pub held: Usd,
    /// What it was charged at first.
    #[schema(value_type = String, example = "0.00021")]
    pub cost: Usd,
    /// What it costs since its last correction; absent if nobody corrected it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "0.0002")]
    pub corrected: Option<Usd>,
    /// Its corrections, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corrections: Vec<CorrectionLine>,
    /// What the cost rests on: `reported`, `counted`, `held_in_full`, `nothing` or
    /// `settled`.
    #[schema(example = "reported")]
    pub basis: String,
    /// Whether the provider's own figures may still correct the cost.
    pub estimated: bool,
    /// How it went: `answered`, `abandoned`, `upstream_failed`, `cut_off` or
    /// `lost`.
    #[schema(example = "answered")]
    pub outcome: String,
    /// The HTTP status that its caller got.
    pub status: u16,
    /// The price table that priced it.
    #[schema(value_type = String)]
    pub price_version: PriceVersion,
    /// When it was received.
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Timestamp,
    /// When it was settled.
    #[schema(value_type = String, format = DateTime)]
    pub ended_at: Timestamp,
}

/// Somebody's word on what a call cost, after it was charged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CorrectionLine {
    /// Its name.
    #[schema(value_type = String, example = "correction_01kag3v5f0e7s9m4q2x8w6t1zc")]
    pub id: CorrectionId,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// What the call had cost before it.
    #[schema(value_type = String, example = "0.00021")]
    pub before: Usd,
    /// What it costs since.
    #[schema(value_type = String, example = "0.0002")]
    pub cost: Usd,
    /// Who knew, and how.
    pub reason: String,
    /// Who made it.
    #[schema(value_type = Object)]
    pub by: Actor,
}

impl From<Correction> for CorrectionLine {
    fn from(made: Correction) -> Self {
        Self {
            id: made.id,
            at: made.at,
            before: made.before,
            cost: made.cost,
            reason: made.reason,
            by: made.actor,
        }
    }
}

/// What a call cost, as somebody knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectCall {
    /// The correction's name: the same again gives the first result and moves nothing more. Drawn
    /// if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "correction_01kag3v5f0e7s9m4q2x8w6t1zc")]
    pub id: Option<CorrectionId>,
    /// What it cost, to the nano-dollar.
    #[schema(value_type = String, example = "0.0002")]
    pub cost: Usd,
    /// Who knows, and how.
    #[schema(example = "The provider's cost report of 2027-03-02")]
    pub reason: String,
}

/// What a call used, in tokens save for `characters`; each kind counts what no other counts, except
/// `reasoning`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UsageLine {
    /// Input of text, neither read from nor written to the provider's cache.
    pub input: u64,
    /// Input read from the provider's cache.
    pub cached: u64,
    /// Input written to the provider's cache.
    pub cache_write: u64,
    /// Input of audio.
    pub audio_in: u64,
    /// Input of audio, read from the provider's cache.
    pub audio_cached: u64,
    /// Input of images.
    pub image_in: u64,
    /// Output of text, the reasoning included.
    pub output: u64,
    /// Output of audio.
    pub audio_out: u64,
    /// Output of images.
    pub image_out: u64,
    /// Characters turned into speech, where those are what is billed.
    pub characters: u64,
    /// The part of `output` that was reasoning.
    pub reasoning: u64,
}

impl CallLine {
    /// A call with its corrections.
    pub fn of(call: Call, corrections: Vec<Correction>) -> Self {
        let corrections: Vec<_> = corrections.into_iter().map(CorrectionLine::from).collect();
        Self {
            corrected: corrections.last().map(|last| last.cost),
            corrections,
            id: call.request,
            grant: call.grant,
            key: call.key,
            endpoint: call.endpoint.name().to_owned(),
            model: call.model,
            tier: call.tier.name().to_owned(),
            streamed: call.streamed,
            usage: call.usage.into(),
            held: call.held,
            cost: call.cost,
            basis: call.basis.name().to_owned(),
            estimated: call.basis.is_estimate(),
            outcome: call.outcome.name().to_owned(),
            status: call.status,
            price_version: call.price_version,
            started_at: call.started_at,
            ended_at: call.ended_at,
        }
    }
}

impl From<Usage> for UsageLine {
    fn from(usage: Usage) -> Self {
        Self {
            input: usage.input,
            cached: usage.cached,
            cache_write: usage.cache_write,
            audio_in: usage.audio_in,
            audio_cached: usage.audio_cached,
            image_in: usage.image_in,
            output: usage.output,
            audio_out: usage.audio_out,
            image_out: usage.image_out,
            characters: usage.characters,
            reasoning: usage.reasoning,
        }
    }
}
