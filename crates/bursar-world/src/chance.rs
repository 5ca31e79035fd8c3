//! Chance that comes out the same every time: splitmix64.

/// What the whole world is drawn from.
const SEED: u64 = 0x0b5e_55ed_ca1c_ade5;

/// A stream of numbers.
pub(super) struct Chance(u64);

impl Chance {
    /// The stream of one subject: adding another leaves it as it was.
    pub(super) fn of(subject: usize) -> Self {
        let subject = u64::try_from(subject).unwrap_or(u64::MAX);
        let mut chance = Self(SEED ^ subject.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        chance.next();
        chance
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: u64, high: u64) -> u64 {
        let span = high.saturating_sub(low).saturating_add(1);
        low.saturating_add(self.next() % span)
    }

    /// The same for spans of time and for money.
    pub(super) fn between_i64(&mut self, low: i64, high: i64) -> i64 {
        let span = u64::try_from(high.saturating_sub(low)).unwrap_or(0);
        let drawn = i64::try_from(self.between(0, span)).unwrap_or(0);
        low.saturating_add(drawn)
    }

    /// Whether something happens that happens in so many of a hundred cases.
    pub(super) fn happens(&mut self, percent: u64) -> bool {
        self.between(1, 100) <= percent
    }

    /// An index, each as likely as its weight.
    pub(super) fn weighted(&mut self, weights: impl Iterator<Item = u64> + Clone) -> usize {
        let all: u64 = weights.clone().sum();
        let mut drawn = self.between(1, all.max(1));
        for (index, weight) in weights.enumerate() {
            if drawn <= weight {
                return index;
            }
            drawn = drawn.saturating_sub(weight);
        }
        0
    }
}
