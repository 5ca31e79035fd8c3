//! Prices as the numbers of a JSON file, to the last digit: never through a float.

use bursar_kernel::Rate;

/// Digits that a price is written with at the most.
const DIGITS_MAX: usize = 30;

/// A price of one unit, in dollars.
pub(super) const BY_UNIT: Scale = Scale { shift: 15, parts: 1 };
/// A price of a million units, in dollars.
pub(super) const BY_MILLION: Scale = Scale { shift: 9, parts: 1 };
/// A price of an hour, in dollars, for what is billed by the second.
pub(super) const BY_HOUR: Scale = Scale { shift: 15, parts: 3_600 };

/// What makes nano-dollars for a million units of a number: so many decimal places to the left,
/// and that divided.
#[derive(Clone, Copy)]
pub(super) struct Scale {
    shift: i32,
    parts: i128,
}

/// The rate that a JSON number stands for; an error says what is wrong with it.
pub(super) fn rate(text: &str, scale: Scale) -> Result<Rate, String> {
    let not = |why: &str| format!("`{}` {why}", text.chars().take(40).collect::<String>());
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => {
            (mantissa, exponent.parse::<i32>().map_err(|_| not("is not a price"))?)
        }
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.starts_with('-') {
        return Err(not("is below zero"));
    }
    let digits = whole.bytes().chain(fraction.bytes());
    if whole.is_empty() || !digits.clone().all(|digit| digit.is_ascii_digit()) {
        return Err(not("is not a price"));
    }
    let digits: Vec<u8> = digits.collect();
    let kept = digits.iter().rposition(|digit| *digit != b'0').map_or(0, |last| last + 1);
    if DIGITS_MAX < kept {
        return Err(not("has more digits than a price has"));
    }
    let places = i32::try_from(fraction.len()).map_err(|_| not("is not a price"))?;
    let dropped = i32::try_from(digits.len().saturating_sub(kept)).unwrap_or(i32::MAX);
    let value = digits.iter().take(kept).fold(0_i128, |value, digit| {
        value.saturating_mul(10).saturating_add(i128::from(digit.saturating_sub(b'0')))
    });
    if value == 0 {
        return Ok(Rate::ZERO);
    }
    let power = exponent
        .checked_sub(places)
        .and_then(|power| power.checked_add(dropped))
        .and_then(|power| power.checked_add(scale.shift))
        .ok_or_else(|| not("is not a price"))?;
    let too_precise = || not("is finer than a billionth of a dollar for a million units");
    let tens = 10_i128.checked_pow(power.unsigned_abs());
    let nanos = match (power < 0, tens) {
        (true, Some(tens)) if value % tens == 0 => value / tens,
        (true, _) => return Err(too_precise()),
        (false, tens) => tens
            .and_then(|tens| value.checked_mul(tens))
            .ok_or_else(|| not("is more than a price can be"))?,
    };
    if nanos % scale.parts != 0 {
        return Err(too_precise());
    }
    let nanos = i64::try_from(nanos / scale.parts).ok().and_then(Rate::from_nanos);
    nanos.ok_or_else(|| not("is more than a price can be"))
}

#[cfg(test)]
mod tests {
    //! Numbers as the files have them.

    use super::*;

    #[test]
    fn a_number_is_read_to_its_last_digit() {
        let table = [
            ("2.5e-08", BY_UNIT, "0.025"),
            ("1e-05", BY_UNIT, "10.00"),
            ("0.0001", BY_UNIT, "100.00"),
            ("0.000833333333333", BY_UNIT, "833.333333333"),
            ("0.0", BY_UNIT, "0.00"),
            ("0e400", BY_UNIT, "0.00"),
            ("6E-7", BY_UNIT, "0.60"),
            ("1.2", BY_MILLION, "1.20"),
            ("60", BY_MILLION, "60.00"),
            ("0.0000001250", BY_MILLION.finer(), "0.125"),
            ("0.36", BY_HOUR, "100.00"),
        ];
        for (text, scale, wanted) in table {
            assert_eq!(rate(text, scale).unwrap().to_string(), wanted, "{text}");
        }
    }

    #[test]
    fn what_is_no_price_is_told() {
        let table = [
            ("-1", "`-1` is below zero"),
            ("", "`` is not a price"),
            (".5", "`.5` is not a price"),
            ("null", "`null` is not a price"),
            ("1e99", "`1e99` is more than a price can be"),
            ("1e-16", "`1e-16` is finer than a billionth of a dollar for a million units"),
            (
                "3.0000000000000001e-06",
                "`3.0000000000000001e-06` is finer than a billionth of a \
             dollar for a million units",
            ),
            ("1e2147483647", "`1e2147483647` is not a price"),
            (
                "1e-2147483648",
                "`1e-2147483648` is finer than a billionth of a dollar for a \
             million units",
            ),
            (
                "99999999999999999999999999999999",
                "`99999999999999999999999999999999` has more \
             digits than a price has",
            ),
        ];
        for (text, wanted) in table {
            assert_eq!(rate(text, BY_UNIT).unwrap_err(), wanted);
        }
    }

    impl Scale {
        /// The same, of a number that is a million times smaller.
        const fn finer(self) -> Self {
            Self { shift: self.shift + 6, ..self }
        }
    }
}
