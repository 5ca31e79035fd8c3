//! A round ranked.

use std::collections::BTreeMap;

use bursar_kernel::{ProgramId, RoundId};
use bursar_program::calendar;
use bursar_review::scores::Disagrees;
use bursar_review_pages::ranking::{RankedRow, RankingPage, ReviewerShown};
use bursar_reviewing::{CONFIDENCE_PERCENT, Ranked, Ranking, WhatIf};
use bursar_service::ServiceError;
use bursar_ui::Input;
use bursar_web::{Answer, Asked, At, OrPage as _, Visit, read_amount};
use serde::Deserialize;

#[derive(Default, Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    pool: String,
    #[serde(default)]
    seed: String,
}

pub(crate) async fn show(
    visit: Visit,
    At((program, round)): At<(ProgramId, RoundId)>,
    Asked(wanted): Asked<Wanted>,
) -> Answer {
    let mut errors = BTreeMap::new();
    let what_if = read_what_if(&wanted.pool, &wanted.seed, &mut errors);
    let (service, viewer) = (visit.service(), &visit.viewer);
    let found = bursar_reviewing::ranking(service, viewer, &program, &round, what_if.clone()).await;
    let found = match found {
        // A seed that is none: the list without a draw, and what is wrong.
        Err(ServiceError::Invalid(wrong)) => {
            errors.extend(wrong.into_iter().map(|error| (error.field, sentence(&error.message))));
            let without = WhatIf { seed: None, ..what_if };
            bursar_reviewing::ranking(service, viewer, &program, &round, without).await
        }
        found => found,
    };
    let found = found.or_page(&visit)?;
    let values =
        BTreeMap::from([("pool".to_owned(), wanted.pool), ("seed".to_owned(), wanted.seed)]);
    visit.page(&page(found, Input { values, errors }))
}

/// Another pool and what a draw is made with, as they were typed; what cannot be taken is an error.
pub(crate) fn read_what_if(
    pool: &str,
    seed: &str,
    errors: &mut BTreeMap<String, String>,
) -> WhatIf {
    let mut what_if = WhatIf::default();
    match pool.trim() {
        "" => {}
        text => match read_amount(text) {
            Ok(pool) => what_if.pool = Some(pool),
            Err(message) => {
                errors.insert("pool".to_owned(), message);
            }
        },
    }
    let seed = seed.trim();
    what_if.seed = (!seed.is_empty()).then(|| seed.to_owned());
    what_if
}

/// A refusal fits after "failed to"; on a page it stands by itself.
pub(crate) fn sentence(text: &str) -> String {
    let (what, hint) = text.split_once("\nhint: ").unwrap_or((text, ""));
    format!("You cannot {what}: {hint}")
}

fn page(found: Ranking, input: Input) -> RankingPage {
    let title = |id| {
        let row = found.rows.iter().find(|row| row.application.id == id);
        row.map_or_else(String::new, |row| row.title.clone())
    };
    RankingPage {
        label: calendar::name(&found.program, &found.round),
        program: found.program.id.clone(),
        round: found.round.id.clone(),
        warning: found.warning.clone(),
        confidence: CONFIDENCE_PERCENT,
        rows: found.rows.iter().map(row).collect(),
        money: (found.pool, found.awarded.0, found.awarded.1),
        reviewers: found
            .reviewers
            .iter()
            .map(|(name, one)| ReviewerShown {
                name: name.clone(),
                scores: one.scores,
                severity: one
                    .severity
                    .zip(one.standard_error)
                    .map(|(severity, error)| format!("{severity:+.1} ± {error:.1}")),
                agreement: one.agreement.map(|agreement| format!("{agreement:.2}")),
            })
            .collect(),
        draw: found.draw.iter().map(|(id, ticket)| (ticket.to_string(), title(*id))).collect(),
        input,
    }
}

fn row(one: &Ranked) -> RankedRow {
    let standing = &one.standing;
    let points = |points: f64| format!("{points:.1}");
    let interval = one.interval.map_or_else(
        || "not known".to_owned(),
        |(low, high)| format!("{:.1} to {:.1}", low.max(0.0), high.min(100.0)),
    );
    RankedRow {
        id: one.application.id,
        place: one.verdict.place,
        title: one.title.clone(),
        raw: standing.raw_mean.map(points),
        adjusted: standing.adjusted.map(|adjusted| (points(adjusted), interval)),
        moved: standing.movement().unwrap_or(0),
        scores: standing.scores,
        disagreement: standing.disagreement.map(|how| match how {
            Disagrees::Range(range) => format!("{range:.0} points apart"),
            Disagrees::Deviations(far) => format!("one is {far:.1} deviations from the others"),
        }),
        amount: one.verdict.amount,
        why: one.verdict.words.clone(),
        is_funded: one.verdict.is_funded(),
        in_band: one.in_band,
    }
}
