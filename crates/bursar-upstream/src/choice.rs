//! Which of several gets the next call, by their weights: a rule without chance or memory.

/// The most upstreams of a group: as many as a set of bits has.
pub(crate) const GROUP_MAX: usize = 64;
/// The most that an upstream weighs.
pub const WEIGHT_MAX: u32 = 1_000;
/// 2^64 by the golden ratio: multiples of it fall evenly over the numbers, and no two that follow
/// each other fall close together.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// Places of upstreams in their group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Places(u64);

impl Places {
    /// Puts a place in.
    pub fn add(&mut self, place: usize) {
        self.0 |= Self::bit(place);
    }

    /// Takes a place out.
    pub fn remove(&mut self, place: usize) {
        self.0 &= !Self::bit(place);
    }

    /// Whether a place is among them.
    pub fn has(self, place: usize) -> bool {
        self.0 & Self::bit(place) != 0
    }

    /// How many there are.
    pub fn count(self) -> u32 {
        self.0.count_ones()
    }

    fn bit(place: usize) -> u64 {
        u32::try_from(place).ok().and_then(|place| 1_u64.checked_shl(place)).unwrap_or(0)
    }
}

/// The one of `among` whose turn is `ticket`: over many tickets each gets its share. Whoever
/// weighs nothing has a turn only where nobody weighs anything.
pub(crate) fn choose(weights: &[u32], among: Places, ticket: u64) -> Option<usize> {
    let candidates = || weights.iter().enumerate().filter(|(place, _)| among.has(*place));
    let total: u64 = candidates().map(|(_, weight)| u64::from(*weight)).sum();
    let weight_of = |weight: u32| if total == 0 { 1 } else { u64::from(weight) };
    let whole = if total == 0 { u64::from(among.count()) } else { total };
    // Where the ticket falls between nought and the whole.
    let falls = (u128::from(ticket.wrapping_mul(GOLDEN)) * u128::from(whole)) >> 64;
    let mut left = u64::try_from(falls).unwrap_or(0);
    for (place, weight) in candidates() {
        let weight = weight_of(*weight);
        if left < weight {
            return Some(place);
        }
        left -= weight;
    }
    None
}

#[cfg(test)]
mod tests;
