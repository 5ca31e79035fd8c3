//! Money as a person reads it. Rounded to cents, a balance never shows more than there is and a
//! cost never less than it was; exact, every digit shows.

use bursar_kernel::Usd;

/// Nano-dollars in a cent.
const NANOS_PER_CENT: i128 = 10_000_000;

/// What can be spent, rounded down to cents: `$1,000.00`.
pub fn available(amount: Usd) -> String {
    cents(i128::from(amount.nanos()).div_euclid(NANOS_PER_CENT))
}

/// What was taken or promised, rounded up to cents, so that it and the rest make the whole.
pub fn taken(amount: Usd) -> String {
    cents(-(-i128::from(amount.nanos())).div_euclid(NANOS_PER_CENT))
}

/// Every digit of an amount, and two after the point at the least: `$0.00021`.
pub fn exact(amount: Usd) -> String {
    let text = amount.to_string();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("\u{2212}", digits),
        None => ("", text.as_str()),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "00"));
    format!("{sign}${}.{fraction}", grouped(whole))
}

/// A count with its thousands apart: `1,204,000`.
pub fn count(number: u64) -> String {
    grouped(&number.to_string())
}

fn cents(cents: i128) -> String {
    let sign = if cents < 0 { "\u{2212}" } else { "" };
    let magnitude = cents.unsigned_abs();
    format!("{sign}${}.{:02}", grouped(&(magnitude / 100).to_string()), magnitude % 100)
}

fn grouped(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if 0 < index && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    //! What a person reads is never kinder than the truth.

    use super::*;

    fn check(amount: &str, expected: [&str; 3]) {
        let usd: Usd = amount.parse().unwrap();
        assert_eq!([available(usd), taken(usd), exact(usd)], expected, "{amount}");
    }

    #[test]
    fn a_balance_rounds_down_and_a_cost_rounds_up() {
        check("1000", ["$1,000.00", "$1,000.00", "$1,000.00"]);
        check("0.00021", ["$0.00", "$0.01", "$0.00021"]);
        check("999.999999999", ["$999.99", "$1,000.00", "$999.999999999"]);
        check("1234567.5", ["$1,234,567.50", "$1,234,567.50", "$1,234,567.50"]);
        check("0", ["$0.00", "$0.00", "$0.00"]);
        check("-3.5", ["\u{2212}$3.50", "\u{2212}$3.50", "\u{2212}$3.50"]);
        check("-0.001", ["\u{2212}$0.01", "$0.00", "\u{2212}$0.001"]);
    }

    #[test]
    fn counts_are_grouped_by_three() {
        assert_eq!(
            [count(0), count(999), count(1_000), count(1_204_000)].join(" "),
            "0 999 1,000 1,204,000"
        );
    }
}
