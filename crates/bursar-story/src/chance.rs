//! Chance from a seed: the same seed tells the same story on every machine.

use bursar_kernel::Entropy;

/// A small generator (splitmix64): good enough to pick commands, never for secrets.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// Chance from a seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number in `0..end`; `end` is above zero.
    pub fn below(&mut self, end: u64) -> u64 {
        assert!(0 < end, "a choice is among at least one thing");
        self.next().checked_rem(end).unwrap_or(0)
    }

    /// A number in `from..=to`.
    pub fn between(&mut self, from: i64, to: i64) -> i64 {
        let width = to.abs_diff(from).saturating_add(1);
        from.saturating_add_unsigned(self.below(width))
    }

    /// True once in `times`.
    pub fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// One of several, if there are any.
    pub fn pick<'a, T>(&mut self, among: &'a [T]) -> Option<&'a T> {
        let count = u64::try_from(among.len()).ok().filter(|count| 0 < *count)?;
        among.get(usize::try_from(self.below(count)).ok()?)
    }

    /// The random part of an identifier.
    pub fn entropy(&mut self) -> Entropy {
        let (high, low) = (self.next().to_be_bytes(), self.next().to_be_bytes());
        let mut entropy = [0; 10];
        entropy[..8].copy_from_slice(&high);
        entropy[8..].copy_from_slice(&low[..2]);
        entropy
    }

    /// A secret's hash.
    pub fn hash(&mut self) -> [u8; 32] {
        let mut hash = [0; 32];
        for part in hash.chunks_mut(8) {
            part.copy_from_slice(&self.next().to_be_bytes());
        }
        hash
    }
}
