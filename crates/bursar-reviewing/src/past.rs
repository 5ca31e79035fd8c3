//! What somebody has reviewed: their own list, and a letter that says how much it was.

use std::collections::BTreeSet;

use bursar_award::assignment::Assignment;
use bursar_award::{Review, State};
use bursar_kernel::{ApplicationId, Timestamp};
use bursar_policy::Viewer;
use bursar_program::answers::title;
use bursar_program::calendar::{name, parse_round};
use bursar_service::{Service, ServiceError};
use bursar_store::AssignmentFilter;
use jiff::civil::Date;

use crate::answers::reviewer_of;

/// A review of the viewer's own whose application has left review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastReview {
    /// The application.
    pub application: ApplicationId,
    /// What it is called, as far as its reviewers read it.
    pub title: String,
    /// The program's name.
    pub program: String,
    /// The round's name, if the application was in one.
    pub round: String,
    /// When the review was sent in, or sent in anew.
    pub at: Timestamp,
    /// The day of that, where the program is.
    pub day: Date,
}

/// How many reviews somebody wrote for a round of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// The program's name.
    pub program: String,
    /// The round's name, if there was one.
    pub round: String,
    /// The reviews.
    pub reviews: usize,
}

/// The viewer's own reviews that counted, of applications that have left review, the latest first.
/// It never says what was decided: a withdrawn application stands here as any other.
pub async fn past_reviews(
    service: &Service,
    viewer: &Viewer,
) -> Result<Vec<PastReview>, ServiceError> {
    let reviewer = reviewer_of(viewer)?;
    let store = service.store();
    let kept = service.kept_from(viewer).await?;
    let theirs =
        AssignmentFilter { reviewer: Some(reviewer), open: true, ..AssignmentFilter::default() };
    let assigned = store.assignments(theirs).await?.into_iter().filter(Assignment::reviews);
    let assigned: BTreeSet<ApplicationId> = assigned.map(|one| one.application).collect();
    let mut past = Vec::new();
    for review in store.reviews_by(reviewer).await? {
        if !kept.contains(&review.application) {
            past.extend(past_review(service, &review, &assigned).await?);
        }
    }
    past.sort_by(|one, other| other.at.cmp(&one.at).then(one.application.cmp(&other.application)));
    Ok(past)
}

async fn past_review(
    service: &Service,
    review: &Review,
    assigned: &BTreeSet<ApplicationId>,
) -> Result<Option<PastReview>, ServiceError> {
    let Some(application) = service.store().application(review.application).await? else {
        return Ok(None);
    };
    let program = service.program_of(&application)?;
    // Of a program with a panel those reviews count whose reviewer is assigned.
    let counts = program.panel.is_none() || assigned.contains(&application.id);
    if application.state == State::InReview || !counts {
        return Ok(None);
    }
    let shown = service.shown_to_reviewers(&application)?;
    let round = application.round.as_ref();
    let known = round.and_then(|round| parse_round(program, round));
    let label = known.map(|round| name(program, &round));
    let label = label.or_else(|| round.map(|round| round.as_str().to_owned()));
    Ok(Some(PastReview {
        application: application.id,
        title: title(program, &shown.answers),
        program: program.name.clone(),
        round: label.unwrap_or_default(),
        at: review.submitted_at,
        day: review.submitted_at.to_zoned(program.review.zone.clone()).date(),
    }))
}

/// How many reviews there were for each round of each program, between two days and on them. The
/// order is that of the names of the programs, and of time within each.
pub fn tally(past: &[PastReview], from: Option<Date>, until: Option<Date>) -> Vec<Tally> {
    let meant = |one: &&PastReview| {
        from.is_none_or(|from| from <= one.day) && until.is_none_or(|until| one.day <= until)
    };
    let mut tallies: Vec<(Tally, Date)> = Vec::new();
    for one in past.iter().filter(meant) {
        let same = |(tally, _): &&mut (Tally, Date)| {
            tally.program == one.program && tally.round == one.round
        };
        if let Some((tally, first)) = tallies.iter_mut().find(same) {
            tally.reviews = tally.reviews.saturating_add(1);
            *first = (*first).min(one.day);
        } else {
            let (program, round) = (one.program.clone(), one.round.clone());
            tallies.push((Tally { program, round, reviews: 1 }, one.day));
        }
    }
    tallies.sort_by(|(one, first), (other, second)| {
        (&one.program, first, &one.round).cmp(&(&other.program, second, &other.round))
    });
    tallies.into_iter().map(|(tally, _)| tally).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn reviews_are_counted_by_round_within_days() {
        let one = |program: &str, round: &str, day: Date| PastReview {
            application: ApplicationId::from_bytes([1; 16]),
            title: String::new(),
            program: program.to_owned(),
            round: round.to_owned(),
            at: Timestamp::UNIX_EPOCH,
            day,
        };
        let past = [
            one("B", "March", date(2026, 3, 31)),
            one("A", "June", date(2026, 6, 1)),
            one("B", "March", date(2026, 3, 1)),
            one("A", "December", date(2025, 12, 31)),
        ];
        let said = |from, until| -> Vec<String> {
            let tallies = tally(&past, from, until).into_iter();
            tallies.map(|it| format!("{} {} {}", it.program, it.round, it.reviews)).collect()
        };
        assert_eq!(said(None, None), ["A December 1", "A June 1", "B March 2"]);
        let (from, until) = (Some(date(2026, 3, 1)), Some(date(2026, 3, 31)));
        assert_eq!(said(from, until), ["B March 2"]);
        assert_eq!(said(Some(date(2026, 3, 2)), until), ["B March 1"]);
        assert_eq!(said(None, Some(date(2025, 12, 30))), Vec::<String>::new());
    }
}
