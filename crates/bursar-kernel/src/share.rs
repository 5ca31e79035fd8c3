//! Shares of an amount, in hundredths of a percent.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::money::Usd;

/// Hundredths of a percent in the whole.
const WHOLE: u32 = 10_000;

/// A share of an amount in basis points: hundredths of a percent, never more than the whole.
///
/// Its text is a percentage: `60`, `62.5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct BasisPoints(u32);

impl BasisPoints {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// All of it.
    pub const WHOLE: Self = Self(WHOLE);

    /// A share from basis points, or `None` above the whole.
    pub const fn new(basis_points: u32) -> Option<Self> {
        if basis_points <= WHOLE { Some(Self(basis_points)) } else { None }
    }

    /// A share from whole percent; more than a hundred is a hundred.
    pub const fn percent(percent: u32) -> Self {
        if percent < 100 { Self(percent * 100) } else { Self::WHOLE }
    }

    /// The share in basis points.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// What is missing to the whole: the discount of a price.
    #[must_use]
    pub const fn rest(self) -> Self {
        Self(WHOLE.saturating_sub(self.0))
    }

    /// This share of an amount that is not negative, rounded down to the nano-dollar.
    pub fn of(self, amount: Usd) -> Usd {
        // amount < 2⁶³ and the share < 2¹⁴, so the product fits 128 bits and the quotient 64.
        let product = i128::from(amount.nanos()) * i128::from(self.0);
        let nanos = product.div_euclid(i128::from(WHOLE));
        Usd::from_nanos(i64::try_from(nanos).unwrap_or(i64::MAX))
    }
}

impl fmt::Display for BasisPoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0 / 100, self.0 % 100);
        match part {
            0 => write!(f, "{whole}"),
            part if part.is_multiple_of(10) => write!(f, "{whole}.{}", part / 10),
            part => write!(f, "{whole}.{part:02}"),
        }
    }
}

/// Why a text is not a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a share is a percentage from 0 to 100 with at most two digits after the point")]
pub struct ShareError;

impl FromStr for BasisPoints {
    type Err = ShareError;

    fn from_str(text: &str) -> Result<Self, ShareError> {
        // A percentage reads like an amount of dollars; a hundredth of it is a basis point.
        let amount: Usd = text.parse().map_err(|_| ShareError)?;
        let (hundredths, rest) = (amount.nanos() / 10_000_000, amount.nanos() % 10_000_000);
        let share = u32::try_from(hundredths).ok().and_then(Self::new);
        share.filter(|_| rest == 0).ok_or(ShareError)
    }
}

impl TryFrom<u32> for BasisPoints {
    type Error = ShareError;

    fn try_from(basis_points: u32) -> Result<Self, ShareError> {
        Self::new(basis_points).ok_or(ShareError)
    }
}

impl From<BasisPoints> for u32 {
    fn from(share: BasisPoints) -> Self {
        share.0
    }
}

#[cfg(test)]
mod tests {
    //! A share is read as a percentage and taken rounded down.

    use super::*;

    #[test]
    fn a_share_is_written_as_it_is_read() {
        let texts = ["60", "62.5", "0.01", "100", "0", "100.01", "60.125", "-1", "sixty"];
        let read = texts.map(|text| {
            text.parse::<BasisPoints>().map_or("-".to_owned(), |share| share.to_string())
        });
        assert_eq!(read.join(" "), "60 62.5 0.01 100 0 - - - -");
    }

    #[test]
    fn a_share_of_an_amount_is_rounded_down() {
        let of = |share: &str, amount: &str| {
            let (share, amount): (BasisPoints, Usd) =
                (share.parse().unwrap(), amount.parse().unwrap());
            share.of(amount).to_string()
        };
        assert_eq!(of("60", "100"), "60.00");
        assert_eq!(of("33.33", "0.000000010"), "0.000000003");
        assert_eq!(of("100", "9223372036.854775807"), "9223372036.854775807");
        assert_eq!(BasisPoints::percent(60).rest().to_string(), "40");
    }
}
