//! Amounts survive text, sums and splits to the nano-dollar.

use proptest::prelude::*;

use super::*;

#[test]
fn amounts_are_read_and_written_exactly() {
    for (text, nanos, shown) in [
        ("1000", 1_000_000_000_000, "1000.00"),
        ("0.00021", 210_000, "0.00021"),
        ("0.000000001", 1, "0.000000001"),
        ("-3.5", -3_500_000_000, "-3.50"),
        ("0", 0, "0.00"),
        ("1.10000000000", 1_100_000_000, "1.10"),
    ] {
        let amount: Usd = text.parse().unwrap();
        assert_eq!((amount.nanos(), amount.to_string().as_str()), (nanos, shown), "{text}");
    }
}

#[test]
fn what_is_not_an_amount_is_refused() {
    for (text, error) in [
        ("", AmountError::NotADecimal),
        (".5", AmountError::NotADecimal),
        ("5.", AmountError::NotADecimal),
        ("1e3", AmountError::NotADecimal),
        ("1,000", AmountError::NotADecimal),
        ("$5", AmountError::NotADecimal),
        (" 5", AmountError::NotADecimal),
        ("--5", AmountError::NotADecimal),
        ("0.0000000001", AmountError::TooPrecise),
        ("9223372037", AmountError::TooLarge),
    ] {
        assert_eq!(text.parse::<Usd>(), Err(error), "{text}");
    }
    assert_eq!("-1".parse::<Rate>(), Err(AmountError::Negative));
}

#[test]
fn a_number_in_json_is_not_an_amount() {
    assert!(serde_json::from_str::<Usd>("1.5").is_err());
    assert_eq!(serde_json::from_str::<Usd>("\"1.5\"").unwrap().nanos(), 1_500_000_000);
}

#[test]
fn a_cost_is_rounded_up_once() {
    // Eight embedding tokens at $0.02 a million are $0.00000016, below a micro-dollar.
    let rate: Rate = "0.02".parse().unwrap();
    let cost = ExactCost::ZERO.plus(rate, 8).unwrap().round_up().unwrap();
    assert_eq!(cost.to_string(), "0.00000016");
    // A third of a nano-dollar costs one; three thirds cost one as well.
    let third = Rate::from_nanos(333_333).unwrap();
    assert_eq!(ExactCost::ZERO.plus(third, 1).unwrap().round_up(), Some(Usd::from_nanos(1)));
    assert_eq!(ExactCost::ZERO.plus(third, 3).unwrap().round_up(), Some(Usd::from_nanos(1)));
}

proptest! {
    #[test]
    fn text_is_a_faithful_copy(nanos: i64) {
        prop_assume!(nanos != i64::MIN);
        let amount = Usd::from_nanos(nanos);
        prop_assert_eq!(amount.to_string().parse::<Usd>(), Ok(amount));
    }

    #[test]
    fn parts_sum_to_the_whole(
        nanos in 0..=i64::MAX,
        weights in prop::collection::vec(0..=u64::MAX, 1..20),
    ) {
        let amount = Usd::from_nanos(nanos);
        if let Some(parts) = amount.split(&weights) {
            prop_assert_eq!(Usd::sum(parts.iter().copied()), Some(amount));
            prop_assert!(parts.iter().all(|part| !part.is_negative()));
        } else {
            prop_assert!(weights.iter().all(|weight| *weight == 0));
        }
    }
}
