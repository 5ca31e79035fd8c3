//! Applications that say the same as another in nearly the same words.
//!
//! A text is the set of its shingles: all runs of five words that it has, in small letters (Broder,
//! On the Resemblance and Containment of Documents, 1997). Two texts are held against each other by
//! the shingles that both have: as a share of all that either has (Jaccard's index, resemblance),
//! and as a share of the shorter one's (containment). Both are counted exactly, over all pairs:
//! shingles of the new applications are looked up by each other one, so earlier ones cost what they
//! are long, however many there are.
//!
//! That texts are alike proves nothing: a person looks at the places, which are named.

mod places;
mod shingle;

use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasherDefault, Hasher};

use bursar_kernel::{ApplicationId, BasisPoints, PersonId};

pub use shingle::SHINGLE_WORDS;

use shingle::{Shingle, shingles};

/// Shingles of a text below which it is contained in another by chance.
pub const CONTAINED_SHINGLES_MIN: usize = 20;
/// Places of a pair that are named at the most, the longest.
pub const PLACES_MAX: usize = 20;

/// What an application says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text<'t> {
    /// Which application.
    pub application: ApplicationId,
    /// Whoever wrote it.
    pub people: BTreeSet<PersonId>,
    /// Its parts: answers, each with the name of its question.
    pub parts: Vec<(&'t str, &'t str)>,
}

/// From where on a pair is worth a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The least resemblance.
    pub alike: BasisPoints,
    /// The least containment.
    pub contained: BasisPoints,
}

impl Default for Limits {
    /// Texts of one subject that were written apart share less than a twentieth of their shingles.
    fn default() -> Self {
        Self { alike: BasisPoints::percent(20), contained: BasisPoints::percent(40) }
    }
}

/// Two applications that say the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// A new application.
    pub one: ApplicationId,
    /// Another new one, with a later identifier, or an earlier application.
    pub other: ApplicationId,
    /// Whether the other is an earlier application.
    pub is_earlier: bool,
    /// How much they are alike: what both have of all that either has, rounded down.
    pub alike: BasisPoints,
    /// How much of the shorter one the other has, rounded down.
    pub contained: BasisPoints,
    /// Whether somebody wrote both: an application that was handed in again is no copy.
    pub same_people: bool,
    /// Where, the longest first.
    pub places: Vec<Place>,
}

/// A passage that both have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// How many words it has.
    pub words: usize,
    /// Where it is in the first application.
    pub one: Passage,
    /// Where it is in the other.
    pub other: Passage,
}

/// A passage of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// The name of the part.
    pub part: String,
    /// The byte in the part at which it begins.
    pub from: usize,
    /// The byte before which it ends.
    pub to: usize,
}

/// Why texts cannot be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// An application is listed twice.
    #[error("compare an application that is listed twice, {0}\nhint: list each once")]
    Twice(ApplicationId),
}

/// Finds pairs of new applications, and of a new and an earlier one, that reach a limit: the most
/// alike first, then by identifiers.
pub fn find<'e, 't: 'e>(
    new: &[Text<'_>],
    earlier: impl IntoIterator<Item = &'e Text<'t>>,
    limits: Limits,
) -> Result<Vec<Pair>, TextError> {
    let mut seen = BTreeSet::new();
    let mut known: Vec<Known<'_>> = Vec::with_capacity(new.len());
    for text in new {
        known.push(Known::of(text, &mut seen)?);
    }
    known.sort_by_key(|text| text.application);
    let mut index = Index::default();
    let mut pairs = Vec::new();
    for (place, text) in known.iter().enumerate() {
        for (other, common) in index.common(&text.set, known.len()) {
            pairs.extend(weighed((&known[other], text), common, limits, false));
        }
        index.add(place, &text.set);
    }
    for text in earlier {
        let text = Known::of(text, &mut seen)?;
        for (place, common) in index.common(&text.set, known.len()) {
            pairs.extend(weighed((&known[place], &text), common, limits, true));
        }
    }
    pairs.sort_by(|a, b| b.alike.cmp(&a.alike).then((a.one, a.other).cmp(&(b.one, b.other))));
    Ok(pairs)
}

/// A text with its shingles.
struct Known<'t> {
    application: ApplicationId,
    text: &'t Text<'t>,
    shingles: Vec<Shingle>,
    /// Each of them once, in order.
    set: Vec<u64>,
}

impl<'t> Known<'t> {
    fn of(text: &'t Text<'t>, seen: &mut BTreeSet<ApplicationId>) -> Result<Self, TextError> {
        let application = text.application;
        if !seen.insert(application) {
            return Err(TextError::Twice(application));
        }
        let shingles = shingles(&text.parts);
        let mut set: Vec<u64> = shingles.iter().map(|shingle| shingle.hash).collect();
        set.sort_unstable();
        set.dedup();
        Ok(Self { application, text, shingles, set })
    }
}

/// A pair of so many common shingles, if it reaches a limit.
fn weighed(
    (one, other): (&Known<'_>, &Known<'_>),
    common: usize,
    limits: Limits,
    is_earlier: bool,
) -> Option<Pair> {
    let shorter = one.set.len().min(other.set.len());
    let alike = share(common, one.set.len() + other.set.len() - common);
    let contained = share(common, shorter);
    let is_contained = CONTAINED_SHINGLES_MIN <= shorter && limits.contained <= contained;
    (limits.alike <= alike || is_contained).then(|| Pair {
        one: one.application,
        other: other.application,
        is_earlier,
        alike,
        contained,
        same_people: !one.text.people.is_disjoint(&other.text.people),
        places: places::of((one.text, &one.shingles), (other.text, &other.shingles)),
    })
}

/// A part of a whole that is not nothing, rounded down.
fn share(part: usize, whole: usize) -> BasisPoints {
    let points = (part * 10_000).checked_div(whole).and_then(|points| u32::try_from(points).ok());
    points.and_then(BasisPoints::new).unwrap_or(BasisPoints::ZERO)
}

/// Which texts have a shingle. A shingle is a hash already, and is not hashed again.
#[derive(Default)]
struct Index {
    texts: HashMap<u64, Vec<u32>, BuildHasherDefault<AsItIs>>,
}

impl Index {
    fn add(&mut self, place: usize, set: &[u64]) {
        let place = u32::try_from(place).expect("fewer texts than fit memory");
        for shingle in set {
            self.texts.entry(*shingle).or_default().push(place);
        }
    }

    /// How many shingles each text has in common with a set, of those that have any.
    fn common(&self, set: &[u64], count: usize) -> Vec<(usize, usize)> {
        let mut common = vec![0_usize; count];
        for texts in set.iter().filter_map(|shingle| self.texts.get(shingle)) {
            for text in texts {
                common[*text as usize] += 1;
            }
        }
        common.into_iter().enumerate().filter(|(_, common)| 0 < *common).collect()
    }
}

/// Takes a number as its own hash.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        // Only numbers of 64 bits are looked up; whatever else came would still be told apart.
        self.0 = bytes.iter().fold(self.0, |sum, byte| sum.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

#[cfg(test)]
mod tests;
