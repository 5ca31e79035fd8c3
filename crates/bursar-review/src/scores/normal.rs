//! The normal distribution, as far as intervals need it.

/// Why a level of confidence is none.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("use a level of confidence of {0}\nhint: it is between 0 and 1, as 0.9")]
pub struct LevelError(pub f64);

/// How many standard errors to either side make an interval of a level: 1.645 for 0.9.
pub fn z_of(level: f64) -> Result<f64, LevelError> {
    if 0.0 < level && level < 1.0 {
        Ok(quantile(0.5 + level / 2.0))
    } else {
        Err(LevelError(level))
    }
}

/// The quantile of the standard normal distribution, to about 16 digits: algorithm AS 241, PPND16
/// (Wichura, The Percentage Points of the Normal Distribution, Applied Statistics 37, 1988).
/// Only for a half and above, which is all that intervals ask for.
fn quantile(share: f64) -> f64 {
    let centred = share - 0.5;
    if centred <= 0.425 {
        let r = 0.180_625 - centred * centred;
        return centred * ratio(r, &NEAR);
    }
    let r = (-(1.0 - share).ln()).sqrt();
    if r <= 5.0 { ratio(r - 1.6, &FAR) } else { ratio(r - 5.0, &FARTHEST) }
}

/// A quotient of two polynomials, each from its highest power.
fn ratio(at: f64, (above, below): &([f64; 8], [f64; 8])) -> f64 {
    let value = |powers: &[f64; 8]| powers.iter().fold(0.0, |sum, power| sum * at + power);
    value(above) / value(below)
}

const NEAR: ([f64; 8], [f64; 8]) = (
    [
        2_509.080_928_730_122_7,
        33_430.575_583_588_13,
        67_265.770_927_008_7,
        45_921.953_931_549_87,
        13_731.693_765_509_46,
        1_971.590_950_306_551_3,
        133.141_667_891_784_38,
        3.387_132_872_796_366_5,
    ],
    [
        5_226.495_278_852_854,
        28_729.085_735_721_943,
        39_307.895_800_092_71,
        21_213.794_301_586_597,
        5_394.196_021_424_751,
        687.187_007_492_057_9,
        42.313_330_701_600_91,
        1.0,
    ],
);

const FAR: ([f64; 8], [f64; 8]) = (
    [
        7.745_450_142_783_414e-4,
        0.022_723_844_989_269_184,
        0.241_780_725_177_450_6,
        1.270_458_252_452_368_4,
        3.647_848_324_763_204_5,
        5.769_497_221_460_691,
        4.630_337_846_156_546,
        1.423_437_110_749_683_5,
    ],
    [
        1.050_750_071_644_416_9e-9,
        5.475_938_084_995_345e-4,
        0.015_198_666_563_616_457,
        0.148_103_976_427_480_08,
        0.689_767_334_985_1,
        1.676_384_830_183_803_8,
        2.053_191_626_637_759,
        1.0,
    ],
);

const FARTHEST: ([f64; 8], [f64; 8]) = (
    [
        2.010_334_399_292_288_1e-7,
        2.711_555_568_743_487_6e-5,
        0.001_242_660_947_388_078_4,
        0.026_532_189_526_576_124,
        0.296_560_571_828_504_87,
        1.784_826_539_917_291_3,
        5.463_784_911_164_114,
        6.657_904_643_501_103,
    ],
    [
        2.044_263_103_389_939_8e-15,
        1.421_511_758_316_446e-7,
        1.846_318_317_510_054_8e-5,
        7.868_691_311_456_133e-4,
        0.014_875_361_290_850_615,
        0.136_929_880_922_735_8,
        0.599_832_206_555_888,
        1.0,
    ],
);

#[cfg(test)]
mod tests {
    //! Against a table, and against a level that is none.

    use super::*;

    #[test]
    fn a_level_makes_so_many_standard_errors() {
        for (level, z) in [
            (0.5, 0.674_489_750_196_081_7),
            (0.8, 1.281_551_565_544_600_4),
            (0.9, 1.644_853_626_951_472_2),
            (0.95, 1.959_963_984_540_054),
            (0.99, 2.575_829_303_548_900_4),
            (0.999_999, 4.891_638_475_698_59),
            (0.999_999_999_999_9, 7.440_968_7),
        ] {
            let got = z_of(level).unwrap();
            let far = if 7.0 < z { 1e-3 } else { 1e-9 };
            assert!((got - z).abs() < far, "{level}: {got}");
        }
        for level in [0.0, 1.0, -0.5, f64::NAN, 90.0] {
            assert!(z_of(level).is_err(), "{level}");
        }
    }
}
