//! Numbers that look drawn and are reckoned.

/// The output function of `SplitMix64`, with its step (Steele, Lea, Flood: Fast Splittable
/// Pseudorandom Number Generators, 2014): nothing is secret about it.
pub(crate) const fn scrambled(state: u64) -> u64 {
    let state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    //! Against the reference's first outputs.

    use super::scrambled;

    #[test]
    fn the_first_numbers_of_a_seed_are_those_of_the_reference() {
        let step = 0x9e37_79b9_7f4a_7c15_u64;
        let first: Vec<u64> = (0..3).map(|turn| scrambled(step.wrapping_mul(turn))).collect();
        assert_eq!(first, [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4, 0x06c4_5d18_8009_454f]);
    }
}
