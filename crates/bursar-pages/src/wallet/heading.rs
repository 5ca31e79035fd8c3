//! Where a grant's balance is heading, in a sentence, and what its state asks of its holder.

use bursar_kernel::{GrantId, Timestamp, Usd};
use maud::{Markup, html};

use crate::routes;
use crate::ui::dates::days;
use crate::ui::{
    Frame, Tone, available, both_dates, date, days_between, instant, link, notice, taken,
};

/// Where a grant's credit stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It has not arrived; it will between two days.
    Waiting {
        /// At the earliest.
        from: Timestamp,
        /// At the latest.
        to: Timestamp,
    },
    /// Nothing to warn of.
    Healthy,
    /// Four fifths are spent.
    Low,
    /// Its expiry is near.
    NearExpiry,
    /// It is spent.
    UsedUp,
    /// What was left was sold or handed back.
    PassedOn,
    /// It has expired.
    Expired,
    /// An officer took back what was left.
    Voided,
}

/// Where a grant's balance is heading.
#[derive(Clone, Debug)]
pub struct Heading {
    /// Where it stands.
    pub stage: Stage,
    /// What can be spent now.
    pub available: Usd,
    /// Spendable before this instant; `None` before it arrives.
    pub expires_at: Option<Timestamp>,
    /// How many whole days the pace is of.
    pub days: usize,
    /// What was spent a day; `None` where nothing was.
    pub per_day: Option<Usd>,
    /// When all of it is spent at that pace, if before the expiry.
    pub runs_out_at: Option<Timestamp>,
    /// What expires unspent: at that pace, or of spending nothing.
    pub lost: Usd,
    /// The same at the fastest and at the slowest week, where there are two or more.
    pub band: Option<(Usd, Usd)>,
    /// Whether the pace is for whoever looks to know: it is everybody's spending together.
    pub tells_pace: bool,
}

impl Heading {
    /// What comes of it, in a sentence or two; nothing where nothing can be spent.
    pub(super) fn line(&self, frame: &Frame) -> Markup {
        let Some(expires_at) = self.expires_at.filter(|_| self.tells_pace && self.is_spendable())
        else {
            return html! {};
        };
        let end = date(expires_at, &frame.zone);
        let Some(per_day) = self.per_day else {
            return html! {
                (self.nothing_spent()) " There is no pace to go by: unless you spend, all "
                strong { (available(self.lost)) } " expires unspent on " (end) "."
            };
        };
        html! {
            "At the pace of the last " (self.window()) ", " (available(per_day)) " a day, "
            @if let Some(at) = self.runs_out_at {
                "it lasts until " strong { (date(at, &frame.zone)) } ", "
                (days(days_between(at, expires_at))) " before it expires."
            } @else if self.lost.is_positive() {
                strong { (taken(self.lost)) " will expire unspent" } " on " (end) "."
                @if let Some((least, most)) = self.band.filter(|(least, most)| least < most) {
                    " If every week is like the fastest it is " (taken(least))
                    ", like the slowest " (taken(most)) "."
                }
            } @else { "all of it is spent by " (end) "." }
        }
    }

    /// The news at the top of a page; `more` follows it.
    pub(super) fn news(&self, grant: Option<GrantId>, more: &Markup, frame: &Frame) -> Markup {
        let (tone, said) = self.said(frame);
        let over = grant.filter(|_| self.is_over());
        notice(
            tone,
            &html! {
                (said)
                @if self.tells_pace && self.is_spendable() { p { (self.line(frame)) } }
                @if let Some(grant) = over { (roads(grant)) }
                (more)
            },
        )
    }

    fn said(&self, frame: &Frame) -> (Tone, Markup) {
        let zone = &frame.zone;
        let left = |at: Timestamp| days(days_between(frame.now, at));
        let end = self.expires_at.unwrap_or(frame.now);
        match self.stage {
            Stage::Waiting { from, to } => (
                Tone::Info,
                html! { p { "The credit has not arrived yet: it comes " (both_dates(from, to, zone))
                ". You can create keys now; they work from the instant it does." } },
            ),
            Stage::Healthy => (
                Tone::Neutral,
                html! { p { strong { (left(end)) " left" } ", until " (instant(end, zone))
                ". What is not spent by then is lost." } },
            ),
            Stage::Low => (
                Tone::Warning,
                html! { p { strong { "Running low: " (available(self.available)) " is left" }
                ", until " (instant(end, zone)) "." } },
            ),
            Stage::NearExpiry => (
                Tone::Warning,
                html! { p { strong { @if left(end) == days(0) { "Less than a day" }
                    @else { (left(end)) } " left" } ", until " (instant(end, zone))
                ". What is not spent by then is lost." } },
            ),
            Stage::UsedUp => (
                Tone::Warning,
                html! { p { strong { "Used up." } " Calls with its keys are refused; what they "
                "paid for stays here." } },
            ),
            Stage::PassedOn => (
                Tone::Info,
                html! { p { strong { "Closed." } " What was left of this grant was handed back or "
                "sold; nothing is left to spend, and nothing to lose." } },
            ),
            Stage::Voided => (
                Tone::Bad,
                html! { p { strong { "Voided. " } "The program took back what was left, and its "
                "keys are refused. A letter to its holder says why." } },
            ),
            Stage::Expired => (
                Tone::Bad,
                html! { p { strong { "Expired on " (instant(end, zone)) ". " }
                "Nothing can be spent any more." } },
            ),
        }
    }

    /// Whether there is something that a forecast can be of.
    pub(super) const fn is_spendable(&self) -> bool {
        matches!(self.stage, Stage::Healthy | Stage::Low | Stage::NearExpiry)
            && self.available.is_positive()
    }

    const fn is_over(&self) -> bool {
        matches!(self.stage, Stage::UsedUp | Stage::PassedOn | Stage::Expired)
    }

    fn window(&self) -> String {
        if self.days == 1 { "day".to_owned() } else { format!("{} days", self.days) }
    }

    fn nothing_spent(&self) -> String {
        if self.days == 0 {
            return "It has not been there for a whole day yet.".to_owned();
        }
        format!("Nothing was spent in the last {}.", self.window())
    }
}

/// Both roads to more, for whoever has none left.
fn roads(grant: GrantId) -> Markup {
    let page = routes::grant_next(grant);
    html! {
        p { "Two roads lead to more: " (link(&format!("{page}#apply"), "Apply again"))
            ", with your research progress, or "
            (link(&format!("{page}#buy"), "Buy on the market")) ", usable at once." }
    }
}
