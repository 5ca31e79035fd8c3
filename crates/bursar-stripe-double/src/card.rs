//! Cards: what a form says, what is wrong with it, and what each of Stripe's test cards does.

use bursar_kernel::Timestamp;
use jiff::tz::TimeZone;

/// What somebody fills into the hosted page. It has no `Debug`: a number belongs in no log.
pub struct CardForm<'a> {
    /// The card's number, with or without spaces.
    pub number: &'a str,
    /// The month it is good through: `MM/YY`.
    pub expiry: &'a str,
    /// Its security code.
    pub cvc: &'a str,
}

/// As much of a card as is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Card {
    pub(crate) brand: &'static str,
    pub(crate) last4: String,
    pub(crate) exp_month: u8,
    pub(crate) exp_year: u16,
}

/// Why a card was declined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decline {
    /// The word for it: `card_declined`.
    pub code: &'static str,
    /// The issuer's word, where there is one: `insufficient_funds`.
    pub decline_code: Option<&'static str>,
    /// The sentence that the page shows.
    pub message: &'static str,
}

/// Why somebody did not pay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotPaid {
    /// The form is not filled in right: fields and what is wrong with each. Nothing was tried.
    Form(Vec<(&'static str, &'static str)>),
    /// The card was tried, and declined.
    Declined(Decline),
    /// The page takes no card: there is none by that name, or it has expired.
    Closed,
}

/// What a test card does.
struct TestCard {
    number: &'static str,
    brand: &'static str,
    decline: Option<Decline>,
}

const fn works(number: &'static str, brand: &'static str) -> TestCard {
    TestCard { number, brand, decline: None }
}

const fn declines(
    number: &'static str,
    code: &'static str,
    decline_code: Option<&'static str>,
    message: &'static str,
) -> TestCard {
    TestCard { number, brand: "visa", decline: Some(Decline { code, decline_code, message }) }
}

/// The test cards that Stripe publishes, as far as they matter to a single hold.
const TEST_CARDS: [TestCard; 11] = [
    works("4242424242424242", "visa"),
    works("4000056655665556", "visa"),
    works("5555555555554444", "mastercard"),
    works("378282246310005", "amex"),
    works("6011111111111117", "discover"),
    declines(
        "4000000000000002",
        "card_declined",
        Some("generic_decline"),
        "Your card was declined.",
    ),
    declines(
        "4000000000009995",
        "card_declined",
        Some("insufficient_funds"),
        "Your card has insufficient funds.",
    ),
    declines("4000000000000069", "expired_card", None, "Your card has expired."),
    declines("4000000000000127", "incorrect_cvc", None, "Your card's security code is incorrect."),
    declines(
        "4000000000000119",
        "processing_error",
        None,
        "An error occurred while processing your card. Try again in a little bit.",
    ),
    declines("4000000000009987", "card_declined", Some("lost_card"), "Your card was declined."),
];

/// Any other card: it may be somebody's own, and is not taken.
const NOT_A_TEST_CARD: Decline = Decline {
    code: "card_declined",
    decline_code: Some("test_mode_live_card"),
    message: "Your card was declined. This is a test, and only test cards are taken.",
};

/// What a card's form comes to.
pub(crate) struct Tried {
    pub(crate) card: Card,
    pub(crate) decline: Option<Decline>,
}

/// Reads a form at an instant. Errors come all at once.
pub(crate) fn try_card(form: &CardForm<'_>, now: Timestamp) -> Result<Tried, NotPaid> {
    let number: String = form.number.chars().filter(|c| *c != ' ' && *c != '-').collect();
    let known = TEST_CARDS.iter().find(|card| card.number == number);
    let mut wrong = Vec::new();
    if !is_number(&number) {
        wrong.push(("number", "Your card number is invalid."));
    }
    let expiry = read_expiry(form.expiry);
    match expiry {
        None => wrong.push(("expiry", "Your card's expiration date is incomplete.")),
        Some(expiry) if is_past(expiry, now) => {
            wrong.push(("expiry", "Your card's expiration date is in the past."));
        }
        Some(_) => {}
    }
    let digits = if known.is_some_and(|card| card.brand == "amex") { 4 } else { 3 };
    let cvc = form.cvc.trim();
    if cvc.len() != digits || !cvc.bytes().all(|byte| byte.is_ascii_digit()) {
        wrong.push(("cvc", "Your card's security code is incomplete."));
    }
    let (Some((exp_month, exp_year)), true) = (expiry, wrong.is_empty()) else {
        return Err(NotPaid::Form(wrong));
    };
    let last4 = number.get(number.len().saturating_sub(4)..).unwrap_or_default().to_owned();
    let brand = known.map_or("unknown", |card| card.brand);
    let decline = known.map_or(Some(NOT_A_TEST_CARD), |card| card.decline);
    Ok(Tried { card: Card { brand, last4, exp_month, exp_year }, decline })
}

/// Whether a text has as many digits as cards have, the last of which checks the others (Luhn).
fn is_number(text: &str) -> bool {
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(10)).collect();
    let Some(digits) = digits.filter(|digits| (12..=19).contains(&digits.len())) else {
        return false;
    };
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, digit * 2) {
            (0, _) => *digit,
            (_, doubled) if doubled < 10 => doubled,
            (_, doubled) => doubled - 9,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// The month and the year of `MM/YY`, `MM / YY` or `MM/YYYY`.
fn read_expiry(text: &str) -> Option<(u8, u16)> {
    let (month, year) = text.split_once('/')?;
    let (month, year) = (month.trim(), year.trim());
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(month) || !is_digits(year) {
        return None;
    }
    let month: u8 = month.parse().ok().filter(|month| (1..=12).contains(month))?;
    match year.len() {
        2 => Some((month, 2000 + year.parse::<u16>().ok()?)),
        4 => Some((month, year.parse().ok()?)),
        _ => None,
    }
}

/// Whether the last day of a card's month is over everywhere.
fn is_past((month, year): (u8, u16), now: Timestamp) -> bool {
    let today = now.to_zoned(TimeZone::UTC).date();
    let this_month = (i32::from(today.year()), i32::from(today.month()));
    (i32::from(year), i32::from(month)) < this_month
}

#[cfg(test)]
mod tests {
    //! What each card does, and what a form must have.

    use super::*;

    fn check(number: &str, expiry: &str, cvc: &str) -> String {
        let now = "2026-11-25T12:00:00Z".parse().unwrap();
        match try_card(&CardForm { number, expiry, cvc }, now) {
            Ok(Tried { card, decline: None }) => {
                let Card { brand, last4, exp_month, exp_year } = card;
                format!("{brand} {last4} {exp_month}/{exp_year}")
            }
            Ok(Tried { decline: Some(decline), .. }) => {
                format!("{} {}", decline.code, decline.decline_code.unwrap_or("-"))
            }
            Err(NotPaid::Form(wrong)) => {
                let fields: Vec<&str> = wrong.iter().map(|(field, _)| *field).collect();
                format!("wrong: {}", fields.join(" "))
            }
            Err(other) => format!("{other:?}"),
        }
    }

    #[test]
    fn each_test_card_does_what_it_is_published_to_do() {
        let cases = [
            ("4242 4242 4242 4242", "12/30", "123", "visa 4242 12/2030"),
            ("4242-4242-4242-4242", "11 / 26", "123", "visa 4242 11/2026"),
            ("5555555555554444", "1/2031", "123", "mastercard 4444 1/2031"),
            ("378282246310005", "12/30", "1234", "amex 0005 12/2030"),
            ("378282246310005", "12/30", "123", "wrong: cvc"),
            ("4000 0000 0000 0002", "12/30", "123", "card_declined generic_decline"),
            ("4000 0000 0000 9995", "12/30", "123", "card_declined insufficient_funds"),
            ("4000 0000 0000 0069", "12/30", "123", "expired_card -"),
            // A sound number that is nobody's test card.
            ("4539 5787 6362 1486", "12/30", "123", "card_declined test_mode_live_card"),
        ];
        for (number, expiry, cvc, expected) in cases {
            assert_eq!(check(number, expiry, cvc), expected, "{number}");
        }
    }

    #[test]
    fn a_form_says_everything_that_is_wrong_at_once() {
        let sound = "4242424242424242";
        let cases = [
            ("4242424242424241", "12/30", "123", "wrong: number"),
            ("4242", "12/30", "123", "wrong: number"),
            ("four", "", "", "wrong: number expiry cvc"),
            (sound, "10/26", "123", "wrong: expiry"),
            (sound, "13/30", "123", "wrong: expiry"),
            (sound, "+1/30", "123", "wrong: expiry"),
            (sound, "1230", "123", "wrong: expiry"),
            (sound, "12/30", "12x", "wrong: cvc"),
            (sound, "12/30", "1234", "wrong: cvc"),
        ];
        for (number, expiry, cvc, expected) in cases {
            assert_eq!(check(number, expiry, cvc), expected, "{number} {expiry} {cvc}");
        }
    }
}
