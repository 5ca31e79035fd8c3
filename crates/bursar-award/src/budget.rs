//! How an amount that is asked for stands to the estimate of the study. Advice, never a gate.

use bursar_kernel::Usd;

/// An amount is short of an estimate below nine tenths of it: what is counted from a sample is no
/// closer than that.
const SHORT_BELOW_TENTHS: i64 = 9;
/// It is far above from twice the estimate on: a pilot and a second run are within it.
const FAR_ABOVE_TENTHS: i64 = 20;

/// How an amount that is asked for stands to an estimate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    /// It pays for the study, with some to spare.
    Fits,
    /// It does not pay for all of it.
    Short {
        /// What is missing.
        by: Usd,
    },
    /// It is far more than the study costs.
    FarAbove {
        /// By how much.
        by: Usd,
    },
}

/// How an amount stands to an estimate.
pub fn budget(requested: Usd, estimate: Usd) -> Budget {
    let (asked, counted) = (i128::from(requested.nanos()), i128::from(estimate.nanos()));
    let tenths = |tenths: i64| counted.saturating_mul(i128::from(tenths));
    let by = |more: Usd, less: Usd| more.checked_sub(less).unwrap_or(Usd::ZERO);
    let asked = asked.saturating_mul(10);
    if asked < tenths(SHORT_BELOW_TENTHS) {
        Budget::Short { by: by(estimate, requested) }
    } else if tenths(FAR_ABOVE_TENTHS) < asked {
        Budget::FarAbove { by: by(requested, estimate) }
    } else {
        Budget::Fits
    }
}

#[cfg(test)]
mod tests {
    //! Where an amount begins to be far from an estimate.

    use super::*;

    #[test]
    fn an_amount_is_far_below_nine_tenths_and_above_twice() {
        let usd = |text: &str| text.parse::<Usd>().unwrap();
        let check = |asked, counted, wanted| {
            assert_eq!(budget(usd(asked), usd(counted)), wanted, "{asked} for {counted}");
        };
        check("90", "100", Budget::Fits);
        check("89.999999999", "100", Budget::Short { by: usd("10.000000001") });
        check("200", "100", Budget::Fits);
        check("200.000000001", "100", Budget::FarAbove { by: usd("100.000000001") });
        check("1", "0", Budget::FarAbove { by: usd("1") });
        check("9000000000", "9000000000", Budget::Fits);
    }
}
