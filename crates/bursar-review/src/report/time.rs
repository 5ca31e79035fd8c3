//! How long things took.

use bursar_kernel::Timestamp;
use jiff::SignedDuration;

/// How long several things took. Shares are by nearest rank: each is one that was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spans {
    /// How many things.
    pub count: usize,
    /// The shortest.
    pub shortest: SignedDuration,
    /// A quarter took so long or less.
    pub quarter: SignedDuration,
    /// Half did.
    pub median: SignedDuration,
    /// Three quarters did.
    pub three_quarters: SignedDuration,
    /// Nine tenths did.
    pub nine_tenths: SignedDuration,
    /// The longest.
    pub longest: SignedDuration,
}

/// How long things took from their beginnings to their ends: reviews from asking to handing in,
/// applications from submission to release. `None` of nothing. An end before its beginning counts
/// as no time.
pub fn spans(spans: impl IntoIterator<Item = (Timestamp, Timestamp)>) -> Option<Spans> {
    let took =
        |(from, to): (Timestamp, Timestamp)| to.duration_since(from).max(SignedDuration::ZERO);
    let mut all: Vec<SignedDuration> = spans.into_iter().map(took).collect();
    all.sort_unstable();
    let longest = *all.last()?;
    // Nearest rank: the smallest that at least such a share is no longer than.
    let at = |percent: usize| all[(all.len() * percent).div_ceil(100).max(1) - 1];
    Some(Spans {
        count: all.len(),
        shortest: all[0],
        quarter: at(25),
        median: at(50),
        three_quarters: at(75),
        nine_tenths: at(90),
        longest,
    })
}
