//! What whoever runs the market sets.

use bursar_kernel::{BasisPoints, Usd};

/// The market's settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The most that a seller may ask, as a share of face value.
    pub ceiling: BasisPoints,
    /// The lowest price of the suggested band, as a share of face value.
    pub band_from: BasisPoints,
    /// The highest price of the suggested band, as a share of face value.
    pub band_to: BasisPoints,
    /// What the market keeps of a price.
    pub fee: BasisPoints,
    /// The least that is listed, and the least that is bought unless it is the rest.
    pub smallest: Usd,
}

impl Default for Settings {
    /// A ceiling of 70 % of face value, the customary 30 to 70 % off as the band, and no fee.
    fn default() -> Self {
        Self {
            ceiling: BasisPoints::percent(70),
            band_from: BasisPoints::percent(30),
            band_to: BasisPoints::percent(70),
            fee: BasisPoints::ZERO,
            smallest: Usd::from_nanos(1_000_000_000),
        }
    }
}
