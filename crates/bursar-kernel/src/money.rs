//! Money: whole nano-dollars, list prices per million units, and sums that are rounded once.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Nano-dollars in a dollar.
const NANOS_PER_USD: i64 = 1_000_000_000;
/// Digits after the point that a nano-dollar amount can carry.
const DECIMALS: usize = 9;
/// A rate is a price for this many units.
const UNITS_PER_RATE: u128 = 1_000_000;

/// An amount of United States dollars, in whole nano-dollars (10⁻⁹ $), signed.
///
/// In JSON and TOML it is a decimal string (`"0.00021"`), never a number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Usd(i64);

impl Usd {
    /// No money.
    pub const ZERO: Self = Self(0);
    /// The largest amount, some 9.2 billion dollars.
    pub const MAX: Self = Self(i64::MAX);

    /// An amount from nano-dollars.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// An amount from whole dollars, or `None` past ±9.2 billion.
    pub const fn from_dollars(dollars: i64) -> Option<Self> {
        match dollars.checked_mul(NANOS_PER_USD) {
            Some(nanos) => Some(Self(nanos)),
            None => None,
        }
    }

    /// The amount in nano-dollars.
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// The sum, or `None` on overflow.
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(nanos) => Some(Self(nanos)),
            None => None,
        }
    }

    /// The difference, or `None` on overflow. May be negative.
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(nanos) => Some(Self(nanos)),
            None => None,
        }
    }

    /// The amount with its sign turned, or `None` for the one amount that has no opposite.
    pub const fn checked_neg(self) -> Option<Self> {
        match self.0.checked_neg() {
            Some(nanos) => Some(Self(nanos)),
            None => None,
        }
    }

    /// The amount `times` over, or `None` on overflow.
    pub const fn checked_mul(self, times: i64) -> Option<Self> {
        match self.0.checked_mul(times) {
            Some(nanos) => Some(Self(nanos)),
            None => None,
        }
    }

    /// The sum of many amounts, or `None` on overflow.
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Option<Self> {
        amounts.into_iter().try_fold(Self::ZERO, Self::checked_add)
    }

    /// Whether the amount is exactly zero.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Whether the amount is above zero.
    pub const fn is_positive(self) -> bool {
        0 < self.0
    }

    /// Whether the amount is below zero.
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// Splits a non-negative amount in proportion to `weights` by largest remainder, so that the
    /// parts sum to the amount exactly. Ties go to the earlier part.
    ///
    /// `None` if the amount is negative, or if the weights are empty or all zero.
    pub fn split(self, weights: &[u64]) -> Option<Vec<Self>> {
        let amount = u128::try_from(self.0).ok()?;
        let total: u128 = weights.iter().copied().map(u128::from).sum();
        if total == 0 {
            return None;
        }
        let mut parts = Vec::with_capacity(weights.len());
        let mut remainders = Vec::with_capacity(weights.len());
        let mut given = 0_u128;
        for (index, weight) in weights.iter().copied().map(u128::from).enumerate() {
            // amount < 2⁶³ and weight < 2⁶⁴, so the product fits 128 bits.
            let product = amount.checked_mul(weight)?;
            let part = product.checked_div(total)?;
            given = given.checked_add(part)?;
            parts.push(part);
            remainders.push((product.checked_rem(total)?, index));
        }
        remainders.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        let residue = usize::try_from(amount.checked_sub(given)?).ok()?;
        for (_, index) in remainders.into_iter().take(residue) {
            let part = parts.get_mut(index)?;
            *part = part.checked_add(1)?;
        }
        parts.into_iter().map(|part| i64::try_from(part).ok().map(Self)).collect()
    }
}

/// The exact decimal with at least two places: `1000.00`, `0.00021`, `-3.50`.
impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&decimal(self.0, 2))
    }
}

impl fmt::Debug for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Usd({self})")
    }
}

impl FromStr for Usd {
    type Err = AmountError;

    fn from_str(text: &str) -> Result<Self, AmountError> {
        parse_nanos(text).map(Self)
    }
}

impl Serialize for Usd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Usd {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_decimal(deserializer).map(Self)
    }
}

/// A list price: nano-dollars for a million units of one kind (tokens, characters, seconds).
///
/// `$0.01875` a million tokens is `Rate::from_nanos(18_750_000)`. Written as a decimal string of
/// dollars per million units.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Rate(i64);

impl Rate {
    /// Free of charge.
    pub const ZERO: Self = Self(0);

    /// A rate from nano-dollars per million units, or `None` if it is negative.
    pub const fn from_nanos(nanos_per_million: i64) -> Option<Self> {
        if nanos_per_million < 0 { None } else { Some(Self(nanos_per_million)) }
    }

    /// Nano-dollars per million units.
    pub const fn nanos_per_million(self) -> i64 {
        self.0
    }
}

/// The exact decimal of dollars per million units: `2.00`, `0.01875`.
impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&decimal(self.0, 2))
    }
}

impl fmt::Debug for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rate({self} per million)")
    }
}

impl FromStr for Rate {
    type Err = AmountError;

    fn from_str(text: &str) -> Result<Self, AmountError> {
        Self::from_nanos(parse_nanos(text)?).ok_or(AmountError::Negative)
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let nanos = deserialize_decimal(deserializer)?;
        Self::from_nanos(nanos).ok_or_else(|| serde::de::Error::custom(AmountError::Negative))
    }
}

/// A call's cost while it is being summed, in 10⁻¹⁵ $: exact, until it is rounded up once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct ExactCost(u128);

impl ExactCost {
    /// Nothing yet.
    pub const ZERO: Self = Self(0);

    /// Adds `units` at `rate`; `None` past 128 bits.
    pub fn plus(self, rate: Rate, units: u64) -> Option<Self> {
        let nanos = u128::try_from(rate.0).ok()?;
        self.0.checked_add(nanos.checked_mul(u128::from(units))?).map(Self)
    }

    /// The cost in whole nano-dollars, rounded up: the one rounding that a charge ever sees.
    /// `None` past the largest amount.
    pub fn round_up(self) -> Option<Usd> {
        i64::try_from(self.0.div_ceil(UNITS_PER_RATE)).ok().map(Usd)
    }
}

/// Why a text is not an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// It has no digits, or something other than digits, one point and a leading minus.
    #[error("an amount is digits with at most one point, such as `1000` or `0.25`")]
    NotADecimal,
    /// It has more than nine digits after the point.
    #[error("an amount has at most nine digits after the point")]
    TooPrecise,
    /// It does not fit 64 bits of nano-dollars.
    #[error("an amount is at most 9,223,372,036 dollars")]
    TooLarge,
    /// A price below zero.
    #[error("a price is not negative")]
    Negative,
}

fn parse_nanos(text: &str) -> Result<i64, AmountError> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
        Some(_) => return Err(AmountError::NotADecimal),
        None => (digits, ""),
    };
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
        return Err(AmountError::NotADecimal);
    }
    let fraction = fraction.trim_end_matches('0');
    if DECIMALS < fraction.len() {
        return Err(AmountError::TooPrecise);
    }
    let mut nanos = 0_i64;
    let padding = std::iter::repeat_n(b'0', DECIMALS.saturating_sub(fraction.len()));
    for byte in whole.bytes().chain(fraction.bytes()).chain(padding) {
        let digit = i64::from(byte.saturating_sub(b'0'));
        nanos = nanos
            .checked_mul(10)
            .and_then(|nanos| nanos.checked_add(digit))
            .ok_or(AmountError::TooLarge)?;
    }
    Ok(if negative { nanos.saturating_neg() } else { nanos })
}

/// Nano-units as a decimal with at least `places_min` digits after the point.
fn decimal(nanos: i64, places_min: usize) -> String {
    let magnitude = format!("{:010}", nanos.unsigned_abs());
    let (whole, fraction) = magnitude.split_at(magnitude.len().saturating_sub(DECIMALS));
    let significant = fraction.trim_end_matches('0').len().max(places_min);
    let sign = if nanos < 0 { "-" } else { "" };
    format!("{sign}{whole}.{}", &fraction[..significant])
}

fn deserialize_decimal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    struct Decimal;
    impl serde::de::Visitor<'_> for Decimal {
        type Value = i64;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an amount of dollars as a string, such as \"0.25\"")
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<i64, E> {
            parse_nanos(text).map_err(E::custom)
        }
    }
    deserializer.deserialize_str(Decimal)
}

#[cfg(test)]
mod tests;
