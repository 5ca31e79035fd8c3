//! What the sandbox answers with, made up out of a seed: words, pictures, values of a schema.
//! Pure: never reads a request, counts a token or knows who asks.

pub mod instance;
pub mod png;
pub mod prose;
mod seed;

pub use seed::Draw;
