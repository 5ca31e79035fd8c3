//! Figures: the large numbers of a page, and the bar that shows how they make a whole.

use bursar_kernel::Usd;
use maud::{Markup, html};

/// One large number.
#[derive(Clone, Debug)]
pub struct Figure {
    /// What it counts.
    pub label: String,
    /// The number.
    pub value: String,
    /// A line about it.
    pub note: Option<Markup>,
}

impl Figure {
    /// A number without a note.
    pub fn new(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self { label: label.into(), value: value.into(), note: None }
    }

    /// The number with a line about it.
    #[must_use]
    pub fn note(mut self, note: Markup) -> Self {
        self.note = Some(note);
        self
    }
}

/// Large numbers, side by side where there is room.
pub fn figures(figures: &[Figure]) -> Markup {
    html! {
        dl.figures-row {
            @for figure in figures {
                div {
                    dt { (figure.label) }
                    dd.figure-value { (figure.value) }
                    @if let Some(note) = &figure.note { dd.figure-note { (note) } }
                }
            }
        }
    }
}

/// A whole and its parts as one bar. The text says the same, so the bar is for the eye only.
#[derive(Clone, Debug)]
pub struct Meter {
    /// The whole.
    pub whole: Usd,
    /// The parts from the left: what each is, its amount as text, its share, its colour's name
    /// (`used`, `held`, `left` or `lost`).
    pub parts: Vec<(String, String, Usd, &'static str)>,
}

/// Units of the bar's width.
const WIDTH: i128 = 1_000;

impl Meter {
    /// The bar with its legend.
    pub fn html(&self) -> Markup {
        let mut left = 0;
        let mut bars = Vec::with_capacity(self.parts.len());
        for (_, _, share, class) in &self.parts {
            let width = self.width(*share).min(WIDTH - left);
            bars.push((left, width, *class));
            left += width;
        }
        html! {
            div.meter {
                svg viewBox={ "0 0 " (WIDTH) " 12" } preserveAspectRatio="none" aria-hidden="true"
                    focusable="false" {
                    rect.meter-track x="0" y="0" width=(WIDTH) height="12" {}
                    @for (x, width, class) in bars {
                        rect class={ "meter-" (class) } x=(x) y="0" width=(width) height="12" {}
                    }
                }
                ul.legend {
                    @for (label, amount, _, class) in &self.parts {
                        li { span class={ "swatch swatch-" (class) } aria-hidden="true" {}
                            (label) " " span.amount { (amount) } }
                    }
                }
            }
        }
    }

    /// A share's width; whatever is not nothing shows as at least a sliver.
    fn width(&self, share: Usd) -> i128 {
        let whole = i128::from(self.whole.nanos()).max(1);
        let share = i128::from(share.nanos()).max(0);
        let width = (share * WIDTH / whole).min(WIDTH);
        if 0 < share { width.max(4) } else { 0 }
    }
}
