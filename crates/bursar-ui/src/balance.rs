//! A balance over time, behind and ahead: inline SVG, readable in grey, with its numbers beside it.

use bursar_kernel::{Timestamp, Usd};
use jiff::tz::TimeZone;
use maud::{Markup, html};

use super::chart::{axis_label, nice_ceiling};
use super::dates::date;
use super::money::{available, taken};
use super::table::{Table, number, text};

/// What is left of a balance, as it was and as its pace has it.
#[derive(Clone, Debug)]
pub struct BalanceChart {
    /// What was left, in order, up to the present.
    pub behind: Vec<(Timestamp, Usd)>,
    /// What will be left, in order, from the present to the expiry.
    pub ahead: Vec<Ahead>,
    /// Whether the way ahead is a pace, or what comes of spending nothing.
    pub has_pace: bool,
}

/// What is left at an instant to come.
#[derive(Clone, Copy, Debug)]
pub struct Ahead {
    /// The instant.
    pub at: Timestamp,
    /// At the pace of the last days.
    pub left: Usd,
    /// At the pace of their fastest and of their slowest week, where there are two or more.
    pub band: Option<(Usd, Usd)>,
}

const WIDTH: i128 = 960;
const HEIGHT: i128 = 260;
/// Room for the amounts beside the plot.
const LEFT: i128 = 72;
/// Room for what is lost, on the other side.
const RIGHT: i128 = 20;
const BOTTOM: i128 = 28;
const TOP: i128 = 24;
/// Lines across the plot, the base included.
const LINES: i128 = 4;
/// Room that a day's label needs.
const LABEL: i128 = 90;

/// From instants and amounts to the plot.
struct Scale {
    from: i128,
    span: i128,
    most: i128,
}

impl Scale {
    fn x(&self, at: Timestamp) -> i128 {
        let ms = i128::from(at.as_millisecond()) - self.from;
        LEFT + ms.clamp(0, self.span) * (WIDTH - LEFT - RIGHT) / self.span
    }

    fn y(&self, amount: Usd) -> i128 {
        let nanos = i128::from(amount.nanos()).clamp(0, self.most);
        HEIGHT - BOTTOM - nanos * (HEIGHT - BOTTOM - TOP) / self.most
    }

    fn points<'p>(&self, points: impl IntoIterator<Item = &'p (Timestamp, Usd)>) -> String {
        let point = |(at, left): &(Timestamp, Usd)| format!("{},{}", self.x(*at), self.y(*left));
        points.into_iter().map(point).collect::<Vec<_>>().join(" ")
    }
}

impl BalanceChart {
    /// The chart with its legend and its table.
    pub fn html(&self, zone: &TimeZone) -> Markup {
        let (Some(now), Some(end)) = (self.ahead.first(), self.ahead.last()) else {
            return html! {};
        };
        let behind = if self.has_pace { "At the pace so far" } else { "If nothing is spent" };
        html! {
            // Narrow windows scroll it: by keyboard too.
            figure.chart tabindex="0" {
                svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img"
                    aria-labelledby="balance-title balance-desc" {
                    title #balance-title { "What is left, to the expiry" }
                    desc #balance-desc {
                        (available(now.left)) " is left now. "
                        @if end.left.is_positive() { (taken(end.left)) " expires unspent." }
                        @else { "All of it is spent before the expiry." }
                    }
                    (self.plot(now, end, zone))
                }
                ul.legend {
                    li { span.stroke aria-hidden="true" {} "So far" }
                    li { span.stroke.dashed aria-hidden="true" {} (behind) }
                    @if end.band.is_some() {
                        li { span.swatch.swatch-band aria-hidden="true" {}
                            "Between the fastest and the slowest week" }
                    }
                }
            }
            (self.table(zone))
        }
    }

    fn plot(&self, now: &Ahead, end: &Ahead, zone: &TimeZone) -> Markup {
        let first = self.behind.first().map_or(now.at, |(at, _)| *at);
        let from = i128::from(first.as_millisecond());
        let all = self.behind.iter().map(|(_, left)| *left).chain([now.left]);
        let most = all.map(|left| i128::from(left.nanos())).max().unwrap_or(0);
        let span = (i128::from(end.at.as_millisecond()) - from).max(1);
        let scale = Scale { from, span, most: nice_ceiling(most) };
        let path: Vec<_> = self.ahead.iter().map(|ahead| (ahead.at, ahead.left)).collect();
        let band = |pick: fn((Usd, Usd)) -> Usd| {
            let point = move |ahead: &Ahead| Some((ahead.at, pick(ahead.band?)));
            self.ahead.iter().filter_map(point).collect::<Vec<_>>()
        };
        let (fast, slow) = (band(|band| band.0), band(|band| band.1));
        let (x_now, x_end) = (scale.x(now.at), scale.x(end.at));
        let day = |at: Timestamp| at.to_zoned(zone.clone()).strftime("%-d %b %Y").to_string();
        html! {
            @for line in 0..=LINES {
                @let amount = usd(scale.most * line / LINES);
                line.grid x1=(LEFT) x2=(WIDTH - RIGHT) y1=(scale.y(amount)) y2=(scale.y(amount)) {}
                text.axis x=(LEFT - 8) y=(scale.y(amount) + 4) text-anchor="end" {
                    (axis_label(amount))
                }
            }
            @if !fast.is_empty() {
                polygon.band points=(scale.points(fast.iter().chain(slow.iter().rev()))) {}
            }
            line.mark x1=(x_now) x2=(x_now) y1=(TOP) y2=(HEIGHT - BOTTOM) {}
            line.mark x1=(x_end) x2=(x_end) y1=(TOP) y2=(HEIGHT - BOTTOM) {}
            polyline.behind points=(scale.points(self.behind.iter().chain([&path[0]]))) {}
            polyline.ahead points=(scale.points(&path)) {}
            @if end.left.is_positive() {
                line.lost x1=(x_end) x2=(x_end) y1=(scale.y(end.left)) y2=(HEIGHT - BOTTOM) {}
                text.axis.strong x=(x_end - 8) y=((scale.y(end.left) - 8).max(TOP + 12))
                    text-anchor="end" { (taken(end.left)) " lost" }
            }
            @if LEFT + LABEL < x_now {
                text.axis x=(LEFT) y=(HEIGHT - 8) { (day(first)) }
            }
            @if x_now < x_end - LABEL * 2 {
                text.axis x=(x_now) y=(HEIGHT - 8)
                    text-anchor=(if LEFT + LABEL < x_now { "middle" } else { "start" }) { "Now" }
            }
            text.axis x=(x_end) y=(HEIGHT - 8) text-anchor="end" { "Expires " (day(end.at)) }
        }
    }

    fn table(&self, zone: &TimeZone) -> Markup {
        let with_band = self.ahead.iter().any(|ahead| ahead.band.is_some());
        let left = if self.has_pace { "At this pace" } else { "If nothing is spent" };
        let mut columns = vec![text("Left on"), number(left)];
        if with_band {
            columns.extend([number("At the fastest week"), number("At the slowest week")]);
        }
        let row = |ahead: &Ahead| {
            let mut cells = vec![date(ahead.at, zone), html! { (available(ahead.left)) }];
            if with_band {
                let (fast, slow) = ahead.band.unwrap_or((ahead.left, ahead.left));
                cells.extend([html! { (available(fast)) }, html! { (available(slow)) }]);
            }
            cells
        };
        Table::new("What is left", columns, self.ahead.iter().map(row).collect()).html()
    }
}

fn usd(nanos: i128) -> Usd {
    Usd::from_nanos(i64::try_from(nanos).unwrap_or(i64::MAX))
}
