//! Time as an argument.

pub use jiff::Timestamp;

/// What the time is. Doors ask; rules are told.
///
/// Instants are truncated to whole milliseconds, which is what the store keeps.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;
}
