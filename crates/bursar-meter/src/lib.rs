//! What a call may cost and what it did: a request to its bound, an answer's bytes to its price.
//! Never opens a socket, reads a clock or keeps a balance; bytes come in, values go out.

pub mod answer;
mod audio;
pub mod batch;
pub mod multipart;
pub mod price;
mod raw;
pub mod reference;
pub mod request;
pub mod sample;
pub mod settle;
pub mod sse;
pub mod stream;
pub mod study;
pub mod tokens;
pub mod usage;
pub mod wire;

pub use answer::{Answer, FinishReasons, Named, Output, read_answer};
pub use price::{Unpriced, price};
pub use request::{
    BadRequest, BadRequestKind, CallRequest, Kept, known_model, resolve, resolve_form,
};
pub use sample::{Sample, SampleCount, count_sample};
pub use settle::{Basis, Charge, Evidence, Settlement, settle};
pub use sse::EventTooLong;
pub use stream::StreamMeter;
pub use study::{Note, PricedLine, Prospect, StudyCost, StudyRefused, StudyWrong, estimate};
pub use usage::read_usage;
pub use wire::{ErrorBody, ErrorEnvelope};

#[cfg(test)]
mod testing;
