//! What somebody has reviewed, and a letter of it.

use std::collections::BTreeMap;

use bursar_review_pages::past::{Counted, LetterOfService, PastPage};
use bursar_reviewing::{PastReview, Tally, past_reviews, tally};
use bursar_ui::Input;
use bursar_web::{Answer, Asked, OrPage as _, Visit, name_of};
use jiff::civil::Date;
use serde::Deserialize;

/// Reviews in the list; the counts are of all.
const ROWS_MAX: usize = 500;

#[derive(Default, Deserialize)]
pub(crate) struct Days {
    #[serde(default)]
    from: String,
    #[serde(default)]
    until: String,
}

pub(crate) async fn show(visit: Visit) -> Answer {
    let past = past_reviews(visit.service(), &visit.viewer).await.or_page(&visit)?;
    let days = past.iter().map(|one| one.day);
    let first = days.min().map_or_else(String::new, |day| day.to_string());
    let now = visit.frame().now.to_zoned(visit.frame().zone.clone());
    let values = [("from", first), ("until", now.date().to_string())];
    let values = values.map(|(field, day)| (field.to_owned(), day));
    let input = Input { values: BTreeMap::from(values), errors: BTreeMap::new() };
    visit.page(&page(past, input))
}

pub(crate) async fn letter(mut visit: Visit, Asked(days): Asked<Days>) -> Answer {
    let past = past_reviews(visit.service(), &visit.viewer).await.or_page(&visit)?;
    let mut errors = BTreeMap::new();
    let mut read = |field: &str, text: &str| {
        let day = text.trim().parse::<Date>().ok();
        if day.is_none() {
            errors.insert(field.to_owned(), "Enter a day, like 2026-12-24".to_owned());
        }
        day
    };
    let (from, until) = (read("from", &days.from), read("until", &days.until));
    if from.zip(until).is_some_and(|(from, until)| until < from) {
        errors.insert("until".to_owned(), "Enter a day that is not before the first".to_owned());
    }
    let (Some(from), Some(until), true) = (from, until, errors.is_empty()) else {
        visit.wrong();
        let values = [("from", days.from), ("until", days.until)];
        let values = values.map(|(field, day)| (field.to_owned(), day));
        let input = Input { values: BTreeMap::from(values), errors };
        return visit.page(&page(past, input));
    };
    let counted = tally(&past, Some(from), Some(until)).into_iter().map(counted);
    let address = visit.service().base_url();
    let installation = address.split_once("://").map_or(address, |(_, rest)| rest);
    visit.page(&LetterOfService {
        name: visit.person.as_ref().map_or_else(String::new, name_of),
        installation: installation.to_owned(),
        days: (from, until),
        counted: counted.collect(),
        at: visit.frame().now,
    })
}

fn counted(tally: Tally) -> Counted {
    Counted { program: tally.program, round: tally.round, reviews: tally.reviews }
}

fn page(past: Vec<PastReview>, input: Input) -> PastPage {
    let total = past.len();
    let counted = tally(&past, None, None).into_iter().map(counted).collect();
    let row = |one: PastReview| {
        let of = if one.round.is_empty() {
            one.program
        } else {
            format!("{}, {} round", one.program, one.round)
        };
        (one.title, of, one.at)
    };
    PastPage { counted, reviews: past.into_iter().take(ROWS_MAX).map(row).collect(), total, input }
}
