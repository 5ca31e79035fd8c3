//! Tiers: what each opens and takes, and how long a study takes at one.

use bursar_kernel::{RateClass, StudyPace, StudySize, Tier, TierNeeds, Tiers, Usd};
use jiff::SignedDuration;
use maud::{Markup, html};

use crate::ui::money::{count, taken};
use crate::ui::table::text;
use crate::ui::{Table, Tone, available, link, notice};

/// A grant's tier, and the way to the next.
#[derive(Clone, Debug)]
pub struct Pace {
    /// The program's tiers.
    pub tiers: Tiers,
    /// The tier that the grant's calls have.
    pub tier: Tier,
    /// Whether an officer named it.
    pub is_named: bool,
    /// The next one that its holder can reach.
    pub next: Option<Tier>,
    /// Where a payment method is added; `None` where this installation takes none.
    pub add_card: Option<String>,
    /// How long the study takes.
    pub study: Option<StudyTime>,
}

/// How long a study takes at a tier and at the next.
#[derive(Clone, Debug)]
pub struct StudyTime {
    /// How large it is.
    pub size: StudySize,
    /// What that rests on.
    pub basis: StudyBasis,
    /// At the grant's tier.
    pub now: StudyPace,
    /// At the next one, where there is one.
    pub next: Option<StudyPace>,
}

/// What the size of a study rests on.
#[derive(Clone, Debug)]
pub enum StudyBasis {
    /// The estimate of the grant's application.
    Estimate {
        /// What it came to.
        total: Usd,
        /// Where the study can be counted anew.
        address: String,
    },
    /// The grant's money.
    Typical {
        /// How much.
        amount: Usd,
        /// The model that it is spent on.
        model: String,
        /// Tokens of a call, in and out.
        call: (u64, u64),
    },
}

impl Pace {
    /// The section of the grant's page.
    pub fn section(&self) -> Markup {
        let named = if self.is_named { ", named by an officer" } else { "" };
        let mut shown = vec![&self.tier];
        shown.extend(&self.next);
        html! {
            h2 #tier { "Rate limits" }
            p { "This grant's calls are at the tier " strong { (self.tier.name) } (named) "." }
            @if let Some(study) = &self.study { (self.study_html(study)) }
            @if let Some(next) = &self.next { (self.way_on(next)) }
            (tiers_table(&self.tiers, &shown))
        }
    }

    fn study_html(&self, study: &StudyTime) -> Markup {
        let tone = match study.now {
            StudyPace::Takes(time) if IMPRACTICAL <= time => Tone::Warning,
            StudyPace::Closed | StudyPace::TooLong(_) => Tone::Warning,
            StudyPace::Takes(_) | StudyPace::Unlimited => Tone::Neutral,
        };
        let next = self.next.as_ref().zip(study.next);
        notice(
            tone,
            &html! {
                p { "At the " strong { (self.tier.name) } " tier this study " (pace(study.now))
                    @if let Some((next, then)) = next {
                        "; at " strong { (next.name) } " it " (pace(then)) } "." }
                (basis_html(study))
            },
        )
    }

    fn way_on(&self, next: &Tier) -> Markup {
        match (next.needs, &self.add_card) {
            (TierNeeds::Card, Some(address)) => html! {
                p { (next.name) " takes a checked payment card, which unlocks these higher limits "
                    "and is not charged: see " (link(address, "payment method")) "." }
            },
            (TierNeeds::Card, None) => html! {
                p { (next.name) " takes a checked payment card, and this installation takes no "
                    "cards: an officer can name the tier for this grant." }
            },
            (TierNeeds::Nothing | TierNeeds::Officer, _) => html! {},
        }
    }
}

fn basis_html(study: &StudyTime) -> Markup {
    let calls = count(study.size.calls);
    match &study.basis {
        StudyBasis::Estimate { total, address } => html! {
            p.hint { "By the application's estimate: " (calls) " calls and "
                (count(study.size.tokens)) " tokens for " (taken(*total)) ". "
                (link(address, "Count it anew")) " if the study has changed." }
        },
        StudyBasis::Typical { amount, model, call: (input, output) } => html! {
            p.hint { "Sized by the grant: " (available(*amount)) " pays for about " (calls)
                " calls to " (model) ", of " (count(*input)) " tokens in and " (count(*output))
                " out, at its list price. Larger models cost more a call, so the same money makes "
                "fewer." }
        },
    }
}

/// A pace in the middle of a sentence: `takes about 3 weeks`.
fn pace(pace: StudyPace) -> Markup {
    match pace {
        StudyPace::Closed => html! { strong { "cannot be made" } ": a model is closed there" },
        StudyPace::TooLong(most) => html! {
            strong { "cannot be made" } ": one of its calls has more than the " (count(most))
            " tokens a minute that its limit lets through, and an officer can name a higher tier"
        },
        StudyPace::Unlimited => html! { "waits for " strong { "no limit" } },
        StudyPace::Takes(time) => html! { "takes " strong { (about(time)) } },
    }
}

/// A pace on its own: `About 3 weeks`.
pub fn how_long(pace: StudyPace) -> String {
    match pace {
        StudyPace::Closed => "Not possible: a model is closed there".to_owned(),
        StudyPace::TooLong(most) => {
            format!("Not possible: a call has more than {} tokens a minute", count(most))
        }
        StudyPace::Unlimited => "As long as its answers take".to_owned(),
        StudyPace::Takes(time) => {
            let text = about(time);
            let mut letters = text.chars();
            let first = letters.next().into_iter().flat_map(char::to_uppercase);
            first.chain(letters).collect()
        }
    }
}

/// A study that takes longer than this is not practical.
const IMPRACTICAL: SignedDuration = SignedDuration::from_hours(24 * 60);

/// The tiers, each with what it takes and what it lets through.
pub fn tiers_table(tiers: &Tiers, shown: &[&Tier]) -> Markup {
    let rows = shown.iter().map(|tier| {
        let classes = tiers.classes.iter();
        vec![
            html! { (tier.name) },
            html! { (takes(tier.needs)) },
            html! { ul.plain { @for class in classes {
                li { (class.name) ": " (limit(tier, class)) }
            } } },
        ]
    });
    let columns = vec![text("Tier"), text("Takes"), text("Limits")];
    html! {
        (Table::new("Rate limits of each tier", columns, rows.collect()).under_heading().html())
        p.muted.small { "Windows slide, and count for each person and class of models. Source: "
            (tiers.source) "." }
    }
}

const fn takes(needs: TierNeeds) -> &'static str {
    match needs {
        TierNeeds::Nothing => "Nothing: everybody begins here",
        TierNeeds::Card => "A checked payment card",
        TierNeeds::Officer => "An officer, who names it for a grant",
    }
}

fn limit(tier: &Tier, class: &RateClass) -> String {
    let Some(limit) = tier.limits.get(&class.id) else { return "closed".to_owned() };
    let said = [
        (limit.requests_per_minute, "requests a minute"),
        (limit.requests_per_day, "a day"),
        (limit.tokens_per_minute, "tokens a minute"),
        (limit.tokens_per_day, "tokens a day"),
        (limit.images_per_minute, "images a minute"),
        (limit.concurrent_calls, "calls at a time"),
        (limit.batch_queue_tokens, "input tokens in batches at a time"),
    ];
    let said = said.into_iter().filter_map(|(most, of)| Some(format!("{} {of}", count(most?))));
    let said: Vec<String> = said.collect();
    if said.is_empty() { "no limit".to_owned() } else { said.join(", ") }
}

/// A time as people say it: `about 3 weeks`.
fn about(time: SignedDuration) -> String {
    let hours = time.as_hours().max(0);
    let at_least = |amount: i64, unit: &str| {
        format!("about {} {unit}", count(u64::try_from(amount).unwrap_or(0)))
    };
    match hours {
        ..2 => "less than two hours".to_owned(),
        2..48 => at_least(hours, "hours"),
        48..336 => at_least(hours / 24, "days"),
        336.. => at_least(hours / 168, "weeks"),
    }
}

#[cfg(test)]
mod tests {
    //! Times as people say them.

    use super::*;

    #[test]
    fn a_time_is_said_in_the_unit_that_fits() {
        let table = [
            (0, "less than two hours"),
            (2, "about 2 hours"),
            (48, "about 2 days"),
            (335, "about 13 days"),
            (336, "about 2 weeks"),
            (168 * 2_164, "about 2,164 weeks"),
        ];
        for (hours, wanted) in table {
            assert_eq!(about(SignedDuration::from_hours(hours)), wanted);
        }
    }
}
