//! Figures beside their baselines, as `cargo xtask bench` reads them. Ratios are turned so that
//! higher is better.

use std::io::Write as _;

/// A figure and what it is held against.
pub(crate) struct Figure<'a> {
    pub(crate) name: &'a str,
    pub(crate) value: u64,
    pub(crate) unit: &'a str,
    pub(crate) baseline: &'a str,
    pub(crate) baseline_value: u64,
    /// In thousandths, turned so that higher is better.
    pub(crate) goal: u64,
}

impl Figure<'_> {
    /// Of two rates: more is better.
    pub(crate) fn more_is_better(self) {
        let ratio = self.value * 1_000 / self.baseline_value.max(1);
        self.print(ratio);
    }

    /// Of two times or sizes: less is better.
    pub(crate) fn less_is_better(self) {
        let ratio = self.baseline_value * 1_000 / self.value.max(1);
        self.print(ratio);
    }

    fn print(self, ratio: u64) {
        let Self { name, value, unit, baseline, baseline_value, goal } = self;
        let decimal =
            |thousandths: u64| format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000);
        let (ratio, goal) = (decimal(ratio), decimal(goal));
        writeln!(
            std::io::stdout().lock(),
            "{{\"name\":\"{name}\",\"value\":{value},\"unit\":\"{unit}\",\
             \"baseline\":\"{baseline}\",\"baseline_value\":{baseline_value},\
             \"ratio\":{ratio},\"goal_ratio\":{goal}}}"
        )
        .expect("somebody reads");
    }
}
