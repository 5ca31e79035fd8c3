//! Spending a day as stacked columns: inline SVG, readable in grey, with its numbers as a table.

use bursar_kernel::Usd;
use jiff::civil::Date;
use maud::{Markup, html};

use super::dates;
use super::money::exact;
use super::table::{Table, number, text};

/// Spending a day, by model.
#[derive(Clone, Debug)]
pub struct SpendChart {
    /// What each part of a column is, at most five; fold the rest into the last.
    pub series: Vec<String>,
    /// The days in order, each with one amount a series.
    pub days: Vec<(Date, Vec<Usd>)>,
}

const WIDTH: i128 = 960;
const HEIGHT: i128 = 220;
/// Room for the amounts beside the plot.
const LEFT: i128 = 64;
/// Room for the days below the plot.
const BOTTOM: i128 = 28;
const TOP: i128 = 12;
/// Lines across the plot, the base included.
const LINES: i128 = 4;

impl SpendChart {
    /// The chart with its legend and its table.
    pub fn html(&self) -> Markup {
        let days: Vec<(Date, i128)> =
            self.days.iter().map(|(date, parts)| (*date, total(parts))).collect();
        let total_all: i128 = days.iter().map(|(_, total)| total).sum();
        let peak = days.iter().max_by_key(|(_, total)| *total);
        let title = "Spending per day";
        html! {
            figure.chart {
                svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img"
                    aria-labelledby="chart-title chart-desc" {
                    title #chart-title { (title) }
                    desc #chart-desc {
                        (dates::days(day_count(&self.days))) ", " (exact(usd(total_all))) " in all."
                        @if let Some((date, most)) = peak {
                            " Most on " (dates::day(*date)) ": " (exact(usd(*most))) "."
                        }
                    }
                    (self.plot(nice_ceiling(peak.map_or(0, |(_, most)| *most))))
                }
                ul.legend {
                    @for (index, label) in self.series.iter().enumerate() {
                        li { span class={ "swatch swatch-" (index + 1) } aria-hidden="true" {}
                            (label) }
                    }
                }
                details { summary { "The same numbers as a table" } (self.table()) }
            }
        }
    }

    fn plot(&self, most: i128) -> Markup {
        let plot_height = HEIGHT - BOTTOM - TOP;
        let y_of = |amount: i128| HEIGHT - BOTTOM - amount * plot_height / most;
        let count = i128::try_from(self.days.len()).unwrap_or(1).max(1);
        let step = (WIDTH - LEFT) * 10 / count;
        let label_every = (self.days.len() / 6).max(1);
        html! {
            @for line in 0..=LINES {
                @let amount = most * line / LINES;
                line.grid x1=(LEFT) x2=(WIDTH) y1=(y_of(amount)) y2=(y_of(amount)) {}
                text.axis x=(LEFT - 8) y=(y_of(amount) + 4) text-anchor="end" {
                    (axis_label(usd(amount)))
                }
            }
            @for (index, (date, parts)) in self.days.iter().enumerate() {
                @let x = LEFT + i128::try_from(index).unwrap_or(0) * step / 10;
                @let width = (step / 10 - 4).clamp(2, 40);
                (column(x + 2, width, parts, &y_of))
                @if index % label_every == 0 {
                    text.axis x=(x + 2) y=(HEIGHT - 8) { (date.strftime("%-d %b")) }
                }
            }
        }
    }

    fn table(&self) -> Markup {
        let columns = vec![text("Day"), number("Spent")];
        let rows = self.days.iter().rev().map(|(date, parts)| {
            let day = dates::day(*date);
            vec![html! { (day) }, html! { (exact(usd(total(parts)))) }]
        });
        Table::new("Spending per day", columns, rows.collect()).under_heading().html()
    }
}

fn column(x: i128, width: i128, parts: &[Usd], y_of: &dyn Fn(i128) -> i128) -> Markup {
    let mut below = 0_i128;
    let mut bars = Vec::with_capacity(parts.len());
    for (index, part) in parts.iter().enumerate() {
        let above = below + i128::from(part.nanos()).max(0);
        bars.push((index + 1, y_of(above), y_of(below) - y_of(above)));
        below = above;
    }
    html! {
        @for (series, y, height) in bars {
            @if 0 < height {
                rect class={ "series-" (series) } x=(x) y=(y) width=(width) height=(height) {}
            }
        }
    }
}

fn day_count(days: &[(Date, Vec<Usd>)]) -> i64 {
    i64::try_from(days.len()).unwrap_or(i64::MAX)
}

fn total(parts: &[Usd]) -> i128 {
    parts.iter().map(|part| i128::from(part.nanos()).max(0)).sum()
}

fn usd(nanos: i128) -> Usd {
    Usd::from_nanos(i64::try_from(nanos).unwrap_or(i64::MAX))
}

pub(super) fn axis_label(amount: Usd) -> String {
    if amount.is_zero() { "$0".to_owned() } else { trimmed(exact(amount)) }
}

fn trimmed(text: String) -> String {
    text.strip_suffix(".00").map_or(text.clone(), ToOwned::to_owned)
}

/// The next of 1, 2, 4, 8 or 10 times a power of ten, so that four lines have short names.
pub(super) fn nice_ceiling(nanos: i128) -> i128 {
    let mut unit = 1_000_i128;
    while unit * 10 < nanos {
        unit *= 10;
    }
    let steps = [1, 2, 4, 8, 10];
    steps.iter().map(|step| step * unit).find(|most| nanos <= *most).unwrap_or(unit * 10)
}

#[cfg(test)]
mod tests {
    //! The scale fits what it shows.

    use super::*;

    #[test]
    fn the_scale_is_the_next_short_number() {
        for (nanos, most) in [(0, 1_000), (1_001, 2_000), (8_100_000, 10_000_000), (41, 1_000)] {
            assert_eq!(nice_ceiling(nanos), most, "{nanos}");
        }
    }

    #[test]
    fn a_chart_says_in_words_what_it_shows() {
        let chart = SpendChart {
            series: vec!["gpt-4.1".to_owned()],
            days: vec![(jiff::civil::date(2026, 11, 1), vec![Usd::from_nanos(210_000)])],
        };
        let html = chart.html().into_string();
        assert!(html.contains("1 day, $0.00021 in all. Most on 1 November 2026: $0.00021."));
    }
}
