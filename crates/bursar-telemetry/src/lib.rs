//! Calls as spans of a trace, exported to a collector over OTLP/HTTP in JSON.
//! Never tells what was asked or answered, and never keeps a call waiting: what does not fit its
//! queue is dropped and counted.

mod export;
mod settings;
mod span;
mod trace;
mod wire;

pub use export::{Exporter, SPANS_WAITING_MAX, Spans, Stop, Told, start};
pub use settings::{BadSettings, Settings, read_headers};
pub use span::{Span, SpanUpstream};
pub use trace::Trace;
