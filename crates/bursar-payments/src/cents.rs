//! Dollars as cards pay them: whole cents.

use bursar_kernel::Usd;

use crate::PaymentError;

const NANOS_PER_CENT: i64 = 10_000_000;
/// The provider's least amount in dollars.
const CENTS_MIN: i64 = 50;
/// The provider's largest amount: eight digits.
const CENTS_MAX: i64 = 99_999_999;

/// An amount in cents, or why a card cannot pay it.
pub fn to_cents(amount: Usd) -> Result<i64, PaymentError> {
    let is_whole = amount.nanos().checked_rem(NANOS_PER_CENT) == Some(0);
    let cents = amount.nanos().checked_div(NANOS_PER_CENT).filter(|_| is_whole);
    cents
        .filter(|cents| (CENTS_MIN..=CENTS_MAX).contains(cents))
        .ok_or(PaymentError::Amount(amount))
}

/// An amount from cents; `None` past the largest amount.
pub fn from_cents(cents: i64) -> Option<Usd> {
    cents.checked_mul(NANOS_PER_CENT).map(Usd::from_nanos)
}

#[cfg(test)]
mod tests {
    //! Which amounts a card can pay.

    use super::*;

    #[test]
    fn a_card_pays_whole_cents_from_half_a_dollar_up() {
        let cents = |text: &str| to_cents(text.parse().unwrap()).ok();
        let texts =
            ["5", "0.50", "0.49", "12.345", "-5", "0", "999999.99", "1000000", "0.500000001"];
        let found = texts.map(cents);
        let none = None;
        assert_eq!(
            found,
            [Some(500), Some(50), none, none, none, none, Some(99_999_999), none, none]
        );
        assert_eq!(from_cents(500), "5".parse().ok());
        assert_eq!(from_cents(i64::MAX), None);
    }
}
