//! Where two texts say the same.

use std::collections::HashMap;

use super::shingle::Shingle;
use super::{PLACES_MAX, Passage, Place, SHINGLE_WORDS, Text};

/// Places of one shingle in the other text that are tried: a phrase that is there more often is
/// found at one of them.
const TRIED_MAX: usize = 8;

/// A text and its shingles.
type Given<'g> = (&'g Text<'g>, &'g [Shingle]);

/// The passages that both have, the longest first. Each shingle of the first text is in one passage
/// at the most, so passages overlap by less than a shingle.
pub(super) fn of((one, ones): Given<'_>, (other, others): Given<'_>) -> Vec<Place> {
    let mut known: HashMap<u64, Vec<usize>> = HashMap::new();
    for (place, shingle) in others.iter().enumerate() {
        let list = known.entry(shingle.hash).or_default();
        if list.len() < TRIED_MAX {
            list.push(place);
        }
    }
    let mut places = Vec::new();
    let mut at = 0;
    while at < ones.len() {
        let tried = known.get(&ones[at].hash).into_iter().flatten();
        let runs = tried.map(|place| (run(&ones[at..], &others[*place..]), *place));
        // The longest, and of several the first.
        let best = runs.max_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
        let Some((length, place)) = best.filter(|(length, _)| 0 < *length) else {
            at += 1;
            continue;
        };
        places.push(Place {
            words: length + SHINGLE_WORDS - 1,
            one: passage(one, &ones[at..at + length]),
            other: passage(other, &others[place..place + length]),
        });
        at += length;
    }
    places.sort_by(|a, b| {
        let begins = |place: &Place| (place.one.part.clone(), place.one.from);
        b.words.cmp(&a.words).then_with(|| begins(a).cmp(&begins(b)))
    });
    places.truncate(PLACES_MAX);
    places
}

/// How many shingles follow each other in both, within one part of each.
fn run(ones: &[Shingle], others: &[Shingle]) -> usize {
    let both = ones.iter().zip(others);
    let same = both.take_while(|(one, other)| {
        one.hash == other.hash && one.part == ones[0].part && other.part == others[0].part
    });
    same.count()
}

/// From the first of some shingles to the last.
fn passage(text: &Text<'_>, shingles: &[Shingle]) -> Passage {
    let (first, last) = (shingles[0], shingles[shingles.len() - 1]);
    Passage { part: text.parts[first.part].0.to_owned(), from: first.from, to: last.to }
}
