//! An offline provider that speaks `OpenAI`'s wire format, to try Bursar and to test it against.
//! Never thinks, never fetches anything, never reads a clock but the one it is given, and never
//! passes for the real thing: every answer says that it comes from a sandbox.
//!
//! Answers are made from a seed, so the same request gets the same words. Usage is counted with
//! the provider's own public tokenizers. A [`Profile`] makes it slow, broken or dishonest, which is
//! what a gateway has to survive. The wire format follows the provider's `OpenAPI` document of
//! 2026-08-21.
//!
//! Served: `/v1/chat/completions`, `/v1/responses` (stored and in the background too),
//! `/v1/completions`, `/v1/embeddings`, `/v1/moderations`, `/v1/images/generations` and `edits`,
//! `/v1/audio/speech`, `transcriptions` and `translations`, `/v1/realtime` (WebSocket),
//! `/v1/files`, `/v1/uploads`,
//! `/v1/batches`, `/v1/models`. Every other path is unknown to it.
//! Rate limits stand in the headers, and nothing enforces them.

mod answer;
mod batches;
mod cache;
mod calls;
mod chunks;
mod completion;
mod control;
mod deliver;
mod door;
mod embeddings;
mod fields;
mod files;
mod forms;
mod headers;
mod images;
mod legacy;
mod log;
mod logprobs;
mod messages;
mod models;
mod moderations;
mod profile;
mod prompt;
mod realtime;
mod refusal;
mod request;
mod responses;
mod sandbox;
mod shelf;
mod speech;
mod stored;
mod tokens;
mod tools;
mod transcriptions;
mod typed;
mod uploads;

pub use log::{LoggedCall, Outcome};
pub use profile::{Cut, Delay, Failure, Profile, ProfileError, StreamError, UsageReport};
pub use sandbox::{Sandbox, SandboxConfig, router};
