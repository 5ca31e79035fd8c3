//! A body is understood or refused, and its bound covers whatever may be billed.

mod body;
mod bound;
mod completions;
mod earlier;
mod forms;
mod images;
mod refused;
