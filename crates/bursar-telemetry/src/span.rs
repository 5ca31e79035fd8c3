//! A call, as a trace tells it.

use bursar_kernel::{Endpoint, GrantId, KeyId, ModelId, ProgramId, RequestId, Timestamp, Usd};

use crate::trace::Trace;

/// A call that was forwarded and has been settled: who paid for it and what it used, and nothing of
/// what it said.
#[derive(Clone, Debug)]
pub struct Span {
    /// Its place in a trace.
    pub trace: Trace,
    /// When it was received.
    pub started_at: Timestamp,
    /// When it was settled.
    pub ended_at: Timestamp,
    /// Where it was sent.
    pub endpoint: Endpoint,
    /// The model in the catalog.
    pub model: ModelId,
    /// The model that says it answered.
    pub answered_by: Option<String>,
    /// Why choices ended, each reason once.
    pub finish_reasons: Vec<&'static str>,
    /// Whether its answer was streamed.
    pub is_streamed: bool,
    /// Who answered, if anybody did.
    pub upstream: Option<SpanUpstream>,
    /// Input and output tokens, where anybody knows.
    pub tokens: Option<(u64, u64)>,
    /// The status that its caller got.
    pub status: u16,
    /// How it went, where it did not go well: a word of a short list.
    pub error: Option<&'static str>,
    /// What was set aside for it.
    pub held: Usd,
    /// What it cost.
    pub cost: Usd,
    /// What that rests on: a word of a short list.
    pub basis: &'static str,
    /// Whether the cost may still be corrected.
    pub is_estimated: bool,
    /// Its name in the books.
    pub request: RequestId,
    /// The key that it was made with.
    pub key: KeyId,
    /// The grant that paid.
    pub grant: GrantId,
    /// The grant's program.
    pub program: ProgramId,
}

/// An upstream, as a trace tells of it.
#[derive(Clone, Debug)]
pub struct SpanUpstream {
    /// Its name in the configuration.
    pub name: String,
    /// Who provides it, by the name that the conventions have for them.
    pub provider: &'static str,
    /// Its host, and its port where that is not the usual one.
    pub authority: String,
}

impl Span {
    /// What was done, by the conventions' names; where they have none, by our own.
    pub(crate) const fn operation(&self) -> &'static str {
        match self.endpoint {
            Endpoint::ChatCompletions | Endpoint::Responses => "chat",
            Endpoint::Completions => "text_completion",
            Endpoint::Embeddings => "embeddings",
            Endpoint::Moderations => "moderation",
            Endpoint::ImageGenerations => "image_generation",
            Endpoint::ImageEdits => "image_edit",
            Endpoint::AudioSpeech => "speech",
            Endpoint::AudioTranscriptions => "transcription",
            Endpoint::AudioTranslations => "translation",
            Endpoint::Realtime => "realtime",
        }
    }
}
