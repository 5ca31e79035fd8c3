//! Why choices of an answer ended.

/// The provider's reasons (its API reference, 2026-08). One that is not among them is not kept.
const REASONS: [&str; 5] = ["stop", "length", "tool_calls", "content_filter", "function_call"];

/// Why choices of an answer ended, each reason once. Costs nothing to keep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FinishReasons(u8);

impl FinishReasons {
    /// A choice has ended.
    pub(crate) fn add(&mut self, reason: &str) {
        if let Some(place) = REASONS.iter().position(|known| *known == reason) {
            self.0 |= 1 << place;
        }
    }

    /// The reasons by their names.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let has = move |place: usize| self.0 >> place & 1 == 1;
        REASONS.into_iter().enumerate().filter(move |(place, _)| has(*place)).map(|(_, name)| name)
    }
}
